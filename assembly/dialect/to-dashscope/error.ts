// DashScope's error JSON {code, message, request_id} -> OpenAI's error object, as a body and as a stream event.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { innerMember } from "../conversation/inner";
import { asWord } from "../conversation/error-code";
import { ChunkWriter } from "../conversation/chunk-writer";
import { UPSTREAM_ERROR } from "../conversation/sentences";

/**
 * The object that holds `code` and `message`, or NONE when the body tells of no error. Good responses may carry an empty
 * code (seen in the SDK's samples, Jul 2026). The compatible endpoints nest it in `error` as OpenAI does; a gateway before
 * DashScope responses in that form too.
 */
export function findError(doc: JsonDocument, root: i32): i32 {
  const nested = doc.get(root, "error");
  if (doc.isObject(nested)) return nested;
  const code = doc.get(root, "code");
  if (!doc.isObject(root) || doc.isObject(doc.get(root, "output"))) return NONE;
  return doc.isString(code) && !doc.textIs(code, "") ? root : NONE;
}

function messageOf(doc: JsonDocument, error: i32): View {
  const inner = innerMember(doc, error, "message");
  return inner.length != 0 ? inner : View.utf8(UPSTREAM_ERROR);
}

/** OpenAI's word where it has one (its clients compare it), else DashScope's own code; "" when it is missing or odd. */
function codeOf(code: View): string {
  if (code.startsWith("InvalidApiKey")) return "invalid_api_key";
  if (code.startsWith("Throttling")) return "rate_limit_exceeded";
  if (code.startsWithOneOf("Arrearage AllocationQuota")) return "insufficient_quota";
  if (code.startsWithOneOf("DataInspectionFailed data_inspection_failed")) return "content_filter";
  if (code.startsWithOneOf("ModelNotFound Model.NotFound")) return "model_not_found";
  return asWord(code);
}

/** OpenAI's error type: by the code, which says more than the status and is all that an event has. */
function typeOf(code: View, status: i32): string {
  if (code.startsWith("InvalidApiKey")) return "authentication_error";
  if (code.startsWithOneOf("AccessDenied Model.AccessDenied Workspace.AccessDenied")) return "permission_error";
  if (code.startsWithOneOf("Throttling LimitRequests")) return "rate_limit_error";
  if (code.startsWithOneOf("ModelNotFound Model.NotFound NotFound")) return "not_found_error";
  if (code.startsWithOneOf("Invalid BadRequest Arrearage DataInspectionFailed UnsupportedOperation CLIENT")) return "invalid_request_error";
  return errorTypeOf(status);
}

/** Writes OpenAI's error body for an upstream error response; a body that is not DashScope's JSON is quoted, cut short. */
export function writeDashScopeError(doc: JsonDocument, status: i32, body: View, out: Buffer): void {
  const error = doc.parse(body) ? findError(doc, 0) : NONE;
  if (error == NONE) {
    writeForeignError(out, status, body);
    return;
  }
  const code = doc.textOf(error, "code");
  writeErrorInner(out, messageOf(doc, error), typeOf(code, status), codeOf(code));
}

/** Writes the stream event for an error that came as an event. Its status is in a comment, which framers drop. */
export function writeDashScopeErrorEvent(doc: JsonDocument, error: i32, chunks: ChunkWriter, out: Buffer): void {
  const code = doc.textOf(error, "code");
  chunks.error(out, messageOf(doc, error), typeOf(code, 500), codeOf(code));
}
