// Anthropic's stream events as OpenAI chunks: a state machine that holds no text but the thinking of the open block.
// Events: message_start, content_block_start / _delta / _stop with an index, message_delta (cumulative usage, stop
// reason), message_stop, ping and error anywhere (API reference "Streaming messages", read Nov 2026).

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { ReasoningMode } from "../../model/reasoning-mode";
import { escaped } from "../../json/text";
import { ChunkWriter } from "../conversation/chunk-writer";
import { innerMember } from "../conversation/inner";
import { PlainEvent, Translator } from "../translator";
import { writeAnthropicErrorEvent } from "./error";
import { finishReason, refusalOf } from "./finish-reason";
import { ownMembers } from "./form-response";
import { OtherBlock, callerOf, listOf } from "./other-block";
import { ThinkingItem } from "./thinking-item";

const enum Block {
  None,
  Text,
  Thinking,
  Tool,
  Redacted,
  /** Server tools and whatever comes to be: nothing of them has a place in a chunk. */
  Other,
}

@final
export class MessageStream {
  private chunks: ChunkWriter;
  private doc: JsonDocument = new JsonDocument();
  private finish: string = "";
  private ended: bool = false;

  /** The open block. Blocks do not overlap; a delta for another index is not ours. */
  private block: Block = Block.None;
  private blockIndex: i64 = -1;
  private tools: i32 = 0;
  /** The open tool's arguments have begun; `whole` holds arguments that came with its start, escaped. */
  private argued: bool = false;
  private whole: View = View.empty();
  private thinking: ThinkingItem = new ThinkingItem();
  private plain: PlainEvent = new PlainEvent();
  /** What the conversation form has beyond chat (docs/conversation-form.md) is told. */
  private isConversation: bool;
  private other: OtherBlock = new OtherBlock();
  /** The last piece was text: another text block begins anew. */
  private afterText: bool = false;

  /** `fallbackId` names the response when the upstream does not. */
  constructor(
    private owner: Translator,
    private fallbackId: View,
  ) {
    const context = owner.context;
    this.isConversation = context.isConversation;
    this.chunks = new ChunkWriter(context);
    this.chunks.setHead(fallbackId, context.model, context.now);
    owner.plain = this.plain;
  }

  /** Of a block that is gathered until it is whole. */
  get heldBytes(): i32 {
    return this.block == Block.Other ? this.other.heldBytes : 0;
  }

  /** Takes one event. */
  event(name: View, data: View, out: Buffer): void {
    if (this.ended || data.length == 0) return;
    const doc = this.doc;
    if (!doc.parse(data) || !doc.isObject(0)) {
      this.unreadable(data, out);
      return;
    }
    const type = doc.root("type");
    if (doc.textIs(type, "content_block_delta")) this.blockDelta(out);
    else if (doc.textIs(type, "content_block_start")) this.blockStart(out);
    else if (doc.textIs(type, "content_block_stop")) this.blockStop(out);
    else if (doc.textIs(type, "message_start")) this.messageStart(out);
    else if (doc.textIs(type, "message_delta")) this.messageDelta();
    else if (doc.textIs(type, "message_stop")) this.messageStop(out);
    else if (doc.textIs(type, "error") || (!doc.isSet(type) && (name.equals("error") || doc.isSet(doc.root("error"))))) {
      writeAnthropicErrorEvent(doc, this.chunks, out);
      this.close(out);
    }
  }

  /** The upstream has closed. */
  end(out: Buffer): void {
    if (this.ended) return;
    this.chunks.truncated(out);
    this.close(out);
  }

  private close(out: Buffer): void {
    this.ended = true;
    this.chunks.done(out);
  }

  /** `[DONE]` comes from compatible servers after their finish; anything else that is no JSON is a broken stream. */
  private unreadable(data: View, out: Buffer): void {
    if (data.trim().equals("[DONE]")) {
      if (this.finish.length != 0) this.messageStop(out);
      return;
    }
    this.chunks.invalidEvent(out);
    this.close(out);
  }

  private messageStart(out: Buffer): void {
    const doc = this.doc;
    const owner = this.owner;
    const message = doc.root("message");
    const id = doc.textOf(message, "id");
    const model = doc.textOf(message, "model");
    // Copies: the event's bytes are gone after the call.
    if (id.length != 0) owner.responseId = id.copy();
    if (model.length != 0) owner.responseModel = model.copy();
    this.chunks.setHead(
      id.length != 0 ? owner.responseId : this.fallbackId,
      model.length != 0 ? owner.responseModel : owner.context.model,
      owner.context.now,
    );
    readUsage(doc, 0, owner.report);
    if (this.isConversation) this.tell("anthropic_message", ownMembers(doc, message));
    this.chunks.role(out);
    // Answers to tools that a program of Claude's has called stand in the start itself (recorded Nov 2026).
    const content = doc.get(message, "content");
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
      this.openBlock(out, block);
      this.closeBlock(out);
    }
    const reason = doc.get(message, "stop_reason");
    if (doc.isString(reason)) this.finish = finishReason(doc, reason);
  }

  /** A member of the next event's delta, unless it is empty. */
  private tell(name: string, raw: View): void {
    if (raw.length != 0) this.chunks.attach(name, raw);
  }

  private blockStart(out: Buffer): void {
    const doc = this.doc;
    if (this.block != Block.None) this.closeBlock(out);
    this.blockIndex = doc.integer(doc.root("index"), 0);
    this.chunks.role(out);
    this.openBlock(out, doc.root("content_block"));
  }

  private openBlock(out: Buffer, block: i32): void {
    const doc = this.doc;
    const type = doc.get(block, "type");
    if (doc.textIs(type, "text")) {
      this.block = Block.Text;
      if (this.isConversation && this.afterText) this.chunks.attach("content_end", View.utf8("true"));
      this.afterText = false;
      this.text(out, innerMember(doc, block, "text"));
      this.cite(out, doc.get(block, "citations"));
      return;
    }
    this.afterText = false;
    if (doc.textIs(type, "thinking")) {
      this.block = Block.Thinking;
      this.thinking.sign(innerMember(doc, block, "signature"));
      this.think(out, innerMember(doc, block, "thinking"));
    } else if (doc.textIs(type, "tool_use")) this.toolStart(out, block);
    else {
      this.block = Block.Other;
      if (doc.textIs(type, "redacted_thinking")) {
        this.attach(this.thinking.redacted(innerMember(doc, block, "data")), out);
        this.block = Block.Redacted;
      } else if (this.isConversation) this.other.begin(doc, block);
    }
  }

  /** The citations of the open text, in the form. */
  private cite(out: Buffer, citations: i32): void {
    if (!this.isConversation || this.doc.first(citations) == NONE) return;
    this.put(out, "citations", this.doc.raw(citations));
  }

  /** An event of one member. */
  private put(out: Buffer, name: string, raw: View): void {
    this.chunks.open(out);
    this.chunks.putRaw(out, name, raw);
    this.chunks.close(out, "");
  }

  private toolStart(out: Buffer, block: i32): void {
    const doc = this.doc;
    this.block = Block.Tool;
    this.argued = false;
    // Anthropic gives `{}` here and the input in deltas; compatible servers may give all of it here and no delta.
    const input = doc.get(block, "input");
    this.whole = doc.first(input) >= 0 ? escaped(doc.raw(input)) : View.empty();
    // Who called, when it was a program of Claude's: the call's id and name follow in another piece of it.
    const caller = doc.get(block, "caller");
    if (this.isConversation && doc.isSet(caller)) this.put(out, "tool_calls", callerOf(this.tools, doc.raw(caller)));
    this.chunks.toolStart(out, this.tools, innerMember(doc, block, "id"), innerMember(doc, block, "name"), View.empty());
    this.tools++;
  }

  private blockDelta(out: Buffer): void {
    const doc = this.doc;
    const delta = doc.root("delta");
    const type = doc.get(delta, "type");
    const isSteady = this.chunks.isSteady();
    this.chunks.role(out);
    if (this.block == Block.Other) {
      if (this.isConversation) this.other.delta(doc, delta);
    } else if (doc.textIs(type, "text_delta")) {
      const piece = innerMember(doc, delta, "text");
      this.text(out, piece);
      if (isSteady && piece.length != 0) this.say(piece);
    } else if (doc.textIs(type, "input_json_delta")) {
      const piece = innerMember(doc, delta, "partial_json");
      if (this.block != Block.Tool || piece.length == 0 || !this.isOpen()) return;
      this.argued = true;
      this.chunks.toolArguments(out, this.tools - 1, piece);
      if (isSteady) this.say(piece);
    } else if (doc.textIs(type, "thinking_delta")) this.think(out, innerMember(doc, delta, "thinking"));
    else if (doc.textIs(type, "signature_delta")) this.thinking.sign(innerMember(doc, delta, "signature"));
    else if (doc.textIs(type, "citations_delta")) {
      const citation = doc.get(delta, "citation");
      if (this.isConversation && doc.isSet(citation)) this.put(out, "citations", listOf(doc.raw(citation)));
    }
  }

  private say(piece: View): void {
    this.plain.text = piece;
    this.plain.at = this.chunks.pieceAt;
  }

  private isOpen(): bool {
    return this.doc.integer(this.doc.root("index"), this.blockIndex) == this.blockIndex;
  }

  private text(out: Buffer, inner: View): void {
    if (inner.length == 0) return;
    this.afterText = true;
    this.chunks.content(out, inner);
  }

  private think(out: Buffer, inner: View): void {
    if (inner.length == 0) return;
    // The form has had the text when the signature comes.
    if (!this.isConversation) this.thinking.add(inner);
    this.chunks.reasoning(out, inner);
  }

  private blockStop(out: Buffer): void {
    if (this.block != Block.None && this.isOpen()) this.closeBlock(out);
  }

  private closeBlock(out: Buffer): void {
    if (this.block == Block.Tool && !this.argued) {
      // No arguments at all: OpenAI says `{}`, and clients parse what they are given.
      this.chunks.toolArguments(out, this.tools - 1, this.whole.length != 0 ? this.whole : View.utf8("{}"));
    } else if (this.block == Block.Thinking) this.attach(this.thinking.end(), out);
    else if (this.block == Block.Other && this.isConversation) {
      const whole = this.other.end();
      if (whole.length != 0) this.put(out, "content", listOf(whole));
    }
    this.block = Block.None;
    this.whole = View.empty();
  }

  /** The signed block rides on the next chunk, whole, so that a client can give it back as it is; in the form it has one of its own. */
  private attach(item: View, out: Buffer): void {
    if (item.length == 0 || this.owner.context.options.reasoningMode != ReasoningMode.Passthrough) return;
    if (this.isConversation) this.put(out, "thinking_blocks", listOf(item));
    else this.chunks.attachItem("thinking_blocks", item);
  }

  private messageDelta(): void {
    const doc = this.doc;
    const delta = doc.root("delta");
    if (this.isConversation) this.tell("anthropic_message", ownMembers(doc, delta, 0));
    const reason = doc.get(delta, "stop_reason");
    if (doc.isString(reason)) this.finish = finishReason(doc, reason);
    const explanation = refusalOf(doc, delta);
    if (doc.isString(explanation)) this.chunks.attach("refusal", doc.raw(explanation));
    readUsage(doc, 0, this.owner.report);
  }

  private messageStop(out: Buffer): void {
    if (this.block != Block.None) this.closeBlock(out);
    this.chunks.role(out);
    if (this.finish.length == 0) this.finish = this.tools > 0 ? "tool_calls" : "stop";
    this.chunks.finish(out, this.finish);
    this.chunks.usage(out, this.owner.usage);
    this.close(out);
  }
}
