// Cohere's finish_reason -> OpenAI's.

import { JsonDocument } from "../../json/document";

/** True when the generation broke off with an error: it has no counterpart among OpenAI's reasons. */
export function isFailure(doc: JsonDocument, reason: i32): bool {
  return doc.textIs(reason, "ERROR");
}

/**
 * The finish reason for the node `reason`. TIMEOUT is a text that was cut off, which clients look for under "length".
 * COMPLETE, STOP_SEQUENCE, unknown and missing ones end as "stop", or as "tool_calls" after calls. ERROR_TOXIC is v1's.
 * Source: ChatFinishReason in (https://docs.cohere.com/reference/chat, Nov 2026).
 */
export function mapFinishReason(doc: JsonDocument, reason: i32, hasToolCalls: bool): string {
  if (doc.textIn(reason, "MAX_TOKENS TIMEOUT")) return "length";
  if (doc.textIs(reason, "ERROR_TOXIC")) return "content_filter";
  return hasToolCalls || doc.textIs(reason, "TOOL_CALL") ? "tool_calls" : "stop";
}
