// An index over JSON bytes for readers that need random access (configuration, translators): six integers a value,
// no objects, no copies. Pass-through requests never build one; they read with JsonCursor.

import { Ascii } from "../bytes/ascii";
import { lengthened } from "../bytes/integers";
import { View } from "../bytes/view";
import { JsonCursor, JsonFault, JsonKind, escapedEquals } from "./cursor";
import { decodeString } from "./text";

/** Values that one document may hold: bounds the index at 48 MiB whatever the peer sends. */
export const MAX_NODES: i32 = 1 << 21;

/** Bytes of text, and integers of an index, above which a document is emptied by releaseDocuments(). */
const LARGE_TEXT: i32 = 64 << 10;
const LARGE_INDEX: i32 = 16 << 10;

/** Documents that have read something large since the last releaseDocuments(). */
let large: Array<JsonDocument> = [];

/**
 * Empties the documents that have read something large, so that none keeps the memory of its largest text while its stream
 * waits for the next one. To be called at the end of a callback whose documents outlive it.
 */
export function releaseDocuments(): void {
  if (large.length == 0) return;
  for (let k = 0; k < large.length; k++) large[k].empty();
  large = [];
}

/** Integers a node takes: kind, start, end, key start, key end, next sibling. */
const WIDTH: i32 = 6;
const KIND: i32 = 0;
const START: i32 = 1;
const END: i32 = 2;
const KEY_START: i32 = 3;
const KEY_END: i32 = 4;
const NEXT: i32 = 5;

/** No node: what look-ups of absent things return. Every method accepts it. */
export const NONE: i32 = -1;

@final
export class JsonDocument {
  private cells: StaticArray<i32> = new StaticArray<i32>(64 * WIDTH);
  private count: i32 = 0;
  private isLarge: bool = false;
  /** While it is read: the innermost open container. */
  private open: i32 = NONE;
  private cursor: JsonCursor = new JsonCursor();
  view: View = View.empty();

  /** Fault of the last parse and where it was found. */
  fault: JsonFault = JsonFault.None;
  faultAt: i32 = 0;

  /** Indexes the one JSON value in `view`; the root is node 0. False on a fault. The document can be used again. */
  parse(view: View): bool {
    this.view = view;
    this.count = 0;
    const cursor = this.cursor.reset(view);
    const parsed = this.readTree(cursor) && cursor.atEnd();
    this.fault = parsed ? JsonFault.None : this.fault != JsonFault.None ? this.fault : cursor.fault;
    this.faultAt = cursor.position;
    if (!this.isLarge && (view.length > LARGE_TEXT || this.cells.length > LARGE_INDEX)) {
      this.isLarge = true;
      large.push(this);
    }
    return parsed;
  }

  /** Forgets the text and its index. */
  empty(): void {
    this.isLarge = false;
    this.view = View.empty();
    this.count = 0;
    this.cursor.reset(this.view);
    if (this.cells.length > LARGE_INDEX) this.cells = new StaticArray<i32>(64 * WIDTH);
  }

  private readTree(cursor: JsonCursor): bool {
    this.fault = JsonFault.None;
    this.open = NONE;
    const isWhole = this.readValues(cursor);
    while (this.open >= 0) this.close(0);
    return isWhole;
  }

  /** Iterative. While a container is open its NEXT holds the container around it, and its END the last child. */
  private readValues(cursor: JsonCursor): bool {
    let keyStart = 0;
    let keyEnd = 0;
    while (true) {
      const node = this.add(keyStart, keyEnd);
      if (node < 0) return false;
      const parent = this.open;
      if (parent >= 0) {
        const older = this.cell(parent, END);
        if (older >= 0) this.put(older, NEXT, node);
        this.put(parent, END, node);
      }
      const kind = cursor.kind();
      this.put(node, KIND, kind);
      if (kind == JsonKind.Object || kind == JsonKind.Array) {
        this.put(node, START, cursor.position);
        if (!(kind == JsonKind.Object ? cursor.beginObject() : cursor.beginArray())) return false;
        this.put(node, NEXT, parent);
        this.put(node, END, NONE);
        this.open = node;
      } else {
        if (!cursor.skipValue()) return false;
        this.put(node, START, cursor.valueStart);
        this.put(node, END, cursor.valueEnd);
      }
      // Move to the next value: close every container that ends here.
      while (this.open >= 0) {
        const isObject = this.cell(this.open, KIND) == JsonKind.Object;
        if (isObject ? cursor.nextKey() : cursor.nextItem()) {
          keyStart = isObject ? cursor.keyStart : 0;
          keyEnd = isObject ? cursor.keyEnd : 0;
          break;
        }
        if (cursor.fault != JsonFault.None) return false;
        this.close(cursor.position);
      }
      if (this.open < 0) break;
    }
    return true;
  }

  /** Ends the innermost open container. */
  private close(end: i32): void {
    const node = this.open;
    this.open = this.cell(node, NEXT);
    this.put(node, END, end);
    this.put(node, NEXT, NONE);
  }

  private add(keyStart: i32, keyEnd: i32): i32 {
    const node = this.count;
    if (node >= MAX_NODES) {
      this.fault = JsonFault.TooManyValues;
      return NONE;
    }
    if ((node + 1) * WIDTH > this.cells.length) this.grow();
    this.count = node + 1;
    this.put(node, KIND, JsonKind.None);
    this.put(node, START, 0);
    this.put(node, END, 0);
    this.put(node, KEY_START, keyStart);
    this.put(node, KEY_END, keyEnd);
    this.put(node, NEXT, NONE);
    return node;
  }

  /** Integers that the index has room for. */
  get room(): i32 {
    return this.cells.length;
  }

  /** Makes room for as many nodes as the text has if it goes on as it began: from five quarters of what there is to four times. */
  private grow(): void {
    const expected = (<f64>this.view.length / <f64>max(this.cursor.position, 1)) * 1.05;
    const nodes = <i32>(<f64>this.count * min(max(expected, 1.25), 4.0));
    this.cells = lengthened(this.cells, min(nodes + 1, MAX_NODES) * WIDTH);
  }

  // @ts-ignore: decorator
  @inline
  private put(node: i32, field: i32, value: i32): void {
    unchecked((this.cells[node * WIDTH + field] = value));
  }

  // @ts-ignore: decorator
  @inline
  private cell(node: i32, field: i32): i32 {
    return unchecked(this.cells[node * WIDTH + field]);
  }

  private has(node: i32): bool {
    return <u32>node < <u32>this.count;
  }

  /** None for NONE. */
  kind(node: i32): JsonKind {
    return this.has(node) ? <JsonKind>this.cell(node, KIND) : JsonKind.None;
  }

  isObject(node: i32): bool {
    return this.kind(node) == JsonKind.Object;
  }

  isArray(node: i32): bool {
    return this.kind(node) == JsonKind.Array;
  }

  isString(node: i32): bool {
    return this.kind(node) == JsonKind.String;
  }

  /** Offset of the value's first byte, 0 for NONE. */
  start(node: i32): i32 {
    return this.has(node) ? this.cell(node, START) : 0;
  }

  /** Offset after the value's last byte, 0 for NONE. */
  end(node: i32): i32 {
    return this.has(node) ? this.cell(node, END) : 0;
  }

  /** First item of an array or member of an object, or NONE. */
  first(node: i32): i32 {
    const kind = this.kind(node);
    if (kind != JsonKind.Object && kind != JsonKind.Array) return NONE;
    const child = node + 1;
    return this.has(child) && this.cell(child, START) < this.cell(node, END) ? child : NONE;
  }

  /** The item or member after `node`, or NONE. */
  next(node: i32): i32 {
    return this.has(node) ? this.cell(node, NEXT) : NONE;
  }

  /** The member `name` (ASCII) of an object, the last one when it stands there twice; else NONE. */
  get(node: i32, name: string): i32 {
    if (!this.isObject(node)) return NONE;
    let found = NONE;
    for (let child = this.first(node); child != NONE; child = this.next(child)) {
      if (this.keyIs(child, name)) found = child;
    }
    return found;
  }

  /** True when the member's key, escapes decoded, equals `name` (ASCII). */
  keyIs(node: i32, name: string): bool {
    if (!this.has(node)) return false;
    const start = this.cell(node, KEY_START);
    const end = this.cell(node, KEY_END);
    if (end - start == name.length) return this.view.equalsRange(start, end, name);
    // A longer spelling of the same key has escapes.
    return end - start > name.length && escapedEquals(this.view, start, end, name);
  }

  /** The first of `names[from, to)` (ASCII) that the member's key, escapes decoded, equals, or -1. */
  keyAmong(node: i32, names: StaticArray<string>, from: i32, to: i32): i32 {
    if (!this.has(node)) return -1;
    const start = this.cell(node, KEY_START);
    const end = this.cell(node, KEY_END);
    for (let k = from; k < to && k < names.length; k++) {
      const name = names[k];
      // A longer spelling of the same key has escapes.
      if (end - start < name.length) continue;
      if (end - start == name.length ? this.view.equalsRange(start, end, name) : escapedEquals(this.view, start, end, name)) return k;
    }
    return -1;
  }

  /** The member's key as it is spelt, without quotes. */
  rawKey(node: i32): View {
    return this.has(node) ? this.view.slice(this.cell(node, KEY_START), this.cell(node, KEY_END)) : View.empty();
  }

  /** The member's key, escapes decoded. */
  key(node: i32): View {
    if (!this.has(node) || this.cell(node, KEY_START) == 0) return View.empty();
    return decodeString(this.view, this.cell(node, KEY_START) - 1, this.cell(node, KEY_END) + 1);
  }

  /** The value's bytes as they are spelt, strings with their quotes; empty for NONE. */
  raw(node: i32): View {
    return this.view.slice(this.start(node), this.end(node));
  }

  /** As key(), shown by `window` when nothing is escaped: for a look that keeps nothing. */
  glanceKey(node: i32, window: View): View {
    if (!this.has(node)) return View.empty();
    this.view.show(window, this.cell(node, KEY_START), this.cell(node, KEY_END));
    return window.indexOf(Ascii.Backslash) < 0 ? window : this.key(node);
  }

  /** A string's text, escapes decoded; empty when the value is no string. A slice when nothing is escaped. */
  text(node: i32): View {
    return this.isString(node) ? decodeString(this.view, this.start(node), this.end(node)) : View.empty();
  }

  /** As text(), shown by `window` when nothing is escaped: for a look that keeps nothing. */
  glance(node: i32, window: View): View {
    if (!this.isString(node)) return View.empty();
    this.view.show(window, this.start(node) + 1, this.end(node) - 1);
    return window.indexOf(Ascii.Backslash) < 0 ? window : this.text(node);
  }

  /** True when the value is a string that decodes to `name` (ASCII). */
  textIs(node: i32, name: string): bool {
    return this.isString(node) && escapedEquals(this.view, this.start(node) + 1, this.end(node) - 1, name);
  }

  isTrue(node: i32): bool {
    return this.kind(node) == JsonKind.True;
  }

  isNull(node: i32): bool {
    return this.kind(node) == JsonKind.Null;
  }

  /** True when the value is there and is not null. */
  isSet(node: i32): bool {
    const kind = this.kind(node);
    return kind != JsonKind.None && kind != JsonKind.Null;
  }

  /** A whole number of up to 16 digits without sign, or `fallback`. Accepts a zero fraction (`5.0`). */
  integer(node: i32, fallback: i64): i64 {
    if (this.kind(node) != JsonKind.Number) return fallback;
    const raw = this.raw(node);
    const dot = raw.indexOf(Ascii.Dot);
    if (dot < 0) {
      const whole = raw.toInteger();
      return whole < 0 ? fallback : whole;
    }
    for (let k = dot + 1; k < raw.length; k++) if (raw.at(k) != Ascii.Digit0) return fallback;
    const whole = raw.slice(0, dot).toInteger();
    return whole < 0 ? fallback : whole;
  }

  /** Number of items or members. */
  size(node: i32): i32 {
    let count = 0;
    for (let child = this.first(node); child != NONE; child = this.next(child)) count++;
    return count;
  }
}
