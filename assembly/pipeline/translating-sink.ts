// Between a stream's framing and a translator: hands each whole upstream event to it and gathers what it writes.

import { countAllocated } from "../bytes/allocated";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { PlainEvent, Translator } from "../dialect/translator";
import { AwsEventSink, AwsEventStreamFramer, CORRUPT_STREAM } from "../sse/aws-event-stream";
import { EventCollector } from "../sse/collector";
import { SseFramer } from "../sse/framer";
import { Gap, RepeatedEvent } from "../usage/repeat";

/** Memory of the client's bytes that is kept from one callback to the next. */
const KEPT_BYTES: i32 = 64 << 10;
/** Bytes of the small objects that translating one event leaves behind, about. */
const EVENT_OBJECTS: i32 = 1024;
/** Longest translation that is kept for events that repeat the one before. */
const MAX_TRANSLATION_BYTES: i32 = 2048;

/** Reads a provider's stream and gathers in `out` what the client is to get for it. */
export abstract class TranslatingSink {
  constructor(public out: Buffer) {}

  /** Forgets what was sent, and all memory for it but a little. */
  clear(): void {
    this.out.clearTo(KEPT_BYTES);
  }

  abstract feed(bytes: View): void;

  /** Events that were too large to be read. */
  get skipped(): i32 {
    return 0;
  }

  /** An event came without the line that ends it: perhaps it is the stream's last. */
  get awaitsBlankLine(): bool {
    return false;
  }

  /** Bytes of the unfinished event that wait for their rest. */
  abstract get heldBytes(): i32;

  /** The provider has closed the stream: adds to `out` what ends the client's. */
  abstract finish(): void;
}

/** Translates events. One that repeats a plain one before it gets that one's translation, with its own piece of text. */
@final
class SseEvents extends EventCollector {
  private repeated: RepeatedEvent = new RepeatedEvent();
  private feed: View = View.empty();
  /** Where in `out` the translation of the event begins. */
  private begun: i32 = 0;
  /** The translation of the kept event, and where its text stands in it. */
  private response: Buffer = Buffer.capped(16, MAX_TRANSLATION_BYTES);
  private textStart: i32 = 0;
  private textEnd: i32 = 0;
  private piece: View = new View(0, 0);
  private isPlain: bool = false;

  constructor(
    private translator: Translator,
    private out: Buffer,
    private cap: i32,
  ) {
    super(cap);
  }

  /** To be called before each part of the stream. */
  begin(feed: View): void {
    this.feed = feed;
    this.repeated.giveUp();
  }

  known(view: View, start: i32): i32 {
    const repeated = this.repeated;
    const after = repeated.match(view, start);
    if (after == start || after - start > this.cap) return start;
    const plain = this.translator.plain;
    let gap = 0;
    while (!repeated.isText(gap) && gap < 2) gap++;
    const piece = this.piece;
    view.aim(piece, repeated.foundStart(gap), repeated.foundEnd(gap));
    if (piece.length == 0 || plain === null) return start;
    const text = this.translator.context.effects.text;
    if (plain.isOuter) text.addOuter(piece);
    else text.addMiddle(piece);
    const out = this.out;
    const response = this.response.window();
    out.range(response, 0, this.textStart);
    out.view(piece);
    out.range(response, this.textEnd, response.length);
    return after;
  }

  blockStart(offset: i32): void {
    this.repeated.begin(offset);
  }

  data(view: View, start: i32, end: i32): void {
    this.repeated.beginData(start);
    super.data(view, start, end);
  }

  dataBreak(): void {
    this.repeated.giveUp();
    super.dataBreak();
  }

  onEvent(name: View, data: View): void {
    countAllocated(EVENT_OBJECTS);
    const out = this.out;
    this.begun = out.length;
    this.translator.event(name, data, out);
    const plain = this.translator.plain;
    if (plain === null) return;
    if (plain.at >= 0) this.keepTranslation(plain, data);
    plain.clear();
  }

  /** Says where the plain event may differ, and keeps its translation. */
  private keepTranslation(plain: PlainEvent, data: View): void {
    this.response.clear();
    this.response.range(this.out.window(), this.begun, this.out.length);
    if (data.offsetOf(plain.text) < 0 || this.response.overflow || this.out.overflow) return;
    // The gaps in the order in which they stand.
    let after = this.keepGap(-1, plain, data);
    after = this.keepGap(after, plain, data);
    this.keepGap(after, plain, data);
    this.textStart = plain.at - this.begun;
    this.textEnd = this.textStart + plain.text.length;
    this.isPlain = true;
  }

  /** Adds the first gap that begins behind `after`, an offset in the data; returns where it begins. */
  private keepGap(after: i32, plain: PlainEvent, data: View): i32 {
    let kind = Gap.Text;
    let found = plain.text;
    let at = i32.MAX_VALUE;
    const text = data.offsetOf(plain.text);
    const padding = data.offsetOf(plain.padding);
    const number = data.offsetOf(plain.number);
    if (text > after) at = text;
    if (padding > after && padding < at) {
      kind = Gap.String;
      found = plain.padding;
      at = padding;
    }
    if (number > after && number < at) {
      kind = Gap.Number;
      found = plain.number;
      at = number;
    }
    if (at < i32.MAX_VALUE) this.repeated.gapInData(kind, at, at + found.length);
    return at;
  }

  eventEnd(offset: i32): void {
    this.isPlain = false;
    super.eventEnd(offset);
    if (this.isPlain) this.repeated.keep(this.feed, offset);
  }
}

@final
class SseTranslation extends TranslatingSink {
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
    this.events.begin(bytes);
    this.framer.feed(bytes, this.events);
  }

  get skipped(): i32 {
    return this.events.skipped;
  }

  get awaitsBlankLine(): bool {
    return this.framer.awaitsBlankLine;
  }

  get heldBytes(): i32 {
    return this.events.heldBytes;
  }

  finish(): void {
    this.events.begin(View.empty());
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
    countAllocated(EVENT_OBJECTS);
    this.translator.event(exceptionType.length != 0 ? exceptionType : eventType, payload, this.out);
  }

  /** What came before stands; the client is told that the stream broke off. */
  onCorrupt(reason: string): void {
    this.translator.event(View.utf8(CORRUPT_STREAM), View.utf8('{"message":"' + reason + '"}'), this.out);
  }
}

@final
class AwsTranslation extends TranslatingSink {
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
