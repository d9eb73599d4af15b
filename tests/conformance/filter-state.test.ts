// What later filters of the gateway are told in filter state, and how the responses of Envoy's rate limit filter come back.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseAiLog } from "../../tools/access-log.mjs";
import type { RequestInit } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

const provider = { type: "openai", apiTokens: ["sk-provider"], modelMapping: { "gpt-*": "big", "*": "" } };
const consumers = [{ name: "alice", credentials: ["gw-a1", "gw-a2"] }];
const ALL = ["consumer", "token", "model", "route", "tokens"];
const json = { "content-type": "application/json" };
const alias = (key: string) => createHash("sha256").update(key).digest("hex").slice(0, 16);

async function start(config: object) {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify({ provider, ...config }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return { host, plugin };
}

type Plugin = Awaited<ReturnType<typeof start>>["plugin"];
type Exchange = ReturnType<Plugin["exchange"]>;

const chat = (key: string, body: object = {}, init: RequestInit = {}): RequestInit => ({
  path: "/v1/chat/completions",
  headers: { ...json, authorization: `Bearer ${key}` },
  body: JSON.stringify({ model: "gpt-4o", messages: [], ...body }),
  properties: { route_name: "r7" },
  ...init,
});
const RESPONSE = JSON.stringify({ id: "c", usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 } });
const SSE = [`data: {"id":"c","choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n`];

/** All that later filters may read, by name. */
const stateOf = (exchange: Exchange) =>
  Object.fromEntries(ALL.map((name) => [name, exchange.stateText(`ai_${name}`)]).filter(([, value]) => value !== null));

describe("filterState", () => {
  it("tells the caller and the model before the request goes on, and the tokens at the end", async () => {
    const { host, plugin } = await start({ consumers, filterState: ALL });
    const exchange = plugin.exchange(chat("gw-a2"));
    const caller = { consumer: "alice", token: alias("gw-a2"), model: "big", route: "r7" };
    expect(stateOf(exchange)).toEqual(caller);
    exchange.respond({ headers: json, chunks: [RESPONSE] });
    exchange.finish();
    expect(stateOf(exchange)).toEqual({ ...caller, tokens: "42" });
    expect(host.violations).toEqual([]);
  });

  it("tells nothing without being asked, and else only what was asked for", async () => {
    for (const filterState of [undefined, [], ["tokens"], ["model", "consumer"]]) {
      const { plugin } = await start({ consumers, filterState });
      const exchange = plugin.exchange(chat("gw-a1"));
      exchange.respond({ headers: json, chunks: [RESPONSE] });
      exchange.finish();
      expect(Object.keys(stateOf(exchange)).sort()).toEqual([...(filterState ?? [])].sort());
    }
  });

  it("gives the caller's own key an alias, too, and never the key", async () => {
    const { plugin } = await start({ provider: { type: "openai" }, filterState: ALL });
    const exchange = plugin.exchange(chat("sk-own-key"));
    exchange.respond({ headers: json, chunks: [RESPONSE] });
    exchange.finish();
    expect(stateOf(exchange)).toEqual({ token: alias("sk-own-key"), model: "gpt-4o", route: "r7", tokens: "42" });
    expect([...exchange.filterState.values()].join("")).not.toContain("sk-own-key");
  });

  it("leaves out what is not known", async () => {
    const { plugin } = await start({ filterState: ALL });
    const exchange = plugin.exchange({ method: "GET", path: "/v1/models", properties: { route_name: "r7" } });
    exchange.respond({ headers: json, chunks: ["{}"] });
    exchange.finish();
    expect(stateOf(exchange)).toEqual({ route: "r7", tokens: "0" });
  });

  it("counts what came of a stream that broke off", async () => {
    const { plugin } = await start({ consumers, filterState: ["tokens"] });
    const exchange = plugin.exchange(chat("gw-a1", { stream: true }));
    exchange.respond({ headers: { "content-type": "text/event-stream" }, chunks: SSE, complete: false });
    exchange.failUpstream();
    exchange.finish();
    const log = parseAiLog(exchange.stateText("ai_log"));
    expect(log).toMatchObject({ usage_source: "estimate" });
    expect(stateOf(exchange)).toEqual({ tokens: String(log?.total_token) });
    expect(Number(log?.total_token)).toBeGreaterThan(0);
  });

  it("tells what a trace wants with the last byte, before the stream's end is known", async () => {
    const facts = {
      provider: "claude",
      gen_ai_provider: "anthropic",
      operation: "chat",
      request_model: "fast",
      model: "claude-x",
      response_model: "claude-x-1",
      response_id: "msg_1",
      input_tokens: "130",
      cached_tokens: "100",
      cache_write_tokens: "20",
      output_tokens: "12",
      tokens: "142",
      cost: "0.000142",
      cost_micros: "142",
      currency: "EUR",
    };
    const { host, plugin } = await start({
      provider: { type: "claude", apiTokens: ["k"], modelMapping: { fast: "claude-x" } },
      currency: "EUR",
      prices: [{ models: ["*"], input: 1, output: 1, cachedInput: 1, cacheWrite: 1 }],
      filterState: [...Object.keys(facts), "error", "overhead_us", "time_to_first_token", "reasoning_tokens", "session"],
    });
    const state = (exchange: Exchange) => {
      const names = [...exchange.filterState.keys()].filter((name) => /^wasm\.ai_(?!log$)/.test(name)).map((name) => name.slice(5));
      return Object.fromEntries(names.map((name) => [name.slice(3), exchange.stateText(name)]));
    };
    const exchange = plugin.exchange(chat("any", { model: "fast", messages: [{ role: "user", content: "hi" }] }));
    expect(state(exchange)).toEqual({
      provider: "claude",
      gen_ai_provider: "anthropic",
      operation: "chat",
      request_model: "fast",
      model: "claude-x",
    });
    const usage = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 20, output_tokens: 12 };
    const message = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-x-1",
      content: [{ type: "text", text: "hi" }],
      usage,
    };
    exchange.respond({ headers: json, chunks: [JSON.stringify({ ...message, stop_reason: "end_turn" })] });
    const { overhead_us: overhead, ...atEnd } = state(exchange);
    expect(overhead).toMatch(/^\d+$/);
    expect(atEnd).toEqual(facts);
    exchange.finish();
    const { overhead_us: after, ...others } = state(exchange);
    expect([others, after]).toEqual([facts, overhead]);
    expect(host.violations).toEqual([]);
  });

  it("names an error as OpenTelemetry wants it, also of a request that is refused", async () => {
    const { plugin } = await start({ filterState: ["error", "provider"] });
    const error = (exchange: Exchange) => [exchange.stateText("ai_error"), exchange.stateText("ai_provider")];
    expect(error(plugin.exchange(chat("k", {}, { body: "{" })))).toEqual(["invalid_json", "openai"]);
    const failed = plugin.exchange(chat("k"));
    failed.respond({ status: 403, headers: json, chunks: ['{"error":{"message":"no"}}'] });
    expect(error(failed)).toEqual(["403", "openai"]);
    const left = plugin.exchange(chat("k", { stream: true }));
    left.respond({ headers: { "content-type": "text/event-stream" }, chunks: SSE, complete: false });
    left.finish();
    expect(error(left)).toEqual(["aborted", "openai"]);
    const good = plugin.exchange(chat("k"));
    good.respond({ headers: json, chunks: [RESPONSE] });
    good.finish();
    expect(error(good)).toEqual([null, "openai"]);
  });

  it("refuses a fact that does not exist", async () => {
    const host = await loadPlugin();
    const plugin = host.configure(JSON.stringify({ provider, filterState: ["model", "prompt"] }));
    expect(plugin.ok).toBe(false);
    expect(JSON.stringify(plugin.logs)).toMatch(/filterState\/1.*unknown value.*prompt.*known are consumer, token, model, route, tokens/);
  });
});

describe("a refusal of Envoy's rate limit filter", () => {
  const limit = (first: string) => ({ "x-ratelimit-limit": `${first}, 60;w=60;name="requests", 5000;w=86400;name="day-tokens"` });
  const refuse = (exchange: Exchange, headers: Record<string, string> = {}, local = "request_rate_limited", status = 429) =>
    exchange.respond({ status, headers: { ...json, ...headers }, chunks: ['{"error":{}}'], local });

  it.each([
    ["60", "requests"],
    ["5000", "tokens"],
    ["7", "requests"],
    ["", "requests"],
  ])("tells which of its limits it was: %s is of %s", async (first, type) => {
    const { plugin } = await start({ consumers });
    const client = refuse(plugin.exchange(chat("gw-a1")), { ...limit(first), "x-ratelimit-reset": "17" });
    expect(client.status).toBe(429);
    expect(client.headers["retry-after"]).toBe("17");
    expect(client.json()).toMatchObject({ error: { type, code: "rate_limit_exceeded" } });
  });

  it("comes without Retry-After when Envoy tells no time, and in the shape of the client's API", async () => {
    const { plugin } = await start({ provider: { type: "claude", apiTokens: ["k"] } });
    const client = refuse(plugin.exchange(chat("any", { max_tokens: 5 }, { path: "/v1/messages" })));
    expect(client.headers).not.toHaveProperty("retry-after");
    expect(client.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
  });

  it("gives back what the plugin's own limits took", async () => {
    const { plugin } = await start({ consumers, limits: [{ requestsPerDay: 1, tokensPerDay: 1_000 }] });
    const refused = plugin.exchange(chat("gw-a1"));
    refuse(refused);
    refused.finish();
    expect(parseAiLog(refused.stateText("ai_log"))).toMatchObject({ status: 429, error: "rate_limit_exceeded", usage_source: "none" });
    const next = plugin.exchange(chat("gw-a1"));
    expect(next.localReply).toBeNull();
    expect(next.respond({ headers: json, chunks: [RESPONSE] }).headers).toMatchObject({
      "x-ratelimit-remaining-tokens": expect.any(String),
    });
  });

  it("is 503 when the service did not answer", async () => {
    const { plugin } = await start({ consumers });
    const exchange = plugin.exchange(chat("gw-a1"));
    const client = refuse(exchange, {}, "rate_limiter_error", 503);
    exchange.finish();
    expect([client.status, (client.json() as any).error]).toMatchObject([
      503,
      { type: "upstream_error", code: "rate_limiter_unavailable" },
    ]);
    expect(parseAiLog(exchange.stateText("ai_log"))).toMatchObject({ status: 503, error: "rate_limiter_unavailable" });
  });
});
