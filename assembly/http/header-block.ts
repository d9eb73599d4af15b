// Headers in the ABI's wire form: u32 count, then for each header u32 name size and u32 value size, then the bytes of
// each name and value, each ended by a zero.

import { View } from "../bytes/view";

const number: View = new View(0, 0);

/** Walks the headers of a block once, in order; every offset is checked against the block. */
@final
export class HeaderWalker {
  private index: i32 = -1;
  private count: i32 = 0;
  private at: i32 = 0;
  nameStart: i32 = 0;
  nameEnd: i32 = 0;
  valueStart: i32 = 0;
  valueEnd: i32 = 0;

  constructor(private block: View) {
    this.reset(block);
  }

  /** Starts anew, before the first header of `block`. */
  reset(block: View): void {
    this.block = block;
    this.index = -1;
    this.count = block.word(0);
    this.at = 4 + this.count * 8;
    if (this.count < 0 || this.count > 65536) this.count = 0;
  }

  /** Moves to the next header; false after the last one. */
  next(): bool {
    this.index++;
    if (this.index >= this.count) return false;
    const nameSize = this.block.word(4 + this.index * 8);
    const valueSize = this.block.word(8 + this.index * 8);
    const most = <u32>this.block.length;
    if (<u32>nameSize > most || <u32>valueSize > most) return false;
    this.nameStart = this.at;
    this.nameEnd = this.at + nameSize;
    this.valueStart = this.nameEnd + 1;
    this.valueEnd = this.valueStart + valueSize;
    this.at = this.valueEnd + 1;
    return this.valueEnd <= this.block.length;
  }

  /** True when the header is called `name` (lower case). */
  nameIs(name: string): bool {
    return this.block.equalsRange(this.nameStart, this.nameEnd, name);
  }

  /** Bytes of the name. */
  get nameLength(): i32 {
    return this.nameEnd - this.nameStart;
  }

  /** The value; valid as long as the block. */
  value(): View {
    return this.block.slice(this.valueStart, this.valueEnd);
  }

  /** Makes `view`, which is the caller's own, a window on the value. */
  aimAtValue(view: View): void {
    this.block.aim(view, this.valueStart, this.valueEnd);
  }

  /** The value as a whole number, -1 when it is none. */
  integer(): i64 {
    this.aimAtValue(number);
    return number.toInteger();
  }
}
