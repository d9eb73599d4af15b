// What `filterState` may name: the facts that later filters of the gateway can read, in the schema's order.

import { ObjectReader } from "./reader";
import { Column, LIST_STARTS, RootField } from "./schema.gen";
import { cellOf, indexInList } from "./table";

export const enum Fact {
  Consumer,
  /** The alias of the key that the client sent. */
  Token,
  Model,
  Route,
  /** How many were used. */
  Tokens,
  /** What it cost: a decimal, and whole 10^-6, rounded up. */
  Cost,
  CostMicros,
  /** The chosen side. */
  Split,
}

/** One bit `1 << Fact` for each fact that the root object names. */
export function readFilterState(reader: ObjectReader): i32 {
  const words = reader.texts(RootField.FILTER_STATE);
  const list = cellOf(RootField.FILTER_STATE, Column.Values);
  let bits = 0;
  for (let k = 0; k < words.length; k++) {
    const index = indexInList(words[k], list);
    if (index >= 0) bits |= 1 << (index - LIST_STARTS[list]);
  }
  return bits;
}
