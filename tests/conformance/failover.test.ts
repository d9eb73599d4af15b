// Which API key a request gets: failover, cooldown, affinity; and that nothing of it costs host calls when it is off.
import { describe, expect, it } from "vitest";
import type { Host, HostOptions } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

type Plugin = ReturnType<Host["configure"]>;

const RESPONSE = JSON.stringify({ id: "c", model: "m", choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
const COOLDOWN_MS = 60_000;
const failover = { enabled: true, failureThreshold: 1, cooldownDuration: COOLDOWN_MS };

interface Reply {
  status?: number;
  headers?: Record<string, string>;
}

/** What each key is answered; keys that are not named get 200. */
type Provider = Record<string, Reply>;

async function start(provider: object, options: HostOptions = {}) {
  const host = await loadPlugin({ logLevel: "trace", ...options });
  const plugin = host.configure(JSON.stringify({ provider: { type: "openai", ...provider } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return { host, plugin };
}

function send(plugin: Plugin, headers: Record<string, string> = {}, path = "/v1/chat/completions") {
  return plugin.exchange({
    method: "POST",
    path,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "ping" }], input: "x" }),
  });
}

const keyOf = (exchange: ReturnType<typeof send>) => exchange.upstream!.headers.authorization.replace("Bearer ", "");

/** One call; returns the key that it used. */
function call(plugin: Plugin, provider: Provider = {}, headers: Record<string, string> = {}, path?: string): string {
  const exchange = send(plugin, headers, path);
  const key = keyOf(exchange);
  const { status = 200, headers: extra = {} } = provider[key] ?? {};
  exchange.respond({ status, headers: { "content-type": "application/json", ...extra }, chunks: [status < 300 ? RESPONSE : "{}"] });
  exchange.finish();
  return key;
}

function calls(count: number, plugin: Plugin, provider: Provider = {}, headers: Record<string, string> = {}): Record<string, number> {
  const seen: Record<string, number> = {};
  for (let n = 0; n < count; n++) {
    const key = call(plugin, provider, headers);
    seen[key] = (seen[key] ?? 0) + 1;
  }
  return seen;
}

describe("an error of the provider under status 200", () => {
  const EVENTS = { "content-type": "text/event-stream" };
  const JSON_TYPE = { "content-type": "application/json" };
  const GOOD = `data: ${JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, delta: { content: "hi" } }] })}\n\n`;
  /** How often the key `bad` is used of sixty times when it is answered so and the other one well. */
  async function uses(provider: object, headers: Record<string, string>, body: string, stream: boolean): Promise<number> {
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover, ...provider });
    let bad = 0;
    for (let n = 0; n < 60; n++) {
      const exchange = plugin.exchange({
        method: "POST",
        path: "/v1/chat/completions",
        headers: JSON_TYPE,
        body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "ping" }] }),
      });
      const used = exchange.upstream!.headers;
      const isBad = `${used.authorization} ${used["x-api-key"]} ${used["x-goog-api-key"]}`.includes("bad");
      if (isBad) bad++;
      if (isBad) exchange.respond({ status: 200, headers, chunks: [body.slice(0, 9), body.slice(9)] });
      else exchange.respond({ status: 200, headers: stream ? EVENTS : JSON_TYPE, chunks: [stream ? GOOD : RESPONSE] });
      exchange.finish();
    }
    expect(host.violations).toEqual([]);
    return bad;
  }
  const event = (data: object, name = "") => `${name && `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
  const error = (fields: object) => ({ error: { message: "no", ...fields } });
  const minimax = (code: number) => ({ base_resp: { status_code: code, status_msg: "no" } });
  const hunyuan = { type: "hunyuan", apiTokens: ["bad", "good"] };

  it.each<[string, object, Record<string, string>, string, boolean]>([
    ["an OpenAI error as first event", {}, EVENTS, event(error({ type: "server_error" })), true],
    ["a whole error with a number (OpenRouter)", {}, JSON_TYPE, JSON.stringify(error({ code: 429 })), false],
    [
      "a key that is not valid, which OpenAI calls an invalid request",
      {},
      JSON_TYPE,
      JSON.stringify(error({ type: "invalid_request_error", code: "invalid_api_key" })),
      false,
    ],
    ["quota in a stream", {}, EVENTS, event(error({ type: "insufficient_quota", code: "insufficient_quota" })), true],
    ["an error after content", {}, EVENTS, GOOD + event(error({ code: "rate_limit_exceeded" })), true],
    ["Gemini's word", {}, JSON_TYPE, JSON.stringify(error({ status: "RESOURCE_EXHAUSTED" })), false],
    ["MiniMax's rate limit", { type: "minimax" }, JSON_TYPE, JSON.stringify({ choices: null, ...minimax(1002) }), false],
    ["MiniMax's refusal of a key in a stream", { type: "minimax" }, EVENTS, event(minimax(1004)), true],
    ["Hunyuan's OpenAI form", hunyuan, JSON_TYPE, JSON.stringify(error({ code: "429" })), false],
    [
      "Claude's event, translated",
      { type: "claude" },
      EVENTS,
      event({ type: "error", error: { type: "overloaded_error", message: "x" } }, "error"),
      true,
    ],
    [
      "a whole error where Claude's answer should be",
      { type: "claude" },
      JSON_TYPE,
      JSON.stringify({ type: "error", ...error({ type: "rate_limit_error" }) }),
      false,
    ],
    ["Gemini's error event, translated", { type: "gemini" }, EVENTS, event(error({ code: 429, status: "RESOURCE_EXHAUSTED" })), true],
    [
      "an error in an answer that is rewritten",
      { promoteThinkingOnEmpty: true },
      JSON_TYPE,
      JSON.stringify(error({ code: "rate_limit_exceeded" })),
      false,
    ],
  ])("counts against the key: %s", async (_name, provider, headers, body, stream) => {
    expect(await uses(provider, headers, body, stream)).toBe(1);
  });

  it.each<[string, object, Record<string, string>, string, boolean]>([
    ["an invalid request", {}, EVENTS, event(error({ type: "invalid_request_error", code: "context_length_exceeded" })), true],
    ["a number below 401", {}, JSON_TYPE, JSON.stringify(error({ code: 400 })), false],
    ["no error at all", {}, JSON_TYPE, '{"error":null,"base_resp":{"status_code":0},"choices":[]}', false],
    ["MiniMax's word for bad parameters", { type: "minimax" }, JSON_TYPE, JSON.stringify(minimax(2013)), false],
    ["a stream that breaks off", { type: "claude" }, EVENTS, event({ type: "message_start", message: {} }, "message_start"), true],
    ["what is no answer at all", { type: "claude" }, JSON_TYPE, "<html>", false],
    ["an error without a word", {}, EVENTS, event(error({})), true],
    ["an error that is a string (Ollama)", {}, JSON_TYPE, '{"error":"out of memory"}', false],
    [
      "a failed response with a word that nobody knows",
      {},
      JSON_TYPE,
      JSON.stringify({ status: "failed", ...error({ code: "odd_word" }) }),
      false,
    ],
    [
      "the same in a stream",
      {},
      EVENTS,
      event({ type: "response.failed", response: { status: "failed", ...error({ code: "odd_word" }) } }),
      true,
    ],
    ["moderation (OpenRouter)", {}, JSON_TYPE, JSON.stringify(error({ code: 403 })), false],
    ["an error of another gateway's own", {}, EVENTS, event(error({ type: "upstream_error" })), true],
  ])("does not: %s", async (_name, provider, headers, body, stream) => {
    expect(await uses(provider, headers, body, stream)).toBeGreaterThan(10);
  });

  it("counts up to the threshold: status 200 itself is no success", async () => {
    const body = JSON.stringify(error({ code: 503 }));
    expect(await uses({ failover: { ...failover, failureThreshold: 3 } }, JSON_TYPE, body, false)).toBe(3);
  });

  it("reaches the client of a translated API as an error with the status that it deserves", async () => {
    const { plugin } = await start({ type: "claude", apiTokens: ["k"] });
    const exchange = send(plugin);
    const response = exchange.respond({
      status: 200,
      headers: JSON_TYPE,
      chunks: [JSON.stringify({ type: "error", ...error({ type: "rate_limit_error" }) })],
    });
    expect(response.status).toBe(429);
    expect(JSON.parse(response.text).error).toMatchObject({ message: "no", type: "rate_limit_error" });
  });
});

describe("failover", () => {
  it.each([401, 402, 408, 429, 500, 502, 503, 504, 529])("takes a key that is answered %i out of use for the cooldown", async (status) => {
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover });
    const provider = { bad: { status } };
    expect(calls(60, plugin, provider).bad).toBe(1);
    host.clock.advance!(COOLDOWN_MS - 1);
    expect(calls(20, plugin, provider).bad).toBeUndefined();
    host.clock.advance!(1);
    expect(calls(60, plugin, provider).bad).toBe(1);
    expect(host.violations).toEqual([]);
  });

  it.each([400, 403, 404, 405, 413, 415, 422, 301, 304, 418])(
    "does not hold %i against a key, whatever the expression says",
    async (status) => {
      const failoverOnStatus = status < 400 || status === 418 || status === 403 ? undefined : ["4.*"];
      const { plugin } = await start({ apiTokens: ["bad", "good"], failover: { ...failover, failoverOnStatus } });
      expect(calls(60, plugin, { bad: { status } }).bad).toBeGreaterThan(10);
    },
  );

  const errorOf = (fields: object) => JSON.stringify({ error: { message: "no", ...fields } });
  interface Refused {
    status: number;
    body?: string;
    type?: string;
    path?: string;
    method?: string;
    provider?: object;
    sent?: Record<string, string>;
  }
  /** How often the key `bad` is used of sixty times when it alone is refused so. */
  async function usesOf(refused: Refused): Promise<number> {
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover, ...refused.provider });
    let bad = 0;
    for (let n = 0; n < 60; n++) {
      const method = refused.method ?? "POST";
      const exchange = plugin.exchange({
        method,
        path: refused.path ?? "/v1/chat/completions",
        headers: { "content-type": "application/json", ...refused.sent },
        body: method === "GET" ? null : JSON.stringify({ model: "m", messages: [{ role: "user", content: "ping" }], input: "x" }),
      });
      const isBad = JSON.stringify(exchange.upstream!.headers).includes("bad");
      const headers = { "content-type": "application/json", ...(refused.type ? { "x-amzn-errortype": refused.type } : {}) };
      if (isBad) bad++;
      if (isBad) exchange.respond({ status: refused.status, headers, chunks: [refused.body ?? "{}"] });
      else exchange.respond({ headers, chunks: [RESPONSE] });
      exchange.finish();
    }
    expect(host.violations).toEqual([]);
    return bad;
  }
  const denied = { status: 403, body: errorOf({ type: "permission_error" }) };
  const forwardHeaders = ["openai-project"];

  it.each<[string, Refused]>([
    ["an API that the key may not use", denied],
    ["the same, in Google's words", { status: 403, body: errorOf({ code: 403, status: "PERMISSION_DENIED" }) }],
    ["the same, translated", { ...denied, provider: { type: "claude" } }],
    ["a web application firewall", { status: 403, body: "<html>" }],
    ["a scope that a restricted key lacks", { status: 401, body: errorOf({ type: "invalid_request_error", code: "missing_scope" }) }],
    ["a model that the project lacks", { status: 403, body: errorOf({ type: "invalid_request_error", code: "model_not_found" }) }],
    ["an API without a model, and no word of a key", { status: 401, path: "/v1/files", method: "GET" }],
    ["an unknown API, and no word of a key", { status: 401, path: "/v1/organization/users", method: "GET" }],
    ["a project that the client names", { status: 401, provider: { forwardHeaders }, sent: { "openai-project": "p" } }],
    [
      "the same, as a bad key",
      { status: 401, body: errorOf({ code: "invalid_api_key" }), provider: { forwardHeaders }, sent: { "openai-project": "p" } },
    ],
    ["a request that came too slowly", { status: 408, path: "/v1/unknown" }],
    ["a bad request", { status: 400, body: errorOf({ type: "invalid_request_error" }) }],
    ["AWS's refusal of a model", { status: 403, type: "AccessDeniedException" }],
  ])("does not hold against a key what a client can provoke: %s", async (_name, refused) => {
    expect(await usesOf(refused)).toBeGreaterThan(10);
  });

  it.each<[string, Refused]>([
    ["401 without a word", { status: 401 }],
    ["401 that is no JSON", { status: 401, body: "Unauthorized" }],
    ["401 in DeepSeek's words", { status: 401, body: errorOf({ type: "authentication_error", code: "invalid_request_error" }) }],
    ["402", { status: 402 }],
    ["403 for a key that is not valid", { status: 403, body: errorOf({ code: "invalid_api_key" }) }],
    ["403 for an account without credit (Alibaba)", { status: 403, body: errorOf({ code: "AllocationQuota.FreeTierOnly" }) }],
    ["403 in AWS's words", { status: 403, type: "UnrecognizedClientException" }],
    [
      "403, translated",
      { status: 403, body: JSON.stringify({ type: "error", error: { type: "authentication_error" } }), provider: { type: "claude" } },
    ],
    [
      "400 for a key that is not valid (Google)",
      {
        status: 400,
        provider: { type: "gemini" },
        body: errorOf({
          code: 400,
          status: "INVALID_ARGUMENT",
          details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }],
        }),
      },
    ],
    ["400 for an account in arrears (Alibaba)", { status: 400, body: errorOf({ code: "Arrearage" }) }],
    [
      "401 on an API without a model that names the key",
      { status: 401, path: "/v1/files", method: "GET", body: errorOf({ code: "invalid_api_key" }) },
    ],
    ["403 that the operator names", { ...denied, provider: { failover: { ...failover, failoverOnStatus: ["403"] } } }],
  ])("holds against a key what is its fault: %s", async (_name, refused) => {
    expect(await usesOf(refused)).toBe(1);
  });

  it("holds a status against a key that is named as a number", async () => {
    const { plugin } = await start({ apiTokens: ["bad", "good"], failover: { ...failover, failoverOnStatus: ["400"] } });
    expect(calls(60, plugin, { bad: { status: 400 } }).bad).toBe(1);
  });

  it("matches an expression with the whole status", async () => {
    const { plugin } = await start({ apiTokens: ["bad", "good"], failover: { ...failover, failoverOnStatus: ["50", "0."] } });
    expect(calls(60, plugin, { bad: { status: 503 } }).bad).toBeGreaterThan(10);
  });

  it("refuses an expression that cannot be compiled", async () => {
    const host = await loadPlugin();
    const bad = { type: "openai", apiTokens: ["a"], failover: { ...failover, failoverOnStatus: ["401", "5[*"] } };
    const plugin = host.configure(JSON.stringify({ provider: bad }));
    expect(plugin.ok).toBe(false);
    expect(plugin.logs.map((line) => line.text).join()).toContain("/provider/failover/failoverOnStatus/1");
  });

  it("waits for failureThreshold failures in a row", async () => {
    const { plugin } = await start({ apiTokens: ["bad", "good"], failover: { ...failover, failureThreshold: 3 } });
    expect(calls(100, plugin, { bad: { status: 500 } }).bad).toBe(3);
  });

  it("starts to count anew after a success", async () => {
    const { plugin } = await start({ apiTokens: ["shaky", "good"], failover: { ...failover, failureThreshold: 3 } });
    let turn = 0;
    let shaky = 0;
    for (let n = 0; n < 200; n++) {
      const key = call(plugin, { shaky: { status: turn % 3 === 2 ? 200 : 500 } });
      if (key !== "shaky") continue;
      turn++;
      shaky++;
    }
    expect(shaky).toBeGreaterThan(60);
  });

  it("takes a key that comes back and fails out again at once, and clears it after one success", async () => {
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover: { ...failover, failureThreshold: 3 } });
    calls(100, plugin, { bad: { status: 500 } });
    host.clock.advance!(COOLDOWN_MS);
    expect(calls(100, plugin, { bad: { status: 500 } }).bad).toBe(1);
    host.clock.advance!(COOLDOWN_MS);
    expect(calls(20, plugin).bad).toBeGreaterThan(1);
    expect(calls(100, plugin, { bad: { status: 500 } }).bad).toBe(3);
  });

  it.each([
    [429, "120", 120_000],
    [503, "120", 120_000],
    [429, "10", COOLDOWN_MS],
    [500, "120", COOLDOWN_MS],
    [429, "999999", 3_600_000],
    [429, "soon", COOLDOWN_MS],
    [429, "-5", COOLDOWN_MS],
  ])("after %i with Retry-After %s leaves a key out for %i ms", async (status, seconds, restMs) => {
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover });
    const provider = { bad: { status, headers: { "retry-after": seconds } } };
    expect(calls(60, plugin, provider).bad).toBe(1);
    host.clock.advance!(restMs - 1);
    expect(calls(30, plugin).bad).toBeUndefined();
    host.clock.advance!(1);
    expect(calls(30, plugin).bad).toBeGreaterThan(1);
  });

  it("believes Retry-After below the threshold, too", async () => {
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover: { ...failover, failureThreshold: 3 } });
    const provider = { bad: { status: 429, headers: { "retry-after": "5" } } };
    expect(calls(60, plugin, provider).bad).toBe(1);
    host.clock.advance!(5000);
    expect(calls(60, plugin, provider).bad).toBe(1);
  });

  it("uses the key that comes back first when all are out", async () => {
    const { host, plugin } = await start({ apiTokens: ["a", "b", "c"], failover });
    const provider = {
      a: { status: 429, headers: { "retry-after": "300" } },
      b: { status: 401 },
      c: { status: 503, headers: { "retry-after": "90" } },
    };
    calls(20, plugin, provider);
    expect(calls(20, plugin, provider)).toEqual({ b: 20 });
    host.clock.advance!(COOLDOWN_MS);
    call(plugin, provider);
    // b is out until 120 s now, c until 90 s.
    expect(calls(20, plugin, { ...provider, c: { status: 503 } })).toEqual({ c: 20 });
    // A longer wait counts even so: c until 150 s.
    call(plugin, provider);
    expect(calls(20, plugin, provider)).toEqual({ b: 20 });
  });

  it("brings a key back that serves although all are out", async () => {
    const { plugin } = await start({ apiTokens: ["a", "b"], failover });
    calls(10, plugin, { a: { status: 500 }, b: { status: 500 } });
    const first = call(plugin);
    expect(calls(20, plugin)).toEqual({ [first]: 20 });
  });

  it("is not fooled by a request that was under way when its key was taken out", async () => {
    const { host, plugin } = await start({ apiTokens: ["a", "b"], failover });
    const slow = send(plugin);
    const key = keyOf(slow);
    host.clock.advance!(1000);
    calls(30, plugin, { [key]: { status: 429 } });
    slow.respond({ headers: { "content-type": "application/json" }, chunks: [RESPONSE] });
    slow.finish();
    expect(calls(30, plugin)[key]).toBeUndefined();
  });

  it("does not hold against a key that Envoy could not reach the provider", async () => {
    const { host, plugin } = await start({ apiTokens: ["a", "b"], failover });
    for (let n = 0; n < 20; n++) {
      const exchange = send(plugin);
      exchange.respond({ status: 503, local: "upstream_reset_before_response_started{connection_failure}", chunks: ["x"] });
      exchange.finish();
    }
    expect(Object.keys(calls(40, plugin))).toHaveLength(2);
    expect(host.violations).toEqual([]);
  });

  it("doubles the cooldown from healthCheckInterval when there is no cooldownDuration", async () => {
    const probed = { enabled: true, failureThreshold: 1, healthCheckModel: "m", healthCheckInterval: 1000, successThreshold: 2 };
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover: probed });
    const provider = { bad: { status: 401 } };
    for (const restMs of [2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 128_000]) {
      expect(calls(60, plugin, provider).bad).toBe(1);
      host.clock.advance!(restMs - 1);
      expect(calls(20, plugin, provider).bad).toBeUndefined();
      host.clock.advance!(1);
    }
  });

  it("is shared by the VMs of a process and survives a new configuration", async () => {
    const provider = { apiTokens: ["bad", "good"], failover: { ...failover, failureThreshold: 2 } };
    const first = await start(provider);
    const options = { sharedData: first.host.sharedData, clock: first.host.clock };
    const second = await start(provider, options);
    const bad = { bad: { status: 401 } };
    let seen = 0;
    for (let n = 0; n < 80; n++) if (call(n % 2 ? first.plugin : second.plugin, bad) === "bad") seen++;
    expect(seen).toBe(2);
    first.plugin.stop();
    const again = first.host.configure(JSON.stringify({ provider: { type: "openai", ...provider, apiTokens: ["new", "bad", "good"] } }));
    expect(calls(60, again, bad).bad).toBeUndefined();
    const third = await start(provider, options);
    expect(calls(60, third.plugin, bad).bad).toBeUndefined();
  });

  it("keeps apart the same key at two hosts", async () => {
    const first = await start({ apiTokens: ["k", "other"], failover });
    const options = { sharedData: first.host.sharedData, clock: first.host.clock };
    const second = await start({ apiTokens: ["k", "other"], failover, openaiCustomUrl: "https://llm.test/v1" }, options);
    calls(30, first.plugin, { k: { status: 401 } });
    expect(calls(60, second.plugin).k).toBeGreaterThan(1);
  });

  it("writes no key to shared data or to the log", async () => {
    const { host, plugin } = await start({ id: "main", apiTokens: ["sk-very-secret-1", "sk-very-secret-2"], failover });
    const stored: string[] = [];
    const set = host.sharedData.set.bind(host.sharedData);
    host.sharedData.set = (key, value, cas) => {
      stored.push(key, Buffer.from(value).toString("latin1"));
      return set(key, value, cas);
    };
    calls(30, plugin, { "sk-very-secret-1": { status: 401 } });
    expect(stored.length).toBeGreaterThan(0);
    const lines = host.logs.map((line) => line.text);
    expect(lines).toContain("ai-proxy: token 1 of provider main is out of use for 60 s after status 401");
    expect([...stored, ...lines].join("\n")).not.toContain("sk-very-secret");
  });

  it("loses no count when two workers store at once, and gives up when it cannot", async () => {
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover });
    const set = host.sharedData.set.bind(host.sharedData);
    let conflicts = 9;
    host.sharedData.set = (key, value, cas) => (conflicts-- > 0 ? 8 : set(key, value, cas));
    expect(calls(60, plugin, { bad: { status: 401 } }).bad).toBe(1);
    let tries = 0;
    host.sharedData.set = () => (tries++, 8);
    host.clock.advance!(COOLDOWN_MS);
    calls(60, plugin, { bad: { status: 401 } });
    expect(tries % 10).toBe(0);
    expect(host.traps).toEqual([]);
  });

  it("does not trust what stands in shared data", async () => {
    const { host, plugin } = await start({ apiTokens: ["bad", "good"], failover });
    const keys: string[] = [];
    const get = host.sharedData.get.bind(host.sharedData);
    host.sharedData.get = (key) => {
      keys.push(key);
      return get(key);
    };
    calls(4, plugin);
    for (const bytes of [new Uint8Array(0), new Uint8Array(5), new Uint8Array(24).fill(0xff), new Uint8Array(100).fill(0x7f)]) {
      for (const key of new Set(keys)) host.sharedData.set(key, bytes, 0);
      calls(10, plugin, { bad: { status: 401 } });
    }
    expect(host.traps).toEqual([]);
  });
});

describe("host calls", () => {
  const count = async (provider: object, path?: string) => {
    const { host, plugin } = await start(provider);
    for (let n = 0; n < 3; n++) call(plugin, {}, {}, path);
    host.resetCounts();
    call(plugin, {}, {}, path);
    // A collection, which comes when enough garbage has come together, looks at the clock twice.
    const { proxy_get_current_time_nanoseconds: _clock, ...calls } = host.hostCalls;
    return calls;
  };

  it("are the same with failover off and with none, and two more with it on", async () => {
    const none = await count({ apiTokens: ["a", "b", "c"] });
    expect(await count({ apiTokens: ["a", "b", "c"], failover: { ...failover, enabled: false } })).toEqual(none);
    const on = await count({ apiTokens: ["a", "b", "c"], failover });
    expect(on).toEqual({ ...none, proxy_get_shared_data: 2 });
  });
});

describe("affinity", () => {
  const apiTokens = ["ta", "tb", "tc", "td"];
  const consumers = Array.from({ length: 200 }, (_, n) => `consumer-${n}`);
  const spread = (plugin: Plugin, header: string, path?: string) =>
    new Map(consumers.map((name) => [name, call(plugin, {}, { [header]: name }, path)]));

  it.each([
    ["consumer", "x-mse-consumer"],
    ["header:X-Session-Id", "x-session-id"],
  ])("%s keeps one key for each value, for every API", async (tokenAffinity, header) => {
    const { plugin } = await start({ apiTokens, tokenAffinity });
    const keys = spread(plugin, header);
    expect(spread(plugin, header)).toEqual(keys);
    expect(spread(plugin, header, "/v1/embeddings")).toEqual(keys);
    for (const key of apiTokens) {
      const share = [...keys.values()].filter((one) => one === key).length;
      expect(share).toBeGreaterThan(25);
      expect(share).toBeLessThan(75);
    }
  });

  it("leaves the choice to chance without the header, and for chats by default", async () => {
    for (const provider of [
      { apiTokens, tokenAffinity: "header:x-session-id" },
      { apiTokens, tokenAffinity: "consumer" },
    ]) {
      const { plugin } = await start(provider);
      expect(Object.keys(calls(100, plugin))).toHaveLength(4);
    }
    const { plugin } = await start({ apiTokens });
    expect(Object.keys(calls(100, plugin, {}, { "x-mse-consumer": "alice" }))).toHaveLength(4);
  });

  it("is for consumers of the stateful APIs by default, and for nobody with none", async () => {
    const count = async (provider: object) => {
      const { plugin } = await start(provider);
      return new Set(Array.from({ length: 60 }, () => call(plugin, {}, { "x-mse-consumer": "alice" }, "/v1/responses"))).size;
    };
    expect(await count({ apiTokens })).toBe(1);
    expect(await count({ apiTokens, tokenAffinity: "none" })).toBe(4);
  });

  it("moves only those whose key is out of use, and back when it serves again", async () => {
    const { host, plugin } = await start({ apiTokens, tokenAffinity: "consumer", failover });
    const before = spread(plugin, "x-mse-consumer");
    const [name] = [...before].find(([, key]) => key === "tb")!;
    call(plugin, { tb: { status: 429 } }, { "x-mse-consumer": name });
    const during = spread(plugin, "x-mse-consumer");
    const moved = consumers.filter((one) => before.get(one) !== during.get(one));
    expect(moved).toEqual(consumers.filter((one) => before.get(one) === "tb"));
    expect(new Set(moved.map((one) => during.get(one))).size).toBe(3);
    host.clock.advance!(COOLDOWN_MS);
    expect(spread(plugin, "x-mse-consumer")).toEqual(before);
  });

  it("moves about one in five when a fifth key comes", async () => {
    const { plugin } = await start({ apiTokens, tokenAffinity: "consumer" });
    const more = await start({ apiTokens: ["te", ...apiTokens], tokenAffinity: "consumer" });
    const before = spread(plugin, "x-mse-consumer");
    const after = spread(more.plugin, "x-mse-consumer");
    const moved = consumers.filter((one) => before.get(one) !== after.get(one));
    expect(moved.every((one) => after.get(one) === "te")).toBe(true);
    expect(moved.length).toBeGreaterThan(20);
    expect(moved.length).toBeLessThan(65);
  });

  it("refuses a value that is none of the three", async () => {
    const host = await loadPlugin();
    for (const tokenAffinity of ["header:", "header:a b", "session", ""]) {
      expect(host.configure(JSON.stringify({ provider: { type: "openai", apiTokens, tokenAffinity } })).ok, tokenAffinity).toBe(false);
    }
  });
});

describe("attempts that Envoy makes at one request", () => {
  const apiTokens = ["ta", "tb", "tc"];
  const json = { "content-type": "application/json" };
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "ping" }] });

  /** Attempts one after another, each with the headers and the filter state that the one before has left, as in Envoy. */
  function* attempts(plugins: Plugin[], status: number, headers: Record<string, string> = {}, path = "/v1/chat/completions") {
    let state: string | null = null;
    let sent: Record<string, string> = { ...json, ...headers };
    let [target, authority] = [path, "gw.test"];
    for (let number = 1; ; number++) {
      const exchange = plugins[(number - 1) % plugins.length].exchange({
        method: "POST",
        path: target,
        authority,
        headers: { ...sent, "x-envoy-attempt-count": String(number) },
        body,
        properties: state === null ? {} : { ai_attempt: state },
      });
      const upstream = exchange.upstream;
      if (upstream === null) {
        yield { status: String(exchange.localReply?.status), code: JSON.parse(exchange.localReply!.text).error.code };
        return;
      }
      yield upstream.headers;
      if (status > 0) exchange.respond({ status, headers: json, chunks: ["{}"] });
      else exchange.failUpstream();
      exchange.finish();
      state = exchange.stateText("ai_attempt");
      ({ ":path": target, ":authority": authority } = upstream.headers);
      sent = Object.fromEntries(Object.entries(upstream.headers).filter(([name]) => !name.startsWith(":") && name !== "content-length"));
    }
  }

  const take = (count: number, iterator: Generator<Record<string, string>>) => Array.from({ length: count }, () => iterator.next().value!);

  it.each<[string, object, Record<string, string>, number]>([
    ["without failover", {}, {}, 500],
    ["with failover below the threshold", { failover: { ...failover, failureThreshold: 999 } }, {}, 500],
    ["with failover", { failover }, {}, 429],
    ["with affinity", { tokenAffinity: "consumer" }, { "x-mse-consumer": "alice" }, 503],
    ["when no answer came", {}, {}, 0],
  ])("never use a key twice, %s", async (_name, provider, headers, status) => {
    const { host, plugin } = await start({ apiTokens, ...provider });
    for (let n = 0; n < 30; n++) {
      // One attempt more than there are keys.
      const seen = take(4, attempts([plugin], status, headers));
      expect(new Set(seen.slice(0, 3).map((sent) => sent.authorization)).size).toBe(3);
      expect(seen[3]).toEqual({ status: "503", code: "no_token_left" });
    }
    expect(host.violations).toEqual([]);
  });

  it("use a provider's only key as often as Envoy tries", async () => {
    const { plugin } = await start({ apiTokens: ["only"] });
    expect(take(3, attempts([plugin], 500)).map((sent) => sent.authorization)).toEqual(Array(3).fill("Bearer only"));
  });

  it("start from the client's own request at each provider, with that provider's key alone", async () => {
    const { host, plugin: claude } = await start({ type: "claude", apiTokens: ["ck"] });
    const configure = (provider: object) => host.configure(JSON.stringify({ provider }));
    const gemini = configure({ type: "gemini", apiTokens: ["gk"] });
    const openai = configure({ type: "openai", apiTokens: ["ok"], providerDomain: "llm.test" });
    const own = configure({ type: "generic" });
    const caller = { authorization: "Bearer caller", "x-api-key": "caller-2" };
    const seen = take(8, attempts([claude, gemini, openai, own], 500, caller, "/v1/chat/completions?x=1"));
    expect(seen.map((one) => one[":path"])).toEqual([
      "/v1/messages",
      "/v1beta/models/m:generateContent",
      "/v1/chat/completions?x=1",
      "/v1/chat/completions?x=1",
      "/v1/messages",
      "/v1beta/models/m:generateContent",
      "/v1/chat/completions?x=1",
      "/v1/chat/completions?x=1",
    ]);
    expect(seen.map((one) => one[":authority"]).slice(0, 4)).toEqual([
      "api.anthropic.com",
      "generativelanguage.googleapis.com",
      "llm.test",
      "gw.test",
    ]);
    const credentials = seen.map((one) => [one.authorization, one["x-api-key"], one["x-goog-api-key"], one["anthropic-version"]]);
    const first = [
      [undefined, "ck", undefined, "2023-06-01"],
      [undefined, undefined, "gk", undefined],
      ["Bearer ok", undefined, undefined, undefined],
      [undefined, undefined, undefined, undefined],
    ];
    expect(credentials).toEqual([...first, ...first]);
    expect(host.violations).toEqual([]);
  });

  it("keep the caller's own key as long as no other was put in its place", async () => {
    const { plugin } = await start({ type: "generic" });
    const seen = take(3, attempts([plugin], 500, { authorization: "Bearer caller" }));
    expect(seen.map((one) => one.authorization)).toEqual(Array(3).fill("Bearer caller"));
  });

  it("know the consumer, whose name the attempts before have taken out of the request", async () => {
    const { plugin } = await start({ apiTokens });
    const send = (headers: Record<string, string>, properties: Record<string, string>) => {
      const exchange = plugin.exchange({
        method: "POST",
        path: "/v1/chat/completions",
        headers: { ...json, ...headers },
        body,
        properties,
      });
      exchange.respond({ status: 500, headers: json, chunks: ["{}"] });
      exchange.finish();
      expect(exchange.upstream?.headers).not.toHaveProperty("x-mse-consumer");
      expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({ consumer: "alice" });
      return { ai_attempt: exchange.stateText("ai_attempt")! };
    };
    const first = send({ "x-envoy-attempt-count": "1", "x-mse-consumer": "alice" }, {});
    send({ "x-envoy-attempt-count": "3" }, send({ "x-envoy-attempt-count": "2" }, first));
  });

  it("are not confused by a client that numbers its requests itself, or by a state that makes no sense", async () => {
    const { host, plugin } = await start({ apiTokens });
    for (const ai_attempt of [undefined, "", "\n", "/x", "\n\n\n\n\n\n", "/p\nh\n99999999999999999\n-1\n5", "a\nb\nc\n0\n0\n0"]) {
      const properties: Record<string, string> = ai_attempt === undefined ? {} : { ai_attempt };
      const headers = { ...json, "x-envoy-attempt-count": "7" };
      const exchange = plugin.exchange({ method: "POST", path: "/v1/chat/completions", headers, body, properties });
      if (exchange.upstream) exchange.respond({ headers: json, chunks: [RESPONSE] });
      exchange.finish();
    }
    expect(host.traps).toEqual([]);
  });
});
