// Why a response ended, in OpenAI's words where there is one for it, whatever the provider's own is.

import { Ascii } from "../bytes/ascii";
import { View, lowerCase } from "../bytes/view";

/** Where it stands: chat and DashScope, Cohere, Anthropic, Gemini (and why it gave nothing), Converse, Hunyuan, Responses. */
export const FINISH_PLACES: string =
  "choices[].finish_reason output.choices[].finish_reason output.finish_reason finish_reason delta.finish_reason stop_reason " +
  "delta.stop_reason candidates[].finishReason promptFeedback.blockReason stopReason Choices[].FinishReason " +
  "Response.Choices[].FinishReason incomplete_details.reason response.incomplete_details.reason";

/** Longest word of a provider that is kept. */
const MAX_WORD: i32 = 32;

/**
 * The word for the reason: `stop`, `length`, `tool_calls`, `content_filter`, another one of the provider's in lower case, or "" while more
 * follows. Sources: the API references of OpenAI, Anthropic, Google, AWS, Cohere, Mistral and Zhipu, Nov 2026.
 */
export function finishWord(reason: View): string {
  if (reason.isOneOf("stop end_turn stop_sequence completed STOP COMPLETE STOP_SEQUENCE")) return "stop";
  if (reason.isOneOf("length max_tokens max_output_tokens model_length model_context_window_exceeded MAX_TOKENS")) return "length";
  if (reason.isOneOf("tool_calls tool_use function_call TOOL_CALL")) return "tool_calls";
  const filters =
    "content_filter refusal content_filtered guardrail_intervened sensitive SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII";
  if (reason.isOneOf(filters)) return "content_filter";
  // DashScope writes null as a text.
  if (reason.length == 0 || reason.equals("null")) return "";
  let word = "";
  for (let k = 0; k < reason.length; k++) {
    const letter = lowerCase(reason.at(k));
    const isPlain = <u32>(letter - Ascii.LowerA) < 26 || <u32>(letter - Ascii.Digit0) < 10 || letter == Ascii.Underscore;
    if (!isPlain || k >= MAX_WORD) return "other";
    word += String.fromCharCode(letter);
  }
  return word;
}
