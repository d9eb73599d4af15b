// Anthropic's error object `{"type":"error","error":{"type","message"},"request_id"}` in OpenAI's shape.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { innerOf } from "../conversation/inner";
import { ChunkWriter } from "../conversation/chunk-writer";
import { UPSTREAM_ERROR } from "../conversation/sentences";

/** Appends the client's error body for an upstream error response; bodies that are not JSON are quoted, shortened. */
export function writeAnthropicError(out: Buffer, status: i32, body: View): void {
  const doc = new JsonDocument();
  if (doc.parse(body)) {
    const message = messageNode(doc);
    if (message != NONE) {
      const type = doc.get(doc.root("error"), "type");
      writeErrorInner(out, innerOf(doc, message), openaiType(doc, type, status), codeOf(doc, type));
      return;
    }
  }
  writeForeignError(out, status, body);
}

/** Appends the client's error event for an `error` event in the stream. */
export function writeAnthropicErrorEvent(doc: JsonDocument, chunks: ChunkWriter, out: Buffer): void {
  const message = messageNode(doc);
  const type = doc.get(doc.root("error"), "type");
  const inner = message == NONE ? View.utf8(UPSTREAM_ERROR) : innerOf(doc, message);
  chunks.error(out, inner, openaiType(doc, type, 500), codeOf(doc, type));
}

/** `error.message`; else what gateways in front of the API send: `error` or `message` or `detail` as a string. */
function messageNode(doc: JsonDocument): i32 {
  const error = doc.root("error");
  const message = doc.get(error, "message");
  if (doc.isString(message)) return message;
  if (doc.isString(error)) return error;
  const own = doc.root("message");
  if (doc.isString(own)) return own;
  const detail = doc.root("detail");
  return doc.isString(detail) ? detail : NONE;
}

/** OpenAI's error type: Anthropic's own word where both use it, else by meaning, else by status. */
function openaiType(doc: JsonDocument, type: i32, status: i32): string {
  if (doc.textIs(type, "invalid_request_error")) return "invalid_request_error";
  if (doc.textIs(type, "authentication_error")) return "authentication_error";
  if (doc.textIs(type, "permission_error")) return "permission_error";
  if (doc.textIs(type, "not_found_error")) return "not_found_error";
  if (doc.textIs(type, "rate_limit_error")) return "rate_limit_error";
  if (doc.textIs(type, "request_too_large")) return "invalid_request_error";
  if (doc.textIs(type, "billing_error")) return "insufficient_quota";
  if (doc.textIs(type, "overloaded_error")) return "overloaded_error";
  if (doc.textIn(type, "api_error timeout_error")) return "server_error";
  return errorTypeOf(status);
}

/** Anthropic's word as `code` where `type` had to change it. */
function codeOf(doc: JsonDocument, type: i32): string {
  if (doc.textIs(type, "request_too_large")) return "request_too_large";
  if (doc.textIs(type, "billing_error")) return "billing_error";
  if (doc.textIs(type, "api_error")) return "api_error";
  if (doc.textIs(type, "timeout_error")) return "timeout_error";
  return "";
}
