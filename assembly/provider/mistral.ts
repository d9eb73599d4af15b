// What Mistral's chat API refuses of what OpenAI's clients send: it answers 422 to every field that its own reference does not
// name (docs.mistral.ai/api and mistralai/client-python, read 2026-11-28).

/** editor-code-assistant/eca#231 (max_completion_tokens); seed has a name of its own in the reference. */
export const MISTRAL_RENAMES: StaticArray<string> = ["max_completion_tokens", "max_tokens", "seed", "random_seed"];

/** openai/openai-agents-python#442 (stream_options), Gitlawb/openclaude#739 (store); the others are not in the reference. */
export const MISTRAL_REFUSES: StaticArray<string> = [
  "stream_options",
  "store",
  "user",
  "safety_identifier",
  "service_tier",
  "logprobs",
  "top_logprobs",
  "logit_bias",
  "modalities",
  "audio",
  "verbosity",
  "prompt_cache_retention",
  "web_search_options",
];

/** charmbracelet/crush#1590 and BerriAI/litellm#30835 (reasoning_content), Gage-Technologies/mistral-go#2 (name). */
export const MISTRAL_REFUSES_IN_MESSAGES: StaticArray<string> = [
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "reasoning_signature",
  "thinking_blocks",
  "refusal",
  "annotations",
  "audio",
  "name",
];

/** It knows `none` and `high` (its response to others: maximhq/bifrost#2344); low and medium go where Mistral's own Vibe sends them. */
export const MISTRAL_EFFORTS: StaticArray<string> = ["minimal", "none", "low", "none", "medium", "high", "xhigh", "high", "max", "high"];

/** Models that take an effort at all (models.dev#1986, withceleste/celeste-python#311). */
export const MISTRAL_REASONERS: StaticArray<string> = ["mistral-small", "mistral-medium", "magistral-small"];

/** Models that answer with thinking parts, and take them back (tontinton/maki#396, docs.mistral.ai/studio-api/conversations/reasoning). */
export const MISTRAL_THINKERS: StaticArray<string> = ["mistral-small", "mistral-medium", "magistral"];
