// Three turns of a tool loop, for each client API in front of each provider that speaks chat or nearly so: the thinking of earlier turns
// goes back in the form that its provider wants. Clients send back what their libraries keep: Gemini's no thought parts.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Host } from "../../emulator/host";
import { PLUGIN_PATH } from "../../emulator/module";

type Json = any;
const wasm = readFileSync(PLUGIN_PATH);
const SCHEMA = { type: "object", properties: { q: { type: "string" } } };
const post = (path: string, body: object) => ({
  method: "POST",
  path,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
const dataOf = (text: string): Json[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("data: ") && line !== "data: [DONE]")
    .map((line) => JSON.parse(line.slice(6)));

// ---- clients ----------------------------------------------------------------------------------------------------------

interface Client {
  request(model: string, history: Json[], stream: boolean): ReturnType<typeof post>;
  /** What the client keeps of a response, and the result of its call. */
  keeps(text: string, stream: boolean): Json[];
  start: Json;
}

const chat: Client = {
  start: { role: "user", content: "Look." },
  request: (model, messages, stream) =>
    post("/v1/chat/completions", {
      model,
      stream,
      messages,
      tools: [{ type: "function", function: { name: "look", parameters: SCHEMA } }],
    }),
  keeps: (text, stream) => {
    const message: Json = stream ? { role: "assistant" } : JSON.parse(text).choices[0].message;
    for (const event of stream ? dataOf(text) : [])
      for (const [name, value] of Object.entries<Json>(event.choices[0]?.delta ?? {})) {
        if (name === "tool_calls") message.tool_calls = value.map(({ index: _, ...call }: Json) => call);
        else if (name !== "role" && value !== null) message[name] = Array.isArray(value) ? value : (message[name] ?? "") + value;
      }
    return [message, { role: "tool", tool_call_id: message.tool_calls[0].id, content: "found" }];
  },
};

const messages: Client = {
  start: { role: "user", content: "Look." },
  request: (model, history, stream) =>
    post("/v1/messages", { model, stream, max_tokens: 9000, messages: history, tools: [{ name: "look", input_schema: SCHEMA }] }),
  keeps: (text, stream) => {
    const blocks: Json[] = stream ? [] : JSON.parse(text).content;
    for (const { type, index, content_block, delta } of stream ? dataOf(text) : []) {
      if (type === "content_block_start") blocks[index] = { ...content_block, json: "" };
      if (type !== "content_block_delta") continue;
      const { text: piece = "", thinking = "", signature = "", partial_json = "" } = delta;
      const block = blocks[index];
      if (piece) block.text += piece;
      if (thinking) block.thinking += thinking;
      if (signature) block.signature = signature;
      block.json += partial_json;
    }
    const content = blocks.map(({ json, ...block }) => (json ? { ...block, input: JSON.parse(json) } : block));
    const call = content.find((block) => block.type === "tool_use");
    return [
      { role: "assistant", content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "found" }] },
    ];
  },
};

const responses: Client = {
  start: { role: "user", content: "Look." },
  request: (model, input, stream) =>
    post("/v1/responses", { model, stream, store: false, input, tools: [{ type: "function", name: "look", parameters: SCHEMA }] }),
  keeps: (text, stream) => {
    const { output } = stream ? dataOf(text).at(-1).response : JSON.parse(text);
    const call = output.find((item: Json) => item.type === "function_call");
    return [...output, { type: "function_call_output", call_id: call.call_id, output: "found" }];
  },
};

const gemini: Client = {
  start: { role: "user", parts: [{ text: "Look." }] },
  request: (model, contents, stream) =>
    post(`/v1beta/models/${model.replace("/", "%2F")}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`, {
      contents,
      tools: [{ functionDeclarations: [{ name: "look", parameters: { type: "OBJECT", properties: { q: { type: "STRING" } } } }] }],
    }),
  keeps: (text, stream) => {
    const list = stream ? dataOf(text) : [JSON.parse(text)];
    const parts = list.flatMap((one) => one.candidates[0].content?.parts ?? []).filter((part: Json) => !part.thought);
    const { functionCall } = parts.find((part: Json) => part.functionCall);
    const result = { functionResponse: { id: functionCall.id, name: functionCall.name, response: { output: "found" } } };
    return [
      { role: "model", parts },
      { role: "user", parts: [result] },
    ];
  },
};

const CLIENTS = { chat, messages, responses, gemini };
type ClientName = keyof typeof CLIENTS;

// ---- providers --------------------------------------------------------------------------------------------------------

interface Provider {
  config: object;
  model: string;
  /** How it tells a thought: members of a message or a delta. */
  says: (thought: string, text: string) => Json;
  /** The assistant's message as it has to come back, but for its calls; "" where there is no text. */
  wants: (thought: string, text: string) => Json;
  /** What must stand in a request that has thinking of earlier turns. */
  beside?: Json;
  /** Clients whose API it serves itself: their bytes pass. */
  serves?: ClientName[];
  /** It is sent DashScope's own form. */
  isDashScope?: boolean;
}

const content = (thought: string, content: string) => ({ reasoning_content: thought, content });
const reasoning = (thought: string, content: string) => ({ reasoning: thought, content });
const parts = (thought: string, text: string) => ({
  content: [{ type: "thinking", thinking: [{ type: "text", text: thought }], closed: true }, ...(text ? [{ type: "text", text }] : [])],
});
const details = (format: string) => (thought: string, content: string) => ({
  content,
  reasoning: thought,
  reasoning_details: [
    { type: "reasoning.text", text: thought, signature: `sig ${thought}`, format, index: 0 },
    { type: "reasoning.encrypted", data: `data ${thought}`, format, index: 1 },
  ],
});
const onlyDetails = (format: string) => (thought: string, text: string) => {
  const { content, reasoning_details } = details(format)(thought, text);
  return { content, reasoning_details };
};

const PROVIDERS: Record<string, Provider> = {
  deepseek: { config: { type: "deepseek" }, model: "deepseek-v4", says: content, wants: content, serves: ["messages"] },
  moonshot: { config: { type: "moonshot" }, model: "kimi-k2.6", says: content, wants: content },
  grok: { config: { type: "grok" }, model: "grok-4", says: content, wants: content, serves: ["responses"] },
  mistral: { config: { type: "mistral" }, model: "mistral-medium-2604", says: parts, wants: parts },
  groq: { config: { type: "groq" }, model: "openai/gpt-oss-120b", says: reasoning, wants: reasoning, serves: ["responses"] },
  ollama: {
    config: { type: "ollama", ollamaServerHost: "ollama.test", ollamaServerPort: 11434 },
    model: "gpt-oss:20b",
    says: reasoning,
    wants: reasoning,
  },
  vllm: {
    config: { type: "vllm", vllmServerHost: "vllm.test" },
    model: "openai/gpt-oss-20b",
    says: reasoning,
    wants: reasoning,
    serves: ["responses"],
  },
  zhipuai: {
    config: { type: "zhipuai" },
    model: "glm-5",
    says: content,
    wants: content,
    beside: { thinking: { type: "enabled", clear_thinking: false } },
    serves: ["messages"],
  },
  "qwen, compatible": {
    config: { type: "qwen", qwenEnableCompatible: true },
    model: "qwen3.6-plus",
    says: content,
    wants: content,
    beside: { preserve_thinking: true },
    serves: ["messages", "responses"],
  },
  "qwen, native": {
    config: { type: "qwen", qwenEnableCompatible: false },
    model: "qwen3-max",
    says: content,
    wants: content,
    beside: { parameters: { preserve_thinking: true } },
    serves: ["messages", "responses"],
    isDashScope: true,
  },
  "openrouter, Claude": {
    config: { type: "openrouter" },
    model: "anthropic/claude-sonnet-4.5",
    says: details("anthropic-claude-v1"),
    wants: onlyDetails("anthropic-claude-v1"),
    serves: ["responses"],
  },
  "openrouter, another": {
    config: { type: "openrouter" },
    model: "x-ai/grok-4",
    says: details("xai-responses-v1"),
    wants: onlyDetails("xai-responses-v1"),
    serves: ["responses"],
  },
};

const TEXTS = ["I look.", "", "Once more."];
const callOf = (turn: number) => ({ id: `call_0000${turn}`, type: "function", function: { name: "look", arguments: `{"q":"${turn}"}` } });

function reply(provider: Provider, turn: number, stream: boolean): { headers: Record<string, string>; chunks: Buffer[] } {
  const message = { role: "assistant", ...provider.says(`Hm ${turn}.`, TEXTS[turn]), tool_calls: [callOf(turn)] };
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  const head = { id: "c", created: 1, model: "m", object: stream ? "chat.completion.chunk" : "chat.completion" };
  const type = { "content-type": stream ? "text/event-stream" : "application/json" };
  if (provider.isDashScope) {
    const one = {
      output: { choices: [{ finish_reason: "tool_calls", message }] },
      usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
      request_id: "r",
    };
    return { headers: type, chunks: [Buffer.from(stream ? `id:1\nevent:result\ndata:${JSON.stringify(one)}\n\n` : JSON.stringify(one))] };
  }
  if (!stream)
    return {
      headers: type,
      chunks: [Buffer.from(JSON.stringify({ ...head, choices: [{ index: 0, message, finish_reason: "tool_calls" }], usage }))],
    };
  const { tool_calls, content, ...thinking } = message;
  const isList = Array.isArray(content);
  const deltas = [
    { ...thinking, content: isList ? content.slice(0, 1) : "" },
    { content: isList ? (content[1]?.text ?? "") : content },
    { tool_calls: tool_calls.map((call: Json, index: number) => ({ index, ...call })) },
  ];
  const chunks = deltas.map((delta) => ({ ...head, choices: [{ index: 0, delta, finish_reason: null as string | null }] }));
  const end = { ...head, choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }], usage };
  return {
    headers: type,
    chunks: [Buffer.from([...chunks, end].map((one) => `data: ${JSON.stringify(one)}\n\n`).join("") + "data: [DONE]\n\n")],
  };
}

const PAIRS = Object.keys(CLIENTS).flatMap((client) =>
  Object.entries(PROVIDERS)
    .filter(([, { serves = [] }]) => !serves.includes(client as ClientName))
    .flatMap(([name]) => [false, true].map((stream): [string, string, string] => [client, name, stream ? "stream" : "whole"])),
);

describe("the thinking of a tool loop goes back in its provider's form", () => {
  it.each(PAIRS)("%s client, %s, %s", async (clientName, name, form) => {
    const client = CLIENTS[clientName as ClientName];
    const provider = PROVIDERS[name];
    const host = await Host.load(wasm);
    const plugin = host.configure(JSON.stringify({ provider: { apiTokens: ["sk-1"], ...provider.config } }));
    expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
    let history = [client.start];
    for (let turn = 0; turn < 3; turn++) {
      const exchange = plugin.exchange(client.request(provider.model, history, form === "stream"));
      expect(exchange.localReply, JSON.stringify(exchange.localReply)).toBe(null);
      const sent = JSON.parse(exchange.upstream!.text);
      const told: Json[] = (sent.input ?? sent).messages.filter((one: Json) => one.role === "assistant");
      expect(told).toHaveLength(turn);
      told.forEach(({ role: _, tool_calls, ...rest }, k) => {
        const { content: wanted, ...thinking } = provider.wants(`Hm ${k}.`, TEXTS[k]);
        const { content: got, ...others } = rest;
        // OpenRouter's own chat clients send its `reasoning` too.
        if (thinking.reasoning_details) delete others.reasoning;
        expect({ ...others, content: got ?? "" }).toEqual({ ...thinking, content: wanted });
        expect(tool_calls.map((call: Json) => call.function)).toEqual([callOf(k).function]);
      });
      if (turn > 0 && provider.beside !== undefined) expect(sent).toMatchObject(provider.beside);
      if (turn === 0 && provider.beside !== undefined) expect(exchange.upstream!.text).not.toMatch(/preserve_thinking|clear_thinking/);
      const answer = exchange.respond({ status: 200, ...reply(provider, turn, form === "stream") });
      exchange.finish();
      expect([host.violations, host.traps]).toEqual([[], []]);
      history = [...history, ...client.keeps(answer.text, form === "stream")];
    }
  });
});
