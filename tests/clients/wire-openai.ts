// What OpenAI's API answers, after its API reference ("The chat completion object", "chunk object", Responses streaming
// events; read November 2026). A stream is derived from the whole response.
import { cut } from "./gateway";

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

export interface CompletionParts {
  id?: string;
  model?: string;
  content?: string | null;
  reasoning?: string;
  refusal?: string;
  tools?: ToolCall[];
  finish?: string;
  /** Prompt, completion, cached and reasoning tokens. */
  tokens?: [number, number, number?, number?];
}

const finishOf = (parts: CompletionParts) => parts.finish ?? (parts.tools ? "tool_calls" : "stop");

const usageOf = ([prompt, completion, cached = 0, reasoning = 0]: NonNullable<CompletionParts["tokens"]>) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
});

const toolCall = (tool: ToolCall) => ({ id: tool.id, type: "function", function: { name: tool.name, arguments: tool.arguments } });

/** A whole chat completion. */
export function completion(parts: CompletionParts): object {
  const { id = "chatcmpl-B1", model = "gpt-up", content = null, reasoning, refusal = null, tools, tokens = [9, 12] } = parts;
  const message = {
    role: "assistant",
    content,
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
    ...(tools ? { tool_calls: tools.map(toolCall) } : {}),
    refusal,
    annotations: [],
  };
  return {
    id,
    object: "chat.completion",
    created: 1764000000,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(parts) }],
    usage: usageOf(tokens),
    service_tier: "default",
    system_fingerprint: "fp_b1",
  };
}

/** The same as a stream whose usage chunk was asked for: every other chunk says `usage: null`. */
export function completionStream(parts: CompletionParts): string[] {
  const { id = "chatcmpl-B1", model = "gpt-up", content, reasoning, refusal, tools = [], tokens = [9, 12] } = parts;
  const head = { id, object: "chat.completion.chunk", created: 1764000000, model, service_tier: "default", system_fingerprint: "fp_b1" };
  const write = (choices: object[], usage: object | null) => `data: ${JSON.stringify({ ...head, choices, usage, obfuscation: "Zx9" })}\n\n`;
  const delta = (value: object, finish: string | null = null) =>
    write([{ index: 0, delta: value, logprobs: null, finish_reason: finish }], null);
  const calls = tools.flatMap((tool, index) => [
    delta({ tool_calls: [{ index, ...toolCall({ ...tool, arguments: "" }) }] }),
    ...cut(tool.arguments, 4).map((text) => delta({ tool_calls: [{ index, function: { arguments: text } }] })),
  ]);
  return [
    delta({ role: "assistant", content: content === undefined ? null : "", refusal: null }),
    ...cut(reasoning ?? "").map((text) => delta({ reasoning_content: text })),
    ...cut(content ?? "").map((text) => delta({ content: text })),
    ...cut(refusal ?? "").map((text) => delta({ refusal: text })),
    ...calls,
    delta({}, finishOf(parts)),
    write([], usageOf(tokens)),
    "data: [DONE]\n\n",
  ];
}

/** An error body. */
export const openaiError = (message: string, type: string, code: string | null = null, param: string | null = null) => ({
  error: { message, type, param, code },
});

/** A whole object of the Responses API with one text. */
export function responseObject(id: string, model: string, text: string, status = "completed"): object {
  const item = {
    id: "msg_1",
    type: "message",
    status,
    role: "assistant",
    content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
  };
  const isDone = status === "completed";
  return {
    id,
    object: "response",
    created_at: 1764000000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model,
    output: isDone ? [item] : [],
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    usage: isDone
      ? {
          input_tokens: 36,
          input_tokens_details: { cached_tokens: 8 },
          output_tokens: 87,
          output_tokens_details: { reasoning_tokens: 3 },
          total_tokens: 123,
        }
      : null,
  };
}

/** The events of a streamed response; there is no `[DONE]`. */
export function responseStream(id: string, model: string, text: string): string[] {
  let sequence = 0;
  const event = (type: string, data: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...data })}\n\n`;
  const place = { item_id: "msg_1", output_index: 0, content_index: 0 };
  const item = { id: "msg_1", type: "message", role: "assistant" };
  const part = { type: "output_text", text, annotations: [], logprobs: [] };
  return [
    event("response.created", { response: responseObject(id, model, "", "in_progress") }),
    event("response.in_progress", { response: responseObject(id, model, "", "in_progress") }),
    event("response.output_item.added", { output_index: 0, item: { ...item, status: "in_progress", content: [] } }),
    event("response.content_part.added", { ...place, part: { ...part, text: "" } }),
    ...cut(text).map((delta) => event("response.output_text.delta", { ...place, delta, logprobs: [] })),
    event("response.output_text.done", { ...place, text, logprobs: [] }),
    event("response.content_part.done", { ...place, part }),
    event("response.output_item.done", { output_index: 0, item: { ...item, status: "completed", content: [part] } }),
    event("response.completed", { response: responseObject(id, model, text) }),
  ];
}
