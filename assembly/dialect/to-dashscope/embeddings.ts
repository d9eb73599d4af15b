// OpenAI embeddings over DashScope's text-embedding service.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { readUsage } from "../../usage/document";
import { TranslateContext } from "../translator";
import { EmbeddingsTranslator, membersByIndex } from "../conversation/embeddings";
import { findError, writeDashScopeError } from "./error";

@final
export class DashScopeEmbeddings extends EmbeddingsTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  protected writeRequest(out: Buffer): bool {
    out.ascii('{"model":');
    writeString(out, this.context.model);
    out.ascii(',"input":{"texts":[');
    for (let text = this.firstText; text != NONE; text = this.nextText(text)) {
      if (text != this.firstText) out.byte(Ascii.Comma);
      out.view(this.doc.raw(text));
    }
    out.ascii("]}");
    this.writeParameters(out);
    out.byte(Ascii.RightBrace);
    return true;
  }

  private writeParameters(out: Buffer): void {
    const fields = new Buffer(64);
    fields.byte(Ascii.LeftBrace);
    const hasDimensions = this.doc.isSet(this.doc.root("dimensions"));
    this.copy(hasDimensions ? "dimensions" : "dimension", "dimension", fields);
    this.copy("text_type", "text_type", fields);
    this.copy("instruct", "instruct", fields);
    if (fields.length == 1) return;
    out.wrap(',"parameters":', fields.toView(), "}");
  }

  path(out: Buffer): void {
    out.ascii("/api/v1/services/embeddings/text-embedding/text-embedding");
  }

  /** Usage is a total alone; text_index says which text a vector is of. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || findError(doc, 0) != NONE) return false;
    const list = doc.get(doc.root("output"), "embeddings");
    if (!doc.isArray(list)) return false;
    readUsage(doc, 0, this.report);
    this.responseId = doc.textOf(0, "request_id").copy();
    return this.writeList(membersByIndex(doc, list, "embedding", "text_index"), out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeDashScopeError(this.doc, status, body, out);
  }
}
