// Limits of requests and tokens in one process: what is admitted, what is told, and what is settled at the end.
import { describe, expect, it } from "vitest";
import type { FixedClock, RequestInit } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

const provider = { type: "openai", apiTokens: ["sk-provider"] };
const consumers = [
  { name: "alice", credentials: ["gw-a1", "gw-a2"] },
  { name: "bob", credential: "gw-b" },
];

async function start(config: object) {
  const host = await loadPlugin();
  const load = (text: object) => {
    const made = host.configure(JSON.stringify({ provider, ...text }));
    expect(made.ok, JSON.stringify(made.logs)).toBe(true);
    return made;
  };
  // The middle of a second, at the beginning of a minute, hour and day.
  const clock = host.clock as FixedClock;
  clock.advance(86_400_000 - Number((clock.now() / 1_000_000n) % 86_400_000n) + 500);
  return { host, plugin: load(config), load, clock };
}

type Plugin = Awaited<ReturnType<typeof start>>["plugin"];

const chat = (headers: Record<string, string> = {}, body: object = {}, init: RequestInit = {}): RequestInit => ({
  path: "/v1/chat/completions",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify({ model: "m", messages: [], ...body }),
  ...init,
});
const key = (value: string) => ({ authorization: `Bearer ${value}` });
const usage = (total: number) => ({ prompt_tokens: total - 1, completion_tokens: 1, total_tokens: total });
const json = { "content-type": "application/json" };

/** Sends a request, lets it be answered with so many tokens, and returns what the client got. */
function run(plugin: Plugin, request: RequestInit = chat(), tokens = 10) {
  const exchange = plugin.exchange(request);
  if (exchange.localReply === null) exchange.respond({ headers: json, chunks: [JSON.stringify({ id: "c", usage: usage(tokens) })] });
  exchange.finish();
  return exchange.client;
}

/** How many of so many requests are admitted. */
function admitted(plugin: Plugin, count: number, request: RequestInit = chat()): number {
  return Array.from({ length: count }, () => run(plugin, request).status).filter((status) => status === 200).length;
}

describe("a limit of requests", () => {
  it("admits exactly so many in a window of the clock", async () => {
    const { host, plugin, clock } = await start({ limits: [{ requestsPerMinute: 5 }] });
    expect(admitted(plugin, 8)).toBe(5);
    clock.advance(59_400);
    expect(admitted(plugin, 3)).toBe(0);
    clock.advance(200);
    expect(admitted(plugin, 8)).toBe(5);
    expect(host.violations).toEqual([]);
  });

  it.each([
    ["requestsPerSecond", 1],
    ["requestsPerMinute", 60],
    ["requestsPerHour", 3600],
    ["requestsPerDay", 86400],
  ])("%s has a window of %d s", async (name, seconds) => {
    const { plugin, clock } = await start({ limits: [{ [name]: 1 }] });
    expect(admitted(plugin, 2)).toBe(1);
    expect(Number(run(plugin).headers["retry-after"])).toBe(seconds);
    clock.advance(seconds * 1000 - 600);
    expect(admitted(plugin, 1)).toBe(0);
    clock.advance(200);
    expect(admitted(plugin, 2)).toBe(1);
  });

  it("tells of itself in OpenAI's headers, also to those who are admitted", async () => {
    const { plugin, clock } = await start({ limits: [{ requestsPerHour: 2, requestsPerDay: 100 }] });
    clock.advance(1_000);
    expect(run(plugin).headers).toMatchObject({
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "1",
      "x-ratelimit-reset-requests": "59m59s",
    });
    const last = run(plugin).headers;
    expect(last).toMatchObject({ "x-ratelimit-remaining-requests": "0" });
    expect(last).not.toHaveProperty("retry-after");
    expect(last).not.toHaveProperty("x-ratelimit-limit-tokens");
    const refused = run(plugin);
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      "retry-after": "3599",
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "59m59s",
    });
    expect(refused.json()).toMatchObject({
      error: {
        type: "requests",
        code: "rate_limit_exceeded",
        message: "Rate limit reached: at most 2 requests per hour. Try again in 3599 s.",
      },
    });
  });

  it("replaces the provider's own headers, whose limits are not the client's", async () => {
    const { plugin } = await start({ limits: [{ requestsPerHour: 2 }] });
    const exchange = plugin.exchange(chat());
    const client = exchange.respond({ headers: { ...json, "x-ratelimit-limit-requests": "9000" }, chunks: ["{}"] });
    expect(client.headers["x-ratelimit-limit-requests"]).toBe("2");
  });

  it("refuses before a body has come, and in the shape of the client's API", async () => {
    const { plugin } = await start({ provider: { type: "claude", apiTokens: ["k"] }, limits: [{ requestsPerDay: 1 }] });
    const first = { max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
    expect(run(plugin, chat({}, first, { path: "/v1/messages" })).status).toBe(200);
    expect(plugin.exchange(chat({}, {}, { requestChunks: ["{"], path: "/v1/messages" })).localReply?.json()).toMatchObject({
      type: "error",
      error: { type: "rate_limit_error" },
    });
  });

  it("counts requests without a body, and of unknown APIs", async () => {
    const { plugin } = await start({ limits: [{ requestsPerDay: 2 }] });
    expect(admitted(plugin, 2, { method: "GET", path: "/v1/models" })).toBe(2);
    expect(admitted(plugin, 1, { method: "GET", path: "/other" })).toBe(0);
  });

  it("does not count what never left: wrong JSON, no model, no such API", async () => {
    const { plugin } = await start({ limits: [{ requestsPerDay: 1 }] });
    expect(run(plugin, chat({}, {}, { body: "{" })).status).toBe(400);
    expect(run(plugin, chat({}, { model: "" })).status).toBe(400);
    expect(run(plugin, { path: "/v1/rerank", body: "{}" }).status).toBe(404);
    expect(admitted(plugin, 2)).toBe(1);
  });

  it("counts what failed at the provider", async () => {
    const { plugin } = await start({ limits: [{ requestsPerDay: 1 }] });
    const exchange = plugin.exchange(chat());
    exchange.failUpstream();
    exchange.finish();
    expect(admitted(plugin, 1)).toBe(0);
  });
});

describe("what is counted apart", () => {
  it("by consumer, over all of its keys", async () => {
    const { plugin } = await start({ consumers, limits: [{ by: "consumer", requestsPerDay: 3 }] });
    expect([
      admitted(plugin, 2, chat(key("gw-a1"))),
      admitted(plugin, 2, chat(key("gw-a2"))),
      admitted(plugin, 9, chat(key("gw-b"))),
    ]).toEqual([2, 1, 3]);
  });

  it("by token, each key for itself", async () => {
    const { plugin } = await start({ consumers, limits: [{ by: "token", requestsPerDay: 3 }] });
    expect([admitted(plugin, 4, chat(key("gw-a1"))), admitted(plugin, 4, chat(key("gw-a2")))]).toEqual([3, 3]);
  });

  it("by token without consumers: the caller's own", async () => {
    const { plugin } = await start({ provider: { type: "openai" }, limits: [{ by: "token", requestsPerDay: 3 }] });
    expect([admitted(plugin, 4, chat(key("sk-1"))), admitted(plugin, 4, chat(key("sk-2")))]).toEqual([3, 3]);
  });

  it("by header, by route, and by the provider's name of the model", async () => {
    const modelMapping = { "a*": "up-1", b: "up-1", "*": "up-2" };
    const { plugin } = await start({
      provider: { ...provider, modelMapping },
      limits: [
        { by: "header:X-Tenant", requestsPerMinute: 1 },
        { by: "route", requestsPerHour: 2 },
        { by: "model", requestsPerDay: 3 },
      ],
    });
    let tenant = 0;
    const send = (model: string, route: string, name = `t${tenant++}`) =>
      run(plugin, { ...chat({ "x-tenant": name }, { model }), properties: { route_name: route } }).status;
    expect([send("a1", "r1", "x"), send("a1", "r1", "x"), send("a2", "r1"), send("b", "r1")]).toEqual([200, 429, 200, 429]);
    expect([send("b", "r2"), send("b", "r2"), send("z", "r2"), send("y", "r3")]).toEqual([200, 429, 200, 200]);
  });

  it("only for those that match: all given members, one entry of each", async () => {
    const match = { consumers: ["ali*", "carol"], models: ["gpt-4", "o*"], routes: ["r*"] };
    const { plugin } = await start({ consumers, limits: [{ match, requestsPerDay: 1 }] });
    const send = (value: string, model: string, route = "r0") =>
      admitted(plugin, 2, { ...chat(key(value), { model }), properties: { route_name: route } });
    expect([send("gw-b", "gpt-4"), send("gw-a1", "gpt-4o"), send("gw-a1", "gpt-4", "x")]).toEqual([2, 2, 2]);
    expect([send("gw-a1", "o3"), send("gw-a2", "gpt-4"), send("gw-b", "o3")]).toEqual([1, 0, 2]);
  });
});

describe("several limits", () => {
  it("all apply, those of the rule and those of the top level", async () => {
    const { plugin } = await start({
      limits: [{ requestsPerDay: 5 }],
      _rules_: [
        { _match_route_: ["a"], provider, limits: [{ requestsPerDay: 3 }] },
        { _match_route_: ["b"], provider, limits: [{ requestsPerDay: 3 }] },
      ],
    });
    const on = (route: string) => admitted(plugin, 4, { ...chat(), properties: { route_name: route } });
    expect([on("a"), on("b"), on("c")]).toEqual([3, 2, 0]);
  });

  it("of one name share their counts, and one request counts once", async () => {
    const { plugin } = await start({
      limits: [{ name: "n", requestsPerDay: 4 }],
      _rules_: [
        { _match_route_: ["a"], provider, limits: [{ name: "n", requestsPerDay: 4 }] },
        { _match_route_: ["b"], provider },
      ],
    });
    const on = (route: string) => admitted(plugin, 3, { ...chat(), properties: { route_name: route } });
    expect([on("a"), on("b")]).toEqual([3, 1]);
  });

  it("give back what they took when a later one refuses", async () => {
    const { plugin } = await start({
      limits: [
        { requestsPerDay: 3, tokensPerDay: 100_000 },
        { by: "model", requestsPerDay: 1 },
      ],
    });
    // Models are known only when the body was read, so the second refuses after the first has counted.
    expect(admitted(plugin, 5, chat({}, { model: "m1" }))).toBe(1);
    expect(admitted(plugin, 5, chat({}, { model: "m2" }))).toBe(1);
    const last = run(plugin, chat({}, { model: "m3" }), 10);
    expect(last.status).toBe(200);
    expect(last.headers["x-ratelimit-remaining-tokens"]).toBe(String(100_000 - 20 - Number(reservedBy({ model: "m3" }))));
    expect(run(plugin, chat({}, { model: "m4" })).status).toBe(429);
  });
});

/** What docs/limits.md promises to reserve. */
function reservedBy(body: object, response = 512): number {
  return Math.ceil(JSON.stringify({ model: "m", messages: [], ...body }).length / 4) + response;
}

describe("a limit of tokens", () => {
  /** Remaining tokens as the next admitted request sees them, before its own reservation. */
  function remaining(plugin: Plugin): number {
    const exchange = plugin.exchange(chat());
    const left = Number(exchange.respond({ status: 500, headers: json, chunks: ["{}"] }).headers["x-ratelimit-remaining-tokens"]);
    exchange.finish();
    return left + reservedBy({});
  }

  it("counts what the provider reports, in whole responses and streams", async () => {
    const { plugin } = await start({ limits: [{ tokensPerDay: 10_000 }] });
    run(plugin, chat(), 3000);
    expect(remaining(plugin)).toBe(7000);
    const stream = plugin.exchange(chat({}, { stream: true }));
    const chunk = JSON.stringify({ id: "c", choices: [], usage: usage(2500) });
    stream.respond({ headers: { "content-type": "text/event-stream" }, chunks: [`data: ${chunk}\n\n`, "data: [DONE]\n\n"] });
    stream.finish();
    expect(remaining(plugin)).toBe(4500);
  });

  it("refuses when the estimate does not fit, and says that tokens are limited", async () => {
    const { plugin } = await start({ limits: [{ name: "small plan", tokensPerMinute: 2000 }] });
    run(plugin, chat(), 1600);
    const refused = run(plugin);
    expect(refused.status).toBe(429);
    expect(refused.json()).toMatchObject({ error: { type: "tokens", code: "rate_limit_exceeded" } });
    expect(refused.text).toContain("(small plan): at most 2000 tokens per minute");
    expect(refused.headers).toMatchObject({
      "retry-after": "60",
      "x-ratelimit-limit-tokens": "2000",
      "x-ratelimit-remaining-tokens": "400",
      "x-ratelimit-reset-tokens": "1m0s",
    });
    // A smaller one still fits.
    expect(run(plugin, chat({}, { max_tokens: 50 })).status).toBe(200);
  });

  it("reserves a quarter of the body's bytes and max_tokens, both capped, while the response is awaited", async () => {
    const { plugin } = await start({ limits: [{ tokensPerDay: 1_000_000 }] });
    const reserve = (body: object, init: RequestInit = {}) => {
      const before = remaining(plugin);
      const exchange = plugin.exchange(chat({}, body, init));
      const headers = exchange.respond({ status: 500, headers: json, chunks: ["{}"] }).headers;
      exchange.finish();
      return before - Number(headers["x-ratelimit-remaining-tokens"]);
    };
    expect(reserve({})).toBe(reservedBy({}));
    expect(reserve({ max_tokens: 7 })).toBe(reservedBy({ max_tokens: 7 }, 7));
    expect(reserve({ max_completion_tokens: 1e6 })).toBe(reservedBy({ max_completion_tokens: 1e6 }, 4096));
    expect(reserve({ user: "x".repeat(400_000) })).toBe(32768 + 512);
    expect(reserve({ input: "x" }, { path: "/v1/embeddings" })).toBe(reservedBy({ input: "x" }, 0));
    expect(remaining(plugin)).toBe(1_000_000);
  });

  it("counts running requests by their reservations", async () => {
    const { plugin } = await start({ limits: [{ tokensPerDay: 10 * reservedBy({}) }] });
    const running = Array.from({ length: 12 }, () => plugin.exchange(chat()));
    expect(running.filter((exchange) => exchange.localReply === null)).toHaveLength(10);
    for (const exchange of running) {
      if (exchange.localReply === null) exchange.respond({ headers: json, chunks: [JSON.stringify({ usage: usage(5) })] });
      exchange.finish();
    }
    expect(remaining(plugin)).toBe(10 * reservedBy({}) - 50);
  });

  it("serves a request that is larger than all of an untouched window", async () => {
    const { plugin } = await start({ limits: [{ tokensPerDay: 100 }] });
    expect(run(plugin, chat(), 40).status).toBe(200);
    expect(run(plugin, chat(), 40).status).toBe(429);
  });

  it("keeps the reservation of a stream that was cut or not counted, or what it had used if that is more", async () => {
    const { plugin } = await start({ limits: [{ tokensPerDay: 100_000 }] });
    const cut = (chunks: string[]) => {
      const exchange = plugin.exchange(chat({}, { stream: true }));
      exchange.respond({ headers: { "content-type": "text/event-stream" }, chunks, complete: false });
      exchange.abort();
    };
    const reserved = reservedBy({ stream: true });
    cut(['data: {"choices":[{"delta":{"content":"a"}}]}\n\n']);
    expect(remaining(plugin)).toBe(100_000 - reserved);
    cut([`data: ${JSON.stringify({ choices: [], usage: usage(9000) })}\n\n`]);
    expect(remaining(plugin)).toBe(91_000 - reserved);
    const unanswered = plugin.exchange(chat({}, { stream: true }));
    unanswered.abort();
    expect(remaining(plugin)).toBe(91_000 - 2 * reserved);
    const uncounted = plugin.exchange(chat({}, { stream: true }));
    uncounted.respond({ headers: json, chunks: ["{}"] });
    uncounted.finish();
    expect(remaining(plugin)).toBe(91_000 - 3 * reserved);
  });

  it("gives the reservation back when the provider fails", async () => {
    const { plugin } = await start({ limits: [{ tokensPerDay: 10_000 }] });
    for (const status of [400, 429, 503]) {
      const exchange = plugin.exchange(chat());
      exchange.respond({ status, headers: json, chunks: ['{"error":{}}'] });
      exchange.finish();
    }
    const exchange = plugin.exchange(chat());
    exchange.failUpstream();
    exchange.finish();
    expect(remaining(plugin)).toBe(10_000);
  });

  it("counts in the window of the end what a long stream used beyond its reservation", async () => {
    const { plugin, clock } = await start({ limits: [{ tokensPerMinute: 10_000 }] });
    const exchange = plugin.exchange(chat());
    clock.advance(60_000);
    exchange.respond({ headers: json, chunks: [JSON.stringify({ usage: usage(3000) })] });
    exchange.finish();
    expect(remaining(plugin)).toBe(10_000 - (3000 - reservedBy({})));
    clock.advance(60_000);
    const short = plugin.exchange(chat());
    clock.advance(60_000);
    short.respond({ headers: json, chunks: [JSON.stringify({ usage: usage(3) })] });
    short.finish();
    expect(remaining(plugin)).toBe(10_000);
  });

  it("does not concern requests without a body", async () => {
    const { plugin } = await start({ limits: [{ tokensPerDay: 100 }] });
    run(plugin, chat(), 1000);
    expect(run(plugin, { method: "GET", path: "/v1/models" }).status).toBe(200);
    expect(run(plugin).status).toBe(429);
  });
});

describe("a new configuration", () => {
  const at = { by: "consumer", requestsPerDay: 5 };

  it("goes on counting where the old one was", async () => {
    const { plugin, load } = await start({ consumers, limits: [at] });
    expect(admitted(plugin, 3, chat(key("gw-b")))).toBe(3);
    const text = { limits: [{ requestsPerDay: 5, by: "consumer" }], logFormat: "json", consumers: [...consumers].reverse() };
    expect(admitted(load(text), 3, chat(key("gw-b")))).toBe(2);
  });

  it("begins anew for a limit without a name whose numbers changed, not for one with a name", async () => {
    const { plugin, load } = await start({ limits: [at, { ...at, name: "n", requestsPerDay: 8 }] });
    expect(admitted(plugin, 9)).toBe(5);
    const more = load({
      limits: [
        { ...at, requestsPerDay: 6 },
        { ...at, name: "n", requestsPerDay: 7 },
      ],
    });
    expect(admitted(more, 9)).toBe(2);
  });
});

describe("abnormal access", () => {
  const abnormal = { refusalsPerMinute: 3, tokenFactor: 4, promptBytes: 1024 };
  const signal = (plugin: Plugin, request: RequestInit, tokens = 10) => {
    const exchange = plugin.exchange(request);
    if (exchange.localReply === null) exchange.respond({ headers: json, chunks: [JSON.stringify({ usage: usage(tokens) })] });
    return JSON.parse(exchange.finish().stateText("ai_log")!).abnormal as string | undefined;
  };

  it("is noted for bursts of refusals, each consumer for itself", async () => {
    const rule = { _match_route_: ["closed"], provider, allow: ["bob"] };
    const { plugin, clock } = await start({
      consumers,
      abnormal,
      global_auth: true,
      _rules_: [rule],
      limits: [{ by: "consumer", requestsPerDay: 1 }],
    });
    const closed = { ...chat(key("gw-a1")), properties: { route_name: "closed" } };
    expect([1, 2, 3, 4].map(() => signal(plugin, chat(key("wrong"))))).toEqual([undefined, undefined, "burst_401", "burst_401"]);
    expect([1, 2, 3].map(() => signal(plugin, closed))).toEqual([undefined, undefined, "burst_403"]);
    expect([1, 2, 3, 4].map(() => signal(plugin, chat(key("gw-b"))))).toEqual([undefined, undefined, undefined, "burst_429"]);
    clock.advance(60_000);
    expect(signal(plugin, chat(key("wrong")))).toBeUndefined();
  });

  it("is noted for a minute with far more tokens than the consumer's usual ones", async () => {
    const { plugin, clock } = await start({ consumers, abnormal });
    for (let minute = 0; minute < 6; minute++) {
      expect([signal(plugin, chat(key("gw-b")), 2000), signal(plugin, chat(key("gw-b")), 3000)]).toEqual([undefined, undefined]);
      clock.advance(60_000);
    }
    expect([signal(plugin, chat(key("gw-b")), 19_000), signal(plugin, chat(key("gw-b")), 1500)]).toEqual([undefined, "token_surge"]);
    expect(signal(plugin, chat(key("gw-a1")), 90_000)).toBeUndefined();
  });

  it("is noted for large prompts, and for models that a mapping without * does not know", async () => {
    const modelMapping = { "gpt-*": "up", same: "" };
    const { plugin } = await start({ provider: { ...provider, modelMapping }, abnormal });
    const models = ["gpt-4", "same", "odd"].map((model) => signal(plugin, chat({}, { model })));
    expect(models).toEqual([undefined, undefined, "unknown_model"]);
    expect(signal(plugin, chat({}, { model: "odd", user: "x".repeat(1024) }))).toBe("unknown_model,large_prompt");
    const { plugin: open } = await start({ provider: { ...provider, modelMapping: { ...modelMapping, "*": "" } } });
    expect(signal(open, chat({}, { model: "odd" }))).toBeUndefined();
  });
});
