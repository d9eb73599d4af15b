// What an operator configures for one type of provider alone, by the field's number: `settings.text(ProviderField.AWS_REGION)`.
// Who needs a setting reads it here under its name in the schema; nothing in between knows of it. The values have been checked
// with the configuration, are never changed afterwards, and keep the configuration's text alive.

import { Secret } from "../auth/secret";
import { View } from "../bytes/view";
import { Column, LIST_STARTS } from "./schema.gen";
import { cellOf, listValue } from "./table";

/** Shared, as most providers have none of most settings. */
const NOTHING: View = View.empty();
const NO_TEXTS: Array<View> = [];
const NO_SECRET: Secret = Secret.none();
const NO_SETTINGS: Array<Setting> = [];

/** A setting that is given; which member holds it follows from the field's kind. */
@final
class Setting {
  /** Text, or raw JSON. */
  text: View = NOTHING;
  /** An integer, or 0 and 1 for false and true. */
  number: i32 = 0;
  /** A list, or the members of an object of strings: key, value, key, value… */
  texts: Array<View> = NO_TEXTS;
  secret: Secret = NO_SECRET;

  constructor(public field: i32) {}
}

@final
export class Settings {
  private given: Array<Setting> = NO_SETTINGS;

  /** True when the operator gives the setting, be it empty. */
  has(field: i32): bool {
    return this.find(field) !== null;
  }

  /** The text or the raw JSON, the schema's default, or empty. */
  text(field: i32): View {
    const setting = this.find(field);
    if (setting !== null) return setting.text;
    const list = cellOf(field, Column.DefaultList);
    return list < 0 ? NOTHING : listValue(LIST_STARTS[list]);
  }

  /** True when the text, or its default, is `value`. */
  textIs(field: i32, value: string): bool {
    return this.text(field).equals(value);
  }

  /** The truth value, or the schema's default. */
  flag(field: i32): bool {
    return this.integer(field) == 1;
  }

  /** The number, or the schema's default; has() tells which. */
  integer(field: i32): i32 {
    const setting = this.find(field);
    return setting === null ? cellOf(field, Column.Default) : setting.number;
  }

  /** The list, or the members of an object of strings (key, value, key, value…). Not to be changed. */
  texts(field: i32): Array<View> {
    const setting = this.find(field);
    return setting === null ? NO_TEXTS : setting.texts;
  }

  /** A field that the schema says is secret; it has no text(). */
  secret(field: i32): Secret {
    const setting = this.find(field);
    return setting === null ? NO_SECRET : setting.secret;
  }

  /** For who reads the configuration. */
  putText(field: i32, text: View): void {
    this.add(field).text = text;
  }

  /** For who reads the configuration; truth values are 0 and 1. */
  putNumber(field: i32, number: i32): void {
    this.add(field).number = number;
  }

  /** For who reads the configuration. */
  putTexts(field: i32, texts: Array<View>): void {
    this.add(field).texts = texts;
  }

  /** For who reads the configuration. */
  putSecret(field: i32, secret: Secret): void {
    this.add(field).secret = secret;
  }

  private add(field: i32): Setting {
    const setting = new Setting(field);
    if (this.given.length == 0) this.given = [];
    this.given.push(setting);
    return setting;
  }

  /** A provider has a handful. */
  private find(field: i32): Setting | null {
    const given = this.given;
    for (let k = 0; k < given.length; k++) if (given[k].field == field) return given[k];
    return null;
  }
}
