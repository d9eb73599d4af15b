// reasoningContentMode, which the configuration names and the dialects obey.

/** What becomes of a model's reasoning text: its own field, nothing, or tags in the content. */
export const enum ReasoningMode {
  Passthrough,
  Ignore,
  Concat,
}
