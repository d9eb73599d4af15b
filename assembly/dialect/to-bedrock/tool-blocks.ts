// Which content blocks are tool calls, and of a stream which call is which: OpenAI counts calls, Converse counts blocks, and
// blocks may interleave.

import { JsonDocument } from "../../json/document";

/** Calls of one response that are told apart; more are dropped. */
const MAX_CALLS: i32 = 128;

/**
 * True when Bedrock has run the tool itself: the client is not to run it, and the result stands beside it (API reference
 * "ToolUseBlock", `type`, Nov 2026; Nova 2's system tools).
 */
export function isServerTool(doc: JsonDocument, use: i32): bool {
  return doc.memberIs(use, "type", "server_tool_use");
}

@final
export class ToolBlocks {
  /** Calls so far: the next one's index. */
  count: i32 = 0;
  /** By call: the block's index, -1 once it is closed. */
  private blocks: StaticArray<i64> = new StaticArray<i64>(MAX_CALLS);
  /** By call: arguments have begun. */
  private argued: StaticArray<bool> = new StaticArray<bool>(MAX_CALLS);

  private find(block: i64): i32 {
    for (let call = this.count - 1; call >= 0; call--) if (unchecked(this.blocks[call]) == block) return call;
    return -1;
  }

  /** The index of the new call in block `block`; -1 when there are too many. */
  open(block: i64): i32 {
    if (this.count >= MAX_CALLS || block < 0) return -1;
    const call = this.count++;
    unchecked((this.blocks[call] = block));
    return call;
  }

  /** The index of the call in block `block`, which gets arguments; -1 when no call is open there. */
  argue(block: i64): i32 {
    const call = this.find(block);
    if (call >= 0) unchecked((this.argued[call] = true));
    return call;
  }

  /** Closes the call in block `block`; its index when it never had arguments, else -1. */
  close(block: i64): i32 {
    const call = this.find(block);
    if (call < 0) return -1;
    unchecked((this.blocks[call] = -1));
    return unchecked(this.argued[call]) ? -1 : call;
  }

  /** Closes an open call that never had arguments and returns its index; -1 when there is none. */
  closeAny(): i32 {
    for (let call = 0; call < this.count; call++) {
      if (unchecked(this.blocks[call]) < 0 || unchecked(this.argued[call])) continue;
      unchecked((this.blocks[call] = -1));
      return call;
    }
    return -1;
  }
}
