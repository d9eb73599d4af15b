// Reads the choices of `output`, for whole responses and stream events alike.

import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { innerOf } from "../conversation/inner";

/** True when `root` holds a response: choices, or the text form of before result_format "message". */
export function hasResponse(doc: JsonDocument, root: i32): bool {
  const output = doc.get(root, "output");
  return doc.isArray(doc.get(output, "choices")) || doc.isString(doc.get(output, "text"));
}

/** The list of choices, or NONE when the response is in text form: then `output` itself is the one choice. */
export function choicesOf(doc: JsonDocument, root: i32): i32 {
  const choices = doc.get(doc.get(root, "output"), "choices");
  return doc.isArray(choices) && doc.first(choices) != NONE ? choices : NONE;
}

/**
 * Appends the choice's text, escaped inner bytes: a string, the texts of a list (multimodal models), or `text` of the old
 * form. True when the choice has content at all, if only an empty one.
 */
export function readContent(doc: JsonDocument, choice: i32, text: Buffer): bool {
  const message = doc.get(choice, "message");
  const content = doc.isObject(message) ? doc.get(message, "content") : doc.get(choice, "text");
  if (doc.isString(content)) {
    text.view(innerOf(doc, content));
    return true;
  }
  if (!doc.isArray(content)) return false;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    text.view(innerOf(doc, doc.isString(part) ? part : doc.get(part, "text")));
  }
  return true;
}
