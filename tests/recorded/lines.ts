// Recordings made by hand for the tool's own tests: no bytes of a service.
import type { Line } from "./recording";

const events = (documents: object[]) => documents.map((document) => JSON.stringify(document)).join("\n");
const post = { method: "POST", status: 200, responseType: "application/json" };

export const CHAT: Line = {
  ...post,
  source: "by-hand:chat",
  host: "api.openai.com",
  path: "/v1/chat/completions",
  response: JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4.1",
    choices: [
      {
        index: 0,
        finish_reason: "tool_calls",
        message: {
          role: "assistant",
          content: "One moment.",
          tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Zürich"}' } }],
        },
      },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, prompt_tokens_details: { cached_tokens: 2 } },
  }),
};

/** Longer than what is sent byte by byte, so that it is cut at random. */
export const MESSAGE_STREAM: Line = {
  source: "by-hand:message-stream",
  vendor: "anthropic",
  form: "sse-data-lines",
  response: events([
    {
      type: "message_start",
      message: {
        ...{ id: "msg_1", type: "message", role: "assistant", model: "claude-x", content: [], stop_reason: null, stop_sequence: null },
        usage: { input_tokens: 5, cache_read_input_tokens: 3, cache_creation_input_tokens: 0, output_tokens: 1 },
      },
    },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    ...Array.from({ length: 60 }, (_, index) => ({
      ...{ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: `piece ${index} — ✓ ` } },
    })),
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 60 } },
    { type: "message_stop" },
  ]),
};

export const CONVERSE_STREAM: Line = {
  source: "by-hand:converse-stream",
  vendor: "amazon-bedrock",
  form: "sse-data-lines",
  response: events([
    { messageStart: { role: "assistant" } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { text: "pong" } } },
    { contentBlockStop: { contentBlockIndex: 0 } },
    { messageStop: { stopReason: "max_tokens" } },
    { metadata: { usage: { inputTokens: 4, outputTokens: 1, totalTokens: 5 } } },
  ]),
};

/** A turn that Anthropic paused: chat completions have no word for it. */
export const PAUSED: Line = {
  ...post,
  source: "by-hand:paused",
  host: "api.anthropic.com",
  path: "/v1/messages",
  response: JSON.stringify({
    ...{ id: "msg_2", type: "message", role: "assistant", model: "claude-x", content: [{ type: "text", text: "Let me look." }] },
    ...{ stop_reason: "pause_turn", stop_sequence: null, usage: { input_tokens: 5, output_tokens: 3 } },
  }),
};

export const REFUSED: Line = { ...CHAT, source: "by-hand:refused", status: 429 };
export const EMBEDDINGS: Line = { ...CHAT, source: "by-hand:embeddings", response: JSON.stringify({ object: "list", data: [] }) };
