// Writes the blocks of one assistant turn as messages of the conversation form (docs/conversation-form.md): in a message thinking
// stands before content, and content before calls; when an earlier kind comes again a new message begins, so that the order of
// all blocks is exact. All `inner` bytes are insides of JSON strings, copied as they are.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";

/** The lists of a message, in their order. */
const enum Stage {
  None,
  Thinking,
  /** Another list: `reasoning_details`, `reasoning_items`, `images`. */
  Sealed,
  Content,
  Calls,
}

@final
export class TurnWriter {
  /** Messages and calls written so far. */
  messages: i32 = 0;
  calls: i32 = 0;
  private stage: Stage = Stage.None;

  constructor(private out: Buffer) {}

  /** Makes room for an item of the list `name`; a comma is written between messages, but not before the first. */
  private enter(stage: Stage, name: string): void {
    const out = this.out;
    if (stage == this.stage) {
      out.byte(Ascii.Comma);
      return;
    }
    if (this.stage != Stage.None) out.byte(Ascii.RightBracket);
    if (stage < this.stage) out.ascii("},");
    if (stage < this.stage || this.stage == Stage.None) {
      this.messages++;
      out.ascii('{"role":"assistant"');
    }
    out.ascii(',"');
    out.ascii(name);
    out.ascii('":[');
    this.stage = stage;
  }

  /** Ends the turn; one without blocks writes nothing. */
  end(): void {
    if (this.stage != Stage.None) this.out.ascii("]}");
    this.stage = Stage.None;
  }

  /** A block of thinking; an empty `signature` says that nobody has sealed it. `seal`: raw JSON of `extra_content.google`, or empty. */
  thinking(inner: View, signature: View, seal: View = View.empty()): void {
    const out = this.out;
    this.enter(Stage.Thinking, "thinking_blocks");
    out.wrap('{"type":"thinking","thinking":"', inner, '","signature":"');
    out.view(signature);
    out.byte(Ascii.Quote);
    writeGoogleSeal(out, seal);
    out.byte(Ascii.RightBrace);
  }

  redacted(data: View): void {
    this.enter(Stage.Thinking, "thinking_blocks");
    this.out.wrap('{"type":"redacted_thinking","data":"', data, '"}');
  }

  /** An item of `reasoning_items`, `reasoning_details` or `images`, raw JSON. */
  sealed(name: string, raw: View): void {
    this.enter(Stage.Sealed, name);
    this.out.view(raw);
  }

  /** A text part. `seal` as in thinking(). */
  text(inner: View, seal: View = View.empty()): void {
    const out = this.out;
    this.enter(Stage.Content, "content");
    out.wrap('{"type":"text","text":"', inner, '"');
    writeGoogleSeal(out, seal);
    out.byte(Ascii.RightBrace);
  }

  /** A part as it is, raw JSON. */
  part(raw: View): void {
    this.beginPart();
    this.out.view(raw);
  }

  /** Why there is no answer, a raw JSON string: a message of its own, which ends the turn. */
  refusal(raw: View): void {
    this.end();
    if (this.messages++ > 0) this.out.byte(Ascii.Comma);
    this.out.wrap('{"role":"assistant","refusal":', raw, "}");
  }

  /** Makes room for a part, which the caller writes. */
  beginPart(): void {
    this.enter(Stage.Content, "content");
  }

  /** Begins a call up to its arguments, the inside of a JSON string that the caller writes before endCall(). */
  beginCall(id: View, name: View): void {
    const out = this.out;
    this.enter(Stage.Calls, "tool_calls");
    this.calls++;
    out.wrap('{"id":"', id, '","type":"function","function":{"name":"');
    out.view(name);
    out.ascii('","arguments":"');
  }

  /** Ends the arguments; the caller may write members of the call (`,"name":value`) before closeCall(). */
  endCall(seal: View = View.empty()): void {
    this.out.ascii('"}');
    writeGoogleSeal(this.out, seal);
  }

  closeCall(): void {
    this.out.byte(Ascii.RightBrace);
  }
}

/** Appends `,"extra_content":{"google":…}` for the raw object; nothing for an empty view. */
export function writeGoogleSeal(out: Buffer, raw: View): void {
  if (raw.length == 0) return;
  out.wrap(',"extra_content":{"google":', raw, "}");
}
