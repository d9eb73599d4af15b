// A provider's own service that counts the tokens of a request before it is sent: what it takes of the request, as data.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeBase64 } from "../../crypto/base64";
import { JsonDocument, NONE } from "../../json/document";
import { passMember } from "../../json/member";
import { writeInner } from "../../json/text";

/** Where the request goes. */
export const enum CountBody {
  /** Its members stand behind the opening. */
  Members,
  /** The whole request is what the opening begins a string for, in base64. */
  Base64,
}

@final
export class CountService {
  /** The model as the body names it, behind the opening, which begins a string for it; empty when it does not. */
  model: View = View.empty();

  constructor(
    /** The number's member in the response. */
    public total: string,
    /**
     * The members of a request that the service takes (words with one space between two); others are left out. None: all are its own, and
     * the request goes as it is.
     */
    private members: string,
    private opening: string = "{",
    private closing: string = "}",
    private kind: CountBody = CountBody.Members,
  ) {}

  /** Appends the body for `request`, a JSON object. */
  write(request: View, out: Buffer): void {
    if (this.members.length == 0 && this.kind == CountBody.Members) out.view(request);
    else if (this.kind == CountBody.Base64) {
      out.ascii(this.opening);
      writeBase64(out, request);
      out.ascii(this.closing);
    } else {
      const doc = new JsonDocument();
      if (doc.parse(request)) this.writeMembers(doc, 0, out);
      // More values than are indexed: whoever counts may refuse it.
      else out.view(request);
    }
  }

  /** The same for the request that `doc` holds at `node`. */
  writeMembers(doc: JsonDocument, node: i32, out: Buffer): void {
    out.ascii(this.opening);
    if (this.model.length != 0) {
      writeInner(out, this.model);
      out.byte(Ascii.Quote);
    }
    for (let member = doc.first(node); member != NONE; member = doc.next(member)) {
      if (!doc.keyIn(member, this.members)) continue;
      if (out.at(out.length - 1) != Ascii.LeftBrace) out.byte(Ascii.Comma);
      passMember(doc, member, out);
    }
    out.ascii(this.closing);
  }
}

/** The service of those who take Anthropic's own body, and answer as Anthropic does. */
export function passedCount(): CountService {
  return new CountService("input_tokens", "");
}

/** vLLM's `/tokenize` of a chat (https://github.com/vllm-project/vllm, entrypoints/serve/tokenize/protocol.py, Nov 2026). */
export function chatTokenizer(): CountService {
  return new CountService(
    "count",
    "model messages tools chat_template chat_template_kwargs mm_processor_kwargs add_generation_prompt continue_final_message",
  );
}
