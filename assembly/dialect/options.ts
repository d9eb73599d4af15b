// The provider settings that translators read: filled from the configuration, immutable afterwards.

import { View } from "../bytes/view";

/** What becomes of a model's reasoning text: its own field, nothing, or tags in the content. */
export const enum ReasoningMode {
  Passthrough,
  Ignore,
  Concat,
}

/** What a provider's own chat responses lack for OpenAI's clients: bits of ProviderRow.responses. */
export namespace ResponseEdit {
  /** Lists in `content` become its text, their thinking parts `reasoning_content`. Whole responses are held for it. */
  export const CONTENT_LISTS: i32 = 1;
  /** Tool calls without `type`, and in streams without `index`, get them. */
  export const CALL_DEFAULTS: i32 = 2;
  /** The first chunk of a stream's choice names the role. */
  export const ROLE: i32 = 4;
  /** `usage` moves out of a choice. */
  export const CHOICE_USAGE: i32 = 8;
  /** What may be missing in the streams of a server that is not known. */
  export const STREAMS: i32 = CALL_DEFAULTS | ROLE | CHOICE_USAGE;
}

export class TranslateOptions {
  /** Bits of ResponseEdit. */
  responseEdits: i32 = 0;
  reasoningMode: ReasoningMode = ReasoningMode.Passthrough;
  /** Anthropic `anthropic-version`, Gemini API version (`v1beta`); empty for the dialect's default. */
  apiVersion: View = View.empty();
  /** Gemini: category -> threshold, flattened to pairs. */
  safetySettings: Array<View> = [];
  /** Gemini thinking budget in tokens; i64.MIN_VALUE when it is not configured. */
  thinkingBudget: i64 = i64.MIN_VALUE;
  /** Gemini on Vertex, Claude on Vertex. */
  projectId: View = View.empty();
  region: View = View.empty();
  /** Bedrock: raw JSON merged into additionalModelRequestFields. */
  additionalFields: View = View.empty();
  /** Qwen original: web search switch. */
  enableSearch: bool = false;
  /** Bedrock: `in_memory` or `24h`; empty sets no cache points. */
  cacheRetention: View = View.empty();
  /** Bedrock: where cache points stand once cacheRetention (or the request) asks for them. */
  cacheSystemPrompt: bool = true;
  cacheLastUserMessage: bool = false;
  cacheLastMessage: bool = false;
}
