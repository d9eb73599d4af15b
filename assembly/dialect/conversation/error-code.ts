// Error codes that a provider invents.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";

/** A longer code is no code. */
const MAX_CODE: i32 = 80;

/** A provider's own code when it is one word of ASCII, else "". */
export function asWord(code: View): string {
  if (code.length > MAX_CODE) return "";
  for (let k = 0; k < code.length; k++) {
    const byte = code.at(k);
    const isWord =
      <u32>((byte | 0x20) - Ascii.LowerA) < 26 ||
      <u32>(byte - Ascii.Digit0) < 10 ||
      byte == Ascii.Dot ||
      byte == Ascii.Underscore ||
      byte == Ascii.Hyphen;
    if (!isWord) return "";
  }
  return code.toString();
}
