// Translated streams in which events repeat: the translation of the event before is taken, with another piece of text. What the
// client gets must not depend on it, so the same stream is sent in one piece, and in pieces smaller than an event, where nothing is taken over.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Host } from "../../emulator/host";
import { PLUGIN_PATH } from "../../emulator/module";

const wasm = readFileSync(PLUGIN_PATH);
const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const ROUNDS = 120;
/** Those that are edited and not translated share their code: nine pairs, the same streams. */
const ROUNDS_EDITED = 30;
/** An event in more than one piece is never taken over, so pieces smaller than any event do as well as single bytes. */
const PIECE = 7;
/** Every so many rounds it is single bytes, too, so that line ends are cut everywhere. */
const BYTES_EVERY = 10;
const WORDS = ["", "a", " word", ' "quoted"', "漢字", "\n\t", "\\", "🙂🙂", "\u2028", "</think>", "x".repeat(300)];

interface Pair {
  path: string;
  provider: object;
  stream: (random: (limit: number) => number) => string;
}

const named = (value: { type: string }, line = "\n") => `event: ${value.type}${line}data: ${JSON.stringify(value)}${line}${line}`;

/** Blocks of text, thinking and tool calls, as Anthropic streams them. */
function claudeStream(random: (limit: number) => number): string {
  const word = () => WORDS[random(WORDS.length)];
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-x",
    content: [],
    usage: { input_tokens: 3, output_tokens: 1 },
  };
  let text = named({ type: "message_start", message } as never);
  const blocks: [object, () => object][] = [
    [{ type: "text", text: "" }, () => ({ type: "text_delta", text: word() })],
    [{ type: "thinking", thinking: "" }, () => ({ type: "thinking_delta", thinking: word() })],
    [{ type: "tool_use", id: "toolu_1", name: "f", input: {} }, () => ({ type: "input_json_delta", partial_json: word() })],
  ];
  for (let index = 0; index < 3; index++) {
    const [content_block, delta] = blocks[random(blocks.length)];
    text += named({ type: "content_block_start", index, content_block } as never);
    for (let k = random(7); k > 0; k--) {
      text += named({ type: "content_block_delta", index: random(9) === 0 ? 7 : index, delta: delta() } as never);
      if (random(6) === 0) text += named({ type: "ping" });
    }
    if (random(3) === 0)
      text += named({ type: "content_block_delta", index, delta: { type: "signature_delta", signature: "c2ln" } } as never);
    text += named({ type: "content_block_stop", index } as never);
  }
  if (random(2) === 0) return text;
  const usage = random(2) === 0 ? { usage: { output_tokens: 9 } } : {};
  return text + named({ type: "message_delta", delta: { stop_reason: "end_turn" }, ...usage } as never) + named({ type: "message_stop" });
}

/** Chunks of text, reasoning and tool calls, with padding, usage and other choices among them. */
function chatStream(random: (limit: number) => number): string {
  const word = () => WORDS[random(WORDS.length)];
  const chunk = (delta: object, rest: object = {}, choice: object = {}) =>
    `data: ${JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: null, ...choice }], ...rest })}\n\n`;
  const call = (index: number, rest: object = {}) => ({
    tool_calls: [{ index, function: { arguments: ["{", "}", "{}", ' "a"'][random(4)] }, ...rest }],
  });
  const kinds: (() => string)[] = [
    () => chunk({ content: word() }),
    () => chunk({ content: word() }, { usage: null, obfuscation: "z".repeat(random(4)) }),
    () => chunk({ content: word() }, { usage: { prompt_tokens: 3, completion_tokens: random(3) } }),
    () => chunk({ reasoning_content: word() }),
    () => chunk({ reasoning_content: word(), content: word() }),
    () => chunk({ content: word() }, {}, { index: random(2) }),
    () => chunk({ content: word(), refusal: word() }),
    () => chunk({ content: word() }, {}, { finish_reason: "stop" }),
    () => chunk(call(random(2), random(3) === 0 ? { id: "t", function: { name: "f", arguments: "{" } } : {})),
    () => chunk({ content: [{ type: "text", text: word() }] }),
    () => chunk({ reasoning_signature: random(4) === 0 ? "sig" : "", reasoning_content: "t" }),
    () => ": ping\n\n",
  ];
  let text = chunk({ role: "assistant", content: "" });
  for (let k = 0, kind = 0; k < 16; k++) {
    if (random(4) === 0) kind = random(kinds.length);
    text += kinds[kind]();
  }
  return random(3) === 0 ? text : `${text}${chunk({}, {}, { finish_reason: "stop" })}data: [DONE]\n\n`;
}

/** Items of text, refusals, reasoning and calls, as OpenAI's Responses API streams them: numbered, padded, members in either order. */
function responsesStream(random: (limit: number) => number): string {
  const word = () => WORDS[random(WORDS.length)];
  let sequence_number = 7;
  const event = (type: string, rest: object) => {
    const numbered = random(2) === 0 ? { type, sequence_number, ...rest } : { type, ...rest, sequence_number };
    sequence_number += 1 + 90 * random(2);
    return named(numbered);
  };
  const response = { id: "resp_1", model: "m", created_at: 1, output: [] };
  let text = event("response.created", { response });
  const call = { type: "function_call", call_id: "c", name: "f", arguments: "" };
  const items: [object, string, () => object][] = [
    [{ type: "message", content: [] }, "output_text", () => ({ logprobs: random(9) === 0 ? [{ token: "a" }] : [] })],
    [{ type: "message", content: [] }, "refusal", () => ({})],
    [{ type: "reasoning", summary: [] }, "reasoning_summary_text", () => ({})],
    [call, "function_call_arguments", () => ({})],
    [{ ...call, type: "custom_tool_call", input: "" }, "custom_tool_call_input", () => ({})],
  ];
  for (let output_index = 0; output_index < 4; output_index++) {
    const [item, stem, rest] = items[random(items.length)];
    text += event("response.output_item.added", { output_index, item });
    for (let k = random(8); k > 0; k--) {
      const padding = random(3) > 0 ? { obfuscation: "z".repeat(random(5)) } : {};
      const ahead = random(2) === 0 ? padding : {};
      const index = random(9) === 0 ? 7 : output_index;
      text += event(`response.${stem}.delta`, { ...ahead, output_index: index, delta: word(), ...rest(), ...padding });
      const annotation = { type: "url_citation", url: "u" };
      if (random(8) === 0) text += event("response.output_text.annotation.added", { output_index, annotation });
      if (random(8) === 0) text += event("response.reasoning_summary_part.added", { output_index });
    }
    const encrypted_content = random(2) === 0 ? "seal" : "";
    if (random(4) > 0) text += event("response.output_item.done", { output_index, item: { ...item, encrypted_content } });
  }
  if (random(3) === 0) return text;
  return text + event("response.completed", { response: { ...response, usage: { input_tokens: 3, output_tokens: random(9) } } });
}

const PAIRS: [string, Pair][] = [
  ...(["passthrough", "ignore", "concat"] as const).map((mode): [string, Pair] => [
    `chat client, the Responses API, ${mode}`,
    { path: CHAT, provider: { type: "openai", openaiApi: "responses", reasoningContentMode: mode }, stream: responsesStream },
  ]),
  [
    "Anthropic client, the Responses API",
    { path: MESSAGES, provider: { type: "openai", openaiApi: "responses" }, stream: responsesStream },
  ],
  ["chat client, Claude", { path: CHAT, provider: { type: "claude" }, stream: claudeStream }],
  [
    "chat client, Claude, thoughts in tags",
    { path: CHAT, provider: { type: "claude", reasoningContentMode: "concat" }, stream: claudeStream },
  ],
  ["chat client, Claude, no thoughts", { path: CHAT, provider: { type: "claude", reasoningContentMode: "ignore" }, stream: claudeStream }],
  ["Anthropic client, OpenAI", { path: MESSAGES, provider: { type: "openai" }, stream: chatStream }],
  [
    "Anthropic client, OpenAI, thoughts in tags",
    { path: MESSAGES, provider: { type: "openai", reasoningContentMode: "concat" }, stream: chatStream },
  ],
  [
    "Anthropic client, OpenAI, no thoughts",
    { path: MESSAGES, provider: { type: "openai", reasoningContentMode: "ignore" }, stream: chatStream },
  ],
  // Edited on their way, not translated.
  ...(["passthrough", "ignore", "concat"] as const).flatMap((mode) =>
    ["mistral", "deepseek", "groq"].map((type): [string, Pair] => [
      `chat client, ${type}, ${mode}`,
      { path: CHAT, provider: { type, reasoningContentMode: mode }, stream: chatStream },
    ]),
  ),
];

/** What the client gets, and the counts in the log. */
async function sender({ path, provider }: Pair) {
  const host = await Host.load(wasm);
  const plugin = host.configure(JSON.stringify({ provider: { apiTokens: ["sk-1"], ...provider } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  const body = JSON.stringify({ model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] });
  return (chunks: Uint8Array[]) => {
    const exchange = plugin.exchange({ method: "POST", path, headers: { "content-type": "application/json" }, body });
    const client = exchange.respond({ status: 200, headers: { "content-type": "text/event-stream" }, chunks });
    const log = JSON.parse(exchange.finish().stateText("ai_log") ?? "{}");
    expect([host.violations, host.traps]).toEqual([[], []]);
    // What the gateway makes up differs from exchange to exchange.
    const text = client.text.replace(/"created":\d+/g, "").replace(/(msg|toolu)_[\w-]+/g, "$1");
    return [text, log.input_token, log.output_token, log.usage_source, log.outcome, log.model, log.chat_id];
  };
}

describe("events that repeat", () => {
  it.each(PAIRS)("change nothing for the client: %s", async (_, pair) => {
    const send = await sender(pair);
    let seed = 11;
    const random = (limit: number) => (seed = (seed * 48271) % 0x7fffffff) % limit;
    for (let round = 0; round < (pair.stream === chatStream && pair.path === CHAT ? ROUNDS_EDITED : ROUNDS); round++) {
      const bytes = Buffer.from(pair.stream(random));
      const size = round % BYTES_EVERY === 0 ? 1 : PIECE;
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) => bytes.subarray(k * size, (k + 1) * size));
      const wanted = send(pieces);
      expect(send([bytes])).toEqual(wanted);
      const cut = random(bytes.length);
      expect(send([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(wanted);
      expect(
        send(
          bytes
            .toString()
            .split(/(?<=\n\n)/)
            .map((event) => Buffer.from(event)),
        ),
      ).toEqual(wanted);
    }
  });

  it("leave it to be seen that a tool's arguments are whole: what follows is written at once", async () => {
    const send = await sender({ path: MESSAGES, provider: { type: "openai" }, stream: () => "" });
    const chunk = (delta: object) => `data: ${JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, delta }] })}\n\n`;
    const call = (rest: string) => chunk({ tool_calls: [{ index: 0, function: { arguments: rest } }] });
    const start = chunk({ tool_calls: [{ index: 0, function: { name: "f", arguments: "" } }] });
    const text = start + call('{"a') + call('":[') + call("1]}") + chunk({ content: "after" });
    const bytes = Buffer.from(text);
    const whole = send([bytes]);
    expect(whole[0]).toContain('"after"');
    expect(whole).toEqual(send([...bytes].map((byte) => Uint8Array.of(byte))));
  });
});
