// Tencent Cloud's errors -> OpenAI's error object. `Error{Code, Message}` comes with HTTP status 200 as a rule; streams have
// `ErrorMsg{Code, Msg}` with a number (https://cloud.tencent.com/document/api/1729/105701 and the SDK's list of codes, Nov 2026).

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { asWord } from "../conversation/error-code";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { innerMember } from "../conversation/inner";
import { ChunkWriter } from "../conversation/chunk-writer";
import { UPSTREAM_ERROR } from "../conversation/sentences";
import { responseOf } from "./service";

/** The error object of the parsed body or event, or NONE. An ErrorMsg without words and code is none. */
export function findError(doc: JsonDocument): i32 {
  const response = responseOf(doc);
  const error = doc.get(response, "Error");
  if (doc.isObject(error)) return error;
  const late = doc.get(response, "ErrorMsg");
  const says = innerMember(doc, late, "Msg").length != 0 || doc.integer(doc.get(late, "Code"), 0) != 0;
  return says ? late : NONE;
}

/** The code's text: a string of `Error`, a number of `ErrorMsg`. */
function codeOf(doc: JsonDocument, error: i32): View {
  const code = doc.get(error, "Code");
  return doc.isString(code) ? doc.text(code) : doc.raw(code);
}

/** The HTTP status that says what the code says: clients retry by it. */
function statusOf(code: View): i32 {
  if (code.startsWithOneOf("AuthFailure.Unauthorized Unauthorized")) return 403;
  if (code.startsWith("AuthFailure")) return 401;
  if (code.startsWith("RequestLimitExceeded") || code.startsWith("LimitExceeded") || code.endsWith("LimitExceeded") || isOutOfQuota(code))
    return 429;
  if (isUnknownModel(code) || code.startsWith("ResourceNotFound")) return 404;
  if (code.endsWith("ServiceNotActivated") || code.endsWith("UserUnAuthError") || code.endsWith("ServiceStop")) return 403;
  if (code.startsWithOneOf("Invalid Missing Unknown Unsupported OperationDenied")) return 400;
  return code.endsWith("Timeout") || code.equals("4001") ? 504 : 500;
}

function isUnknownModel(code: View): bool {
  return code.equals("InvalidParameterValue.Model");
}

/** Packages used up, accounts without money. */
function isOutOfQuota(code: View): bool {
  return (
    code.endsWith("Exhausted") ||
    code.endsWith("Exhaust") ||
    code.endsWith("Arrears") ||
    code.endsWith("LowBalance") ||
    code.endsWith("StopUsing")
  );
}

/** OpenAI's word where it has one (its clients compare it), else Tencent's own code. */
function wordOf(code: View, status: i32): string {
  if (status == 401) return "invalid_api_key";
  if (isOutOfQuota(code)) return "insufficient_quota";
  if (status == 429) return "rate_limit_exceeded";
  if (isUnknownModel(code)) return "model_not_found";
  if (code.endsWith("IllegalDetected")) return "content_filter";
  return asWord(code);
}

function messageOf(doc: JsonDocument, error: i32): View {
  let inner = innerMember(doc, error, "Message");
  if (inner.length == 0) inner = innerMember(doc, error, "Msg");
  return inner.length != 0 ? inner : View.utf8(UPSTREAM_ERROR);
}

/** The status that the error `error` deserves; 0 for NONE. */
export function errorStatus(doc: JsonDocument, error: i32): i32 {
  return error == NONE ? 0 : statusOf(codeOf(doc, error));
}

/** Writes OpenAI's error body for an upstream error response; a body that is not Tencent's JSON is quoted, cut short. */
export function writeHunyuanError(doc: JsonDocument, status: i32, body: View, out: Buffer): void {
  const error = doc.parse(body) ? findError(doc) : NONE;
  if (error == NONE) {
    writeForeignError(out, status, body);
    return;
  }
  const code = codeOf(doc, error);
  const meant = statusOf(code);
  writeErrorInner(out, messageOf(doc, error), errorTypeOf(meant), wordOf(code, meant));
}

/** Writes the stream event for an error that came as an event. */
export function writeHunyuanErrorEvent(doc: JsonDocument, error: i32, chunks: ChunkWriter, out: Buffer): void {
  const code = codeOf(doc, error);
  const meant = statusOf(code);
  chunks.error(out, messageOf(doc, error), errorTypeOf(meant), wordOf(code, meant));
}
