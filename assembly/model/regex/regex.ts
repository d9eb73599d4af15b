// Regular expressions for the operator's model mapping: RE2's syntax (a subset) and Go's answers, in linear time.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { readPoint, widthOf } from "../../json/code-point";
import { Matcher } from "./matcher";
import { Parser } from "./parser";
import { Program } from "./program";
import { expandTemplate } from "./template";

/** Bytes of input that are searched; a longer one does not match. */
const MAX_INPUT_BYTES: i32 = 4096;

/** Shared by all expressions, see Matcher. */
const MATCHER: Matcher = new Matcher();

@final
export class Regex {
  private constructor(
    private program: Program,
    /** What is wrong with the pattern and at which byte; "" when it is fine. */
    public error: string,
  ) {}

  /**
   * Compiles a pattern of at most 1 KB. Never fails otherwise than by `error`; an expression with an error matches
   * nothing. Syntax: RE2 (https://github.com/google/re2/wiki/Syntax) without Unicode and POSIX classes, \Q and \C;
   * (?i) covers ASCII letters. The bytes of `pattern` are not kept.
   */
  static compile(pattern: View): Regex {
    const parser = new Parser(pattern);
    const error = parser.parse();
    if (error.length == 0) MATCHER.reserve(parser.program);
    return new Regex(parser.program, error);
  }

  /** Number of instructions: a search takes at most about four steps for each at each byte. */
  get size(): i32 {
    return this.program.length;
  }

  /** Steps that the last `replaceAll` of any expression took. */
  static get steps(): i32 {
    return MATCHER.steps;
  }

  /** True when it matches somewhere in `input`; an expression with an error matches nothing. */
  matches(input: View): bool {
    MATCHER.begin();
    return this.error.length == 0 && input.length <= MAX_INPUT_BYTES && MATCHER.find(this.program, input, 0);
  }

  /** True once the budget is used up: what the last search said is no response. */
  static get isExhausted(): bool {
    return MATCHER.isExhausted;
  }

  /** Starts a new budget of steps for the `replaceAll` that share one. */
  static begin(): void {
    MATCHER.begin();
  }

  /**
   * Appends `input` with every match replaced by `template`, as Go's ReplaceAllString does (an empty match right after a
   * match is left out). False, with `out` as it was, when nothing matches, the input is longer than MAX_INPUT_BYTES, or the
   * work would pass MAX_STEPS. What does not fit in `out` sets its `overflow`. With `shares` the steps of earlier expressions count, too.
   */
  replaceAll(input: View, template: View, out: Buffer, shares: bool = false): bool {
    if (!shares) MATCHER.begin();
    if (this.error.length != 0 || input.length > MAX_INPUT_BYTES) return false;
    const before = out.length;
    let copied = 0;
    let from = 0;
    let found = false;
    while (from <= input.length && !out.overflow && MATCHER.find(this.program, input, from)) {
      found = true;
      const start = MATCHER.groupStart(0);
      const end = MATCHER.groupEnd(0);
      out.range(input, copied, start);
      if (end > copied || start == 0) expandTemplate(template, this.program, MATCHER, input, out);
      copied = end;
      const width = max(1, widthOf(readPoint(input, from)));
      from = max(from + width, end);
    }
    if (MATCHER.isExhausted) {
      out.truncate(before);
      return false;
    }
    if (found) out.range(input, copied, input.length);
    return found;
  }
}

/** What is wrong with an operator's expression, "" for nothing. */
export function expressionMistake(pattern: View): string {
  const error = Regex.compile(pattern).error;
  return error.length == 0 ? "" : "not a regular expression that can be used: " + error;
}
