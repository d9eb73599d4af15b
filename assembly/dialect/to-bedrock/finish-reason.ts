// Converse's stopReason as OpenAI's finish_reason
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, Nov 2026).

import { JsonDocument } from "../../json/document";

/**
 * The finish reason for a stopReason node; anything unknown or absent is "stop", so that a new reason never fails a response.
 * `malformed_model_output` and `malformed_tool_use` have no counterpart. `calledTools`: the response holds tool calls. Turns with
 * calls end as `end_turn` with gpt-oss (Aug 2025) and at times with Claude (Mar 2026), and turns of text alone as `tool_use`
 * (Sep 2026; all in the issues of strands-agents): what the response holds decides, as clients would find nothing to run.
 */
export function finishReason(doc: JsonDocument, node: i32, calledTools: bool): string {
  if (doc.textIs(node, "tool_use")) return calledTools ? "tool_calls" : "stop";
  if (doc.textIn(node, "max_tokens model_context_window_exceeded")) return "length";
  if (doc.textIn(node, "guardrail_intervened content_filtered")) return "content_filter";
  if (calledTools && (!doc.isSet(node) || doc.textIs(node, "end_turn"))) return "tool_calls";
  return "stop";
}
