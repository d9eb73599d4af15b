// Anthropic's stop_reason as OpenAI's finish_reason (https://platform.claude.com/docs/en/api/messages, Nov 2026).

import { JsonDocument } from "../../json/document";

/**
 * The finish reason for a stop_reason node; anything unknown or absent is "stop", so that a new reason never fails an
 * answer. `pause_turn` is a pause of Anthropic's own server tools, which OpenAI clients cannot resume.
 */
export function finishReason(doc: JsonDocument, node: i32): string {
  if (doc.textIs(node, "tool_use")) return "tool_calls";
  if (doc.textIn(node, "max_tokens model_context_window_exceeded")) return "length";
  if (doc.textIs(node, "refusal")) return "content_filter";
  return "stop";
}
/** Why Claude refuses, a string in `stop_details` of a message or of the delta that ends a stream; any other node when it does not say. */
export function refusalOf(doc: JsonDocument, node: i32): i32 {
  return doc.get(doc.get(node, "stop_details"), "explanation");
}
