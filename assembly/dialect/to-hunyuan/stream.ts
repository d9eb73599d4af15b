// Hunyuan's events (one response object each, text in increments, usage as running totals) -> chat.completion.chunk events.
// FinishReason is "" until the end; there is one choice, and no [DONE].

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { CallTracks } from "../conversation/call-tracks";
import { isFinished } from "../conversation/finish-reason";
import { idOr } from "../conversation/ids";
import { innerMember } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { ChatStream } from "../conversation/chat-stream";
import { findError, writeHunyuanErrorEvent } from "./error";
import { finishReason } from "./finish-reason";
import { responseOf } from "./service";

@final
export class StreamWriter extends ChatStream {
  private calls: CallTracks;

  constructor(context: TranslateContext, report: UsageReport) {
    super(context, report);
    this.calls = new CallTracks(0, context.nonce);
  }

  /** Writes the chunks for one event. After an error nothing more is written. */
  event(_name: View, data: View, out: Buffer): void {
    if (!this.parseEvent(data, out)) return;
    const doc = this.doc;
    const error = findError(doc);
    if (error != NONE) {
      this.failed = true;
      writeHunyuanErrorEvent(doc, error, this.chunks, out);
      return;
    }
    const response = responseOf(doc);
    if (this.id.length == 0) {
      this.id = idOr(doc.textOf(response, "Id"), this.context.nonce);
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
    const reasoning = innerMember(doc, delta, "ReasoningContent");
    const content = innerMember(doc, delta, "Content");
    if (reasoning.length != 0 || content.length == 0) chunks.role(out);
    if (reasoning.length != 0) chunks.reasoning(out, reasoning);
    if (content.length != 0) {
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

  /**
   * Pieces of one call share its Id ("Delta", https://cloud.tencent.com/document/api/1729/105701, Nov 2026); Index is
   * younger and may be missing.
   */
  private readCall(call: i32, out: Buffer): void {
    const doc = this.doc;
    const id = innerMember(doc, call, "Id");
    const definition = doc.get(call, "Function");
    const name = innerMember(doc, definition, "Name");
    const position = this.calls.findById(id, doc.integer(doc.get(call, "Index"), -1));
    this.calls.add(position, id, name, doc, doc.get(definition, "Arguments"), this.chunks, out);
  }

  protected flush(out: Buffer): void {
    if (!this.finished) this.calls.close(this.chunks, out);
  }
}
