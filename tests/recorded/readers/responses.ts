// Reads OpenAI's Responses, whole and as a stream. Source (November 2026): platform.openai.com/docs/api-reference/responses.
import { argumentsOf, emptyReading, eventDocuments, joined, numberOf, type Json, type Reading } from "../reading";

const INCOMPLETE: Record<string, string> = { max_output_tokens: "length", content_filter: "filter" };

function finishOf(body: Json, hasCalls: boolean): string {
  if (body.status === "incomplete") return INCOMPLETE[body.incomplete_details?.reason] ?? "length";
  if (body.status === "completed") return hasCalls ? "calls" : "stop";
  return body.status ?? "";
}

export function readResponses(body: Json): Reading {
  const reading = emptyReading();
  for (const item of body.output ?? []) {
    if (item.type === "message") reading.text += joined(item.content, (part) => part.text ?? part.refusal);
    if (item.type === "reasoning")
      reading.reasoning += joined(item.content, (part) => part.text) + joined(item.summary, (part) => part.text);
    if (item.type === "function_call") reading.calls.push({ name: item.name, arguments: argumentsOf(item.arguments) });
  }
  reading.finish = finishOf(body, reading.calls.length > 0);
  const { usage } = body;
  if (usage) {
    const input = numberOf(usage.input_tokens);
    const output = numberOf(usage.output_tokens);
    reading.usage = {
      ...{ input, output, total: numberOf(usage.total_tokens) || input + output },
      cached: numberOf(usage.input_tokens_details?.cached_tokens),
      reasoning: numberOf(usage.output_tokens_details?.reasoning_tokens),
    };
  }
  return reading;
}

/** The last event holds the response; its items are those that were done when it has none. */
export function readResponsesStream(text: string): Reading {
  let last: Json = {};
  const items: Json[] = [];
  for (const event of eventDocuments(text)) {
    if (event.response && typeof event.response === "object") last = event.response;
    if (event.type === "response.output_item.done") items.push(event.item);
  }
  return readResponses(last.output?.length > 0 ? last : { ...last, output: items });
}
