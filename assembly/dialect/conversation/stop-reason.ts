// finish_reason of chat completions as a closed list with a default.

import { JsonDocument } from "../../json/document";

export const enum StopReason {
  EndTurn,
  MaxTokens,
  ToolUse,
  Refusal,
  /** The upstream says itself that the response broke off: no stop reason of Messages tells that, an error does. */
  Failed,
}

/**
 * The stop reason for a `finish_reason` node; null, absent and unknown values are EndTurn. Sources: OpenAI API reference
 * (stop, length, tool_calls, function_call, content_filter), Anthropic's Messages reference, both read Nov 2026.
 */
export function stopReasonOf(doc: JsonDocument, node: i32): StopReason {
  if (doc.textIs(node, "stop")) return StopReason.EndTurn;
  if (doc.textIn(node, "tool_calls function_call")) return StopReason.ToolUse;
  // Nov 2026: Mistral says model_length when the context is full.
  if (doc.textIn(node, "length model_length")) return StopReason.MaxTokens;
  // Nov 2026: Zhipu says sensitive for what OpenAI calls content_filter.
  if (doc.textIn(node, "content_filter sensitive")) return StopReason.Refusal;
  // Nov 2026: OpenRouter and Mistral error, Zhipu network_error, DeepSeek insufficient_system_resource.
  if (doc.textIn(node, "error network_error")) return StopReason.Failed;
  if (doc.textIs(node, "insufficient_system_resource")) return StopReason.Failed;
  return StopReason.EndTurn;
}
