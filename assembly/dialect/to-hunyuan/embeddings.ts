// OpenAI embeddings over GetEmbedding: one model, 1024 numbers a text, at most 50 texts (API reference, read Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { HeaderList } from "../../http/header-list";
import { JsonDocument, NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { inOrder, writeEmbeddingList } from "../conversation/embedding-list";
import { UNREADABLE } from "../conversation/embedding-writer";
import { TranslateContext, Translator } from "../translator";
import { errorStatus, findError, writeHunyuanError } from "./error";
import { addCall, responseOf } from "./service";

@final
export class HunyuanEmbeddings extends Translator {
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

  /** `input` is a string or a list of strings: no token numbers. */
  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0)) return this.refuse("The body must be a JSON object.", "");
    this.base64 = doc.textIs(doc.get(0, "encoding_format"), "base64");
    const input = doc.get(0, "input");
    const isList = doc.isArray(input);
    if (!isList && !doc.isString(input)) return this.refuse("input must be a string or a list of strings.", "input");
    if (isList && doc.first(input) == NONE) return this.refuse("input must not be empty.", "input");
    let index = 0;
    for (let item = doc.first(input); item != NONE; item = doc.next(item)) {
      if (!doc.isString(item)) return this.refuse("This provider embeds text only, no token numbers.", "input[" + index.toString() + "]");
      index++;
    }
    out.ascii(isList ? '{"InputList":' : '{"Input":');
    out.view(doc.raw(input));
    out.byte(Ascii.RightBrace);
    return !out.overflow || this.refuse("The request is too large.", "input");
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
    this.responseModel = this.context.model;
    this.responseId = doc.text(doc.get(response, "RequestId")).copy();
    const items = inOrder(doc, list, "Index");
    const isWritten = writeEmbeddingList(doc, items, "Embedding", this.base64, this.context.model, this.usage, out);
    return isWritten || this.refuse(UNREADABLE, "");
  }

  /** Embeddings are never streamed: what comes as an event is ignored. */
  event(name: View, data: View, out: Buffer): void {}

  end(out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    writeHunyuanError(this.doc, status, body, out);
  }
}
