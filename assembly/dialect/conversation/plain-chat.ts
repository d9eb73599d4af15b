// What the small chat dialects (spark, minimax, deepl, triton) have in common: reading the messages as plain text, errors
// that hide behind status 200, and how a stream ends.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { TranslateContext, Translator } from "../translator";
import { idOr } from "./ids";
import { ChunkWriter } from "./chunk-writer";
import { errorTypeOf, writeDone, writeErrorInner, writeForeignError } from "./error-writer";
import { innerOf } from "./inner";
import { NO_MESSAGES, REQUEST_TOO_LARGE, TEXT_ONLY, UPSTREAM_ERROR } from "./sentences";

export abstract class PlainChat extends Translator {
  protected doc: JsonDocument = new JsonDocument();
  protected chunks: ChunkWriter;
  /** An error event was written: nothing but [DONE] follows. */
  protected failed: bool = false;
  /** The stream came to its proper end. */
  protected finished: bool = false;
  /** What findError() found: message as escaped inner bytes, HTTP status that says the same, OpenAI's code or "". */
  protected errorMessage: View = View.empty();
  protected errorStatus: i32 = 0;
  protected errorCode: string = "";

  constructor(context: TranslateContext) {
    super(context);
    this.chunks = new ChunkWriter(context);
  }

  /**
   * True when the parsed document tells of an error; sets the three error fields. `status` stands when no code says more.
   */
  abstract findError(status: i32): bool;

  /** Parses the client's body; the node of `messages`, which has at least one, or NONE with `problem` set. */
  protected readMessages(body: View): i32 {
    const doc = this.doc;
    if (!this.parseRequest(doc, body)) return NONE;
    const list = doc.root("messages");
    if (doc.isArray(list) && doc.first(list) != NONE) return list;
    this.refuse(NO_MESSAGES, "messages");
    return NONE;
  }

  /** Appends the text of message number `index` as escaped inner bytes; refuses content that is more than text. */
  protected writeText(message: i32, index: i32, out: Buffer): bool {
    if (appendText(this.doc, message, out)) return true;
    return this.refuse(TEXT_ONLY, "messages[" + index.toString() + "].content");
  }

  protected refuseSize(out: Buffer): bool {
    return !out.overflow || this.refuse(REQUEST_TOO_LARGE, "messages");
  }

  /** Copies `"name":value` with a comma before it when the client's body has it. */
  protected copy(name: string, out: Buffer): void {
    this.put(name, this.doc.root(name), out);
  }

  protected put(name: string, node: i32, out: Buffer): void {
    if (!this.doc.isSet(node)) return;
    out.ascii(',"');
    out.ascii(name);
    out.put('":', this.doc.raw(node));
  }

  /** Settles id and model of the response; an empty `id` gets one of our own, an empty `model` is the one asked for. */
  protected setHead(id: View, model: View): void {
    this.responseId = idOr(id, this.context.nonce);
    this.responseModel = model.length != 0 ? model.copy() : this.context.model;
    this.chunks.setHead(this.responseId, this.responseModel, this.context.now);
  }

  /** Parses a whole response; false when it is no object or tells of an error, whose status is then in failedStatus. */
  protected readResponse(body: View): bool {
    if (!this.doc.parse(body) || !this.doc.isObject(0)) return false;
    this.failedStatus = this.findError(502) ? this.errorStatus : 0;
    return this.failedStatus == 0;
  }

  /** Parses an event; false when there is nothing (more) to be done with it. Errors become an error event. */
  protected readEvent(data: View, out: Buffer): bool {
    if (this.failed || data.length == 0) return false;
    if (!this.doc.parse(data) || !this.doc.isObject(0)) {
      this.failed = true;
      this.chunks.invalidEvent(out);
      return false;
    }
    if (!this.findError(500)) return true;
    this.failed = true;
    this.chunks.error(out, this.errorMessage, errorTypeOf(this.errorStatus), this.errorCode);
    return false;
  }

  /** Writes one chunk of content, with the role when it is the choice's first; a first chunk comes even without text. */
  protected writeContent(inner: View, choice: i32, out: Buffer): void {
    const chunks = this.chunks;
    if (inner.length == 0) {
      chunks.role(out, choice);
      return;
    }
    chunks.open(out, choice);
    chunks.putRole(out);
    chunks.putContent(out, inner);
    chunks.close(out, "");
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.finished || this.failed;
  }

  end(out: Buffer): void {
    if (!this.failed) {
      if (!this.finished) this.chunks.truncated(out);
      else this.chunks.usage(out, this.usage);
    }
    writeDone(out);
  }

  error(status: i32, body: View, out: Buffer): void {
    if (this.doc.parse(body) && this.findError(status)) {
      writeErrorInner(out, this.errorMessage, errorTypeOf(this.errorStatus), this.errorCode);
    } else writeForeignError(out, status, body);
  }

  /** Sets the error fields; a message that is missing gets a sentence. Always true. */
  protected foundError(message: View, status: i32, code: string): bool {
    this.errorMessage = message.length != 0 ? message : View.utf8(UPSTREAM_ERROR);
    this.errorStatus = status;
    this.errorCode = code;
    return true;
  }
}

/**
 * Appends a message's text, escaped inner bytes: its content, or its refusal. Parts are joined with line feeds; no content
 * is no text. False when there is a part without text.
 */
export function appendText(doc: JsonDocument, message: i32, out: Buffer): bool {
  const given = doc.get(message, "content");
  const content = doc.isSet(given) ? given : doc.get(message, "refusal");
  if (doc.isString(content)) {
    out.view(innerOf(doc, content));
    return true;
  }
  if (!doc.isArray(content)) return !doc.isSet(content);
  let isFirst = true;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    let text = doc.isString(part) ? part : doc.get(part, "text");
    if (!doc.isString(text)) text = doc.get(part, "refusal");
    if (!doc.isString(text)) return false;
    if (!isFirst) out.ascii("\\n");
    isFirst = false;
    out.view(innerOf(doc, text));
  }
  return true;
}
