// The official OpenAI client with Anthropic's API behind the gateway.
import OpenAI from "openai";
import { LengthFinishReasonError } from "openai/error";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, CLIENT_KEY, collect, openGateway, type Gateway } from "./gateway";
import { message, messageStream, type Block } from "./wire-anthropic";
import { SCHEMA, TOOL_RESULTS, weatherTool } from "./weather";

type Thinking = { reasoning_content?: string; thinking_blocks?: object[] };

const CALLS: Block[] = [
  { type: "text", text: "Let me look." },
  { type: "tool_use", id: "toolu_01", name: "weather", input: { city: "Zürich" } },
  { type: "tool_use", id: "toolu_02", name: "weather", input: { city: "東京" } },
];
const THOUGHT: Block = { type: "thinking", thinking: 'Say "pong" – naïvely\n✓', signature: "EqQBCkgIARABGAIiQ==" };
const REDACTED: Block = { type: "redacted_thinking", data: "ZW5j" };
const CALL: Block = { type: "tool_use", id: "toolu_01", name: "weather", input: { city: "Zürich" } };
/** The conversation that must reach Anthropic once both tools have run. */
const AFTER_TOOLS = [
  { role: "user", content: "ping" },
  { role: "assistant", content: CALLS },
  {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "toolu_01", content: TOOL_RESULTS[0] },
      { type: "tool_result", tool_use_id: "toolu_02", content: TOOL_RESULTS[1] },
    ],
  },
];

let gateway: Gateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await openGateway(["claude"]);
  client = new OpenAI(gateway.openai("claude"));
});
afterAll(() => gateway?.close());

describe("a response of Claude", () => {
  it("comes whole, and Anthropic gets a request of its own kind", async () => {
    gateway.respond(message({ content: [{ type: "text", text: "pong ✓" }], tokens: [11, 6, 100, 20] }));
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content: "Be brief." }, ...ASK];
    const response = await client.chat.completions.create({
      model: "alias-whole",
      messages,
      temperature: 0,
      max_tokens: 50,
      stop: ["END"],
    });
    expect(response).toMatchObject({ id: "msg_01A", object: "chat.completion", model: "claude-sonnet-4-5-20250929" });
    expect(response.choices).toMatchObject([{ index: 0, message: { role: "assistant", content: "pong ✓" }, finish_reason: "stop" }]);
    expect(response.usage).toMatchObject({
      prompt_tokens: 131,
      completion_tokens: 6,
      total_tokens: 137,
      prompt_tokens_details: { cached_tokens: 100 },
    });
    expect(Math.abs(response.created - Date.now() / 1000)).toBeLessThan(60);
    const seen = gateway.request();
    expect(seen.json).toEqual({
      model: "claude-sonnet-4-5",
      system: "Be brief.",
      messages: ASK,
      temperature: 0,
      max_tokens: 50,
      stop_sequences: ["END"],
    });
    expect([seen.method, seen.path, seen.headers.host]).toEqual(["POST", "/v1/messages", "api.anthropic.com"]);
    expect([seen.headers["x-api-key"], seen.headers["anthropic-version"]]).toEqual(["sk-claude", "2023-06-01"]);
    expect(seen.headers.authorization).toBeUndefined();
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect((await gateway.log("alias-whole")).aiLog).toMatchObject({
      chat_id: "msg_01A",
      input_token: 131,
      output_token: 6,
      cached_tokens: 100,
      provider: "claude",
    });
  });

  it("streams, with one id, and with the counts only in the log when they are not asked for", async () => {
    gateway.respond(messageStream({ content: [{ type: "text", text: '你好 😀, "streamed"\n' }], tokens: [11, 6] }));
    const chunks = await collect(await client.chat.completions.create({ model: "alias-stream", messages: ASK, stream: true }));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe('你好 😀, "streamed"\n');
    expect(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.object} ${chunk.model}`))).toEqual(
      new Set(["msg_01A chat.completion.chunk claude-sonnet-4-5-20250929"]),
    );
    expect(chunks[0].choices[0].delta.role).toBe("assistant");
    expect(chunks.every((chunk) => chunk.choices.length === 1)).toBe(true);
    expect(chunks.filter((chunk) => chunk.choices[0].finish_reason).map((chunk) => chunk.choices[0].finish_reason)).toEqual(["stop"]);
    expect(gateway.sent()).toEqual({ model: "claude-sonnet-4-5", max_tokens: 4096, messages: ASK, stream: true });
    expect((await gateway.log("alias-stream")).aiLog).toMatchObject({
      input_token: 11,
      output_token: 6,
      response_type: "stream",
      outcome: "completed",
    });
  });

  it("streams the usage that stream_options asks for, in a chunk of its own", async () => {
    gateway.respond(messageStream({ content: [{ type: "text", text: "pong" }], tokens: [11, 6, 30, 0] }));
    const options = { stream_options: { include_usage: true } };
    const stream = client.chat.completions.stream({ model: "alias-usage", messages: ASK, ...options });
    const chunks = await collect(stream);
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]).toMatchObject({ message: { content: "pong" }, finish_reason: "stop" });
    expect(final.usage).toMatchObject({
      prompt_tokens: 41,
      completion_tokens: 6,
      total_tokens: 47,
      prompt_tokens_details: { cached_tokens: 30 },
    });
    expect(chunks.filter((chunk) => chunk.usage).map((chunk) => chunk.choices)).toEqual([[]]);
  });

  it("with two tool calls runs them, and their results go back in one user turn", async () => {
    const ran: string[] = [];
    gateway.respond(message({ content: CALLS }), message({ content: [{ type: "text", text: "both seven" }] }));
    const runner = client.chat.completions.runTools({ model: "alias-tools", messages: ASK, tools: [weatherTool(ran)] });
    expect(await runner.finalContent()).toBe("both seven");
    expect(ran).toEqual(["Zürich", "東京"]);
    expect(gateway.seen).toHaveLength(2);
    expect(gateway.sent(0).tools).toEqual([{ name: "weather", description: "The weather of a city", input_schema: SCHEMA }]);
    expect(gateway.sent(1).messages).toEqual(AFTER_TOOLS);
  });

  it("with two streamed tool calls does the same", async () => {
    const ran: string[] = [];
    gateway.respond(messageStream({ content: CALLS }), messageStream({ content: [{ type: "text", text: "both seven" }] }));
    const runner = client.chat.completions.runTools({ model: "alias-tools", messages: ASK, tools: [weatherTool(ran)], stream: true });
    expect(await runner.finalContent()).toBe("both seven");
    expect(ran).toEqual(["Zürich", "東京"]);
    expect(gateway.sent(1).messages).toEqual(AFTER_TOOLS);
  });

  it("can be about an image of three megabytes, which reaches Anthropic whole", async () => {
    const data = Buffer.alloc(3 << 20, "picture!").toString("base64");
    gateway.respond(message({ content: [{ type: "text", text: "a picture" }] }));
    const image = { type: "image_url" as const, image_url: { url: `data:image/png;base64,${data}` } };
    await client.chat.completions.create({
      model: "alias-image",
      messages: [{ role: "user", content: [{ type: "text", text: "?" }, image] }],
    });
    const [text, block] = gateway.sent().messages[0].content;
    expect(text).toEqual({ type: "text", text: "?" });
    expect({ ...block.source, data: block.source.data === data }).toEqual({ type: "base64", media_type: "image/png", data: true });
  });

  it("with a call without arguments gives the client an empty object to parse", async () => {
    const call: Block = { type: "tool_use", id: "toolu_03", name: "now", input: {} };
    gateway.respond(messageStream({ content: [call] }));
    const tools: OpenAI.ChatCompletionTool[] = [{ type: "function", function: { name: "now" } }];
    const final = await client.chat.completions
      .stream({ model: "alias-empty", messages: ASK, tools, tool_choice: "required" })
      .finalChatCompletion();
    expect(final.choices[0]).toMatchObject({
      message: { content: null, tool_calls: [{ id: "toolu_03", type: "function", function: { name: "now", arguments: "{}" } }] },
      finish_reason: "tool_calls",
    });
    expect(gateway.sent()).toMatchObject({
      tools: [{ name: "now", input_schema: { type: "object", properties: {} } }],
      tool_choice: { type: "any" },
    });
  });
});

describe("thinking", () => {
  it("comes beside the response and goes back signed, byte for byte, with the tool's result", async () => {
    gateway.respond(message({ content: [THOUGHT, REDACTED, CALL] }));
    const tools = [{ type: "function" as const, function: { name: "weather", parameters: SCHEMA } }];
    const first = await client.chat.completions.create({ model: "alias-think", messages: ASK, reasoning_effort: "medium", tools });
    const { message: turn, finish_reason } = first.choices[0];
    expect(finish_reason).toBe("tool_calls");
    expect((turn as Thinking).reasoning_content).toBe(THOUGHT.thinking);
    expect(gateway.sent()).toMatchObject({ thinking: { type: "enabled", budget_tokens: 8192 } });
    expect(gateway.sent().max_tokens).toBeGreaterThan(8192);

    gateway.respond(message({ content: [{ type: "text", text: "seven" }] }));
    const result: OpenAI.ChatCompletionMessageParam = { role: "tool", tool_call_id: "toolu_01", content: "7 °C" };
    await client.chat.completions.create({ model: "alias-think", messages: [...ASK, turn, result], reasoning_effort: "medium", tools });
    expect(gateway.sent().messages[1]).toEqual({
      role: "assistant",
      content: [THOUGHT, REDACTED, CALL],
    });
    expect(gateway.sent().thinking).toEqual({ type: "enabled", budget_tokens: 8192 });
  });

  it("streams before the text, signed at its end", async () => {
    gateway.respond(messageStream({ content: [THOUGHT, { type: "text", text: "pong" }], tokens: [11, 40] }));
    const chunks = await collect(
      await client.chat.completions.create({ model: "alias-think-stream", messages: ASK, reasoning_effort: "low", stream: true }),
    );
    const deltas = chunks.map((chunk) => (chunk.choices[0]?.delta ?? {}) as Thinking & { content?: string });
    expect(deltas.map((delta) => delta.reasoning_content ?? "").join("")).toBe(THOUGHT.thinking);
    expect(deltas.map((delta) => delta.content ?? "").join("")).toBe("pong");
    const lastThought = deltas.findLastIndex((delta) => delta.reasoning_content);
    expect(deltas.findIndex((delta) => delta.content)).toBeGreaterThan(lastThought);
    // The index is what stream helpers join list items by.
    expect(deltas.flatMap((delta) => delta.thinking_blocks ?? [])).toEqual([{ index: 0, ...THOUGHT }]);
  });

  it("survives a streamed tool loop whose client sends the assembled message back", async () => {
    gateway.respond(messageStream({ content: [THOUGHT, REDACTED, CALL] }));
    const params = { model: "alias-think-loop", messages: ASK, reasoning_effort: "high" as const, tools: [weatherTool([])] };
    const turn = await client.chat.completions.stream(params).finalMessage();
    gateway.respond(messageStream({ content: [{ type: "text", text: "seven" }] }));
    const result = { role: "tool" as const, tool_call_id: "toolu_01", content: "7 °C" };
    await client.chat.completions.stream({ ...params, messages: [...ASK, turn, result] }).done();
    expect(gateway.sent().messages[1]).toEqual({ role: "assistant", content: [THOUGHT, REDACTED, CALL] });
    expect(gateway.sent().thinking).toEqual({ type: "enabled", budget_tokens: 16384 });
  });

  it("pauses in a loop of the client's own runner, which strips the signed thoughts", async () => {
    const ran: string[] = [];
    gateway.respond(messageStream({ content: [THOUGHT, CALL] }), messageStream({ content: [{ type: "text", text: "seven" }] }));
    const params = { model: "alias-think-run", messages: ASK, reasoning_effort: "high" as const, tools: [weatherTool(ran)] };
    expect(await client.chat.completions.runTools({ ...params, stream: true }).finalContent()).toBe("seven");
    expect(ran).toEqual(["Zürich"]);
    expect(gateway.sent(0).thinking).toEqual({ type: "enabled", budget_tokens: 16384 });
    expect(gateway.sent(1)).not.toHaveProperty("thinking");
    expect(gateway.sent(1).messages[1]).toEqual({ role: "assistant", content: [CALL] });
  });
});

describe("special endings", () => {
  it("a refusal is a content filter with its explanation", async () => {
    const stopDetails = { type: "refusal", category: "bio", explanation: "I cannot help with that." };
    gateway.respond(message({ content: [], stop: "refusal", stopDetails }));
    const response = await client.chat.completions.create({ model: "alias-refuse", messages: ASK });
    expect(response.choices[0]).toMatchObject({ finish_reason: "content_filter", message: { refusal: "I cannot help with that." } });
    gateway.respond(messageStream({ content: [], stop: "refusal", stopDetails }));
    const chunks = await collect(await client.chat.completions.create({ model: "alias-refuse", messages: ASK, stream: true }));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.refusal ?? "").join("")).toBe("I cannot help with that.");
    expect(chunks.at(-1)?.choices[0].finish_reason).toBe("content_filter");
  });

  it("the token limit is length, and the client's parse says so", async () => {
    gateway.respond(message({ content: [{ type: "text", text: '{"city":' }], stop: "max_tokens" }));
    const format = { type: "json_schema" as const, json_schema: { name: "place", strict: true, schema: SCHEMA } };
    const call = client.chat.completions.parse({ model: "alias-parse", messages: ASK, response_format: format });
    await expect(call).rejects.toBeInstanceOf(LengthFinishReasonError);
    gateway.respond(message({ content: [{ type: "text", text: '{"city":"Zürich"}' }] }));
    const response = await client.chat.completions.parse({ model: "alias-parse", messages: ASK, response_format: format });
    expect(response.choices[0].message.parsed).toEqual({ city: "Zürich" });
    expect(gateway.sent().output_config).toEqual({ format: { type: "json_schema", schema: SCHEMA } });
  });

  it("a client that goes away in mid-stream leaves a log entry with the counts so far", async () => {
    const pieces = messageStream({ content: [{ type: "text", text: "x".repeat(50) }], tokens: [11, 6] }, true);
    gateway.respond({ pieces: pieces.slice(0, 8), end: "hang" });
    const stream = await client.chat.completions.create({ model: "alias-abort", messages: ASK, stream: true });
    let text = "";
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (text.length >= 10) stream.controller.abort();
    }
    const { aiLog, flags } = await gateway.log("alias-abort");
    expect(aiLog).toMatchObject({ outcome: "aborted", chat_id: "msg_01A", input_token: 11, usage_source: "estimate" });
    expect(flags).toBe("DC");
  });
});
