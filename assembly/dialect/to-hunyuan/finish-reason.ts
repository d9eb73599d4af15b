// Hunyuan's FinishReason (stop, sensitive, tool_calls; "" while more follows) -> OpenAI's.

import { JsonDocument } from "../../json/document";
import { mapFinishReason } from "../conversation/finish-reason";

/** `sensitive`: the output did not pass the moderation. The other words are those that DashScope shares with OpenAI. */
export function finishReason(doc: JsonDocument, reason: i32, hasToolCalls: bool): string {
  return doc.textIs(reason, "sensitive") ? "content_filter" : mapFinishReason(doc, reason, hasToolCalls);
}
