// A window on bytes in linear memory. Every read is checked, so no input can trap. It must not know what the bytes mean.

import { Ascii } from "./ascii";
import { countAllocated } from "./allocated";
import { LOW_BITS, eightAt, firstLane, zeroLanes } from "./lanes";

/** Of View.hash(): of no bytes, and what each byte multiplies with. */
export const HASH_BASIS: u32 = 0x811c9dc5;
export const HASH_PRIME: u32 = 0x01000193;

/** `text.length` without the call that it is else: object sizes stand before the object. */
// @ts-ignore: decorator
@inline
export function sizeOf(text: string): i32 {
  return <i32>(load<u32>(changetype<usize>(text) - 4) >> 1);
}

/** Where the word ends that begins at `start` of `words`, which has one space between two. */
export function wordEnd(words: string, start: i32): i32 {
  while (start < words.length && words.charCodeAt(start) != Ascii.Space) start++;
  return start;
}

/**
 * Read-only bytes `[ptr, ptr + length)`. A view on host memory is valid until its callback returns; a view with an
 * `owner` keeps that buffer alive and may be stored.
 */
@final
export class View {
  constructor(
    public ptr: usize,
    public length: i32,
    public owner: ArrayBuffer | null = null,
  ) {}

  /** A view with no bytes: always the same object, so its fields must not be set. */
  static empty(): View {
    return EMPTY;
  }

  /** All of `buffer`, kept alive. */
  static of(buffer: ArrayBuffer): View {
    return new View(changetype<usize>(buffer), buffer.byteLength, buffer);
  }

  /** The UTF-8 bytes of `text`, kept alive. Allocates. */
  static utf8(text: string): View {
    return View.of(String.UTF8.encode(text));
  }

  /** The byte at `index` as 0…255, or -1 outside the view. */
  at(index: i32): i32 {
    return this.byteAt(index);
  }

  /** `at` for loops over the bytes of bodies: copied into the caller, which takes three times the room of a call. */
  // @ts-ignore: decorator
  @inline
  byteAt(index: i32): i32 {
    if (<u32>index >= <u32>this.length) return -1;
    return <i32>load<u8>(this.ptr + <usize>index);
  }

  /** The four bytes from `at` on as a little-endian number, or -1 when they are not all inside. */
  word(at: i32): i32 {
    return at >= 0 && at <= this.length - 4 ? load<i32>(this.ptr + <usize>at) : -1;
  }

  /** Makes `view`, which is the caller's own, a window on bytes `[start, end)` of this one, clamped to it. */
  aim(view: View, start: i32, end: i32): void {
    if (start < 0) start = 0;
    if (end > this.length) end = this.length;
    view.point(this.ptr + <usize>start, end > start ? end - start : 0, this.owner);
  }

  /** Bytes `[start, end)`, clamped to this view; shares the owner. Allocates the view only. */
  slice(start: i32, end: i32): View {
    if (start < 0) start = 0;
    if (end > this.length) end = this.length;
    if (start >= end) return EMPTY;
    return new View(this.ptr + <usize>start, end - start, this.owner);
  }

  /** Makes this window show other bytes; for the one who made it, when nobody else still reads it. */
  point(ptr: usize, length: i32, owner: ArrayBuffer | null = null): View {
    this.ptr = ptr;
    this.length = length;
    this.owner = owner;
    return this;
  }

  /** A copy that owns its bytes. Allocates `length` bytes. */
  copy(): View {
    const buffer = new ArrayBuffer(this.length);
    countAllocated(this.length);
    memory.copy(changetype<usize>(buffer), this.ptr, <usize>this.length);
    return View.of(buffer);
  }

  /** True when the bytes equal `ascii`, a string of ASCII characters. */
  equals(ascii: string): bool {
    return this.length == sizeOf(ascii) && this.startsWithAt(0, ascii);
  }

  /** True when `[start, end)` equals `ascii`. */
  equalsRange(start: i32, end: i32, ascii: string): bool {
    return end - start == sizeOf(ascii) && end <= this.length && this.startsWithAt(start, ascii);
  }

  /** Whether the bytes are one of `words` (ASCII, one space between two). */
  isOneOf(words: string): bool {
    for (let word = 0; word < words.length;) {
      const end = wordEnd(words, word);
      if (end - word == this.length && this.startsWithPart(words, word, end)) return true;
      word = end + 1;
    }
    return false;
  }

  /** Whether the bytes begin with one of `words` (ASCII, one space between two). */
  startsWithOneOf(words: string): bool {
    for (let word = 0; word < words.length;) {
      const end = wordEnd(words, word);
      if (this.startsWithPart(words, word, end)) return true;
      word = end + 1;
    }
    return false;
  }

  /** Whether the bytes begin with `[word, end)` of `words`. */
  private startsWithPart(words: string, word: i32, end: i32): bool {
    const size = end - word;
    if (size > this.length) return false;
    for (let k = 0; k < size; k++) if (this.byteAt(k) != words.charCodeAt(word + k)) return false;
    return true;
  }

  /** True when `ascii` stands at `start`. */
  startsWithAt(start: i32, ascii: string): bool {
    const size = sizeOf(ascii);
    if (start < 0 || size > this.length - start) return false;
    const here = this.ptr + <usize>start;
    const there = changetype<usize>(ascii);
    for (let k = 0; k < size; k++) {
      if (<u16>load<u8>(here + <usize>k) != load<u16>(there + (<usize>k << 1))) return false;
    }
    return true;
  }

  /** True when the bytes begin with the ASCII text. */
  startsWith(ascii: string): bool {
    return this.startsWithAt(0, ascii);
  }

  /** True when the bytes end with the ASCII text. */
  endsWith(ascii: string): bool {
    return this.startsWithAt(this.length - sizeOf(ascii), ascii);
  }

  /** True when the bytes equal `ascii`, letters compared without case; `ascii` must be lower case. */
  equalsIgnoreCase(ascii: string): bool {
    return this.length == sizeOf(ascii) && this.startsWithIgnoreCase(ascii);
  }

  /** True when the view begins with `ascii`, letters compared without case; `ascii` must be lower case. */
  startsWithIgnoreCase(ascii: string): bool {
    return this.hasIgnoringCase(0, this.length, ascii);
  }

  /** True when `[start, end)` begins with `ascii`, letters compared without case; `ascii` must be lower case. */
  hasIgnoringCase(start: i32, end: i32, ascii: string): bool {
    const size = sizeOf(ascii);
    if (start < 0 || end > this.length || size > end - start) return false;
    for (let k = 0; k < size; k++) {
      if (lowerCase(this.byteAt(start + k)) != <i32>load<u16>(changetype<usize>(ascii) + (<usize>k << 1))) return false;
    }
    return true;
  }

  /** True when both views hold the same bytes. */
  sameAs(other: View): bool {
    return this.length == other.length && this.hasRange(0, other, 0, other.length);
  }

  /** True when the bytes of `other` stand at `start`. */
  hasAt(start: i32, other: View): bool {
    return this.hasRange(start, other, 0, other.length);
  }

  /** True when bytes `[from, to)` of `other`, which must be inside it, stand at `start`. Eight bytes a step. */
  hasRange(start: i32, other: View, from: i32, to: i32): bool {
    const size = to - from;
    if (start < 0 || from < 0 || to > other.length || size > this.length - start) return false;
    const here = this.ptr + <usize>start;
    const there = other.ptr + <usize>from;
    let k = 0;
    for (; k + 8 <= size; k += 8) if (load<u64>(here + <usize>k) != load<u64>(there + <usize>k)) return false;
    for (; k < size; k++) if (load<u8>(here + <usize>k) != load<u8>(there + <usize>k)) return false;
    return true;
  }

  /** Index after the ASCII digits that begin at `start`, or -1 when there are none. */
  endOfDigits(start: i32): i32 {
    let here = start;
    while (<u32>(this.at(here) - Ascii.Digit0) < 10) here++;
    return here > start ? here : -1;
  }

  /** Index of the first `byte` at or after `start`, or -1. Eight bytes a step. */
  indexOf(byte: i32, start: i32 = 0): i32 {
    let here = start < 0 ? 0 : start;
    const wanted = LOW_BITS * <u64>byte;
    while (here + 8 <= this.length) {
      const hits = zeroLanes(eightAt(this.ptr + <usize>here) ^ wanted);
      if (hits) return here + firstLane(hits);
      here += 8;
    }
    for (; here < this.length; here++) if (load<u8>(this.ptr + <usize>here) == byte) return here;
    return -1;
  }

  /** Index of the first CR or LF at or after `start`, or -1. Eight bytes a step. */
  indexOfLineEnd(start: i32): i32 {
    let here = start < 0 ? 0 : start;
    while (here + 8 <= this.length) {
      const word = eightAt(this.ptr + <usize>here);
      const hits = zeroLanes(word ^ (LOW_BITS * Ascii.LineFeed)) | zeroLanes(word ^ (LOW_BITS * Ascii.CarriageReturn));
      if (hits) return here + firstLane(hits);
      here += 8;
    }
    for (; here < this.length; here++) {
      const byte = load<u8>(this.ptr + <usize>here);
      if (byte == Ascii.LineFeed || byte == Ascii.CarriageReturn) return here;
    }
    return -1;
  }

  /** Where `part`, which is not empty, lies in this view; -1 when it lies elsewhere. */
  offsetOf(part: View): i32 {
    const offset = <i64>part.ptr - <i64>this.ptr;
    return part.length != 0 && offset >= 0 && offset + part.length <= this.length ? <i32>offset : -1;
  }

  /** FNV-1a, 32 bit. */
  hash(): u32 {
    let value = HASH_BASIS;
    for (let k = 0; k < this.length; k++) value = (value ^ <u32>load<u8>(this.ptr + <usize>k)) * HASH_PRIME;
    return value;
  }

  /** The value of a run of ASCII digits, or -1 when it is empty, holds another byte, or passes 2^53. */
  toInteger(): i64 {
    if (this.length == 0 || this.length > 16) return -1;
    let value: i64 = 0;
    for (let k = 0; k < this.length; k++) {
      const digit = this.at(k) - Ascii.Digit0;
      if (<u32>digit > 9) return -1;
      value = value * 10 + <i64>digit;
    }
    return value;
  }

  /** The view without leading and trailing spaces and tabs. */
  trim(): View {
    let start = 0;
    let end = this.length;
    while (start < end && (this.at(start) == Ascii.Space || this.at(start) == Ascii.Tab)) start++;
    while (end > start && (this.at(end - 1) == Ascii.Space || this.at(end - 1) == Ascii.Tab)) end--;
    return this.slice(start, end);
  }

  /** Decodes UTF-8 into a string; invalid bytes become U+FFFD. Allocates: for logs and errors only. */
  toString(): string {
    return String.UTF8.decodeUnsafe(this.ptr, <usize>this.length);
  }
}

const EMPTY: View = new View(0, 0);

/** ASCII upper-case letter to lower case, any other value unchanged. */
// @ts-ignore: decorator
@inline
export function lowerCase(byte: i32): i32 {
  return <u32>(byte - Ascii.UpperA) < 26 ? byte + 0x20 : byte;
}
