// Numbers as JSON spells them: where one ends, and the value of a whole one.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { JsonFault, isDigit } from "./kind";

/** What readWhole returns for a number that is not whole. */
export const NOT_WHOLE: i64 = i64.MIN_VALUE;
/** Larger magnitudes are cut to this; every limit in the schema is below it. */
const LARGEST: i64 = 1 << 53;

/** Index after the number that begins at `start`; below 0, -JsonFault.Truncated or -JsonFault.BadNumber. */
export function numberEnd(text: View, start: i32): i32 {
  let here = start;
  if (text.at(here) == Ascii.Hyphen) here++;
  const lead = text.at(here);
  if (!isDigit(lead)) return lead < 0 ? -JsonFault.Truncated : -JsonFault.BadNumber;
  here++;
  if (lead == Ascii.Digit0) {
    if (isDigit(text.at(here))) return -JsonFault.BadNumber;
  } else here = digitsEnd(text, here);
  if (text.at(here) == Ascii.Dot) {
    here++;
    if (!isDigit(text.at(here))) return here >= text.length ? -JsonFault.Truncated : -JsonFault.BadNumber;
    here = digitsEnd(text, here);
  }
  if ((text.at(here) | 0x20) == Ascii.LowerE && here < text.length) {
    here++;
    if (text.at(here) == Ascii.Plus || text.at(here) == Ascii.Hyphen) here++;
    if (!isDigit(text.at(here))) return here >= text.length ? -JsonFault.Truncated : -JsonFault.BadNumber;
    here = digitsEnd(text, here);
  }
  return here;
}

// @ts-ignore: decorator
@inline
function digitsEnd(text: View, start: i32): i32 {
  let here = start;
  while (isDigit(text.byteAt(here))) here++;
  return here;
}

/**
 * The value of a valid JSON number when it is whole, else NOT_WHOLE. Envoy writes the numbers of a Struct as doubles, so 1e+08 is
 * read as 100000000.
 */
export function readWhole(number: View): i64 {
  return readScaled(number, 0);
}

/** The value times 10^`places` when that is whole, else NOT_WHOLE: exact, as no float is between. */
export function readScaled(number: View, places: i32): i64 {
  let at = number.at(0) == Ascii.Hyphen ? 1 : 0;
  const isNegative = at == 1;
  let value: i64 = 0;
  // Digits after the point lower the exponent; zeros at the end are held back, as 1.50e1 is whole.
  let zeros = 0;
  let exponent = 0;
  let inFraction = false;
  for (; at < number.length; at++) {
    const byte = number.byteAt(at);
    if (byte == Ascii.Dot) {
      inFraction = true;
      continue;
    }
    const digit = byte - Ascii.Digit0;
    if (<u32>digit > 9) break;
    if (inFraction) exponent--;
    if (digit == 0) {
      zeros++;
      continue;
    }
    for (; zeros > 0; zeros--) value = withDigit(value, 0);
    value = withDigit(value, digit);
  }
  if (value == 0) return 0;
  exponent += zeros + places + readExponent(number, at);
  if (exponent < 0) return NOT_WHOLE;
  for (; exponent > 0 && value <= LARGEST; exponent--) value *= 10;
  value = min(value, LARGEST);
  return isNegative ? -value : value;
}

/** One more digit, unless the value is too large already. */
function withDigit(value: i64, digit: i32): i64 {
  return value > LARGEST ? value : value * 10 + <i64>digit;
}

/** The exponent at the `e` at `at`, cut to ±100000; 0 without. */
function readExponent(number: View, at: i32): i32 {
  if ((number.at(at) | 0x20) != Ascii.LowerE) return 0;
  at++;
  const isNegative = number.at(at) == Ascii.Hyphen;
  if (isNegative || number.at(at) == Ascii.Plus) at++;
  let value = 0;
  for (; at < number.length && value < 100000; at++) value = value * 10 + (number.at(at) - Ascii.Digit0);
  return isNegative ? -value : value;
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
    const byte = raw.byteAt(here);
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
  if ((raw.at(here) | 0x20) == Ascii.LowerE) exponent += exponentOfFloat(raw, here + 1);
  const value = scale(<f64>mantissa, exponent);
  return negative ? -value : value;
}

/** Clamped: beyond ±1000 every double is zero or infinite. */
function exponentOfFloat(raw: View, start: i32): i32 {
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
