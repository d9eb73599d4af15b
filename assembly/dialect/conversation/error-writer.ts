// OpenAI's error object: {"error":{"message","type","param","code"}}, as a body and as a stream event.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeInner } from "../../json/text";

/** Bytes of a foreign (non-JSON) error body that are quoted in a message; the rest is cut. */
export const MAX_QUOTED_ERROR: i32 = 512;

/** Appends an error object. `message` is plain UTF-8; `type` is ASCII; `code` and `param` are ASCII, "" becomes null. */
function writeError(out: Buffer, message: View, type: string, code: string = "", param: string = ""): void {
  out.ascii('{"error":{"message":"');
  writeInner(out, message);
  writeErrorTail(out, type, code, param);
}

/** The same with a message that is the escaped inside of a JSON string already. */
export function writeErrorInner(out: Buffer, inner: View, type: string, code: string = "", param: string = ""): void {
  out.put('{"error":{"message":"', inner);
  writeErrorTail(out, type, code, param);
}

function writeErrorTail(out: Buffer, type: string, code: string, param: string): void {
  out.ascii('","type":"');
  out.ascii(type);
  out.ascii('","param":');
  writeNullable(out, param);
  out.ascii(',"code":');
  writeNullable(out, code);
  out.ascii("}}");
}

function writeNullable(out: Buffer, ascii: string): void {
  if (ascii.length == 0) {
    out.ascii("null");
    return;
  }
  out.byte(Ascii.Quote);
  out.ascii(ascii);
  out.byte(Ascii.Quote);
}

/**
 * Appends an error as a stream event (`data: …` and a blank line). `inner` is the escaped inside of a string. For
 * ChunkWriter.error().
 */
export function writeErrorEvent(out: Buffer, inner: View, type: string, code: string): void {
  out.ascii("data: ");
  writeErrorInner(out, inner, type, code);
  out.ascii("\n\n");
}

/** Appends the line that ends every OpenAI stream. */
export function writeDone(out: Buffer): void {
  out.ascii("data: [DONE]\n\n");
}

/** OpenAI's error type for an HTTP status, for providers that give none of their own. */
export function errorTypeOf(status: i32): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

/**
 * Appends an error object for an upstream error body that is not the provider's JSON (a proxy's HTML page, plain text,
 * nothing): the text is quoted up to MAX_QUOTED_ERROR bytes, an empty body gets a sentence with the status.
 */
export function writeForeignError(out: Buffer, status: i32, body: View): void {
  let end = body.length < MAX_QUOTED_ERROR ? body.length : MAX_QUOTED_ERROR;
  // Do not cut inside a UTF-8 character.
  while (end > 0 && end < body.length && (body.at(end) & 0xc0) == 0x80) end--;
  const text = body.slice(0, end).trim();
  if (text.length == 0) writeError(out, View.utf8("The upstream answered with status " + status.toString() + "."), errorTypeOf(status));
  else writeError(out, text, errorTypeOf(status));
}
