// Messages client -> Claude in a cloud: both ends speak Messages, so bodies and events pass as they are. What the cloud wants
// otherwise (path, version, model, betas) stands in CloudRules; usage and names are read as they pass.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { CountService, passedCount } from "../conversation/count-service";
import { innerMember, innerOf } from "../conversation/inner";
import { translateError, translateErrorEvent, writeAnthropicErrorEvent } from "../from-messages/error";
import { PlainEvent, TranslateContext, Translator } from "../translator";
import { withoutEnvelopes } from "../conversation/foreign-seals";
import { CloudRules, writeCloudBody } from "./body";

/** Longest id or model name that is kept for logs; a longer one is none. */
const MAX_NAME: i32 = 256;

export abstract class MessagesPass extends Translator {
  protected doc: JsonDocument = new JsonDocument();
  /** The response has come to its end, by its last event or by an error. */
  protected isEnded: bool = false;

  constructor(
    context: TranslateContext,
    protected rules: CloudRules,
  ) {
    super(context);
    this.plain = new PlainEvent();
  }

  /** Writes the cloud's error body in OpenAI's form. */
  protected abstract foreignError(status: i32, body: View, out: Buffer): void;

  request(given: View, out: Buffer): bool {
    const body = withoutEnvelopes(given);
    // A document of its own: the index of a large request must not live as long as the response's stream.
    const doc = new JsonDocument();
    if (!doc.parse(body) || !doc.isObject(0)) {
      this.problem = "The request body must be a JSON object.";
      return false;
    }
    if (this.context.model.length == 0) this.context.model = doc.textOf(0, "model").copy();
    if (writeCloudBody(doc, body, this.rules, this.context.model, this.context.betas, out)) return true;
    this.problem = "The request has too many members.";
    return false;
  }

  get counter(): CountService | null {
    return passedCount();
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isArray(doc.root("content"))) return false;
    this.readNames(0);
    readUsage(doc, 0, this.report);
    for (let block = doc.first(doc.root("content")); block != NONE; block = doc.next(block)) this.countBlock(block);
    out.view(body);
    return !out.overflow;
  }

  event(name: View, data: View, out: Buffer): void {
    if (this.isEnded || data.length == 0) return;
    const doc = this.doc;
    if (!doc.parse(data)) {
      this.isEnded = true;
      writeAnthropicErrorEvent(502, "The upstream sent an event that is not valid JSON.", this.context.effects, out);
      return;
    }
    const type = doc.root("type");
    if (name.length != 0 || doc.isString(type)) {
      out.put("event: ", name.length != 0 ? name : doc.text(type));
    }
    out.ascii("\ndata: ");
    const start = out.length;
    out.view(data);
    out.ascii("\n\n");
    if (doc.textIs(type, "content_block_delta")) {
      this.readDelta(doc.root("delta"), data, start);
      return;
    }
    if (doc.textIs(type, "message_start")) this.readNames(doc.root("message"));
    readUsage(doc, 0, this.report);
    if (doc.textIs(type, "message_stop")) this.isEnded = true;
    if (!doc.textIs(type, "error")) return;
    this.isEnded = true;
    this.context.effects.countForeignError(View.empty(), doc.textOf(doc.root("error"), "type"));
  }

  /** An event that says nothing but a piece of text is a plain one. */
  private readDelta(delta: i32, data: View, start: i32): void {
    const doc = this.doc;
    let piece = doc.get(delta, "text");
    if (!doc.isString(piece)) piece = doc.get(delta, "thinking");
    if (!doc.isString(piece)) piece = doc.get(delta, "partial_json");
    if (!doc.isString(piece)) return;
    const inner = innerOf(doc, piece);
    this.context.effects.text.addOuter(inner);
    const plain = this.plain;
    if (inner.length == 0 || plain === null) return;
    plain.isOuter = true;
    plain.text = inner;
    plain.at = start + data.offsetOf(inner);
  }

  private countBlock(block: i32): void {
    const doc = this.doc;
    this.context.effects.text.addOuter(innerMember(doc, block, "text"));
    this.context.effects.text.addOuter(innerMember(doc, block, "thinking"));
    if (doc.isObject(doc.get(block, "input"))) this.context.effects.text.addOuter(doc.raw(doc.get(block, "input")));
  }

  end(out: Buffer): void {
    if (!this.isEnded) writeAnthropicErrorEvent(502, "The upstream closed the stream before it was finished.", this.context.effects, out);
    this.isEnded = true;
  }

  /** Ends the stream with the event of an error, which is told in OpenAI's form. */
  protected fail(error: View, out: Buffer): void {
    if (this.isEnded) return;
    this.isEnded = true;
    if (this.doc.parse(error)) translateErrorEvent(this.doc, 0, this.context.effects, out);
  }

  error(status: i32, body: View, out: Buffer): void {
    const doc = this.doc;
    if (doc.parse(body) && doc.memberIs(0, "type", "error") && doc.isObject(doc.root("error"))) {
      out.view(body);
      return;
    }
    const middle = new Buffer(body.length + 256);
    this.foreignError(status, body, middle);
    translateError(status, middle.toView(), out);
  }

  private readNames(message: i32): void {
    if (this.responseId.length == 0) this.responseId = this.nameOf(message, "id");
    if (this.responseModel.length == 0) this.responseModel = this.nameOf(message, "model");
  }

  private nameOf(message: i32, field: string): View {
    const text = this.doc.text(this.doc.get(message, field));
    return text.length > MAX_NAME ? View.empty() : text.copy();
  }
}
