// finish_reason of chat completions -> Gemini's finishReason: a closed table with a default.

import { JsonDocument } from "../../json/document";

/** The provider says itself that the response broke off: an error, and none of Gemini's reasons. */
export const FAILED: string = "";

/**
 * Gemini says STOP after function calls, too. Sources: OpenAI's API reference and FinishReason of the package @google/genai 2.32
 * (Nov 2026); the words of other providers as in conversation/stop-reason.ts.
 */
export function finishReasonOf(doc: JsonDocument, node: i32): string {
  if (doc.textIn(node, "length model_length")) return "MAX_TOKENS";
  if (doc.textIn(node, "content_filter sensitive")) return "SAFETY";
  if (doc.textIn(node, "error network_error insufficient_system_resource")) return FAILED;
  return "STOP";
}
