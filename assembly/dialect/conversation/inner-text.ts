// Questions about the escaped inside of a JSON string, answered without decoding it.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { escapeSize, escapedUnit } from "../../json/cursor";

/** Bytes of the longest escape, `\u0020`. */
const LONGEST_ESCAPE: i32 = 6;

/** True when the text is empty or white space only: Anthropic refuses such text blocks and stop sequences. */
export function isBlankInner(inner: View): bool {
  let here = 0;
  while (here < inner.length) {
    const size = blankSize(inner, here);
    if (size == 0) return false;
    here += size;
  }
  return true;
}

/** The text without its trailing white space: Anthropic refuses it at the end of a final assistant message. */
export function trimEndInner(inner: View): View {
  const last = inner.at(inner.length - 1);
  // A visible last byte that cannot belong to an escape: the common case, and no scan.
  if (last > Ascii.Space && inner.indexOf(Ascii.Backslash, inner.length - LONGEST_ESCAPE) < 0) return inner;
  // Escapes can only be told apart from the front: `\\n` is a backslash and a letter.
  let here = 0;
  let end = 0;
  while (here < inner.length) {
    const blank = blankSize(inner, here);
    if (blank > 0) {
      here += blank;
      continue;
    }
    const size = inner.at(here) == Ascii.Backslash ? escapeSize(inner, here) : 1;
    here += size > 0 ? size : 1;
    end = here;
  }
  return inner.slice(0, end);
}

/** Bytes that the white-space character at `here` takes, escaped or not; 0 when another character stands there. */
function blankSize(inner: View, here: i32): i32 {
  const byte = inner.at(here);
  if (byte != Ascii.Backslash) return byte == Ascii.Space ? 1 : 0; // JSON strings hold no other white space unescaped.
  const size = escapeSize(inner, here);
  if (size <= 0) return 0;
  const unit = escapedUnit(inner, here, size);
  return unit == Ascii.Space || (unit >= Ascii.Tab && unit <= Ascii.CarriageReturn) ? size : 0;
}
