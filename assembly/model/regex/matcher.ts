// Runs a program over bytes: Pike's simulation of all alternatives at once, in order of preference, so that time is
// bounded by input × program whatever the pattern, and the match is the one a backtracking engine (and Go) would find.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { isWordPoint, pointOf, readPoint, widthOf } from "../../json/code-point";
import { Op, Program } from "./program";

/**
 * Work allowed to one replacement, or to all expressions of one mapping for one name: 35 to 100 ms, measured on V8. A single search of
 * a sensible pattern stays far below
 * it; finding *all* matches may look at the rest of the input once per match (`.*x|a`), which took minutes for 4 KB
 * before there was a limit, and it is the client who chooses the input.
 */
const MAX_STEPS: i32 = 1_000_000;

/** Instructions reached at one position, most preferred first, each with its captures. A sparse set: clearing is O(1). */
@final
class ThreadList {
  size: i32 = 0;
  dense: StaticArray<i32> = new StaticArray<i32>(0);
  sparse: StaticArray<i32> = new StaticArray<i32>(0);
  captures: StaticArray<i32> = new StaticArray<i32>(0);

  reserve(instructions: i32, cells: i32): void {
    if (this.dense.length < instructions) {
      this.dense = new StaticArray<i32>(instructions);
      this.sparse = new StaticArray<i32>(instructions);
    }
    if (this.captures.length < cells) this.captures = new StaticArray<i32>(cells);
  }

  has(index: i32): bool {
    const place = this.sparse[index];
    return place < this.size && this.dense[place] == index;
  }

  /** Adds an instruction that is not in the list; its place. */
  add(index: i32): i32 {
    const place = this.size++;
    this.dense[place] = index;
    this.sparse[index] = place;
    return place;
  }
}

/**
 * The memory of a search. One serves all programs, since a search never starts within another; `reserve` is called when
 * a program is compiled, after that nothing is allocated.
 */
@final
export class Matcher {
  /** Instructions looked at since `begin`. */
  steps: i32 = 0;
  private slots: i32 = 0;
  private now: ThreadList = new ThreadList();
  private next: ThreadList = new ThreadList();
  /** Captures of the thread being followed, and of the best match so far. */
  private current: StaticArray<i32> = new StaticArray<i32>(0);
  private best: StaticArray<i32> = new StaticArray<i32>(0);
  /** What is still to follow: an instruction, or (as ~slot) a capture to set back to `stackValues`. */
  private stack: StaticArray<i32> = new StaticArray<i32>(0);
  private stackValues: StaticArray<i32> = new StaticArray<i32>(0);

  /** Makes room for `program`. Allocates when it is larger than all before. */
  reserve(program: Program): void {
    const cells = program.length * program.slots;
    this.now.reserve(program.length, cells);
    this.next.reserve(program.length, cells);
    if (this.current.length < program.slots) {
      this.current = new StaticArray<i32>(program.slots);
      this.best = new StaticArray<i32>(program.slots);
    }
    // Each instruction is followed once per position and leaves at most two entries, beside the first one.
    const depth = program.length * 2 + 2;
    if (this.stack.length < depth) {
      this.stack = new StaticArray<i32>(depth);
      this.stackValues = new StaticArray<i32>(depth);
    }
  }

  /** Starts a new budget of steps. */
  begin(): void {
    this.steps = 0;
  }

  /** True once the budget is used up: what `find` said last is no response. */
  get isExhausted(): bool {
    return this.steps > MAX_STEPS;
  }

  /** Start of a group of the last match, -1 when it took no part. `group` must be one of the program's. */
  groupStart(group: i32): i32 {
    return this.best[group * 2];
  }

  groupEnd(group: i32): i32 {
    return this.best[group * 2 + 1];
  }

  /** Finds the leftmost match that starts at `from` or later; ^ and \b see the whole input. */
  find(program: Program, input: View, from: i32): bool {
    this.slots = program.slots;
    this.now.size = 0;
    this.next.size = 0;
    const isAnchored = program.isAnchored;
    let found = false;
    let at = from;
    while (!this.isExhausted) {
      if (!found && (at == 0 || !isAnchored)) {
        for (let slot = 0; slot < this.slots; slot++) this.current[slot] = -1;
        this.current[0] = at;
        this.follow(this.now, program, input, 0, at);
      }
      if (this.now.size == 0) break;
      const read = readPoint(input, at);
      if (this.advance(program, input, at, read)) found = true;
      if (widthOf(read) == 0) break;
      at += widthOf(read);
      const done = this.now;
      this.now = this.next;
      this.next = done;
      done.size = 0;
      if (found && this.now.size == 0) break;
    }
    return found && !this.isExhausted;
  }

  /** Lets every thread take the code point at `at`; true when one had matched, which ends those it is preferred to. */
  private advance(program: Program, input: View, at: i32, read: i32): bool {
    const threads = this.now;
    const point = widthOf(read) == 0 ? -1 : pointOf(read);
    for (let place = 0; place < threads.size; place++) {
      this.steps++;
      const index = threads.dense[place];
      if (program.op(index) == Op.Match) {
        this.load(this.best, place);
        this.best[1] = at;
        return true;
      }
      if (point < 0 || !takes(program, index, point)) continue;
      this.load(this.current, place);
      this.follow(this.next, program, input, index + 1, at + widthOf(read));
    }
    return false;
  }

  /** Copies the captures kept at `place` of the present list. */
  private load(target: StaticArray<i32>, place: i32): void {
    const base = place * this.slots;
    for (let slot = 0; slot < this.slots; slot++) target[slot] = this.now.captures[base + slot];
  }

  /** Adds `index` and all that is reached from it without reading, in order of preference. */
  private follow(list: ThreadList, program: Program, input: View, index: i32, at: i32): void {
    let top = this.push(0, index, 0);
    while (top > 0) {
      top--;
      this.steps++;
      const here = this.stack[top];
      if (here < 0) {
        this.current[~here] = this.stackValues[top];
        continue;
      }
      if (list.has(here)) continue;
      const place = list.add(here);
      switch (program.op(here)) {
        case Op.Jump:
          top = this.push(top, here + program.first(here), 0);
          break;
        case Op.Split:
          top = this.push(top, here + program.second(here), 0);
          top = this.push(top, here + program.first(here), 0);
          break;
        case Op.Save: {
          const slot = program.first(here);
          top = this.push(top, ~slot, this.current[slot]);
          this.current[slot] = at;
          top = this.push(top, here + 1, 0);
          break;
        }
        case Op.BeginText:
        case Op.EndText:
        case Op.BeginLine:
        case Op.EndLine:
        case Op.WordBoundary:
        case Op.NotWordBoundary:
          if (holds(program.op(here), input, at)) top = this.push(top, here + 1, 0);
          break;
        default: {
          const base = place * this.slots;
          for (let slot = 0; slot < this.slots; slot++) list.captures[base + slot] = this.current[slot];
        }
      }
    }
  }

  private push(top: i32, entry: i32, value: i32): i32 {
    this.stack[top] = entry;
    this.stackValues[top] = value;
    return top + 1;
  }
}

/** True when the instruction reads `point`. Instructions that read nothing do not. */
function takes(program: Program, index: i32, point: i32): bool {
  switch (program.op(index)) {
    case Op.Char:
      return point == program.first(index);
    case Op.CharAnyCase:
      return (point | 0x20) == program.first(index);
    case Op.Any:
      return true;
    case Op.AnyButNewline:
      return point != Ascii.LineFeed;
    case Op.Class:
      return program.rangesHold(program.first(index), program.second(index), point);
    default:
      return false;
  }
}

/** True when the assertion is met between the bytes before and at `at`. */
function holds(op: i32, input: View, at: i32): bool {
  switch (op) {
    case Op.BeginText:
      return at == 0;
    case Op.EndText:
      return at == input.length;
    case Op.BeginLine:
      return at == 0 || input.at(at - 1) == Ascii.LineFeed;
    case Op.EndLine:
      return at == input.length || input.at(at) == Ascii.LineFeed;
    default: {
      const isBoundary = isWordPoint(input.at(at - 1)) != isWordPoint(input.at(at));
      return isBoundary == (op == Op.WordBoundary);
    }
  }
}
