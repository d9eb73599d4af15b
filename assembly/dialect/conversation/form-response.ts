// Writes a whole response in the conversation form (docs/conversation-form.md): a chat completion whose choice holds `messages`,
// so that the order of the turn's blocks is exact. Only the first choice is told, as the clients behind a chain have one.
//
//   const writer = new FormResponse(out);
//   writer.begin(id, model, created);      // plain UTF-8
//   writer.turn.text(inner); …             // in order
//   writer.end("stop", usage, native);

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeString } from "../../json/text";
import { Usage } from "../../usage/usage";
import { TurnWriter } from "./turn-writer";
import { writeUsage } from "./usage-writer";

@final
export class FormResponse {
  turn: TurnWriter;

  constructor(private out: Buffer) {
    this.turn = new TurnWriter(out);
  }

  /** Starts the object. `created` is in seconds since 1970. */
  begin(id: View, model: View, created: i64): void {
    const out = this.out;
    out.ascii('{"id":');
    writeString(out, id);
    out.ascii(',"object":"chat.completion","created":');
    out.integer(created);
    out.ascii(',"model":');
    writeString(out, model);
    out.ascii(',"choices":[{"index":0,"messages":[');
  }

  /**
   * Ends the object. `native` is the raw value of `anthropic_message`, `annotations` that of the choice's list; empty for none. Usage is
   * left out when unknown. `annotations` and `logprobs` are chat's, raw.
   */
  end(finish: string, usage: Usage, native: View = View.empty(), annotations: View = View.empty(), logprobs: View = View.empty()): void {
    const out = this.out;
    this.turn.end();
    out.byte(Ascii.RightBracket);
    if (annotations.length != 0) {
      out.put(',"annotations":', annotations);
    }
    if (logprobs.length != 0) {
      out.put(',"logprobs":', logprobs);
    }
    out.ascii(',"finish_reason":"');
    out.ascii(finish);
    out.ascii('"}]');
    if (usage.isKnown) {
      out.ascii(',"usage":');
      writeUsage(out, usage);
    }
    if (native.length != 0) {
      out.put(',"anthropic_message":', native);
    }
    out.ascii("}");
  }
}
