// What is wrong with a configuration, collected so that the operator sees all of it at once. No message may hold the
// value of a field that could be secret; keys, ids and names of types may be shown.

import { Place } from "./place";

/** Lines of each kind that are kept; more are counted. Bounds the log whatever the configuration. */
const MAX_LINES: i32 = 100;

@final
export class Problem {
  constructor(
    /** JSON pointer (RFC 6901) to the value; "" is the whole configuration. */
    public pointer: string,
    public message: string,
    /** False for what is only worth a warning. */
    public isError: bool,
  ) {}

  /** One line for the log. */
  toString(): string {
    return (this.pointer.length == 0 ? "configuration" : this.pointer) + ": " + this.message;
  }
}

@final
export class Report {
  /** What refuses the start. */
  problems: Array<Problem> = [];
  /** Warnings, and the errors of what was isolated. */
  warnings: Array<Problem> = [];
  /** Rules and catalogue entries that were isolated. */
  isolated: i32 = 0;
  private droppedProblems: i32 = 0;
  private droppedWarnings: i32 = 0;
  private said: Set<string> = new Set<string>();

  problem(place: Place, message: string): void {
    if (this.problems.length >= MAX_LINES) this.droppedProblems++;
    else this.problems.push(new Problem(place.toString(), message, true));
  }

  /** `topic` is what the warning is about: each is given once. */
  warnOnce(topic: string, place: Place, message: string): void {
    if (this.said.has(topic)) return;
    if (this.warnings.length >= MAX_LINES) {
      this.droppedWarnings++;
      return;
    }
    this.said.add(topic);
    this.warnings.push(new Problem(place.toString(), message, false));
  }

  /** Number of problems so far, to see later whether more came. */
  mark(): i32 {
    return this.problems.length + this.droppedProblems;
  }

  /**
   * Moves the problems since `mark` to the warnings, where they stay errors, because they concern one rule or one catalogue
   * entry only. Returns the first as text, "" when there is none.
   */
  isolate(mark: i32): string {
    if (this.mark() == mark) return "";
    this.isolated++;
    // Dropped problems are dropped from the end, so when the list was full at the mark it holds none of these.
    let first = "more is wrong than can be listed";
    if (mark < this.problems.length) {
      first = this.problems[mark].toString();
      for (let k = mark; k < this.problems.length; k++) {
        if (this.warnings.length >= MAX_LINES) this.droppedWarnings++;
        else this.warnings.push(this.problems[k]);
      }
      this.problems.length = mark;
      this.droppedWarnings += this.droppedProblems;
      this.droppedProblems = 0;
    }
    return first;
  }

  /** Says how many lines were left out. Call once, at the end. */
  finish(): void {
    if (this.droppedProblems > 0) this.problems.push(leftOut(this.droppedProblems, true));
    if (this.droppedWarnings > 0) this.warnings.push(leftOut(this.droppedWarnings, false));
  }
}

function leftOut(count: i32, isError: bool): Problem {
  return new Problem("", count.toString() + " more are not shown", isError);
}
