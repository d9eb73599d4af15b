// Lower case of ASCII letters.

import { Buffer } from "./buffer";
import { View, lowerCase } from "./view";

/** `text` with its ASCII letters in lower case: itself when they are. */
export function lowered(text: View): View {
  let start = 0;
  while (start < text.length && lowerCase(text.at(start)) == text.at(start)) start++;
  if (start == text.length) return text;
  const out = new Buffer(text.length);
  for (let k = 0; k < text.length; k++) out.byte(lowerCase(text.at(k)));
  return out.toView();
}
