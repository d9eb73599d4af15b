// Lists of models' patterns, in rules, of consumers and in rules for parameters.

import { View } from "../bytes/view";
import { ModelMapping, keyMistake } from "../model/mapping";
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

/** The patterns as the names of a mapping, which is empty when there are none and when (reported) one is wrong. */
export function readPatterns(reader: ObjectReader, patterns: Array<View>, place: Place): ModelMapping {
  const names = ModelMapping.empty();
  if (!arePatterns(reader, patterns, place)) return names;
  for (let k = 0; k < patterns.length; k++) names.add(patterns[k], View.empty());
  return names;
}
