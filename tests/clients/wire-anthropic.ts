// What Anthropic's Messages API answers, after its API reference and the streaming guide (read November 2026). A stream is
// derived from the whole message.
import { cut } from "./gateway";

export type Block =
  | { type: "text"; text: string }
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "redacted_thinking"; data: string }
  | { type: "tool_use"; id: string; name: string; input: object };

export interface MessageParts {
  id?: string;
  model?: string;
  content: Block[];
  stop?: string;
  stopDetails?: object;
  /** Input, output, cache read and cache creation tokens. */
  tokens?: [number, number, number?, number?];
}

const stopOf = (parts: MessageParts) => parts.stop ?? (parts.content.some((block) => block.type === "tool_use") ? "tool_use" : "end_turn");

/** Blocks as responses have them: with the fields that requests leave out. */
const answered = (block: Block) =>
  block.type === "text"
    ? { ...block, citations: null }
    : block.type === "tool_use"
      ? { type: block.type, id: block.id, name: block.name, input: block.input, caller: { type: "direct" } }
      : block;

const usageOf = ([input, output, read = 0, created = 0]: NonNullable<MessageParts["tokens"]>) => ({
  input_tokens: input,
  cache_creation_input_tokens: created,
  cache_read_input_tokens: read,
  cache_creation: { ephemeral_5m_input_tokens: created, ephemeral_1h_input_tokens: 0 },
  output_tokens: output,
  service_tier: "standard",
});

/** A whole message. */
export function message(parts: MessageParts): object {
  const { id = "msg_01A", model = "claude-sonnet-4-5-20250929", content, stopDetails = null, tokens = [11, 6] } = parts;
  return {
    model,
    id,
    type: "message",
    role: "assistant",
    content: content.map(answered),
    stop_reason: stopOf(parts),
    stop_sequence: null,
    stop_details: stopDetails,
    usage: usageOf(tokens),
  };
}

export const sse = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

function emptied(block: Block): object {
  if (block.type === "text") return { type: "text", text: "" };
  if (block.type === "thinking") return { type: "thinking", thinking: "", signature: "" };
  return block.type === "tool_use" ? { ...answered(block), input: {} } : block;
}

function deltasOf(block: Block): object[] {
  if (block.type === "text") return cut(block.text).map((text) => ({ type: "text_delta", text }));
  if (block.type === "tool_use") {
    // An empty piece comes first, and nothing else for a call without arguments.
    const json = Object.keys(block.input).length > 0 ? JSON.stringify(block.input) : "";
    return ["", ...cut(json, 6)].map((partial_json) => ({ type: "input_json_delta", partial_json }));
  }
  if (block.type !== "thinking") return [];
  return [
    ...cut(block.thinking).map((thinking) => ({ type: "thinking_delta", thinking })),
    { type: "signature_delta", signature: block.signature },
  ];
}

/** The events of a message, without its end when `isCut`. */
export function messageStream(parts: MessageParts, isCut = false): string[] {
  const { tokens = [11, 6], content, stopDetails } = parts;
  const [input, output, read, created] = tokens;
  const start = { ...message({ ...parts, content: [], tokens: [input, 1, read, created] }), stop_reason: null };
  const blocks = content.flatMap((block, index) => [
    sse({ type: "content_block_start", index, content_block: emptied(block) } as { type: string }),
    ...deltasOf(block).map((delta) => sse({ type: "content_block_delta", index, delta } as { type: string })),
    sse({ type: "content_block_stop", index } as { type: string }),
  ]);
  const delta = { stop_reason: stopOf(parts), stop_sequence: null, ...(stopDetails ? { stop_details: stopDetails } : {}) };
  const usage = {
    input_tokens: input,
    cache_creation_input_tokens: created ?? 0,
    cache_read_input_tokens: read ?? 0,
    output_tokens: output,
  };
  const end = [sse({ type: "message_delta", delta, usage } as { type: string }), sse({ type: "message_stop" })];
  const head = [sse({ type: "message_start", message: start } as { type: string }), sse({ type: "ping" })];
  return [...head, ...blocks, ...(isCut ? [] : end)];
}

/** An error body, with the request id that Anthropic puts beside it. */
export const anthropicError = (type: string, text: string) => ({
  type: "error",
  error: { type, message: text },
  request_id: "req_011CSHoEeqs5C35K2UUqR7Fy",
});
