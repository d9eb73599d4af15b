// Edits the members of one JSON object: set, remove, insert. Members that are not edited keep their bytes, their order
// and their spelling; new members go to the front, so that only the head of a body has to be written again.

import { Buffer } from "../bytes/buffer";
import { doubled } from "../bytes/integers";
import { View } from "../bytes/view";
import { JsonCursor, JsonKind, escapedEquals } from "./cursor";
import { PatchList } from "./splice";

/** Members that are remembered; an object with more is still validated, its later members just cannot be edited. */
const MAX_MEMBERS: i32 = 4096;
const FIELDS: i32 = 6;
const FIRST_MEMBERS: i32 = 8;
/** Numbers whose room is kept from one text to the next. */
const MAX_KEPT: i32 = 1024;

@final
export class ObjectEditor {
  /** Offset of the object's `{`. */
  start: i32 = 0;
  /** keyStart, keyEnd (inside the quotes), valueStart, valueEnd, kind, 1 when it was removed: six a member. */
  private cells: StaticArray<i32> = new StaticArray<i32>(FIRST_MEMBERS * FIELDS);
  count: i32 = 0;
  private inserted: Buffer | null = null;
  private insertions: i32 = 0;

  constructor(
    private source: View,
    public patches: PatchList,
  ) {}

  /** Starts anew with another text; its patches are cleared, too. */
  reset(source: View): void {
    this.source = source;
    this.patches.clear();
    this.start = 0;
    this.count = 0;
    this.inserted = null;
    this.insertions = 0;
    if (this.cells.length > MAX_KEPT) this.cells = new StaticArray<i32>(FIRST_MEMBERS * FIELDS);
  }

  /** Reads a whole object at offset `at`, values validated and passed over; false when there is none or on a fault. */
  static read(source: View, at: i32, patches: PatchList): ObjectEditor | null {
    const editor = new ObjectEditor(source, patches);
    return editor.fill(at) ? editor : null;
  }

  /** The same into this editor, which is new or was reset. */
  fill(at: i32): bool {
    const cursor = new JsonCursor().reset(this.source, at);
    if (cursor.kind() != JsonKind.Object) return false;
    this.start = cursor.position;
    cursor.beginObject();
    while (cursor.nextKey()) {
      if (!cursor.skipValue()) return false;
      this.remember(cursor);
    }
    return cursor.fault == 0;
  }

  /** Remembers the member that `cursor` has just read: its key and the value that skipValue() passed. */
  remember(cursor: JsonCursor): void {
    this.rememberSpan(cursor.keyStart, cursor.keyEnd, cursor.valueStart, cursor.valueEnd, cursor.valueKind);
  }

  rememberSpan(keyStart: i32, keyEnd: i32, valueStart: i32, valueEnd: i32, kind: JsonKind): void {
    if (this.count >= MAX_MEMBERS) return;
    const at = this.count * FIELDS;
    if (at + FIELDS > this.cells.length) this.cells = doubled(this.cells);
    const cells = this.cells;
    unchecked((cells[at] = keyStart));
    unchecked((cells[at + 1] = keyEnd));
    unchecked((cells[at + 2] = valueStart));
    unchecked((cells[at + 3] = valueEnd));
    unchecked((cells[at + 4] = kind));
    unchecked((cells[at + 5] = 0));
    this.count++;
  }

  private cell(member: i32, field: i32): i32 {
    return <u32>member < <u32>this.count ? unchecked(this.cells[member * FIELDS + field]) : 0;
  }

  private isGone(member: i32): bool {
    return this.cell(member, 5) != 0;
  }

  /** The last member called `name` (ASCII) that is not removed, or -1. */
  find(name: string): i32 {
    for (let k = this.count - 1; k >= 0; k--) {
      if (!this.isGone(k) && escapedEquals(this.source, this.cell(k, 0), this.cell(k, 1), name)) return k;
    }
    return -1;
  }

  valueStart(member: i32): i32 {
    return member < 0 ? 0 : this.cell(member, 2);
  }

  valueEnd(member: i32): i32 {
    return member < 0 ? 0 : this.cell(member, 3);
  }

  kind(member: i32): JsonKind {
    return member < 0 ? JsonKind.None : <JsonKind>this.cell(member, 4);
  }

  /** The member's value as it is spelt; empty for -1. */
  raw(member: i32): View {
    return member < 0 ? View.empty() : this.source.slice(this.cell(member, 2), this.cell(member, 3));
  }

  /** Sets every member called `name` to the JSON text `value`, or inserts one when there is none. */
  set(name: string, value: View): void {
    let found = false;
    for (let k = 0; k < this.count; k++) {
      if (this.isGone(k) || !escapedEquals(this.source, this.cell(k, 0), this.cell(k, 1), name)) continue;
      this.patches.replace(this.cell(k, 2), this.cell(k, 3), value);
      found = true;
    }
    if (!found) this.insert(name, value);
  }

  /** Adds a member; the caller knows that there is none of this name. */
  insert(name: string, value: View): void {
    let out = this.inserted;
    if (out === null) {
      out = new Buffer(64);
      this.inserted = out;
    }
    if (this.insertions > 0) out.byte(0x2c);
    out.byte(0x22);
    out.ascii(name);
    out.ascii('":');
    out.view(value);
    this.insertions++;
  }

  /** Removes every member called `name`; true when there was one. */
  remove(name: string): bool {
    let found = false;
    for (let k = 0; k < this.count; k++) {
      if (!this.isGone(k) && escapedEquals(this.source, this.cell(k, 0), this.cell(k, 1), name)) {
        unchecked((this.cells[k * FIELDS + 5] = 1));
        found = true;
      }
    }
    return found;
  }

  /** Turns removals and insertions into patches. Call once, after the last edit. */
  finish(): void {
    let kept = 0;
    for (let k = 0; k < this.count; k++) if (!this.isGone(k)) kept++;
    const inserted = this.inserted;
    if (inserted !== null) {
      if (kept > 0) inserted.byte(0x2c);
      this.patches.insert(this.start + 1, inserted.toView());
    }
    let lastKept = -1;
    for (let k = 0; k < this.count; k++) {
      if (!this.isGone(k)) {
        lastKept = k;
        continue;
      }
      let next = k;
      while (next < this.count && this.isGone(next)) next++;
      // With a member after the run its comma goes with it; at the end the comma before it does.
      if (next < this.count) this.patches.remove(this.cell(k, 0) - 1, this.cell(next, 0) - 1);
      else if (lastKept >= 0) this.patches.remove(this.cell(lastKept, 3), this.cell(next - 1, 3));
      else this.patches.remove(this.cell(k, 0) - 1, this.cell(next - 1, 3));
      k = next - 1;
    }
  }
}
