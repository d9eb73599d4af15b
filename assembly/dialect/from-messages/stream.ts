// Chunks of a streamed chat completion -> events of a Messages stream. A chat stream may tell several tool calls in turn
// and come back to one; content blocks of Messages must not interleave. So blocks stand in a queue: only the first is open
// and written, what comes for a later one is held (bounded) until every earlier block has ended.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { isErrorEvent } from "../conversation/error-reader";
import { innerOf } from "../conversation/inner";
import { ReasoningMode } from "../../model/reasoning-mode";
import { PlainEvent, TranslateContext } from "../translator";
import { Block, BlockKind, findTool } from "./block";
import { translateErrorEvent, writeAnthropicErrorEvent } from "./error";
import { writeBlockDelta, writeBlockStart, writeBlockStop, writeMessageEnd, writeMessageStart, writeSignatureDelta } from "./events";
import { StopReason, refineStopReason, stopReasonName, stopReasonOf } from "./finish-reason";
import { firstThought, nextThought, reasoningNode, thoughtText } from "../conversation/reasoning";

/** Bytes that may be held back for blocks that cannot be written yet; beyond, the stream ends with an error event. */
const MAX_HELD: i32 = 1 << 20;
/** Blocks that may wait, and tool calls that one message may hold; beyond, the same. */
const MAX_BLOCKS: i32 = 256;

@final
export class MessageStream {
  private queue: Array<Block> = [];
  /** Every tool call of the message, ended ones too: late pieces must not start it anew. */
  private tools: Array<Block> = [];
  /** Index of the first block of the queue in the message. */
  private index: i32 = 0;
  /** Of blocks that wait. */
  heldBytes: i32 = 0;
  private isStarted: bool = false;
  private isEnded: bool = false;
  private sawFinish: bool = false;
  private stop: StopReason = StopReason.EndTurn;
  private hasText: bool = false;
  /** Thinking came that no signature has ended. */
  private hasThought: bool = false;
  private hasRefusal: bool = false;
  /** Mode Concat: <think> was written and </think> was not. */
  private inThinkTag: bool = false;
  plain: PlainEvent = new PlainEvent();
  /** Calls of feed() in the current event. */
  private fed: i32 = 0;

  constructor(
    private context: TranslateContext,
    private doc: JsonDocument,
    private report: UsageReport,
  ) {
    this.plain.isOuter = true;
  }

  /** Translates one event; true when it was a chunk (the document then holds it). */
  event(name: View, data: View, out: Buffer): bool {
    if (this.isEnded) return false;
    const text = data.trim();
    if (text.equals("[DONE]")) {
      this.finish(out);
      return false;
    }
    const doc = this.doc;
    if (!doc.parse(text)) {
      // Words beside the protocol (keep-alives) are passed over; a broken chunk is lost text and must be told.
      if (text.at(0) == Ascii.LeftBrace) this.fail("The upstream sent an event that is not valid JSON.", out);
      return false;
    }
    // An error may tell what the response has cost until then (OpenRouter, recorded Nov 2026).
    readUsage(doc, 0, this.report);
    if (isErrorEvent(doc, 0) || (name.equals("error") && doc.isObject(0))) {
      translateErrorEvent(doc, 0, out);
      this.isEnded = true;
      return false;
    }
    const isSteady = this.isSteady;
    this.fed = 0;
    for (let choice = doc.first(doc.get(0, "choices")); choice != NONE; choice = doc.next(choice)) {
      // Messages has one response: n > 1 keeps the first.
      if (doc.integer(doc.get(choice, "index"), 0) == 0 && doc.isObject(choice)) this.readChoice(choice, out);
    }
    if (isSteady && this.isSteady && this.fed == 1) this.plain.padding = innerOf(doc, doc.get(0, "obfuscation"));
    else this.plain.clear();
    return true;
  }

  /** One block is open and takes whatever text comes: a piece of its kind is written at once and changes nothing. */
  private get isSteady(): bool {
    if (this.isEnded || this.queue.length != 1) return false;
    const block = this.queue[0];
    return block.isOpen && block.kind != BlockKind.Tool && block.id.length == 0;
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.sawFinish && !this.isEnded;
  }

  /** The upstream has closed: a proper end when it said why it finished, else an error event. */
  end(out: Buffer): void {
    if (this.isEnded) return;
    if (this.sawFinish) this.finish(out);
    else this.fail("The upstream closed the stream before it was finished.", out);
  }

  private readChoice(choice: i32, out: Buffer): void {
    const doc = this.doc;
    if (!this.isStarted) {
      this.isStarted = true;
      writeMessageStart(doc, this.context, this.report.usage, out);
    }
    let delta = doc.get(choice, "delta");
    // Servers that cannot stream send their whole response as one event.
    if (!doc.isObject(delta)) delta = doc.get(choice, "message");
    this.readReasoning(delta, out);
    this.readContent(doc.get(delta, "content"), out);
    const refusal = innerOf(doc, doc.get(delta, "refusal"));
    if (refusal.length > 0) this.hasRefusal = true;
    this.add(BlockKind.Text, refusal, out);
    this.readToolCalls(delta, out);
    // finish_reason is null in most chunks, "" with some servers.
    const finish = doc.get(choice, "finish_reason");
    if (innerOf(doc, finish).length == 0) return;
    this.sawFinish = true;
    this.stop = stopReasonOf(doc, finish);
  }

  private readReasoning(delta: i32, out: Buffer): void {
    const doc = this.doc;
    this.addThought(innerOf(doc, reasoningNode(doc, delta)), out);
    this.sign(innerOf(doc, doc.get(delta, "reasoning_signature")), out);
    if (this.context.options.reasoningMode != ReasoningMode.Passthrough) return;
    for (let block = doc.first(doc.get(delta, "thinking_blocks")); block != NONE; block = doc.next(block)) {
      if (doc.textIs(doc.get(block, "type"), "redacted_thinking")) {
        this.push(BlockKind.Redacted, innerOf(doc, doc.get(block, "data")), out);
        continue;
      }
      // The block repeats text that came as reasoning before; its signature ends it.
      if (!this.hasThought) this.addThought(innerOf(doc, doc.get(block, "thinking")), out);
      this.sign(innerOf(doc, doc.get(block, "signature")), out);
      this.hasThought = false;
    }
  }

  private sign(signature: View, out: Buffer): void {
    const queue = this.queue;
    if (signature.length == 0) return;
    if (queue.length == 0 || queue[queue.length - 1].kind != BlockKind.Thinking) this.push(BlockKind.Thinking, View.empty(), out);
    if (queue.length > 0) queue[queue.length - 1].id = signature.copy();
  }

  private push(kind: BlockKind, name: View, out: Buffer): void {
    if (this.isEnded) return;
    const block = new Block(kind);
    block.name = name.copy();
    this.queue.push(block);
    this.feed(block, View.empty(), out);
  }

  private addThought(inner: View, out: Buffer): void {
    const mode = this.context.options.reasoningMode;
    if (inner.length == 0 || mode == ReasoningMode.Ignore) return;
    if (mode == ReasoningMode.Passthrough) {
      this.hasThought = true;
      this.add(BlockKind.Thinking, inner, out);
      return;
    }
    if (!this.inThinkTag) this.add(BlockKind.Text, View.utf8("<think>"), out);
    this.inThinkTag = true;
    this.add(BlockKind.Text, inner, out);
  }

  private endThinkTag(out: Buffer): void {
    if (!this.inThinkTag) return;
    this.inThinkTag = false;
    this.add(BlockKind.Text, View.utf8("</think>\\n"), out);
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
      this.addText(innerOf(doc, doc.get(part, "text")), out);
    }
  }

  private addText(inner: View, out: Buffer): void {
    if (inner.length == 0) return;
    this.hasText = true;
    this.endThinkTag(out);
    this.add(BlockKind.Text, inner, out);
  }

  private readToolCalls(delta: i32, out: Buffer): void {
    const doc = this.doc;
    let position: i64 = 0;
    for (let call = doc.first(doc.get(delta, "tool_calls")); call != NONE; call = doc.next(call)) {
      // Nov 2026: Gemini's compatible API and some local servers leave `index` out.
      const key = doc.integer(doc.get(call, "index"), position);
      const named = doc.get(call, "function");
      if (doc.isObject(named)) this.readToolCall(key, doc.get(call, "id"), named, out);
      position++;
    }
    const single = doc.get(delta, "function_call");
    if (doc.isObject(single)) this.readToolCall(0, NONE, single, out);
  }

  private readToolCall(key: i64, idNode: i32, call: i32, out: Buffer): void {
    const doc = this.doc;
    if (this.isEnded) return;
    const id = innerOf(doc, idNode);
    const name = innerOf(doc, doc.get(call, "name"));
    let tool = findTool(this.tools, key, id, name);
    if (tool === null) {
      // Empty fields beside text (Snowflake Cortex, Nov 2026) begin nothing.
      if (name.length == 0 && id.length == 0 && innerOf(doc, doc.get(call, "arguments")).length == 0) return;
      if (this.tools.length >= MAX_BLOCKS) {
        this.fail("The upstream sent too many tool calls.", out);
        return;
      }
      this.endThinkTag(out);
      tool = new Block(BlockKind.Tool, key, this.tools.length);
      this.tools.push(tool);
      this.queue.push(tool);
    }
    if (!tool.isOpen) {
      // Some servers repeat id and name in every chunk; the first ones count.
      if (tool.id.length == 0) tool.id = id.copy();
      if (tool.name.length == 0) tool.name = name.copy();
    }
    const given = doc.get(call, "arguments");
    if (doc.isSet(given) && !doc.isString(given)) {
      const escaped = new Buffer(doc.raw(given).length + 16);
      writeInner(escaped, doc.raw(given));
      this.feed(tool, escaped.toView(), out);
    } else this.feed(tool, innerOf(doc, given), out);
  }

  // ---- the queue ----------------------------------------------------------------------------------------------------

  /** A piece of text or thinking: goes to the last block when it is of that kind, else to a new one. */
  private add(kind: BlockKind, inner: View, out: Buffer): void {
    if (inner.length == 0 || this.isEnded) return;
    const queue = this.queue;
    // A signature ends a block of thinking.
    if (queue.length == 0 || queue[queue.length - 1].kind != kind || queue[queue.length - 1].id.length > 0) queue.push(new Block(kind));
    this.feed(queue[queue.length - 1], inner, out);
  }

  private feed(block: Block, inner: View, out: Buffer): void {
    this.fed++;
    if (block.isClosed) return; // After the end of its arguments: white space in practice.
    if (block.kind == BlockKind.Tool) block.follow(inner);
    if (block.isOpen) {
      if (inner.length > 0) {
        this.plain.text = inner;
        this.plain.at = writeBlockDelta(this.index, block.kind, inner, out);
      }
    } else {
      block.hold(inner);
      this.heldBytes += inner.length;
    }
    this.advance(false, out);
    if (this.heldBytes > MAX_HELD || this.queue.length > MAX_BLOCKS)
      this.fail("The upstream sent more interleaved tool calls than can be held.", out);
  }

  /** Opens the first block and closes it when it may end and another waits; `all` closes whatever is left. */
  private advance(all: bool, out: Buffer): void {
    const queue = this.queue;
    while (queue.length > 0) {
      const block = queue[0];
      if (!block.isOpen) {
        if (block.kind == BlockKind.Tool && block.name.length == 0 && !all) return;
        this.open(block, out);
      }
      if (!all && (queue.length == 1 || !block.mayEnd)) return;
      if (block.kind == BlockKind.Thinking && block.id.length > 0) writeSignatureDelta(this.index, block.id, out);
      writeBlockStop(this.index, out);
      block.isClosed = true;
      this.index++;
      queue.shift();
    }
  }

  private open(block: Block, out: Buffer): void {
    block.isOpen = true;
    writeBlockStart(this.index, block, this.context.nonce, out);
    const held = block.held;
    if (held === null) return;
    if (held.length > 0) writeBlockDelta(this.index, block.kind, held.toView(), out);
    this.heldBytes -= held.length;
    block.held = null;
  }

  // ---- the end ------------------------------------------------------------------------------------------------------

  /** The upstream said that it is done. Usage may come after finish_reason, so the message ends here and not there. */
  private finish(out: Buffer): void {
    if (!this.isStarted) {
      this.fail("The upstream ended the stream without an answer.", out);
      return;
    }
    if (this.stop == StopReason.Failed) {
      this.fail("The upstream broke off its answer.", out);
      return;
    }
    this.endThinkTag(out);
    this.advance(true, out);
    const stop = refineStopReason(this.stop, this.tools.length > 0, this.hasRefusal && !this.hasText);
    writeMessageEnd(stopReasonName(stop), this.report.usage, out);
    this.isEnded = true;
  }

  private fail(message: string, out: Buffer): void {
    if (this.isEnded) return;
    writeAnthropicErrorEvent(502, message, out);
    this.isEnded = true;
  }
}
