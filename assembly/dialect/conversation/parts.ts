// Parts of a message's content.

import { JsonDocument, NONE } from "../../json/document";

/** The string that a text part holds, NONE for other parts. */
export function textOf(doc: JsonDocument, part: i32, type: i32): i32 {
  if (doc.isString(part)) return part;
  let text = NONE;
  if (doc.textIn(type, "text input_text")) text = doc.get(part, "text");
  else if (doc.textIs(type, "refusal")) text = doc.get(part, "refusal");
  return doc.isString(text) ? text : NONE;
}
