// Lists of models' patterns, in rules and of consumers.

import { View } from "../bytes/view";
import { keyMistake } from "../model/mapping";
import { Place } from "./place";
import { ObjectReader } from "./reader";

/** Reports what is wrong with patterns; true for nothing. */
export function arePatterns(reader: ObjectReader, patterns: Array<View>, place: Place): bool {
  let isSound = true;
  for (let k = 0; k < patterns.length; k++) {
    const mistake = keyMistake(patterns[k]);
    if (mistake.length == 0) continue;
    isSound = false;
    reader.report.problem(place.item(k), mistake);
  }
  return isSound;
}
