// What the translators of embeddings share: the client's texts, and OpenAI's list of vectors
// (https://platform.openai.com/docs/api-reference/embeddings, Nov 2026).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { TranslateContext, Translator } from "../translator";
import { EMPTY_INPUT, ONE_INPUT, REQUEST_TOO_LARGE, TEXTS_ONLY, UNREADABLE_VECTOR, WRONG_INPUT } from "./sentences";
import { writeEmbeddingUsage } from "./usage-writer";
import { writeVector } from "./vector";

/** No node, and not NONE either. */
const UNSET: i32 = NONE - 1;

export abstract class EmbeddingsTranslator extends Translator {
  protected doc: JsonDocument = new JsonDocument();
  /** The client wants base64: the official Node and Python clients ask for it unless they are told otherwise. */
  protected base64: bool = false;
  /** The node of the client's `input`, a string or a list of strings, and how many texts it holds. */
  protected input: i32 = NONE;
  protected textCount: i32 = 0;

  constructor(context: TranslateContext) {
    super(context);
  }

  /** Writes the provider's body for the texts; false with `problem` set when it cannot be said there. */
  protected abstract writeRequest(out: Buffer): bool;

  /** No provider with a dialect of its own takes token numbers in place of text. */
  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.parseRequest(doc, body)) return false;
    this.base64 = doc.memberIs(0, "encoding_format", "base64");
    const input = doc.root("input");
    this.input = input;
    if (!doc.isArray(input) && !doc.isString(input)) return this.refuse(WRONG_INPUT, "input");
    this.textCount = 0;
    for (let text = this.firstText; text != NONE; text = this.nextText(text)) {
      if (!doc.isString(text)) return this.refuse(TEXTS_ONLY, "input[" + this.textCount.toString() + "]");
      this.textCount++;
    }
    if (this.textCount == 0) return this.refuse(EMPTY_INPUT, "input");
    if (!this.writeRequest(out)) return false;
    return !out.overflow || this.refuse(REQUEST_TOO_LARGE, "input");
  }

  /** The first text's node. */
  protected get firstText(): i32 {
    return this.doc.isArray(this.input) ? this.doc.first(this.input) : this.input;
  }

  /** The text after `text`, NONE after the last. */
  protected nextText(text: i32): i32 {
    return text == this.input ? NONE : this.doc.next(text);
  }

  /** True for one text; more are refused. */
  protected isOneText(): bool {
    return this.textCount == 1 || this.refuse(ONE_INPUT, "input");
  }

  /**
   * Writes `"to":` with the client's member `from`, if it has one, and a comma before it unless an object has just begun.
   */
  protected copy(from: string, to: string, out: Buffer): void {
    const node = this.doc.root(from);
    if (!this.doc.isSet(node)) return;
    if (out.at(out.length - 1) != Ascii.LeftBrace) out.byte(Ascii.Comma);
    out.byte(Ascii.Quote);
    out.ascii(to);
    out.put('":', this.doc.raw(node));
  }

  /**
   * Writes the client's list for the `vectors` (nodes of the response's document), numbers as they are spelt or base64.
   * `takesText`: the provider gives base64 itself when it was asked for it. False with `problem` set when a vector cannot be
   * read, or there is none: clients would store an empty one without a word.
   */
  protected writeList(vectors: Array<i32>, out: Buffer, takesText: bool = false): bool {
    const doc = this.doc;
    const model = this.context.model;
    this.responseModel = model;
    out.ascii('{"object":"list","data":[');
    for (let k = 0; k < vectors.length; k++) {
      const vector = vectors[k];
      const isText = takesText && this.base64 && doc.isString(vector) && !doc.textIs(vector, "");
      if (!isText && !isVector(doc, vector)) return this.refuse(UNREADABLE_VECTOR);
      out.ascii(k > 0 ? ',{"object":"embedding","index":' : '{"object":"embedding","index":');
      out.integer(k);
      out.ascii(',"embedding":');
      if (this.base64 && !isText) writeVector(doc, vector, out);
      else out.view(doc.raw(vector));
      out.byte(Ascii.RightBrace);
    }
    out.ascii('],"model":');
    writeString(out, model);
    out.ascii(',"usage":');
    writeEmbeddingUsage(out, this.usage);
    out.byte(Ascii.RightBrace);
    return (vectors.length != 0 && !out.overflow) || this.refuse(UNREADABLE_VECTOR);
  }

  /** Embeddings are never streamed: what comes as an event is ignored. */
  event(_name: View, _data: View, _out: Buffer): void {}

  end(_out: Buffer): void {}
}

function isVector(doc: JsonDocument, values: i32): bool {
  let item = doc.isArray(values) ? doc.first(values) : NONE;
  if (item == NONE) return false;
  for (; item != NONE; item = doc.next(item)) if (doc.kind(item) != JsonKind.Number) return false;
  return true;
}

/** Member `name` of each item of `list`, in the list's order. */
export function membersOf(doc: JsonDocument, list: i32, name: string): Array<i32> {
  const members: Array<i32> = [];
  for (let item = doc.first(list); item != NONE; item = doc.next(item)) members.push(doc.get(item, name));
  return members;
}

/**
 * Member `name` of each item of `list` by the item's number `indexName`, since OpenAI's clients go by position; in the
 * list's order when the numbers are no permutation.
 */
export function membersByIndex(doc: JsonDocument, list: i32, name: string, indexName: string): Array<i32> {
  const came = membersOf(doc, list, name);
  const order = new Array<i32>(came.length).fill(UNSET);
  let k = 0;
  for (let item = doc.first(list); item != NONE; item = doc.next(item), k++) {
    const place = doc.integer(doc.get(item, indexName), <i64>k);
    if (place < 0 || place >= <i64>order.length || order[<i32>place] != UNSET) return came;
    order[<i32>place] = came[k];
  }
  return order;
}
