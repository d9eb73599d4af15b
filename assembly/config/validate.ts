// Conditions between the fields of one object: the generated ones, and two that are code (`x-check` in the schema).

import { under } from "./problems";
import { ObjectReader } from "./reader";
import {
  CONDITIONS,
  Column,
  FIELD_NAMES,
  MESSAGES,
  ProviderField,
  QWEN_FILES_AND_CONTEXT_MESSAGE,
  TABLE_STARTS,
  Table,
  VERTEX_EXPRESS_MESSAGE,
} from "./schema.gen";
import { cellOf, indexInList, listText } from "./table";

/** Columns of a condition before its alternatives. */
const SIZE: i32 = 0;
const TABLE: i32 = 1;
const MESSAGE: i32 = 2;
const TYPE_FIELD: i32 = 3;
const TYPES: i32 = 4;
const FIELD: i32 = 5;
const VALUES: i32 = 6;
const ALTERNATIVES: i32 = 7;
const HEAD: i32 = 8;

/** Reports each condition that the object just entered does not meet. True when it meets all. */
export function checkConditions(reader: ObjectReader, table: Table, pointer: string): bool {
  let isSound = true;
  for (let row = 0; row + HEAD <= CONDITIONS.length; row += CONDITIONS[row + SIZE]) {
    if (CONDITIONS[row + TABLE] != table || !isConcerned(reader, row) || isMet(reader, row)) continue;
    isSound = false;
    reader.report.problem(pointer, MESSAGES[CONDITIONS[row + MESSAGE]]);
  }
  return isSound;
}

/** True when one of the condition's alternatives is met. */
function isMet(reader: ObjectReader, row: i32): bool {
  let here = row + HEAD;
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

/** True when the object has the type, and the constant, that the condition in `row` is for. */
function isConcerned(reader: ObjectReader, row: i32): bool {
  const typeField = CONDITIONS[row + TYPE_FIELD];
  if (typeField >= 0 && reader.place(typeField, CONDITIONS[row + TYPES]) < 0) return false;
  const field = CONDITIONS[row + FIELD];
  if (field < 0) return true;
  const list = CONDITIONS[row + VALUES];
  return list < 0 ? reader.flag(field) : reader.place(field, list) >= 0;
}

/** What JSON Schema says with `then: false` for providers; and a warning for fields of another type. */
export function checkProvider(reader: ObjectReader, pointer: string): void {
  checkConditions(reader, Table.Provider, pointer);
  const isVertex = reader.textIs(ProviderField.TYPE, "vertex");
  if (isVertex && reader.isGiven(ProviderField.API_TOKENS) && reader.flag(ProviderField.VERTEX_OPEN_AI_COMPATIBLE)) {
    reader.report.problem(under(pointer, "vertexOpenAICompatible"), VERTEX_EXPRESS_MESSAGE);
  }
  const isQwen = reader.textIs(ProviderField.TYPE, "qwen");
  if (isQwen && reader.isGiven(ProviderField.QWEN_FILE_IDS) && reader.isPresent(ProviderField.CONTEXT)) {
    reader.report.problem(under(pointer, "qwenFileIds"), QWEN_FILES_AND_CONTEXT_MESSAGE);
  }
  warnOfForeignFields(reader, pointer);
}

function warnOfForeignFields(reader: ObjectReader, pointer: string): void {
  const type = reader.text(ProviderField.TYPE);
  if (type.length == 0) return;
  for (let field = TABLE_STARTS[Table.Provider]; field < TABLE_STARTS[Table.Provider + 1]; field++) {
    const users = cellOf(field, Column.Providers);
    if (users < 0 || !reader.isPresent(field) || indexInList(type, users) >= 0) continue;
    const name = FIELD_NAMES[field];
    const message = '"' + name + '" has no effect with type ' + type.toString() + "; it is for " + listText(users);
    reader.report.warnOnce("foreign/" + name, under(pointer, name), message);
  }
}
