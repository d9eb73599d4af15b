// Bedrock's errors in OpenAI's shape: bodies `{"message"}` with the kind in the status, and exceptions inside a stream.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View, lowerCase } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { errorTypeOf, writeErrorInner, writeForeignError } from "../conversation/error-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { ChunkWriter } from "../conversation/chunk-writer";
import { UPSTREAM_ERROR } from "../conversation/sentences";

/**
 * Exceptions of the runtime API (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html,
 * Nov 2026) and ours, lower case.
 */
const KINDS: StaticArray<string> = [
  "throttlingexception",
  "servicequotaexceededexception",
  "modelnotreadyexception",
  "validationexception",
  "accessdeniedexception",
  "resourcenotfoundexception",
  "internalserverexception",
  "serviceunavailableexception",
  "modelerrorexception",
  "modelstreamerrorexception",
  "modeltimeoutexception",
  "corruptstreamexception",
];
/** OpenAI's type and a code for each of them. */
const TYPES: StaticArray<string> = [
  "rate_limit_error",
  "rate_limit_error",
  "rate_limit_error",
  "invalid_request_error",
  "permission_error",
  "not_found_error",
  "server_error",
  "server_error",
  "server_error",
  "server_error",
  "server_error",
  "upstream_error",
];
const CODES: StaticArray<string> = [
  "throttling_exception",
  "service_quota_exceeded",
  "model_not_ready",
  "validation_exception",
  "access_denied",
  "resource_not_found",
  "internal_server_exception",
  "service_unavailable",
  "model_error",
  "model_stream_error",
  "model_timeout",
  "stream_corrupted",
];

/**
 * True for the name of an exception rather than of an event; AWS spells them `throttlingException`, `InternalServerError`…
 */
export function isException(name: View): bool {
  return endsWith(name, "exception") || endsWith(name, "error") || endsWith(name, "failure");
}

function endsWith(name: View, ending: string): bool {
  const start = name.length - ending.length;
  if (start < 0) return false;
  for (let k = 0; k < ending.length; k++) if (lowerCase(name.at(start + k)) != ending.charCodeAt(k)) return false;
  return true;
}

/** Index of the exception that `name` names, -1 for others. `com.amazon.coral.service#XException:http…` is X's too. */
function kindOf(name: View): i32 {
  const hash = name.indexOf(Ascii.Hash);
  const colon = name.indexOf(Ascii.Colon, hash + 1);
  const bare = name.slice(hash + 1, colon < 0 ? name.length : colon);
  for (let k = 0; k < KINDS.length; k++) if (bare.equalsIgnoreCase(KINDS[k])) return k;
  return -1;
}

/**
 * Appends the client's error body for an upstream error response; bodies that are not JSON are quoted, shortened. `named` is
 * the header x-amzn-errortype, where the runtime says what the body does not.
 */
export function writeBedrockError(out: Buffer, doc: JsonDocument, status: i32, body: View, named: View): void {
  const message = doc.parse(body) ? messageNode(doc) : NONE;
  if (message == NONE) {
    writeForeignError(out, status, body);
    return;
  }
  const name = doc.root("__type");
  const kind = kindOf(named.length != 0 ? named : doc.text(doc.isString(name) ? name : doc.root("code")));
  const inner = innerOf(doc, message);
  // 424 is the model's failure, 408 the model's timeout: not the client's doing.
  const type = status == 424 || status == 408 ? "server_error" : errorTypeOf(status);
  writeErrorInner(out, inner, kind < 0 ? type : TYPES[kind], kind < 0 ? "" : CODES[kind]);
}

/** `message`, spelt `Message` by AWS's front ends (403 of the signature check); gateways send `error` too. */
function messageNode(doc: JsonDocument): i32 {
  const small = doc.root("message");
  if (doc.isString(small)) return small;
  const capital = doc.root("Message");
  if (doc.isString(capital)) return capital;
  const error = doc.root("error");
  if (doc.isString(error)) return error;
  const nested = doc.get(error, "message");
  return doc.isString(nested) ? nested : NONE;
}

/** Appends the client's error event for an exception inside a stream; `data` need not be JSON. */
export function writeExceptionEvent(doc: JsonDocument, name: View, data: View, chunks: ChunkWriter, out: Buffer): void {
  const kind = kindOf(name);
  const type = kind < 0 ? "upstream_error" : TYPES[kind];
  const code = kind < 0 ? "upstream_exception" : CODES[kind];
  const message = doc.parse(data) ? messageNode(doc) : NONE;
  if (message == NONE) {
    chunks.error(out, View.utf8(UPSTREAM_ERROR), type, code);
    return;
  }
  const original = innerMember(doc, 0, "originalMessage");
  if (original.length == 0) {
    chunks.error(out, innerOf(doc, message), type, code);
    return;
  }
  // modelStreamErrorException: the message is the same for all, the model's own words stand here.
  const joined = new Buffer(original.length + 64);
  joined.view(innerOf(doc, message));
  joined.put(": ", original);
  chunks.error(out, joined.toView(), type, code);
}
