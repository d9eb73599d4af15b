// Reads a class in brackets: [a-z_], [^/\s], []x].

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { CharClass } from "./char-class";
import { pointOf, readPoint, widthOf } from "../../json/code-point";
import { escapedPoint, explainEscape, readEscape } from "./escapes";

@final
class BracketsRead {
  set: CharClass = new CharClass();
  problem: string = "";

  /** `end` is the position after the class, or with a `problem` where that is. */
  constructor(public end: i32) {}

  refuse(problem: string, where: i32): BracketsRead {
    this.problem = problem;
    this.end = where;
    return this;
  }

  /** Reads one member at `end`, a code point or an escape of one: it, or -1 with a `problem`. */
  point(pattern: View): i32 {
    if (pattern.at(this.end) == Ascii.Backslash) {
      const after = readEscape(pattern, this.end);
      if (after < 0) {
        this.refuse(explainEscape(pattern, this.end), this.end);
        return -1;
      }
      this.end = after;
      return escapedPoint;
    }
    const read = readPoint(pattern, this.end);
    this.end += widthOf(read);
    return pointOf(read);
  }
}

/** Reads the class whose bracket opens at `opening`; with `anyCase` an ASCII letter stands for both cases. */
export function readBrackets(pattern: View, opening: i32, anyCase: bool): BracketsRead {
  const isNegated = pattern.at(opening + 1) == Ascii.Caret;
  const start = isNegated ? opening + 2 : opening + 1;
  const read = new BracketsRead(start);
  // A closing bracket in the first place is a member.
  while (pattern.at(read.end) != Ascii.RightBracket || read.end == start) {
    const here = read.end;
    if (here >= pattern.length) return read.refuse("a class that is not closed", opening);
    if (isPosixClass(pattern, here)) return read.refuse("a POSIX class [:name:] is not supported", here);
    if (pattern.at(here) == Ascii.Backslash && read.set.addNamed(pattern.at(here + 1))) {
      read.end = here + 2;
      continue;
    }
    const first = read.point(pattern);
    if (first < 0) return read;
    let last = first;
    const isRange = pattern.at(read.end) == Ascii.Hyphen && pattern.at(read.end + 1) != Ascii.RightBracket && read.end + 1 < pattern.length;
    if (isRange) {
      read.end++;
      last = read.point(pattern);
      if (last < 0) return read;
      if (last < first) return read.refuse("a range whose end is before its start", here);
    }
    if (anyCase) read.set.addFolded(first, last);
    else read.set.add(first, last);
  }
  read.end++;
  if (isNegated) read.set.negate();
  return read;
}

/** True for `[:` that a `:]` follows; without it they are members like others. */
function isPosixClass(pattern: View, at: i32): bool {
  if (!pattern.startsWithAt(at, "[:")) return false;
  for (let here = at + 2; here < pattern.length; here++) if (pattern.startsWithAt(here, ":]")) return true;
  return false;
}
