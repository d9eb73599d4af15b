// Every provider that passes OpenAI requests through × {whole, stream, error}: host, path, key, developer role, bytes of the
// response, counts. The expectations are data (providers/), not computed from the catalogue that they judge.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import { parseAiLog } from "../../tools/access-log.mjs";
import { loadPlugin } from "../../emulator/module";
import { type Provider, elsewhere, providers } from "./provider-files";

const rows = providers.map((one) => [one.type, one] as const);
const catalogue = readFileSync(join(ROOT, "assembly/provider/catalog.ts"), "utf8");

/** Headers of the client's that no provider may see. */
const CALLERS = {
  authorization: "Bearer caller-secret",
  "x-api-key": "caller-secret",
  "api-key": "caller-secret",
  "x-goog-api-key": "caller-secret",
};
const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const WHOLE = `{"id":"c-1", "object":"chat.completion","created":1700000000,"model":"answering","choices":[{"index":0,"message":{"role":"assistant","content":"\\u00e9 hi"},"finish_reason":"stop"}],"usage":${JSON.stringify(USAGE)} ,"x":1.0}`;
const chunk = (rest: object) =>
  `data: ${JSON.stringify({ id: "c-1", object: "chat.completion.chunk", created: 1700000000, model: "answering", ...rest })}\n\n`;
const TEXT = chunk({ choices: [{ index: 0, delta: { role: "assistant", content: "héy" }, finish_reason: null }] });
const LAST = chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const USAGE_ONLY = chunk({ choices: [], usage: USAGE });
const DONE = "data: [DONE]\n\n";

async function start(provider: Provider) {
  const tokens = provider.key === null ? {} : { apiTokens: ["k-1"] };
  const config = { provider: { type: provider.type, ...tokens, modelMapping: { m: "up" }, ...provider.config } };
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify(config));
  expect(plugin.logs).toEqual([]);
  expect(plugin.ok).toBe(true);
  return { host, plugin };
}

const chat = (extra: object = {}) =>
  JSON.stringify({
    model: "m",
    messages: [
      { role: "developer", content: "d" },
      { role: "user", content: "u" },
    ],
    x_keep: 1,
    ...extra,
  });

async function send(provider: Provider, path: string, body: string) {
  const { host, plugin } = await start(provider);
  const exchange = plugin.exchange({ path, headers: { "content-type": "application/json", ...CALLERS }, body });
  expect(exchange.localReply?.text).toBeUndefined();
  return { host, exchange, upstream: exchange.upstream };
}

describe.each(rows)("%s", (_type, provider) => {
  it.each(Object.entries(provider.paths))("sends %s to its place, with its key and nobody else's", async (path, wanted) => {
    const { host, upstream } = await send(provider, path, chat({ input: "x", prompt: "x", max_tokens: 5 }));
    expect([upstream?.authority, upstream?.path]).toEqual([provider.host, wanted]);
    expect(upstream?.headers).toMatchObject(provider.key ?? {});
    expect(JSON.stringify(upstream?.headers)).not.toContain("caller-secret");
    const model = provider.nameless?.includes(path) ? undefined : provider.read === false ? "m" : "up";
    expect(upstream?.json()).toMatchObject({ x_keep: 1 });
    expect((upstream?.json() as { model?: string }).model).toBe(model);
    expect(host.violations).toEqual([]);
  });

  it("gets the developer role only when it knows it", async () => {
    const { upstream } = await send(provider, "/v1/chat/completions", chat());
    const roles = (upstream?.json() as { messages: { role: string }[] }).messages.map((message) => message.role);
    expect(roles).toEqual([provider.keepsDeveloper ? "developer" : "system", "user"]);
  });

  it("has its whole response passed byte for byte and counted", async () => {
    const { host, exchange, upstream } = await send(provider, "/v1/chat/completions", chat());
    expect(upstream?.json()).not.toHaveProperty("stream_options");
    const client = exchange.respond({
      headers: { "content-type": "application/json", "content-length": String(Buffer.byteLength(WHOLE)) },
      chunks: [WHOLE],
    });
    expect(client).toMatchObject({ status: 200, text: WHOLE });
    expect(ledger(exchange.finish().stateText("ai_log"))).toMatchObject({ model: "answering", chat_id: "c-1", response_type: "normal" });
    expect(host.violations).toEqual([]);
  });

  it("has its stream passed, counted, and freed of what the client did not ask for", async () => {
    const { host, exchange, upstream } = await send(provider, "/v1/chat/completions", chat({ stream: true }));
    const asked = provider.usageOption !== false;
    expect((upstream?.json() as { stream_options?: object }).stream_options).toEqual(asked ? { include_usage: true } : undefined);
    const client = exchange.respond({ headers: { "content-type": "text/event-stream" }, chunks: [TEXT, LAST, USAGE_ONLY, DONE] });
    expect(client.text).toBe(asked ? TEXT + LAST + DONE : TEXT + LAST + USAGE_ONLY + DONE);
    expect(ledger(exchange.finish().stateText("ai_log"))).toMatchObject({ model: "answering", response_type: "stream" });
    expect(host.violations).toEqual([]);
  });

  it("has its error passed byte for byte and logged as one", async () => {
    const { host, exchange } = await send(provider, "/v1/chat/completions", chat());
    const error = '{"error": {"message":"slow down","type":"rate_limit_error","code":null}}';
    const client = exchange.respond({ status: 429, headers: { "content-type": "application/json", "retry-after": "3" }, chunks: [error] });
    expect(client).toMatchObject({ status: 429, text: error, headers: { "retry-after": "3" } });
    expect(parseAiLog(exchange.finish().stateText("ai_log"))).toMatchObject({
      provider: provider.type,
      status: 429,
      outcome: "error",
      usage_source: "none",
    });
    expect(host.violations).toEqual([]);
  });
});

/** ai_log of a call that must have been counted. */
function ledger(text: string | null): Record<string, unknown> {
  const log = parseAiLog(text) ?? {};
  expect(log).toMatchObject({
    input_token: 11,
    output_token: 7,
    total_token: 18,
    usage_source: "reported",
    status: 200,
    outcome: "completed",
  });
  return log;
}

it("the files are about every provider of the catalogue, and about no other", () => {
  const inCatalogue = [...catalogue.matchAll(/\brow\("([^"]+)"\)/g)].map((match) => match[1]).sort();
  const inTable = [...providers.map((one) => one.type), ...elsewhere].sort();
  expect(inTable).toEqual(inCatalogue);
});
