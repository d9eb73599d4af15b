// OpenAI client -> Amazon Bedrock's Converse and ConverseStream: puts the parts of this folder behind the Translator contract.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { readUsage } from "../../usage/document";
import { CountService } from "../conversation/count-service";
import { Draft } from "../conversation/draft";
import { CompletionWriter } from "../conversation/completion-writer";
import { TranslateContext, Translator } from "../translator";
import { FormResponse } from "../conversation/form-response";
import { NO_MODEL } from "../conversation/sentences";
import { finishReason } from "./finish-reason";
import { ownReason, writeBlocks } from "./form-response";
import { writeBedrockError } from "./error";
import { converseCount, writeCountPath } from "./count";
import { Family, familyOf, writeModelPath } from "./model";
import { writeRequest } from "./request";
import { writeResponse } from "./response";
import { ConverseStream } from "./stream";

@final
export class BedrockTranslator extends Translator {
  private doc: JsonDocument = new JsonDocument();
  private stream: ConverseStream | null = null;
  /** The model that the body names, for a context without one. */
  private named: View = View.empty();

  constructor(context: TranslateContext) {
    super(context);
  }

  private get model(): View {
    return this.context.model.length != 0 ? this.context.model : this.named;
  }

  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.parseRequest(doc, body)) return false;
    this.named = doc.textOf(0, "model").copy();
    if (this.model.length == 0) {
      return this.refuse(NO_MODEL, "model");
    }
    const draft = new Draft(doc, out);
    const written = writeRequest(draft, this.context, this.model);
    return written || this.refuse(draft.problem, draft.param);
  }

  /** Known once request() has run. */
  path(out: Buffer): void {
    if (this.context.counts) writeCountPath(this.model, out);
    else writeModelPath(this.model, this.context.stream ? "converse-stream" : "converse", out);
  }

  /** Of its models, Claude's alone are counted (models at a glance, Nov 2026). */
  get counter(): CountService | null {
    return familyOf(this.model) == Family.Claude ? converseCount() : null;
  }

  get streamsBinary(): bool {
    return true;
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!doc.parse(body) || !doc.isObject(0)) return false;
    if (this.context.isConversation) return this.formResponse(out);
    const writer = new CompletionWriter(this.context);
    if (!writeResponse(writer, out, doc, this.context, this.idOrOwn())) return false;
    readUsage(doc, 0, this.report);
    writer.end(out, this.usage);
    this.name();
    return !out.overflow;
  }

  private formResponse(out: Buffer): bool {
    const doc = this.doc;
    const message = doc.get(doc.root("output"), "message");
    if (!doc.isObject(message)) return false;
    readUsage(doc, 0, this.report);
    this.name();
    const writer = new FormResponse(out);
    writer.begin(this.responseId, this.context.model, this.context.now);
    writeBlocks(writer.turn, out, doc, doc.get(message, "content"));
    writer.end(finishReason(doc, doc.root("stopReason"), writer.turn.calls > 0), this.usage, ownReason(doc));
    return !out.overflow;
  }

  get knowsConversation(): bool {
    return true;
  }

  /** `name` is the message's exception type when it has one, else its event type. */
  event(name: View, data: View, out: Buffer): void {
    this.reader().event(name, data, out);
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.reader().awaitsEnd;
  }

  end(out: Buffer): void {
    this.reader().end(out);
  }

  error(status: i32, body: View, out: Buffer): void {
    writeBedrockError(out, this.doc, status, body, this.errorName);
  }

  /** Converse names neither id nor model: ours for the logs. */
  private name(): void {
    this.responseId = this.idOrOwn();
    this.responseModel = this.context.model;
  }

  private idOrOwn(): View {
    const id = new Buffer(40);
    id.ascii("chatcmpl-");
    id.integer(<i64>(this.context.nonce & 0x7fffffffffffffff));
    return id.toView();
  }

  private reader(): ConverseStream {
    let stream = this.stream;
    if (stream === null) {
      this.name();
      stream = new ConverseStream(this, this.responseId);
      this.stream = stream;
    }
    return stream;
  }
}
