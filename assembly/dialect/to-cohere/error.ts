// Cohere's error JSON {message, id} -> OpenAI's error object. It has no code: the HTTP status says it all.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { innerMember } from "../conversation/inner";
import { ChunkWriter } from "../conversation/chunk-writer";
import { UPSTREAM_ERROR } from "../conversation/sentences";

/** The escaped text of an error body or event; empty when it is none. A response's `message` is an object. */
export function errorText(doc: JsonDocument): View {
  return innerMember(doc, 0, "message");
}

/**
 * OpenAI's code for a status; "" when the type says as much. 498 is a text with a forbidden token
 * (https://docs.cohere.com/reference/errors, Nov 2026).
 */
function codeOf(status: i32): string {
  switch (status) {
    case 401:
      return "invalid_api_key";
    case 402:
      return "insufficient_quota";
    case 429:
      return "rate_limit_exceeded";
    case 498:
      return "content_filter";
    default:
      return "";
  }
}

/** Writes OpenAI's error body for an upstream error response; a body that is not Cohere's JSON is quoted, cut short. */
export function writeCohereError(doc: JsonDocument, status: i32, body: View, out: Buffer): void {
  const inner = doc.parse(body) ? errorText(doc) : View.empty();
  if (inner.length == 0) writeForeignError(out, status, body);
  else writeErrorInner(out, inner, errorTypeOf(status), codeOf(status));
}

/** Writes the event for a generation that failed; `inner` is what the upstream says of it, escaped, or empty. */
export function writeFailureEvent(inner: View, chunks: ChunkWriter, out: Buffer): void {
  const message = inner.length != 0 ? inner : View.utf8(UPSTREAM_ERROR);
  chunks.error(out, message, "upstream_error", "generation_failed");
}
