// Reads one object of the configuration by the generated table: finds each field's value, has it checked, reports what is
// wrong, and gives typed access with the schema's defaults. Objects inside are read by further calls of `enter`; the
// tables do not nest in themselves, so one reader holds all levels at once.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { JsonDocument, NONE } from "../json/document";
import { FieldChecker } from "./check-field";
import { nearestName } from "./nearest";
import { readMicros } from "../json/decimal";
import { readWhole } from "../json/number";
import { Place, quoted } from "./place";
import { Report } from "./problems";
import { resolve } from "./references";
import { Column, FIELD_NAMES, FORMER_FIELDS, FORMER_NAMES, Kind, LIST_STARTS, REQUIRED_FIELDS, TABLE_STARTS, Table } from "./schema.gen";
import { cellOf, indexInList, kindName, listValue } from "./table";

/** Most lists of most objects are empty. */
const NO_TEXTS: Array<View> = [];
/** In place of a node: the field is there but wrong, which is already reported. */
const WRONG: i32 = -2;

@final
export class ObjectReader {
  /** By field: its value, NONE or WRONG. */
  private nodes: StaticArray<i32> = new StaticArray<i32>(FIELD_NAMES.length).fill(NONE);
  /** From each table's start on: the fields that its object has, in the order of the text; and how many by table. */
  private found: StaticArray<i32> = new StaticArray<i32>(FIELD_NAMES.length);
  private counts: StaticArray<i32> = new StaticArray<i32>(TABLE_STARTS.length);
  private checker: FieldChecker;
  /** For looks at texts that are not kept. */
  private window: View = new View(0, 0);
  /** One empty view for all absent texts. */
  private nothing: View = View.empty();

  constructor(
    public doc: JsonDocument,
    public report: Report,
  ) {
    this.checker = new FieldChecker(doc, report);
  }

  /** Reads the object at `node`. False, and reported, when it is no object; all fields are absent then. */
  enter(table: Table, node: i32, place: Place): bool {
    const from = TABLE_STARTS[table];
    this.leave(table);
    if (!this.doc.isObject(node)) {
      this.report.problem(place, "must be an object, not " + kindName(this.doc.kind(node)));
      return false;
    }
    let count = 0;
    for (let member = this.doc.first(node); member != NONE; member = this.doc.next(member)) {
      const field = this.doc.keyAmong(member, FIELD_NAMES, from, TABLE_STARTS[table + 1]);
      if (field < 0) this.reportUnknown(table, member, place);
      else {
        if (this.nodes[field] == NONE) this.found[from + count++] = field;
        this.nodes[field] = member;
      }
    }
    this.counts[table] = count;
    for (let k = from; k < from + count; k++) this.checkField(this.found[k], place);
    this.reportMissing(table, place);
    return true;
  }

  /** Forgets the last object of the table. */
  private leave(table: Table): void {
    const from = TABLE_STARTS[table];
    for (let k = from; k < from + this.counts[table]; k++) this.nodes[this.found[k]] = NONE;
    this.counts[table] = 0;
  }

  private reportUnknown(table: Table, member: i32, place: Place): void {
    const key = this.doc.key(member);
    const name = key.toString();
    let message = "unknown key " + quoted(key) + " is ignored";
    const former = FORMER_NAMES.indexOf(name);
    const from = TABLE_STARTS[table];
    const to = TABLE_STARTS[table + 1];
    if (former >= 0 && FORMER_FIELDS[former] >= from && FORMER_FIELDS[former] < to) {
      message += '; it is called "' + FIELD_NAMES[FORMER_FIELDS[former]] + '"';
    } else {
      const nearest = nearestName(name, FIELD_NAMES, from, to);
      if (nearest != "") message += '; did you mean "' + nearest + '"?';
    }
    this.report.warnOnce(table.toString() + "/" + name, place.member(key), message);
  }

  private checkField(field: i32, place: Place): void {
    const node = this.nodes[field];
    // A null is as good as nothing, unless any JSON value may stand there.
    if (this.doc.isNull(node) && cellOf(field, Column.Kind) != Kind.Raw) this.nodes[field] = NONE;
    else if (!this.checker.check(field, node, place)) this.nodes[field] = WRONG;
  }

  private reportMissing(table: Table, place: Place): void {
    for (let k = 0; k < REQUIRED_FIELDS.length; k++) {
      const field = REQUIRED_FIELDS[k];
      if (field < TABLE_STARTS[table] || field >= TABLE_STARTS[table + 1] || this.nodes[field] != NONE) continue;
      this.report.problem(place, '"' + FIELD_NAMES[field] + '" is missing');
    }
  }

  /** How many fields the object of a table has, and the one at `index` in the order of the text. */
  size(table: Table): i32 {
    return this.counts[table];
  }

  fieldAt(table: Table, index: i32): i32 {
    return this.found[TABLE_STARTS[table] + index];
  }

  /** The field's value, NONE when it is absent or wrong. */
  node(field: i32): i32 {
    return this.nodes[field] == WRONG ? NONE : this.nodes[field];
  }

  /** True when the field is there, right or wrong. */
  isPresent(field: i32): bool {
    return this.nodes[field] != NONE;
  }

  /** True when the field is there and was reported as wrong. */
  isWrong(field: i32): bool {
    return this.nodes[field] == WRONG;
  }

  /** True when the field is there with a value that is not empty or 0. A wrong one counts: it is reported already. */
  isGiven(field: i32): bool {
    const node = this.nodes[field];
    if (node < 0) return node == WRONG;
    switch (cellOf(field, Column.Kind)) {
      case Kind.Text:
        return this.doc.glance(node, this.window).at(0) != Ascii.Dollar ? this.window.length != 0 : this.valueOf(node).length != 0;
      case Kind.Integer:
        return this.integer(field) > 0;
      case Kind.Boolean:
        return this.flag(field);
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
    return list < 0 ? this.nothing : listValue(LIST_STARTS[list]);
  }

  /** True when the text, or its default, is `value`. */
  textIs(field: i32, value: string): bool {
    const node = this.node(field);
    // What begins with `$` may be a reference.
    if (node != NONE && this.doc.glance(node, this.window).at(0) != Ascii.Dollar) return this.doc.textIs(node, value);
    return this.text(field).equals(value);
  }

  /** Where the text, or its default, stands among the values of `list`, or -1. */
  place(field: i32, list: i32): i32 {
    const node = this.node(field);
    const text = node == NONE ? this.text(field) : this.doc.glance(node, this.window);
    return indexInList(text.at(0) == Ascii.Dollar ? this.text(field) : text, list);
  }

  /** The number, or the schema's default. */
  integer(field: i32): i32 {
    const node = this.node(field);
    if (node == NONE) return cellOf(field, Column.Default);
    this.doc.view.aim(this.window, this.doc.start(node), this.doc.end(node));
    return <i32>readWhole(this.window);
  }

  /** An amount in 10^-6, 0 when it is absent. */
  micros(field: i32): i64 {
    const node = this.node(field);
    if (node == NONE) return 0;
    return readMicros(this.doc.isString(node) ? this.valueOf(node) : this.doc.raw(node));
  }

  /** The truth value, or the schema's default. */
  flag(field: i32): bool {
    const node = this.node(field);
    return node == NONE ? cellOf(field, Column.Default) == 1 : this.doc.isTrue(node);
  }

  /** The list of strings, or the schema's default. Empty ones are shared. */
  texts(field: i32): Array<View> {
    const node = this.node(field);
    const list = cellOf(field, Column.DefaultList);
    if (node == NONE ? list < 0 : this.doc.first(node) == NONE) return NO_TEXTS;
    const count = node == NONE ? LIST_STARTS[list + 1] - LIST_STARTS[list] : this.doc.size(node);
    const found = new Array<View>(count);
    let item = this.doc.first(node);
    for (let k = 0; k < count; k++) {
      found[k] = node == NONE ? listValue(LIST_STARTS[list] + k) : this.valueOf(item);
      item = this.doc.next(item);
    }
    return found;
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
