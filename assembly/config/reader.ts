// Reads one object of the configuration by the generated table: finds each field's value, checks it, reports what is
// wrong, and gives typed access with the schema's defaults. Objects inside are read by further calls of `enter`; the
// tables do not nest in themselves, so one reader holds all levels at once.

import { Buffer } from "../bytes/buffer";
import { View, lowerCase } from "../bytes/view";
import { JsonKind } from "../json/cursor";
import { JsonDocument, NONE } from "../json/document";
import { characters, describeFormat, hasFormat } from "./formats";
import { nearestName } from "./nearest";
import { NOT_WHOLE, readWhole } from "./number";
import { Report, quoted, under, underIndex, underKey } from "./problems";
import { referenceName, resolve } from "./references";
import {
  Column,
  FIELD_NAMES,
  FORMER_FIELDS,
  FORMER_NAMES,
  Format,
  Kind,
  LIST_STARTS,
  LIST_VALUES,
  TABLE_STARTS,
  Table,
} from "./schema.gen";
import { cellOf, indexInList, kindName, listText } from "./table";

/** Most lists of most objects are empty. */
const NO_TEXTS: Array<View> = [];
/** In place of a node: the field is there but wrong, which is already reported. */
const WRONG: i32 = -2;

@final
export class ObjectReader {
  private nodes: StaticArray<i32> = new StaticArray<i32>(FIELD_NAMES.length);
  private listValues: StaticArray<View | null> = new StaticArray<View | null>(LIST_VALUES.length);
  /** For looks at texts that are not kept. */
  private window: View = new View(0, 0);
  /** One empty view for all absent texts. */
  private nothing: View = View.empty();

  constructor(
    public doc: JsonDocument,
    public report: Report,
  ) {}

  /** Reads the object at `node`. False, and reported, when it is no object; all fields are absent then. */
  enter(table: Table, node: i32, pointer: string): bool {
    const from = TABLE_STARTS[table];
    const to = TABLE_STARTS[table + 1];
    for (let field = from; field < to; field++) this.nodes[field] = NONE;
    if (!this.doc.isObject(node)) {
      this.report.problem(pointer, "must be an object, not " + kindName(this.doc.kind(node)));
      return false;
    }
    for (let member = this.doc.first(node); member != NONE; member = this.doc.next(member)) {
      const field = this.find(member, from, to);
      if (field >= 0) this.nodes[field] = member;
      else this.reportUnknown(table, member, pointer);
    }
    for (let field = from; field < to; field++) this.checkField(field, pointer);
    return true;
  }

  private find(member: i32, from: i32, to: i32): i32 {
    for (let field = from; field < to; field++) if (this.doc.keyIs(member, FIELD_NAMES[field])) return field;
    return -1;
  }

  private reportUnknown(table: Table, member: i32, pointer: string): void {
    const key = this.doc.key(member);
    const name = key.toString();
    let message = "unknown key " + quoted(key) + " is ignored";
    const former = FORMER_NAMES.indexOf(name);
    const from = TABLE_STARTS[table];
    const to = TABLE_STARTS[table + 1];
    if (former >= 0 && FORMER_FIELDS[former] >= from && FORMER_FIELDS[former] < to) {
      message += '; it is called "' + FIELD_NAMES[FORMER_FIELDS[former]] + '"';
    } else {
      const nearest = nearestName(name, FIELD_NAMES, from, to, true);
      if (nearest != "") message += '; did you mean "' + nearest + '"?';
    }
    this.report.warnOnce(table.toString() + "/" + name, underKey(pointer, key), message);
  }

  private checkField(field: i32, pointer: string): void {
    const node = this.nodes[field];
    // A null is as good as nothing, unless any JSON value may stand there.
    if (node == NONE || (this.doc.isNull(node) && cellOf(field, Column.Kind) != Kind.Raw)) {
      this.nodes[field] = NONE;
      if (cellOf(field, Column.Required) == 0) return;
      this.nodes[field] = WRONG;
      this.report.problem(pointer, '"' + FIELD_NAMES[field] + '" is missing');
    } else if (!this.isSound(field, node) && !this.checkValue(field, node, under(pointer, FIELD_NAMES[field]))) {
      this.nodes[field] = WRONG;
    }
  }

  /** True for what is usual and right, with no text made of where it stands; false decides nothing. */
  private isSound(field: i32, node: i32): bool {
    const kind = this.doc.kind(node);
    switch (cellOf(field, Column.Kind)) {
      case Kind.Text:
        if (kind != JsonKind.String) return false;
        return cellOf(field, Column.Values) < 0 ? this.isSoundText(field, node) : indexInList(this.doc.glance(node, this.window), cellOf(field, Column.Values)) >= 0;
      case Kind.TextList: {
        if (kind != JsonKind.Array) return false;
        const isListed = cellOf(field, Column.Values) >= 0;
        for (let item = this.doc.first(node); item != NONE; item = this.doc.next(item)) {
          if (!this.doc.isString(item) || !this.isSoundText(field, item)) return false;
          if (isListed && indexInList(this.doc.glance(item, this.window), cellOf(field, Column.Values)) < 0) return false;
        }
        return true;
      }
      case Kind.Integer: {
        const value = kind == JsonKind.Number ? this.whole(node) : NOT_WHOLE;
        return value != NOT_WHOLE && value >= <i64>cellOf(field, Column.Min) && value <= <i64>cellOf(field, Column.Max);
      }
      case Kind.Boolean:
        return kind == JsonKind.True || kind == JsonKind.False;
      case Kind.Object:
      case Kind.ModelMap:
        return kind == JsonKind.Object;
      case Kind.ObjectList:
        return kind == JsonKind.Array;
      default:
        return false;
    }
  }

  private whole(node: i32): i64 {
    this.doc.view.show(this.window, this.doc.start(node), this.doc.end(node));
    return readWhole(this.window);
  }

  private isSoundText(field: i32, node: i32): bool {
    const text = this.doc.glance(node, this.window);
    if (text.at(0) == 0x24) return false; // It may be a reference.
    const size = characters(text);
    return size >= cellOf(field, Column.Min) && size <= cellOf(field, Column.Max) && hasFormat(text, <Format>cellOf(field, Column.Format));
  }

  private checkValue(field: i32, node: i32, pointer: string): bool {
    switch (cellOf(field, Column.Kind)) {
      case Kind.Text:
        return this.checkText(field, node, pointer);
      case Kind.Integer:
        return this.checkInteger(field, node, pointer);
      case Kind.Boolean: {
        const kind = this.doc.kind(node);
        return kind == JsonKind.True || kind == JsonKind.False || this.reportKind(node, pointer, "true or false");
      }
      case Kind.TextList:
        return this.checkTextList(field, node, pointer);
      case Kind.ObjectList:
        return this.doc.isArray(node) || this.reportKind(node, pointer, "a list of objects");
      case Kind.TextMap:
        return this.checkTextMap(field, node, pointer);
      case Kind.ModelMap:
        return (
          this.doc.isObject(node) || this.doc.isArray(node) || this.reportKind(node, pointer, "an object or a list")
        );
      case Kind.Raw:
        return true;
      default:
        return this.doc.isObject(node) || this.reportKind(node, pointer, "an object");
    }
  }

  /** Reports that the value is of the wrong kind; false. */
  reportKind(node: i32, pointer: string, wanted: string): bool {
    const kind = this.doc.kind(node);
    this.report.problem(pointer, "must be " + wanted + ", not " + kindName(kind));
    return false;
  }

  private checkText(field: i32, node: i32, pointer: string): bool {
    if (!this.doc.isString(node)) return this.reportKind(node, pointer, "a string");
    const list = cellOf(field, Column.Values);
    if (list < 0) return this.checkPlainText(field, node, pointer);
    const text = this.doc.text(node);
    if (indexInList(text, list) >= 0) return true;
    const nearest = nearestName(text.toString(), LIST_VALUES, LIST_STARTS[list], LIST_STARTS[list + 1], false);
    const what = FIELD_NAMES[field] == "type" ? "unknown provider type " : "unknown value ";
    const hint = nearest == "" ? "" : '; the nearest is "' + nearest + '"';
    this.report.problem(pointer, what + quoted(text) + hint + "; known are " + listText(list));
    return false;
  }

  /** Length and format, of a field or of one entry of it. The text itself is not shown: it may be secret. */
  private checkPlainText(field: i32, node: i32, pointer: string): bool {
    const text = resolve(this.doc.text(node));
    if (text === null) {
      const name = quoted(referenceName(this.doc.text(node)));
      this.report.problem(pointer, "the environment variable " + name + " is not set; see vm_config.environment_variables");
      return false;
    }
    const least = cellOf(field, Column.Min);
    const most = cellOf(field, Column.Max);
    const size = characters(text);
    if (size == 0 && least == 1) {
      this.report.problem(pointer, "must not be empty");
      return false;
    }
    if (size < least || size > most) {
      const wanted = least == most ? least.toString() : least.toString() + " to " + most.toString();
      this.report.problem(pointer, "must have " + wanted + " characters, has " + size.toString());
      return false;
    }
    const format = <Format>cellOf(field, Column.Format);
    if (hasFormat(text, format)) return true;
    this.report.problem(pointer, "must be " + describeFormat(format));
    return false;
  }

  private checkInteger(field: i32, node: i32, pointer: string): bool {
    if (this.doc.kind(node) != JsonKind.Number) return this.reportKind(node, pointer, "a whole number");
    const value = this.whole(node);
    const least = cellOf(field, Column.Min);
    const most = cellOf(field, Column.Max);
    if (value != NOT_WHOLE && value >= <i64>least && value <= <i64>most) return true;
    this.report.problem(pointer, "must be a whole number from " + least.toString() + " to " + most.toString());
    return false;
  }

  private checkTextList(field: i32, node: i32, pointer: string): bool {
    if (!this.doc.isArray(node)) return this.reportKind(node, pointer, "a list of strings");
    let isSound = true;
    let index = 0;
    for (let item = this.doc.first(node); item != NONE; item = this.doc.next(item)) {
      if (!this.checkText(field, item, underIndex(pointer, index++))) isSound = false;
    }
    return isSound;
  }

  private checkTextMap(field: i32, node: i32, pointer: string): bool {
    if (!this.doc.isObject(node)) return this.reportKind(node, pointer, "an object of strings");
    const keys = cellOf(field, Column.Values);
    let isSound = true;
    for (let item = this.doc.first(node); item != NONE; item = this.doc.next(item)) {
      const key = this.doc.key(item);
      const at = underKey(pointer, key);
      if (keys >= 0 && indexInList(key, keys) < 0) {
        isSound = false;
        this.report.problem(at, "unknown name " + quoted(key) + "; known are " + listText(keys));
      }
      const isText = this.doc.isString(item);
      if (!isText) this.reportKind(item, at, "a string");
      if (!isText || !this.checkPlainText(field, item, at)) isSound = false;
    }
    return isSound;
  }

  /** The field's value, NONE when it is absent or wrong. */
  node(field: i32): i32 {
    return this.nodes[field] == WRONG ? NONE : this.nodes[field];
  }

  /** True when the field is there, right or wrong. */
  isPresent(field: i32): bool {
    return this.nodes[field] != NONE;
  }

  /** True when the field was reported as wrong or missing. */
  isWrong(field: i32): bool {
    return this.nodes[field] == WRONG;
  }

  /** True when the field is there with a value that is not empty or 0. A wrong one counts: it is reported already. */
  isGiven(field: i32): bool {
    const node = this.nodes[field];
    if (node < 0) return node == WRONG;
    switch (cellOf(field, Column.Kind)) {
      case Kind.Text:
        return this.doc.glance(node, this.window).at(0) != 0x24 ? this.window.length > 0 : this.valueOf(node).length > 0;
      case Kind.Integer:
        return this.integer(field) > 0;
      case Kind.TextList:
        return this.doc.first(node) != NONE;
      default:
        return true;
    }
  }

  /** The text, or the schema's default. */
  text(field: i32): View {
    const node = this.node(field);
    if (node != NONE) return this.valueOf(node);
    const list = cellOf(field, Column.DefaultList);
    return list < 0 ? this.nothing : this.listValue(LIST_STARTS[list]);
  }

  /** True when the text, or its default, is `value`. */
  textIs(field: i32, value: string): bool {
    const node = this.node(field);
    // What begins with `$` may be a reference.
    if (node != NONE && this.doc.glance(node, this.window).at(0) != 0x24) return this.doc.textIs(node, value);
    return this.text(field).equals(value);
  }

  /** Where the text, or its default, stands among the values of `list`, or -1. */
  place(field: i32, list: i32): i32 {
    const node = this.node(field);
    const text = node == NONE ? this.text(field) : this.doc.glance(node, this.window);
    return indexInList(text.at(0) == 0x24 ? this.text(field) : text, list);
  }

  /** The number, or the schema's default. */
  integer(field: i32): i32 {
    const node = this.node(field);
    return node == NONE ? cellOf(field, Column.Default) : <i32>this.whole(node);
  }

  /** The truth value, or the schema's default. */
  flag(field: i32): bool {
    const node = this.node(field);
    return node == NONE ? cellOf(field, Column.Default) == 1 : this.doc.isTrue(node);
  }

  /** The list of strings, or the schema's default. Not to be changed: empty ones are shared. */
  texts(field: i32): Array<View> {
    const node = this.node(field);
    const list = cellOf(field, Column.DefaultList);
    if (node == NONE ? list < 0 : this.doc.first(node) == NONE) return NO_TEXTS;
    const found: Array<View> = [];
    if (node == NONE) for (let k = LIST_STARTS[list]; k < LIST_STARTS[list + 1]; k++) found.push(this.listValue(k));
    for (let item = this.doc.first(node); item != NONE; item = this.doc.next(item)) found.push(this.valueOf(item));
    return found;
  }

  /** A value of the schema's lists as bytes, made once. */
  private listValue(index: i32): View {
    const known = this.listValues[index];
    if (known !== null) return known;
    const made = View.utf8(LIST_VALUES[index]);
    this.listValues[index] = made;
    return made;
  }

  private valueOf(node: i32): View {
    const value = resolve(this.doc.text(node));
    return value === null ? this.nothing : value;
  }

  /** The value's bytes as they are spelt, empty when absent. */
  raw(field: i32): View {
    const node = this.node(field);
    return node == NONE ? this.nothing : this.doc.raw(node);
  }
}

/** `text` with its ASCII letters in lower case. */
export function lowered(text: View): View {
  const out = new Buffer(text.length);
  for (let k = 0; k < text.length; k++) out.byte(lowerCase(text.at(k)));
  return out.toView();
}
