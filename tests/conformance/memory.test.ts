// What the exchanges of one worker may hold together (maxHeldBytes): who is refused, who goes on, and that every ending gives
// back what was taken.
import { describe, expect, it } from "vitest";
import type { Exchange, Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

const MB = 1 << 20;
const JSON_TYPE = { "content-type": "application/json" };
const SSE_TYPE = { "content-type": "text/event-stream" };
const chat = (content: string, extra = {}) => JSON.stringify({ model: "m", ...extra, messages: [{ role: "user", content }] });

type Plugin = ReturnType<Host["configure"]>;

async function start(provider: object, maxHeldBytes: number = MB, root = {}) {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify({ maxHeldBytes, ...root, provider: { apiTokens: ["k"], ...provider } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return { host, plugin };
}

const post = (plugin: Plugin, body: string, path = "/v1/chat/completions") =>
  plugin.exchange({ method: "POST", path, headers: JSON_TYPE, body });

/** A request whose body has begun to come, chunked, and has not ended. */
const begin = (plugin: Plugin, bytes: number) =>
  plugin.exchange({
    method: "POST",
    path: "/v1/chat/completions",
    headers: JSON_TYPE,
    requestChunks: ["x".repeat(bytes)],
    requestOpen: true,
  });

/** The gauge, once the plugin's batches of counts have gone out. */
function held(host: Host, plugin: Plugin): number {
  host.clock.advance?.(100);
  plugin.tick();
  return host.metrics.value("ai_proxy.held_bytes") ?? 0;
}
const codeOf = (exchange: Exchange) => JSON.parse(exchange.localReply!.text).error.code;

/** A response for which there is no room becomes 503, be its length declared or not. */
function expectNoRoom(plugin: Awaited<ReturnType<typeof start>>["plugin"], body: string): void {
  for (const headers of [{ ...JSON_TYPE, "content-length": String(body.length) }, JSON_TYPE]) {
    const exchange = post(plugin, chat("a"));
    const client = exchange.respond({ headers, chunks: [body.slice(0, 300_000), body.slice(300_000)] });
    expect(client.status).toBe(503);
    expect(JSON.parse(client.text).error.code).toBe("memory_limit_reached");
    exchange.finish();
    expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({ status: 503, error: "memory_limit_reached" });
  }
}

describe("requests that wait for the model that chooses their provider", () => {
  const ROUTED = {
    providers: [{ id: "a", type: "openai", apiTokens: ["k"], cluster: "c0" }],
    _rules_: [{ _match_model_: ["m"], activeProviderId: "a" }],
    maxHeldBytes: 4 * MB,
  };
  it("are counted like others, and give back what they took, however they end", async () => {
    const host = await loadPlugin();
    const plugin = host.configure(JSON.stringify(ROUTED));
    expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
    const [left, right] = [begin(plugin, 1_600_000), begin(plugin, 1_600_000)];
    const refused = begin(plugin, 1_600_000);
    expect([refused.localReply?.status, codeOf(refused)]).toEqual([503, "memory_limit_reached"]);
    expect(held(host, plugin)).toBeGreaterThan(MB);
    // One is left by its client, one ends as something that names no model, and one is good.
    left.abort();
    right.requestData("x", true);
    expect([right.localReply?.status, codeOf(right)]).toEqual([400, "invalid_json"]);
    const good = post(plugin, chat("x".repeat(3_000_000)));
    expect(good.upstream).not.toBeNull();
    good.respond({ headers: JSON_TYPE, chunks: ["{}"] });
    for (const one of [refused, right, good]) one.finish();
    expect(held(host, plugin)).toBe(0);
    expect(host.metrics.value("ai_proxy.requests_in_flight")).toBe(0);
  });
});

describe("requests that wait for their body", () => {
  it("fill the worker's share; the next one gets 503, the ones before go on", async () => {
    const { host, plugin } = await start({ type: "openai" });
    const waiting = [begin(plugin, 400_000), begin(plugin, 400_000)];
    expect(waiting.map((one) => one.localReply)).toEqual([null, null]);
    const refused = begin(plugin, 400_000);
    expect(refused.localReply?.status).toBe(503);
    expect(JSON.parse(refused.localReply!.text).error).toMatchObject({ type: "server_error", code: "memory_limit_reached", param: null });
    expect(refused.localReply!.headers["retry-after"]).toBe("1");
    refused.finish();
    expect(JSON.parse(refused.stateText("ai_log")!)).toMatchObject({ status: 503, outcome: "error", error: "memory_limit_reached" });
    const counter = Object.entries(host.metrics.snapshot()).find(([name]) => name.endsWith("~error.memory_limit_reached.errors_total"));
    expect(counter?.[1]).toBe(1);
    // A small request fits beside them.
    const small = post(plugin, chat("ping"));
    expect(small.upstream).not.toBeNull();
    small.respond({ headers: JSON_TYPE, chunks: ["{}"] });
    small.finish();
    waiting[0].requestData("x", true);
    expect(waiting[0].localReply?.status).toBe(400); // "xxx…" is no JSON; but it was read, not refused for memory.
    waiting.forEach((one) => one.finish());
    expect(host.violations).toEqual([]);
  });

  it("show in a gauge that goes back to zero", async () => {
    const { host, plugin } = await start({ type: "openai" }, 8 * MB);
    const waiting = [begin(plugin, 2 * MB), begin(plugin, 3 * MB)];
    expect(held(host, plugin)).toBeGreaterThan(5 * MB);
    waiting.forEach((one) => one.abort());
    expect(held(host, plugin)).toBe(0);
  });

  it("are refused by their declared length before they send it", async () => {
    const { plugin } = await start({ type: "openai" });
    const waiting = begin(plugin, 600_000);
    const late = plugin.exchange({
      method: "POST",
      path: "/v1/chat/completions",
      headers: { ...JSON_TYPE, "content-length": "600000" },
      requestChunks: [],
      requestOpen: true,
    });
    expect(codeOf(late)).toBe("memory_limit_reached");
    waiting.finish();
    late.finish();
    const next = post(plugin, chat("x".repeat(600_000)));
    expect(next.upstream).not.toBeNull();
  });

  it("get 413 when they would never fit", async () => {
    const { plugin } = await start({ type: "openai" });
    const exchange = post(plugin, chat("x".repeat(2 * MB)));
    expect(exchange.localReply?.status).toBe(413);
    expect(exchange.localReply?.text).toContain("(maxHeldBytes)");
  });

  it("tell Anthropic's clients in Anthropic's words", async () => {
    const { plugin } = await start({ type: "claude" });
    begin(plugin, 900_000);
    const exchange = post(plugin, chat("x".repeat(300_000), { max_tokens: 1 }), "/v1/messages");
    expect(exchange.localReply?.status).toBe(503);
    expect(JSON.parse(exchange.localReply!.text)).toMatchObject({ type: "error", error: { type: expect.any(String) } });
  });
});

describe("every ending gives back what was taken", () => {
  const claudeEvent = (text: string) =>
    `event: content_block_delta\ndata: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })}\n\n`;
  const endings: [string, object, (plugin: Plugin) => void][] = [
    ["a body that never ends", { type: "openai" }, (plugin) => begin(plugin, 700_000).finish()],
    ["a refused body", { type: "openai" }, (plugin) => post(plugin, "{".repeat(700_000)).finish()],
    [
      "an answer",
      { type: "openai" },
      (plugin) => {
        const exchange = post(plugin, chat("x".repeat(700_000)));
        exchange.respond({ headers: JSON_TYPE, chunks: ["{}"] });
        exchange.finish();
      },
    ],
    [
      "no answer",
      { type: "claude" },
      (plugin) => {
        const exchange = post(plugin, chat("x".repeat(700_000)));
        exchange.failUpstream();
        exchange.finish();
      },
    ],
    ["a client that leaves", { type: "claude" }, (plugin) => post(plugin, chat("x".repeat(700_000))).abort()],
    [
      "a whole answer that is cut",
      { type: "claude" },
      (plugin) => {
        const exchange = post(plugin, chat("a"));
        exchange.respond({ headers: JSON_TYPE, chunks: ["x".repeat(700_000)], complete: false });
        exchange.failUpstream();
        exchange.finish();
      },
    ],
    [
      "an event that is cut",
      { type: "claude" },
      (plugin) => {
        const exchange = post(plugin, chat("a", { stream: true }));
        exchange.respond({ headers: SSE_TYPE, chunks: [claudeEvent("a"), claudeEvent("x".repeat(700_000)).slice(0, -9)], complete: false });
        exchange.failUpstream();
        exchange.finish();
      },
    ],
    [
      "a translated stream",
      { type: "claude" },
      (plugin) => {
        const exchange = post(plugin, chat("a", { stream: true }));
        exchange.respond({ headers: SSE_TYPE, chunks: [claudeEvent("x".repeat(700_000))] });
        exchange.finish();
      },
    ],
  ];

  it.each(endings)("%s", async (_name, provider, run) => {
    const { host, plugin } = await start(provider);
    for (let round = 0; round < 20; round++) run(plugin);
    expect(host.liveContexts).toHaveLength(1);
    // Just what fits when nothing else is held, not a byte less: 8 KiB are counted for the exchange itself.
    const room = MB - (8 << 10) - chat("").length;
    expect(begin(plugin, 1).localReply).toBeNull();
    expect(post(plugin, chat("x".repeat(room))).localReply?.status).toBe(503);
    const { host: other, plugin: again } = await start(provider);
    for (let round = 0; round < 20; round++) run(again);
    expect(post(again, chat("x".repeat(room))).localReply).toBeNull();
    expect(other.traps).toEqual([]);
    expect(host.traps).toEqual([]);
  });
});

describe("responses that are held to be edited", () => {
  const message = (content: unknown) => ({ index: 0, message: { role: "assistant", content }, finish_reason: "stop" });

  it("become 503 when there is no room for them, by their length or once they grow", async () => {
    const { host, plugin } = await start({ type: "mistral" });
    const waiting = begin(plugin, 600_000);
    const body = JSON.stringify({ id: "i", choices: [message([{ type: "text", text: "y".repeat(600_000) }])] });
    expectNoRoom(plugin, body);
    waiting.finish();
    const exchange = post(plugin, chat("a"));
    const client = exchange.respond({ headers: { ...JSON_TYPE, "content-length": String(body.length) }, chunks: [body] });
    expect(JSON.parse(client.text).choices).toEqual([message("y".repeat(600_000))]);
    expect(client.headers).not.toHaveProperty("content-length");
    exchange.finish();
    expect(held(host, plugin)).toBe(0);
    expect(host.violations).toEqual([]);
  });

  it("as streams pass an event as it is when there is no room to wait for its end, and edit the next", async () => {
    const { host, plugin } = await start({ type: "mistral", maxResponseEventBytes: 8 * MB });
    const event = (content: unknown) =>
      `data: ${JSON.stringify({ id: "i", choices: [{ index: 0, delta: { role: "assistant", content } }] })}\n\n`;
    const long = event([{ type: "text", text: "x".repeat(2 * MB) }]);
    const exchange = post(plugin, chat("a", { stream: true }));
    const pieces = long.match(/[^]{1,500000}/g)!;
    const client = exchange.respond({
      headers: SSE_TYPE,
      chunks: [event("one"), ...pieces, event([{ type: "text", text: "two" }])],
      complete: false,
    });
    expect(held(host, plugin)).toBeLessThan(MB / 2);
    expect(client.text).toBe(event("one") + long + event("two"));
    exchange.finish();
    expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({ response_type: "stream" });
    expect(host.violations).toEqual([]);
  });
});

describe("responses that are held to be translated", () => {
  const response = (size: number) =>
    JSON.stringify({ id: "i", model: "m", content: [{ type: "text", text: "y".repeat(size) }], usage: {} });

  it("become 503 when there is no room for them, by their length or once they grow", async () => {
    const { host, plugin } = await start({ type: "claude" });
    const waiting = begin(plugin, 600_000);
    const body = response(600_000);
    expectNoRoom(plugin, body);
    waiting.finish();
    const exchange = post(plugin, chat("a"));
    expect(exchange.respond({ headers: JSON_TYPE, chunks: [body] }).status).toBe(200);
    exchange.finish();
    expect(host.violations).toEqual([]);
  });

  it("as streams end with an error event once they hold more than there is room for; small ones go on", async () => {
    const { host, plugin } = await start({ type: "claude", maxResponseEventBytes: 8 * MB });
    const event = (text: string) =>
      `data: ${JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })}\n\n`;
    const small = post(plugin, chat("a", { stream: true }));
    small.respond({ headers: SSE_TYPE, chunks: [event("one")], complete: false });
    const large = post(plugin, chat("a", { stream: true }));
    const client = large.respond({
      headers: SSE_TYPE,
      chunks: [event("first"), ...Array<string>(4).fill("data: " + "x".repeat(500_000)), event("late")],
    });
    expect(client.text).toContain("first");
    expect(client.text).toContain('"error"');
    expect(client.text).not.toContain("late");
    large.finish();
    expect(JSON.parse(large.stateText("ai_log")!)).toMatchObject({ outcome: "error", error: "memory_limit_reached" });
    small.respondData(event("two"));
    expect(small.client.text).toMatch(/one[^]*two/);
    small.finish();
    expect(host.violations).toEqual([]);
  });
});
