// OpenAI embeddings over Vertex AI: predict takes a list of texts, embedContent (Gemini's models after the first) one text.
// Source: Vertex AI "Text embeddings API" and models.embedContent, and the types of @google/genai, read Nov 2026.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Field } from "../../usage/fields";
import { holdsWord } from "../../model/name";
import { writeGeminiError } from "../to-gemini/error";
import { EmbeddingWriter, UNREADABLE } from "../conversation/embedding-writer";
import { TranslateContext, Translator } from "../translator";
import { vertexModel, writeVertexPath } from "./paths";

@final
export class VertexEmbeddings extends Translator {
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

  private get takesOne(): bool {
    const model = this.context.model;
    return holdsWord(model, "maas") || (holdsWord(model, "gemini") && !vertexModel(model).equals("gemini-embedding-001"));
  }

  /** `input` is a string or a list of strings: no model here takes token numbers. */
  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0)) return this.refuse("The request body must be a JSON object.", "");
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
    if (!this.takesOne) this.writeInstances(first, isList, out);
    else if (index > 1) return this.refuse("This model embeds one input a request.", "input");
    else this.writeContent(first, out);
    return !out.overflow || this.refuse("The request is too large.", "input");
  }

  private writeInstances(first: i32, isList: bool, out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"instances":[');
    for (let item = first; item != NONE; item = isList ? doc.next(item) : NONE) {
      if (item != first) out.byte(Ascii.Comma);
      out.ascii('{"content":');
      out.view(doc.raw(item));
      this.copy("task_type", "task_type", out);
      this.copy("title", "title", out);
      out.byte(Ascii.RightBrace);
    }
    out.ascii('],"parameters":{');
    this.writeSettings(out);
    out.ascii("}}");
  }

  private writeContent(text: i32, out: Buffer): void {
    out.ascii('{"content":{"parts":[{"text":');
    out.view(this.doc.raw(text));
    out.ascii('}]},"embedContentConfig":{');
    this.copy("task_type", "taskType", out);
    this.copy("title", "title", out);
    this.writeSettings(out);
    out.ascii("}}");
  }

  private writeSettings(out: Buffer): void {
    this.copy("dimensions", "outputDimensionality", out);
    this.copy("auto_truncate", "autoTruncate", out);
  }

  /** Copies a field of the client's, OpenAI's or one of Google's in the same spelling as the others there. */
  private copy(from: string, to: string, out: Buffer): void {
    const node = this.doc.get(0, from);
    if (!this.doc.isSet(node)) return;
    if (out.at(out.length - 1) != Ascii.LeftBrace) out.byte(Ascii.Comma);
    out.byte(Ascii.Quote);
    out.ascii(to);
    out.ascii('":');
    out.view(this.doc.raw(node));
  }

  path(out: Buffer): void {
    const context = this.context;
    writeVertexPath(context.options, context.model, this.takesOne ? ":embedContent" : ":predict", out);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    const list = doc.get(0, "predictions");
    const single = doc.get(0, "embedding");
    const isList = doc.isArray(list);
    if (!isList && !doc.isObject(single)) return false;
    this.responseModel = this.context.model;
    // Of embedContent; those of predict stand with each text.
    let tokens = doc.integer(doc.get(doc.get(0, "usageMetadata"), "promptTokenCount"), -1);
    const writer = new EmbeddingWriter(doc, this.base64, out);
    for (let item = isList ? doc.first(list) : single; item != NONE; item = isList ? doc.next(item) : NONE) {
      const embedding = isList ? doc.get(item, "embeddings") : item;
      const count = doc.integer(doc.get(doc.get(embedding, "statistics"), "token_count"), -1);
      if (count >= 0) tokens = (tokens < 0 ? 0 : tokens) + count;
      if (!writer.add(doc.get(embedding, "values"))) return this.refuse(UNREADABLE, "");
    }
    this.report.put(Field.PROMPT, tokens);
    this.report.settle();
    return writer.end(this.context.model, this.usage) || this.refuse(UNREADABLE, "");
  }

  /** Embeddings are never streamed: what comes as an event is ignored. */
  event(name: View, data: View, out: Buffer): void {}

  end(out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    writeGeminiError(this.doc, status, body, out);
  }
}
