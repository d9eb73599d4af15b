// Amounts of money, exact: whole numbers of a small unit, which configurations and logs spell as decimals. No float is involved.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { NOT_WHOLE, numberEnd, readScaled } from "./number";

/** Decimals that an amount of a configuration may have. */
const MICRO: i32 = 6;
/** Decimals of what a request costs: a token at a price with MICRO decimals for a million. */
export const PICO: i32 = 12;
/** Decimals of seconds that are counted in milliseconds. */
export const MILLI: i32 = 3;
/** Decimals of what budgets and metrics count. */
export const NANO: i32 = 9;
/** Most that an amount of a configuration may be, in its unit of 10^-6. */
const MOST_MICROS: i64 = 1_000_000_000_000_000;

/** An amount in units of 10^-6; -1 when the text is none: not a number of JSON's, below 0, above 10^9, or with more decimals. */
export function readMicros(text: View): i64 {
  if (text.length == 0 || numberEnd(text, 0) != text.length) return -1;
  const value = readScaled(text, MICRO);
  return value == NOT_WHOLE || value < 0 || value > MOST_MICROS ? -1 : value;
}

/** Appends `value` (not below 0) in units of 10^-`places` as a decimal without zeros at its end. */
export function writeDecimal(out: Buffer, value: i64, places: i32): void {
  let unit: i64 = 1;
  for (let k = 0; k < places; k++) unit *= 10;
  out.integer(value / unit);
  let rest = value % unit;
  if (rest == 0) return;
  out.byte(Ascii.Dot);
  for (; rest > 0; rest %= unit) {
    unit /= 10;
    out.byte(Ascii.Digit0 + <i32>(rest / unit));
  }
}

/** `one` * `other`, both not below 0; what does not fit is cut to the largest number. */
export function times(one: i64, other: i64): i64 {
  return one > 0 && other > i64.MAX_VALUE / one ? i64.MAX_VALUE : one * other;
}

/** `one` + `other`, likewise. */
export function plus(one: i64, other: i64): i64 {
  return other > i64.MAX_VALUE - one ? i64.MAX_VALUE : one + other;
}

/** Billionths of what is given in 10^-12, rounded up: a budget never misses anything. */
export function toNano(pico: i64): i64 {
  return pico / 1000 + (pico % 1000 > 0 ? 1 : 0);
}
