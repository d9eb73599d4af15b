// What families of OpenAI's models refuse in chat completions, as data. Only names that are known count: what a deployment is
// called says nothing, and other servers know better than the gateway what their models take.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

/** Bits of what a family refuses. */
export namespace Refuses {
  /** `max_tokens`; its new name is max_completion_tokens. */
  export const MAX_TOKENS: i32 = 1;
  /** temperature, top_p, logprobs, top_logprobs while it reasons. */
  export const SAMPLING: i32 = 2;
  /** The penalties and logit_bias. */
  export const PENALTIES: i32 = 4;
  export const STOP: i32 = 8;
  /** reasoning_effort and verbosity. */
  export const EFFORT: i32 = 16;
  /** An effort other than none beside function tools. */
  export const EFFORT_WITH_TOOLS: i32 = 32;
  /** It does not reason unless it is told to. */
  export const RESTS_BY_DEFAULT: i32 = 64;
  /** Chat completions altogether: the Responses API alone serves it. */
  export const CHAT: i32 = 128;
  /** The efforts none and minimal: the next one that it takes is said instead. */
  export const NONE: i32 = 256;
  export const MINIMAL: i32 = 512;
}

/** Names that begin with `prefix` and a version from `first` to `last`, in hundredths: 5.4 is 504. */
@final
class Family {
  constructor(
    public prefix: string,
    public first: i32,
    public last: i32,
    public refuses: i32,
    /** What stands in the name behind the version, between hyphens; "": anything. */
    public word: string = "",
  ) {}
}

const REASONS: i32 = Refuses.MAX_TOKENS | Refuses.SAMPLING | Refuses.PENALTIES;
const LOWEST_IS_LOW: i32 = REASONS | Refuses.NONE | Refuses.MINIMAL;

/**
 * Sources, read Nov 2026: OpenAI's guides "Reasoning models" and "Using GPT-5.2" (sampling only with effort none, which is the
 * default of 5.1 to 5.5), LiteLLM's tables for GPT-5 and the o series, openai/openai-openapi#541 and BerriAI/litellm#34569 (efforts
 * beside function tools: 5.4 and 5.5 refuse any but none, 5.6 also its own default); the efforts of each model stand on its page there.
 * Responses alone: "Endpoints" on OpenAI's pages of
 * the models (https://platform.openai.com/docs/models) gpt-5-codex to gpt-5.3-codex, codex-mini-latest, o1-pro, o3-pro, gpt-5-pro to
 * gpt-5.5-pro, o3- and o4-mini-deep-research, computer-use-preview; chat completions say "only supported in v1/responses" of them.
 */
export const FAMILIES: StaticArray<Family> = [
  new Family("gpt-", 500, 999, LOWEST_IS_LOW | Refuses.STOP | Refuses.CHAT, "codex"),
  new Family("gpt-", 500, 999, REASONS | Refuses.STOP | Refuses.CHAT, "pro"),
  new Family("o", 100, 999, LOWEST_IS_LOW | Refuses.STOP | Refuses.CHAT, "pro"),
  new Family("o", 100, 999, LOWEST_IS_LOW | Refuses.STOP | Refuses.CHAT, "deep"),
  new Family("codex-mini", 0, 0, LOWEST_IS_LOW | Refuses.STOP | Refuses.CHAT),
  new Family("computer-use-preview", 0, 0, Refuses.MAX_TOKENS | Refuses.PENALTIES | Refuses.STOP | Refuses.CHAT),
  // Chat models of the 5 series do not reason; max_completion_tokens is known to all models of OpenAI.
  new Family("gpt-5-chat", 0, 0, Refuses.MAX_TOKENS | Refuses.EFFORT),
  new Family("gpt-", 300, 499, Refuses.EFFORT),
  new Family("gpt-35", 0, 0, Refuses.EFFORT),
  new Family("chatgpt-4o", 0, 0, Refuses.EFFORT),
  new Family("gpt-", 500, 500, REASONS | Refuses.NONE | Refuses.STOP),
  new Family("gpt-", 501, 503, REASONS | Refuses.MINIMAL | Refuses.STOP | Refuses.RESTS_BY_DEFAULT),
  new Family("gpt-", 504, 505, REASONS | Refuses.MINIMAL | Refuses.STOP | Refuses.EFFORT_WITH_TOOLS | Refuses.RESTS_BY_DEFAULT),
  new Family("gpt-", 506, 999, REASONS | Refuses.MINIMAL | Refuses.STOP | Refuses.EFFORT_WITH_TOOLS),
  new Family("o", 100, 299, LOWEST_IS_LOW),
  new Family("o", 300, 999, LOWEST_IS_LOW | Refuses.STOP),
];

/** The index of the model's family; -1 for a name that is not known. Fine-tuned models are of the family that they were made from. */
export function familyOf(model: View): i32 {
  const start = model.startsWith("ft:") ? 3 : 0;
  for (let k = 0; k < FAMILIES.length; k++) {
    const family = FAMILIES[k];
    if (!model.startsWithAt(start, family.prefix)) continue;
    if (family.last == 0) return k;
    const at = start + family.prefix.length;
    const version = versionAt(model, at);
    if (version >= family.first && version <= family.last && (family.word.length == 0 || hasWord(model, at, family.word))) return k;
  }
  return -1;
}

/** Bits of Refuses for a family, 0 for -1. */
export function refusalsOf(family: i32): i32 {
  return family >= 0 && family < FAMILIES.length ? FAMILIES[family].refuses : 0;
}

/** True when the word stands behind `at`, between hyphens or at the end. */
function hasWord(model: View, at: i32, word: string): bool {
  for (let dash = model.indexOf(Ascii.Hyphen, at); dash >= 0; dash = model.indexOf(Ascii.Hyphen, dash + 1)) {
    const end = dash + 1 + word.length;
    if (model.startsWithAt(dash + 1, word) && (end == model.length || model.at(end) == Ascii.Hyphen)) return true;
  }
  return false;
}

/** `5.4-mini` is 504, `5` and `4o` are 500 and 400; -1 for anything else. */
function versionAt(model: View, at: i32): i32 {
  const major = digitAt(model, at);
  if (major < 0 || digitAt(model, at + 1) >= 0) return -1;
  let minor = 0;
  if (model.at(at + 1) == Ascii.Dot) for (let k = at + 2; digitAt(model, k) >= 0 && minor < 10; k++) minor = minor * 10 + digitAt(model, k);
  return major * 100 + minor;
}

function digitAt(model: View, at: i32): i32 {
  const digit = model.at(at) - Ascii.Digit0;
  return digit >= 0 && digit < 10 ? digit : -1;
}
