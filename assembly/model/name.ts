// What can be asked of a model's name without knowing whose it is.

import { View, lowerCase } from "../bytes/view";

/** True when `model` holds `word` (lower case ASCII) anywhere, letters compared without case. */
export function holdsWord(model: View, word: string): bool {
  for (let start = 0; start + word.length <= model.length; start++) {
    let same = 0;
    while (same < word.length && lowerCase(model.at(start + same)) == word.charCodeAt(same)) same++;
    if (same == word.length) return true;
  }
  return false;
}
