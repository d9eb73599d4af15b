// OpenAI embeddings over Gemini's batchEmbedContents, which answers in the order of the requests.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { readUsage } from "../../usage/document";
import { innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { EmbeddingsTranslator, membersOf } from "../conversation/embeddings";
import { findError, writeGeminiError } from "./error";
import { writeModelPath } from "./translator";

@final
export class GeminiEmbeddings extends EmbeddingsTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  protected writeRequest(out: Buffer): bool {
    out.ascii('{"requests":[');
    for (let text = this.firstText; text != NONE; text = this.nextText(text)) {
      if (text != this.firstText) out.byte(Ascii.Comma);
      this.writeText(text, out);
    }
    out.ascii("]}");
    return true;
  }

  private writeText(text: i32, out: Buffer): void {
    const doc = this.doc;
    const model = this.context.model;
    out.ascii('{"model":"');
    if (!model.startsWith("models/") && !model.startsWith("tunedModels/")) out.ascii("models/");
    writeInner(out, model);
    out.wrap('","content":{"parts":[{"text":"', innerOf(doc, text), '"}]}');
    this.copy("dimensions", "outputDimensionality", out);
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
    const list = doc.root("embeddings");
    const single = doc.root("embedding");
    if (!doc.isArray(list) && !doc.isObject(single)) return false;
    readUsage(doc, 0, this.report);
    return this.writeList(doc.isArray(list) ? membersOf(doc, list, "values") : [doc.get(single, "values")], out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeGeminiError(this.doc, status, body, out);
  }
}
