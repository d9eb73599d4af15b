// Code points in UTF-8 bytes, read as Go reads them: a byte that starts no valid sequence is U+FFFD, one byte wide.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { appendCodePoint } from "./text";

/** Largest code point of Unicode. */
export const MAX_CODE_POINT: i32 = 0x10ffff;
/** What a byte that is not UTF-8 reads as. */
const REPLACEMENT: i32 = 0xfffd;

/** Code point and width in one number, so that reading allocates nothing. */
// @ts-ignore: decorator
@inline
function packed(point: i32, width: i32): i32 {
  return (point << 3) | width;
}

/** The code point of a value of `readPoint`. */
// @ts-ignore: decorator
@inline
export function pointOf(read: i32): i32 {
  return read >> 3;
}

/** The number of bytes of a value of `readPoint`: 0 at the end, else 1…4. */
// @ts-ignore: decorator
@inline
export function widthOf(read: i32): i32 {
  return read & 7;
}

/** The six bits of a continuation byte, or -1 for any other byte. */
// @ts-ignore: decorator
@inline
function continuation(text: View, at: i32): i32 {
  const byte = text.byteAt(at);
  return byte >= 0x80 && byte < 0xc0 ? byte & 0x3f : -1;
}

/** Reads the code point at `at`; take the response apart with `pointOf` and `widthOf`. Width 0 outside the text. */
export function readPoint(text: View, at: i32): i32 {
  const lead = text.byteAt(at);
  if (lead < 0) return packed(0, 0);
  if (lead < 0x80) return packed(lead, 1);
  const wrong = packed(REPLACEMENT, 1);
  if (lead < 0xc2 || lead > 0xf4) return wrong;
  const second = continuation(text, at + 1);
  if (second < 0) return wrong;
  if (lead < 0xe0) return packed(((lead & 0x1f) << 6) | second, 2);
  const third = continuation(text, at + 2);
  if (third < 0) return wrong;
  if (lead < 0xf0) {
    const point = ((lead & 0x0f) << 12) | (second << 6) | third;
    const isSurrogate = point >= 0xd800 && point < 0xe000;
    return point < 0x800 || isSurrogate ? wrong : packed(point, 3);
  }
  const fourth = continuation(text, at + 3);
  if (fourth < 0) return wrong;
  const point = ((lead & 0x07) << 18) | (second << 12) | (third << 6) | fourth;
  return point < 0x10000 || point > MAX_CODE_POINT ? wrong : packed(point, 4);
}

/** True when every byte belongs to a valid sequence. */
export function isUtf8(text: View): bool {
  let at = 0;
  while (at < text.length) {
    const read = readPoint(text, at);
    if (pointOf(read) == REPLACEMENT && widthOf(read) == 1) return false;
    at += widthOf(read);
  }
  return true;
}

/** The text with U+FFFD in place of each byte that belongs to no valid sequence: itself when there is none. */
export function validUtf8(text: View): View {
  if (isUtf8(text)) return text;
  const out = new Buffer(text.length + 16);
  for (let at = 0; at < text.length; ) {
    const read = readPoint(text, at);
    if (pointOf(read) == REPLACEMENT && widthOf(read) == 1) appendCodePoint(out, REPLACEMENT);
    else out.range(text, at, at + widthOf(read));
    at += widthOf(read);
  }
  return out.toView();
}

/** True for the code points of `\w`: ASCII letters, digits and the underscore. */
export function isWordPoint(point: i32): bool {
  return isAsciiLetter(point) || isAsciiDigit(point) || point == Ascii.Underscore;
}

/** True for A to Z and a to z. */
export function isAsciiLetter(point: i32): bool {
  return <u32>((point | 0x20) - Ascii.LowerA) < 26 && point < 0x80;
}

/** True for 0 to 9. */
export function isAsciiDigit(point: i32): bool {
  return <u32>(point - Ascii.Digit0) < 10;
}
