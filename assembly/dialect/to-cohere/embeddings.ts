// OpenAI embeddings over Cohere's /v2/embed, which answers in the order of the texts. Source:
// (https://docs.cohere.com/reference/embed, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { readUsage } from "../../usage/document";
import { Draft } from "../conversation/draft";
import { idOr } from "../conversation/ids";
import { TranslateContext } from "../translator";
import { EmbeddingsTranslator } from "../conversation/embeddings";
import { writeCohereError } from "./error";

@final
export class CohereEmbeddings extends EmbeddingsTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  protected writeRequest(out: Buffer): bool {
    const doc = this.doc;
    const isList = doc.isArray(this.input);
    const draft = new Draft(doc, out);
    out.ascii('{"model":');
    writeString(out, this.context.model);
    out.ascii(isList ? ',"texts":' : ',"texts":[');
    out.view(doc.raw(this.input));
    if (!isList) out.byte(Ascii.RightBracket);
    // Required from v3 on, unknown to OpenAI; clients that know Cohere send it.
    if (doc.isString(doc.root("input_type"))) draft.copyMember(0, "input_type");
    else out.ascii(',"input_type":"search_document"');
    out.ascii(this.base64 && !this.isOld ? ',"embedding_types":["base64"]' : ',"embedding_types":["float"]');
    const dimensions = doc.root("dimensions");
    if (doc.isSet(dimensions)) draft.member("output_dimension", dimensions);
    draft.copyMember(0, "truncate");
    out.byte(Ascii.RightBrace);
    return true;
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
    const holder = doc.root("embeddings");
    let list = doc.isArray(holder) ? holder : doc.get(holder, "base64");
    if (!doc.isArray(list)) list = doc.get(holder, "float");
    if (!doc.isArray(list)) return false;
    readUsage(doc, 0, this.report);
    this.responseId = idOr(doc.textOf(0, "id"), this.context.nonce);
    // Cohere's base64 is OpenAI's, the bytes of the floats.
    const vectors: Array<i32> = [];
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) vectors.push(item);
    return this.writeList(vectors, out, true);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeCohereError(this.doc, status, body, out);
  }
}
