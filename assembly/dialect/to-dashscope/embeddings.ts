// OpenAI embeddings over DashScope's text-embedding service.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { readUsage } from "../../usage/document";
import { UNREADABLE } from "../conversation/embedding-writer";
import { TranslateContext, Translator } from "../translator";
import { inOrder, writeEmbeddingList } from "../conversation/embedding-list";
import { findError, writeDashScopeError } from "./error";

@final
export class DashScopeEmbeddings extends Translator {
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

  /** `input` is a string or a list of strings: DashScope takes no token numbers. */
  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0)) return this.refuse("The body must be a JSON object.", "");
    this.base64 = doc.textIs(doc.get(0, "encoding_format"), "base64");
    const input = doc.get(0, "input");
    const isList = doc.isArray(input);
    if (!isList && !doc.isString(input)) return this.refuse("input must be a string or a list of strings.", "input");
    if (isList && doc.first(input) == NONE) return this.refuse("input must not be empty.", "input");
    out.ascii('{"model":');
    writeString(out, this.context.model);
    out.ascii(',"input":{"texts":[');
    let index = 0;
    for (let item = isList ? doc.first(input) : input; item != NONE; item = isList ? doc.next(item) : NONE) {
      if (!doc.isString(item)) return this.refuse("DashScope embeds text only, no token numbers.", "input[" + index.toString() + "]");
      if (index > 0) out.byte(Ascii.Comma);
      index++;
      out.view(doc.raw(item));
    }
    out.ascii("]}");
    this.writeParameters(out);
    out.byte(Ascii.RightBrace);
    return !out.overflow || this.refuse("The request is too large.", "input");
  }

  private writeParameters(out: Buffer): void {
    const fields = new Buffer(64);
    const given = this.doc.get(0, "dimensions");
    this.copy("dimension", this.doc.isSet(given) ? given : this.doc.get(0, "dimension"), fields);
    this.copy("text_type", this.doc.get(0, "text_type"), fields);
    this.copy("instruct", this.doc.get(0, "instruct"), fields);
    if (fields.length == 0) return;
    out.ascii(',"parameters":{');
    out.view(fields.toView());
    out.byte(Ascii.RightBrace);
  }

  private copy(name: string, node: i32, to: Buffer): void {
    if (!this.doc.isSet(node)) return;
    if (to.length > 0) to.byte(Ascii.Comma);
    to.byte(Ascii.Quote);
    to.ascii(name);
    to.ascii('":');
    to.view(this.doc.raw(node));
  }

  path(out: Buffer): void {
    out.ascii("/api/v1/services/embeddings/text-embedding/text-embedding");
  }

  /** Usage is a total alone; text_index says which text a vector is of. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || findError(doc, 0) != NONE) return false;
    const list = doc.get(doc.get(0, "output"), "embeddings");
    if (!doc.isArray(list)) return false;
    readUsage(doc, 0, this.report);
    this.responseModel = this.context.model;
    this.responseId = doc.text(doc.get(0, "request_id")).copy();
    const items = inOrder(doc, list, "text_index");
    const isWritten = writeEmbeddingList(doc, items, "embedding", this.base64, this.context.model, this.usage, out);
    return isWritten || this.refuse(UNREADABLE, "");
  }

  /** Embeddings are never streamed: what comes as an event is ignored. */
  event(name: View, data: View, out: Buffer): void {}

  end(out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    writeDashScopeError(this.doc, status, body, out);
  }
}
