// OpenAI embeddings over InvokeModel: Amazon Titan and Nova (one text a call) and Cohere (a list). Sources: Bedrock user guide,
// "Amazon Titan Embeddings" and "Cohere Embed"; Nova user guide, "Complete embeddings request and response schema"; Nov 2026.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { holdsWord } from "../../model/name";
import { TranslateContext } from "../translator";
import { EmbeddingsTranslator } from "../conversation/embeddings";
import { NO_MODEL } from "../conversation/sentences";
import { writeBedrockError } from "./error";
import { Family, familyOf, writeModelPath } from "./model";

@final
export class BedrockEmbeddings extends EmbeddingsTranslator {
  constructor(context: TranslateContext) {
    super(context);
  }

  /** Models that neither this nor isNova knows are asked in Titan's form. */
  private get isCohere(): bool {
    return holdsWord(this.context.model, "cohere");
  }

  private get isNova(): bool {
    return familyOf(this.context.model) == Family.Nova;
  }

  /** Cohere takes a list of texts, Titan and Nova one text. */
  protected writeRequest(out: Buffer): bool {
    if (this.context.model.length == 0) return this.refuse(NO_MODEL, "model");
    if (this.isCohere) {
      this.writeCohere(out);
      return true;
    }
    if (!this.isOneText()) return false;
    if (this.isNova) this.writeNova(this.firstText, out);
    else this.writeTitan(this.firstText, out);
    return true;
  }

  private writeTitan(text: i32, out: Buffer): void {
    const doc = this.doc;
    out.put('{"inputText":', doc.raw(text));
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
    const type = doc.root("input_type");
    if (doc.textIs(type, "search_query")) out.ascii("GENERIC_RETRIEVAL");
    else if (doc.textIs(type, "classification")) out.ascii("CLASSIFICATION");
    else out.ascii(doc.textIs(type, "clustering") ? "CLUSTERING" : "GENERIC_INDEX");
    out.byte(Ascii.Quote);
    this.copy("dimensions", "embeddingDimension", out);
    out.put(',"text":{"value":', doc.raw(text));
    if (doc.isString(doc.root("truncate"))) this.copy("truncate", "truncationMode", out);
    else out.ascii(',"truncationMode":"NONE"');
    out.ascii("}}}");
  }

  private writeCohere(out: Buffer): void {
    const doc = this.doc;
    out.ascii('{"texts":[');
    for (let text = this.firstText; text != NONE; text = this.nextText(text)) {
      if (text != this.firstText) out.byte(Ascii.Comma);
      out.view(doc.raw(text));
    }
    out.byte(Ascii.RightBracket);
    // Required by Cohere, unknown to OpenAI.
    if (doc.isString(doc.root("input_type"))) this.copy("input_type", "input_type", out);
    else out.ascii(',"input_type":"search_document"');
    this.copy("truncate", "truncate", out);
    // Embed 4 alone takes it.
    this.copy("dimensions", "output_dimension", out);
    out.byte(Ascii.RightBrace);
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
    const single = doc.root("embedding");
    let list = doc.root("embeddings");
    if (doc.isObject(list)) list = doc.get(list, "float");
    if (!doc.isArray(list) && single == NONE) return false;
    readUsage(doc, 0, this.report);
    if (!doc.isArray(list)) return this.writeList([single], out);
    const vectors: Array<i32> = [];
    for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
      vectors.push(doc.isObject(item) ? doc.get(item, "embedding") : item);
    }
    return this.writeList(vectors, out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeBedrockError(out, this.doc, status, body, this.errorName);
  }
}
