// What a provider may switch for clients of the Responses API: things that some servers need and others refuse.

export class ResponsesSettings {
  /** Name the limit `max_completion_tokens`: OpenAI's o and gpt-5 models refuse `max_tokens`. */
  maxCompletionTokens: bool = false;
  /**
   * Send what few servers know beside OpenAI's: `verbosity`, `prompt_cache_key`, `safety_identifier`, `service_tier`,
   * `web_search_options`, cache marks, thinking with what a provider has sealed. A translator behind this one takes what its provider
   * has; strict servers answer 400.
   */
  keepExtras: bool = false;
  /** Of these, `prompt_cache_key`. */
  keepCacheKey: bool = false;
  /**
   * Send the thinking of earlier turns as `reasoning_content`: DeepSeek and Moonshot want it back inside a tool loop. Who takes it in
   * another form gets it in that (provider/quirks); OpenAI answers 400 to it.
   */
  keepReasoning: bool = true;
}
