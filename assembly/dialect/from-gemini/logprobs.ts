// Logprobs of a chat's choice -> `logprobsResult` (https://ai.google.dev/api/generate-content#LogprobsResult, Nov 2026), told when the
// candidate has ended.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";

/** Bytes that are kept of each list; with more, none are told. */
const MAX_KEPT: i32 = 512 << 10;

@final
export class Logprobs {
  private chosen: Buffer = Buffer.capped(16, MAX_KEPT);
  private top: Buffer = Buffer.capped(16, MAX_KEPT);

  get heldBytes(): i32 {
    return this.chosen.length + this.top.length;
  }

  /** `logprobs`: that of a choice, NONE without any. */
  read(doc: JsonDocument, logprobs: i32): void {
    for (let token = doc.first(doc.get(logprobs, "content")); token != NONE; token = doc.next(token)) {
      writeToken(doc, token, this.chosen);
      this.top.ascii(this.top.length != 0 ? ',{"candidates":[' : '{"candidates":[');
      const list = new Buffer(256);
      const others = doc.get(token, "top_logprobs");
      for (let other = doc.first(others); other != NONE; other = doc.next(other)) writeToken(doc, other, list);
      this.top.view(list.toView());
      this.top.ascii("]}");
    }
  }

  /** Appends `,"logprobsResult":…` when there are any. */
  write(out: Buffer): void {
    if (this.chosen.length == 0 || this.chosen.overflow || this.top.overflow) return;
    out.wrap(',"logprobsResult":{"topCandidates":[', this.top.toView(), '],"chosenCandidates":[');
    out.view(this.chosen.toView());
    out.ascii("]}");
  }
}

function writeToken(doc: JsonDocument, token: i32, out: Buffer): void {
  const text = doc.get(token, "token");
  const logprob = doc.get(token, "logprob");
  if (out.length != 0) out.byte(Ascii.Comma);
  out.ascii('{"token":');
  if (doc.isString(text)) out.view(doc.raw(text));
  else out.ascii('""');
  out.ascii(',"logProbability":');
  if (doc.isSet(logprob)) out.view(doc.raw(logprob));
  else out.byte(Ascii.Digit0);
  out.byte(Ascii.RightBrace);
}
