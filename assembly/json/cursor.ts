// A pull reader over JSON bytes (RFC 8259): one pass, no tree, no recursion, no exception. It validates everything
// that it passes over; spans `[start, end)` point into the view.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { escapeSize, escapedEquals } from "./escapes";
import { JsonFault, JsonKind, isSpace, kindOf } from "./kind";
import { numberEnd } from "./number";
import { indexOfStringSpecial, skipText } from "./string-scan";

export { escapeSize, escapedEquals, escapedUnit } from "./escapes";
export { JsonFault, JsonKind, describeFault, kindOf } from "./kind";

/** Nesting that is read; deeper input is refused as a fault. Bounds the bit stack below. */
export const MAX_DEPTH: i32 = 1024;

@final
export class JsonCursor {
  private view: View = View.empty();
  position: i32 = 0;
  fault: JsonFault = JsonFault.None;
  /** Span of the last key that nextKey() read, without its quotes. */
  keyStart: i32 = 0;
  keyEnd: i32 = 0;
  /** True when the last key holds escapes. */
  keyEscaped: bool = false;
  /** Span of the last value that skipValue() passed, strings with their quotes. */
  valueStart: i32 = 0;
  valueEnd: i32 = 0;
  valueKind: JsonKind = JsonKind.None;
  /** Values that may still be passed over: one more is a fault. */
  room: i32 = i32.MAX_VALUE;
  private first: bool = false;
  /** The last string that stringEnd() has read holds escapes. */
  private sawEscape: bool = false;
  private depth: i32 = 0;
  /** One bit per level: 1 for an object. */
  private levels: StaticArray<u64> = new StaticArray<u64>(MAX_DEPTH / 64);

  /** Starts at offset `start` of `view`; the cursor can be used again and again. */
  reset(view: View, start: i32 = 0): JsonCursor {
    this.view = view;
    this.position = start;
    this.fault = JsonFault.None;
    this.first = false;
    this.depth = 0;
    this.room = i32.MAX_VALUE;
    return this;
  }

  // @ts-ignore: decorator
  @inline
  private fail(fault: JsonFault): bool {
    if (this.fault == JsonFault.None) this.fault = fault;
    return false;
  }

  /** Moves past white space and returns the byte there, or -1 at the end. */
  private peek(): i32 {
    const view = this.view;
    let here = this.position;
    let byte = view.byteAt(here);
    while (isSpace(byte)) byte = view.byteAt(++here);
    this.position = here;
    return byte;
  }

  /** The kind of the value at the cursor, judged by its first byte; None when no value can start here. */
  kind(): JsonKind {
    if (this.fault != JsonFault.None) return JsonKind.None;
    return kindOf(this.peek());
  }

  /** Enters an object; false when the value is something else (nothing is read) or on a fault. */
  beginObject(): bool {
    return this.begin(Ascii.LeftBrace);
  }

  /** Enters an array; false when the value is something else (nothing is read) or on a fault. */
  beginArray(): bool {
    return this.begin(Ascii.LeftBracket);
  }

  private begin(open: i32): bool {
    if (this.fault != JsonFault.None || this.peek() != open) return false;
    if (this.depth >= MAX_DEPTH) return this.fail(JsonFault.TooDeep);
    this.depth++;
    this.position++;
    this.first = true;
    return true;
  }

  /** Reads the next key and its colon; false at the end of the object (which is passed) or on a fault. */
  nextKey(): bool {
    if (!this.separator(Ascii.RightBrace)) return false;
    if (this.peek() != Ascii.Quote) return this.fail(this.position >= this.view.length ? JsonFault.Truncated : JsonFault.Unexpected);
    this.keyStart = this.position + 1;
    const end = this.stringEnd(this.position);
    if (end < 0) return false;
    this.keyEnd = end - 1;
    this.keyEscaped = this.sawEscape;
    this.position = end;
    const colon = this.peek();
    if (colon != Ascii.Colon) return this.fail(colon < 0 ? JsonFault.Truncated : JsonFault.Unexpected);
    this.position++;
    return true;
  }

  /** True when another item follows in the array; false at its end (which is passed) or on a fault. */
  nextItem(): bool {
    return this.separator(Ascii.RightBracket);
  }

  private separator(close: i32): bool {
    if (this.fault != JsonFault.None) return false;
    let byte = this.peek();
    if (byte == close) {
      this.position++;
      this.first = false;
      this.depth--;
      return false;
    }
    if (byte < 0) return this.fail(JsonFault.Truncated);
    if (this.first) {
      this.first = false;
      return true;
    }
    if (byte != Ascii.Comma) return this.fail(JsonFault.Unexpected);
    this.position++;
    byte = this.peek();
    if (byte == close) return this.fail(JsonFault.Unexpected);
    return true;
  }

  /** True when nothing but white space follows. */
  atEnd(): bool {
    if (this.fault != JsonFault.None) return false;
    if (this.peek() >= 0) return this.fail(JsonFault.TrailingBytes);
    return true;
  }

  /** True when the last key, escapes decoded, equals `name` (ASCII). */
  keyIs(name: string): bool {
    if (!this.keyEscaped) return this.view.equalsRange(this.keyStart, this.keyEnd, name);
    return escapedEquals(this.view, this.keyStart, this.keyEnd, name);
  }

  /** Passes over one whole value and sets its span and kind; false on a fault. */
  skipValue(): bool {
    if (this.fault != JsonFault.None) return false;
    const byte = this.peek();
    this.valueStart = this.position;
    const kind = kindOf(byte);
    this.valueKind = kind;
    const passed = kind == JsonKind.Object || kind == JsonKind.Array ? this.skipContainer() : this.skipScalar(kind);
    this.valueEnd = this.position;
    this.first = false;
    return passed;
  }

  private skipScalar(kind: JsonKind): bool {
    if (--this.room < 0) return this.fail(JsonFault.TooManyValues);
    switch (kind) {
      case JsonKind.String: {
        const end = this.textEnd(this.position);
        if (end < 0) return false;
        this.position = end;
        return true;
      }
      case JsonKind.Number:
        return this.skipNumber();
      case JsonKind.True:
        return this.skipWord("true");
      case JsonKind.False:
        return this.skipWord("false");
      case JsonKind.Null:
        return this.skipWord("null");
      default:
        return this.fail(this.position >= this.view.length ? JsonFault.Truncated : JsonFault.Unexpected);
    }
  }

  private skipWord(word: string): bool {
    if (!this.view.startsWithAt(this.position, word)) {
      const whole = this.view.length - this.position >= word.length;
      return this.fail(whole ? JsonFault.Unexpected : JsonFault.Truncated);
    }
    this.position += word.length;
    return true;
  }

  private skipNumber(): bool {
    const end = numberEnd(this.view, this.position);
    if (end < 0) return this.fail(-end);
    this.position = end;
    return true;
  }

  /** As stringEnd(), but faster and without `sawEscape`. */
  private textEnd(open: i32): i32 {
    const end = skipText(this.view, open + 1);
    return this.view.byteAt(end) == Ascii.Quote ? end + 1 : this.stringEnd(end - 1);
  }

  /** Index after the closing quote of the string that opens at `open`, or -1 with the fault set. */
  private stringEnd(open: i32): i32 {
    const view = this.view;
    let here = open + 1;
    this.sawEscape = false;
    while (true) {
      here = indexOfStringSpecial(view, here);
      const byte = view.byteAt(here);
      if (byte == Ascii.Quote) return here + 1;
      if (byte != Ascii.Backslash) {
        this.position = here;
        this.fail(byte < 0 ? JsonFault.Truncated : JsonFault.BadString);
        return -1;
      }
      this.sawEscape = true;
      const size = escapeSize(view, here);
      if (size <= 0) {
        this.position = here;
        this.fail(size == 0 ? JsonFault.Truncated : JsonFault.BadString);
        return -1;
      }
      here += size;
    }
  }

  /** Iterative: the bit stack remembers which kind of container each level is. */
  private skipContainer(): bool {
    const floor = this.depth;
    while (true) {
      // At a value.
      const kind = kindOf(this.peek());
      if (kind == JsonKind.Object || kind == JsonKind.Array) {
        if (!this.push(kind == JsonKind.Object)) return false;
        const close = kind == JsonKind.Object ? Ascii.RightBrace : Ascii.RightBracket;
        if (this.peek() == close) {
          this.position++;
          this.depth--;
        } else {
          if (kind == JsonKind.Object && !this.passKey()) return false;
          continue;
        }
      } else if (!this.skipScalar(kind)) return false;
      // After a value: close levels until a comma leads to the next one.
      while (true) {
        if (this.depth == floor) return true;
        const byte = this.peek();
        const inObject = this.inObject();
        if (byte == Ascii.Comma) {
          this.position++;
          if (inObject && !this.passKey()) return false;
          break;
        }
        if (byte != (inObject ? Ascii.RightBrace : Ascii.RightBracket))
          return this.fail(byte < 0 ? JsonFault.Truncated : JsonFault.Unexpected);
        this.position++;
        this.depth--;
      }
    }
  }

  private push(isObject: bool): bool {
    if (this.depth >= MAX_DEPTH) return this.fail(JsonFault.TooDeep);
    if (--this.room < 0) return this.fail(JsonFault.TooManyValues);
    const word = this.depth >> 6;
    const bit = (<u64>1) << ((<u64>this.depth) & 63);
    const old = unchecked(this.levels[word]);
    unchecked((this.levels[word] = isObject ? old | bit : old & ~bit));
    this.depth++;
    this.position++;
    return true;
  }

  private inObject(): bool {
    const level = this.depth - 1;
    return ((unchecked(this.levels[level >> 6]) >> ((<u64>level) & 63)) & 1) == 1;
  }

  private passKey(): bool {
    if (this.peek() != Ascii.Quote) return this.fail(this.position >= this.view.length ? JsonFault.Truncated : JsonFault.Unexpected);
    const end = this.stringEnd(this.position);
    if (end < 0) return false;
    this.position = end;
    const colon = this.peek();
    if (colon != Ascii.Colon) return this.fail(colon < 0 ? JsonFault.Truncated : JsonFault.Unexpected);
    this.position++;
    return true;
  }
}
