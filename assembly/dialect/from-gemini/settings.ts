// What the pipeline says of the client's request and of the provider, for a client of Gemini's API.

export class GeminiClientSettings {
  /** The client reads a JSON list (streamGenerateContent without alt=sse) and not server-sent events. */
  streamsList: bool = false;
  /** The provider speaks chat itself, no translator stands behind: it gets back what it sent. */
  isChat: bool = true;
  /** Members beyond OpenAI's reference may go out: top_k, thought signatures. Strict servers answer 400 to them. */
  keepExtras: bool = true;
  /** The thinking of earlier turns may go out, in the members of a chat. */
  keepReasoning: bool = true;
  /** tool_choice may be of type allowed_tools; else the tools that are not allowed are left out. */
  takesAllowedTools: bool = true;
  /** The thinking budget goes out in tokens beside the effort. */
  takesBudget: bool = false;
  /** An effort `none` is understood; servers that do not know it refuse it, or do not think unless they are asked. */
  takesNoEffort: bool = true;
}
