// Hunyuan's events (one response object each, text in increments, usage as running totals) -> chat.completion.chunk events.
// FinishReason is "" until the end; there is one choice, and no [DONE].

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { CallTracks } from "../conversation/call-tracks";
import { isFinished } from "../conversation/finish-reason";
import { idOr } from "../conversation/ids";
import { ChunkWriter } from "../conversation/chunk-writer";
import { writeDone, writeErrorEvent, writeTruncatedEvent } from "../conversation/error-writer";
import { innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { findError, writeHunyuanErrorEvent } from "./error";
import { finishReason } from "./finish-reason";
import { responseOf } from "./service";

@final
export class StreamWriter {
  /** Empty until the first event. */
  id: View = View.empty();
  private doc: JsonDocument = new JsonDocument();
  private chunks: ChunkWriter;
  private calls: CallTracks;
  private finished: bool = false;
  private failed: bool = false;

  constructor(
    private context: TranslateContext,
    private report: UsageReport,
  ) {
    this.chunks = new ChunkWriter(context.includeUsage, context.options.reasoningMode);
    this.calls = new CallTracks(0, context.nonce);
  }

  /** Writes the chunks for one event. After an error nothing more is written. */
  event(data: View, out: Buffer): void {
    if (this.failed || data.length == 0 || data.equals("[DONE]")) return;
    const doc = this.doc;
    if (!doc.parse(data)) {
      this.failed = true;
      writeErrorEvent(out, View.utf8("The upstream sent an event that is not valid JSON."), "upstream_error", "invalid_event");
      return;
    }
    const error = findError(doc);
    if (error != NONE) {
      this.failed = true;
      writeHunyuanErrorEvent(doc, error, out);
      return;
    }
    const response = responseOf(doc);
    if (this.id.length == 0) {
      this.id = idOr(doc.text(doc.get(response, "Id")), this.context.nonce);
      this.chunks.setHead(this.id, this.context.model, doc.integer(doc.get(response, "Created"), this.context.now));
    }
    readUsage(doc, 0, this.report);
    const choice = doc.first(doc.get(response, "Choices"));
    if (choice != NONE && !this.finished) this.readChoice(choice, out);
  }

  private readChoice(choice: i32, out: Buffer): void {
    const doc = this.doc;
    const chunks = this.chunks;
    const delta = doc.get(choice, "Delta");
    const reasoning = innerOf(doc, doc.get(delta, "ReasoningContent"));
    const content = innerOf(doc, doc.get(delta, "Content"));
    if (reasoning.length > 0 || content.length == 0) chunks.role(out);
    if (reasoning.length > 0) chunks.reasoning(out, reasoning);
    if (content.length > 0) {
      chunks.open(out);
      chunks.putRole(out);
      chunks.putContent(out, content);
      chunks.close(out, "");
    }
    const list = doc.get(delta, "ToolCalls");
    for (let call = doc.first(list); call != NONE; call = doc.next(call)) this.readCall(call, out);
    const reason = doc.get(choice, "FinishReason");
    if (!isFinished(doc, reason)) return;
    this.calls.close(chunks, out);
    this.finished = true;
    chunks.finish(out, finishReason(doc, reason, this.calls.count > 0));
  }

  /** Pieces of one call share its Id (API reference, "Delta", Nov 2026); Index is younger and may be missing. */
  private readCall(call: i32, out: Buffer): void {
    const doc = this.doc;
    const id = innerOf(doc, doc.get(call, "Id"));
    const definition = doc.get(call, "Function");
    const name = innerOf(doc, doc.get(definition, "Name"));
    const position = this.calls.findById(id, doc.integer(doc.get(call, "Index"), -1));
    this.calls.add(position, id, name, doc, doc.get(definition, "Arguments"), this.chunks, out);
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.finished || this.failed;
  }

  /** Ends the stream: usage and [DONE] after a finish, an error and [DONE] when it was cut off. */
  end(out: Buffer): void {
    if (!this.failed) {
      if (!this.finished) {
        this.calls.close(this.chunks, out);
        writeTruncatedEvent(out);
      } else this.chunks.usage(out, this.report.usage);
    }
    writeDone(out);
  }
}
