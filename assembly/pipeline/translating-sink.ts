// Between the framer and a translator: hands each whole upstream event to it and gathers what it writes.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { Translator } from "../dialect/translator";
import { EventCollector } from "../sse/collector";
import { SseFramer } from "../sse/framer";

@final
export class TranslatingSink extends EventCollector {
  out: Buffer = new Buffer(1024);
  framer: SseFramer = new SseFramer();

  constructor(
    private translator: Translator,
    cap: i32,
  ) {
    super(cap);
  }

  onEvent(name: View, data: View): void {
    this.translator.event(name, data, this.out);
  }
}
