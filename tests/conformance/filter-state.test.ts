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
