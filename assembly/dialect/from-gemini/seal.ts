// Thinking that has to come back: it rides in `thoughtSignature`, which Google's clients send back unread, on the part that
// follows it. Clients drop thought parts (Gemini CLI 0.61), so the envelope holds the thinking and not its signature alone.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { readBase64, writeBase64 } from "../../crypto/base64";
import { JsonCursor, JsonKind } from "../../json/cursor";

/** Bytes of an envelope that are read. */
const MAX_SEAL: i32 = 1 << 20;
/** What every envelope begins with; Google's own signatures are protocol buffers, whose first byte is no letter. */
const TAG: string = "aiproxy1";

/** Appends an envelope around JSON (a list of thinking blocks, or a string of reasoning), base64 as Google's are. */
export function writeSeal(json: View, out: Buffer): void {
  const bytes = new Buffer(json.length + 16);
  bytes.ascii(TAG);
  bytes.view(json);
  writeBase64(out, bytes.toView());
}

/** The JSON of an envelope: a list or a string. Empty for any other signature, and for one that was altered. */
export function readSeal(signature: View): View {
  if (signature.length == 0 || signature.length > MAX_SEAL) return View.empty();
  const bytes = new Buffer(signature.length);
  if (!readBase64(signature, bytes)) return View.empty();
  const all = bytes.toView();
  if (!all.startsWith(TAG)) return View.empty();
  const json = all.slice(TAG.length, all.length);
  const cursor = new JsonCursor().reset(json);
  if (!cursor.skipValue() || !cursor.atEnd()) return View.empty();
  return cursor.valueKind == JsonKind.Array || cursor.valueKind == JsonKind.String ? json : View.empty();
}
