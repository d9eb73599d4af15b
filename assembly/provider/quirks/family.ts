// Parameters that the model which is called refuses, for requests that were meant for another one.

import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { ObjectEditor } from "../../json/object-editor";
import { JsonDocument, NONE } from "../../json/document";
import { Refuses, familyOf, refusalsOf } from "../../model/family";
import { renameMember } from "./parameters";

const NO_EFFORT: View = View.utf8('"none"');
const SAMPLING: StaticArray<string> = ["temperature", "top_p", "logprobs", "top_logprobs"];
const PENALTIES: StaticArray<string> = ["presence_penalty", "frequency_penalty", "logit_bias"];

/**
 * `asked` is the model that the client named, `model` the one that is called. A client that named one of this family itself gets
 * its parameters through as they are, and the provider's word on them. With `isOurs` the gateway wrote the chat; with `takesAll` it goes
 * to an API that takes efforts beside tools.
 */
export function fitFamily(editor: ObjectEditor, asked: View, model: View, isOurs: bool, takesAll: bool): void {
  const family = familyOf(model);
  const refuses = refusalsOf(family);
  if (refuses == 0) return;
  if (!isOurs && familyOf(asked) == family) {
    // It refuses tools beside the effort that it has by default, so tools alone would never work.
    if (!takesAll && (refuses & Refuses.RESTS_BY_DEFAULT) == 0 && !editor.isSet("reasoning_effort")) fitTools(editor, refuses);
    return;
  }
  if ((refuses & Refuses.MAX_TOKENS) != 0) renameMember(editor, "max_tokens", "max_completion_tokens");
  if ((refuses & Refuses.EFFORT) != 0) {
    editor.remove("reasoning_effort");
    editor.remove("verbosity");
  }
  fitEffort(editor, refuses);
  if (!takesAll) fitTools(editor, refuses);
  if ((refuses & Refuses.SAMPLING) != 0 && reasons(editor, refuses)) removeAll(editor, SAMPLING);
  if ((refuses & Refuses.PENALTIES) != 0) removeAll(editor, PENALTIES);
  if ((refuses & Refuses.STOP) != 0) editor.remove("stop");
}

/** An effort that is too low for the model becomes its lowest. */
function fitEffort(editor: ObjectEditor, refuses: i32): void {
  if ((refuses & (Refuses.NONE | Refuses.MINIMAL)) == 0) return;
  const effort = editor.raw(editor.find("reasoning_effort"));
  const isNone = (refuses & Refuses.NONE) != 0 && effort.equals('"none"');
  if (!isNone && ((refuses & Refuses.MINIMAL) == 0 || !effort.equals('"minimal"'))) return;
  editor.set("reasoning_effort", View.utf8((refuses & Refuses.MINIMAL) != 0 ? '"low"' : '"minimal"'));
}

/** Function tools take effort none only: said where something else is, and where the default is another. */
function fitTools(editor: ObjectEditor, refuses: i32): void {
  if (hasEffortBesideTools(editor, refuses)) editor.set("reasoning_effort", NO_EFFORT);
}

/** True for a chat whose effort, or that of the model's by default, is refused beside its function tools. */
export function hasEffortBesideTools(editor: ObjectEditor, refuses: i32): bool {
  return (refuses & Refuses.EFFORT_WITH_TOOLS) != 0 && reasons(editor, refuses) && hasFunctions(editor);
}

function reasons(editor: ObjectEditor, refuses: i32): bool {
  const effort = editor.find("reasoning_effort");
  if (effort < 0 || editor.kind(effort) == JsonKind.Null) return (refuses & Refuses.RESTS_BY_DEFAULT) == 0;
  return !editor.raw(effort).equals('"none"');
}

function removeAll(editor: ObjectEditor, names: StaticArray<string>): void {
  for (let k = 0; k < names.length; k++) editor.remove(names[k]);
}

/** True when one of the tools is a function, or `functions`, their older name, is not empty. */
function hasFunctions(editor: ObjectEditor): bool {
  const doc = new JsonDocument();
  if (doc.parse(editor.raw(editor.find("functions"))) && doc.first(0) != NONE) return true;
  if (!doc.parse(editor.raw(editor.find("tools")))) return false;
  for (let tool = doc.first(0); tool != NONE; tool = doc.next(tool)) if (doc.memberIs(tool, "type", "function")) return true;
  return false;
}
