// What a cloud that serves Claude wants otherwise in the body of a Messages request. Everything else keeps its bytes.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { writeString } from "../../json/text";

/** How a cloud takes a Messages request. */
export class CloudRules {
  constructor(
    /** The value of `anthropic_version` in the body, "" when the version is a header there. */
    public version: string,
    /** Betas that it takes, without their dates; any other would be answered with 400. */
    public betas: StaticArray<string>,
    /** Members of the body that it refuses. */
    public refused: StaticArray<string>,
    /** It refuses `scope` in `cache_control`, and `eager_input_streaming` in tools. */
    public isStrictInside: bool,
    /** The path names the model, and not the body. */
    public isModelInPath: bool,
  ) {}

  /** True for a beta that the cloud takes. */
  takesBeta(name: View): bool {
    for (let k = 0; k < this.betas.length; k++) if (name.startsWith(this.betas[k])) return true;
    return false;
  }
}

/** The names of a comma-separated `anthropic-beta` that the cloud takes, in order, with `separator` between; `isJson`: as strings. */
export function writeBetas(header: View, rules: CloudRules, isJson: bool, out: Buffer): void {
  const begun = out.length;
  for (let start = 0; start < header.length;) {
    let end = header.indexOf(Ascii.Comma, start);
    if (end < 0) end = header.length;
    const name = header.slice(start, end).trim();
    if (rules.takesBeta(name)) {
      if (out.length > begun) out.byte(Ascii.Comma);
      if (isJson) writeString(out, name);
      else out.view(name);
    }
    start = end + 1;
  }
}

/**
 * Appends `body`, an object that `doc` holds, as the cloud takes it. `model`: the mapped name, for clouds that read it in the body;
 * `betas`: the client's header. False when the object has more members than can be edited.
 */
export function writeCloudBody(doc: JsonDocument, body: View, rules: CloudRules, model: View, betas: View, out: Buffer): bool {
  const patches = new PatchList();
  const editor = ObjectEditor.read(body, doc.start(0), patches);
  if (editor === null) return false;
  if (rules.isModelInPath) editor.remove("model");
  else if (model.length > 0) editor.set("model", quoted(model));
  for (let k = 0; k < rules.refused.length; k++) editor.remove(rules.refused[k]);
  if (rules.version.length > 0) {
    const list = new Buffer(64);
    list.byte(Ascii.LeftBracket);
    writeBetas(betas, rules, true, list);
    list.byte(Ascii.RightBracket);
    // A body that names its betas or the version itself was written for the cloud.
    if (list.length > 2 && !editor.isSet("anthropic_beta")) editor.set("anthropic_beta", list.toView());
    if (!editor.isSet("anthropic_version")) editor.set("anthropic_version", quoted(View.utf8(rules.version)));
  }
  editor.finish();
  if (rules.isStrictInside) editInside(doc, body, patches);
  patches.apply(body, out, body.length);
  return !out.overflow;
}

function quoted(text: View): View {
  const out = new Buffer(text.length + 2);
  writeString(out, text);
  return out.toView();
}

/** The places at which Anthropic's reference has cache marks: the body, system texts, tools, blocks and what stands in results. */
function editInside(doc: JsonDocument, body: View, patches: PatchList): void {
  removeScope(doc, 0, body, patches);
  editBlocks(doc, doc.get(0, "system"), body, patches);
  for (let tool = doc.first(doc.get(0, "tools")); tool != NONE; tool = doc.next(tool)) {
    removeScope(doc, tool, body, patches);
    removeMember(doc, tool, "eager_input_streaming", body, patches);
  }
  for (let message = doc.first(doc.get(0, "messages")); message != NONE; message = doc.next(message)) {
    editBlocks(doc, doc.get(message, "content"), body, patches);
  }
}

function editBlocks(doc: JsonDocument, list: i32, body: View, patches: PatchList): void {
  if (!doc.isArray(list)) return;
  for (let block = doc.first(list); block != NONE; block = doc.next(block)) {
    removeScope(doc, block, body, patches);
    const inner = doc.get(block, "content");
    if (!doc.isArray(inner)) continue;
    for (let child = doc.first(inner); child != NONE; child = doc.next(child)) removeScope(doc, child, body, patches);
  }
}

function removeScope(doc: JsonDocument, holder: i32, body: View, patches: PatchList): void {
  removeMember(doc, doc.get(holder, "cache_control"), "scope", body, patches);
}

function removeMember(doc: JsonDocument, object: i32, name: string, body: View, patches: PatchList): void {
  if (!doc.isObject(object) || doc.get(object, name) == NONE) return;
  const editor = ObjectEditor.read(body, doc.start(object), patches);
  if (editor === null) return;
  editor.remove(name);
  editor.finish();
}
