// customSettings: parameters that the operator forces on, or gives as defaults to, every request.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { CustomSetting } from "../../config/provider-config";
import { JsonDocument, NONE } from "../../json/document";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { writeString } from "../../json/text";
import { OPENAI_SETTINGS, ProviderRow } from "../row";

/**
 * Applies the settings, one after another, to a body. Mode auto knows max_tokens, temperature, top_p, top_k and seed under the
 * names of the provider's own API (`row`), or of OpenAI's (null), and drops those that it has not, as it does unknown names. Mode raw
 * writes any dotted path.
 */
export function applyCustomSettings(editor: ObjectEditor, settings: Array<CustomSetting>, row: ProviderRow | null): void {
  for (let k = 0; k < settings.length; k++) {
    const setting = settings[k];
    const path = setting.raw ? setting.name : View.utf8(nameIn(row, setting.name, editor));
    if (path.length == 0) continue;
    const end = stepEnd(path);
    const name = stepName(path, end).toString();
    const before = editor.raw(editor.find(name));
    const after = setBelow(before, path, end, setting.value, setting.overwrite);
    if (after !== before) editor.set(name, after);
  }
}

/** The setting's name, or path, in the API; "" when it has none. */
function nameIn(row: ProviderRow | null, name: View, editor: ObjectEditor): string {
  const names = row === null ? OPENAI_SETTINGS : row.settingNames;
  for (let k = 0; k + 1 < names.length; k += 2) {
    if (!name.equals(names[k])) continue;
    if (row === null || row.settingParent.length == 0) return names[k + 1];
    const parent = editor.find(row.settingParent) >= 0 ? row.settingParent : row.otherSettingParent;
    return parent + "." + names[k + 1];
  }
  return "";
}

/** What becomes of the value at the path's first step, which ends at `end`: `given` itself when nothing is to change. */
function setBelow(given: View, path: View, end: i32, value: View, overwrite: bool): View {
  if (end < path.length) return setWithin(given, path.slice(end + 1, path.length), value, overwrite);
  return given.length == 0 || overwrite ? value : given;
}

/** The JSON `text` with the value at a path below it; empty for a value that is not there. Itself when nothing is to change. */
function setWithin(text: View, path: View, value: View, overwrite: bool): View {
  if (text.at(0) == Ascii.LeftBracket) return setItem(text, path, value, overwrite);
  if (text.at(0) != Ascii.LeftBrace) return text.length == 0 || overwrite ? nest(path, value) : text;
  const patches = new PatchList();
  const editor = ObjectEditor.read(text, 0, patches);
  if (editor === null) return text;
  const end = stepEnd(path);
  const name = stepName(path, end).toString();
  const before = editor.raw(editor.find(name));
  const after = setBelow(before, path, end, value, overwrite);
  if (after === before) return text;
  editor.set(name, after);
  editor.finish();
  return patches.appliedTo(text);
}

/** The list `text` with a value in it: the path begins with the item's number, or with -1 to append. */
function setItem(text: View, path: View, value: View, overwrite: bool): View {
  const doc = new JsonDocument();
  if (!doc.parse(text)) return text;
  const end = stepEnd(path);
  const step = path.slice(0, end);
  const index = step.equals("-1") ? <i64>doc.size(0) : step.toInteger();
  let item = doc.first(0);
  for (let left = index; left > 0 && item != NONE; left--) item = doc.next(item);
  if (index < 0 || (item == NONE && index != doc.size(0))) return text;
  const given = doc.raw(item);
  const wanted = setBelow(given, path, end, value, overwrite);
  if (wanted === given) return text;
  const start = item == NONE ? text.length - 1 : doc.start(item);
  const out = new Buffer(text.length + value.length + 32);
  out.range(text, 0, start);
  if (item == NONE && index > 0) out.byte(Ascii.Comma);
  out.view(wanted);
  out.range(text, item == NONE ? start : doc.end(item), text.length);
  return out.toView();
}

/** Where the path's first step ends: at a dot without a backslash before it, or at its end. */
export function stepEnd(path: View): i32 {
  for (let k = 0; k < path.length; k++) {
    if (path.at(k) == Ascii.Backslash) k++;
    else if (path.at(k) == Ascii.Dot) return k;
  }
  return path.length;
}

/** The step, backslashes resolved. */
export function stepName(path: View, end: i32): View {
  if (path.indexOf(Ascii.Backslash) < 0) return path.slice(0, end);
  const out = new Buffer(end);
  for (let k = 0; k < end; k++) {
    if (path.at(k) == Ascii.Backslash && k + 1 < end) k++;
    out.byte(path.at(k));
  }
  return out.toView();
}

/** `a.b` and 1 as `{"a":{"b":1}}`; a step `0` or `-1` makes a list, as it would in one that is there. */
function nest(path: View, value: View): View {
  const out = new Buffer(64);
  const closing = new Buffer(16);
  let rest = path;
  while (true) {
    const end = stepEnd(rest);
    const step = rest.slice(0, end);
    const isItem = step.isOneOf("0 -1");
    closing.byte(isItem ? Ascii.RightBracket : Ascii.RightBrace);
    out.byte(isItem ? Ascii.LeftBracket : Ascii.LeftBrace);
    if (!isItem) {
      writeString(out, stepName(rest, end));
      out.byte(Ascii.Colon);
    }
    if (end >= rest.length) break;
    rest = rest.slice(end + 1, rest.length);
  }
  out.view(value);
  for (let k = closing.length - 1; k >= 0; k--) out.byte(closing.at(k));
  return out.toView();
}
