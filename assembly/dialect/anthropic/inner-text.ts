// Questions about the escaped inside of a JSON string, answered without decoding it.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { escapeSize, escapedUnit } from "../../json/cursor";

/** True when the text is empty or white space only: Anthropic refuses such text blocks and stop sequences. */
export function isBlankInner(inner: View): bool {
  return visibleEnd(inner) == 0;
}

/** The text without its trailing white space: Anthropic refuses it at the end of a final assistant message. */
export function trimEndInner(inner: View): View {
  return inner.slice(0, visibleEnd(inner));
}

/** Index after the last character that is not white space. */
function visibleEnd(inner: View): i32 {
  // Nearly every text ends in a visible ASCII character that no escape can end in a blank with.
  const last = inner.at(inner.length - 1);
  if (last > 0x20 && last < 0x7f && !endsLikeEscape(last)) return inner.length;
  let here = 0;
  let end = 0;
  while (here < inner.length) {
    const byte = inner.at(here);
    let unit = byte;
    let size = 1;
    if (byte == 0x5c) {
      size = escapeSize(inner, here);
      if (size <= 0) return inner.length;
      unit = escapedUnit(inner, here, size);
    }
    here += size;
    if (unit != 0x20 && (unit < 0x09 || unit > 0x0d)) end = here;
  }
  return end;
}

/** Letters and digits that an escape of a white-space character can end in: \n \r \t \f, and the hex digits of \u000a. */
function endsLikeEscape(byte: i32): bool {
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66) || byte == 0x6e || byte == 0x72 || byte == 0x74;
}

/**
 * Appends a tool call id with every byte outside `[a-zA-Z0-9_-]` as `_`: Anthropic refuses other ids (seen Nov 2026 with
 * histories from other providers, `call.0:x`). The same id always gives the same result, so calls and results still meet.
 */
export function writeToolId(out: Buffer, inner: View): void {
  for (let k = 0; k < inner.length; k++) {
    const byte = inner.at(k);
    const letter = byte | 0x20;
    const plain = (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5f || byte == 0x2d;
    out.byte(plain ? byte : 0x5f);
  }
}
