// Reads a pattern and writes its program in one pass. Pieces of program hold only relative jumps, so an operator that
// comes after its operand (a*, a|b, a{2,3}) wraps or repeats what was just written; no tree is made.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { readBrackets } from "./brackets";
import { CharClass } from "./char-class";
import { isAsciiLetter, isUtf8, isWordPoint, pointOf, readPoint, widthOf } from "../../json/code-point";
import { escapedPoint, explainEscape, readEscape } from "./escapes";
import { MAX_INSTRUCTIONS, Op, Program } from "./program";
import { RepeatReader } from "./repeat";
import { writeRepeat } from "./repeat-writer";

/** Bytes of a pattern. */
const MAX_PATTERN_BYTES: i32 = 1024;
/** Capturing groups of a pattern. */
const MAX_GROUPS: i32 = 32;
/** Groups within groups; bounds the recursion of the parser. */
const MAX_DEPTH: i32 = 100;

const enum Flag {
  AnyCase = 1,
  MultiLine = 2,
  DotAll = 4,
  SwapGreed = 8,
}

@final
export class Parser {
  program: Program = new Program();
  private at: i32 = 0;
  private depth: i32 = 0;
  private flags: i32 = 0;
  private problem: string = "";
  private repeat: RepeatReader = new RepeatReader();

  constructor(private pattern: View) {}

  /** Fills `program`; "" or what is wrong and where. To be called once. */
  parse(): string {
    if (this.pattern.length > MAX_PATTERN_BYTES) return "the expression is longer than " + MAX_PATTERN_BYTES.toString() + " bytes";
    if (!isUtf8(this.pattern)) return "the expression is not valid UTF-8";
    this.alternatives();
    if (this.problem.length == 0 && this.at < this.pattern.length) this.fail("a closing parenthesis without its opening one", this.at);
    this.program.emit(Op.Match);
    this.checkSize();
    return this.problem;
  }

  /** Keeps the first problem and moves to the end, which ends every loop. */
  private fail(what: string, where: i32): bool {
    if (this.problem.length == 0) this.problem = what + " (at byte " + where.toString() + ")";
    this.at = this.pattern.length;
    return true;
  }

  private checkSize(): void {
    if (this.program.isFull) this.fail("more than " + MAX_INSTRUCTIONS.toString() + " instructions when repeats are written out", this.at);
  }

  private peek(): i32 {
    return this.pattern.at(this.at);
  }

  /** a|b|c up to a closing parenthesis or the end; true when it can match without reading. */
  private alternatives(): bool {
    const program = this.program;
    let start = program.length;
    let nullable = this.sequence();
    // Jumps to the common end, each holding the place of the one before it until the end is known.
    let lastJump = -1;
    while (this.peek() == Ascii.Pipe) {
      this.at++;
      program.insert(start, Op.Split, 1, program.length - start + 2);
      program.emit(Op.Jump, lastJump);
      lastJump = program.length - 1;
      start = program.length;
      if (this.sequence()) nullable = true;
    }
    if (program.isFull) return nullable;
    while (lastJump >= 0) {
      const previous = program.first(lastJump);
      program.setFirst(lastJump, program.length - lastJump);
      lastJump = previous;
    }
    return nullable;
  }

  private sequence(): bool {
    let nullable = true;
    while (this.at < this.pattern.length && this.peek() != Ascii.Pipe && this.peek() != Ascii.RightParenthesis) {
      if (this.readFlags()) continue;
      if (!this.term()) nullable = false;
      this.checkSize();
    }
    return nullable;
  }

  /** One atom with its repeat. */
  private term(): bool {
    const start = this.program.length;
    const nullable = this.atom();
    const repeat = this.repeat;
    const from = this.at;
    this.at = repeat.read(this.pattern, from);
    if (this.at == from) return nullable;
    if (repeat.problem.length != 0) return this.fail(repeat.problem, from);
    if (repeat.read(this.pattern, this.at) != this.at) {
      const isPossessive = this.peek() == Ascii.Plus;
      return this.fail(isPossessive ? "a possessive repeat is not supported" : "a repeat of a repeat", this.at);
    }
    repeat.read(this.pattern, from);
    const isLazy = repeat.isLazy != ((this.flags & Flag.SwapGreed) != 0);
    return writeRepeat(this.program, start, nullable, repeat.least, repeat.most, isLazy);
  }

  /** One element that a repeat can follow; true when it can match without reading. */
  private atom(): bool {
    const from = this.at;
    const first = this.peek();
    switch (first) {
      case Ascii.LeftParenthesis: // (
        return this.group();
      case Ascii.LeftBracket: // [
        return this.brackets();
      case Ascii.Backslash: // backslash
        return this.escape();
      case Ascii.Dot: // .
        this.at++;
        this.program.emit((this.flags & Flag.DotAll) != 0 ? Op.Any : Op.AnyButNewline);
        return false;
      case Ascii.Caret: // ^
        return this.assertion((this.flags & Flag.MultiLine) != 0 ? Op.BeginLine : Op.BeginText, 1);
      case Ascii.Dollar: // $
        return this.assertion((this.flags & Flag.MultiLine) != 0 ? Op.EndLine : Op.EndText, 1);
      default:
        if (this.repeat.read(this.pattern, from) != from) return this.fail("nothing to repeat", from);
        const read = readPoint(this.pattern, from);
        this.at += max(1, widthOf(read));
        this.literal(pointOf(read));
        return false;
    }
  }

  private assertion(op: Op, width: i32): bool {
    this.at += width;
    this.program.emit(op);
    return true;
  }

  private literal(point: i32): void {
    const anyCase = (this.flags & Flag.AnyCase) != 0 && isAsciiLetter(point);
    if (anyCase) this.program.emit(Op.CharAnyCase, point | 0x20);
    else this.program.emit(Op.Char, point);
  }

  private escape(): bool {
    const letter = this.pattern.at(this.at + 1);
    if (letter == Ascii.UpperA) return this.assertion(Op.BeginText, 2);
    if (letter == Ascii.LowerZ) return this.assertion(Op.EndText, 2);
    if (letter == Ascii.LowerB) return this.assertion(Op.WordBoundary, 2);
    if (letter == Ascii.UpperB) return this.assertion(Op.NotWordBoundary, 2);
    const named = new CharClass();
    if (named.addNamed(letter)) {
      this.at += 2;
      this.program.emitClass(named);
      return false;
    }
    const end = readEscape(this.pattern, this.at);
    if (end < 0) return this.fail(explainEscape(this.pattern, this.at), this.at);
    this.at = end;
    this.literal(escapedPoint);
    return false;
  }

  private brackets(): bool {
    const read = readBrackets(this.pattern, this.at, (this.flags & Flag.AnyCase) != 0);
    if (read.problem.length != 0) return this.fail(read.problem, read.end);
    this.at = read.end;
    this.program.emitClass(read.set);
    return false;
  }

  private group(): bool {
    const opening = this.at;
    const flags = this.flags;
    if (++this.depth > MAX_DEPTH) return this.fail("groups are nested more than " + MAX_DEPTH.toString() + " deep", opening);
    let number = 0;
    if (this.pattern.at(opening + 1) != Ascii.QuestionMark) {
      this.at = opening + 1;
      number = this.openCapture(View.empty(), opening);
    } else if (this.pattern.startsWithAt(opening, "(?P<")) number = this.openNamed(opening, opening + 4);
    else if (this.isNamed(opening)) number = this.openNamed(opening, opening + 3);
    else if (!this.openFlags(Ascii.Colon)) this.fail(this.explainGroup(opening), opening);
    const nullable = this.alternatives();
    if (this.peek() == Ascii.RightParenthesis) this.at++;
    else this.fail("a group that is not closed", opening);
    if (number > 0) this.program.emit(Op.Save, number * 2 + 1);
    this.flags = flags;
    this.depth--;
    return nullable;
  }

  private isNamed(opening: i32): bool {
    const mark = this.pattern.at(opening + 3);
    return this.pattern.startsWithAt(opening, "(?<") && mark != Ascii.Equals && mark != Ascii.ExclamationMark;
  }

  /** Starts a capture; its number, or 0 after a problem. */
  private openCapture(name: View, opening: i32): i32 {
    const names = this.program.names;
    if (names.length > MAX_GROUPS) {
      this.fail("more than " + MAX_GROUPS.toString() + " capturing groups", opening);
      return 0;
    }
    names.push(name.copy());
    this.program.emit(Op.Save, (names.length - 1) * 2);
    return names.length - 1;
  }

  private openNamed(opening: i32, start: i32): i32 {
    let end = start;
    while (isWordPoint(this.pattern.at(end))) end++;
    if (this.pattern.at(end) != Ascii.GreaterThan || end == start) {
      this.fail("a group's name must be letters, digits and underscores between < and >", opening);
      return 0;
    }
    this.at = end + 1;
    return this.openCapture(this.pattern.slice(start, end), opening);
  }

  /** Reads (?flags), which holds to the end of the group around it; false when something else stands here. */
  private readFlags(): bool {
    return this.pattern.startsWithAt(this.at, "(?") && this.openFlags(Ascii.RightParenthesis);
  }

  /** Reads (?flags and `closing` at the position, a parenthesis or a colon; false, and nothing read, when it is not that. */
  private openFlags(closing: i32): bool {
    let flags = this.flags;
    let isOff = false;
    let isComplete = true;
    let here = this.at + 2;
    for (; this.pattern.at(here) != closing; here++) {
      const letter = this.pattern.at(here);
      const flag = flagOf(letter);
      if (flag == 0 && (letter != Ascii.Hyphen || isOff)) return false;
      isComplete = flag != 0;
      if (flag == 0) isOff = true;
      else if (isOff) flags &= ~flag;
      else flags |= flag;
    }
    if (!isComplete) return false;
    this.flags = flags;
    this.at = here + 1;
    return true;
  }

  private explainGroup(opening: i32): string {
    const pattern = this.pattern;
    if (pattern.startsWithAt(opening, "(?=") || pattern.startsWithAt(opening, "(?!")) return "a look-ahead is not supported";
    if (pattern.startsWithAt(opening, "(?<")) return "a look-behind is not supported";
    if (pattern.startsWithAt(opening, "(?>")) return "an atomic group is not supported";
    if (pattern.startsWithAt(opening, "(?P=")) return "a back-reference is not supported";
    return "an unknown kind of group, (? takes <name>, : or the flags i, m, s and U";
  }
}

function flagOf(letter: i32): i32 {
  switch (letter) {
    case Ascii.LowerI:
      return Flag.AnyCase;
    case Ascii.LowerM:
      return Flag.MultiLine;
    case Ascii.LowerS:
      return Flag.DotAll;
    case Ascii.UpperU:
      return Flag.SwapGreed;
    default:
      return 0;
  }
}
