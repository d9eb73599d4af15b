// What an error says that came from a server which speaks OpenAI's API: its message and its status, wherever it puts them.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";

/** Bytes of an upstream error text that is not understood that are quoted to the client. */
const MAX_QUOTED: i32 = 512;

/** True when a stream event is an error under status 200: `{"error":…}`, vLLM's `{"object":"error"}`. */
export function isErrorEvent(doc: JsonDocument, root: i32): bool {
  const error = doc.get(root, "error");
  return doc.isObject(error) || isText(doc, error) || doc.memberIs(root, "object", "error");
}

/** The HTTP status that the error of a stream event names, in its code or as its status; 0 when it names none. */
export function eventStatus(doc: JsonDocument, root: i32): i32 {
  const inner = doc.get(root, "error");
  const error = doc.isObject(inner) ? inner : root;
  const code = doc.get(error, "code");
  let status = doc.integer(code, -1);
  if (status < 0) status = doc.text(code).toInteger();
  if (status < 0) status = doc.integer(doc.get(error, "status"), -1);
  return status >= 400 && status < 600 ? <i32>status : 0;
}

/** The string that tells what went wrong, or NONE: OpenAI's error.message and what compatible servers use instead. */
export function messageNode(doc: JsonDocument, root: i32): i32 {
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

/** Quotes the start of a text that is not understood; an empty one or a page of HTML becomes a sentence. */
export function writeQuoted(status: i32, body: View, out: Buffer): void {
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
