// `requestHeaders: continue` in a real Envoy WITHOUT allow_on_headers_stop_iteration, as Envoy Gateway and Istio's WasmPlugin run plugins.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startLab, type Lab } from "./lab";

const AHEAD = { requestHeaders: "continue" };
const OPENAI = { type: "openai", apiTokens: ["sk-a"], modelMapping: { "gpt-4o": "gpt-4o-mini", "*": "" } };
const CLAUDE = { type: "claude", apiTokens: ["sk-c"] };
const USER = { role: "user", content: "Hi" };
const CHAT = "/v1/chat/completions";
const chat = (more: object = {}) => ({ model: "gpt-4o", messages: [USER], ...more });

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({
    stopsOnHeaders: false,
    idleTimeout: "3s",
    plugins: [
      { config: { ...AHEAD, provider: OPENAI, limits: [{ name: "all", tokensPerDay: 1_000_000 }] } },
      { config: { ...AHEAD, provider: CLAUDE } },
      { config: { provider: OPENAI } },
    ],
  });
}, 60_000);
afterAll(() => lab?.close());
beforeEach(() => lab.upstream.reset());

describe("requestHeaders: continue", () => {
  it("maps the model, sets host and key, and sends the edited body without its old length", async () => {
    const response = await lab.call(0, { path: CHAT, body: chat({ n: 12345678901234567890n.toString() }) });
    expect(response.status).toBe(200);
    const [seen] = lab.upstream.seen;
    expect(seen.headers).toMatchObject({ host: "api.openai.com", authorization: "Bearer sk-a", "transfer-encoding": "chunked" });
    expect(seen.headers["content-length"]).toBeUndefined();
    expect(seen.json).toMatchObject({ model: "gpt-4o-mini", messages: [USER] });
    expect((await lab.log(response)).aiLog).toMatchObject({
      model: "lab-model",
      request_model: "gpt-4o",
      total_token: 2,
      outcome: "completed",
    });
  });

  it("holds the same request for ever without it", async () => {
    const response = await lab.call(2, { path: CHAT, body: chat() });
    expect(response.json().error.code).toBe("body_withheld");
    expect(lab.upstream.seen).toEqual([]);
  });

  it("takes a body of many parts, and of 2 MiB", async () => {
    await lab.call(0, { path: CHAT, body: ['{"model":"gpt-', '4o","messages":[{"role":"user",', '"content":"Hi"}]}'] });
    expect(lab.upstream.seen[0].json).toEqual({ ...chat(), model: "gpt-4o-mini" });
    await lab.call(0, { path: CHAT, body: chat({ user: "x".repeat(2 << 20) }) });
    expect(lab.upstream.seen[1].json.user.length).toBe(2 << 20);
  });

  it("asks streams for their usage, and takes its chunk out", async () => {
    const event = (more: object) => `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "m", ...more })}\n\n`;
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
    lab.upstream.reset({
      headers: { "content-type": "text/event-stream" },
      pieces: [event({ choices: [{ index: 0, delta: { content: "a" } }] }), event({ choices: [], usage }), "data: [DONE]\n\n"],
    });
    const response = await lab.call(0, { path: CHAT, body: chat({ stream: true }) });
    expect(lab.upstream.seen[0].json.stream_options).toEqual({ include_usage: true });
    expect(response.text).not.toContain("total_tokens");
    expect((await lab.log(response)).aiLog).toMatchObject({ response_type: "stream", total_token: 7 });
  });

  it.each([
    ["no JSON", "{", 400, "invalid_json"],
    ["no model", '{"messages":[]}', 400, "missing_model"],
  ])("refuses a body with %s, although the headers have left", async (_what, body, status, code) => {
    const response = await lab.call(1, { path: CHAT, body });
    expect([response.status, response.json().error.code]).toEqual([status, code]);
    expect(lab.upstream.seen).toEqual([]);
  });

  it("translates for a provider whose path is the same for all", async () => {
    lab.upstream.reset({
      body: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-sonnet-4-5",
        content: [{ type: "text", text: "pong" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 2, output_tokens: 3 },
      },
    });
    const response = await lab.call(1, { path: CHAT, body: chat({ model: "claude-sonnet-4-5", max_tokens: 9 }) });
    expect(lab.upstream.seen[0]).toMatchObject({ path: "/v1/messages", json: { max_tokens: 9, messages: [USER] } });
    expect(lab.upstream.seen[0].headers).toMatchObject({
      host: "api.anthropic.com",
      "x-api-key": "sk-c",
      "anthropic-version": "2023-06-01",
    });
    expect(response.json().choices[0].message.content).toBe("pong");
  });

  it("gives the client the provider's status and error in its own shape", async () => {
    lab.upstream.reset({ status: 429, body: { type: "error", error: { type: "rate_limit_error", message: "slow down" } } });
    const response = await lab.call(1, { path: CHAT, body: chat({ stream: true }) });
    expect([response.status, response.json().error.message]).toEqual([429, "slow down"]);
  });

  it("leaves requests without a body, and those that are not read, as they were", async () => {
    expect((await lab.call(0, { method: "GET", path: "/v1/models" })).status).toBe(200);
    await lab.call(0, { path: "/v1/unknown/thing", body: "raw" });
    expect(lab.upstream.seen.map(({ path, text }) => [path, text])).toEqual([
      ["/v1/models", ""],
      ["/v1/unknown/thing", "raw"],
    ]);
    expect(lab.upstream.seen[1].headers["content-length"]).toBe("3");
  });
});
