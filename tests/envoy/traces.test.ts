// deploy/envoy/tracing.yaml in a real Envoy: what OpenTelemetry's collector gets of each request.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { PLUGIN_PATH } from "../../emulator/module";
import { readAccessLog } from "../../tools/access-log.mjs";
import { LOCAL_VALUES, fillTemplate } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { send, type Call } from "./client";
import { Collector } from "./otlp";
import { Upstream, type Script } from "./upstream";

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-traces-"));
let collector: Collector;
let upstream: Upstream;
let envoy: EnvoyProcess;
let port: number;

beforeAll(async () => {
  [collector, upstream] = await Promise.all([Collector.start(), Upstream.start()]);
  const text = fillTemplate(readFileSync(join(ROOT, "deploy/envoy/tracing.yaml"), "utf8"), {
    ...LOCAL_VALUES,
    LISTEN_PORT: 0,
    ADMIN_PORT: 0,
    UPSTREAM_PORT: upstream.port,
    TRACES_HOST: "127.0.0.1",
    TRACES_PORT: collector.port,
    PLUGIN_WASM: PLUGIN_PATH,
    ACCESS_LOG: join(directory, "access.log"),
  });
  const config = parse(text);
  // Envoy would wait for five spans or five seconds.
  const flush = { "tracing.opentelemetry.min_flush_spans": 1, "tracing.opentelemetry.flush_interval_ms": 100 };
  config.layered_runtime = { layers: [{ name: "test", static_layer: flush }] };
  writeFileSync(join(directory, "envoy.yaml"), stringify(config));
  envoy = new EnvoyProcess({ configPath: join(directory, "envoy.yaml"), directory });
  await envoy.ready();
  port = (await envoy.ports()).ai;
}, 60_000);

afterEach(() => upstream.reset());

afterAll(async () => {
  await envoy?.stop();
  await Promise.all([upstream?.close(), collector?.close()]);
  rmSync(directory, { recursive: true, force: true });
});

/** Sends a request; its span and its line of the access log. */
async function trace(script: Script, call: Call) {
  upstream.reset(script);
  const before = readAccessLog(join(directory, "access.log")).length;
  const response = await send(port, call);
  let lines: any[] = [];
  for (let left = 250; lines.length <= before && left > 0; left--) {
    await sleep(20);
    lines = readAccessLog(join(directory, "access.log"));
  }
  const line = lines[before];
  const spans = await collector.trace(line.trace_id);
  expect(spans.length).toBe(1);
  return { response, line, tags: spans[0].attributes };
}

const messages = [{ role: "user", content: "Hello" }];
const USAGE = {
  prompt_tokens: 1000,
  completion_tokens: 50,
  total_tokens: 1050,
  prompt_tokens_details: { cached_tokens: 200 },
  completion_tokens_details: { reasoning_tokens: 30 },
};
const ID = { id: "chatcmpl-7", model: "gpt-4o-mini-2024-07-18" };
const whole = {
  body: { ...ID, choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }], usage: USAGE },
};
const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const delta = (content: string) => event({ ...ID, choices: [{ index: 0, delta: { role: "assistant", content } }] });
const last = event({ ...ID, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const pieces = [delta("Hi"), delta(" there"), last, event({ ...ID, choices: [], usage: USAGE }), "data: [DONE]\n\n"];

/** Of every request that reached the provider. */
const REQUEST = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "openai",
  "gen_ai.request.model": "gpt-4o-mini",
  "ai_proxy.client.model": "fast",
};
const RESPONSE = {
  ...REQUEST,
  "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
  "gen_ai.response.id": "chatcmpl-7",
  "gen_ai.response.finish_reasons": "stop",
  "gen_ai.usage.input_tokens": "1000",
  "gen_ai.usage.output_tokens": "50",
  "gen_ai.usage.cache_read.input_tokens": "200",
  "gen_ai.usage.reasoning.output_tokens": "30",
  "ai_proxy.usage.total_tokens": "1050",
  // 800 * 0.15 + 200 * 0.075 + 50 * 0.6, of a million.
  "ai_proxy.cost": "0.000165",
  "ai_proxy.cost.currency": "USD",
};
/** Those of a span that this file's configuration has named. */
const named = (tags: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(tags).filter(([name, value]) => /^(gen_ai|ai_proxy|error\.type)/.test(name) && value !== ""));
const withoutTime = (tags: Record<string, unknown>) => {
  const { "gen_ai.response.time_to_first_chunk": time, ...others } = named(tags);
  return { time, others };
};

describe("deploy/envoy/tracing.yaml", () => {
  it("a whole response that passes", async () => {
    const { tags } = await trace(whole, { body: { model: "fast", messages } });
    expect(named(tags)).toEqual(RESPONSE);
  });

  it("a stream that passes, with the time to its first token in seconds", async () => {
    const { tags } = await trace({ pieces, delayMs: 150 }, { body: { model: "fast", messages, stream: true } });
    const { time, others } = withoutTime(tags);
    expect(others).toEqual(RESPONSE);
    expect(Number(time)).toBeGreaterThan(0.14);
    expect(Number(time)).toBeLessThan(5);
  });

  it.each([false, true])("a translated response, as a stream: %s", async (stream) => {
    const reply = stream ? { pieces, delayMs: 20 } : whole;
    const { tags, response } = await trace(reply, { path: "/v1/messages", body: { model: "fast", max_tokens: 99, messages, stream } });
    expect(response.status).toBe(200);
    const { time, others } = withoutTime(tags);
    expect(others).toEqual(RESPONSE);
    if (stream) expect(Number(time)).toBeGreaterThan(0.01);
    else expect(time).toBeUndefined();
  });

  it.each(["/v1/chat/completions", "/v1/messages"])("an error of the provider, to a client of %s", async (path) => {
    const reply = { status: 429, body: { error: { message: "slow down", type: "requests", code: "rate_limit_exceeded" } } };
    const { tags, response } = await trace(reply, { path, body: { model: "fast", max_tokens: 99, messages } });
    expect(response.status).toBe(429);
    expect(named(tags)).toEqual({ ...REQUEST, "error.type": "429", "ai_proxy.usage.total_tokens": "0" });
  });

  it("a provider that closes the connection", async () => {
    const { tags, response } = await trace({ raw: "" }, { body: { model: "fast", messages } });
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(named(tags)).toMatchObject({ ...REQUEST, "error.type": expect.stringMatching(/^upstream_/) });
  });

  it("what the plugin refuses itself", async () => {
    const { tags, response } = await trace(whole, { body: "{" });
    expect(response.status).toBe(400);
    expect(named(tags)).toMatchObject({ "gen_ai.provider.name": "openai", "gen_ai.operation.name": "chat", "error.type": "invalid_json" });
  });

  it("a stream that breaks off has in its span what its first token told, and the log has the rest", async () => {
    const reply = { pieces: [...pieces.slice(0, 2)], end: "cut" as const };
    const { tags, line, response } = await trace(reply, { body: { model: "fast", messages, stream: true } });
    expect(response.isComplete).toBe(false);
    const { time, others } = withoutTime(tags);
    expect(Number(time)).toBeGreaterThanOrEqual(0);
    const { "gen_ai.response.model": model, "gen_ai.response.id": id } = RESPONSE;
    expect(others).toEqual({ ...REQUEST, "gen_ai.response.model": model, "gen_ai.response.id": id });
    expect(Number(line.output_tokens)).toBeGreaterThan(0);
  });

  it("a client that leaves a stream", async () => {
    const reply = { pieces, gapMs: 100, end: "hang" as const };
    const { tags, line } = await trace(reply, { body: { model: "fast", messages, stream: true }, abortAfterBytes: 10 });
    expect(named(tags)).toMatchObject(REQUEST);
    expect(tags).toHaveProperty("gen_ai.response.time_to_first_chunk");
    expect(line.response_flags).toContain("DC");
  });
});
