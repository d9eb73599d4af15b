// Anthropic's betas in front of clouds that serve Claude: each takes some of them and answers 400 to the others.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeString } from "../../json/text";

/** True when the name begins with one of `taken`, which are names of betas without their dates. */
function isTaken(name: View, taken: StaticArray<string>): bool {
  for (let k = 0; k < taken.length; k++) if (name.startsWith(taken[k])) return true;
  return false;
}

/** Appends the names of a comma-separated `anthropic-beta` that are `taken`, in order, with commas between; `isJson`: as JSON strings. */
export function writeBetas(header: View, taken: StaticArray<string>, isJson: bool, out: Buffer): void {
  const begun = out.length;
  for (let start = 0; start < header.length;) {
    let end = header.indexOf(Ascii.Comma, start);
    if (end < 0) end = header.length;
    const name = header.slice(start, end).trim();
    if (isTaken(name, taken)) {
      if (out.length > begun) out.byte(Ascii.Comma);
      if (isJson) writeString(out, name);
      else out.view(name);
    }
    start = end + 1;
  }
}

/** The same names as a JSON list; empty when none is taken. */
export function betaList(header: View, taken: StaticArray<string>): View {
  const list = new Buffer(header.length + 16);
  list.byte(Ascii.LeftBracket);
  writeBetas(header, taken, true, list);
  if (list.length == 1) return View.empty();
  list.byte(Ascii.RightBracket);
  return list.toView();
}
