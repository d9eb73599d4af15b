// logprobsResult -> logprobs.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";

/** Appends the value of a choice's `logprobs`; false when the candidate has none. Tokens and numbers are copied. */
export function writeLogprobs(doc: JsonDocument, candidate: i32, out: Buffer): bool {
  const result = doc.get(candidate, "logprobsResult");
  const chosen = doc.get(result, "chosenCandidates");
  if (!doc.isArray(chosen)) return false;
  let top = doc.first(doc.get(result, "topCandidates"));
  out.ascii('{"content":[');
  let first = true;
  for (let token = doc.first(chosen); token != NONE; token = doc.next(token)) {
    if (!first) out.byte(Ascii.Comma);
    first = false;
    writeToken(doc, token, out);
    out.ascii(',"top_logprobs":[');
    let firstTop = true;
    for (let other = doc.first(doc.get(top, "candidates")); other != NONE; other = doc.next(other)) {
      if (!firstTop) out.byte(Ascii.Comma);
      firstTop = false;
      writeToken(doc, other, out);
      out.byte(Ascii.RightBrace);
    }
    out.ascii("]}");
    top = doc.next(top);
  }
  out.ascii('],"refusal":null}');
  return true;
}

/** An open object: token, logprob, bytes. Zero is left out on the wire (proto3): a missing logProbability is 0. */
function writeToken(doc: JsonDocument, node: i32, out: Buffer): void {
  const token = doc.get(node, "token");
  const value = doc.get(node, "logProbability");
  out.ascii('{"token":');
  if (doc.isString(token)) out.view(doc.raw(token));
  else out.ascii('""');
  out.ascii(',"logprob":');
  if (doc.isSet(value)) out.view(doc.raw(value));
  else out.byte(Ascii.Digit0);
  out.ascii(',"bytes":null');
}
