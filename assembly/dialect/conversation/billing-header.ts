// Claude Code puts its accounting in front of the prompt, as a text of its own: `x-anthropic-billing-header: cc_version=2.1;
// cch=abc;`. The value of cch is another one in every request, so that no other provider could cache the prompt: it is left out.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";

const HEADER: string = "x-anthropic-billing-header:";
const FIELD: string = "; cch=";

/** The text without the header's cch fields: itself when it is another text or has none. */
export function withoutCch(text: View): View {
  if (!text.startsWith(HEADER)) return text;
  let out: Buffer | null = null;
  let kept = 0;
  for (let at = text.indexOf(Ascii.Semicolon); at >= 0; at = text.indexOf(Ascii.Semicolon, at + 1)) {
    if (at < kept || !text.startsWithAt(at, FIELD)) continue;
    if (out === null) out = new Buffer(text.length);
    out.range(text, kept, at);
    const end = text.indexOf(Ascii.Semicolon, at + 1);
    kept = end < 0 ? text.length : end;
    at = kept - 1;
  }
  if (out === null) return text;
  out.range(text, kept, text.length);
  return out.toView();
}
