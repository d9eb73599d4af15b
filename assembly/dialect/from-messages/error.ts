// Errors in Anthropic's shape: {"type":"error","error":{"type","message"}} as a body and as a stream event, written from an
// OpenAI-style error, from any other text, or from a failure of our own.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { eventStatus, messageNode, writeQuoted } from "../conversation/error-reader";
import { innerOf } from "../conversation/inner";
import { Effects } from "../effects";

/** Anthropic's error type for an HTTP status (https://platform.claude.com/docs/en/api/errors, Nov 2026). */
function anthropicErrorType(status: i32): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
    case 529:
      return "overloaded_error";
    case 504:
      return "timeout_error";
    default:
      return status >= 400 && status < 500 ? "invalid_request_error" : "api_error";
  }
}

/** Appends an error body for `status`; `message` is any text. For failures of our own. */
export function writeAnthropicError(status: i32, message: string, out: Buffer): void {
  writeHead(anthropicErrorType(status), out);
  writeInner(out, View.utf8(message));
  out.ascii('"}}');
}

/**
 * Appends the refusal of a message thread (beta message-threads-2026-08-12): nothing here keeps conversations, and a client
 * that is told so sends everything again (Anthropic's guide to message threads, Nov 2026).
 */
export function writeThreadRefusal(out: Buffer): void {
  writeHead("invalid_request_error", out);
  out.ascii("This provider keeps no message threads. Send the whole conversation, without the field thread.");
  out.ascii('","details":{"error_code":"thread_unsupported_request"}}}');
}

/** Appends the same as a stream event. Nothing may follow it in the stream. */
export function writeAnthropicErrorEvent(status: i32, message: string, effects: Effects, out: Buffer): void {
  writeEventHead("upstream_error", effects, out);
  writeAnthropicError(status, message, out);
  out.ascii("\n\n");
}

/** Appends the error body for an upstream response `body` with error status `status`; `body` may be anything. */
export function translateError(status: i32, body: View, out: Buffer): void {
  const doc = new JsonDocument();
  writeHead(anthropicErrorType(status), out);
  const message = doc.parse(body) ? messageNode(doc, 0) : NONE;
  if (message != NONE) out.view(innerOf(doc, message));
  else writeQuoted(status, body, out);
  out.ascii('"}}');
}

/** Appends the error event for an event that is an error (isErrorEvent). */
export function translateErrorEvent(doc: JsonDocument, root: i32, effects: Effects, out: Buffer): void {
  const type = eventErrorType(doc, root);
  writeEventHead(type, effects, out);
  writeHead(type, out);
  const message = messageNode(doc, root);
  if (message != NONE) out.view(innerOf(doc, message));
  else writeQuoted(502, doc.raw(root), out);
  out.ascii('"}}\n\n');
}

function writeEventHead(type: string, effects: Effects, out: Buffer): void {
  effects.countError(type);
  out.ascii("event: error\ndata: ");
}

function writeHead(type: string, out: Buffer): void {
  out.ascii('{"type":"error","error":{"type":"');
  out.ascii(type);
  out.ascii('","message":"');
}

/** The type of an error inside a stream, where no status tells: its numeric code, else its type and code names. */
function eventErrorType(doc: JsonDocument, root: i32): string {
  const status = eventStatus(doc, root);
  if (status > 0) return anthropicErrorType(status);
  const inner = doc.get(root, "error");
  const error = doc.isObject(inner) ? inner : root;
  const code = doc.get(error, "code");
  const type = doc.get(error, "type");
  if (doc.textIn(code, "rate_limit_exceeded insufficient_quota")) return "rate_limit_error";
  if (doc.textIn(type, "rate_limit_error insufficient_quota")) return "rate_limit_error";
  if (doc.textIs(type, "invalid_request_error")) return "invalid_request_error";
  if (doc.textIs(type, "authentication_error")) return "authentication_error";
  if (doc.textIs(type, "permission_error")) return "permission_error";
  if (doc.textIs(type, "not_found_error")) return "not_found_error";
  if (doc.textIs(type, "overloaded_error")) return "overloaded_error";
  return "api_error";
}
