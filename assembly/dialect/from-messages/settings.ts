// What a provider row may switch for Anthropic clients: things that some OpenAI-speaking servers need and others refuse.

export class MessagesSettings {
  /**
   * Keep `cache_control` on text and media parts. Qwen and OpenRouter read it; strict servers answer 400 to it
   * (seen Nov 2026 in issue threads of LiteLLM and claude-code-router), their rows switch it off.
   */
  keepCacheControl: bool = true;
  /**
   * Send the thinking of earlier turns as `reasoning_content`: DeepSeek and Moonshot want it back inside a tool loop. Who takes it in
   * another form gets it in that (provider/quirks); OpenAI answers 400 to it.
   */
  keepReasoning: bool = true;
  /** Name the limit `max_completion_tokens`: OpenAI's o and gpt-5 models refuse `max_tokens`. */
  maxCompletionTokens: bool = false;
  /** Give sealed thinking back as `reasoning_details`, OpenRouter's form. */
  takesDetails: bool = false;
  /**
   * Give the thinking budget as `reasoning.max_tokens`: OpenRouter takes tokens beside efforts
   * (https://openrouter.ai/docs/use-cases/reasoning-tokens, Nov 2026).
   */
  takesBudget: bool = false;
}
