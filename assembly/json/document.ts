// JSON for readers that need random access (configuration, translators): nodes of an index (document-index.ts) by number. Requests
// that pass through never build one; they are read with JsonCursor.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { END, JsonIndex, KEY_END, KEY_START, KIND, NEXT, NONE, START } from "./document-index";
import { escapedEquals, escapedIsOneOf } from "./escapes";
import { JsonKind } from "./kind";
import { decodeString } from "./text";

export { NONE, releaseDocuments } from "./document-index";

/** The root is node 0, and NONE is no node: every method accepts it. */
@final
export class JsonDocument extends JsonIndex {
  /** None for NONE. */
  kind(node: i32): JsonKind {
    return this.has(node) ? <JsonKind>this.cell(node, KIND) : JsonKind.None;
  }

  /** True when the node is an object; false for NONE. */
  isObject(node: i32): bool {
    return this.kind(node) == JsonKind.Object;
  }

  /** True when the node is an array; false for NONE. */
  isArray(node: i32): bool {
    return this.kind(node) == JsonKind.Array;
  }

  /** True when the node is a string; false for NONE. */
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

  /** As get(), of the outermost object. */
  root(name: string): i32 {
    return this.get(0, name);
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

  /** True when the member's key, escapes decoded, is one of `words` (ASCII, one space between two). */
  keyIn(node: i32, words: string): bool {
    return this.has(node) && escapedIsOneOf(this.view, this.cell(node, KEY_START), this.cell(node, KEY_END), words);
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
    this.view.aim(window, this.cell(node, KEY_START), this.cell(node, KEY_END));
    return window.indexOf(Ascii.Backslash) < 0 ? window : this.key(node);
  }

  /** A string's text, escapes decoded; empty when the value is no string. A slice when nothing is escaped. */
  text(node: i32): View {
    return this.isString(node) ? decodeString(this.view, this.start(node), this.end(node)) : View.empty();
  }

  /** As text(), shown by `window` when nothing is escaped: for a look that keeps nothing. */
  glance(node: i32, window: View): View {
    if (!this.isString(node)) return View.empty();
    this.view.aim(window, this.start(node) + 1, this.end(node) - 1);
    return window.indexOf(Ascii.Backslash) < 0 ? window : this.text(node);
  }

  /** text() of a member of `node`. */
  textOf(node: i32, name: string): View {
    return this.text(this.get(node, name));
  }

  /** textIs() of a member of `node`. */
  memberIs(node: i32, name: string, text: string): bool {
    return this.textIs(this.get(node, name), text);
  }

  /** True when the value is a string that decodes to `name` (ASCII). */
  textIs(node: i32, name: string): bool {
    return this.isString(node) && escapedEquals(this.view, this.start(node) + 1, this.end(node) - 1, name);
  }

  /** True when the value is a string that decodes to one of `words` (ASCII, one space between two). */
  textIn(node: i32, words: string): bool {
    return this.isString(node) && escapedIsOneOf(this.view, this.start(node) + 1, this.end(node) - 1, words);
  }

  /** True when the node is the literal `true`; false for NONE. */
  isTrue(node: i32): bool {
    return this.kind(node) == JsonKind.True;
  }

  /** True when the node is the literal `null`; false for NONE. */
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
