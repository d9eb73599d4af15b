// The provider settings that translators read: filled from the configuration, immutable afterwards.

import { View } from "../bytes/view";

/** What becomes of a model's reasoning text: its own field, nothing, or tags in the content. */
export const enum ReasoningMode {
  Passthrough,
  Ignore,
  Concat,
}

export class TranslateOptions {
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
