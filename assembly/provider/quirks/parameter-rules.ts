// parameterRules: what the operator says that certain models do not take, in the body as it leaves for the provider.

import { View } from "../../bytes/view";
import { ParameterRule } from "../../config/body-edits";
import { JsonKind } from "../../json/cursor";
import { parseNumber } from "../../json/number";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { stepEnd, stepName } from "./custom-settings";
import { renameMember } from "./parameters";

const enum Change {
  Drop,
  Rename,
  Limit,
}

/** Applies, one after another, the rules that are for `model`. Names that the body has not, or not as numbers, are passed over. */
export function applyParameterRules(editor: ObjectEditor, rules: Array<ParameterRule>, model: View): void {
  for (let k = 0; k < rules.length; k++) {
    const rule = rules[k];
    // Who takes longer over its name than there is time for gets the rule, too.
    if (!rule.models.covers(model)) continue;
    for (let i = 0; i < rule.drop.length; i++) change(editor, rule.drop[i], Change.Drop, View.empty());
    for (let i = 0; i + 1 < rule.rename.length; i += 2) change(editor, rule.rename[i], Change.Rename, rule.rename[i + 1]);
    for (let i = 0; i + 1 < rule.most.length; i += 2) change(editor, rule.most[i], Change.Limit, rule.most[i + 1]);
  }
}

/** Changes the member at a path, when there is one; `value`: its new name, or its largest value. */
function change(editor: ObjectEditor, path: View, what: Change, value: View): void {
  const end = stepEnd(path);
  const name = stepName(path, end).toString();
  const member = editor.find(name);
  if (member < 0) return;
  if (end < path.length) changeWithin(editor, name, path.slice(end + 1, path.length), what, value);
  else if (what == Change.Drop) editor.remove(name);
  else if (what == Change.Rename) renameMember(editor, name, value.toString());
  else if (hasMore(editor, name, parseNumber(value))) editor.set(name, value);
}

/** The same in the object that a member is. */
function changeWithin(editor: ObjectEditor, name: string, path: View, what: Change, value: View): void {
  const text = editor.raw(editor.find(name));
  const patches = new PatchList();
  const inner = ObjectEditor.read(text, 0, patches);
  if (inner === null) return;
  change(inner, path, what, value);
  inner.finish();
  if (!patches.isEmpty) editor.set(name, patches.appliedTo(text));
}

/** One of the members called `name` is a number above `most`: of several some servers read the first, some the last. */
function hasMore(editor: ObjectEditor, name: string, most: f64): bool {
  for (let member = editor.find(name); member >= 0; member = editor.find(name, member)) {
    if (editor.kind(member) == JsonKind.Number && parseNumber(editor.raw(member)) > most) return true;
  }
  return false;
}
