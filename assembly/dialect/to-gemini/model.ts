// What a Gemini model's name tells about the fields that it takes.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { holdsWord } from "../../model/name";

/** A `gemini-` name without a version that is known: an alias of the newest model. */
const NEWEST: i32 = 999;

/** The name after the last slash: `models/gemini-2.5-pro` and `google/gemini-2.5-pro` are the same model. */
function baseName(model: View): View {
  for (let k = model.length - 1; k >= 0; k--) if (model.at(k) == Ascii.Slash) return model.slice(k + 1, model.length);
  return model;
}

/** True when `word` (lower-case ASCII) stands anywhere in the name after its last slash, letters compared without case. */
export function nameHas(model: View, word: string): bool {
  return holdsWord(baseName(model), word);
}

/**
 * Ten times the version in a model's name: 25 for gemini-2.5-flash, 30 for gemini-3-pro. 0 when the name is not Gemini's
 * (a tuned model, an alias of the operator); NEWEST for `gemini-flash-latest` and the like.
 */
export function modelVersion(model: View): i32 {
  const name = baseName(model);
  if (!name.startsWithIgnoreCase("gemini-")) return 0;
  const major = name.at(7) - Ascii.Digit0;
  if (<u32>major > 9) {
    // gemini-pro, gemini-pro-vision: 1.0; gemini-exp-1206: 2.0. Names without a version since then are aliases.
    if (name.equalsIgnoreCase("gemini-pro") || name.startsWithIgnoreCase("gemini-pro-vision")) return 10;
    return name.startsWithIgnoreCase("gemini-exp") ? 20 : NEWEST;
  }
  const minor = name.at(8) == Ascii.Dot ? name.at(9) - Ascii.Digit0 : 0;
  return major * 10 + (<u32>minor > 9 ? 0 : minor);
}

/** Gemini 3 and later: thinkingLevel in place of thinkingBudget, thought signatures checked on function calls. */
export function isGemini3(model: View): bool {
  return modelVersion(model) >= 30;
}

/**
 * Gemini 2.5 and later take JSON Schema as it is (https://ai.google.dev/gemini-api/docs/structured-output, Nov 2026). Of
 * older and unknown models it is not said, so they are given the OpenAPI subset where that says all.
 */
export function takesJsonSchema(model: View): bool {
  return modelVersion(model) >= 25;
}

/**
 * True when the model is known to think. thinkingConfig is an error for a model that does not (GenerationConfig
 * reference, Nov 2026); the image and speech models of 2.5 are among those.
 */
export function thinks(model: View): bool {
  const version = modelVersion(model);
  if (version < 25) return false;
  return version >= 30 || !(nameHas(model, "-image") || nameHas(model, "-tts"));
}

/** True when the model is known not to think: a version before 2.5, or one of the exceptions above. */
export function neverThinks(model: View): bool {
  return modelVersion(model) > 0 && !thinks(model);
}
