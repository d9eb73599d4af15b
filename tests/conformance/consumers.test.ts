// Access control by API key: who is let in, what is answered to others, and that no consumer's key leaves the gateway.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RequestInit } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

const KEY = "gw-key-of-alice-1";
const OTHER = "gw-key-of-alice-2";
const BOB = "gw-key-of-bob/+=";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
// The name is shown upstream so that the tests see it there.
const forwardHeaders = ["X-Mse-Consumer"];
const provider = { type: "openai", apiTokens: ["sk-provider"], forwardHeaders };
const consumers = [
  { name: "alice", credential: KEY, credentials: [OTHER] },
  { name: "bob", credential: `sha256:${sha256(BOB).toUpperCase()}` },
];

async function start(config: object) {
  const host = await loadPlugin({ logLevel: "trace" });
  const plugin = host.configure(JSON.stringify(config));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return { host, plugin };
}

const chat = (headers: Record<string, string> | [string, string][] = {}, init: RequestInit = {}): RequestInit => ({
  path: "/v1/chat/completions",
  headers: [["content-type", "application/json"], ...(Array.isArray(headers) ? headers : Object.entries(headers))],
  body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
  ...init,
});
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const response = {
  headers: { "content-type": "application/json" },
  chunks: [JSON.stringify({ id: "c", model: "m", choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } })],
};

/** Everything of an upstream request as one text. */
function all(upstream: { headerList: [string, string][]; text: string } | null): string {
  return JSON.stringify(upstream?.headerList) + upstream?.text;
}

describe("without consumers", () => {
  it("nothing is asked for and the header of an outer plugin counts", async () => {
    const { plugin } = await start({ provider });
    const exchange = plugin.exchange(chat({ "x-mse-consumer": "outer" }));
    expect(exchange.upstream?.headers["x-mse-consumer"]).toBe("outer");
    exchange.respond(response);
    expect(JSON.parse(exchange.finish().stateText("ai_log")!)).toMatchObject({ consumer: "outer" });
  });

  it("allow goes by the outer plugin's header, if that is trusted", async () => {
    const rule = { _match_route_: ["r0"], provider, allow: ["alice"] };
    const { plugin } = await start({ _rules_: [rule] });
    const status = (headers: Record<string, string>) =>
      plugin.exchange({ ...chat(headers), properties: { route_name: "r0" } }).localReply?.status ?? 0;
    expect([status({ "x-mse-consumer": "alice" }), status({ "x-mse-consumer": "bob" }), status({})]).toEqual([0, 403, 401]);
    const distrusting = await start({ trustConsumerHeader: false, _rules_: [rule] });
    const exchange = distrusting.plugin.exchange({ ...chat({ "x-mse-consumer": "alice" }), properties: { route_name: "r0" } });
    expect(exchange.localReply?.status).toBe(401);
  });
});

describe("a consumer's key", () => {
  const places: [string, RequestInit][] = [
    ["as a bearer token", chat(bearer(KEY))],
    ["as a bearer token in small letters", chat({ authorization: `bearer  ${KEY}` })],
    ["bare in authorization", chat({ authorization: KEY })],
    ["in x-api-key", chat({ "x-api-key": KEY })],
    ["in api-key", chat({ "api-key": KEY })],
    ["in x-goog-api-key", chat({ "x-goog-api-key": KEY })],
    ["in the query", chat({}, { path: `/v1/chat/completions?a=1&x-api-key=${KEY}&b=2` })],
    ["in the query alone", chat({}, { path: `/v1/chat/completions?api-key=${KEY}` })],
    ["its second key", chat(bearer(OTHER))],
    ["beside a wrong one", chat({ authorization: "Bearer nonsense", "x-api-key": KEY })],
    ["in header and query", chat(bearer(KEY), { path: `/v1/chat/completions?x-api-key=${KEY}` })],
  ];

  it.each(places)("is found %s and goes no further", async (_name, request) => {
    const { host, plugin } = await start({ provider, consumers });
    const exchange = plugin.exchange(request);
    const { upstream } = exchange;
    expect(upstream).not.toBeNull();
    expect(upstream?.headers).toMatchObject({ authorization: "Bearer sk-provider", "x-mse-consumer": "alice" });
    expect(all(upstream)).not.toContain("gw-key");
    expect(upstream?.path).toBe(request.path?.includes("a=1") ? "/v1/chat/completions?a=1&b=2" : "/v1/chat/completions");
    exchange.respond(response);
    exchange.finish();
    expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({ consumer: "alice", total_token: 3 });
    expect(host.violations).toEqual([]);
  });

  it("may be configured as its hash, and may be percent-encoded in the query", async () => {
    const { plugin } = await start({ provider, consumers });
    const inHeader = plugin.exchange(chat(bearer(BOB)));
    const inQuery = plugin.exchange(chat({}, { path: `/v1/chat/completions?api-key=${encodeURIComponent(BOB)}` }));
    for (const exchange of [inHeader, inQuery]) {
      expect(exchange.upstream?.headers["x-mse-consumer"]).toBe("bob");
      expect(all(exchange.upstream)).not.toContain("bob/");
    }
    // The hash itself is no key.
    expect(plugin.exchange(chat(bearer(`sha256:${sha256(BOB)}`))).localReply?.status).toBe(401);
    expect(plugin.exchange(chat(bearer(sha256(BOB)))).localReply?.status).toBe(401);
  });

  it("may have names of its own, which others' keys may not use", async () => {
    const own = [...consumers, { name: "carol", credential: "gw-key-of-carol", keys: ["X-Gateway-Key"], in_query: false }];
    const { plugin } = await start({ provider, consumers: own });
    const right = plugin.exchange(chat({ "x-gateway-key": "gw-key-of-carol" }));
    expect(right.upstream?.headers["x-mse-consumer"]).toBe("carol");
    expect(all(right.upstream)).not.toContain("gw-key");
    expect(plugin.exchange(chat(bearer("gw-key-of-carol"))).localReply?.status).toBe(401);
    expect(plugin.exchange(chat({ "x-gateway-key": KEY })).localReply?.status).toBe(401);
    const inQuery = plugin.exchange(chat({}, { path: "/v1/chat/completions?X-Gateway-Key=gw-key-of-carol" }));
    expect(inQuery.localReply?.status).toBe(401);
  });

  it("is looked for only where the configuration says", async () => {
    const { plugin } = await start({ provider, consumers, keys: ["apikey"], in_header: false });
    expect(plugin.exchange(chat({}, { path: `/v1/chat/completions?apikey=${KEY}` })).upstream?.path).toBe("/v1/chat/completions");
    expect(plugin.exchange(chat({ apikey: KEY })).localReply?.status).toBe(401);
    expect(plugin.exchange(chat(bearer(KEY))).localReply?.status).toBe(401);
  });

  it("is never taken for the caller's own provider key", async () => {
    const { plugin } = await start({ provider: { type: "openai", forwardHeaders }, consumers });
    const both = plugin.exchange(chat({ "x-api-key": KEY, authorization: "Bearer sk-own" }));
    expect(both.upstream?.headers.authorization).toBe("Bearer sk-own");
    expect(all(both.upstream)).not.toContain("gw-key");
    const alone = plugin.exchange(chat(bearer(KEY)));
    expect(alone.upstream?.headers.authorization).toBeUndefined();
    expect(all(alone.upstream)).not.toContain("gw-key");
  });

  it("is in no log line, metric or log field", async () => {
    const { host, plugin } = await start({ provider, consumers });
    for (const request of [chat(bearer(KEY)), chat(bearer("gw-key-wrong")), chat({}, { path: `/v1/models?api-key=${KEY}` })]) {
      const exchange = plugin.exchange(request);
      if (exchange.localReply === null) exchange.respond(response);
      exchange.finish();
      expect(exchange.client.text + JSON.stringify(exchange.client.headers)).not.toContain("gw-key");
      expect([...exchange.filterState.values()].map((value) => Buffer.from(value).toString()).join()).not.toContain("gw-key");
    }
    expect(JSON.stringify(host.logs) + JSON.stringify(host.metrics)).not.toContain("gw-key");
  });
});

describe("a name that the client claims", () => {
  it("is not told a provider, nor is the verified one, unless forwardHeaders says so", async () => {
    const { forwardHeaders: _, ...silent } = provider;
    for (const config of [{ provider: silent }, { provider: silent, consumers }, { provider: silent, consumers, global_auth: false }]) {
      const { plugin } = await start(config);
      const exchange = plugin.exchange(chat({ "x-mse-consumer": "admin", ...bearer(KEY) }));
      expect(exchange.upstream?.headers).not.toHaveProperty("x-mse-consumer");
      exchange.respond(response);
      const consumer = "consumers" in config ? "alice" : "admin";
      expect(JSON.parse(exchange.finish().stateText("ai_log")!)).toMatchObject({ consumer });
    }
  });

  it("is replaced by the verified one, however often it was sent", async () => {
    const { plugin } = await start({ provider, consumers });
    const claim: [string, string][] = [
      ["x-mse-consumer", "admin"],
      ["X-Mse-Consumer", "root"],
      ["authorization", `Bearer ${KEY}`],
    ];
    const names = plugin.exchange(chat(claim)).upstream?.headerList.filter(([name]) => name === "x-mse-consumer");
    expect(names).toEqual([["x-mse-consumer", "alice"]]);
  });

  it("is removed where nobody is asked for a key", async () => {
    const { plugin } = await start({ provider, consumers, global_auth: false });
    const exchange = plugin.exchange(chat({ "x-mse-consumer": "admin" }));
    expect(exchange.upstream?.headers).not.toHaveProperty("x-mse-consumer");
    exchange.respond(response);
    expect(JSON.parse(exchange.finish().stateText("ai_log")!)).not.toHaveProperty("consumer");
  });
});

describe("who has no key", () => {
  it.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["a wrong key", { authorization: "Bearer nonsense" }],
    ["an empty key", { authorization: "" }],
    ["far too long a key", { "x-api-key": "x".repeat(5000) }],
    ["a key and more", { authorization: `Bearer ${KEY}x` }],
    ["a part of a key", { authorization: `Bearer ${KEY.slice(0, -1)}` }],
  ])("is answered 401 as OpenAI does: %s", async (_name, headers) => {
    const { host, plugin } = await start({ provider, consumers });
    const exchange = plugin.exchange(chat(headers));
    expect(exchange.upstream).toBeNull();
    const reply = exchange.localReply!;
    expect(reply.status).toBe(401);
    expect(reply.headers).toMatchObject({ "content-type": "application/json", "www-authenticate": 'Bearer realm="ai-gateway"' });
    expect(reply.json()).toMatchObject({ error: { type: "invalid_request_error", code: "invalid_api_key", param: null } });
    exchange.finish();
    expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({ status: 401, error: "invalid_api_key", outcome: "error" });
    expect(host.violations).toEqual([]);
  });

  it("is answered in the shape of the API that was called", async () => {
    const { plugin } = await start({ provider: { type: "claude", apiTokens: ["sk-provider"] }, consumers });
    const messages = plugin.exchange(chat({}, { path: "/v1/messages" })).localReply!;
    expect(messages.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    const gemini = plugin.exchange(chat({}, { path: "/v1beta/models/gemini-2.5-flash:generateContent" })).localReply!;
    expect(gemini.json()).toMatchObject({ error: { code: 401, status: "UNAUTHENTICATED" } });
  });

  it("is refused before the body is there, and for unknown APIs too", async () => {
    const { plugin } = await start({ provider, consumers });
    expect(plugin.exchange(chat({}, { path: "/anything", method: "GET", body: null })).localReply?.status).toBe(401);
    expect(plugin.exchange(chat({}, { requestChunks: ["{", "x"] })).localReply?.status).toBe(401);
  });
});

describe("rules", () => {
  const rules = [
    { _match_route_: ["open"], provider },
    { _match_route_: ["alice-only"], provider, allow: ["alice"] },
    { _match_route_: ["off"] },
  ];
  async function statuses(config: object) {
    const { plugin } = await start({ provider, consumers, _rules_: rules, ...config });
    const status = (route: string, headers: Record<string, string> = {}) =>
      plugin.exchange({ ...chat(headers), properties: { route_name: route } }).localReply?.status ?? 0;
    return {
      open: [status("open"), status("open", bearer("nonsense")), status("open", bearer(BOB))],
      allow: [status("alice-only"), status("alice-only", bearer(BOB)), status("alice-only", bearer(KEY))],
      top: [status("none"), status("none", bearer(BOB))],
      off: [status("off"), status("off", bearer(BOB))],
    };
  }

  it("with allow ask for a key, and the others do not unless global_auth says so", async () => {
    const some = { open: [0, 0, 0], allow: [401, 403, 0], top: [0, 0], off: [0, 0] };
    expect(await statuses({})).toEqual(some);
    expect(await statuses({ global_auth: false })).toEqual(some);
    expect(await statuses({ global_auth: true })).toEqual({
      open: [401, 401, 0],
      allow: [401, 403, 0],
      top: [401, 0],
      off: [401, 0],
    });
  });

  it("that refuse a consumer say so without its name, and log it", async () => {
    const { plugin } = await start({ consumers, _rules_: rules });
    const exchange = plugin.exchange({ ...chat(bearer(BOB)), properties: { route_name: "alice-only" } });
    expect(exchange.localReply?.json()).toMatchObject({ error: { code: "consumer_not_allowed" } });
    expect(exchange.localReply?.text).not.toMatch(/alice|bob/);
    exchange.finish();
    expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({ consumer: "bob", status: 403, error: "consumer_not_allowed" });
  });

  it("take the key out where no key is asked for, too", async () => {
    const { plugin } = await start({ provider: { type: "generic", forwardHeaders }, consumers, global_auth: false });
    const upstream = plugin.exchange(chat({ "x-api-key": KEY }, { path: `/v1/chat/completions?api-key=${KEY}` })).upstream;
    expect(all(upstream)).not.toContain("gw-key");
    expect(upstream?.headers["x-mse-consumer"]).toBe("alice");
    // What is nobody's key is the caller's own affair.
    expect(plugin.exchange(chat({ "x-api-key": "own" })).upstream?.headers.authorization).toBe("Bearer own");
  });

  it("that switch the plugin off pass the request on without the key", async () => {
    const { plugin } = await start({ consumers, global_auth: true, _rules_: [{ _match_route_: ["off"] }] });
    const exchange = plugin.exchange({ ...chat(bearer(KEY)), properties: { route_name: "off" } });
    expect(exchange.upstream?.headers).not.toHaveProperty("authorization");
    expect(exchange.upstream?.headers["x-mse-consumer"]).toBe("alice");
    exchange.respond(response);
    expect(JSON.parse(exchange.finish().stateText("ai_log")!)).toMatchObject({ provider: "none", consumer: "alice", outcome: "completed" });
  });

  it("that switch the plugin off where no key is asked for leave the request alone", async () => {
    const { plugin } = await start({
      consumers,
      global_auth: false,
      _rules_: [{ _match_route_: ["off"] }, { _match_route_: ["r"], provider }],
    });
    const exchange = plugin.exchange({ ...chat(bearer(KEY)), properties: { route_name: "off" } });
    expect(exchange.upstream?.headers.authorization).toBe(`Bearer ${KEY}`);
    exchange.respond(response);
    expect(exchange.finish().stateText("ai_log")).toBeNull();
  });

  it("whose request an instance of the cluster's has logged leave the log to that", async () => {
    const { host, plugin } = await start({ consumers, global_auth: true });
    const exchange = plugin.exchange({ ...chat(bearer(KEY)), properties: { ai_log: '{"provider":"openai"}' } });
    exchange.respond(response);
    exchange.finish();
    expect(exchange.stateText("ai_log")).toBeNull();
    expect(Object.keys(host.metrics).filter((name) => name.includes("requests_total"))).toEqual([]);
  });
});

describe("the configuration", () => {
  it("warns of keys that two consumers have and of names that nobody has, without the keys", async () => {
    const twice = [...consumers, { name: "dave", credentials: ["gw-key-x", KEY] }];
    const { host, plugin } = await start({ provider, consumers: twice, _rules_: [{ _match_route_: ["r"], provider, allow: ["eve"] }] });
    const lines = plugin.logs.map((line) => line.text).join("\n");
    expect(lines).toContain("/consumers/2/credentials/1: is in the list before already");
    expect(lines).toContain('/_rules_/0/allow/0: no consumer is called "eve"');
    expect(JSON.stringify(host.logs)).not.toContain("gw-key");
    expect(plugin.exchange(chat(bearer(KEY))).upstream?.headers["x-mse-consumer"]).toBe("alice");
  });

  it("takes ten thousand consumers", async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => ({ name: `c${n}`, credential: `gw-key-${n}` }));
    const { plugin } = await start({ provider, consumers: many });
    expect(plugin.exchange(chat(bearer("gw-key-9999"))).upstream?.headers["x-mse-consumer"]).toBe("c9999");
    expect(plugin.exchange(chat(bearer("gw-key-10000"))).localReply?.status).toBe(401);
  });
});

describe("expires", () => {
  const NOW = Date.parse("2026-01-02T03:04:05Z");
  const times = [
    "2026-01-02T03:04:06Z",
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.999Z",
    "2026-01-02T03:04:04Z",
    "2026-01-02T08:34:06+05:30",
    "2026-01-02T08:34:05+05:30",
    "2026-01-01T19:04:06-08:00",
    "2026-01-01T19:04:05-08:00",
    "2025-12-31T23:59:59Z",
    "2028-02-29T00:00:00Z",
    "2024-02-29T12:00:00Z",
    "1969-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
  ];
  it.each(times)("%s", async (expires) => {
    const { host, plugin } = await start({ provider, consumers: [{ name: "alice", credential: KEY, expires }] });
    const status = () => plugin.exchange(chat(bearer(KEY))).localReply?.status ?? 200;
    const end = Math.floor(Date.parse(expires) / 1000) * 1000;
    expect(status()).toBe(NOW >= end ? 401 : 200);
    // A second before it still serves, then it does not.
    const wait = end - NOW - 1;
    if (wait < 0 || wait > 1e11) return;
    host.clock.advance?.(wait);
    expect(status()).toBe(200);
    host.clock.advance?.(1);
    expect(status()).toBe(401);
  });
});

describe("rights", () => {
  it("cost no host call for consumers without models, and hold for the key's own entry", async () => {
    const both = [
      { name: "alice", credential: KEY },
      { name: "alice", credential: OTHER, models: ["m2"] },
    ];
    const callsOf = async (list: object[]) => {
      const { host, plugin } = await start({ provider, consumers: list });
      host.resetCounts();
      expect(plugin.exchange(chat(bearer(KEY))).localReply).toBeNull();
      return host.hostCalls;
    };
    expect(await callsOf(both)).toEqual(await callsOf(both.slice(0, 1)));
    const { plugin } = await start({ provider, consumers: both });
    expect(plugin.exchange(chat(bearer(OTHER))).localReply?.status).toBe(403);
  });
});
