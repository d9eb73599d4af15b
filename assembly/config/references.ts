// `${NAME}` as the whole of a text: the value is that of an environment variable of the VM, so that a secret need not stand
// in the configuration.

import { View } from "../bytes/view";
import { environmentVariable } from "../host/environment";

/** The name in `${NAME}`, letters, digits and underscores; empty when the text is something else. */
export function referenceName(text: View): View {
  const end = text.length - 1;
  if (end < 3 || text.at(0) != 0x24 || text.at(1) != 0x7b || text.at(end) != 0x7d) return View.empty();
  for (let k = 2; k < end; k++) {
    const byte = text.at(k);
    const isLetter = <u32>((byte | 0x20) - 0x61) < 26 || byte == 0x5f;
    if (!isLetter && (k == 2 || <u32>(byte - 0x30) > 9)) return View.empty();
  }
  return text.slice(2, end);
}

/** The text itself or, for a reference, the variable's value; null when that is not set. */
export function resolve(text: View): View | null {
  const name = referenceName(text);
  return name.length == 0 ? text : environmentVariable(name);
}
