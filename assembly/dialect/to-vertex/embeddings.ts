// OpenAI embeddings over Vertex AI: predict takes a list of texts, embedContent (Gemini's models after the first) one text.
// Sources: (https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api, Nov 2026);
// models.embedContent in the types of @google/genai (Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { Field } from "../../usage/fields";
import { holdsWord } from "../../model/name";
import { writeGeminiError } from "../to-gemini/error";
import { TranslateContext } from "../translator";
import { EmbeddingsTranslator } from "../conversation/embeddings";
import { vertexModel, writeVertexPath } from "./paths";

@final
export class VertexEmbeddings extends EmbeddingsTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  private get takesOne(): bool {
    const model = this.context.model;
    return holdsWord(model, "maas") || (holdsWord(model, "gemini") && !vertexModel(model).equals("gemini-embedding-001"));
  }

  protected writeRequest(out: Buffer): bool {
    if (this.takesOne) {
      if (!this.isOneText()) return false;
      this.writeContent(this.firstText, out);
    } else this.writeInstances(out);
    return true;
  }

  private writeInstances(out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"instances":[');
    for (let text = this.firstText; text != NONE; text = this.nextText(text)) {
      if (text != this.firstText) out.byte(Ascii.Comma);
      out.put('{"content":', doc.raw(text));
      this.copy("task_type", "task_type", out);
      this.copy("title", "title", out);
      out.byte(Ascii.RightBrace);
    }
    out.ascii('],"parameters":{');
    this.writeSettings(out);
    out.ascii("}}");
  }

  private writeContent(text: i32, out: Buffer): void {
    out.wrap('{"content":{"parts":[{"text":', this.doc.raw(text), '}]},"embedContentConfig":{');
    this.copy("task_type", "taskType", out);
    this.copy("title", "title", out);
    this.writeSettings(out);
    out.ascii("}}");
  }

  private writeSettings(out: Buffer): void {
    this.copy("dimensions", "outputDimensionality", out);
    this.copy("auto_truncate", "autoTruncate", out);
  }

  path(out: Buffer): void {
    const context = this.context;
    writeVertexPath(context.options, context.model, this.takesOne ? ":embedContent" : ":predict", out);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    const list = doc.root("predictions");
    const single = doc.root("embedding");
    const isList = doc.isArray(list);
    if (!isList && !doc.isObject(single)) return false;
    // Of embedContent; those of predict stand with each text.
    let tokens = doc.integer(doc.get(doc.root("usageMetadata"), "promptTokenCount"), -1);
    const vectors: Array<i32> = [];
    for (let item = isList ? doc.first(list) : single; item != NONE; item = isList ? doc.next(item) : NONE) {
      const embedding = isList ? doc.get(item, "embeddings") : item;
      const count = doc.integer(doc.get(doc.get(embedding, "statistics"), "token_count"), -1);
      if (count >= 0) tokens = (tokens < 0 ? 0 : tokens) + count;
      vectors.push(doc.get(embedding, "values"));
    }
    this.report.put(Field.PROMPT, tokens);
    this.report.updateUsage();
    return this.writeList(vectors, out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeGeminiError(this.doc, status, body, out);
  }
}
