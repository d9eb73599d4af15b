// stream_options.include_usage: asked for when the client did not, so that a stream can be counted.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";

const OPTIONS: View = View.utf8('{"include_usage":true}');
const TRUE: View = View.utf8("true");

/** Used anew for each request. */
const options: ObjectEditor = new ObjectEditor(View.empty(), new PatchList());

/** True when the body itself asks for usage. */
export function asksForUsage(editor: ObjectEditor): bool {
  const inner = optionsOf(editor);
  const asks = inner !== null && inner.kind(inner.find("include_usage")) == JsonKind.True;
  options.reset(View.empty());
  return asks;
}

/** Adds the option; other keys of stream_options are kept. */
export function askForUsage(editor: ObjectEditor): void {
  const inner = optionsOf(editor);
  if (inner === null) {
    editor.set("stream_options", OPTIONS);
    return;
  }
  const given = editor.raw(editor.find("stream_options"));
  inner.set("include_usage", TRUE);
  inner.finish();
  editor.set("stream_options", inner.patches.appliedTo(given));
  options.reset(View.empty());
}

/** The options, ready to be edited until they are asked for again; null when there are none. */
function optionsOf(editor: ObjectEditor): ObjectEditor | null {
  const member = editor.find("stream_options");
  if (editor.kind(member) != JsonKind.Object) return null;
  options.reset(editor.raw(member));
  return options.fill(0) ? options : null;
}
