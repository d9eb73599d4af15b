// Times as AWS signs them: `20261124T153000Z`.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";

const SECONDS_PER_DAY: i64 = 86400;
/** Days from 0000-03-01 to 1970-01-01, and days in 400 years. */
const EPOCH_DAYS: i64 = 719468;
const ERA_DAYS: i64 = 146097;
/** 9999-12-31T23:59:59Z: later times do not have four digits of year. */
const LATEST_SECOND: i64 = 253402300799;

/** Appends the UTC time of `epochSeconds` (since 1970; clamped to 1970…9999). */
export function writeAmzDate(out: Buffer, epochSeconds: i64): void {
  const time = epochSeconds < 0 ? 0 : epochSeconds > LATEST_SECOND ? LATEST_SECOND : epochSeconds;
  const second = <i32>(time % SECONDS_PER_DAY);
  // Years that begin in March put the leap day last (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  const days = time / SECONDS_PER_DAY + EPOCH_DAYS;
  const era = days / ERA_DAYS;
  const dayOfEra = <i32>(days - era * ERA_DAYS);
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shifted = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * shifted + 2) / 5 + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + <i32>era * 400 + (month <= 2 ? 1 : 0);
  twoDigits(out, year / 100);
  twoDigits(out, year % 100);
  twoDigits(out, month);
  twoDigits(out, day);
  out.byte(Ascii.UpperT);
  twoDigits(out, second / 3600);
  twoDigits(out, (second / 60) % 60);
  twoDigits(out, second % 60);
  out.byte(Ascii.UpperZ);
}

function twoDigits(out: Buffer, value: i32): void {
  out.byte(Ascii.Digit0 + ((value / 10) % 10));
  out.byte(Ascii.Digit0 + (value % 10));
}
