// Parameters that a provider does not know or spells in another way, by the tables of its row.

import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { ObjectEditor } from "../../json/object-editor";
import { ProviderRow } from "../row";

/** Renames, removes and maps what the row names. `isMapped`: the client did not ask for `model` under this name. */
export function fitParameters(editor: ObjectEditor, row: ProviderRow, model: View, isMapped: bool): void {
  const renames = row.renames;
  for (let k = 0; k + 1 < renames.length; k += 2) renameMember(editor, renames[k], renames[k + 1]);
  for (let k = 0; k < row.refuses.length; k++) editor.remove(row.refuses[k]);
  // An effort that was meant for another model is of no use to one that takes none.
  if (isMapped && !beginsAmong(model, row.effortModels)) editor.remove("reasoning_effort");
  const efforts = row.efforts;
  const effort = editor.find("reasoning_effort");
  if (effort < 0 || editor.kind(effort) != JsonKind.String) return;
  for (let k = 0; k + 1 < efforts.length; k += 2) {
    if (editor.raw(effort).equals('"' + efforts[k] + '"')) {
      editor.set("reasoning_effort", View.utf8('"' + efforts[k + 1] + '"'));
      return;
    }
  }
}

/** True when the model's name begins as one of `names`, or when there are none. */
export function beginsAmong(model: View, names: StaticArray<string>): bool {
  for (let k = 0; k < names.length; k++) if (model.startsWith(names[k])) return true;
  return names.length == 0;
}

/** The value of member `from` becomes that of `to`, which it replaces; null says nothing and goes. */
export function renameMember(editor: ObjectEditor, from: string, to: string): void {
  const member = editor.find(from);
  if (member < 0) return;
  const value = editor.raw(member);
  const says = editor.kind(member) != JsonKind.Null;
  editor.remove(from);
  if (says) editor.set(to, value);
}
