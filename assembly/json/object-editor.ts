// Edits the members of one JSON object: set, remove, insert. Members that are not edited keep their bytes, their order
// and their spelling; new members go to the front, so that only the head of a body has to be written again.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { doubled } from "../bytes/integers";
import { View } from "../bytes/view";
import { JsonCursor, JsonKind, escapedEquals, kindOf } from "./cursor";
import { PatchList } from "./splice";
import { decodeString, writeString } from "./text";

/** Members of an object that is edited; one with more is refused, as a member that is passed over would be one that nobody reads. */
export const MAX_MEMBERS: i32 = 4096;
const FIELDS: i32 = 6;
const FIRST_MEMBERS: i32 = 8;
/** Numbers whose room is kept from one text to the next. */
const MAX_KEPT: i32 = 1024;

/** States of a member; from 1 on it is the place of its new value, plus one. */
const AS_IT_CAME: i32 = 0;
const GONE: i32 = -1;

/** fill() is never interrupted by another. */
const reader: JsonCursor = new JsonCursor();

/**
 * One member has one value at any time: what the client sent, or what the last edit made of it. Every reader sees that one, so
 * edits compose in the order in which they are made, and each member becomes one patch at most: patches cannot overlap.
 */
@final
export class ObjectEditor {
  /** Offset of the object's `{`. */
  start: i32 = 0;
  /**
   * keyStart, keyEnd (inside the quotes), valueStart, valueEnd, kind, state: six a member. Of new ones keyStart is -1 and keyEnd the
   * place of the name.
   */
  private cells: StaticArray<i32> = new StaticArray<i32>(FIRST_MEMBERS * FIELDS);
  /** Members, those of the text first. */
  count: i32 = 0;
  /** True when the object has more members than are edited. */
  hasTooMany: bool = false;
  private values: Array<View> = [];
  private names: Array<string> = [];

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
    this.hasTooMany = false;
    this.values.length = 0;
    this.names.length = 0;
    if (this.cells.length > MAX_KEPT) this.cells = new StaticArray<i32>(FIRST_MEMBERS * FIELDS);
  }

  /**
   * Reads a whole object at offset `at`, values validated and passed over; null when there is none, on a fault, or with too many
   * members.
   */
  static read(source: View, at: i32, patches: PatchList): ObjectEditor | null {
    const editor = new ObjectEditor(source, patches);
    return editor.fill(at) ? editor : null;
  }

  /** The same into this editor, which is new or was reset. */
  fill(at: i32): bool {
    const cursor = reader.reset(this.source, at);
    if (cursor.kind() != JsonKind.Object) return false;
    this.start = cursor.position;
    cursor.beginObject();
    while (cursor.nextKey()) {
      if (!cursor.skipValue()) return false;
      this.remember(cursor);
    }
    return cursor.fault == 0 && !this.hasTooMany;
  }

  /** Remembers the member that `cursor` has just read: its key and the value that skipValue() passed. */
  remember(cursor: JsonCursor): void {
    this.rememberSpan(cursor.keyStart, cursor.keyEnd, cursor.valueStart, cursor.valueEnd, cursor.valueKind);
  }

  rememberSpan(keyStart: i32, keyEnd: i32, valueStart: i32, valueEnd: i32, kind: JsonKind): void {
    if (this.count >= MAX_MEMBERS) this.hasTooMany = true;
    else this.add(keyStart, keyEnd, valueStart, valueEnd, kind, AS_IT_CAME);
  }

  private add(keyStart: i32, keyEnd: i32, valueStart: i32, valueEnd: i32, kind: JsonKind, state: i32): void {
    const at = this.count * FIELDS;
    if (at + FIELDS > this.cells.length) this.cells = doubled(this.cells);
    const cells = this.cells;
    unchecked((cells[at] = keyStart));
    unchecked((cells[at + 1] = keyEnd));
    unchecked((cells[at + 2] = valueStart));
    unchecked((cells[at + 3] = valueEnd));
    unchecked((cells[at + 4] = kind));
    unchecked((cells[at + 5] = state));
    this.count++;
  }

  /** There may be members that were not remembered. */
  get isFull(): bool {
    return this.count >= MAX_MEMBERS;
  }

  private cell(member: i32, field: i32): i32 {
    return <u32>member < <u32>this.count ? unchecked(this.cells[member * FIELDS + field]) : 0;
  }

  private put(member: i32, field: i32, value: i32): void {
    unchecked((this.cells[member * FIELDS + field] = value));
  }

  private isGone(member: i32): bool {
    return this.cell(member, 5) == GONE;
  }

  private isNew(member: i32): bool {
    return this.cell(member, 0) < 0;
  }

  /** True for the member `name` while it is there; `isWide` says of the name what isWide() does. */
  private isCalled(member: i32, name: string, isWide: bool): bool {
    if (this.isGone(member)) return false;
    if (this.isNew(member)) return this.names[this.cell(member, 1)] == name;
    const start = this.cell(member, 0);
    const end = this.cell(member, 1);
    if (!isWide) return escapedEquals(this.source, start, end, name);
    return decodeString(this.source, start - 1, end + 1).sameAs(View.utf8(name));
  }

  /** The last member called `name` that is not removed and stands before member `end`, or -1. */
  find(name: string, end: i32 = i32.MAX_VALUE): i32 {
    const wide = isWide(name);
    for (let k = min(end, this.count) - 1; k >= 0; k--) if (this.isCalled(k, name, wide)) return k;
    return -1;
  }

  /** True when there is a member called `name` whose value is not null. */
  isSet(name: string): bool {
    const member = this.find(name);
    return member >= 0 && this.kind(member) != JsonKind.Null;
  }

  /** Offset in the text of the value that the member came with. */
  valueStart(member: i32): i32 {
    return member < 0 ? 0 : this.cell(member, 2);
  }

  /** Where that value ends. */
  valueEnd(member: i32): i32 {
    return member < 0 ? 0 : this.cell(member, 3);
  }

  /** True when the member's value is the one that it came with. */
  isAsItCame(member: i32): bool {
    return member >= 0 && this.cell(member, 5) == AS_IT_CAME;
  }

  /** The kind of the member's value as it is now. */
  kind(member: i32): JsonKind {
    if (member < 0) return JsonKind.None;
    if (this.isAsItCame(member)) return <JsonKind>this.cell(member, 4);
    return this.isGone(member) ? JsonKind.None : kindOf(this.raw(member).at(0));
  }

  /** The member's value as it is now, as it is spelt; empty for -1. */
  raw(member: i32): View {
    if (member < 0 || this.isGone(member)) return View.empty();
    if (this.isAsItCame(member)) return this.source.slice(this.cell(member, 2), this.cell(member, 3));
    return this.values[this.cell(member, 5) - 1];
  }

  /** Sets every member called `name` to the JSON text `value` (no white space around it), or adds one when there is none. */
  set(name: string, value: View): void {
    const wide = isWide(name);
    let found = false;
    for (let k = 0; k < this.count; k++) {
      if (!this.isCalled(k, name, wide)) continue;
      this.put(k, 5, this.keep(value, k));
      found = true;
    }
    if (!found) this.insert(name, value);
  }

  /** The state of a member with this value. A value that was new before gives its place to the next. */
  private keep(value: View, member: i32): i32 {
    const state = this.cell(member, 5);
    if (state > 0) {
      this.values[state - 1] = value;
      return state;
    }
    this.values.push(value);
    return this.values.length;
  }

  /** Adds a member; the caller knows that there is none of this name. */
  insert(name: string, value: View): void {
    this.names.push(name);
    this.values.push(value);
    this.add(-1, this.names.length - 1, 0, 0, JsonKind.None, this.values.length);
  }

  /** Removes every member called `name`; true when there was one. */
  remove(name: string): bool {
    const wide = isWide(name);
    let found = false;
    for (let k = 0; k < this.count; k++) {
      if (!this.isCalled(k, name, wide)) continue;
      this.put(k, 5, GONE);
      found = true;
    }
    return found;
  }

  /** Turns all edits into patches. Call once, after the last edit. */
  finish(): void {
    let own = 0;
    let kept = 0;
    for (; own < this.count && !this.isNew(own); own++) if (!this.isGone(own)) kept++;
    if (this.count > own) this.insertNew(own, kept > 0);
    let lastKept = -1;
    for (let k = 0; k < own; k++) {
      if (!this.isGone(k)) {
        lastKept = k;
        if (!this.isAsItCame(k)) this.patches.replace(this.cell(k, 2), this.cell(k, 3), this.raw(k));
        continue;
      }
      let next = k;
      while (next < own && this.isGone(next)) next++;
      // With a member after the run its comma goes with it; at the end the comma before it does.
      if (next < own) this.patches.remove(this.cell(k, 0) - 1, this.cell(next, 0) - 1);
      else if (lastKept >= 0) this.patches.remove(this.cell(lastKept, 3), this.cell(next - 1, 3));
      else this.patches.remove(this.cell(k, 0) - 1, this.cell(next - 1, 3));
      k = next - 1;
    }
  }

  /** The members from `first` on, in the order of adding, behind the opening brace. */
  private insertNew(first: i32, commaAfter: bool): void {
    const out = new Buffer(64);
    for (let k = first; k < this.count; k++) {
      if (this.isGone(k)) continue;
      if (out.length != 0) out.byte(Ascii.Comma);
      writeName(out, this.names[this.cell(k, 1)]);
      out.byte(Ascii.Colon);
      out.view(this.raw(k));
    }
    if (out.length == 0) return;
    if (commaAfter) out.byte(Ascii.Comma);
    this.patches.insert(this.start + 1, out.toView());
  }
}

/** True for a name that is not spelt in JSON as its ASCII letters are: setting names come from the operator. */
function isWide(name: string): bool {
  for (let k = 0; k < name.length; k++) {
    const unit = name.charCodeAt(k);
    if (unit < Ascii.Space || unit >= Ascii.Delete || unit == Ascii.Quote || unit == Ascii.Backslash) return true;
  }
  return false;
}

function writeName(out: Buffer, name: string): void {
  if (isWide(name)) {
    writeString(out, View.utf8(name));
    return;
  }
  out.byte(Ascii.Quote);
  out.ascii(name);
  out.byte(Ascii.Quote);
}
