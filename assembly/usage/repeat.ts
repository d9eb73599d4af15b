// Most events of a stream are the one before with another piece of text. Such an event needs no parsing: its bytes are compared
// with those of the last one, and only the strings and numbers that may differ are passed over. Reading the same bytes again
// would set the same counts, names and flags again, so all that is left to do is to take the text.

import { View } from "../bytes/view";
import { escapeSize } from "../json/escapes";

/** Longest event that is compared. */
const MAX_EVENT: i32 = 1024;
/** Places of an event that may differ; with more of them it is read as any other. */
const MAX_GAPS: i32 = 8;

export const enum Gap {
  /** A string of the answer's text. */
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
  /** The last event, when `size` is not 0; made when there is one to keep. */
  private kept: StaticArray<u8> | null = null;
  private size: i32 = 0;
  private gaps: StaticArray<i32> = new StaticArray<i32>(MAX_GAPS * WIDTH);
  /** Gaps of the kept event; those found after the last one that is kept do not count. */
  count: i32 = 0;
  private isFull: bool = false;
  /** Where the event that is being read begins in the feed, -1 when it began earlier. */
  private begun: i32 = -1;
  /** Where its data begins in the feed; once the event is kept, in the event. */
  private data: i32 = -1;

  /** No event is known. */
  forget(): void {
    this.size = 0;
    this.count = 0;
    this.isFull = false;
    this.data = -1;
  }

  /** Another feed begins: what was begun before is not whole in it. */
  newFeed(): void {
    this.begun = -1;
  }

  /** An event begins at `offset` of the feed. */
  begin(offset: i32): void {
    this.begun = offset;
  }

  /** The first data of the event begins at `offset`. */
  beginData(offset: i32): void {
    this.data = offset;
  }

  /** Bytes `[start, end)` of the feed may differ. */
  gap(kind: Gap, start: i32, end: i32): void {
    if (this.begun < 0) return;
    if (this.count == MAX_GAPS) {
      this.isFull = true;
      return;
    }
    const gap = this.count++;
    this.put(gap, KIND, kind);
    this.put(gap, START, start - this.begun);
    this.put(gap, END, end - this.begun);
  }

  /** As gap(), by offsets in the data, which must not have been broken into lines. */
  gapInData(kind: Gap, start: i32, end: i32): void {
    if (this.data >= 0) this.gap(kind, this.data + start, this.data + end);
  }

  /** Keeps the event, which ends before `end`; does not when it is not whole in this feed or is long. */
  keep(feed: View, end: i32): void {
    const start = this.begun;
    this.begun = -1;
    this.size = 0;
    // A CR at the end may be half of a line end.
    if (start < 0 || this.data < 0 || this.isFull || feed.at(end - 1) != 0x0a) return;
    const size = end - start;
    if (size <= 0 || size > MAX_EVENT || end > feed.length) return;
    let kept = this.kept;
    if (kept === null) {
      kept = new StaticArray<u8>(MAX_EVENT);
      this.kept = kept;
    }
    memory.copy(changetype<usize>(kept), feed.ptr + <usize>start, <usize>size);
    this.size = size;
    this.data -= start;
  }

  /** When the kept event stands at `start`, but for its gaps: the offset after it. Else `start`. No allocation, O(event). */
  match(feed: View, start: i32): i32 {
    const kept = this.kept;
    if (this.size == 0 || kept === null) return start;
    const bytes = changetype<usize>(kept);
    let here = start;
    let from = 0;
    for (let gap = 0; gap < this.count; gap++) {
      const size = this.cell(gap, START) - from;
      if (!feed.sameBytes(here, bytes + <usize>from, size)) return start;
      here += size;
      const end = this.cell(gap, KIND) == Gap.Number ? feed.endOfDigits(here) : endOfString(feed, here);
      if (end < 0) return start;
      this.put(gap, FOUND_START, here);
      this.put(gap, FOUND_END, end);
      here = end;
      from = this.cell(gap, END);
    }
    const size = this.size - from;
    return feed.sameBytes(here, bytes + <usize>from, size) ? here + size : start;
  }

  /** After a match: offset of the data in the event. */
  get dataOffset(): i32 {
    return this.data;
  }

  /** After a match: whether the gap is one of the answer's text, and where it was found in the feed. */
  isText(gap: i32): bool {
    return this.cell(gap, KIND) == Gap.Text;
  }

  foundStart(gap: i32): i32 {
    return this.cell(gap, FOUND_START);
  }

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

/** Where the string that begins before `start` is closed; -1 when it is not, or holds what the parser has its own rules for. */
function endOfString(feed: View, start: i32): i32 {
  let here = start;
  while (true) {
    here = feed.indexOfStringSpecial(here);
    const byte = feed.at(here);
    if (byte == 0x22) return here;
    if (byte != 0x5c) return -1;
    const size = escapeSize(feed, here);
    if (size <= 0) return -1;
    here += size;
  }
}
