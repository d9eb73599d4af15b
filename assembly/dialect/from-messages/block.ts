// One content block of a streamed response, as far as it has been told: which one it is, what is held back, whether its
// tool arguments are whole.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { WholeArguments } from "../conversation/whole-arguments";

export const enum BlockKind {
  Text,
  Thinking,
  Tool,
  /** Comes whole. */
  Redacted,
  /** A block of Anthropic's own that comes whole: the data is its JSON. */
  Native,
}

@final
export class Block {
  /** Escaped inner bytes that came while an earlier block was open. */
  held: Buffer | null = null;
  isOpen: bool = false;
  isClosed: bool = false;
  /** Tool: id and name, escaped inner bytes, owned. */
  id: View = View.empty();
  name: View = View.empty();
  /** Thinking: the signature, which ends the block; redacted thinking: the data. Escaped inner bytes (of Native raw JSON), owned. */
  signature: View = View.empty();
  data: View = View.empty();
  /** Tool: where its arguments end. */
  private whole: WholeArguments | null = null;
  /** Tool: raw JSON of who called, when that was a program of Claude's. */
  caller: View = View.empty();
  /** Tool: a seal of Google's that the call may do without, decoded. */
  seal: View = View.empty();

  /** `key`: the upstream's index of a tool call; `ordinal`: its number in the message. */
  constructor(
    public kind: BlockKind,
    public key: i64 = -1,
    public ordinal: i32 = 0,
  ) {}

  /**
   * True when another block may take over: always for text and thinking; for a tool once its arguments form a whole
   * object, as a delta for it may still come after the next tool has begun.
   */
  get mayEnd(): bool {
    const whole = this.whole;
    return this.kind != BlockKind.Tool || (whole !== null && whole.isWhole);
  }

  /** Keeps bytes for later. */
  hold(inner: View): void {
    let held = this.held;
    if (held === null) {
      held = new Buffer(inner.length + 64);
      this.held = held;
    }
    held.view(inner);
  }

  /** Follows the arguments (escaped inner bytes of one delta) to see where the object ends. */
  follow(inner: View): void {
    let whole = this.whole;
    if (whole === null) {
      whole = new WholeArguments();
      this.whole = whole;
    }
    whole.follow(inner);
  }
}

/**
 * The call that a piece belongs to: the newest of `tools` with its index. Nov 2026: Gemini's compatible API gives every
 * parallel call index 0; another id together with a name then means another call.
 */
export function findTool(tools: Array<Block>, key: i64, id: View, name: View): Block | null {
  for (let k = tools.length - 1; k >= 0; k--) {
    const tool = tools[k];
    if (tool.key != key) continue;
    const isOther = id.length != 0 && name.length != 0 && tool.id.length != 0 && !tool.id.sameAs(id);
    return isOther ? null : tool;
  }
  return null;
}
