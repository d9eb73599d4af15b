// How a label's value stands in a metric's name. The name's parts are joined by dots, and the stats_tags of deploy/envoy
// find a value between two known words. Values may have dots (Higress shows `gpt-3.5-turbo` too), but no such word
// between dots, and no `~`, which begins the words of our newer names.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { upperHexDigit } from "../bytes/hex";
import { View } from "../bytes/view";

/** Bytes of a value; longer ones are cut. An ARN of Bedrock has about 100. */
export const MAX_LABEL: i32 = 128;

/**
 * Appends the value, `none` for an empty one. Reversible: bytes that are not printable ASCII, spaces, quotes, backslashes,
 * `~` and `%` become `%XX`, and so do dots beside nothing or beside a word of the names.
 */
export function writeLabel(out: Buffer, value: View): void {
  if (value.length == 0) {
    out.ascii("none");
    return;
  }
  const size = value.length > MAX_LABEL ? MAX_LABEL : value.length;
  let start = 0;
  for (let k = 0; k < size; k++) {
    const byte = value.at(k);
    let isPlain = byte > Ascii.Space && byte < Ascii.Tilde && byte != Ascii.Percent && byte != Ascii.Quote && byte != Ascii.Backslash;
    if (byte == Ascii.Dot) {
      const next = value.indexOf(Ascii.Dot, k + 1);
      isPlain = !divides(value, start, k) && !divides(value, k + 1, next < 0 || next > size ? size : next);
      start = k + 1;
    }
    if (isPlain) out.byte(byte);
    else {
      out.byte(Ascii.Percent);
      out.byte(upperHexDigit(byte >> 4));
      out.byte(upperHexDigit(byte & 15));
    }
  }
}

/** True for nothing and for the words that stand between values in Higress's names. */
function divides(text: View, start: i32, end: i32): bool {
  switch (end - start) {
    case 0:
      return true;
    case 5:
      return text.startsWithAt(start, "model");
    case 6:
      return text.startsWithAt(start, "metric") || text.startsWithAt(start, "status");
    case 8:
      return text.startsWithAt(start, "upstream") || text.startsWithAt(start, "consumer");
    default:
      return false;
  }
}
