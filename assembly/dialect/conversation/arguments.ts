// The arguments of a tool call for dialects that take an object in place of its text.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonCursor, JsonKind } from "../../json/cursor";
import { JsonDocument } from "../../json/document";
import { oneLine, writeInner } from "../../json/text";

/**
 * The JSON object that `arguments` holds, spelt as the model spelt it: the text of a string, or an object as some clients
 * send it. Nothing, null, the text of null or a blank string is `{}`. Empty when it is no JSON object.
 */
export function argumentsObject(doc: JsonDocument, node: i32): View {
  if (doc.isObject(node)) return doc.raw(node);
  if (!doc.isSet(node)) return View.utf8("{}");
  const text = doc.text(node);
  const cursor = new JsonCursor().reset(text);
  if (doc.isString(node) && cursor.kind() == JsonKind.None && cursor.position >= text.length) return View.utf8("{}");
  if (!cursor.skipValue() || !cursor.atEnd()) return View.empty();
  if (cursor.valueKind == JsonKind.Null) return View.utf8("{}");
  return cursor.valueKind == JsonKind.Object ? text.slice(cursor.valueStart, cursor.valueEnd) : View.empty();
}

/**
 * Appends the arguments that a model wrote as the JSON object that the client's form wants: the text itself, on one line, when it is an
 * object, {} when it is empty or null, else {"_raw": text}, so that nothing is lost and the client's tool can refuse it.
 */
export function writeArgumentsObject(text: View, out: Buffer): void {
  const cursor = new JsonCursor().reset(text);
  const isObject = cursor.kind() == JsonKind.Object;
  if (cursor.skipValue() && cursor.atEnd() && isObject) {
    out.view(oneLine(text));
    return;
  }
  if (text.length == 0 || text.equals("null")) {
    out.ascii("{}");
    return;
  }
  out.ascii('{"_raw":"');
  writeInner(out, text);
  out.ascii('"}');
}
