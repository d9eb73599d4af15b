// Dify's error JSON {code, message, status} -> OpenAI's error object, as a body and as a stream event.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { escaped } from "../../json/text";
import { asWord } from "../conversation/error-code";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { innerOf } from "../conversation/inner";
import { UPSTREAM_ERROR } from "../conversation/sentences";

/** The escaped message of an error; lists of field errors, which stand in its place at times, as the JSON that they are. */
export function messageOf(doc: JsonDocument): View {
  const node = doc.root("message");
  if (doc.isObject(node)) return escaped(doc.raw(node));
  const inner = innerOf(doc, node);
  return inner.length != 0 ? inner : View.utf8(UPSTREAM_ERROR);
}

/** OpenAI's word where it has one (its clients compare it), else Dify's own code. */
export function codeOf(doc: JsonDocument): string {
  const code = doc.textOf(0, "code");
  if (code.equals("unauthorized")) return "invalid_api_key";
  if (code.equals("too_many_requests")) return "rate_limit_exceeded";
  if (code.isOneOf("provider_quota_exceeded rate_limit_error")) return "insufficient_quota";
  return asWord(code);
}

/** Writes OpenAI's error body for an upstream error response; a body that is not Dify's JSON is quoted, cut short. */
export function writeDifyError(doc: JsonDocument, status: i32, body: View, out: Buffer): void {
  if (doc.parse(body) && (doc.isSet(doc.root("message")) || doc.isString(doc.root("code")))) {
    writeErrorInner(out, messageOf(doc), errorTypeOf(status), codeOf(doc));
  } else writeForeignError(out, status, body);
}
