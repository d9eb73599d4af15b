// Errors of Vertex AI: what goes wrong before a model is reached is told in Google's form, for Claude as well.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { findError, writeGeminiError } from "../to-gemini/error";

/** Writes an error in Google's form as OpenAI's; false, and nothing written, when `body` has another form. */
export function writeGoogleError(doc: JsonDocument, status: i32, body: View, out: Buffer): bool {
  const error = doc.parse(body) ? findError(doc, 0) : NONE;
  if (!doc.isSet(doc.get(error, "status")) && !doc.isSet(doc.get(error, "code"))) return false;
  writeGeminiError(doc, status, body, out);
  return true;
}
