// Base64 (RFC 4648): the standard alphabet with padding, and the URL alphabet without.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** Appends `bytes` in the standard alphabet, padded. */
export function writeBase64(out: Buffer, bytes: View): void {
  write(out, bytes, Ascii.Plus, Ascii.Slash, true);
}

/** Appends `bytes` in the URL alphabet, without padding (JSON web tokens). */
export function writeBase64Url(out: Buffer, bytes: View): void {
  write(out, bytes, Ascii.Hyphen, Ascii.Underscore, false);
}

function write(out: Buffer, bytes: View, digit62: i32, digit63: i32, isPadded: bool): void {
  for (let here = 0; here < bytes.length; here += 3) {
    const left = bytes.length - here;
    const second = left > 1 ? bytes.at(here + 1) : 0;
    const third = left > 2 ? bytes.at(here + 2) : 0;
    const bits = (bytes.at(here) << 16) | (second << 8) | third;
    out.byte(digit(bits >> 18, digit62, digit63));
    out.byte(digit((bits >> 12) & 63, digit62, digit63));
    if (left > 1) out.byte(digit((bits >> 6) & 63, digit62, digit63));
    else if (isPadded) out.byte(Ascii.Equals);
    if (left > 2) out.byte(digit(bits & 63, digit62, digit63));
    else if (isPadded) out.byte(Ascii.Equals);
  }
}

function digit(value: i32, digit62: i32, digit63: i32): i32 {
  if (value < 26) return Ascii.UpperA + value;
  if (value < 52) return Ascii.LowerA + value - 26;
  if (value < 62) return Ascii.Digit0 + value - 52;
  return value == 62 ? digit62 : digit63;
}

/**
 * Appends the bytes that `text` stands for; both alphabets are read, white space is passed over (PEM), padding may be left
 * out. False on any other character, on text after the padding and on a length that no bytes have; what was appended by then
 * must be thrown away.
 */
export function readBase64(text: View, out: Buffer): bool {
  let bits: u32 = 0;
  let held = 0;
  let padding = 0;
  for (let k = 0; k < text.length; k++) {
    const byte = text.at(k);
    if (byte == Ascii.Space || byte == Ascii.LineFeed || byte == Ascii.CarriageReturn || byte == Ascii.Tab) continue;
    if (byte == Ascii.Equals) {
      padding++;
      continue;
    }
    const value = valueOf(byte);
    if (value < 0 || padding > 0) return false;
    bits = (bits << 6) | (<u32>value);
    held++;
    if (held < 4) continue;
    out.byte(<i32>((bits >> 16) & 0xff));
    out.byte(<i32>((bits >> 8) & 0xff));
    out.byte(<i32>(bits & 0xff));
    held = 0;
    bits = 0;
  }
  if (held == 1 || padding > 2 || (padding > 0 && held + padding != 4)) return false;
  if (held >= 2) out.byte(<i32>((held == 2 ? bits >> 4 : bits >> 10) & 0xff));
  if (held == 3) out.byte(<i32>((bits >> 2) & 0xff));
  return !out.overflow;
}

/** The six bits of a digit of either alphabet, or -1. */
function valueOf(byte: i32): i32 {
  if (byte >= Ascii.UpperA && byte <= Ascii.UpperZ) return byte - Ascii.UpperA;
  if (byte >= Ascii.LowerA && byte <= Ascii.LowerZ) return byte - Ascii.LowerA + 26;
  if (byte >= Ascii.Digit0 && byte <= Ascii.Digit9) return byte - Ascii.Digit0 + 52;
  if (byte == Ascii.Plus || byte == Ascii.Hyphen) return 62;
  return byte == Ascii.Slash || byte == Ascii.Underscore ? 63 : -1;
}
