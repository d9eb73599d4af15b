// What a cloud that serves Claude wants otherwise in the body of a Messages request. Everything else keeps its bytes.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { writeString } from "../../json/text";
import { betaList } from "../conversation/betas";

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
  else if (model.length != 0) editor.set("model", quoted(model));
  for (let k = 0; k < rules.refused.length; k++) editor.remove(rules.refused[k]);
  if (rules.version.length != 0) {
    const list = betaList(betas, rules.betas);
    // A body that names its betas or the version itself was written for the cloud.
    if (list.length != 0 && !editor.isSet("anthropic_beta")) editor.set("anthropic_beta", list);
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
  editBlocks(doc, doc.root("system"), body, patches);
  for (let tool = doc.first(doc.root("tools")); tool != NONE; tool = doc.next(tool)) {
    removeScope(doc, tool, body, patches);
    removeMember(doc, tool, "eager_input_streaming", body, patches);
  }
  for (let message = doc.first(doc.root("messages")); message != NONE; message = doc.next(message)) {
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
