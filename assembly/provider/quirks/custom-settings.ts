// customSettings: parameters that the operator forces on, or gives as defaults to, every request.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { CustomSetting } from "../../config/provider-config";
import { JsonKind } from "../../json/cursor";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { writeString } from "../../json/text";

/**
 * Applies the settings to an OpenAI body. Mode auto knows max_tokens, temperature, top_p and seed; top_k has no OpenAI
 * counterpart and is dropped, as are unknown names (Higress's table). Mode raw writes any dotted path.
 */
export function applyCustomSettings(body: View, editor: ObjectEditor, settings: Array<CustomSetting>): void {
  for (let k = 0; k < settings.length; k++) {
    const setting = settings[k];
    if (!setting.raw && !isAutoName(setting.name)) continue;
    setPath(body, editor, setting.name, setting.value, setting.overwrite);
  }
}

function isAutoName(name: View): bool {
  return name.equals("max_tokens") || name.equals("temperature") || name.equals("top_p") || name.equals("seed");
}

/** Sets the value at a dotted path, making the objects that are missing on the way. */
function setPath(body: View, editor: ObjectEditor, path: View, value: View, overwrite: bool): void {
  const dot = path.indexOf(0x2e);
  const name = (dot < 0 ? path : path.slice(0, dot)).toString();
  const member = editor.find(name);
  if (dot < 0) {
    if (member < 0 || overwrite) editor.set(name, value);
    return;
  }
  const rest = path.slice(dot + 1, path.length);
  if (editor.kind(member) != JsonKind.Object) {
    if (member < 0 || overwrite) editor.set(name, nest(rest, value));
    return;
  }
  // The nested object is rewritten on its own and put back whole: edits of one text must not overlap.
  const inner = body.slice(editor.valueStart(member), editor.valueEnd(member));
  const patches = new PatchList();
  const nested = ObjectEditor.read(inner, 0, patches);
  if (nested === null) return;
  setPath(inner, nested, rest, value, overwrite);
  nested.finish();
  const out = new Buffer(inner.length + value.length + 32);
  patches.apply(inner, out, inner.length);
  editor.set(name, out.toView());
}

/** `a.b` and 1 as `{"a":{"b":1}}`. */
function nest(path: View, value: View): View {
  const out = new Buffer(64);
  let here = 0;
  let depth = 0;
  while (here <= path.length) {
    let dot = path.indexOf(0x2e, here);
    if (dot < 0) dot = path.length;
    out.byte(0x7b);
    writeString(out, path.slice(here, dot));
    out.byte(0x3a);
    depth++;
    here = dot + 1;
  }
  out.view(value);
  for (let k = 0; k < depth; k++) out.byte(0x7d);
  return out.toView();
}
