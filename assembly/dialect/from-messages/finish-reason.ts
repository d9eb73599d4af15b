// finish_reason of chat completions -> stop_reason of Messages.

import { StopReason } from "../conversation/stop-reason";

export { StopReason, stopReasonOf } from "../conversation/stop-reason";

/** The value of `stop_reason`. */
export function stopReasonName(reason: StopReason): string {
  switch (reason) {
    case StopReason.MaxTokens:
      return "max_tokens";
    case StopReason.ToolUse:
      return "tool_use";
    case StopReason.Refusal:
      return "refusal";
    default:
      return "end_turn";
  }
}

/**
 * The reason that fits the content as well: many compatible servers say `stop` beside tool calls, and OpenAI says `stop`
 * beside a refusal, but an Anthropic client runs its tools only on tool_use.
 */
export function refineStopReason(reason: StopReason, hasTools: bool, onlyRefusal: bool): StopReason {
  if (reason != StopReason.EndTurn) return reason;
  if (hasTools) return StopReason.ToolUse;
  return onlyRefusal ? StopReason.Refusal : reason;
}
