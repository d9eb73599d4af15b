// Checks one value of the configuration against its row of the generated table, and reports what is wrong with it.

import { View } from "../bytes/view";
import { JsonKind } from "../json/cursor";
import { JsonDocument, NONE } from "../json/document";
import { characters, describeFormat, hasFormat } from "./formats";
import { nearestName } from "./nearest";
import { readMicros } from "../json/decimal";
import { NOT_WHOLE, readWhole } from "../json/number";
import { Place, ROOT, quoted } from "./place";
import { Report } from "./problems";
import { referenceName, resolve } from "./references";
import { Column, FIELD_NAMES, Format, Kind, LIST_STARTS, LIST_VALUES } from "./schema.gen";
import { cellOf, indexInList, kindName, listText } from "./table";

@final
export class FieldChecker {
  /** For looks at texts that are not kept. */
  private window: View = new View(0, 0);
  /** What is checked: a field of the object at `place`, an item of it or a member, or NONE. */
  private place: Place = ROOT;
  private field: i32 = 0;
  private item: i32 = NONE;
  private member: i32 = NONE;

  constructor(
    private doc: JsonDocument,
    private report: Report,
  ) {}

  /** Checks the value at `node` of a field of the object at `place`. False, and reported, when it is wrong. */
  check(field: i32, node: i32, place: Place): bool {
    this.place = place;
    this.field = field;
    this.item = NONE;
    this.member = NONE;
    const kind = this.doc.kind(node);
    switch (this.cell(Column.Kind)) {
      case Kind.Text:
        return this.checkText(node);
      case Kind.Integer:
        return this.checkInteger(node);
      case Kind.Boolean:
        return kind == JsonKind.True || kind == JsonKind.False || this.refuseKind(node, "true or false");
      case Kind.TextList:
        return this.checkTextList(node);
      case Kind.ObjectList:
        return kind == JsonKind.Array || this.refuseKind(node, "a list of objects");
      case Kind.TextMap:
        return this.checkTextMap(node);
      case Kind.ModelMap:
        return kind == JsonKind.Object || kind == JsonKind.Array || this.refuseKind(node, "an object or a list");
      case Kind.Amount:
        return this.checkAmount(node);
      case Kind.Raw:
        return true;
      default:
        return kind == JsonKind.Object || this.refuseKind(node, "an object");
    }
  }

  private cell(column: Column): i32 {
    return cellOf(this.field, column);
  }

  private refuse(message: string): bool {
    let place = this.place.at(FIELD_NAMES[this.field]);
    if (this.item != NONE) place = place.item(this.item);
    if (this.member != NONE) place = place.member(this.doc.key(this.member));
    this.report.problem(place, message);
    return false;
  }

  private refuseKind(node: i32, wanted: string): bool {
    return this.refuse("must be " + wanted + ", not " + kindName(this.doc.kind(node)));
  }

  private checkText(node: i32): bool {
    if (!this.doc.isString(node)) return this.refuseKind(node, "a string");
    const list = this.cell(Column.Values);
    if (list < 0) return this.checkPlainText(node);
    const text = this.doc.glance(node, this.window);
    if (indexInList(text, list) >= 0) return true;
    const nearest = nearestName(text.toString(), LIST_VALUES, LIST_STARTS[list], LIST_STARTS[list + 1]);
    const isType = FIELD_NAMES[this.field] == "type";
    const what = isType ? "unknown provider type " : "unknown value ";
    let hint = isType ? '; for a server with OpenAI\'s API use "openai" with openaiCustomUrl' : "";
    if (nearest != "") hint = '; the nearest is "' + nearest + '"';
    return this.refuse(what + quoted(text) + hint + "; known are " + listText(list));
  }

  /** Length and format, of a field or of one entry of it. The text itself is not shown: it may be secret. */
  private checkPlainText(node: i32): bool {
    const written = this.doc.glance(node, this.window);
    const text = resolve(written);
    if (text === null) {
      return this.refuse("the environment variable " + quoted(referenceName(written)) + " is not set; see vm_config.environment_variables");
    }
    const least = this.cell(Column.Min);
    const most = this.cell(Column.Max);
    const size = characters(text);
    if (size == 0 && least == 1) return this.refuse("must not be empty");
    if (size < least || size > most) {
      const wanted = least == most ? least.toString() : least.toString() + " to " + most.toString();
      return this.refuse("must have " + wanted + " characters, has " + size.toString());
    }
    const format = <Format>this.cell(Column.Format);
    return hasFormat(text, format) || this.refuse("must be " + describeFormat(format));
  }

  private checkInteger(node: i32): bool {
    if (this.doc.kind(node) != JsonKind.Number) return this.refuseKind(node, "a whole number");
    this.doc.view.aim(this.window, this.doc.start(node), this.doc.end(node));
    const value = readWhole(this.window);
    const least = this.cell(Column.Min);
    const most = this.cell(Column.Max);
    if (value != NOT_WHOLE && value >= <i64>least && value <= <i64>most) return true;
    return this.refuse("must be a whole number from " + least.toString() + " to " + most.toString());
  }

  /** Text or a number; a minimum of 1 stands for more than nothing. */
  private checkAmount(node: i32): bool {
    const isText = this.doc.isString(node);
    if (!isText && this.doc.kind(node) != JsonKind.Number) return this.refuseKind(node, "a number, or a string with one");
    const text = isText ? resolve(this.doc.glance(node, this.window)) : this.doc.raw(node);
    if (text !== null && readMicros(text) >= <i64>this.cell(Column.Min)) return true;
    const least = this.cell(Column.Min) > 0 ? "above 0" : "of 0 or more";
    return this.refuse("must be an amount " + least + ', at most 1000000000, with at most 6 decimals, such as 2.5 or "0.075"');
  }

  private checkTextList(node: i32): bool {
    if (!this.doc.isArray(node)) return this.refuseKind(node, "a list of strings");
    let isSound = true;
    for (let item = this.doc.first(node); item != NONE; item = this.doc.next(item)) {
      this.item++;
      if (!this.checkText(item)) isSound = false;
    }
    return isSound;
  }

  private checkTextMap(node: i32): bool {
    if (!this.doc.isObject(node)) return this.refuseKind(node, "an object of strings");
    const keys = this.cell(Column.Values);
    let isSound = true;
    for (let item = this.doc.first(node); item != NONE; item = this.doc.next(item)) {
      this.member = item;
      const key = this.doc.glanceKey(item, this.window);
      if (keys >= 0 && indexInList(key, keys) < 0) {
        isSound = this.refuse("unknown name " + quoted(key) + "; known are " + listText(keys));
      }
      const isText = this.doc.isString(item) || this.refuseKind(item, "a string");
      if (!isText || !this.checkPlainText(item)) isSound = false;
    }
    return isSound;
  }
}
