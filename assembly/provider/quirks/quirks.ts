// Applies a provider's quirks to an OpenAI request, in one place and order.

import { View } from "../../bytes/view";
import { Api } from "../../model/api";
import { Quirk } from "../provider";
import { RequestScan } from "../request-scan";
import { effortToThinking, moveReasoningBudget } from "./reasoning";

const FALSE: View = View.utf8("false");

/** `bits` are the provider's quirks; edits go to the scan's editor and patches. */
export function applyQuirks(scan: RequestScan, bits: i32, api: Api): void {
  const editor = scan.editor;
  if ((bits & Quirk.DEVELOPER_TO_SYSTEM) != 0 && api == Api.ChatCompletions) scan.replaceDeveloperRoles();
  if ((bits & Quirk.EFFORT_TO_THINKING) != 0 && api == Api.ChatCompletions) effortToThinking(editor);
  if ((bits & Quirk.REASONING_BUDGET) != 0 && api == Api.ChatCompletions) moveReasoningBudget(editor);
  if ((bits & Quirk.NO_WATERMARK) != 0 && api == Api.ImageGeneration && editor.find("watermark") < 0) {
    editor.insert("watermark", FALSE);
  }
  if ((bits & Quirk.DROP_RESPONSE_EXTRAS) != 0 && api == Api.Responses) {
    // Doubao's Responses API answers 400 to these two (Higress drops them as well; seen 2026-04 in its provider).
    editor.remove("parallel_tool_calls");
    editor.remove("tool_choice");
  }
}
