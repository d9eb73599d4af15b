// The compiled form of a pattern: instructions whose jumps are relative, so that a piece of program can be moved or
// repeated as it is. A piece ends by falling through to what stands after it.

import { View } from "../../bytes/view";
import { CharClass } from "./char-class";

/** Instructions of one program; more is an error of the pattern. */
export const MAX_INSTRUCTIONS: i32 = 2000;

export const enum Op {
  /** One code point, `first`. */
  Char,
  /** One ASCII letter in either case; `first` is the lower-case one. */
  CharAnyCase,
  Any,
  AnyButNewline,
  /** One code point of the set of `second` ranges from cell `first` of `ranges`. */
  Class,
  /** Go on at +`first`, or, less preferred, at +`second`. */
  Split,
  /** Go on at +`first`. */
  Jump,
  /** Keep the position in capture slot `first`. */
  Save,
  BeginText,
  EndText,
  BeginLine,
  EndLine,
  WordBoundary,
  NotWordBoundary,
  Match,
}

/** Cells of one instruction: operation, first and second operand. */
const STRIDE: i32 = 3;

@final
export class Program {
  /** True when an instruction did not fit under MAX_INSTRUCTIONS. */
  isFull: bool = false;
  /** Names of the groups by number; an empty view for a group without one. Entry 0 is the whole match. */
  names: Array<View> = [View.empty()];
  private cells: Array<i32> = [];
  private ranges: Array<i32> = [];

  /** Number of instructions. */
  get length(): i32 {
    return this.cells.length / STRIDE;
  }

  /** Number of capture slots: two for the whole match and for each group. */
  get slots(): i32 {
    return this.names.length * 2;
  }

  /** True when a match can start at the start of the text only, so that no other place need be tried. */
  get isAnchored(): bool {
    for (let index = 0; index < this.length; index++) {
      if (this.op(index) != Op.Save) return this.op(index) == Op.BeginText;
    }
    return false;
  }

  /** The operation at `index`, which must be below `length`. */
  op(index: i32): i32 {
    return this.cells[index * STRIDE];
  }

  /** The first operand at `index`, which must be below `length`. */
  first(index: i32): i32 {
    return this.cells[index * STRIDE + 1];
  }

  /** The second operand at `index`, which must be below `length`. */
  second(index: i32): i32 {
    return this.cells[index * STRIDE + 2];
  }

  emit(op: Op, first: i32 = 0, second: i32 = 0): void {
    if (this.length >= MAX_INSTRUCTIONS) {
      this.isFull = true;
      return;
    }
    this.cells.push(op);
    this.cells.push(first);
    this.cells.push(second);
  }

  /** Puts an instruction before the one at `index`. Jumps within the moved piece stay right, as they are relative. */
  insert(index: i32, op: Op, first: i32, second: i32): void {
    const size = this.cells.length;
    this.emit(op, first, second);
    if (this.cells.length == size) return;
    const cells = this.cells;
    for (let k = size - 1; k >= index * STRIDE; k--) cells[k + STRIDE] = cells[k];
    cells[index * STRIDE] = op;
    cells[index * STRIDE + 1] = first;
    cells[index * STRIDE + 2] = second;
  }

  setFirst(index: i32, value: i32): void {
    if (index >= 0 && index < this.length) this.cells[index * STRIDE + 1] = value;
  }

  /** Removes the instructions from `index` on and returns their cells, for `paste`. */
  cut(index: i32): Array<i32> {
    return this.cells.splice(index * STRIDE);
  }

  /** Appends a piece that `cut` returned. */
  paste(piece: Array<i32>): void {
    for (let k = 0; k + 2 < piece.length; k += STRIDE) this.emit(piece[k], piece[k + 1], piece[k + 2]);
  }

  /** Appends an instruction that takes one code point of `set`. */
  emitClass(set: CharClass): void {
    set.normalise();
    this.emit(Op.Class, this.ranges.length, set.ranges.length / 2);
    for (let k = 0; k < set.ranges.length; k++) this.ranges.push(set.ranges[k]);
  }

  /** True when `point` is in the `count` ranges from cell `start`. */
  rangesHold(start: i32, count: i32, point: i32): bool {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      const cell = start + middle * 2;
      if (point < this.ranges[cell]) high = middle;
      else if (point > this.ranges[cell + 1]) low = middle + 1;
      else return true;
    }
    return false;
  }
}
