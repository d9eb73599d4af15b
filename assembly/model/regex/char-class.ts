// A set of code points while it is read from a pattern: ranges in any order, sorted and merged at the end.

import { Ascii } from "../../bytes/ascii";
import { MAX_CODE_POINT } from "../../json/code-point";

@final
export class CharClass {
  /** Pairs of first and last code point. */
  ranges: Array<i32> = [];

  add(first: i32, last: i32): void {
    this.ranges.push(first);
    this.ranges.push(last);
  }

  /** Adds the range and, for the ASCII letters in it, the other case. */
  addFolded(first: i32, last: i32): void {
    this.add(first, last);
    this.addShifted(first, last, Ascii.UpperA, Ascii.UpperZ, Ascii.Space);
    this.addShifted(first, last, Ascii.LowerA, Ascii.LowerZ, -0x20);
  }

  private addShifted(first: i32, last: i32, low: i32, high: i32, shift: i32): void {
    const from = max(first, low);
    const to = min(last, high);
    if (from <= to) this.add(from + shift, to + shift);
  }

  /**
   * Adds the set that `\d`, `\w`, `\s` and their upper-case complements name; false for any other letter. The sets are
   * ASCII, and `\s` lacks the vertical tab, as in RE2.
   */
  addNamed(letter: i32): bool {
    const named = new CharClass();
    switch (letter | 0x20) {
      case Ascii.LowerD:
        named.add(Ascii.Digit0, Ascii.Digit9);
        break;
      case Ascii.LowerW:
        named.add(Ascii.Digit0, Ascii.Digit9);
        named.add(Ascii.UpperA, Ascii.UpperZ);
        named.add(Ascii.Underscore, Ascii.Underscore);
        named.add(Ascii.LowerA, Ascii.LowerZ);
        break;
      case Ascii.LowerS:
        named.add(Ascii.Tab, Ascii.LineFeed);
        named.add(0x0c, Ascii.CarriageReturn);
        named.add(Ascii.Space, Ascii.Space);
        break;
      default:
        return false;
    }
    if (letter < Ascii.Backtick) named.negate();
    for (let k = 0; k + 1 < named.ranges.length; k += 2) this.add(named.ranges[k], named.ranges[k + 1]);
    return true;
  }

  /** Sorts the ranges and joins those that touch. Insertion sort: a pattern of 1 KB holds few. */
  normalise(): void {
    const sorted = this.ranges;
    for (let k = 2; k + 1 < sorted.length; k += 2) {
      const first = sorted[k];
      const last = sorted[k + 1];
      let hole = k;
      for (; hole >= 2 && sorted[hole - 2] > first; hole -= 2) {
        sorted[hole] = sorted[hole - 2];
        sorted[hole + 1] = sorted[hole - 1];
      }
      sorted[hole] = first;
      sorted[hole + 1] = last;
    }
    const merged: Array<i32> = [];
    for (let k = 0; k + 1 < sorted.length; k += 2) {
      const top = merged.length - 1;
      if (top > 0 && sorted[k] <= merged[top] + 1) merged[top] = max(merged[top], sorted[k + 1]);
      else {
        merged.push(sorted[k]);
        merged.push(sorted[k + 1]);
      }
    }
    this.ranges = merged;
  }

  /** Turns the set into all other code points. */
  negate(): void {
    this.normalise();
    const present = this.ranges;
    const rest: Array<i32> = [];
    let next = 0;
    for (let k = 0; k + 1 < present.length; k += 2) {
      if (present[k] > next) {
        rest.push(next);
        rest.push(present[k] - 1);
      }
      next = present[k + 1] + 1;
    }
    if (next <= MAX_CODE_POINT) {
      rest.push(next);
      rest.push(MAX_CODE_POINT);
    }
    this.ranges = rest;
  }
}
