// The known name that an unknown one was probably meant to be.

import { lowerCase } from "../bytes/view";

/** Names longer than this are not compared; no known one is. */
const MAX_NAME: i32 = 64;

/**
 * The nearest of `names[from, to)` by edit distance without regard to case, if less than half of its letters differ; else "".
 */
export function nearestName(name: string, names: StaticArray<string>, from: i32, to: i32): string {
  let best = "";
  let bestDistance: i32 = 2 * MAX_NAME;
  if (name.length > MAX_NAME) return best;
  for (let k = from; k < to && k < names.length; k++) {
    const distance = editDistance(name, names[k]);
    if (distance >= bestDistance) continue;
    best = names[k];
    bestDistance = distance;
  }
  return bestDistance * 2 >= best.length ? "" : best;
}

/** Levenshtein distance: insertions, deletions and replacements of one letter, ASCII letters without regard to case. */
function editDistance(left: string, right: string): i32 {
  const row = new StaticArray<i32>(right.length + 1);
  for (let k = 0; k <= right.length; k++) row[k] = k;
  for (let k = 0; k < left.length; k++) {
    let diagonal = row[0];
    row[0] = k + 1;
    for (let j = 0; j < right.length; j++) {
      const above = row[j + 1];
      const replaced = diagonal + (lowerCase(left.charCodeAt(k)) == lowerCase(right.charCodeAt(j)) ? 0 : 1);
      const moved = min(above, row[j]) + 1;
      row[j + 1] = min(replaced, moved);
      diagonal = above;
    }
  }
  return row[right.length];
}
