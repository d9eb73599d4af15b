// Takes out of a stream what the client did not ask for: the usage-only event, and `"usage":null` in the others. All other
// bytes are kept as they are. Only the unfinished end of an event waits for its rest.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { SseFramer, SseSink } from "../sse/framer";
import { UsageMeter } from "./meter";

/** A longer unfinished event is no usage chunk: it goes on at once. */
const MAX_HELD: i32 = 64 << 10;
/** Memory that is kept from one chunk to the next. */
const KEPT_BYTES: i32 = 64 << 10;

@final
export class UsageChunkFilter extends SseSink {
  private framer: SseFramer = new SseFramer();
  /** Bytes of the current event from earlier feeds. */
  private held: Buffer = new Buffer(256, MAX_HELD);
  private chunk: View = View.empty();
  /** What must go instead of the chunk, where feed() or finish() said so. */
  out: Buffer = new Buffer(1024);
  /** The output differs from the chunk, so it is being written. */
  private changed: bool = false;
  /** Bytes of the chunk that are written (when changed). */
  private written: i32 = 0;
  private inEvent: bool = false;
  /** Offset of the event in the chunk; 0 when it began earlier. */
  private eventStart: i32 = 0;
  /** The event has been passed on in part already. */
  private passing: bool = false;
  /** A dropped event ended in a CR at the end of its chunk: an LF that comes next belongs to it. */
  private afterDroppedReturn: bool = false;
  /** Offset of the data in the event, -1 until it comes. */
  private dataStart: i32 = -1;

  constructor(private meter: UsageMeter) {
    super();
  }

  /** Reads a chunk. False: it may go on as it is. True: `out` holds what must go instead. */
  feed(chunk: View): bool {
    const out = this.out;
    out.clear(KEPT_BYTES);
    this.begin(chunk);
    if (this.afterDroppedReturn && chunk.length > 0) this.dropLineFeed();
    this.framer.feed(chunk, this);
    if (!this.inEvent || this.passing) {
      if (this.changed) out.range(chunk, this.written, chunk.length);
      return this.changed;
    }
    this.change(this.eventStart);
    this.held.range(chunk, this.eventStart, chunk.length);
    if (this.held.overflow) {
      out.view(this.held.toView());
      out.range(chunk, this.eventStart, chunk.length);
      this.held.clear();
      this.passing = true;
    }
    return true;
  }

  /** Ends the stream; true when it has added to `out`. */
  finish(): bool {
    const out = this.out;
    this.begin(View.empty());
    this.framer.finish(this);
    out.view(this.held.toView());
    const wrote = this.changed || this.held.length > 0;
    this.held.clear();
    return wrote;
  }

  /** Bytes of memory that stay from one chunk to the next. */
  get heldBytes(): i32 {
    return this.held.capacity + this.out.capacity;
  }

  private begin(chunk: View): void {
    this.meter.beginFeed(chunk);
    this.chunk = chunk;
    this.written = 0;
    this.eventStart = 0;
    this.changed = this.held.length > 0;
  }

  /** From here on the output is written: what stands before `until` first. */
  private change(until: i32): void {
    this.changed = true;
    if (until > this.written) this.out.range(this.chunk, this.written, until);
    if (until > this.written) this.written = until;
  }

  known(view: View, start: i32): i32 {
    const after = this.meter.known(view, start);
    if (after > start) {
      this.eventStart = start;
      this.dataStart = this.meter.reader.repeated.dataOffset;
      this.settle(after);
    }
    return after;
  }

  blockStart(offset: i32): void {
    this.meter.blockStart(offset);
    this.inEvent = true;
    this.passing = false;
    this.eventStart = offset;
    this.dataStart = -1;
  }

  data(view: View, start: i32, end: i32): void {
    if (this.dataStart < 0) this.dataStart = this.held.length + start - this.eventStart;
    this.meter.data(view, start, end);
  }

  dataBreak(): void {
    this.meter.dataBreak();
  }

  eventName(_view: View, _start: i32, _end: i32): void {}

  eventEnd(offset: i32): void {
    this.meter.eventEnd(offset);
    this.settle(offset);
  }

  /** The meter has read the event, which ends before `offset`: it is kept, cut or dropped. */
  private settle(offset: i32): void {
    const reader = this.meter.reader;
    const canCut = reader.nullStart >= 0 && !this.meter.isBroken && this.dataStart >= 0;
    if (!this.passing && this.meter.isUsageOnly) this.dropEvent(offset);
    else if (!this.passing && canCut) {
      this.cut(this.dataStart + reader.nullStart, this.dataStart + reader.nullEnd, offset);
    } else this.keepEvent(offset);
    this.endEvent();
  }

  blockEnd(offset: i32): void {
    this.keepEvent(offset);
    this.endEvent();
  }

  private endEvent(): void {
    this.inEvent = false;
    this.passing = false;
    this.held.clear();
    this.eventStart = 0;
  }

  private dropEvent(offset: i32): void {
    this.change(this.eventStart);
    this.written = offset;
    this.afterDroppedReturn = offset > 0 && offset == this.chunk.length && this.chunk.at(offset - 1) == 0x0d;
  }

  private dropLineFeed(): void {
    this.afterDroppedReturn = false;
    if (this.chunk.at(0) != 0x0a) return;
    this.changed = true;
    this.written = 1;
  }

  /** With bytes held the event is written from them on; otherwise it goes with the rest of the chunk. */
  private keepEvent(offset: i32): void {
    if (this.held.length == 0) return;
    this.change(this.eventStart);
    this.out.view(this.held.toView());
    this.out.range(this.chunk, this.eventStart, offset);
    this.written = offset;
  }

  /** Writes the event without its bytes `[start, end)`, counted from its first byte. */
  private cut(start: i32, end: i32, offset: i32): void {
    this.change(this.eventStart);
    const held = this.held.toView();
    const shift = this.eventStart - held.length;
    this.out.range(held, 0, start);
    this.out.range(this.chunk, this.eventStart, max(start + shift, this.eventStart));
    this.out.range(held, end, held.length);
    this.out.range(this.chunk, max(end + shift, this.eventStart), offset);
    this.written = offset;
  }
}
