// ConverseStream's events as OpenAI chunks: messageStart, contentBlockStart / Delta / Stop with an index, messageStop, and
// metadata with the counts after it; exceptions come as events of their own (API reference "ConverseStream", read Nov 2026).

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { ReasoningMode } from "../../model/reasoning-mode";
import { ChunkWriter } from "../conversation/chunk-writer";
import { innerMember } from "../conversation/inner";
import { Translator } from "../translator";
import { citationOf } from "./citations";
import { isException, writeExceptionEvent } from "./error";
import { finishReason } from "./finish-reason";
import { ownReason } from "./form-response";
import { ThinkingBlock } from "./thinking-blocks";
import { ToolBlocks, isServerTool } from "./tool-blocks";

@final
export class ConverseStream {
  private chunks: ChunkWriter;
  private doc: JsonDocument = new JsonDocument();
  private tools: ToolBlocks = new ToolBlocks();
  private thinking: ThinkingBlock = new ThinkingBlock();
  private finished: bool = false;
  private counted: bool = false;
  private ended: bool = false;
  /** What the conversation form has beyond chat (docs/conversation-form.md) is told. */
  private isConversation: bool;
  /** The block whose text came last; -1 when something else has come since. */
  private textBlock: i64 = -1;

  /** `id` names the response: Converse gives no id but a header. */
  constructor(
    private owner: Translator,
    id: View,
  ) {
    const context = owner.context;
    this.isConversation = context.isConversation;
    this.chunks = new ChunkWriter(context);
    this.chunks.setHead(id, context.model, context.now);
  }

  /** Takes one event; `name` is its event type or exception type. After an exception nothing more is written. */
  event(name: View, data: View, out: Buffer): void {
    if (this.ended) return;
    const doc = this.doc;
    if (isException(name)) {
      writeExceptionEvent(doc, name, data, this.chunks, out);
      this.close(out);
      return;
    }
    if (data.length == 0) return;
    if (!doc.parse(data) || !doc.isObject(0)) {
      this.chunks.invalidEvent(out);
      this.close(out);
      return;
    }
    if (name.equals("contentBlockDelta")) this.blockDelta(out);
    else if (name.equals("contentBlockStart")) this.blockStart(out);
    else if (name.equals("contentBlockStop")) this.blockStop(out);
    else if (name.equals("messageStart")) this.chunks.role(out);
    else if (name.equals("messageStop")) this.messageStop(out);
    else if (name.equals("metadata")) this.metadata(out);
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.finished && !this.ended;
  }

  /** The upstream has closed. */
  end(out: Buffer): void {
    if (this.ended) return;
    if (!this.finished) this.chunks.truncated(out);
    else this.writeUsage(out);
    this.close(out);
  }

  private close(out: Buffer): void {
    this.ended = true;
    this.chunks.done(out);
  }

  private blockIndex(): i64 {
    return this.doc.integer(this.doc.root("contentBlockIndex"), 0);
  }

  private blockStart(out: Buffer): void {
    const doc = this.doc;
    this.chunks.role(out);
    const use = doc.get(doc.root("start"), "toolUse");
    if (!doc.isObject(use) || isServerTool(doc, use) || this.finished) return;
    const index = this.tools.open(this.blockIndex());
    if (index < 0) return;
    this.chunks.toolStart(out, index, innerMember(doc, use, "toolUseId"), innerMember(doc, use, "name"), View.empty());
  }

  private blockDelta(out: Buffer): void {
    const doc = this.doc;
    const delta = doc.root("delta");
    this.chunks.role(out);
    if (this.finished) return;
    const text = innerMember(doc, delta, "text");
    const citation = this.isConversation ? doc.get(delta, "citation") : NONE;
    if (text.length != 0 || doc.isObject(citation)) {
      // A text block that follows another is one of its own.
      if (this.isConversation && this.textBlock >= 0 && this.textBlock != this.blockIndex()) {
        this.chunks.attach("content_end", View.utf8("true"));
      }
      this.textBlock = this.blockIndex();
      if (text.length != 0) this.chunks.content(out, text);
      else this.cite(citationOf(doc, citation), out);
      return;
    }
    this.textBlock = -1;
    const piece = innerMember(doc, doc.get(delta, "toolUse"), "input");
    if (piece.length != 0) {
      const index = this.tools.argue(this.blockIndex());
      if (index >= 0) this.chunks.toolArguments(out, index, piece);
      return;
    }
    const reasoning = doc.get(delta, "reasoningContent");
    if (doc.isObject(reasoning)) this.reason(reasoning, out);
  }

  private cite(citations: View, out: Buffer): void {
    if (citations.length == 0) return;
    this.chunks.open(out);
    this.chunks.putRaw(out, "citations", citations);
    this.chunks.close(out, "");
  }

  private reason(reasoning: i32, out: Buffer): void {
    const doc = this.doc;
    const text = innerMember(doc, reasoning, "text");
    if (text.length != 0) {
      this.thinking.addText(text);
      this.chunks.reasoning(out, text);
    }
    this.thinking.addSignature(innerMember(doc, reasoning, "signature"));
    this.thinking.addRedacted(innerMember(doc, reasoning, "redactedContent"));
  }

  private blockStop(out: Buffer): void {
    this.attachThinking(out);
    const index = this.tools.close(this.blockIndex());
    // No arguments at all: OpenAI says `{}`, and clients parse what they are given.
    if (index >= 0) this.chunks.toolArguments(out, index, View.utf8("{}"));
  }

  /** The signed block rides on the next chunk, whole, so that a client can give it back as it is. */
  private attachThinking(out: Buffer): void {
    const item = new Buffer(16);
    if (!this.thinking.take(item)) return;
    if (this.owner.context.options.reasoningMode != ReasoningMode.Passthrough) return;
    this.chunks.attachItem("thinking_blocks", item.toView());
    if (!this.isConversation) return;
    // In the form the order of events is that of the blocks.
    this.chunks.open(out);
    this.chunks.close(out, "");
  }

  private messageStop(out: Buffer): void {
    if (this.finished) return;
    this.attachThinking(out);
    this.chunks.role(out);
    for (let index = this.tools.closeAny(); index >= 0; index = this.tools.closeAny()) {
      this.chunks.toolArguments(out, index, View.utf8("{}"));
    }
    this.finished = true;
    readUsage(this.doc, 0, this.owner.report);
    const own = this.isConversation ? ownReason(this.doc) : View.empty();
    if (own.length != 0) this.chunks.attach("anthropic_message", own);
    this.chunks.finish(out, finishReason(this.doc, this.doc.root("stopReason"), this.tools.count > 0));
  }

  /** Counts; they come after messageStop, but nothing depends on that. */
  private metadata(out: Buffer): void {
    readUsage(this.doc, 0, this.owner.report);
    if (this.finished) this.writeUsage(out);
  }

  private writeUsage(out: Buffer): void {
    if (this.counted || !this.owner.usage.isKnown) return;
    this.counted = true;
    this.chunks.usage(out, this.owner.usage);
  }
}
