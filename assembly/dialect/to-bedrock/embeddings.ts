// OpenAI embeddings over InvokeModel: Amazon Titan and Nova (one text a call) and Cohere (a list). Sources: Bedrock user guide,
// "Amazon Titan Embeddings" and "Cohere Embed"; Nova user guide, "Complete embeddings request and response schema"; Nov 2026.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { EmbeddingWriter, UNREADABLE } from "../conversation/embedding-writer";
import { TranslateContext, Translator } from "../translator";
import { writeBedrockError } from "./error";
import { Family, familyOf, writeModelPath } from "./model";
import { holdsWord } from "../../model/name";

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

  /** Models that neither this nor isNova knows are asked in Titan's form. */
  private get isCohere(): bool {
    return holdsWord(this.context.model, "cohere");
  }

  private get isNova(): bool {
    return familyOf(this.context.model) == Family.Nova;
  }

  /** `input` is a string or a list of strings; Titan and Nova take a list of one only. Token numbers have no counterpart. */
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
    else if (this.isNova) this.writeNova(first, out);
    else this.writeTitan(first, out);
    return !out.overflow || this.refuse("The request is too large.", "input");
  }

  private writeTitan(text: i32, out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"inputText":');
    out.view(doc.raw(text));
    this.copy("dimensions", "dimensions", out);
    this.copy("normalize", "normalize", out);
    out.byte(Ascii.RightBrace);
  }

  /**
   * Nova wants a purpose, which OpenAI does not know: a client that says what Cohere calls `input_type` is understood. A text
   * that is too long is refused, as OpenAI does, unless `truncate` says otherwise.
   */
  private writeNova(text: i32, out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"');
    const type = doc.get(0, "input_type");
    if (doc.textIs(type, "search_query")) out.ascii("GENERIC_RETRIEVAL");
    else if (doc.textIs(type, "classification")) out.ascii("CLASSIFICATION");
    else out.ascii(doc.textIs(type, "clustering") ? "CLUSTERING" : "GENERIC_INDEX");
    out.byte(Ascii.Quote);
    this.copy("dimensions", "embeddingDimension", out);
    out.ascii(',"text":{"value":');
    out.view(doc.raw(text));
    if (doc.isString(doc.get(0, "truncate"))) this.copy("truncate", "truncationMode", out);
    else out.ascii(',"truncationMode":"NONE"');
    out.ascii("}}}");
  }

  private writeCohere(first: i32, isList: bool, out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"texts":[');
    for (let item = first; item != NONE; item = isList ? doc.next(item) : NONE) {
      if (item != first) out.byte(Ascii.Comma);
      out.view(doc.raw(item));
    }
    out.byte(Ascii.RightBracket);
    // Required by Cohere, unknown to OpenAI.
    if (doc.isString(doc.get(0, "input_type"))) this.copy("input_type", "input_type", out);
    else out.ascii(',"input_type":"search_document"');
    this.copy("truncate", "truncate", out);
    // Embed 4 alone takes it.
    this.copy("dimensions", "output_dimension", out);
    out.byte(Ascii.RightBrace);
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

  /**
   * Titan: `embedding`, `inputTextTokenCount`. Cohere: `embeddings`, a list or lists by type, and no counts but a header. Nova:
   * `embeddings`, each an object with its `embedding`, and no counts either.
   */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    const single = doc.get(0, "embedding");
    let list = doc.get(0, "embeddings");
    if (doc.isObject(list)) list = doc.get(list, "float");
    const isList = doc.isArray(list);
    if (!isList && single == NONE) return false;
    readUsage(doc, 0, this.report);
    this.responseModel = this.context.model;
    const writer = new EmbeddingWriter(doc, this.base64, out);
    for (let item = isList ? doc.first(list) : single; item != NONE; item = isList ? doc.next(item) : NONE) {
      if (!writer.add(doc.isObject(item) ? doc.get(item, "embedding") : item)) return this.refuse(UNREADABLE, "");
    }
    return writer.end(this.context.model, this.usage) || this.refuse(UNREADABLE, "");
  }

  /** Embeddings are never streamed: what comes as an event is ignored. */
  event(name: View, data: View, out: Buffer): void {}

  end(out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    writeBedrockError(out, this.doc, status, body, this.errorName);
  }
}
