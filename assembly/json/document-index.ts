// The index behind a JsonDocument: six integers a value, no objects, no copies. It is filled in one pass of a JsonCursor.

import { lengthened } from "../bytes/integers";
import { View } from "../bytes/view";
import { JsonCursor } from "./cursor";
import { JsonFault, JsonKind } from "./kind";

/** Values that one document may hold: bounds the index at 48 MiB whatever the peer sends. */
const MAX_NODES: i32 = 1 << 21;

/** Bytes of text, and integers of an index, above which a document is emptied by releaseDocuments(). */
const LARGE_TEXT_BYTES: i32 = 64 << 10;
const LARGE_INDEX: i32 = 16 << 10;

/** Documents that have read something large since the last releaseDocuments(). */
let large: Array<JsonIndex> = [];

/**
 * Empties the documents that have read something large, so that none keeps the memory of its largest text while its stream
 * waits for the next one. To be called at the end of a callback whose documents outlive it.
 */
export function releaseDocuments(): void {
  if (large.length == 0) return;
  for (let k = 0; k < large.length; k++) large[k].empty();
  large = [];
}

/** Integers a node takes, and the place of each: byte offsets in the text, and the number of the next sibling or NONE. */
const WIDTH: i32 = 6;
export const KIND: i32 = 0;
export const START: i32 = 1;
export const END: i32 = 2;
export const KEY_START: i32 = 3;
export const KEY_END: i32 = 4;
export const NEXT: i32 = 5;

/** No node: what look-ups of absent things return. Every method accepts it. */
export const NONE: i32 = -1;

export class JsonIndex {
  protected cells: StaticArray<i32> = new StaticArray<i32>(64 * WIDTH);
  protected count: i32 = 0;
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
    if (!this.isLarge && (view.length > LARGE_TEXT_BYTES || this.cells.length > LARGE_INDEX)) {
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
  protected cell(node: i32, field: i32): i32 {
    return unchecked(this.cells[node * WIDTH + field]);
  }

  protected has(node: i32): bool {
    return <u32>node < <u32>this.count;
  }
}
