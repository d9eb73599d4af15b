// Responses that cannot be used as they are: content-encoded bodies of translated exchanges, whole responses to requests for a stream,
// and clients of Gemini's own API.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Host } from "../../emulator/host";
import { PLUGIN_PATH } from "../../emulator/module";

const wasm = readFileSync(PLUGIN_PATH);

async function start(provider: object) {
  const host = await Host.load(wasm);
  const plugin = host.configure(JSON.stringify({ provider: { apiTokens: ["sk-secret"], ...provider } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return { host, plugin };
}

const json = { "content-type": "application/json" };
const post = (path: string, body: object, headers = {}) => ({
  method: "POST",
  path,
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
});
const events = (text: string) =>
  [...text.matchAll(/^data: (.*)$/gm)].map((match) => (match[1] === "[DONE]" ? "[DONE]" : JSON.parse(match[1])));
const claudeResponse = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content: [
    { type: "text", text: "Let me look." },
    { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Paris" } },
  ],
  stop_reason: "tool_use",
  usage: { input_tokens: 5, output_tokens: 7 },
};
const completion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o",
  choices: [{ index: 0, message: { role: "assistant", content: "pong" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const question = { model: "m", max_tokens: 50, messages: [{ role: "user", content: "ping" }] };

describe("a content-encoded response", () => {
  it("of a translated exchange becomes a 502, never the provider's bytes", async () => {
    const { host, plugin } = await start({ type: "claude" });
    const exchange = plugin.exchange(post("/v1/chat/completions", question));
    const client = exchange.respond({
      status: 200,
      headers: { ...json, "content-encoding": "gzip", "content-length": "9" },
      chunks: ["\u001f\u008bxxx", "yyyy"],
    });
    expect(client.status).toBe(502);
    expect(client.headers).not.toHaveProperty("content-encoding");
    expect(JSON.parse(client.text).error.code).toBe("bad_upstream_response");
    expect(host.violations).toEqual([]);
  });

  it("of the client's own dialect goes on as it is", async () => {
    const { plugin } = await start({ type: "openai" });
    const exchange = plugin.exchange(post("/v1/chat/completions", question));
    const client = exchange.respond({ status: 200, headers: { ...json, "content-encoding": "gzip" }, chunks: ["abc", "def"] });
    expect([client.status, client.headers["content-encoding"], client.text]).toEqual([200, "gzip", "abcdef"]);
  });
});

describe("a response with trailers, which end it", () => {
  it.each([
    ["passed on", "openai", completion],
    ["translated", "claude", claudeResponse],
  ])("is whole and counted when %s", async (_name, type, body) => {
    const { host, plugin } = await start({ type });
    const exchange = plugin.exchange(post("/v1/chat/completions", question));
    const text = JSON.stringify(body);
    const client = exchange.respond({
      status: 200,
      headers: json,
      chunks: [text.slice(0, 30), text.slice(30)],
      trailers: { "x-checksum": "a" },
    });
    expect([client.status, client.trailers]).toEqual([200, { "x-checksum": "a" }]);
    expect(JSON.parse(client.text).choices).toHaveLength(1);
    exchange.finish();
    expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({ outcome: "completed", usage_source: "reported" });
    expect(host.violations).toEqual([]);
  });
});

describe("a whole response to a request for a stream", () => {
  it("is told to an OpenAI client as chunks", async () => {
    const { host, plugin } = await start({ type: "claude" });
    const exchange = plugin.exchange(post("/v1/chat/completions", { ...question, stream: true, stream_options: { include_usage: true } }));
    const client = exchange.respond({ status: 200, headers: json, chunks: [JSON.stringify(claudeResponse)] });
    expect(client.headers["content-type"]).toContain("text/event-stream");
    const chunks = events(client.text);
    expect(chunks[0].choices[0].delta).toMatchObject({ role: "assistant", content: "Let me look." });
    expect(chunks[0].choices[0].delta.tool_calls).toMatchObject([{ index: 0, id: "toolu_1", function: { name: "weather" } }]);
    expect(chunks[1].choices[0].finish_reason).toBe("tool_calls");
    expect(chunks[2]).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 7 } });
    expect(chunks[3]).toBe("[DONE]");
    expect(host.violations).toEqual([]);
  });

  it("is told to an Anthropic client as events", async () => {
    const { plugin } = await start({ type: "openai" });
    const exchange = plugin.exchange(post("/v1/messages", { ...question, stream: true }));
    const client = exchange.respond({ status: 200, headers: json, chunks: [JSON.stringify(completion)] });
    const names = [...client.text.matchAll(/^event: (.*)$/gm)].map((match) => match[1]);
    expect(names).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });
});

describe("an Anthropic client in front of Gemini", () => {
  it("is translated twice, whole and streamed", async () => {
    const { host, plugin } = await start({ type: "gemini" });
    const exchange = plugin.exchange(post("/v1/messages", { ...question, system: "S" }));
    expect(exchange.upstream!.headers[":path"]).toBe("/v1beta/models/m:generateContent");
    expect(JSON.parse(exchange.upstream!.text).contents).toEqual([{ role: "user", parts: [{ text: "ping" }] }]);
    const whole = {
      responseId: "r",
      modelVersion: "m",
      candidates: [{ content: { parts: [{ text: "pong" }] }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
    };
    const client = exchange.respond({ status: 200, headers: json, chunks: [JSON.stringify(whole)] });
    expect(JSON.parse(client.text)).toMatchObject({
      type: "message",
      content: [{ type: "text", text: "pong" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 3, output_tokens: 1 },
    });

    const streamed = plugin.exchange(post("/v1/messages", { ...question, stream: true }));
    const response = streamed.respond({
      status: 200,
      headers: { "content-type": "text/event-stream" },
      chunks: [`data: ${JSON.stringify(whole)}\r\n\r\n`],
    });
    const names = [...response.text.matchAll(/^event: (.*)$/gm)].map((match) => match[1]);
    expect(names).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(response.text).toContain('"output_tokens":1');
    expect(host.violations).toEqual([]);
  });
});

describe("Gemini's own API", () => {
  it("keeps the client's path and body, maps the model and never forwards the client's key", async () => {
    const { plugin } = await start({ type: "gemini", modelMapping: { "gemini-2.5-pro": "gemini-2.5-flash" } });
    const body = { contents: [{ parts: [{ text: "ping" }] }] };
    const exchange = plugin.exchange(
      post("/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse&key=client-key", body, { "x-goog-api-key": "client-key" }),
    );
    expect(exchange.upstream!.headers).toMatchObject({
      ":path": "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
      ":authority": "generativelanguage.googleapis.com",
      "x-goog-api-key": "sk-secret",
    });
    expect(exchange.upstream!.text).toBe(JSON.stringify(body));
    const event = `data: {"candidates":[{"content":{"parts":[{"text":"po"}]}}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"modelVersion":"gemini-2.5-flash","responseId":"r1"}\r\n\r\n`;
    const client = exchange.respond({ status: 200, headers: { "content-type": "text/event-stream" }, chunks: [event] });
    expect(client.text).toBe(event);
    exchange.finish();
    expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({
      input_token: 3,
      output_token: 2,
      total_token: 5,
      response_type: "stream",
      chat_id: "r1",
    });
  });
});

describe("responseJsonSchema", () => {
  it("becomes the response_format of every chat", async () => {
    const { plugin } = await start({ type: "openai", responseJsonSchema: { type: "json_object" } });
    const exchange = plugin.exchange(post("/v1/chat/completions", question));
    expect(JSON.parse(exchange.upstream!.text).response_format).toEqual({ type: "json_object" });
  });
});

describe("claudeCodeMode", () => {
  it("sends the token as a bearer with the beta that OAuth needs, beside the client's own betas", async () => {
    const { plugin } = await start({ type: "claude", claudeCodeMode: true });
    const exchange = plugin.exchange(post("/v1/messages", question, { "anthropic-beta": "files-api-2025-04-14" }));
    expect(exchange.upstream!.headers).toMatchObject({
      authorization: "Bearer sk-secret",
      "anthropic-beta": "files-api-2025-04-14,oauth-2025-04-20",
    });
    expect(exchange.upstream!.headers).not.toHaveProperty("x-api-key");
  });
});

describe("an API that has to be translated", () => {
  it.each([
    ["GET", undefined, {}],
    ["POST", "a=1", { "content-type": "application/x-www-form-urlencoded" }],
  ])("is refused without a JSON body: %s", async (method, body, headers) => {
    const { plugin } = await start({ type: "claude" });
    const exchange = plugin.exchange({ method, path: "/v1/chat/completions", headers, body });
    expect(exchange.upstream).toBeNull();
    expect(exchange.localReply?.status).toBe(400);
  });
});
