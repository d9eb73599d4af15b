// Matching: a Pike machine over UTF-8. All threads advance together, so time is linear in the input; the first thread in
// order of preference wins, as in RE2 and Perl. Lists are made once per pattern; matching allocates nothing.

import { Buffer } from "../../bytes/buffer";
import { codePointAt, codePointSize } from "../../bytes/utf8";
import { View } from "../../bytes/view";
import { Parser } from "./parser";
import { Assertion, Op, Program } from "./program";

/** Longer inputs do not match: model names are short. */
const MAX_INPUT: i32 = 4096;

/** Threads in order of preference, each with its captures. */
@final
class ThreadList {
  counters: Array<i32> = [];
  captures: Array<i32> = [];
  count: i32 = 0;
  /** Step at which an instruction was added last: an instruction runs at most once per position. */
  private marks: Array<i32> = [];
  private mark: i32 = 0;

  constructor(size: i32, slots: i32) {
    for (let k = 0; k <= size; k++) {
      this.counters.push(0);
      this.marks.push(0);
    }
    for (let k = 0; k < (size + 1) * slots; k++) this.captures.push(-1);
  }

  clear(): void {
    this.count = 0;
    this.mark++;
  }

  /** True the first time that an instruction is added since clear(). */
  claim(counter: i32): bool {
    if (this.marks[counter] == this.mark) return false;
    this.marks[counter] = this.mark;
    return true;
  }
}

@final
export class Regex {
  /** What is wrong with the pattern, "" when it can be used. */
  error: string = "";
  private program: Program;
  private slots: i32;
  private current: ThreadList;
  private next: ThreadList;
  /** Captures of the thread being added, and of the match. */
  private working: Array<i32> = [];
  private best: Array<i32> = [];
  private matched: bool = false;
  /** Work left while a thread is added: an instruction, or (negative) a capture to put back and its value. */
  private stack: Array<i32> = [];

  private constructor(program: Program, error: string) {
    this.program = program;
    this.error = error;
    const slots = program.groups * 2;
    const size = error.length > 0 ? 0 : program.size;
    this.slots = slots;
    this.current = new ThreadList(size, slots);
    this.next = new ThreadList(size, slots);
    for (let k = 0; k < slots; k++) {
      this.working.push(-1);
      this.best.push(-1);
    }
  }

  /** Compiles a pattern; check `error` before use. */
  static compile(pattern: View): Regex {
    const parser = new Parser(pattern);
    const program = parser.compile();
    return new Regex(program, parser.error);
  }

  /**
   * Appends `input` with every match replaced by the template ($1, ${1}, $name, ${name}, $$), as Go's ReplaceAllString;
   * false when nothing matches.
   */
  replaceAll(input: View, template: View, out: Buffer): bool {
    if (this.error.length > 0 || input.length > MAX_INPUT) return false;
    let copied = 0;
    let from = 0;
    let found = false;
    while (from <= input.length && this.search(input, from)) {
      const start = this.best[0];
      const end = this.best[1];
      // An empty match right behind a match is skipped.
      if (end > start || start > copied || !found) {
        out.range(input, copied, start);
        this.expand(template, input, out);
        copied = end;
        found = true;
      }
      from = end > start ? end : end + max(1, codePointSize(input, end));
    }
    if (found) out.range(input, copied, input.length);
    return found;
  }

  /** Leftmost match at or after `from`; its captures are in `best`. */
  private search(input: View, from: i32): bool {
    this.matched = false;
    let list = this.current;
    let following = this.next;
    list.clear();
    let at = from;
    while (true) {
      if (!this.matched) {
        for (let k = 0; k < this.slots; k++) this.working[k] = -1;
        this.add(list, 0, input, at);
      }
      if (list.count == 0 && (this.matched || at >= input.length)) break;
      const code = codePointAt(input, at);
      const size = codePointSize(input, at);
      following.clear();
      this.step(list, following, input, at + size, code);
      const swap = list;
      list = following;
      following = swap;
      if (at >= input.length) break;
      at += size;
    }
    return this.matched;
  }

  /** Runs every thread on one code point (-1 at the end). */
  private step(list: ThreadList, following: ThreadList, input: View, after: i32, code: i32): void {
    const program = this.program;
    for (let k = 0; k < list.count; k++) {
      const counter = list.counters[k];
      const op = <Op>program.ops[counter];
      if (op == Op.Match) {
        for (let slot = 0; slot < this.slots; slot++) this.best[slot] = list.captures[k * this.slots + slot];
        this.matched = true;
        // Threads behind this one are less preferred.
        return;
      }
      if (code < 0 || !this.accepts(op, program.x[counter], code)) continue;
      for (let slot = 0; slot < this.slots; slot++) this.working[slot] = list.captures[k * this.slots + slot];
      this.add(following, counter + 1, input, after);
    }
  }

  private accepts(op: Op, operand: i32, code: i32): bool {
    const program = this.program;
    switch (op) {
      case Op.Char:
        return code == operand || (program.ignoreCase && <u32>(code - 0x41) < 26 && code + 0x20 == operand);
      case Op.Any:
        return code != 0x0a;
      case Op.Class:
        return program.classes[operand].has(code, program.ignoreCase);
      default:
        return false;
    }
  }

  /** Follows jumps from `start` and adds the threads that wait for a code point, in order of preference. */
  private add(list: ThreadList, start: i32, input: View, at: i32): void {
    const program = this.program;
    const stack = this.stack;
    stack.length = 0;
    stack.push(start);
    while (stack.length > 0) {
      const item = stack.pop();
      if (item < 0) {
        const old = stack.pop();
        this.working[-1 - item] = old;
        continue;
      }
      if (!list.claim(item)) continue;
      const x = program.x[item];
      switch (<Op>program.ops[item]) {
        case Op.Jump:
          stack.push(x);
          break;
        case Op.Split:
          stack.push(program.y[item]);
          stack.push(x);
          break;
        case Op.Save:
          // Put back after everything that follows from here: other branches must not see this capture.
          stack.push(this.working[x]);
          stack.push(-1 - x);
          this.working[x] = at;
          stack.push(item + 1);
          break;
        case Op.Assert:
          if (holds(<Assertion>x, input, at)) stack.push(item + 1);
          break;
        default:
          this.append(list, item);
      }
    }
  }

  private append(list: ThreadList, counter: i32): void {
    const place = list.count++;
    list.counters[place] = counter;
    for (let slot = 0; slot < this.slots; slot++) list.captures[place * this.slots + slot] = this.working[slot];
  }

  /** Appends the template with the groups of the last match. */
  private expand(template: View, input: View, out: Buffer): void {
    let here = 0;
    while (here < template.length) {
      const dollar = template.indexOf(0x24, here);
      if (dollar < 0) {
        out.range(template, here, template.length);
        return;
      }
      out.range(template, here, dollar);
      here = dollar + 1;
      if (template.at(here) == 0x24) {
        out.byte(0x24);
        here++;
        continue;
      }
      const braced = template.at(here) == 0x7b;
      const start = braced ? here + 1 : here;
      let end = start;
      while (isWord(template.at(end))) end++;
      if (end == start || (braced && template.at(end) != 0x7d)) {
        out.byte(0x24);
        continue;
      }
      const group = this.groupOf(template.slice(start, end));
      if (group >= 0 && this.best[group * 2] >= 0) out.range(input, this.best[group * 2], this.best[group * 2 + 1]);
      here = braced ? end + 1 : end;
    }
  }

  private groupOf(name: View): i32 {
    const number = name.toInteger();
    if (number >= 0) return number < <i64>this.program.groups ? <i32>number : -1;
    const text = name.toString();
    for (let k = 1; k < this.program.names.length; k++) if (this.program.names[k] == text) return k;
    return -1;
  }
}

function isWord(byte: i32): bool {
  return byte >= 0 && (<u32>((byte | 0x20) - 0x61) < 26 || <u32>(byte - 0x30) < 10 || byte == 0x5f);
}

function holds(assertion: Assertion, input: View, at: i32): bool {
  switch (assertion) {
    case Assertion.TextStart:
      return at == 0;
    case Assertion.TextEnd:
      return at == input.length;
    default: {
      const isBoundary = isWord(input.at(at - 1)) != isWord(input.at(at));
      return isBoundary == (assertion == Assertion.WordBoundary);
    }
  }
}
