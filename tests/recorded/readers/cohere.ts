// Reads Cohere's chat v2, whole and as a stream. Source (November 2026): docs.cohere.com/reference/chat, docs/streaming.
import { argumentsOf, emptyReading, eventDocuments, numberOf, type Json, type Reading, type Usage } from "../reading";

const FINISH: Record<string, string> = { COMPLETE: "stop", STOP_SEQUENCE: "stop", MAX_TOKENS: "length", TOOL_CALL: "calls" };

function usageOf(usage: Json): Usage | null {
  if (!usage) return null;
  const counts = usage.tokens ?? usage.billed_units ?? {};
  const input = numberOf(counts.input_tokens);
  const output = numberOf(counts.output_tokens);
  return { input, output, total: input + output, cached: numberOf(usage.cached_tokens), reasoning: 0 };
}

export function readCohere(body: Json): Reading {
  const reading = emptyReading();
  const message = body.message ?? {};
  // The plan that is told before calls is a thought.
  reading.reasoning = message.tool_plan ?? "";
  for (const part of message.content ?? []) {
    if (part.type === "text") reading.text += part.text;
    if (part.type === "thinking") reading.reasoning += part.thinking;
  }
  for (const call of message.tool_calls ?? []) {
    reading.calls.push({ name: call.function.name, arguments: argumentsOf(call.function.arguments) });
  }
  reading.finish = FINISH[body.finish_reason] ?? body.finish_reason ?? "";
  reading.usage = usageOf(body.usage);
  return reading;
}

/** The message that the events make, read as a whole one. */
export function readCohereStream(text: string): Reading {
  const message: Json = { tool_plan: "", content: [], tool_calls: [] };
  const body: Json = { message };
  for (const event of eventDocuments(text)) {
    const delta = event.delta?.message ?? {};
    const { content, tool_calls: call } = delta;
    if (event.type === "tool-plan-delta") message.tool_plan += delta.tool_plan ?? "";
    if (event.type === "content-start" || event.type === "content-delta") {
      if (content?.text) message.content.push({ type: "text", text: content.text });
      if (content?.thinking) message.content.push({ type: "thinking", thinking: content.thinking });
    }
    if (event.type === "tool-call-start") message.tool_calls.push({ function: { name: "", arguments: "", ...call?.function } });
    if (event.type === "tool-call-delta") message.tool_calls.at(-1).function.arguments += call?.function?.arguments ?? "";
    if (event.type === "message-end") Object.assign(body, { finish_reason: event.delta?.finish_reason, usage: event.delta?.usage });
  }
  return readCohere(body);
}
