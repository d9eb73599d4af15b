// stream_options.include_usage: asked for when the client did not, so that a stream can be counted.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";

const OPTIONS: View = View.utf8('{"include_usage":true}');
const MEMBER: View = View.utf8('"include_usage":true');
const TRUE: View = View.utf8("true");

/** True when the body itself asks for usage. */
export function asksForUsage(body: View, editor: ObjectEditor): bool {
  const options = editor.find("stream_options");
  if (editor.kind(options) != JsonKind.Object) return false;
  const inner = ObjectEditor.read(body, editor.valueStart(options), new PatchList());
  return inner !== null && inner.kind(inner.find("include_usage")) == JsonKind.True;
}

/** Adds the option; other keys of stream_options are kept. */
export function askForUsage(body: View, editor: ObjectEditor): void {
  const options = editor.find("stream_options");
  if (editor.kind(options) != JsonKind.Object) {
    editor.set("stream_options", OPTIONS);
    return;
  }
  const start = editor.valueStart(options);
  const inner = ObjectEditor.read(body, start, editor.patches);
  if (inner === null) return;
  if (inner.find("include_usage") >= 0) {
    inner.set("include_usage", TRUE);
    return;
  }
  const out = new Buffer(32);
  out.view(MEMBER);
  if (inner.count > 0) out.byte(0x2c);
  editor.patches.insert(start + 1, out.toView());
}
