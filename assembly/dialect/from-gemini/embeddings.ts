// embedContent and batchEmbedContents of a client of Gemini's API -> OpenAI's embeddings.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { readUsage } from "../../usage/document";
import { innerOf } from "../conversation/inner";
import { TranslateContext, Translator } from "../translator";
import { REQUEST_TOO_LARGE } from "../conversation/sentences";
import { translateError } from "./error";
import { firstOf, nextOf } from "./lists";
import { memberOf } from "./names";

@final
export class GeminiClientEmbeddings extends Translator {
  private doc: JsonDocument = new JsonDocument();

  /** `isBatch`: the client wants a list of vectors, else one. */
  constructor(
    context: TranslateContext,
    private isBatch: bool,
  ) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.parseRequest(doc, body)) return false;
    out.ascii('{"model":');
    writeString(out, this.context.model);
    out.ascii(',"input":');
    const written = this.isBatch ? this.writeBatch(doc.root("requests"), out) : this.writeOne(0, "content", out);
    if (!written) return false;
    out.ascii(',"encoding_format":"float"}');
    return !out.overflow || this.refuse(REQUEST_TOO_LARGE, "content");
  }

  /** The settings of a batch are those of its first request: OpenAI's API has one of each for all. */
  private writeBatch(requests: i32, out: Buffer): bool {
    const doc = this.doc;
    const first = firstOf(doc, requests);
    if (first == NONE) return this.refuse("requests must be a list of requests.", "requests");
    out.byte(Ascii.LeftBracket);
    let index = 0;
    for (let one = first; one != NONE; one = nextOf(doc, requests, one), index++) {
      if (index > 0) out.byte(Ascii.Comma);
      if (!this.writeText(one, "requests[" + index.toString() + "].content", out)) return false;
    }
    out.byte(Ascii.RightBracket);
    this.writeSettings(first, out);
    return true;
  }

  private writeOne(request: i32, at: string, out: Buffer): bool {
    if (!this.writeText(request, at, out)) return false;
    this.writeSettings(request, out);
    return true;
  }

  /** The texts of a content, joined; what is no text has no counterpart. */
  private writeText(request: i32, at: string, out: Buffer): bool {
    const doc = this.doc;
    const parts = doc.get(doc.get(request, "content"), "parts");
    if (firstOf(doc, parts) == NONE) return this.refuse("A content to embed needs parts.", at);
    out.byte(Ascii.Quote);
    for (let part = firstOf(doc, parts); part != NONE; part = nextOf(doc, parts, part)) {
      const text = doc.get(part, "text");
      if (!doc.isString(text)) return this.refuse("This provider embeds text only.", at);
      out.view(innerOf(doc, text));
    }
    out.byte(Ascii.Quote);
    return true;
  }

  /** Newer clients put the settings into `embedContentConfig` (@google/genai 2.32). */
  private writeSettings(request: i32, out: Buffer): void {
    const doc = this.doc;
    const config = memberOf(doc, request, "embedContentConfig");
    let dimensions = memberOf(doc, request, "outputDimensionality");
    if (dimensions == NONE) dimensions = memberOf(doc, config, "outputDimensionality");
    if (!doc.isSet(dimensions)) return;
    out.put(',"dimensions":', doc.raw(dimensions));
  }

  path(out: Buffer): void {
    out.ascii("/v1/embeddings");
  }

  /** Vectors keep their numbers' spelling. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    readUsage(doc, 0, this.report);
    this.responseModel = doc.textOf(0, "model").slice(0, 256).copy();
    out.ascii(this.isBatch ? '{"embeddings":[' : '{"embedding":');
    const first = doc.first(doc.root("data"));
    for (let item = first; item != NONE && (this.isBatch || item == first); item = doc.next(item)) {
      const values = doc.get(item, "embedding");
      if (!doc.isArray(values)) return false;
      out.ascii(item == first ? '{"values":' : ',{"values":');
      out.view(doc.raw(values));
      out.byte(Ascii.RightBrace);
    }
    out.ascii(this.isBatch ? "]}" : "}");
    return first != NONE && !out.overflow;
  }

  event(_name: View, _data: View, _out: Buffer): void {}

  end(_out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    translateError(status, body, out);
  }
}
