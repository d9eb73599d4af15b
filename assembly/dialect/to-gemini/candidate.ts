// Reads one candidate into the pieces of an OpenAI choice, for whole responses and stream events alike.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { CallIds, writeToolCall } from "./tool-calls";

@final
export class CandidateReader {
  /** Escaped insides of strings: the text parts joined, the thought parts joined. */
  content: Buffer = new Buffer(256);
  reasoning: Buffer = new Buffer(64);
  /** Elements of `tool_calls` and of `images`, with commas between. */
  calls: Buffer = new Buffer(64);
  images: Buffer = new Buffer(16);
  callCount: i32 = 0;
  /** Signature of a part that is no function call, as a raw JSON string. */
  signature: View = View.empty();

  constructor(private ids: CallIds) {}

  /** `firstIndex`: index of the candidate's first tool call in its choice's stream, -1 in a whole response. */
  read(doc: JsonDocument, candidate: i32, firstIndex: i32): void {
    this.content.clear();
    this.reasoning.clear();
    this.calls.clear();
    this.images.clear();
    this.callCount = 0;
    this.signature = View.empty();
    const parts = doc.get(doc.get(candidate, "content"), "parts");
    for (let part = doc.first(parts); part != NONE; part = doc.next(part)) this.readPart(doc, part, firstIndex);
  }

  private readPart(doc: JsonDocument, part: i32, firstIndex: i32): void {
    const signatureNode = doc.get(part, "thoughtSignature");
    const signed = doc.isString(signatureNode) && !doc.textIs(signatureNode, "");
    const signature = signed ? doc.raw(signatureNode) : View.empty();
    const call = doc.get(part, "functionCall");
    if (doc.isObject(call)) {
      // A nameless call closes arguments that Vertex streams in pieces, which is only done when asked for.
      const name = doc.get(call, "name");
      if (!doc.isString(name) || doc.textIs(name, "")) return;
      if (this.callCount > 0) this.calls.byte(Ascii.Comma);
      writeToolCall(doc, call, firstIndex < 0 ? -1 : firstIndex + this.callCount, this.ids, signature, this.calls);
      this.callCount++;
      return;
    }
    const text = doc.get(part, "text");
    if (doc.isTrue(doc.get(part, "thought"))) {
      this.reasoning.view(innerOf(doc, text));
      return;
    }
    this.content.view(innerOf(doc, text));
    const data = doc.get(part, "inlineData");
    if (doc.isObject(data)) this.readImage(doc, data);
    if (signed) this.signature = signature;
  }

  private readImage(doc: JsonDocument, data: i32): void {
    const image = imageOf(doc, data);
    if (image.length == 0) return;
    if (this.images.length != 0) this.images.byte(Ascii.Comma);
    this.images.view(image);
  }

  /** `[…]` around the elements in `list`. */
  static bracket(list: Buffer): View {
    const out = new Buffer(list.length + 2);
    out.byte(Ascii.LeftBracket);
    out.view(list.toView());
    out.byte(Ascii.RightBracket);
    return out.toView();
  }
}

/** Chat's item of `images` for the `inlineData` of a part; empty for data of other kinds, which have no place in a response. */
export function imageOf(doc: JsonDocument, data: i32): View {
  const type = doc.get(data, "mimeType");
  if (!doc.text(type).startsWithIgnoreCase("image/")) return View.empty();
  const bytes = innerMember(doc, data, "data");
  const image = new Buffer(bytes.length + 96);
  image.wrap('{"type":"image_url","image_url":{"url":"data:', innerOf(doc, type), ";base64,");
  image.view(bytes);
  image.ascii('"}}');
  return image.toView();
}
