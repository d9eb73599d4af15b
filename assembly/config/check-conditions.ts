// Conditions between the fields of one object, as they are generated from the schema.

import { Place } from "./place";
import { ObjectReader } from "./reader";
import { CONDITIONS, Column, FIELD_NAMES, LIST_STARTS, MESSAGES, ProviderField, Table } from "./schema.gen";
import { cellOf } from "./table";

/** Columns of a condition before its alternatives. */
const SIZE: i32 = 0;
const TABLE: i32 = 1;
const MESSAGE: i32 = 2;
const TYPES: i32 = 3;
const FIELD: i32 = 5;
const VALUES: i32 = 6;
const AT: i32 = 7;
const ALTERNATIVES: i32 = 8;
const HEAD: i32 = 9;
/** In place of the number of alternatives: the fields that follow exclude each other. */
const EXCLUSIVE: i32 = -1;

/** Reports each condition that the object just entered does not meet. True when it meets all. */
export function checkConditions(reader: ObjectReader, table: Table, place: Place): bool {
  const type = table == Table.Provider ? typeBit(reader) : 0;
  let isSound = true;
  for (let row = 0; row + HEAD <= CONDITIONS.length; row += CONDITIONS[row + SIZE]) {
    // They are in the order of the tables.
    if (CONDITIONS[row + TABLE] > <i32>table) break;
    if (CONDITIONS[row + TABLE] != table || !isConcerned(reader, row, type) || isMet(reader, row)) continue;
    isSound = false;
    const at = CONDITIONS[row + AT];
    reader.report.problem(at < 0 ? place : place.at(FIELD_NAMES[at]), MESSAGES[CONDITIONS[row + MESSAGE]]);
  }
  return isSound;
}

/** The provider's type as a bit of the conditions' TYPES, 0 when it is wrong. */
function typeBit(reader: ObjectReader): u64 {
  const list = cellOf(ProviderField.TYPE, Column.Values);
  const place = reader.place(ProviderField.TYPE, list);
  return place < 0 ? 0 : u64(1) << u64(place - LIST_STARTS[list]);
}

/** True when one of the condition's alternatives is met, or one of the fields that exclude each other is not given. */
function isMet(reader: ObjectReader, row: i32): bool {
  let here = row + HEAD;
  if (CONDITIONS[row + ALTERNATIVES] == EXCLUSIVE) return !isAlternativeMet(reader, here);
  for (let left = CONDITIONS[row + ALTERNATIVES]; left > 0; left--) {
    if (isAlternativeMet(reader, here)) return true;
    here += 1 + CONDITIONS[here];
  }
  return false;
}

/** True when all fields of the alternative at `here` are given. */
function isAlternativeMet(reader: ObjectReader, here: i32): bool {
  for (let k = 1; k <= CONDITIONS[here]; k++) if (!reader.isGiven(CONDITIONS[here + k])) return false;
  return true;
}

/** True when the object has one of the types, and the constant, that the condition in `row` is for. */
function isConcerned(reader: ObjectReader, row: i32, type: u64): bool {
  const types = (<u64>(<u32>CONDITIONS[row + TYPES])) | ((<u64>(<u32>CONDITIONS[row + TYPES + 1])) << 32);
  if (types != u64.MAX_VALUE && (types & type) == 0) return false;
  const field = CONDITIONS[row + FIELD];
  if (field < 0) return true;
  const list = CONDITIONS[row + VALUES];
  return list < 0 ? reader.flag(field) : reader.place(field, list) >= 0;
}
