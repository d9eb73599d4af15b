// Reads a pattern (a subset of RE2's syntax) into a tree of nodes and emits the program. Every limit is an error text.

import { View } from "../../bytes/view";
import { codePointAt, codePointSize } from "../../bytes/utf8";
import { Assertion, CharClass, MAX_GROUPS, MAX_PROGRAM, Op, Program, builtinClass } from "./program";

const MAX_PATTERN: i32 = 1024;
const MAX_NESTING: i32 = 50;
const MAX_REPEAT: i32 = 100;
const MAX_STEPS: i32 = 20000;

const enum NodeKind {
  Empty,
  /** One instruction: op, x. */
  Single,
  Concat,
  Alternate,
  Repeat,
  Group,
}

@final
class Node {
  children: Array<Node> = [];
  op: Op = Op.Match;
  x: i32 = 0;
  min: i32 = 0;
  /** -1: no upper bound. */
  max: i32 = 0;
  lazy: bool = false;
  /** Index of the captured group, -1 when it is not captured. */
  group: i32 = -1;

  constructor(public kind: NodeKind) {}
}

function single(op: Op, x: i32): Node {
  const node = new Node(NodeKind.Single);
  node.op = op;
  node.x = x;
  return node;
}

@final
export class Parser {
  private at: i32 = 0;
  private nesting: i32 = 0;
  /** Nodes emitted, repetitions counted: bounds patterns that repeat nothing a great many times. */
  private steps: i32 = 0;
  program: Program = new Program();
  /** What is wrong, "" while all is well. */
  error: string = "";

  constructor(private pattern: View) {}

  /** Compiles the pattern; on failure `error` is set and the program must not be run. */
  compile(): Program {
    if (this.pattern.length > MAX_PATTERN) return this.fail("the pattern is longer than 1024 bytes");
    if (this.pattern.startsWith("(?i)")) {
      this.program.ignoreCase = true;
      this.at = 4;
    }
    const tree = this.alternation();
    if (this.error.length == 0 && this.at < this.pattern.length) this.fail("unmatched )");
    if (this.error.length > 0) return this.program;
    this.program.emit(Op.Save, 0);
    this.emit(tree);
    this.program.emit(Op.Save, 1);
    this.program.emit(Op.Match, 0);
    if (this.program.size > MAX_PROGRAM) return this.fail("the pattern is too large");
    return this.program;
  }

  private fail(message: string): Program {
    if (this.error.length == 0) this.error = message + " (at byte " + this.at.toString() + " of the pattern)";
    return this.program;
  }

  private failNode(message: string): Node {
    this.fail(message);
    return new Node(NodeKind.Empty);
  }

  private peek(): i32 {
    return this.pattern.at(this.at);
  }

  private alternation(): Node {
    const first = this.sequence();
    if (this.peek() != 0x7c) return first;
    const node = new Node(NodeKind.Alternate);
    node.children.push(first);
    while (this.error.length == 0 && this.peek() == 0x7c) {
      this.at++;
      node.children.push(this.sequence());
    }
    return node;
  }

  private sequence(): Node {
    const node = new Node(NodeKind.Concat);
    while (this.error.length == 0) {
      const byte = this.peek();
      if (byte < 0 || byte == 0x7c || byte == 0x29) break;
      node.children.push(this.quantified(this.atom()));
    }
    return node;
  }

  private quantified(atom: Node): Node {
    if (this.error.length > 0) return atom;
    let min = 0;
    let max = -1;
    const byte = this.peek();
    if (byte == 0x2a) this.at++;
    else if (byte == 0x2b) {
      min = 1;
      this.at++;
    } else if (byte == 0x3f) {
      max = 1;
      this.at++;
    } else if (byte == 0x7b) {
      const close = this.pattern.indexOf(0x7d, this.at);
      const comma = this.pattern.indexOf(0x2c, this.at);
      if (close < 0) return this.failNode("a repetition has no }");
      const hasComma = comma >= 0 && comma < close;
      const low = this.pattern.slice(this.at + 1, hasComma ? comma : close).toInteger();
      const open = hasComma && comma + 1 == close;
      const high = open ? -1 : hasComma ? this.pattern.slice(comma + 1, close).toInteger() : low;
      if (low < 0 || low > MAX_REPEAT || (!open && (high < low || high > MAX_REPEAT))) {
        return this.failNode("a repetition must be {n}, {n,} or {n,m} with counts up to 100");
      }
      min = <i32>low;
      max = <i32>high;
      this.at = close + 1;
    } else return atom;
    const node = new Node(NodeKind.Repeat);
    node.children.push(atom);
    node.min = min;
    node.max = max;
    if (this.peek() == 0x3f) {
      node.lazy = true;
      this.at++;
    }
    const next = this.peek();
    if (next == 0x2a || next == 0x2b || next == 0x3f) return this.failNode("nested quantifiers are not supported");
    return node;
  }

  private atom(): Node {
    const byte = this.peek();
    switch (byte) {
      case 0x28:
        return this.group();
      case 0x5b:
        return this.bracket();
      case 0x2e:
        this.at++;
        return single(Op.Any, 0);
      case 0x5e:
        this.at++;
        return single(Op.Assert, Assertion.TextStart);
      case 0x24:
        this.at++;
        return single(Op.Assert, Assertion.TextEnd);
      case 0x5c:
        return this.escape();
      case 0x2a:
      case 0x2b:
      case 0x3f:
        return this.failNode("a quantifier has nothing to repeat");
      default:
        return this.literal();
    }
  }

  private literal(): Node {
    const code = codePointAt(this.pattern, this.at);
    this.at += codePointSize(this.pattern, this.at);
    return single(Op.Char, this.fold(code));
  }

  private fold(code: i32): i32 {
    return this.program.ignoreCase && <u32>(code - 0x41) < 26 ? code + 0x20 : code;
  }

  private group(): Node {
    this.at++;
    const node = new Node(NodeKind.Group);
    if (this.peek() == 0x3f && !this.groupKind(node)) return node;
    if (this.error.length > 0) return node;
    if (node.group == -1) this.capture(node, "");
    if (this.error.length > 0) return node;
    if (++this.nesting > MAX_NESTING) return this.failNode("groups are nested too deeply");
    node.children.push(this.alternation());
    this.nesting--;
    if (this.error.length == 0 && this.peek() != 0x29) return this.failNode("a group has no )");
    this.at++;
    return node;
  }

  private capture(node: Node, name: string): void {
    if (this.program.groups >= MAX_GROUPS) {
      this.fail("more than 15 groups");
      return;
    }
    node.group = this.program.groups++;
    this.program.names.push(name);
  }

  /** Reads what follows `(?`; false on an error. */
  private groupKind(node: Node): bool {
    if (this.pattern.startsWithAt(this.at, "?:")) {
      this.at += 2;
      node.group = -2;
      return true;
    }
    let start = -1;
    if (this.pattern.startsWithAt(this.at, "?P<")) start = this.at + 3;
    else if (this.pattern.startsWithAt(this.at, "?<")) start = this.at + 2;
    const first = start < 0 ? -1 : this.pattern.at(start);
    if (start < 0 || first == 0x3d || first == 0x21) {
      this.fail("look-around and flags inside the pattern are not supported");
      return false;
    }
    const close = this.pattern.indexOf(0x3e, start);
    if (close <= start) {
      this.fail("a group name has no >");
      return false;
    }
    this.capture(node, this.pattern.slice(start, close).toString());
    this.at = close + 1;
    return this.error.length == 0;
  }

  private escape(): Node {
    const letter = this.pattern.at(this.at + 1);
    if (letter < 0) return this.failNode("the pattern ends in a backslash");
    if (letter == 0x41 || letter == 0x7a || letter == 0x62 || letter == 0x42) {
      this.at += 2;
      return single(Op.Assert, assertionOf(letter));
    }
    const builtin = builtinClass(letter);
    if (builtin !== null) {
      this.at += 2;
      return this.classNode(builtin);
    }
    const code = this.escapedCode();
    return single(Op.Char, this.fold(code));
  }

  private classNode(set: CharClass): Node {
    this.program.classes.push(set);
    return single(Op.Class, this.program.classes.length - 1);
  }

  /** The code point of an escape that stands for one character; sets the error for any other. */
  private escapedCode(): i32 {
    const letter = this.pattern.at(this.at + 1);
    this.at += 2;
    switch (letter) {
      case 0x6e:
        return 10;
      case 0x72:
        return 13;
      case 0x74:
        return 9;
      case 0x66:
        return 12;
      case 0x76:
        return 11;
      case 0x78:
        return this.hexadecimal();
    }
    const isWord = <u32>((letter | 0x20) - 0x61) < 26 || <u32>(letter - 0x30) < 10;
    if (isWord || letter >= 0x80) this.fail("this escape is not supported");
    return letter;
  }

  private hexadecimal(): i32 {
    let start = this.at;
    let end = start + 2;
    if (this.peek() == 0x7b) {
      start++;
      end = this.pattern.indexOf(0x7d, start);
      this.at = end + 1;
    } else this.at = end;
    let code = 0;
    if (end <= start || end - start > 6 || end > this.pattern.length) this.fail("\\x needs hexadecimal digits");
    for (let k = start; k < end && this.error.length == 0; k++) {
      const digit = hexDigit(this.pattern.at(k));
      if (digit < 0) this.fail("\\x needs hexadecimal digits");
      code = (code << 4) | digit;
    }
    return code;
  }

  private bracket(): Node {
    const set = new CharClass();
    this.at++;
    let negated = false;
    if (this.peek() == 0x5e) {
      negated = true;
      this.at++;
    }
    let first = true;
    while (this.error.length == 0) {
      const byte = this.peek();
      if (byte < 0) return this.failNode("a character class has no ]");
      if (byte == 0x5d && !first) break;
      first = false;
      if (byte == 0x5b && this.pattern.at(this.at + 1) == 0x3a) return this.failNode("[:class:] is not supported");
      const builtin = byte == 0x5c ? builtinClass(this.pattern.at(this.at + 1)) : null;
      if (builtin !== null) {
        set.addAll(builtin);
        this.at += 2;
        continue;
      }
      const low = this.classCode();
      let high = low;
      if (this.peek() == 0x2d && this.pattern.at(this.at + 1) != 0x5d && this.pattern.at(this.at + 1) >= 0) {
        this.at++;
        high = this.classCode();
        if (high < low) return this.failNode("a range in a character class is the wrong way round");
      }
      set.add(low, high);
    }
    this.at++;
    set.negated = negated;
    return this.classNode(set);
  }

  private classCode(): i32 {
    if (this.peek() == 0x5c) return this.escapedCode();
    const code = codePointAt(this.pattern, this.at);
    this.at += codePointSize(this.pattern, this.at);
    return code;
  }

  private emit(node: Node): void {
    const program = this.program;
    if (program.size > MAX_PROGRAM) return;
    if (++this.steps > MAX_STEPS) {
      this.fail("the pattern is too large");
      return;
    }
    switch (node.kind) {
      case NodeKind.Single:
        program.emit(node.op, node.x);
        return;
      case NodeKind.Concat:
        for (let k = 0; k < node.children.length; k++) this.emit(node.children[k]);
        return;
      case NodeKind.Group:
        if (node.group >= 0) program.emit(Op.Save, node.group * 2);
        for (let k = 0; k < node.children.length; k++) this.emit(node.children[k]);
        if (node.group >= 0) program.emit(Op.Save, node.group * 2 + 1);
        return;
      case NodeKind.Alternate:
        this.emitAlternate(node);
        return;
      case NodeKind.Repeat:
        this.emitRepeat(node);
        return;
      default:
        return;
    }
  }

  private emitAlternate(node: Node): void {
    const program = this.program;
    const ends: Array<i32> = [];
    const last = node.children.length - 1;
    for (let k = 0; k < last; k++) {
      const split = program.emit(Op.Split, 0);
      program.x[split] = program.size;
      this.emit(node.children[k]);
      ends.push(program.emit(Op.Jump, 0));
      program.y[split] = program.size;
    }
    this.emit(node.children[last]);
    for (let k = 0; k < ends.length; k++) program.x[ends[k]] = program.size;
  }

  private emitRepeat(node: Node): void {
    const program = this.program;
    const child = node.children[0];
    for (let k = 0; k < node.min && this.error.length == 0; k++) this.emit(child);
    if (node.max < 0) {
      const split = program.emit(Op.Split, 0);
      const body = program.size;
      this.emit(child);
      program.emit(Op.Jump, split);
      this.point(split, body, program.size, node.lazy);
      return;
    }
    const splits: Array<i32> = [];
    const bodies: Array<i32> = [];
    for (let k = node.min; k < node.max && this.error.length == 0; k++) {
      splits.push(program.emit(Op.Split, 0));
      bodies.push(program.size);
      this.emit(child);
    }
    for (let k = 0; k < splits.length; k++) this.point(splits[k], bodies[k], program.size, node.lazy);
  }

  private point(split: i32, body: i32, after: i32, lazy: bool): void {
    this.program.x[split] = lazy ? after : body;
    this.program.y[split] = lazy ? body : after;
  }
}

function assertionOf(letter: i32): Assertion {
  if (letter == 0x41) return Assertion.TextStart;
  if (letter == 0x7a) return Assertion.TextEnd;
  return letter == 0x62 ? Assertion.WordBoundary : Assertion.NotWordBoundary;
}

function hexDigit(byte: i32): i32 {
  if (<u32>(byte - 0x30) < 10) return byte - 0x30;
  const letter = (byte | 0x20) - 0x61;
  return byte >= 0 && <u32>letter < 6 ? letter + 10 : -1;
}
