// A compiled regular expression: instructions for a Pike machine, which takes time linear in the input whatever the pattern.

/** Instructions; x and y are their operands. */
export const enum Op {
  /** x: code point. */
  Char,
  /** Any code point but line feed. */
  Any,
  /** x: index of the class. */
  Class,
  /** Try x first, then y. */
  Split,
  Jump,
  /** x: slot. */
  Save,
  /** x: Assertion. */
  Assert,
  Match,
}

export const enum Assertion {
  TextStart,
  TextEnd,
  WordBoundary,
  NotWordBoundary,
}

/** Instructions that one pattern may compile to. */
export const MAX_PROGRAM: i32 = 2000;
/** Groups that are captured, the whole match among them. */
export const MAX_GROUPS: i32 = 16;

/** A set of code points as ranges. */
@final
export class CharClass {
  private ranges: Array<i32> = [];
  negated: bool = false;

  add(low: i32, high: i32): void {
    this.ranges.push(low);
    this.ranges.push(high);
  }

  /** Adds all that `other` matches. */
  addAll(other: CharClass): void {
    const ranges = other.ranges;
    if (!other.negated) {
      for (let k = 0; k + 1 < ranges.length; k += 2) this.add(ranges[k], ranges[k + 1]);
      return;
    }
    // The ranges of the built-in classes are sorted, so the gaps between them are the complement.
    let low = 0;
    for (let k = 0; k + 1 < ranges.length; k += 2) {
      if (ranges[k] > low) this.add(low, ranges[k] - 1);
      low = ranges[k + 1] + 1;
    }
    this.add(low, 0x10ffff);
  }

  has(code: i32, ignoreCase: bool): bool {
    let found = this.holds(code);
    if (!found && ignoreCase) {
      const letter = code | 0x20;
      if (<u32>(letter - 0x61) < 26) found = this.holds(code ^ 0x20);
    }
    return found != this.negated;
  }

  private holds(code: i32): bool {
    const ranges = this.ranges;
    for (let k = 0; k + 1 < ranges.length; k += 2) if (code >= ranges[k] && code <= ranges[k + 1]) return true;
    return false;
  }
}

@final
export class Program {
  ops: Array<i32> = [];
  x: Array<i32> = [];
  y: Array<i32> = [];
  classes: Array<CharClass> = [];
  ignoreCase: bool = false;
  /** Captured groups, the whole match among them. */
  groups: i32 = 1;
  /** Names of the groups, "" for those without. */
  names: Array<string> = [""];

  get size(): i32 {
    return this.ops.length;
  }

  /** Appends an instruction and returns its index; past MAX_PROGRAM nothing is added and the parser reports it. */
  emit(op: Op, x: i32, y: i32 = 0): i32 {
    if (this.ops.length <= MAX_PROGRAM) {
      this.ops.push(op);
      this.x.push(x);
      this.y.push(y);
    }
    return this.ops.length - 1;
  }
}

/** `\d`, `\w`, `\s`: ASCII, as in RE2. */
export function builtinClass(letter: i32): CharClass | null {
  const made = new CharClass();
  switch (letter | 0x20) {
    case 0x64: // d
      made.add(0x30, 0x39);
      break;
    case 0x77: // w
      made.add(0x30, 0x39);
      made.add(0x41, 0x5a);
      made.add(0x5f, 0x5f);
      made.add(0x61, 0x7a);
      break;
    case 0x73: // s
      made.add(0x09, 0x0a);
      made.add(0x0c, 0x0d);
      made.add(0x20, 0x20);
      break;
    default:
      return null;
  }
  made.negated = (letter & 0x20) == 0;
  return made;
}
