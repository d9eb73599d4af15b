// Errors in Google's shape, {"error":{"code","message","status"}} (AIP-193, https://google.aip.dev/193, Nov 2026), written from an
// OpenAI-style error, from any other text, or from a failure of our own.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { faultStatus } from "../../usage/fault";
import { eventStatus, messageNode, writeQuoted } from "../conversation/error-reader";
import { innerOf } from "../conversation/inner";
import { Effects } from "../effects";

/** Google's name for an HTTP status (google.rpc.Code, https://cloud.google.com/apis/design/errors, Nov 2026). */
function googleStatus(status: i32): string {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return "INVALID_ARGUMENT";
    case 401:
      return "UNAUTHENTICATED";
    case 402:
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "ABORTED";
    case 500:
      return "INTERNAL";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return status < 500 ? "FAILED_PRECONDITION" : "UNAVAILABLE";
  }
}

/** Appends an error body; `message` is any text. For failures of our own. */
export function writeGoogleError(status: i32, message: string, out: Buffer): void {
  writeHead(status, out);
  writeInner(out, View.utf8(message));
  writeTail(status, out);
}

/** Appends the error object for a stream that broke off. */
export function writeStreamFailure(message: string, effects: Effects, out: Buffer): void {
  effects.countError("upstream_error");
  writeGoogleError(502, message, out);
}

/** Appends the error body for an upstream response `body` with error status `status`; `body` may be anything. */
export function translateError(status: i32, body: View, out: Buffer): void {
  const doc = new JsonDocument();
  const message = doc.parse(body) ? messageNode(doc, 0) : NONE;
  writeHead(status, out);
  if (message != NONE) out.view(innerOf(doc, message));
  else writeQuoted(status, body, out);
  writeTail(status, out);
}

/** Appends the error object for an error event, whose status its words tell. */
export function translateErrorEvent(doc: JsonDocument, effects: Effects, out: Buffer): void {
  const inner = doc.root("error");
  const error = doc.isObject(inner) ? inner : 0;
  let status = eventStatus(doc, 0);
  if (status == 0) status = faultStatus(doc.textOf(error, "code"));
  if (status <= 0) status = faultStatus(doc.textOf(error, "type"));
  const isNamed = status > 0;
  if (!isNamed) status = 502;
  effects.countError(isNamed ? googleStatus(status) : "upstream_error");
  const message = messageNode(doc, 0);
  writeHead(status, out);
  if (message != NONE) out.view(innerOf(doc, message));
  else writeQuoted(status, doc.raw(0), out);
  writeTail(status, out);
}

function writeHead(status: i32, out: Buffer): void {
  out.ascii('{"error":{"code":');
  out.integer(status);
  out.ascii(',"message":"');
}

function writeTail(status: i32, out: Buffer): void {
  out.ascii('","status":"');
  out.ascii(googleStatus(status));
  out.ascii('"}}');
}
