// Changes events of a stream that is metered as it passes. What the client did not ask for is taken out: the usage-only event,
// and `"usage":null` in the others; an editor may rewrite the data of events. All other bytes are kept as they are. Only the
// unfinished end of an event waits for its rest.

import { Ascii } from "../bytes/ascii";
import { countAllocated } from "../bytes/allocated";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { SseFramer, SseSink } from "../sse/framer";
import { UsageMeter } from "./meter";

/** A longer unfinished event is no usage chunk: without an editor it goes on at once. */
const MAX_HELD_BYTES: i32 = 64 << 10;
/** Bytes of the small objects that editing one event leaves behind, about. */
const EDIT_OBJECT_BYTES: i32 = 1024;
/** Memory that is kept from one chunk to the next. */
const KEPT_BYTES: i32 = 64 << 10;

/** Rewrites the data of a stream's events. */
export abstract class EventEditor {
  /** An event that repeats one that was left as it is, but for its text, may be left too without asking. */
  abstract get trustsRepeats(): bool;

  /**
   * What is to stand in place of an event's data: the same object when nothing changes, else a view that is valid until the next
   * edit. With `dropsNullUsage` a changed event loses `"usage":null`, too.
   */
  abstract edit(data: View, dropsNullUsage: bool): View;
}

@final
export class UsageChunkFilter extends SseSink {
  private framer: SseFramer = new SseFramer();
  /** Bytes of the current event from earlier feeds. */
  private held: Buffer;
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
  /** Offsets of the data in the event, the start -1 until it comes. */
  private dataStart: i32 = -1;
  private dataEnd: i32 = -1;
  /** An event whose bytes came in several feeds, put together. */
  private joined: Buffer | null = null;
  /** Events that were too long to be edited. */
  skipped: i32 = 0;

  /** `dropsUsage`: the client did not ask for usage. Events of up to `cap` bytes are edited. */
  constructor(
    private meter: UsageMeter,
    private dropsUsage: bool = true,
    private editor: EventEditor | null = null,
    cap: i32 = MAX_HELD_BYTES,
  ) {
    super();
    this.held = Buffer.capped(256, editor === null ? MAX_HELD_BYTES : cap);
  }

  /** Reads a chunk. False: it may go on as it is. True: `out` holds what must go instead. */
  feed(chunk: View): bool {
    const out = this.out;
    out.clearTo(KEPT_BYTES);
    this.begin(chunk);
    if (this.afterDroppedReturn && chunk.length != 0) this.dropLineFeed();
    this.framer.feed(chunk, this);
    if (!this.inEvent || this.passing) {
      if (this.changed) out.range(chunk, this.written, chunk.length);
      return this.changed;
    }
    this.change(this.eventStart);
    // The stream's last event goes on at once: nothing may be added to a stream that trailers end.
    const isDone = this.meter.isDone;
    const before = this.held.length;
    if (!isDone) this.held.range(chunk, this.eventStart, chunk.length);
    if (isDone || this.held.overflow) {
      out.range(this.held.toView(), 0, before);
      out.range(chunk, this.eventStart, chunk.length);
      this.held.clearTo(KEPT_BYTES);
      this.passing = true;
      if (this.editor !== null && !isDone) this.skipped++;
    }
    return true;
  }

  /** The unfinished event goes on as it is: what is held of it is added to `out`. To be called after a feed(). */
  letGo(): void {
    if (this.held.length == 0) return;
    this.out.view(this.held.toView());
    this.held.clearTo(KEPT_BYTES);
    this.passing = true;
    if (this.editor !== null) this.skipped++;
  }

  /** Ends the stream; true when it has added to `out`. */
  finish(): bool {
    const out = this.out;
    this.begin(View.empty());
    this.framer.finish(this);
    if (this.held.length != 0) out.view(this.held.toView());
    const wrote = this.changed || this.held.length != 0;
    this.held.clear();
    return wrote;
  }

  /** Bytes of memory that stay from one chunk to the next. */
  get heldBytes(): i32 {
    const joined = this.joined;
    return this.held.capacity + this.out.capacity + (joined === null ? 0 : joined.capacity);
  }

  private begin(chunk: View): void {
    this.meter.beginFeed(chunk);
    this.chunk = chunk;
    this.written = 0;
    this.eventStart = 0;
    this.changed = this.held.length != 0;
  }

  /** From here on the output is written: what stands before `until` first. */
  private change(until: i32): void {
    this.changed = true;
    if (until > this.written) this.out.range(this.chunk, this.written, until);
    if (until > this.written) this.written = until;
  }

  known(view: View, start: i32): i32 {
    const editor = this.editor;
    if (editor !== null && !editor.trustsRepeats) return start;
    const after = this.meter.known(view, start);
    if (after > start) {
      this.eventStart = start;
      this.dataStart = this.meter.reader.repeated.dataOffset;
      this.writeOrDrop(after, true);
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
    this.dataEnd = this.held.length + end - this.eventStart;
    this.meter.data(view, start, end);
  }

  dataBreak(): void {
    this.meter.dataBreak();
  }

  eventName(_view: View, _start: i32, _end: i32): void {}

  eventEnd(offset: i32): void {
    this.meter.eventEnd(offset);
    this.writeOrDrop(offset, false);
  }

  /**
   * The meter has read the event, which ends before `offset`: it is kept, cut, rewritten or dropped. `isKnown`: it repeats one that
   * the editor left as it is.
   */
  private writeOrDrop(offset: i32, isKnown: bool): void {
    const reader = this.meter.reader;
    // What looked like the stream's last event has gone on, or would have if the stream had been cut there.
    const isHeld = !this.passing && !this.meter.beginsDone;
    // Data on several lines stays as it is: its offsets are not those of the document.
    const isWhole = isHeld && !this.meter.isBroken && this.dataStart >= 0;
    if (this.dropsUsage && isHeld && this.meter.isUsageOnly) this.dropEvent(offset);
    else if (isWhole && !isKnown && this.rewrite(offset)) reader.repeated.reset();
    else if (isWhole && this.dropsUsage && reader.nullStart >= 0) {
      this.cut(this.dataStart + reader.nullStart, this.dataStart + reader.nullEnd, offset);
    } else this.keepEvent(offset);
    this.endEvent();
  }

  /** Lets the editor look at the event; true when it has changed and was written. */
  private rewrite(offset: i32): bool {
    const editor = this.editor;
    if (editor === null) return false;
    const event = this.wholeEvent(offset);
    const data = event.slice(this.dataStart, this.dataEnd);
    const edited = editor.edit(data, this.dropsUsage);
    if (edited === data) return false;
    countAllocated(EDIT_OBJECT_BYTES);
    this.change(this.eventStart);
    this.out.range(event, 0, this.dataStart);
    this.out.view(edited);
    this.out.range(event, this.dataEnd, event.length);
    this.written = offset;
    return true;
  }

  private wholeEvent(offset: i32): View {
    if (this.held.length == 0) return this.chunk.slice(this.eventStart, offset);
    let joined = this.joined;
    if (joined === null) {
      joined = new Buffer(1024);
      this.joined = joined;
    }
    joined.clearTo(KEPT_BYTES);
    joined.view(this.held.window());
    joined.range(this.chunk, this.eventStart, offset);
    return joined.window();
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
    this.afterDroppedReturn = offset > 0 && offset == this.chunk.length && this.chunk.at(offset - 1) == Ascii.CarriageReturn;
  }

  private dropLineFeed(): void {
    this.afterDroppedReturn = false;
    if (this.chunk.at(0) != Ascii.LineFeed) return;
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
