// Small tables that are one text: words in pairs, with one space between two.

import { View, wordEnd } from "./view";

/** The second word of the pair whose first is `key`, letters of either case being the same; "" without one. */
export function secondOf(key: View, pairs: string): string {
  for (let first = 0; first < pairs.length;) {
    const gap = wordEnd(pairs, first);
    const end = wordEnd(pairs, gap + 1);
    // No text is made of a word that is not it.
    if (gap - first == key.length && key.equalsIgnoreCase(pairs.substring(first, gap))) return pairs.substring(gap + 1, end);
    first = end + 1;
  }
  return "";
}
