// DashScope's finish_reason -> OpenAI's.

import { JsonDocument } from "../../json/document";

/**
 * True when the choice says why it ended. While more follows the reason is the four letters `"null"`
 * (https://www.alibabacloud.com/help/en/model-studio/qwen-api-reference, Nov 2026); a JSON null, an empty string and no
 * member at all are read the same.
 */
export function isFinished(doc: JsonDocument, reason: i32): bool {
  return doc.isString(reason) && !doc.textIs(reason, "null") && !doc.textIs(reason, "");
}

/** OpenAI's finish reason. Unknown and missing reasons end as "stop", or as "tool_calls" after calls. */
export function mapFinishReason(doc: JsonDocument, reason: i32, hasToolCalls: bool): string {
  if (doc.textIs(reason, "length")) return "length";
  if (doc.textIs(reason, "content_filter")) return "content_filter";
  if (doc.textIn(reason, "tool_calls function_call")) return "tool_calls";
  return hasToolCalls ? "tool_calls" : "stop";
}
