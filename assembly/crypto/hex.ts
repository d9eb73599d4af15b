// Bytes as lower-case hexadecimal digits.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** Appends two lower-case digits for every byte. */
export function writeHex(out: Buffer, bytes: View): void {
  for (let k = 0; k < bytes.length; k++) {
    const byte = bytes.at(k);
    out.byte(hexDigit(byte >> 4));
    out.byte(hexDigit(byte & 15));
  }
}

/** Appends the sixteen digits of a number. */
export function writeHexNumber(out: Buffer, value: u64): void {
  for (let shift = 60; shift >= 0; shift -= 4) out.byte(hexDigit(<i32>((value >> (<u64>shift)) & 15)));
}

// @ts-ignore: decorator
@inline
function hexDigit(value: i32): i32 {
  return value < 10 ? 0x30 + value : 0x57 + value;
}
