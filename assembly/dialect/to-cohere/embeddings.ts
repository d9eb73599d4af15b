// OpenAI embeddings over Cohere's /v2/embed, which answers in the order of the texts. API v2 "Embed", read 2026-11.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { readUsage } from "../../usage/document";
import { Draft } from "../conversation/draft";
import { idOr } from "../conversation/ids";
import { EmbeddingWriter, UNREADABLE } from "../conversation/embedding-writer";
import { TranslateContext, Translator } from "../translator";
import { writeCohereError } from "./error";

@final
export class CohereEmbeddings extends Translator {
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

  /** `input` is a string or a list of strings: Cohere takes no token numbers. */
  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0)) return this.refuse("The body must be a JSON object.", "");
    const input = doc.get(0, "input");
    const isList = doc.isArray(input);
    if (!isList && !doc.isString(input)) return this.refuse("input must be a string or a list of strings.", "input");
    if (isList && doc.first(input) == NONE) return this.refuse("input must not be empty.", "input");
    let index = 0;
    for (let item = isList ? doc.first(input) : NONE; item != NONE; item = doc.next(item), index++) {
      if (!doc.isString(item)) return this.refuse("Cohere embeds text only, no token numbers.", "input[" + index.toString() + "]");
    }
    this.base64 = doc.textIs(doc.get(0, "encoding_format"), "base64");
    this.write(input, isList, out);
    return !out.overflow || this.refuse("The request is too large.", "input");
  }

  private write(input: i32, isList: bool, out: Buffer): void {
    const doc = this.doc;
    const draft = new Draft(doc, out);
    out.ascii('{"model":');
    writeString(out, this.context.model);
    out.ascii(isList ? ',"texts":' : ',"texts":[');
    out.view(doc.raw(input));
    if (!isList) out.byte(Ascii.RightBracket);
    // Required from v3 on, unknown to OpenAI; clients that know Cohere send it.
    if (doc.isString(doc.get(0, "input_type"))) draft.copyMember(0, "input_type");
    else out.ascii(',"input_type":"search_document"');
    out.ascii(this.base64 && !this.isOld ? ',"embedding_types":["base64"]' : ',"embedding_types":["float"]');
    const dimensions = doc.get(0, "dimensions");
    if (doc.isSet(dimensions)) draft.member("output_dimension", dimensions);
    draft.copyMember(0, "truncate");
    out.byte(Ascii.RightBrace);
  }

  /** Models of before v3 give floats only. */
  private get isOld(): bool {
    return this.context.model.endsWith("-v2.0");
  }

  path(out: Buffer): void {
    out.ascii("/v2/embed");
  }

  /** `embeddings` holds a list for each type; without types, as in v1, it is the list of floats itself. */
  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body)) return false;
    const holder = doc.get(0, "embeddings");
    let list = doc.isArray(holder) ? holder : doc.get(holder, "base64");
    if (!doc.isArray(list)) list = doc.get(holder, "float");
    if (!doc.isArray(list)) return false;
    readUsage(doc, 0, this.report);
    this.responseId = idOr(doc.text(doc.get(0, "id")), this.context.nonce);
    this.responseModel = this.context.model;
    // Cohere's base64 is OpenAI's, the bytes of the floats.
    const writer = new EmbeddingWriter(doc, this.base64, out, true);
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
      if (!writer.add(item)) return this.refuse(UNREADABLE, "");
    }
    return writer.end(this.context.model, this.usage) || this.refuse(UNREADABLE, "");
  }

  /** Embeddings are never streamed: what comes as an event is ignored. */
  event(name: View, data: View, out: Buffer): void {}

  end(out: Buffer): void {}

  error(status: i32, body: View, out: Buffer): void {
    writeCohereError(this.doc, status, body, out);
  }
}
