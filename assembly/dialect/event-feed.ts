// Gives a translator the events of a stream that was written here, not received.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { EventCollector } from "../sse/collector";
import { SseFramer } from "../sse/framer";
import { Translator } from "./translator";

@final
export class EventFeed extends EventCollector {
  private framer: SseFramer = new SseFramer();
  private out: Buffer = new Buffer(16);

  constructor(private translator: Translator) {
    super();
  }

  /** Translates the whole events in `bytes` (server-sent events) into `out`. */
  feed(bytes: View, out: Buffer): void {
    this.out = out;
    this.framer.feed(bytes, this);
  }

  onEvent(name: View, data: View): void {
    this.translator.event(name, data, this.out);
  }
}
