// Access to the generated field table.

import { View } from "../bytes/view";
import { JsonKind } from "../json/cursor";
import { Column, FIELD_CELLS, LIST_STARTS, LIST_VALUES } from "./schema.gen";

/** A number of the field's row. */
export function cellOf(field: i32, column: Column): i32 {
  return FIELD_CELLS[field * Column.Count + column];
}

/** Values of lists as bytes, made when they are asked for. */
const listViews: StaticArray<View | null> = new StaticArray<View | null>(LIST_VALUES.length);

/** The value at `index` of LIST_VALUES as bytes, made once. */
export function listValue(index: i32): View {
  const known = listViews[index];
  if (known !== null) return known;
  const made = View.utf8(LIST_VALUES[index]);
  listViews[index] = made;
  return made;
}

/** Number of the value in a list of the table, or -1. */
export function indexInList(text: View, list: i32): i32 {
  if (list < 0) return -1;
  for (let k = LIST_STARTS[list]; k < LIST_STARTS[list + 1]; k++) if (text.equals(LIST_VALUES[k])) return k;
  return -1;
}

/** A list of the table as `a, b, c`. */
export function listText(list: i32): string {
  if (list < 0) return "";
  return LIST_VALUES.slice<Array<string>>(LIST_STARTS[list], LIST_STARTS[list + 1]).join(", ");
}

/** A kind of JSON value for "must be …, not …". */
export function kindName(kind: JsonKind): string {
  switch (kind) {
    case JsonKind.Object:
      return "an object";
    case JsonKind.Array:
      return "a list";
    case JsonKind.String:
      return "a string";
    case JsonKind.Number:
      return "a number";
    case JsonKind.True:
    case JsonKind.False:
      return "true or false";
    case JsonKind.Null:
      return "null";
    default:
      return "nothing";
  }
}
