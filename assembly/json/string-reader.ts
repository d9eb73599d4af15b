// Decodes one JSON string that arrives in pieces, into a small fixed buffer. Wrong escapes become U+FFFD.

import { Ascii } from "../bytes/ascii";
import { Buffer, MAX_BUFFER } from "../bytes/buffer";
import { hexValue } from "../bytes/hex";
import { View } from "../bytes/view";
import { indexOfStringSpecial } from "./string-scan";
import { appendCodePoint } from "./text";

const REPLACEMENT: i32 = 0xfffd;

@final
export class StringReader {
  /** Bytes of the whole string once decoded to UTF-8, also when they were not kept. */
  length: i32 = 0;
  /** True once the closing quote was read. */
  closed: bool = false;
  private kept: Buffer;
  // Over `kept`, which never moves because its capacity is its limit.
  private keptView: View = View.empty();
  private keeps: bool = true;
  /** The string came in one piece, as it is: no copy is needed, and this shows it where it lies. */
  private piece: View = new View(0, 0);
  private isOnePiece: bool = false;
  /** 0 outside escapes, 1 after a backslash, 2 to 5 before each digit of \uXXXX. */
  private escape: i32 = 0;
  private code: i32 = 0;
  /** A high surrogate that waits for its other half, or 0. */
  private high: i32 = 0;

  /** Keeps strings of up to `limit` decoded bytes; longer ones are only measured. */
  constructor(limit: i32) {
    this.kept = Buffer.capped(limit, limit);
    this.keptView = this.kept.toView();
  }

  /** Starts after an opening quote; with `keeps` false the string is measured, not kept. */
  begin(keeps: bool): void {
    this.kept.clearTo(MAX_BUFFER);
    this.keeps = keeps;
    this.isOnePiece = false;
    this.length = 0;
    this.closed = false;
    this.escape = 0;
    this.high = 0;
  }

  /** True when the string was longer than the limit. */
  get isCut(): bool {
    return this.kept.overflow;
  }

  /** The decoded text, empty when it was cut or only measured. The view is good until feed() has returned. */
  get text(): View {
    if (this.isOnePiece) return this.piece;
    this.keptView.length = this.kept.overflow ? 0 : this.kept.length;
    return this.keptView;
  }

  /** Reads bytes `[start, end)` up to the closing quote; returns the index after what was read. */
  feed(view: View, start: i32, end: i32): i32 {
    let here = start;
    while (here < end) {
      if (this.escape != 0) {
        this.escaped(view.byteAt(here++));
        continue;
      }
      let stop = indexOfStringSpecial(view, here);
      if (stop > end) stop = end;
      if (this.length == 0 && stop < end && view.byteAt(stop) == Ascii.Quote && this.showWhole(view, here, stop)) return stop + 1;
      if (stop > here) this.plain(view, here, stop);
      here = stop;
      if (here >= end) break;
      const byte = view.byteAt(here);
      if (byte == Ascii.Quote) {
        this.dropHigh();
        this.closed = true;
        return here + 1;
      }
      // A bare control character is not JSON, but servers that send one mean it as text.
      if (byte == Ascii.Backslash) this.escape = 1;
      else this.plain(view, here, here + 1);
      here++;
    }
    return here;
  }

  /** Nothing was read before, and `[start, end)` is all of the string. False: it is too long to be shown, or half a surrogate waits. */
  private showWhole(view: View, start: i32, end: i32): bool {
    if (this.high != 0 || end - start > this.kept.limit) return false;
    this.length = end - start;
    this.closed = true;
    if (!this.keeps) return true;
    this.isOnePiece = true;
    view.aim(this.piece, start, end);
    return true;
  }

  /** Takes a scalar that is no string, byte for byte. */
  plain(view: View, start: i32, end: i32): void {
    this.dropHigh();
    this.length += end - start;
    if (this.keeps) this.kept.range(view, start, end);
  }

  private escaped(byte: i32): void {
    if (this.escape == 1) {
      this.escape = 0;
      if (byte == Ascii.LowerU) {
        this.escape = 2;
        this.code = 0;
      } else this.unit(simpleEscape(byte));
      return;
    }
    const digit = hexValue(byte);
    if (digit < 0) {
      this.escape = 0;
      this.unit(REPLACEMENT);
      return;
    }
    this.code = (this.code << 4) | digit;
    if (++this.escape > 5) {
      this.escape = 0;
      this.unit(this.code);
    }
  }

  /** Takes one UTF-16 unit and joins surrogates. */
  private unit(code: i32): void {
    if (this.high != 0 && (code & 0xfc00) == 0xdc00) {
      const whole = 0x10000 + ((this.high & 0x3ff) << 10) + (code & 0x3ff);
      this.high = 0;
      this.append(whole);
      return;
    }
    this.dropHigh();
    if ((code & 0xfc00) == 0xd800) this.high = code;
    else this.append((code & 0xfc00) == 0xdc00 ? REPLACEMENT : code);
  }

  private dropHigh(): void {
    if (this.high == 0) return;
    this.high = 0;
    this.append(REPLACEMENT);
  }

  private append(code: i32): void {
    this.length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (this.keeps) appendCodePoint(this.kept, code);
  }
}

/** What the letter after a backslash stands for; an unknown letter stands for itself. */
function simpleEscape(letter: i32): i32 {
  switch (letter) {
    case Ascii.LowerB:
      return 8;
    case Ascii.LowerF:
      return 12;
    case Ascii.LowerN:
      return 10;
    case Ascii.LowerR:
      return 13;
    case Ascii.LowerT:
      return 9;
    default:
      return letter;
  }
}
