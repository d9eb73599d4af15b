// `${NAME}` as the whole of a text: the value is that of an environment variable of the VM, so that a secret need not stand
// in the configuration.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { environmentVariable } from "../host/environment";

/** The name in `${NAME}`, letters, digits and underscores; empty when the text is something else. */
export function referenceName(text: View): View {
  const end = text.length - 1;
  if (end < 3 || text.at(0) != Ascii.Dollar || text.at(1) != Ascii.LeftBrace || text.at(end) != Ascii.RightBrace) return View.empty();
  for (let k = 2; k < end; k++) {
    const byte = text.at(k);
    const isLetter = <u32>((byte | 0x20) - Ascii.LowerA) < 26 || byte == Ascii.Underscore;
    if (!isLetter && (k == 2 || <u32>(byte - Ascii.Digit0) > 9)) return View.empty();
  }
  return text.slice(2, end);
}

/** The text itself or, for a reference, the variable's value; null when that is not set. */
export function resolve(text: View): View | null {
  const name = referenceName(text);
  return name.length == 0 ? text : environmentVariable(name);
}
