// Gemini's finishReason and blockReason -> OpenAI's finish_reason.

import { JsonDocument } from "../../json/document";

/**
 * The finish reason for a candidate's `finishReason` node. Gemini says STOP after function calls as well, so the caller
 * tells whether the choice holds one. Unknown, missing and MALFORMED_FUNCTION_CALL-like reasons end as "stop".
 * Source: FinishReason in (https://ai.google.dev/api/generate-content, Nov 2026).
 */
export function mapFinishReason(doc: JsonDocument, reason: i32, hasToolCalls: bool): string {
  if (doc.textIs(reason, "MAX_TOKENS")) return "length";
  if (isFiltered(doc, reason)) return "content_filter";
  return hasToolCalls ? "tool_calls" : "stop";
}

function isFiltered(doc: JsonDocument, reason: i32): bool {
  return doc.textIn(
    reason,
    "SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII MODEL_ARMOR IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION",
  );
}

/**
 * True when the candidate says why it ended. Absent, null, empty and FINISH_REASON_UNSPECIFIED mean that more follows.
 */
export function isFinished(doc: JsonDocument, reason: i32): bool {
  return doc.isString(reason) && !doc.textIs(reason, "") && !doc.textIs(reason, "FINISH_REASON_UNSPECIFIED");
}

/** True when the response says that the prompt itself was refused, which comes without candidates. */
export function isPromptBlocked(doc: JsonDocument, root: i32): bool {
  const reason = doc.get(doc.get(root, "promptFeedback"), "blockReason");
  return doc.isString(reason) && !doc.textIs(reason, "");
}
