// Times as RFC 3339 writes them: `2027-01-31T00:00:00Z`.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

/** What readTime() has for a text that is no time. */
export const NO_TIME: i64 = i64.MIN_VALUE;
const SHAPE: string = "0000-00-00T00:00:00";
/** Days from 0000-03-01 to 1970-01-01, and days in 400 years. */
const EPOCH_DAYS: i64 = 719468;
const ERA_DAYS: i64 = 146097;

/** Seconds since 1970, a fraction left out; NO_TIME for any other text. The 29th of February counts in every year. */
export function readTime(text: View): i64 {
  for (let k = 0; k < SHAPE.length; k++) {
    const wanted = SHAPE.charCodeAt(k);
    if (wanted == Ascii.Digit0 ? !isDigit(text, k) : text.at(k) != wanted) return NO_TIME;
  }
  const month = pair(text, 5);
  const day = pair(text, 8);
  const hour = pair(text, 11);
  const minute = pair(text, 14);
  const second = pair(text, 17);
  if (month < 1 || month > 12 || day < 1 || day > daysOf(month) || hour > 23 || minute > 59 || second > 59) return NO_TIME;
  const offset = readOffset(text, afterFraction(text));
  if (offset == NO_TIME) return NO_TIME;
  const time = daysUntil(pair(text, 0) * 100 + pair(text, 2), month, day) * 24 + hour;
  return (time * 60 + minute) * 60 + second - offset;
}

function isDigit(text: View, at: i32): bool {
  return <u32>(text.at(at) - Ascii.Digit0) < 10;
}

function pair(text: View, at: i32): i32 {
  return (text.at(at) - Ascii.Digit0) * 10 + text.at(at + 1) - Ascii.Digit0;
}

function daysOf(month: i32): i32 {
  // The odd months up to July have 31, and the even ones from August on.
  return month == 2 ? 29 : 30 + ((month + (month >> 3)) & 1);
}

/** Where the zone stands: after the seconds, and a fraction of at least one digit. */
function afterFraction(text: View): i32 {
  let at = SHAPE.length;
  if (text.at(at) != Ascii.Dot || !isDigit(text, at + 1)) return at;
  at++;
  while (isDigit(text, at)) at++;
  return at;
}

/** The seconds that the zone, which ends the text, is ahead. */
function readOffset(text: View, at: i32): i64 {
  const sign = text.at(at);
  if (sign == Ascii.UpperZ) return at + 1 == text.length ? 0 : NO_TIME;
  if ((sign != Ascii.Plus && sign != Ascii.Hyphen) || text.length != at + 6 || text.at(at + 3) != Ascii.Colon) return NO_TIME;
  for (let k = 1; k < 6; k++) if (k != 3 && !isDigit(text, at + k)) return NO_TIME;
  const hours = pair(text, at + 1);
  const minutes = pair(text, at + 4);
  if (hours > 23 || minutes > 59) return NO_TIME;
  const seconds = (hours * 60 + minutes) * 60;
  return sign == Ascii.Plus ? seconds : -seconds;
}

/** Days from 1970 until the date (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
function daysUntil(year: i32, month: i32, day: i32): i64 {
  // Years that begin in March put the leap day last; 400 years more keep them from being negative.
  const shifted = year + 400 - (month <= 2 ? 1 : 0);
  const era = shifted / 400;
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return <i64>(era - 1) * ERA_DAYS + dayOfEra - EPOCH_DAYS;
}
