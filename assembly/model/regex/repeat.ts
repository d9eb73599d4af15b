// The operators that repeat: * + ? {n} {n,} {n,m}, each with a ? after it to prefer few.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { isAsciiDigit } from "../../json/code-point";

/** `most` of a repeat without an upper bound. */
export const UNLIMITED: i32 = -1;
/** Largest count in braces. */
const MAX_COUNT: i32 = 100;

/** Reads one operator. The fields tell of the last `read` that moved. */
@final
export class RepeatReader {
  least: i32 = 0;
  /** Upper bound or UNLIMITED. */
  most: i32 = 0;
  isLazy: bool = false;
  /** Why the counts are refused, or "". */
  problem: string = "";

  /** The position after the operator at `at`; `at` itself when none stands there, as for a brace that is a literal. */
  read(pattern: View, at: i32): i32 {
    let end = at;
    switch (pattern.at(at)) {
      case Ascii.Asterisk: // *
        end = this.set(0, UNLIMITED, at + 1);
        break;
      case Ascii.Plus: // +
        end = this.set(1, UNLIMITED, at + 1);
        break;
      case Ascii.QuestionMark: // ?
        end = this.set(0, 1, at + 1);
        break;
      case Ascii.LeftBrace: // {
        end = this.readCounts(pattern, at);
        break;
      default:
        break;
    }
    if (end == at) return at;
    this.isLazy = pattern.at(end) == Ascii.QuestionMark;
    return this.isLazy ? end + 1 : end;
  }

  private set(least: i32, most: i32, end: i32): i32 {
    this.least = least;
    this.most = most;
    this.problem = "";
    return end;
  }

  private readCounts(pattern: View, at: i32): i32 {
    let end = skipNumber(pattern, at + 1);
    if (end < 0) return at;
    const least = readCount(pattern, at + 1, end);
    let most = least;
    if (pattern.at(end) == Ascii.Comma) {
      const start = end + 1;
      if (pattern.at(start) == Ascii.RightBrace) {
        most = UNLIMITED;
        end = start;
      } else {
        end = skipNumber(pattern, start);
        if (end < 0) return at;
        most = readCount(pattern, start, end);
      }
    }
    if (pattern.at(end) != Ascii.RightBrace) return at;
    end = this.set(least, most, end + 1);
    if (least > MAX_COUNT || most > MAX_COUNT) this.problem = "a repeat count above " + MAX_COUNT.toString() + " is not supported";
    else if (most != UNLIMITED && most < least) this.problem = "a repeat with a lower bound above the upper one";
    return end;
  }
}

/** The end of the digits at `start`; -1 when there are none or a zero leads, which makes the brace a literal as in Go. */
function skipNumber(pattern: View, start: i32): i32 {
  let end = start;
  while (isAsciiDigit(pattern.at(end))) end++;
  if (end == start || (pattern.at(start) == Ascii.Digit0 && end - start > 1)) return -1;
  return end;
}

/** The number, or one above MAX_COUNT for all that are larger. */
function readCount(pattern: View, start: i32, end: i32): i32 {
  let value = 0;
  for (let at = start; at < end; at++) value = min(value * 10 + pattern.at(at) - Ascii.Digit0, MAX_COUNT + 1);
  return value;
}
