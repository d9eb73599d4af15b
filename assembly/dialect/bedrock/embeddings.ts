// OpenAI embeddings over InvokeModel: Amazon Titan (one text a call) and Cohere (a list). Sources: Bedrock user guide,
// "Amazon Titan Embeddings" and "Cohere Embed", read Nov 2026.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { readUsage } from "../../usage/document";
import { writeVector } from "../gemini/vector";
import { writeEmbeddingUsage } from "../openai/usage-writer";
import { TranslateContext, Translator } from "../translator";
import { writeBedrockError } from "./error";
import { nameHas, writeModelPath } from "./model";

@final
export class BedrockEmbeddings extends Translator {
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

  /** Models without "cohere" in their name are asked in Titan's form. */
  private get isCohere(): bool {
    return nameHas(this.context.model, "cohere");
  }

  /** `input` is a string or a list of strings; Titan takes a list of one only. Token numbers have no counterpart. */
  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0)) return this.refuse("The request body must be a JSON object.", "");
    if (this.context.model.length == 0) return this.refuse("A model is required.", "model");
    this.base64 = doc.textIs(doc.get(0, "encoding_format"), "base64");
    const input = doc.get(0, "input");
    const isList = doc.isArray(input);
    if (!isList && !doc.isString(input)) return this.refuse("input must be a string or a list of strings.", "input");
    const first = isList ? doc.first(input) : input;
    if (first == NONE) return this.refuse("input must not be empty.", "input");
    let index = 0;
    for (let item = first; item != NONE; item = isList ? doc.next(item) : NONE, index++) {
      if (!doc.isString(item)) return this.refuse("This provider embeds text only, no token numbers.", "input[" + index.toString() + "]");
    }
    if (this.isCohere) this.writeCohere(first, isList, out);
    else if (index > 1) return this.refuse("This model embeds one input a request.", "input");
    else this.writeTitan(first, out);
    return !out.overflow || this.refuse("The request is too large.", "input");
  }

  private writeTitan(text: i32, out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"inputText":');
    out.view(doc.raw(text));
    this.copy("dimensions", "dimensions", out);
    this.copy("normalize", "normalize", out);
    out.byte(0x7d);
  }

  private writeCohere(first: i32, isList: bool, out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"texts":[');
    for (let item = first; item != NONE; item = isList ? doc.next(item) : NONE) {
      if (item != first) out.byte(0x2c);
      out.view(doc.raw(item));
    }
    out.byte(0x5d);
    // Required by Cohere, unknown to OpenAI.
    if (doc.isString(doc.get(0, "input_type"))) this.copy("input_type", "input_type", out);
    else out.ascii(',"input_type":"search_document"');
    this.copy("truncate", "truncate", out);
    // Embed 4 alone takes it.
    this.copy("dimensions", "output_dimension", out);
    out.byte(0x7d);
  }

  private copy(from: string, to: string, out: Buffer): void {
    const node = this.doc.get(0, from);
    if (!this.doc.isSet(node)) return;
    out.ascii(',"');
    out.ascii(to);
    out.ascii('":');
    out.view(this.doc.raw(node));
  }

  path(out: Buffer): void {
    writeModelPath(this.context.model, "invoke", out);
  }

  /** Titan: `embedding`, `inputTextTokenCount`. Cohere: `embeddings`, a list or lists by type, and no counts but a header. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    const single = doc.get(0, "embedding");
    let list = doc.get(0, "embeddings");
    if (doc.isObject(list)) list = doc.get(list, "float");
    const isList = doc.isArray(list);
    if (!isList && !doc.isArray(single)) return false;
    readUsage(doc, 0, this.report);
    this.responseModel = this.context.model;
    out.ascii('{"object":"list","data":[');
    let index = 0;
    for (let item = isList ? doc.first(list) : single; item != NONE; item = isList ? doc.next(item) : NONE) {
      if (index > 0) out.byte(0x2c);
      this.writeEmbedding(item, index++, out);
    }
    out.ascii('],"model":');
    writeString(out, this.context.model);
    out.ascii(',"usage":');
    writeEmbeddingUsage(out, this.usage);
    out.byte(0x7d);
    return !out.overflow;
  }

  private writeEmbedding(values: i32, index: i32, out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"object":"embedding","index":');
    out.integer(index);
    out.ascii(',"embedding":');
    if (this.base64) writeVector(doc, values, out);
    else if (doc.isArray(values)) out.view(doc.raw(values));
    else out.ascii("[]");
    out.byte(0x7d);
  }

  /** Embeddings are never streamed: what comes as an event is ignored. */
  event(name: View, data: View, out: Buffer): void {}

  end(out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    writeBedrockError(out, this.doc, status, body, this.errorName);
  }
}
