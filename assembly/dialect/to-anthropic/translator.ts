// OpenAI client -> Anthropic's Messages API: puts the parts of this folder behind the Translator contract.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { readUsage } from "../../usage/document";
import { CompletionWriter } from "../conversation/completion-writer";
import { TranslateContext, Translator } from "../translator";
import { CountService } from "../conversation/count-service";
import { Draft } from "../conversation/draft";
import { FormResponse } from "../conversation/form-response";
import { anthropicCount } from "./count";
import { writeAnthropicError } from "./error";
import { finishReason, refusalOf } from "./finish-reason";
import { ownMembers, writeBlocks } from "./form-response";
import { Generation } from "./generation";
import { writeRequest } from "./request";
import { writeResponse } from "./response";
import { MessageStream } from "./stream";

export class AnthropicTranslator extends Translator {
  /**
   * For hosts that name the model in the path (Vertex): the `anthropic_version` that the body carries in place of `model`.
   * "" for Anthropic itself, where the version is a header.
   */
  bodyVersion: string = "";
  private stream: MessageStream | null = null;

  constructor(context: TranslateContext) {
    super(context);
  }

  request(body: View, out: Buffer): bool {
    const doc = new JsonDocument();
    if (!this.parseRequest(doc, body)) return false;
    const named = this.context.model.length != 0 ? this.context.model : doc.textOf(0, "model");
    const draft = new Draft(doc, out);
    const written = writeRequest(draft, new Generation(named), this.context, this.bodyVersion);
    return written || this.refuse(draft.problem, draft.param);
  }

  path(out: Buffer): void {
    out.ascii(this.context.counts ? "/v1/messages/count_tokens" : "/v1/messages");
  }

  get counter(): CountService | null {
    return anthropicCount(this.bodyVersion.length != 0 ? this.context.model : View.empty());
  }

  response(body: View, out: Buffer): bool {
    const doc = new JsonDocument();
    if (!doc.parse(body) || !doc.isObject(0)) return false;
    const id = doc.textOf(0, "id");
    const model = doc.textOf(0, "model");
    if (id.length != 0) this.responseId = id.copy();
    if (model.length != 0) this.responseModel = model.copy();
    if (this.context.isConversation) return this.formResponse(doc, out);
    const writer = new CompletionWriter(this.context);
    const named = model.length != 0 ? model : this.context.model;
    if (!writeResponse(writer, out, doc, this.context, id.length != 0 ? id : this.fallbackId(), named)) return false;
    readUsage(doc, 0, this.report);
    writer.end(out, this.usage);
    return !out.overflow;
  }

  private formResponse(doc: JsonDocument, out: Buffer): bool {
    const content = doc.root("content");
    if (!doc.isArray(content)) return false;
    const context = this.context;
    const id = this.responseId.length != 0 ? this.responseId : this.fallbackId();
    readUsage(doc, 0, this.report);
    const writer = new FormResponse(out);
    writer.begin(id, this.responseModel.length != 0 ? this.responseModel : context.model, context.now);
    writeBlocks(writer, out, doc, content);
    const explanation = refusalOf(doc, 0);
    if (doc.isString(explanation)) writer.turn.refusal(doc.raw(explanation));
    writer.end(finishReason(doc, doc.root("stop_reason")), this.usage, ownMembers(doc, 0));
    return !out.overflow;
  }

  get heldBytes(): i32 {
    const stream = this.stream;
    return stream === null ? 0 : stream.heldBytes;
  }

  get knowsConversation(): bool {
    return true;
  }

  event(name: View, data: View, out: Buffer): void {
    this.reader().event(name, data, out);
  }

  end(out: Buffer): void {
    this.reader().end(out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeAnthropicError(out, status, body);
  }

  /** The id of a response that the upstream did not name. */
  private fallbackId(): View {
    const id = new Buffer(40);
    id.ascii("chatcmpl-");
    id.integer(<i64>(this.context.nonce & 0x7fffffffffffffff));
    return id.toView();
  }

  private reader(): MessageStream {
    let stream = this.stream;
    if (stream === null) {
      stream = new MessageStream(this, this.fallbackId());
      this.stream = stream;
    }
    return stream;
  }
}
