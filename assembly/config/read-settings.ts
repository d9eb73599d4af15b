// Keeps the fields of a provider object that are for its type alone. The schema's table says which those are, and what each holds.

import { Secret } from "../auth/secret";
import { View } from "../bytes/view";
import { NONE } from "../json/document";
import { ROOT } from "./place";
import { ObjectReader } from "./reader";
import { Column, Kind, ProviderField, Table } from "./schema.gen";
import { Settings } from "./settings";
import { cellOf } from "./table";

/** Shared by providers that have none. */
const NO_SETTINGS: Settings = new Settings();

/**
 * The settings of the provider object that `reader` has entered. One that is for another type has no effect, as the check has warned:
 * it is left out here, and so for everybody.
 */
export function readSettings(reader: ObjectReader): Settings {
  let settings = NO_SETTINGS;
  for (let k = 0; k < reader.size(Table.Provider); k++) {
    const field = reader.fieldAt(Table.Provider, k);
    const users = cellOf(field, Column.Providers);
    if (users < 0 || reader.place(ProviderField.TYPE, users) < 0) continue;
    if (settings === NO_SETTINGS) settings = new Settings();
    addSetting(reader, field, settings);
  }
  return settings;
}

/** Fields of an object inside are settings like those beside it. */
function addSetting(reader: ObjectReader, field: i32, settings: Settings): void {
  const node = reader.node(field);
  if (node == NONE) return;
  switch (cellOf(field, Column.Kind)) {
    case Kind.Text:
      if (cellOf(field, Column.Secret) == 1) settings.putSecret(field, new Secret(reader.text(field)));
      else settings.putText(field, reader.text(field));
      return;
    case Kind.Integer:
      settings.putNumber(field, reader.integer(field));
      return;
    case Kind.Boolean:
      settings.putNumber(field, reader.flag(field) ? 1 : 0);
      return;
    case Kind.TextList:
      settings.putTexts(field, reader.texts(field));
      return;
    case Kind.TextMap:
      settings.putTexts(field, readPairs(reader, node));
      return;
    case Kind.Object: {
      const table = cellOf(field, Column.Table);
      settings.putText(field, reader.raw(field));
      if (!reader.enter(table, node, ROOT)) return;
      for (let k = 0; k < reader.size(table); k++) addSetting(reader, reader.fieldAt(table, k), settings);
      return;
    }
    default:
      settings.putText(field, reader.raw(field));
  }
}

/** The members of an object of strings: key, value, key, value… */
function readPairs(reader: ObjectReader, node: i32): Array<View> {
  const pairs: Array<View> = [];
  const doc = reader.doc;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    pairs.push(doc.key(item));
    pairs.push(doc.text(item));
  }
  return pairs;
}
