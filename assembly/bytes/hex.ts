// Hexadecimal digits: what a digit is worth, and bytes written as digits.

import { Ascii } from "./ascii";
import { Buffer } from "./buffer";
import { View } from "./view";

/** The value 0 to 15 of a hexadecimal digit in either case, or -1 for any other byte (and for -1, the end of a view). */
export function hexValue(byte: i32): i32 {
  const digit = byte - Ascii.Digit0;
  if (<u32>digit < 10) return digit;
  const letter = (byte | 0x20) - Ascii.LowerA;
  return byte >= 0 && <u32>letter < 6 ? letter + 10 : -1;
}

/** The digit of a value from 0 to 15, in lower case. */
// @ts-ignore: decorator
@inline
export function hexDigit(value: i32): i32 {
  return value < 10 ? Ascii.Digit0 + value : Ascii.LowerA - 10 + value;
}

/** The same in upper case, as percent-encoding has it. */
// @ts-ignore: decorator
@inline
export function upperHexDigit(value: i32): i32 {
  return value < 10 ? Ascii.Digit0 + value : Ascii.UpperA - 10 + value;
}

/** Appends two lower-case digits for every byte. */
export function writeHex(out: Buffer, bytes: View): void {
  for (let k = 0; k < bytes.length; k++) {
    const byte = bytes.at(k);
    out.byte(hexDigit(byte >> 4));
    out.byte(hexDigit(byte & 15));
  }
}

/** Appends the sixteen lower-case digits of a number. */
export function writeHexNumber(out: Buffer, value: u64): void {
  for (let shift = 60; shift >= 0; shift -= 4) out.byte(hexDigit(<i32>((value >> (<u64>shift)) & 15)));
}
