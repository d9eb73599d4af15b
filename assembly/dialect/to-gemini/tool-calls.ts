// Writes OpenAI tool calls from Gemini function calls, and makes the ids that Gemini leaves out.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { writeInner } from "../../json/text";
import { writeHexNumber } from "../../bytes/hex";

/** Ids of one exchange's tool calls: call_<nonce>_<n>, n counted over all choices. */
@final
export class CallIds {
  private count: i32 = 0;

  constructor(private nonce: u64) {}

  append(out: Buffer): void {
    out.ascii("call_");
    writeHexNumber(out, this.nonce);
    out.byte(Ascii.Underscore);
    out.integer(this.count);
    this.count++;
  }
}

/**
 * Appends one element of `tool_calls` for the functionCall node `call`. `index` is the element's `index` in a stream, -1 in
 * a whole response. The arguments are the args object's bytes as a string. `signature` is a raw JSON string or empty.
 */
export function writeToolCall(doc: JsonDocument, call: i32, index: i32, ids: CallIds, signature: View, out: Buffer): void {
  out.byte(Ascii.LeftBrace);
  if (index >= 0) {
    out.ascii('"index":');
    out.integer(index);
    out.byte(Ascii.Comma);
  }
  out.ascii('"id":');
  const id = doc.get(call, "id");
  if (doc.isString(id) && !doc.textIs(id, "")) out.view(doc.raw(id));
  else {
    out.byte(Ascii.Quote);
    ids.append(out);
    out.byte(Ascii.Quote);
  }
  out.wrap(',"type":"function","function":{"name":', doc.raw(doc.get(call, "name")), ',"arguments":"');
  const args = doc.get(call, "args");
  // A function without parameters comes without args (seen on gemini-3-flash, May 2026).
  if (doc.isObject(args)) writeInner(out, doc.raw(args));
  else out.ascii("{}");
  out.ascii('"}');
  if (signature.length != 0) {
    out.ascii(',"extra_content":');
    writeSignature(out, signature);
  }
  out.byte(Ascii.RightBrace);
}

/** Appends `{"google":{"thought_signature":…}}`, the value of extra_content on Google's OpenAI-compatible endpoint. */
export function writeSignature(out: Buffer, raw: View): void {
  out.wrap('{"google":{"thought_signature":', raw, "}}");
}
