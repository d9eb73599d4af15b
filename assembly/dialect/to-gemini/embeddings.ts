// OpenAI embeddings over Gemini's batchEmbedContents, which answers in the order of the requests.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { readUsage } from "../../usage/document";
import { EmbeddingWriter, UNREADABLE } from "../conversation/embedding-writer";
import { innerOf } from "../conversation/inner";
import { TranslateContext, Translator } from "../translator";
import { findError, writeGeminiError } from "./error";
import { writeModelPath } from "./translator";

@final
export class GeminiEmbeddings extends Translator {
  private doc: JsonDocument = new JsonDocument();
  /** The client wants base64: the official Node and Python clients ask for it unless they are told otherwise. */
  private base64: bool = false;

  constructor(context: TranslateContext) {
    super(context);
  }

  private refuse(problem: string, param: string): bool {
    this.problem = problem;
    this.problemParam = param;
    return false;
  }

  /** `input` is a string or a list of strings: Gemini takes no token numbers. */
  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0)) return this.refuse("The body must be a JSON object.", "");
    this.base64 = doc.textIs(doc.get(0, "encoding_format"), "base64");
    const input = doc.get(0, "input");
    const dimensions = doc.get(0, "dimensions");
    const isList = doc.isArray(input);
    if (!isList && !doc.isString(input)) return this.refuse("input must be a string or a list of strings.", "input");
    if (isList && doc.first(input) == NONE) return this.refuse("input must not be empty.", "input");
    out.ascii('{"requests":[');
    let index = 0;
    for (let item = isList ? doc.first(input) : input; item != NONE; item = isList ? doc.next(item) : NONE) {
      if (!doc.isString(item)) return this.refuse("Gemini embeds text only, no token numbers.", "input[" + index.toString() + "]");
      if (index > 0) out.byte(Ascii.Comma);
      index++;
      this.writeRequest(item, dimensions, out);
    }
    out.ascii("]}");
    return !out.overflow || this.refuse("The request is too large.", "input");
  }

  private writeRequest(text: i32, dimensions: i32, out: Buffer): void {
    const doc = this.doc;
    const model = this.context.model;
    out.ascii('{"model":"');
    if (!model.startsWith("models/") && !model.startsWith("tunedModels/")) out.ascii("models/");
    writeInner(out, model);
    out.ascii('","content":{"parts":[{"text":"');
    out.view(innerOf(doc, text));
    out.ascii('"}]}');
    if (doc.isSet(dimensions)) {
      out.ascii(',"outputDimensionality":');
      out.view(doc.raw(dimensions));
    }
    out.byte(Ascii.RightBrace);
  }

  path(out: Buffer): void {
    writeModelPath(this.context, out);
    out.ascii(":batchEmbedContents");
  }

  /** Models before gemini-embedding-2 report no usage. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || findError(doc, 0) != NONE) return false;
    const list = doc.get(0, "embeddings");
    const single = doc.get(0, "embedding");
    if (!doc.isArray(list) && !doc.isObject(single)) return false;
    readUsage(doc, 0, this.report);
    this.responseModel = this.context.model;
    const writer = new EmbeddingWriter(doc, this.base64, out);
    for (let item = doc.isArray(list) ? doc.first(list) : single; item != NONE; item = item == single ? NONE : doc.next(item)) {
      if (!writer.add(doc.get(item, "values"))) return this.refuse(UNREADABLE, "");
    }
    return writer.end(this.context.model, this.usage) || this.refuse(UNREADABLE, "");
  }

  /** Embeddings are never streamed: what comes as an event is ignored. */
  event(name: View, data: View, out: Buffer): void {}

  end(out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    writeGeminiError(this.doc, status, body, out);
  }
}
