// Chat completions as OpenAI, DeepSeek, Mistral and OpenRouter write them, and the providers whose APIs are near to it.
import { endOf, ID, json, MODEL, pieces, sse, usageOf, type Answer, type Json, type Speaker } from "./answer";

/** Where the thinking stands: nowhere, in a member of its own, in parts of the content, or in OpenRouter's list. */
type Thinking = "none" | "member" | "parts" | "details";

const ENDS = { stop: "stop", calls: "tool_calls", length: "length", filter: "content_filter", sequence: "stop" };

const usage = (answer: Answer): Json => {
  const { input, output, cached, reasoning, written } = usageOf(answer);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, ...(written > 0 ? { cache_write_tokens: written } : {}) },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
};

const callsOf = ({ calls }: Answer): Json =>
  calls && {
    tool_calls: calls.map(({ id, name, ...call }) => ({
      id,
      type: "function",
      function: { name, arguments: JSON.stringify(call.arguments) },
    })),
  };

const extras = ({ refusal, citation, image }: Answer): Json => ({
  ...(refusal === undefined ? {} : { refusal }),
  ...(citation && { annotations: [{ type: "url_citation", url_citation: { ...citation, start_index: 0, end_index: 4 } }] }),
  ...(image === undefined ? {} : { images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${image}` } }] }),
});

const logprobs = ({ logprob }: Answer): Json =>
  logprob === undefined ? {} : { logprobs: { content: [{ token: "a", logprob, bytes: [97], top_logprobs: [] }] } };

function thought(kind: Thinking, { thinking }: Answer, text: string): Json {
  if (!thinking || kind === "none") return { content: text };
  const details = [{ type: "reasoning.text", text: thinking.text, signature: thinking.seal, format: "anthropic-claude-v1", index: 0 }];
  if (kind === "details") return { reasoning: thinking.text, reasoning_details: details, content: text };
  if (kind === "member") return { reasoning_content: thinking.text, content: text };
  const content = [{ type: "thinking", thinking: [{ type: "text", text: thinking.text }] }];
  return { content: [...content, { type: "text", text }] };
}

export const chat = (kind: Thinking): Speaker => ({
  streamType: "text/event-stream",
  whole: (answer) => {
    const message = { role: "assistant", ...thought(kind, answer, answer.text ?? ""), ...extras(answer), ...callsOf(answer) };
    const choice = { index: 0, message, finish_reason: ENDS[endOf(answer)], ...logprobs(answer) };
    return json({ id: ID, object: "chat.completion", created: 1, model: MODEL, choices: [choice], usage: usage(answer) });
  },
  stream: (answer) => {
    const chunk = (delta: Json, finish_reason: string | null = null, more: Json = {}) => ({
      id: ID,
      object: "chat.completion.chunk",
      created: 1,
      model: MODEL,
      choices: [{ index: 0, delta, finish_reason, ...more }],
    });
    const { content: _text, ...thoughts } = thought(kind, answer, "");
    const parts = kind === "parts" && answer.thinking ? [{ content: thought(kind, answer, "").content.slice(0, 1) }] : [];
    const lead = Object.keys(thoughts).length > 0 ? [{ content: "", ...thoughts }] : [];
    const calls = callsOf(answer)?.tool_calls ?? [];
    return sse([
      chunk({ role: "assistant", content: "" }),
      ...[...lead, ...parts].map((delta) => chunk(delta)),
      ...pieces(answer.text ?? "").map((content, at) => chunk({ content }, null, at === 0 ? logprobs(answer) : {})),
      ...(Object.keys(extras(answer)).length > 0 ? [chunk(extras(answer))] : []),
      ...calls.flatMap(({ function: { name, arguments: text }, ...call }: Json, index: number) => [
        chunk({ tool_calls: [{ index, ...call, function: { name, arguments: "" } }] }),
        ...pieces(text).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
      ]),
      chunk({}, ENDS[endOf(answer)]),
      { ...chunk({}), choices: [], usage: usage(answer) },
      "[DONE]",
    ]);
  },
  error: (_status, message) => ({ error: { message, type: "rate_limit_error", param: null, code: null } }),
});

// ---- Spark ------------------------------------------------------------------------------------------------------------

const SPARK = { code: 0, message: "Success", sid: ID };
const sparkUsage = (answer: Answer) => {
  const { prompt_tokens, completion_tokens, total_tokens } = usage(answer);
  return { prompt_tokens, completion_tokens, total_tokens };
};

/** iFlytek's: a chat without finish reasons. */
export const spark: Speaker = {
  streamType: "text/event-stream",
  whole: (answer) =>
    json({ ...SPARK, choices: [{ message: { role: "assistant", content: answer.text ?? "" }, index: 0 }], usage: sparkUsage(answer) }),
  stream: (answer) =>
    sse([
      ...pieces(answer.text ?? "").map((content) => ({ ...SPARK, id: ID, created: 1, choices: [{ delta: { content }, index: 0 }] })),
      { ...SPARK, id: ID, created: 1, choices: [{ delta: { content: "" }, index: 0 }], usage: sparkUsage(answer) },
      "[DONE]",
    ]),
  error: (_status, message) => ({ error: { message, code: "11202", type: "api_error" } }),
};
