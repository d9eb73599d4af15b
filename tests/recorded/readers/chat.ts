// Reads OpenAI's chat completions, whole and as a stream, with the dialects of those that speak it too.
// Sources (November 2026): platform.openai.com/docs/api-reference/chat; docs.mistral.ai (thinking parts); docs.x.ai (reasoning tokens
// beside the completion); api-docs.deepseek.com (prompt_cache_hit_tokens, reasoning_content); console.groq.com/docs (x_groq.usage).
import { argumentsOf, emptyReading, eventDocuments, joined, numberOf, type Json, type Reading, type Usage } from "../reading";

const FINISH: Record<string, string> = {
  stop: "stop",
  length: "length",
  tool_calls: "calls",
  function_call: "calls",
  content_filter: "filter",
};

/** A refusal is text that the user is to see. */
function textOf(message: Json): string {
  const { content, refusal } = message;
  const said = typeof content === "string" ? content : joined(content, (part) => (part.type === "text" ? part.text : ""));
  return said + (typeof refusal === "string" ? refusal : "");
}

function reasoningOf(message: Json): string {
  if (typeof message.reasoning_content === "string") return message.reasoning_content;
  if (typeof message.reasoning === "string") return message.reasoning;
  return joined(message.content, (part) => (part.type === "thinking" ? joined(part.thinking, (piece) => piece.text) : ""));
}

export function chatUsage(usage: Json): Usage | null {
  if (usage === null || typeof usage !== "object") return null;
  const input = numberOf(usage.prompt_tokens);
  const reasoning = numberOf(usage.completion_tokens_details?.reasoning_tokens ?? usage.reasoning_tokens);
  const total = numberOf(usage.total_tokens);
  // xAI counts reasoning beside the completion, Gemini's compatible API hides it; the total has it.
  const output = Math.max(numberOf(usage.completion_tokens), total - input);
  const cached = numberOf(usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens);
  return { input, output, total: total || input + output, cached, reasoning };
}

function callsOf(calls: Json[], old: Json): Reading["calls"] {
  const named = calls.filter((call) => call.function !== undefined && call.function !== null);
  const list = named.map((call) => ({ name: call.function.name ?? "", arguments: argumentsOf(call.function.arguments) }));
  if (old?.name) list.push({ name: old.name, arguments: argumentsOf(old.arguments) });
  return list;
}

export function readChat(body: Json): Reading {
  const choice = body.choices?.[0];
  const message = choice?.message ?? {};
  return {
    text: textOf(message),
    reasoning: reasoningOf(message),
    calls: callsOf(message.tool_calls ?? [], message.function_call),
    finish: FINISH[choice?.finish_reason] ?? choice?.finish_reason ?? "",
    usage: chatUsage(body.usage),
  };
}

/** The call that a piece belongs to: by its index, by its id, or a new one. */
function callFor(calls: Json[], piece: Json): Json {
  const index = typeof piece.index === "number" ? piece.index : null;
  const found = index === null ? calls.find((call) => piece.id && call.id === piece.id) : calls.find((call) => call.index === index);
  if (found) return found;
  const call = { index: index ?? calls.length, id: piece.id, function: { name: "", arguments: "" } };
  calls.push(call);
  return call;
}

export function readChatStream(text: string): Reading {
  const reading = emptyReading();
  const calls: Json[] = [];
  const old = { name: "", arguments: "" };
  for (const chunk of eventDocuments(text)) {
    const choice = chunk.choices?.find((one: Json) => (one.index ?? 0) === 0);
    reading.usage = chatUsage(chunk.usage ?? chunk.x_groq?.usage ?? choice?.usage) ?? reading.usage;
    if (!choice) continue;
    const delta = choice.delta ?? {};
    reading.text += textOf(delta);
    reading.reasoning += reasoningOf(delta);
    for (const piece of delta.tool_calls ?? []) {
      const call = callFor(calls, piece);
      call.function.name += piece.function?.name ?? "";
      const more = piece.function?.arguments ?? "";
      call.function.arguments += typeof more === "string" ? more : JSON.stringify(more);
    }
    old.name += delta.function_call?.name ?? "";
    old.arguments += delta.function_call?.arguments ?? "";
    if (choice.finish_reason) reading.finish = FINISH[choice.finish_reason] ?? choice.finish_reason;
  }
  reading.calls = callsOf(calls, old);
  return reading;
}
