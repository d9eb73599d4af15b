// OpenAI embeddings over GetEmbedding: one model, 1024 numbers a text, at most 50 texts
// (https://cloud.tencent.com/document/api/1729/102832, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { HeaderList } from "../../http/header-list";
import { readUsage } from "../../usage/document";
import { TranslateContext } from "../translator";
import { EmbeddingsTranslator, membersByIndex } from "../conversation/embeddings";
import { errorStatus, findError, writeHunyuanError } from "./error";
import { addCall, responseOf } from "./service";

@final
export class HunyuanEmbeddings extends EmbeddingsTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  protected writeRequest(out: Buffer): bool {
    out.ascii(this.doc.isArray(this.input) ? '{"InputList":' : '{"Input":');
    out.view(this.doc.raw(this.input));
    out.byte(Ascii.RightBrace);
    return true;
  }

  path(out: Buffer): void {
    out.byte(Ascii.Slash);
  }

  headers(out: HeaderList): void {
    addCall(true, out);
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    this.failedStatus = errorStatus(doc, findError(doc));
    const response = responseOf(doc);
    const list = doc.get(response, "Data");
    if (this.failedStatus != 0 || !doc.isArray(list)) return false;
    readUsage(doc, 0, this.report);
    this.responseId = doc.textOf(response, "RequestId").copy();
    return this.writeList(membersByIndex(doc, list, "Embedding", "Index"), out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeHunyuanError(this.doc, status, body, out);
  }
}
