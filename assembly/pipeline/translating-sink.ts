// Between a stream's framing and a translator: hands each whole upstream event to it and gathers what it writes.

import { noteAllocated } from "../bytes/allocated";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { CORRUPT_STREAM } from "../dialect/bedrock/error";
import { Translator } from "../dialect/translator";
import { AwsEventSink, AwsEventStreamFramer } from "../sse/aws-event-stream";
import { EventCollector } from "../sse/collector";
import { SseFramer } from "../sse/framer";

/** Memory of the client's bytes that is kept from one callback to the next. */
const KEPT_BYTES: i32 = 64 << 10;
/** Bytes of the small objects that translating one event leaves behind, about. */
const EVENT_OBJECTS: i32 = 1024;

/** Reads a provider's stream and gathers in `out` what the client is to get for it. */
export abstract class TranslatingSink {
  constructor(public out: Buffer) {}

  /** Forgets what was sent, and all memory for it but a little. */
  clear(): void {
    this.out.clear(KEPT_BYTES);
  }

  abstract feed(bytes: View): void;

  /** Events that were too large to be read. */
  get skipped(): i32 {
    return 0;
  }

  /** Bytes of the unfinished event that wait for their rest. */
  abstract get heldBytes(): i32;

  /** The provider has closed the stream: adds to `out` what ends the client's. */
  abstract finish(): void;
}

@final
class SseEvents extends EventCollector {
  constructor(
    private translator: Translator,
    private out: Buffer,
    cap: i32,
  ) {
    super(cap);
  }

  onEvent(name: View, data: View): void {
    noteAllocated(EVENT_OBJECTS);
    this.translator.event(name, data, this.out);
  }
}

@final
export class SseTranslation extends TranslatingSink {
  private framer: SseFramer = new SseFramer();
  private events: SseEvents;

  /** Events of more than `cap` bytes are dropped. */
  constructor(
    private translator: Translator,
    cap: i32,
  ) {
    const out = new Buffer(1024);
    super(out);
    this.events = new SseEvents(translator, out, cap);
  }

  feed(bytes: View): void {
    this.framer.feed(bytes, this.events);
  }

  get skipped(): i32 {
    return this.events.skipped;
  }

  get heldBytes(): i32 {
    return this.events.heldBytes;
  }

  finish(): void {
    this.framer.finish(this.events);
    this.translator.end(this.out);
  }
}

@final
class AwsEvents extends AwsEventSink {
  constructor(
    private translator: Translator,
    private out: Buffer,
  ) {
    super();
  }

  onMessage(eventType: View, exceptionType: View, payload: View): void {
    noteAllocated(EVENT_OBJECTS);
    this.translator.event(exceptionType.length > 0 ? exceptionType : eventType, payload, this.out);
  }

  /** What came before stands; the client is told that the stream broke off. */
  onCorrupt(reason: string): void {
    this.translator.event(View.utf8(CORRUPT_STREAM), View.utf8('{"message":"' + reason + '"}'), this.out);
  }
}

@final
export class AwsTranslation extends TranslatingSink {
  private framer: AwsEventStreamFramer;
  private events: AwsEvents;

  constructor(
    private translator: Translator,
    cap: i32,
  ) {
    const out = new Buffer(1024);
    super(out);
    this.framer = new AwsEventStreamFramer(cap);
    this.events = new AwsEvents(translator, out);
  }

  feed(bytes: View): void {
    this.framer.feed(bytes, this.events);
  }

  get heldBytes(): i32 {
    return this.framer.heldBytes;
  }

  finish(): void {
    this.translator.end(this.out);
  }
}

/** The reader for the framing that the translator's upstream uses. */
export function translatingSink(translator: Translator, cap: i32): TranslatingSink {
  if (isDefined(CORE_BUILD)) return new SseTranslation(translator, cap);
  return translator.streamsBinary ? new AwsTranslation(translator, cap) : new SseTranslation(translator, cap);
}
