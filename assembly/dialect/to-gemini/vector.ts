// Embedding vectors as OpenAI's base64 form: 32-bit floats, little-endian.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";

/** Appends a JSON string with the base64 of the numbers in the array `values`. */
export function writeVector(doc: JsonDocument, values: i32, out: Buffer): void {
  out.byte(Ascii.Quote);
  let bits: u32 = 0;
  let held = 0;
  for (let item = doc.first(values); item != NONE; item = doc.next(item)) {
    const word = reinterpret<u32>(<f32>parseNumber(doc.kind(item) == JsonKind.Number ? doc.raw(item) : View.empty()));
    for (let shift = 0; shift < 32; shift += 8) {
      bits = (bits << 8) | ((word >> (<u32>shift)) & 0xff);
      held++;
      if (held < 3) continue;
      writeGroup(out, bits, 4);
      bits = 0;
      held = 0;
    }
  }
  if (held > 0) {
    writeGroup(out, bits << u32((3 - held) * 8), held + 1);
    for (let k = held; k < 3; k++) out.byte(Ascii.Equals);
  }
  out.byte(Ascii.Quote);
}

/** The first `digits` of the four base64 digits of 24 bits. */
function writeGroup(out: Buffer, bits: u32, digits: i32): void {
  for (let k = 0; k < digits; k++) {
    const value = <i32>((bits >> (<u32>(18 - 6 * k))) & 63);
    if (value < 26) out.byte(Ascii.UpperA + value);
    else if (value < 52) out.byte(Ascii.LowerA + value - 26);
    else if (value < 62) out.byte(Ascii.Digit0 + value - 52);
    else out.byte(value == 62 ? Ascii.Plus : Ascii.Slash);
  }
}

/**
 * The value of a JSON number. Nineteen digits of the mantissa count, which is far more than a 32-bit float holds.
 * 0 for no digits.
 */
export function parseNumber(raw: View): f64 {
  let here = 0;
  const negative = raw.at(0) == Ascii.Hyphen;
  if (negative) here++;
  let mantissa: u64 = 0;
  let taken = 0;
  let exponent = 0;
  let fraction = false;
  for (; here < raw.length; here++) {
    const byte = raw.at(here);
    if (byte == Ascii.Dot) {
      fraction = true;
      continue;
    }
    const digit = byte - Ascii.Digit0;
    if (<u32>digit > 9) break;
    if (taken < 19) {
      mantissa = mantissa * 10 + <u64>digit;
      if (mantissa > 0) taken++;
      if (fraction) exponent--;
    } else if (!fraction) exponent++;
  }
  if ((raw.at(here) | 0x20) == Ascii.LowerE) exponent += parseExponent(raw, here + 1);
  const value = scale(<f64>mantissa, exponent);
  return negative ? -value : value;
}

/** Clamped: beyond ±1000 every double is zero or infinite. */
function parseExponent(raw: View, start: i32): i32 {
  let here = start;
  const negative = raw.at(here) == Ascii.Hyphen;
  if (negative || raw.at(here) == Ascii.Plus) here++;
  let value = 0;
  for (; here < raw.length && value < 1000; here++) value = value * 10 + (raw.at(here) - Ascii.Digit0);
  return negative ? -value : value;
}

function scale(mantissa: f64, exponent: i32): f64 {
  if (mantissa == 0) return 0;
  let value = mantissa;
  let rest = exponent < 0 ? -exponent : exponent;
  if (rest > 400) return exponent < 0 ? 0 : Infinity;
  // Powers up to 10^22 are exact doubles, so a usual number is divided once and rounded once.
  while (rest > 0) {
    let power: f64 = 1;
    for (let step = rest > 22 ? 22 : rest; step > 0; step--) {
      power *= 10;
      rest--;
    }
    value = exponent < 0 ? value / power : value * power;
  }
  return value;
}
