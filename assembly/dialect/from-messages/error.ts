// Errors in Anthropic's shape: {"type":"error","error":{"type","message"}} as a body and as a stream event, written from an
// OpenAI-style error, from any other text, or from a failure of our own.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { innerOf } from "../conversation/inner";
import { noteErrorEvent } from "../stream-errors";

/** Bytes of an upstream error text that is not understood that are quoted to the client. */
const MAX_QUOTED: i32 = 512;

/** Anthropic's error type for an HTTP status (Anthropic API reference, "Errors", read Nov 2026). */
export function anthropicErrorType(status: i32): string {
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
 * that is told so sends everything again (Anthropic's guide to message threads, read Nov 2026).
 */
export function writeThreadRefusal(out: Buffer): void {
  writeHead("invalid_request_error", out);
  out.ascii("This provider keeps no message threads. Send the whole conversation, without the field thread.");
  out.ascii('","details":{"error_code":"thread_unsupported_request"}}}');
}

/** Appends the same as a stream event. Nothing may follow it in the stream. */
export function writeAnthropicErrorEvent(status: i32, message: string, out: Buffer): void {
  writeEventHead("upstream_error", out);
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

/** True when a stream event is an error under status 200: `{"error":…}`, vLLM's `{"object":"error"}`. */
export function isErrorEvent(doc: JsonDocument, root: i32): bool {
  const error = doc.get(root, "error");
  return doc.isObject(error) || isText(doc, error) || doc.textIs(doc.get(root, "object"), "error");
}

/** Appends the error event for such an event. */
export function translateErrorEvent(doc: JsonDocument, root: i32, out: Buffer): void {
  const error = doc.get(root, "error");
  const type = eventErrorType(doc, doc.isObject(error) ? error : root);
  writeEventHead(type, out);
  writeHead(type, out);
  const message = messageNode(doc, root);
  if (message != NONE) out.view(innerOf(doc, message));
  else writeQuoted(502, doc.raw(root), out);
  out.ascii('"}}\n\n');
}

function writeEventHead(type: string, out: Buffer): void {
  noteErrorEvent(type);
  out.ascii("event: error\ndata: ");
}

function writeHead(type: string, out: Buffer): void {
  out.ascii('{"type":"error","error":{"type":"');
  out.ascii(type);
  out.ascii('","message":"');
}

/** The string that tells what went wrong, or NONE: OpenAI's error.message and what compatible servers use instead. */
function messageNode(doc: JsonDocument, root: i32): i32 {
  const error = doc.get(root, "error");
  if (isText(doc, error)) return error;
  let node = doc.get(error, "message");
  if (isText(doc, node)) return node;
  node = doc.get(root, "message");
  if (isText(doc, node)) return node;
  node = doc.get(root, "detail"); // FastAPI servers.
  if (isText(doc, node)) return node;
  node = doc.get(root, "error_msg"); // Baidu.
  return isText(doc, node) ? node : NONE;
}

function isText(doc: JsonDocument, node: i32): bool {
  return doc.isString(node) && doc.end(node) - doc.start(node) > 2;
}

/** The type of an error inside a stream, where no status tells: its numeric code, else its type and code names. */
function eventErrorType(doc: JsonDocument, error: i32): string {
  const code = doc.get(error, "code");
  let status = doc.integer(code, -1);
  if (status < 0) status = doc.text(code).toInteger();
  if (status < 0) status = doc.integer(doc.get(error, "status"), -1);
  if (status >= 400 && status < 600) return anthropicErrorType(<i32>status);
  const type = doc.get(error, "type");
  if (doc.textIs(code, "rate_limit_exceeded") || doc.textIs(code, "insufficient_quota")) return "rate_limit_error";
  if (doc.textIs(type, "rate_limit_error") || doc.textIs(type, "insufficient_quota")) return "rate_limit_error";
  if (doc.textIs(type, "invalid_request_error")) return "invalid_request_error";
  if (doc.textIs(type, "authentication_error")) return "authentication_error";
  if (doc.textIs(type, "permission_error")) return "permission_error";
  if (doc.textIs(type, "not_found_error")) return "not_found_error";
  if (doc.textIs(type, "overloaded_error")) return "overloaded_error";
  return "api_error";
}

/** Quotes the start of a text that is not understood; an empty one or a page of HTML becomes a sentence. */
function writeQuoted(status: i32, body: View, out: Buffer): void {
  const text = body.slice(0, MAX_QUOTED).trim();
  if (text.length == 0 || text.at(0) == Ascii.LessThan) {
    out.ascii("The upstream answered with status ");
    out.integer(status);
    out.byte(Ascii.Dot);
    return;
  }
  // JSON must be UTF-8: bytes that are not (a coded body, a character cut by the limit) become question marks.
  let here = 0;
  while (here < text.length) {
    const size = characterSize(text, here);
    if (size == 0) out.byte(Ascii.QuestionMark);
    else writeInner(out, text.slice(here, here + size));
    here += size == 0 ? 1 : size;
  }
}

/** Bytes of the UTF-8 character at `start`, 0 when it is not whole or not valid. */
function characterSize(text: View, start: i32): i32 {
  const lead = text.at(start);
  if (lead < 0x80) return 1;
  const size = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 0;
  for (let k = 1; k < size; k++) {
    const byte = text.at(start + k);
    if (byte < 0x80 || byte > 0xbf) return 0;
  }
  const second = text.at(start + 1);
  // Overlong forms, surrogates, and code points above U+10FFFF.
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second > 0x9f) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second > 0x8f) return 0;
  return size;
}
