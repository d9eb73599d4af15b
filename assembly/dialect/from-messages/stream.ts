// Chunks of a streamed chat completion, or of the conversation form, -> events of a Messages stream.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { escaped } from "../../json/text";
import { UsageReport } from "../../usage/report";
import { ReasoningMode } from "../../model/reasoning-mode";
import { ClientStream } from "../conversation/client-stream";
import { innerMember, innerOf } from "../conversation/inner";
import { firstThought, itemThought, nextThought, reasoningNode, thoughtText } from "../conversation/reasoning";
import { SealKind } from "../conversation/seal";
import { PlainEvent, TranslateContext } from "../translator";
import { BlockKind } from "./block";
import { BlockQueue } from "./block-queue";
import { translateErrorEvent } from "./error";
import { writeMessageEnd, writeMessageStart } from "./events";
import { StopReason, refineStopReason, stopReasonName, stopReasonOf } from "./finish-reason";
import { DetailReader, googleSeal, isOptional, sealWith } from "./thoughts";

@final
export class MessageStream extends ClientStream {
  private blocks: BlockQueue;
  private details: DetailReader;
  private isStarted: bool = false;
  private stop: StopReason = StopReason.EndTurn;
  private hasText: bool = false;
  /** Thinking came that no signature has ended. */
  private hasThought: bool = false;
  private hasRefusal: bool = false;
  /** Mode Concat: <think> was written and </think> was not. */
  private inThinkTag: bool = false;
  plain: PlainEvent;
  /** What Anthropic's own message says at its end (`anthropic_message`), raw. */
  private own: View = View.empty();

  constructor(context: TranslateContext, doc: JsonDocument, report: UsageReport) {
    super(context, doc, report);
    const plain = new PlainEvent();
    plain.isOuter = true;
    this.plain = plain;
    const blocks = new BlockQueue(context, plain);
    this.blocks = blocks;
    this.details = new DetailReader(blocks);
  }

  /** Of blocks that wait. */
  get heldBytes(): i32 {
    return this.blocks.heldBytes;
  }

  protected get isOver(): bool {
    return this.blocks.isEnded;
  }

  protected tellError(out: Buffer): void {
    translateErrorEvent(this.doc, 0, this.context.effects, out);
    this.blocks.isEnded = true;
  }

  protected fail(message: string, out: Buffer): void {
    this.blocks.fail(message, out);
  }

  protected readChunk(out: Buffer): void {
    const doc = this.doc;
    const isSteady = this.blocks.isSteady;
    this.blocks.fed = 0;
    for (let choice = doc.first(doc.root("choices")); choice != NONE; choice = doc.next(choice)) {
      // Messages has one response: n > 1 keeps the first.
      if (doc.integer(doc.get(choice, "index"), 0) == 0 && doc.isObject(choice)) this.readChoice(choice, out);
    }
    if (isSteady && this.blocks.isSteady && this.blocks.fed == 1) this.plain.padding = innerMember(doc, 0, "obfuscation");
    else this.plain.clear();
  }

  private readChoice(choice: i32, out: Buffer): void {
    const doc = this.doc;
    let delta = doc.get(choice, "delta");
    // Servers that cannot stream send their whole response as one event.
    if (!doc.isObject(delta)) delta = doc.get(choice, "message");
    const own = this.context.isConversation ? doc.get(delta, "anthropic_message") : NONE;
    if (!this.isStarted) {
      this.isStarted = true;
      writeMessageStart(doc, own, this.context, this.report.usage, out);
    } else if (doc.isObject(own)) this.own = doc.raw(own).copy();
    this.readReasoning(delta, out);
    if (this.context.isConversation && doc.isTrue(doc.get(delta, "content_end"))) this.blocks.split(out);
    this.readContent(doc.get(delta, "content"), out);
    this.readBeside(delta, out);
    this.readToolCalls(delta, out);
    // finish_reason is null in most chunks, "" with some servers.
    const finish = doc.get(choice, "finish_reason");
    if (innerOf(doc, finish).length == 0) return;
    this.sawFinish = true;
    this.stop = stopReasonOf(doc, finish);
  }

  /** What belongs to the text of the delta: a refusal, citations, Google's seal of a text that stands here. */
  private readBeside(delta: i32, out: Buffer): void {
    const doc = this.doc;
    const refusal = innerMember(doc, delta, "refusal");
    // Anthropic's own explanation stands in its own member.
    if (refusal.length != 0 && !this.context.isConversation) {
      this.hasRefusal = true;
      this.blocks.add(BlockKind.Text, refusal, out);
    }
    const citations = doc.get(delta, "citations");
    if (this.context.isConversation && doc.isArray(citations)) this.blocks.cite(doc.raw(citations), out);
    const seal = googleSeal(doc, delta);
    if (seal.length == 0 || !this.isPassthrough || isOptional(doc, delta)) return;
    this.endThoughts(out);
    this.blocks.split(out);
    sealWith(this.blocks, SealKind.GoogleText, seal, out);
  }

  private get isPassthrough(): bool {
    return this.context.options.reasoningMode == ReasoningMode.Passthrough;
  }

  private readReasoning(delta: i32, out: Buffer): void {
    const doc = this.doc;
    const details = doc.get(delta, "reasoning_details");
    if (this.isPassthrough && doc.first(details) != NONE) {
      this.details.read(doc, details, out);
      return;
    }
    this.addThought(innerOf(doc, reasoningNode(doc, delta)), out);
    this.blocks.seal(innerMember(doc, delta, "reasoning_signature"), out);
    const items = this.context.isConversation ? doc.get(delta, "reasoning_items") : NONE;
    for (let item = doc.first(items); item != NONE; item = doc.next(item)) {
      // Its text may have come as reasoning before.
      if (!this.hasThought) this.addThought(itemThought(doc, item), out);
      this.hasThought = false;
      if (this.isPassthrough) sealWith(this.blocks, SealKind.Responses, doc.raw(item), out);
    }
    if (!this.isPassthrough) return;
    for (let block = doc.first(doc.get(delta, "thinking_blocks")); block != NONE; block = doc.next(block)) {
      if (doc.memberIs(block, "type", "redacted_thinking")) {
        this.blocks.redacted(innerMember(doc, block, "data"), out);
        continue;
      }
      // A chat stream's block repeats text that came as reasoning before; its signature ends it.
      if (!this.hasThought) this.addThought(innerMember(doc, block, "thinking"), out);
      this.blocks.seal(innerMember(doc, block, "signature"), out);
      const seal = googleSeal(doc, block);
      if (seal.length != 0) sealWith(this.blocks, SealKind.GoogleThought, seal, out);
      this.hasThought = false;
    }
  }

  private addThought(inner: View, out: Buffer): void {
    const mode = this.context.options.reasoningMode;
    if (inner.length == 0 || mode == ReasoningMode.Ignore) return;
    if (mode == ReasoningMode.Passthrough) {
      this.hasThought = true;
      this.blocks.thought(inner, out);
      return;
    }
    if (!this.inThinkTag) this.blocks.add(BlockKind.Text, View.utf8("<think>"), out);
    this.inThinkTag = true;
    this.blocks.add(BlockKind.Text, inner, out);
  }

  /** Text or a call follows: thinking in tags ends, and so does an item of `reasoning_details`. */
  private endThoughts(out: Buffer): void {
    this.endThinkTag(out);
    this.details.close(out);
  }

  private endThinkTag(out: Buffer): void {
    if (!this.inThinkTag) return;
    this.inThinkTag = false;
    this.blocks.add(BlockKind.Text, View.utf8("</think>\\n"), out);
  }

  /** A string, or Mistral's list of text and thinking parts (Nov 2026). */
  private readContent(content: i32, out: Buffer): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      this.addText(innerOf(doc, content), out);
      return;
    }
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      for (let thought = firstThought(doc, part); thought != NONE; thought = nextThought(doc, thought)) {
        this.addThought(thoughtText(doc, thought), out);
      }
      const text = innerMember(doc, part, "text");
      if (!this.context.isConversation) this.addText(text, out);
      else if (doc.memberIs(part, "type", "text")) this.addPart(part, text, out);
      else {
        this.endThoughts(out);
        this.blocks.push(BlockKind.Native, doc.raw(part), out);
      }
    }
  }

  /** A text part of the form, a block of its own. */
  private addPart(part: i32, text: View, out: Buffer): void {
    const doc = this.doc;
    const seal = googleSeal(doc, part);
    if (seal.length != 0 && this.isPassthrough && !isOptional(doc, part)) {
      this.endThoughts(out);
      sealWith(this.blocks, text.length != 0 ? SealKind.Google : SealKind.GoogleText, seal, out);
    }
    this.blocks.split(out);
    this.addText(text, out);
    const citations = doc.get(part, "citations");
    if (doc.isArray(citations)) this.blocks.cite(doc.raw(citations), out);
    this.blocks.split(out);
  }

  private addText(inner: View, out: Buffer): void {
    if (inner.length == 0) return;
    this.hasText = true;
    this.endThoughts(out);
    this.blocks.add(BlockKind.Text, inner, out);
  }

  private readToolCalls(delta: i32, out: Buffer): void {
    const doc = this.doc;
    let position: i64 = 0;
    for (let call = doc.first(doc.get(delta, "tool_calls")); call != NONE; call = doc.next(call)) {
      // Nov 2026: Gemini's compatible API and some local servers leave `index` out.
      const key = doc.integer(doc.get(call, "index"), position);
      const named = doc.get(call, "function");
      if (doc.isObject(named) || doc.isSet(doc.get(call, "caller"))) this.readToolCall(key, call, named, out);
      position++;
    }
    const single = doc.get(delta, "function_call");
    if (doc.isObject(single)) this.readToolCall(0, NONE, single, out);
  }

  /** A piece of a call: `named` is its function, `call` what holds id, seal and caller. */
  private readToolCall(key: i64, call: i32, named: i32, out: Buffer): void {
    const doc = this.doc;
    if (this.blocks.isEnded) return;
    const id = innerMember(doc, call, "id");
    const name = innerMember(doc, named, "name");
    const caller = this.context.isConversation ? doc.get(call, "caller") : NONE;
    let tool = this.blocks.find(key, id, name);
    if (tool === null) {
      // Empty fields beside text (Snowflake Cortex, Nov 2026) begin nothing.
      if (name.length == 0 && id.length == 0 && caller == NONE && innerMember(doc, named, "arguments").length == 0) return;
      this.endThoughts(out);
      const seal = this.isPassthrough ? googleSeal(doc, call) : View.empty();
      const hasBlock = this.blocks.endsWithThought || !isOptional(doc, call);
      if (seal.length != 0 && hasBlock) sealWith(this.blocks, SealKind.Google, seal, out);
      tool = this.blocks.addTool(key, out);
      if (tool === null) return;
      if (!hasBlock) tool.seal = seal.copy();
    }
    if (!tool.isOpen) {
      if (doc.isSet(caller)) tool.caller = doc.raw(caller).copy();
      // Some servers repeat id and name in every chunk; the first ones count.
      if (tool.id.length == 0) tool.id = id.copy();
      if (tool.name.length == 0) tool.name = name.copy();
    }
    const given = doc.get(named, "arguments");
    const isObject = doc.isSet(given) && !doc.isString(given);
    this.blocks.feed(tool, isObject ? escaped(doc.raw(given)) : innerOf(doc, given), out);
  }

  /** The upstream said that it is done. Usage may come after finish_reason, so the message ends here and not there. */
  protected finish(out: Buffer): void {
    if (!this.isStarted) {
      this.blocks.fail("The upstream ended the stream without an answer.", out);
      return;
    }
    if (this.stop == StopReason.Failed) {
      this.blocks.fail("The upstream broke off its answer.", out);
      return;
    }
    this.endThoughts(out);
    this.blocks.advance(true, out);
    const stop = refineStopReason(this.stop, this.blocks.toolCount > 0, this.hasRefusal && !this.hasText);
    writeMessageEnd(stopReasonName(stop), this.own, this.report.usage, out);
    this.blocks.isEnded = true;
  }
}
