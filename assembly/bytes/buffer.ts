// A growable byte buffer with a cap. Appending past the cap sets `overflow` and drops the bytes: nothing traps.

import { Ascii } from "./ascii";
import { countAllocated, roundedUp } from "./allocated";
import { View, sizeOf } from "./view";

/** Largest buffer that may be made: 128 MiB, above every body that Envoy is told to hold. */
export const MAX_BUFFER: i32 = 128 << 20;

/** Bytes that are being written; grows up to a cap, beyond which it sets `overflow` in place of writing. */
@final
export class Buffer {
  private data: ArrayBuffer;
  private shown: View | null = null;
  length: i32 = 0;
  /** True once an append did not fit under `limit`; what was appended before is kept. */
  overflow: bool = false;

  /** Where appending ends. */
  limit: i32 = MAX_BUFFER;

  constructor(capacity: i32) {
    this.data = new ArrayBuffer(capacity < 16 ? 16 : roundedUp(capacity));
    countAllocated(capacity);
  }

  /** A buffer that takes `limit` bytes at most. */
  static capped(capacity: i32, limit: i32): Buffer {
    const made = new Buffer(capacity);
    made.limit = limit;
    return made;
  }

  get ptr(): usize {
    return changetype<usize>(this.data);
  }

  get capacity(): i32 {
    return this.data.byteLength;
  }

  /** Forgets the contents; keeps the memory. */
  clear(): void {
    this.length = 0;
    this.overflow = false;
  }

  /** Forgets the contents; keeps the memory unless it has grown past `keep` bytes. */
  clearTo(keep: i32): void {
    this.clear();
    if (this.data.byteLength <= keep) return;
    this.data = new ArrayBuffer(keep < 16 ? 16 : keep);
    // The window would keep the large one.
    this.shown = null;
  }

  /** Makes room for `extra` bytes; false (and `overflow`) when that would pass the limit. */
  reserve(extra: i32): bool {
    if (<u32>extra <= <u32>(this.data.byteLength - this.length)) return true;
    const needed = <i64>this.length + <i64>extra;
    if (extra < 0 || needed > <i64>this.limit) {
      this.overflow = true;
      return false;
    }
    let size = <i64>this.data.byteLength * 2;
    if (size < needed) size = needed;
    // A limit is exact, so that what is at it is not rounded.
    const grown = new ArrayBuffer(size >= <i64>this.limit ? this.limit : min(roundedUp(<i32>size), this.limit));
    countAllocated(<i32>size);
    memory.copy(changetype<usize>(grown), this.ptr, <usize>this.length);
    this.data = grown;
    return true;
  }

  byte(value: i32): void {
    if (this.length >= this.data.byteLength && !this.reserve(1)) return;
    store<u8>(this.ptr + <usize>this.length, <u8>value);
    this.length++;
  }

  /** Appends a string of ASCII characters. */
  ascii(text: string): void {
    const size = sizeOf(text);
    if (!this.reserve(size)) return;
    const from = changetype<usize>(text);
    const to = this.ptr + <usize>this.length;
    for (let k = 0; k < size; k++) store<u8>(to + <usize>k, load<u8>(from + ((<usize>k) << 1)));
    this.length += size;
  }

  /** Appends ASCII characters, then bytes. */
  put(head: string, bytes: View): void {
    this.ascii(head);
    this.view(bytes);
  }

  /** Appends bytes between ASCII characters. */
  wrap(head: string, bytes: View, tail: string): void {
    this.put(head, bytes);
    this.ascii(tail);
  }

  view(bytes: View): void {
    if (bytes.length == 0 || !this.reserve(bytes.length)) return;
    memory.copy(this.ptr + <usize>this.length, bytes.ptr, <usize>bytes.length);
    this.length += bytes.length;
  }

  /** Appends bytes `[start, end)` of `bytes`, clamped to it, with no view made. */
  range(bytes: View, start: i32, end: i32): void {
    if (start < 0) start = 0;
    if (end > bytes.length) end = bytes.length;
    const size = end - start;
    if (size <= 0 || !this.reserve(size)) return;
    memory.copy(this.ptr + <usize>this.length, bytes.ptr + <usize>start, <usize>size);
    this.length += size;
  }

  /** Appends `value` in decimal. */
  integer(value: i64): void {
    if (value < 0) {
      this.byte(Ascii.Hyphen);
      // The magnitude of i64.MIN_VALUE does not fit in i64; u64 arithmetic wraps to the right value.
      this.digits(<u64>0 - <u64>value);
      return;
    }
    this.digits(<u64>value);
  }

  private digits(value: u64): void {
    let scale: u64 = 1;
    let rest = value;
    while (rest >= 10) {
      rest /= 10;
      scale *= 10;
    }
    while (scale > 0) {
      this.byte(Ascii.Digit0 + <i32>((value / scale) % 10));
      scale /= 10;
    }
  }

  /** The byte at `index`, or -1 outside. */
  at(index: i32): i32 {
    if (<u32>index >= <u32>this.length) return -1;
    return <i32>load<u8>(this.ptr + <usize>index);
  }

  /** Overwrites the byte at `index` when it exists. */
  set(index: i32, value: i32): void {
    if (<u32>index < <u32>this.length) store<u8>(this.ptr + <usize>index, <u8>value);
  }

  /** Shortens the contents to `length` bytes. */
  truncate(length: i32): void {
    if (length >= 0 && length < this.length) this.length = length;
  }

  /** Drops the first `count` bytes. Moves the rest. */
  drop(count: i32): void {
    if (count >= this.length) {
      this.length = 0;
      return;
    }
    if (count <= 0) return;
    memory.copy(this.ptr, this.ptr + <usize>count, <usize>(this.length - count));
    this.length -= count;
  }

  /** The contents as a view, valid until the next append. */
  toView(): View {
    return new View(this.ptr, this.length, this.data);
  }

  /** As toView(), but the same view every time: for buffers that are written again and again. */
  window(): View {
    let view = this.shown;
    if (view === null) {
      view = this.toView();
      this.shown = view;
    }
    return view.point(this.ptr, this.length, this.data);
  }
}
