// Most events of a stream are the one before with another piece of text. Such an event needs no parsing: its bytes are compared
// with those of the last one, and only the strings and numbers that may differ are passed over. Reading the same bytes again
// would set the same counts, names and flags again, so all that is left to do is to take the text.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { skipText } from "../json/string-scan";

/** Longest event that is compared. */
const MAX_EVENT_BYTES: i32 = 1024;
/** Places of an event that may differ; with more of them it is read as any other. */
const MAX_GAPS: i32 = 8;

/** What may differ from one event to the next. */
export const enum Gap {
  /** A string of the response's text. */
  Text,
  /** Another string. */
  String,
  /** A whole number without sign. */
  Number,
}

/** Integers a gap takes: kind, start and end in the kept event, start and end in the feed that was compared last. */
const WIDTH: i32 = 5;
const KIND: i32 = 0;
const START: i32 = 1;
const END: i32 = 2;
const FOUND_START: i32 = 3;
const FOUND_END: i32 = 4;

@final
export class RepeatedEvent {
  /** The last event, when `isKept`. */
  private kept: Buffer = Buffer.capped(16, MAX_EVENT_BYTES);
  private isKept: bool = false;
  private gaps: StaticArray<i32> = new StaticArray<i32>(MAX_GAPS * WIDTH);
  /** Gaps of the event. */
  count: i32 = 0;
  /** Where the event that is being read begins in the feed, -1 when it began earlier. */
  private eventStart: i32 = -1;
  /** Where its data begins in the feed; once the event is kept, in the event. */
  private data: i32 = -1;

  /** Another stream begins. */
  reset(): void {
    this.begin(-1);
  }

  /** An event begins at `offset` of the feed: the one before is forgotten. */
  begin(offset: i32): void {
    this.isKept = false;
    this.count = 0;
    this.data = -1;
    this.eventStart = offset;
  }

  /** Data of the event begins at `offset`. */
  beginData(offset: i32): void {
    if (this.data >= 0) this.giveUp();
    this.data = offset;
  }

  /** The event that is being read is not to be kept: another feed begins, or its data goes on elsewhere. */
  giveUp(): void {
    this.eventStart = -1;
  }

  /** Bytes `[start, end)` of the feed may differ; gaps come in the order in which they stand. */
  gap(kind: Gap, start: i32, end: i32): void {
    if (this.eventStart < 0) return;
    if (this.count == MAX_GAPS) {
      this.giveUp();
      return;
    }
    const gap = this.count++;
    this.put(gap, KIND, kind);
    this.put(gap, START, start - this.eventStart);
    this.put(gap, END, end - this.eventStart);
  }

  /** As gap(), by offsets in the data. */
  gapInData(kind: Gap, start: i32, end: i32): void {
    if (this.data >= 0) this.gap(kind, this.data + start, this.data + end);
  }

  /** Keeps the event, which ends before `end`; does not when it is not whole in this feed or is long. */
  keep(feed: View, end: i32): void {
    const start = this.eventStart;
    this.eventStart = -1;
    // A CR at the end may be half of a line end.
    if (start < 0 || this.data < 0 || feed.at(end - 1) != Ascii.LineFeed) return;
    const kept = this.kept;
    kept.clear();
    kept.range(feed, start, end);
    this.isKept = !kept.overflow;
    this.data -= start;
  }

  /** When the kept event stands at `start`, but for its gaps: the offset after it. Else `start`. No allocation, O(event). */
  match(feed: View, start: i32): i32 {
    if (!this.isKept) return start;
    const kept = this.kept.window();
    let here = start;
    let from = 0;
    for (let gap = 0; gap < this.count; gap++) {
      const to = this.cell(gap, START);
      if (!feed.hasRange(here, kept, from, to)) return start;
      here += to - from;
      const isNumber = this.cell(gap, KIND) == Gap.Number;
      const end = isNumber ? feed.endOfDigits(here) : skipText(feed, here);
      // What JSON does not allow in a string, the parser has its own rules for.
      if (end < 0 || (!isNumber && feed.at(end) != Ascii.Quote)) return start;
      this.put(gap, FOUND_START, here);
      this.put(gap, FOUND_END, end);
      here = end;
      from = this.cell(gap, END);
    }
    return feed.hasRange(here, kept, from, kept.length) ? here + kept.length - from : start;
  }

  /** After a match: offset of the data in the event. */
  get dataOffset(): i32 {
    return this.data;
  }

  /** After a match: whether the gap is one of the response's text, and where it was found in the feed. */
  isText(gap: i32): bool {
    return this.cell(gap, KIND) == Gap.Text;
  }

  /** After a match: where the gap begins in the feed. */
  foundStart(gap: i32): i32 {
    return this.cell(gap, FOUND_START);
  }

  /** After a match: where the gap ends in the feed. */
  foundEnd(gap: i32): i32 {
    return this.cell(gap, FOUND_END);
  }

  /** After a match: by how much what stood at `offset` of the kept event's data has moved. */
  shiftAt(offset: i32): i32 {
    let shift = 0;
    for (let gap = 0; gap < this.count; gap++) {
      if (this.cell(gap, END) - this.data > offset) break;
      shift += this.cell(gap, FOUND_END) - this.cell(gap, FOUND_START) - (this.cell(gap, END) - this.cell(gap, START));
    }
    return shift;
  }

  private put(gap: i32, field: i32, value: i32): void {
    unchecked((this.gaps[gap * WIDTH + field] = value));
  }

  private cell(gap: i32, field: i32): i32 {
    return unchecked(this.gaps[gap * WIDTH + field]);
  }
}
