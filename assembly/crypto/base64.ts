// Base64 (RFC 4648): the standard alphabet with padding, and the URL alphabet without.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** Appends `bytes` in the standard alphabet, padded. */
export function writeBase64(out: Buffer, bytes: View): void {
  write(out, bytes, 0x2b, 0x2f, true);
}

/** Appends `bytes` in the URL alphabet, without padding (JSON web tokens). */
export function writeBase64Url(out: Buffer, bytes: View): void {
  write(out, bytes, 0x2d, 0x5f, false);
}

function write(out: Buffer, bytes: View, plus: i32, slash: i32, padded: bool): void {
  for (let here = 0; here < bytes.length; here += 3) {
    const left = bytes.length - here;
    const second = left > 1 ? bytes.at(here + 1) : 0;
    const third = left > 2 ? bytes.at(here + 2) : 0;
    const bits = (bytes.at(here) << 16) | (second << 8) | third;
    out.byte(digit(bits >> 18, plus, slash));
    out.byte(digit((bits >> 12) & 63, plus, slash));
    if (left > 1) out.byte(digit((bits >> 6) & 63, plus, slash));
    else if (padded) out.byte(0x3d);
    if (left > 2) out.byte(digit(bits & 63, plus, slash));
    else if (padded) out.byte(0x3d);
  }
}

function digit(value: i32, plus: i32, slash: i32): i32 {
  if (value < 26) return 0x41 + value;
  if (value < 52) return 0x61 + value - 26;
  if (value < 62) return 0x30 + value - 52;
  return value == 62 ? plus : slash;
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
    if (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09) continue;
    if (byte == 0x3d) {
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

function valueOf(byte: i32): i32 {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41;
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61 + 26;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30 + 52;
  if (byte == 0x2b || byte == 0x2d) return 62;
  return byte == 0x2f || byte == 0x5f ? 63 : -1;
}
