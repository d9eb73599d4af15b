// The blocks of a streamed message in their order. A chat stream may tell several tool calls in turn and come back to one; content
// blocks of Messages must not interleave. So blocks stand in a queue: only the first is open and written, what comes for a
// later one is held (bounded) until every earlier block has ended.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { PlainEvent, TranslateContext } from "../translator";
import { Block, BlockKind, findTool } from "./block";
import { writeAnthropicErrorEvent } from "./error";
import { ThoughtSink } from "./thoughts";
import { writeBlockDelta, writeBlockStart, writeBlockStop, writeCitations, writeSignatureDelta } from "./events";

/** Bytes that may be held back for blocks that cannot be written yet; beyond, the stream ends with an error event. */
const MAX_HELD: i32 = 1 << 20;
/** Blocks that may wait, and tool calls that one message may hold; beyond, the same. */
const MAX_BLOCKS: i32 = 256;

@final
export class BlockQueue extends ThoughtSink {
  private queue: Array<Block> = [];
  /** Every tool call of the message, ended ones too: late pieces must not start it anew. */
  private tools: Array<Block> = [];
  /** Index of the first block of the queue in the message. */
  private index: i32 = 0;
  /** Of blocks that wait. */
  heldBytes: i32 = 0;
  /** An error or the end of the message was written: nothing follows. */
  isEnded: bool = false;
  /** Calls of feed() in the current event, and what else lets an event not be plain. */
  fed: i32 = 0;
  /** The next piece begins a block of its own. */
  private splits: bool = false;

  constructor(
    private context: TranslateContext,
    private plain: PlainEvent,
  ) {
    super();
  }

  thought(inner: View, out: Buffer): void {
    this.add(BlockKind.Thinking, inner, out);
  }

  redacted(data: View, out: Buffer): void {
    this.push(BlockKind.Redacted, data, out);
  }

  get toolCount(): i32 {
    return this.tools.length;
  }

  /** One block is open and takes whatever text comes: a piece of its kind is written at once and changes nothing. */
  get isSteady(): bool {
    if (this.isEnded || this.queue.length != 1 || this.splits) return false;
    const block = this.queue[0];
    return block.isOpen && (block.kind == BlockKind.Text || block.kind == BlockKind.Thinking) && block.signature.length == 0;
  }

  /** The last block is thinking that nothing has ended. */
  get endsWithThought(): bool {
    const queue = this.queue;
    return queue.length != 0 && queue[queue.length - 1].kind == BlockKind.Thinking && queue[queue.length - 1].signature.length == 0;
  }

  /** A piece of text or thinking: goes to the last block when it is of that kind, else to a new one. */
  add(kind: BlockKind, inner: View, out: Buffer): void {
    if (inner.length == 0 || this.isEnded) return;
    const queue = this.queue;
    const last = queue.length - 1;
    // A signature ends a block of thinking.
    if (queue.length == 0 || queue[last].kind != kind || queue[last].signature.length != 0 || this.splits) {
      queue.push(new Block(kind));
    }
    this.splits = false;
    this.feed(queue[queue.length - 1], inner, out);
  }

  /** The next piece begins a block of its own. */
  split(_out: Buffer): void {
    this.fed += 2;
    this.splits = true;
  }

  /** A block that comes whole: of Redacted the data, of Native the JSON. */
  push(kind: BlockKind, whole: View, out: Buffer): void {
    if (this.isEnded) return;
    const block = new Block(kind);
    block.data = whole.copy();
    this.queue.push(block);
    this.splits = false;
    this.feed(block, View.empty(), out);
  }

  /** Signs the last block of thinking, and ends it; an empty one is made where there is none. */
  seal(signature: View, out: Buffer): void {
    if (signature.length == 0 || this.isEnded) return;
    if (!this.endsWithThought || this.splits) this.push(BlockKind.Thinking, View.empty(), out);
    if (this.queue.length != 0) this.queue[this.queue.length - 1].signature = signature.copy();
  }

  /** A raw list of citations for the open text, which is made where there is none. */
  cite(list: View, out: Buffer): void {
    if (this.isEnded) return;
    this.fed += 2;
    const queue = this.queue;
    if (queue.length == 0 || queue[queue.length - 1].kind != BlockKind.Text || this.splits) this.push(BlockKind.Text, View.empty(), out);
    this.splits = false;
    if (queue.length != 0 && queue[queue.length - 1].isOpen) writeCitations(this.index, list, out);
  }

  /** The call that a piece with this index, id and name belongs to; null when it is a new one. */
  find(key: i64, id: View, name: View): Block | null {
    return findTool(this.tools, key, id, name);
  }

  /** A new call; null when there are too many. */
  addTool(key: i64, out: Buffer): Block | null {
    if (this.tools.length >= MAX_BLOCKS) {
      this.fail("The upstream sent too many tool calls.", out);
      return null;
    }
    const tool = new Block(BlockKind.Tool, key, this.tools.length);
    this.tools.push(tool);
    this.queue.push(tool);
    return tool;
  }

  feed(block: Block, inner: View, out: Buffer): void {
    this.fed++;
    if (block.isClosed) return; // After the end of its arguments: white space in practice.
    if (block.kind == BlockKind.Tool) block.follow(inner);
    if (block.isOpen) {
      if (inner.length != 0) {
        this.plain.text = inner;
        this.plain.at = writeBlockDelta(this.index, block.kind, inner, this.context.effects, out);
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
  advance(all: bool, out: Buffer): void {
    const queue = this.queue;
    while (queue.length != 0) {
      const block = queue[0];
      if (!block.isOpen) {
        if (block.kind == BlockKind.Tool && block.name.length == 0 && !all) return;
        this.open(block, out);
      }
      if (!all && (queue.length == 1 || !block.mayEnd)) return;
      if (block.signature.length != 0) writeSignatureDelta(this.index, block.signature, out);
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
    if (held.length != 0) writeBlockDelta(this.index, block.kind, held.toView(), this.context.effects, out);
    this.heldBytes -= held.length;
    block.held = null;
  }

  fail(message: string, out: Buffer): void {
    if (this.isEnded) return;
    writeAnthropicErrorEvent(502, message, this.context.effects, out);
    this.isEnded = true;
  }
}
