// Google's error JSON (google.rpc.Status) -> OpenAI's error object. Streams may carry the same object as an event.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerOf } from "../conversation/inner";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { ChunkWriter } from "../conversation/chunk-writer";
import { UPSTREAM_ERROR } from "../conversation/sentences";

/**
 * The error member of a Gemini body, or NONE. Without alt=sse an error comes as a list of one (seen Nov 2025 on the
 * OpenAI-compatible path of the Gemini API), so a list is looked into as well.
 */
export function findError(doc: JsonDocument, root: i32): i32 {
  const holder = doc.isArray(root) ? doc.first(root) : root;
  const error = doc.get(holder, "error");
  return doc.isSet(error) ? error : NONE;
}

/** The escaped text of an error's message; a fixed sentence when it has none. */
function messageOf(doc: JsonDocument, error: i32): View {
  const inner = innerOf(doc, doc.isString(error) ? error : doc.get(error, "message"));
  return inner.length != 0 ? inner : View.utf8(UPSTREAM_ERROR);
}

/** OpenAI's error type for Google's status name; by the HTTP status when the name is missing or unknown. */
function typeOf(doc: JsonDocument, error: i32, status: i32): string {
  const name = doc.get(error, "status");
  if (doc.textIn(name, "INVALID_ARGUMENT FAILED_PRECONDITION OUT_OF_RANGE")) return "invalid_request_error";
  if (doc.textIs(name, "UNAUTHENTICATED")) return "authentication_error";
  if (doc.textIs(name, "PERMISSION_DENIED")) return "permission_error";
  if (doc.textIs(name, "NOT_FOUND")) return "not_found_error";
  if (doc.textIs(name, "RESOURCE_EXHAUSTED")) return "rate_limit_error";
  return errorTypeOf(status);
}

/** OpenAI's error code; "" (null) when Google's status says no more than the type does. */
function codeOf(doc: JsonDocument, error: i32): string {
  // A wrong key is 400 INVALID_ARGUMENT there, told apart only by the reason in the details (Gemini API, Nov 2026).
  for (let detail = doc.first(doc.get(error, "details")); detail != NONE; detail = doc.next(detail)) {
    if (doc.memberIs(detail, "reason", "API_KEY_INVALID")) return "invalid_api_key";
  }
  const name = doc.get(error, "status");
  if (doc.textIs(name, "INVALID_ARGUMENT")) return "invalid_argument";
  if (doc.textIs(name, "FAILED_PRECONDITION")) return "failed_precondition";
  if (doc.textIs(name, "OUT_OF_RANGE")) return "out_of_range";
  if (doc.textIs(name, "UNAUTHENTICATED")) return "unauthenticated";
  if (doc.textIs(name, "PERMISSION_DENIED")) return "permission_denied";
  if (doc.textIs(name, "NOT_FOUND")) return "not_found";
  if (doc.textIs(name, "RESOURCE_EXHAUSTED")) return "rate_limit_exceeded";
  if (doc.textIs(name, "UNAVAILABLE")) return "unavailable";
  if (doc.textIs(name, "DEADLINE_EXCEEDED")) return "deadline_exceeded";
  if (doc.textIs(name, "INTERNAL")) return "internal";
  return "";
}

/** Writes OpenAI's error body for an upstream error response; a body that is not Google's JSON is quoted, cut short. */
export function writeGeminiError(doc: JsonDocument, status: i32, body: View, out: Buffer): void {
  const error = doc.parse(body) ? findError(doc, 0) : NONE;
  if (error == NONE) {
    writeForeignError(out, status, body);
    return;
  }
  writeErrorInner(out, messageOf(doc, error), typeOf(doc, error, status), codeOf(doc, error));
}

/** Writes the stream event for an error object that came as an event; its `code` stands for the HTTP status. */
export function writeGeminiErrorEvent(doc: JsonDocument, error: i32, chunks: ChunkWriter, out: Buffer): void {
  const status = doc.integer(doc.get(error, "code"), 500);
  const type = typeOf(doc, error, status > 999 ? 500 : <i32>status);
  chunks.error(out, messageOf(doc, error), type, codeOf(doc, error));
}
