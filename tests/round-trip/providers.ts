// Providers as property tests see them: whatever they may say, written in their own form, and the assistant's turns of a request in that
// form again.
import fc from "fast-check";
import type { Json } from "../dialects";
import { modelTurns, responseEvents, responseOf, responsesBlocks } from "../conformance/responses-provider";
import { event as awsEvent } from "../unit/aws-frames";

/** A block as the provider has it in its mind, before it is written in the provider's own form. */
type Block =
  | { kind: "thinking"; text: string; seal: string }
  | { kind: "redacted"; data: string }
  | { kind: "text"; text: string }
  | { kind: "call"; id: string; q: string };

export interface Provider {
  name: string;
  config: object;
  model: string;
  /** What the provider may say; ids and seals begin with `mark`, so that they can be told from those of others. */
  blocks(mark: string): fc.Arbitrary<Json>;
  /** The whole response, and the stream, for what blocks() has made. */
  whole(turn: Json): string;
  stream(turn: Json): Buffer;
  streamType: string;
  /** The assistant's turns of a request, in the form of blocks(). */
  turns(request: Json): Json[];
}

const word = (mark: string) => fc.stringMatching(/^[a-z"\\é]{1,9}$/).map((text) => mark + text);
const sealOf = (mark: string) => fc.base64String({ minLength: 4, maxLength: 40 }).map((text) => `${mark}sea${text}`);
const idOf = (mark: string) => fc.stringMatching(/^[a-zA-Z0-9_]{4,12}$/).map((text) => `id_${mark}${text}`);
const thinking = (mark: string) =>
  fc.record({ kind: fc.constant("thinking"), text: fc.oneof(word(mark), fc.constant("")), seal: sealOf(mark) }) as fc.Arbitrary<Block>;
const redacted = (mark: string) => fc.record({ kind: fc.constant("redacted"), data: sealOf(mark) }) as fc.Arbitrary<Block>;
const text = (mark: string) => fc.record({ kind: fc.constant("text"), text: word(mark) }) as fc.Arbitrary<Block>;
const call = (mark: string) => fc.record({ kind: fc.constant("call"), id: idOf(mark), q: word(mark) }) as fc.Arbitrary<Block>;

const unique = (blocks: Json[]) => {
  const ids = blocks.filter((block) => block.id !== undefined).map((block) => block.id);
  return new Set(ids).size === ids.length;
};
const sse = (events: Json[]) =>
  Buffer.from(events.map((one) => (one.type ? `event: ${one.type}\n` : "") + `data: ${JSON.stringify(one)}\n\n`).join(""));

// ---- Converse ---------------------------------------------------------------------------------------------------------

const converseBlock = (block: Block): Json => {
  if (block.kind === "thinking") return { reasoningContent: { reasoningText: { text: block.text, signature: block.seal } } };
  if (block.kind === "redacted") return { reasoningContent: { redactedContent: block.data } };
  if (block.kind === "text") return { text: block.text };
  return { toolUse: { toolUseId: block.id, name: "look", input: { q: block.q } } };
};

const converseEvents = (block: Json, contentBlockIndex: number): Buffer[] => {
  const delta = (value: Json) => awsEvent("contentBlockDelta", { contentBlockIndex, delta: value });
  const stop = awsEvent("contentBlockStop", { contentBlockIndex });
  if (block.text !== undefined) return [...block.text].map((piece: string) => delta({ text: piece })).concat(stop);
  if (block.toolUse) {
    const { input, ...start } = block.toolUse;
    return [
      awsEvent("contentBlockStart", { contentBlockIndex, start: { toolUse: start } }),
      delta({ toolUse: { input: JSON.stringify(input) } }),
      stop,
    ];
  }
  const { reasoningText, redactedContent } = block.reasoningContent;
  if (redactedContent) return [delta({ reasoningContent: { redactedContent } }), stop];
  const pieces = [...reasoningText.text].map((piece: string) => delta({ reasoningContent: { text: piece } }));
  return [...pieces, delta({ reasoningContent: { signature: reasoningText.signature } }), stop];
};

const bedrock: Provider = {
  name: "Claude by Converse",
  config: { type: "bedrock", awsRegion: "us-east-1" },
  model: "anthropic.claude-sonnet-4-5-20250929-v1:0",
  blocks: (mark) =>
    fc
      .array(fc.oneof(thinking(mark), redacted(mark), text(mark), call(mark)), { minLength: 1, maxLength: 6 })
      .filter(unique)
      .map((blocks) => blocks.map(converseBlock)),
  whole: (content) =>
    JSON.stringify({
      output: { message: { role: "assistant", content } },
      stopReason: "tool_use",
      usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    }),
  stream: (content) =>
    Buffer.concat([
      awsEvent("messageStart", { role: "assistant" }),
      ...content.flatMap(converseEvents),
      awsEvent("messageStop", { stopReason: "tool_use" }),
      awsEvent("metadata", { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } }),
    ]),
  streamType: "application/vnd.amazon.eventstream",
  turns: (request) => request.messages.filter((one: Json) => one.role === "assistant").map((one: Json) => one.content),
};

// ---- Messages ---------------------------------------------------------------------------------------------------------

const messagesBlock = (block: Block): Json => {
  if (block.kind === "thinking") return { type: "thinking", thinking: block.text, signature: block.seal };
  if (block.kind === "redacted") return { type: "redacted_thinking", data: block.data };
  if (block.kind === "text") return { type: "text", text: block.text };
  return { type: "tool_use", id: block.id, name: "look", input: { q: block.q } };
};

const serverTool = (mark: string): fc.Arbitrary<Json> =>
  idOf(mark).map((id) => ({ type: "server_tool_use", id, name: "web_search", input: { query: "kite" } }));

const messagesEvents = (block: Json, index: number): Json[] => {
  const delta = (value: Json) => ({ type: "content_block_delta", index, delta: value });
  const start = (content_block: Json) => ({ type: "content_block_start", index, content_block });
  const stop = { type: "content_block_stop", index };
  switch (block.type) {
    case "text":
      return [start({ type: "text", text: "" }), ...[...block.text].map((piece) => delta({ type: "text_delta", text: piece })), stop];
    case "thinking":
      return [
        start({ type: "thinking", thinking: "", signature: "" }),
        ...[...block.thinking].map((piece) => delta({ type: "thinking_delta", thinking: piece })),
        delta({ type: "signature_delta", signature: block.signature }),
        stop,
      ];
    case "redacted_thinking":
      return [start(block), stop];
    default:
      return [start({ ...block, input: {} }), delta({ type: "input_json_delta", partial_json: JSON.stringify(block.input) }), stop];
  }
};

const messagesLike = (name: string, config: object, model: string): Provider => ({
  name,
  config,
  model,
  blocks: (mark) =>
    fc
      .array(
        fc.oneof(
          thinking(mark).map(messagesBlock),
          redacted(mark).map(messagesBlock),
          text(mark).map(messagesBlock),
          call(mark).map(messagesBlock),
          serverTool(mark),
        ),
        {
          minLength: 1,
          maxLength: 6,
        },
      )
      .filter(unique),
  whole: (content) =>
    JSON.stringify({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model,
      content,
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 4 },
    }),
  stream: (content) =>
    sse([
      {
        type: "message_start",
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model,
          content: [],
          stop_reason: null,
          usage: { input_tokens: 3, output_tokens: 1 },
        },
      },
      ...content.flatMap(messagesEvents),
      { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 4 } },
      { type: "message_stop" },
    ]),
  streamType: "text/event-stream",
  turns: (request) => request.messages.filter((one: Json) => one.role === "assistant").map((one: Json) => one.content),
});

// ---- Gemini -----------------------------------------------------------------------------------------------------------

/** Parts of Gemini 3: thoughts stand before what is sealed, and the first call is sealed. */
const geminiParts = (mark: string): fc.Arbitrary<Json[]> =>
  fc
    .record({
      before: fc.option(fc.record({ text: word(mark), thoughtSignature: fc.option(sealOf(mark), { nil: undefined }) })),
      thought: fc.option(word(mark)),
      calls: fc.array(fc.record({ id: idOf(mark), q: word(mark) }), { minLength: 1, maxLength: 3 }),
      seal: sealOf(mark),
      after: fc.option(word(mark)),
    })
    .map(({ before, thought, calls, seal, after }) => [
      ...(before ? [JSON.parse(JSON.stringify(before))] : []),
      ...(thought ? [{ text: thought, thought: true }] : []),
      ...calls.map(({ id, q }, index) => ({
        functionCall: { id, name: "look", args: { q } },
        ...(index === 0 ? { thoughtSignature: seal } : {}),
      })),
      ...(after ? [{ text: after }] : []),
    ])
    .filter((parts) => unique(parts.map((part: Json) => part.functionCall ?? {})));

const geminiAnswer = (parts: Json[], rest: object) => ({
  candidates: [{ content: { role: "model", parts }, index: 0, ...rest }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 },
  modelVersion: "gemini-3-pro-preview",
  responseId: "r1",
});

const gemini: Provider = {
  name: "Gemini 3",
  config: { type: "gemini" },
  model: "gemini-3-pro-preview",
  blocks: geminiParts,
  whole: (parts) => JSON.stringify(geminiAnswer(parts, { finishReason: "STOP" })),
  stream: (parts) =>
    Buffer.from(
      [...parts.map((part: Json) => geminiAnswer([part], {})), geminiAnswer([{ text: "" }], { finishReason: "STOP" })]
        .map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`)
        .join(""),
    ),
  streamType: "text/event-stream",
  // The seal of a text that was streamed comes in an empty text of its own, which says the same.
  turns: (request) =>
    request.contents
      .filter((one: Json) => one.role === "model")
      .map((one: Json) =>
        one.parts.reduce((parts: Json[], part: Json) => {
          if (part.text === "" && part.thoughtSignature && parts.length > 0)
            return [...parts.slice(0, -1), { ...parts[parts.length - 1], thoughtSignature: part.thoughtSignature }];
          return [...parts, part];
        }, []),
      ),
};

// ---- OpenRouter -------------------------------------------------------------------------------------------------------

const details = (mark: string): fc.Arbitrary<Json[]> =>
  fc
    .array(
      fc.oneof(
        fc.record({
          type: fc.constant("reasoning.text"),
          text: word(mark),
          signature: sealOf(mark),
          format: fc.constant("anthropic-claude-v1"),
        }),
        fc.record({ type: fc.constant("reasoning.text"), text: word(mark), format: fc.constant("xai-responses-v1"), id: idOf(mark) }),
        fc.record({
          type: fc.constant("reasoning.summary"),
          summary: word(mark),
          format: fc.constant("openai-responses-v1"),
          id: idOf(mark),
        }),
        fc.record({
          type: fc.constant("reasoning.encrypted"),
          data: sealOf(mark),
          format: fc.constant("openai-responses-v1"),
          id: idOf(mark),
        }),
        fc.record({ type: fc.constant("reasoning.encrypted"), data: sealOf(mark), format: fc.constant("anthropic-claude-v1") }),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((items) => items.map((item, index) => ({ ...item, index })));

const openrouter: Provider = {
  name: "OpenRouter",
  config: { type: "openrouter" },
  model: "openai/gpt-5",
  blocks: (mark) =>
    fc
      .record({
        reasoning_details: details(mark),
        content: word(mark),
        calls: fc.array(fc.record({ id: idOf(mark), q: word(mark) }), { maxLength: 2 }),
      })
      .filter((turn) => unique(turn.calls))
      .map(({ calls, ...turn }) => ({
        ...turn,
        ...(calls.length > 0
          ? {
              tool_calls: calls.map(({ id, q }) => ({
                id,
                type: "function",
                function: { name: "look", arguments: JSON.stringify({ q }) },
              })),
            }
          : {}),
      })),
  whole: (message) =>
    JSON.stringify({
      id: "c",
      object: "chat.completion",
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "tool_calls" }],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    }),
  stream: ({ reasoning_details, content, tool_calls = [] }) => {
    const chunk = (delta: Json, finish_reason: Json = null) => ({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason }] });
    const pieces = reasoning_details.flatMap((item: Json) => {
      const { text: whole, summary, signature, ...rest } = item;
      if (whole === undefined && summary === undefined) return [chunk({ content: "", reasoning_details: [item] })];
      const name = summary === undefined ? "text" : "summary";
      const texts = [...(whole ?? summary)].map((piece) =>
        chunk({ content: "", reasoning: piece, reasoning_details: [{ ...rest, [name]: piece }] }),
      );
      return signature === undefined ? texts : [...texts, chunk({ content: "", reasoning_details: [{ ...rest, signature }] })];
    });
    const calls = tool_calls.map((one: Json, index: number) => chunk({ tool_calls: [{ index, ...one }] }));
    return Buffer.concat([sse([...pieces, chunk({ content }), ...calls, chunk({}, "tool_calls")]), Buffer.from("data: [DONE]\n\n")]);
  },
  streamType: "text/event-stream",
  turns: (request) =>
    request.messages
      .filter((one: Json) => one.role === "assistant")
      .map(({ reasoning_details, content, tool_calls }: Json) => JSON.parse(JSON.stringify({ reasoning_details, content, tool_calls }))),
};

// ---- Responses --------------------------------------------------------------------------------------------------------

const responses: Provider = {
  name: "Responses",
  config: { type: "openai", openaiApi: "responses" },
  model: "gpt-5.3-codex",
  blocks: responsesBlocks,
  whole: (output) => JSON.stringify(responseOf(output)),
  stream: (output) => sse(responseEvents(output)),
  streamType: "text/event-stream",
  turns: modelTurns,
};

export const PROVIDERS: Provider[] = [
  bedrock,
  messagesLike("Claude on Vertex", { type: "vertex" }, "claude-sonnet-4-5"),
  messagesLike("Claude", { type: "claude" }, "claude-sonnet-4-5"),
  gemini,
  { ...gemini, name: "Gemini 3 on Vertex", config: { type: "vertex" }, turns: (request: Json) => withoutIds(gemini.turns(request)) },
  openrouter,
  responses,
];

/** Vertex takes no ids of calls. */
export const withoutIds = (turns: Json[]) => JSON.parse(JSON.stringify(turns, (key, value) => (key === "id" ? undefined : value)));
