// How a run ended. Dify reports no reason of the model's: a response is whole, or moderation has replaced it, or it failed.

import { JsonDocument } from "../../json/document";

/** The finish reason of a response that came to its end. */
export function finishReason(isReplaced: bool): string {
  return isReplaced ? "content_filter" : "stop";
}

/** Why a workflow's status is no proper end, as OpenAI's error code; "" when it is one. Unknown words count as an end. */
export function workflowFault(doc: JsonDocument, status: i32): string {
  if (doc.textIs(status, "failed")) return "workflow_failed";
  if (doc.textIs(status, "stopped")) return "workflow_stopped";
  return doc.textIs(status, "paused") ? "workflow_paused" : "";
}

/** One sentence for a workflow fault, for when Dify gives none. */
export function faultText(code: string): string {
  if (code == "workflow_stopped") return "The workflow was stopped before it was finished.";
  if (code == "workflow_paused") return "The workflow waits for a person's input, which cannot be given here.";
  return "The workflow failed.";
}
