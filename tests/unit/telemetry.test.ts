// The metrics of the compiled plugin in the in-process host: names and labels as the stats_tags of deploy/envoy/envoy.yaml
// read them, caps, families, errors, gauges.
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { SERIES } from "../deploy/metric-names";
import { tagged } from "../deploy/tagged";
import type { Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

const PAGE = 65536;
const decode = (value: string | undefined) =>
  Buffer.from(
    (value ?? "").replace(/%([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    "latin1",
  ).toString("latin1");

interface Call {
  config?: object;
  model?: string | null;
  responseModel?: string;
  status?: number;
  stream?: boolean;
  route?: string;
  cluster?: string;
  consumer?: string;
  local?: string;
  usage?: object | null;
}

let host: Host;
let plugin: ReturnType<Host["configure"]>;
const PROVIDER = { type: "openai", apiTokens: ["k"] };

async function start(config: object = {}): Promise<void> {
  host = await loadPlugin();
  plugin = host.configure(JSON.stringify({ provider: PROVIDER, ...config }));
  expect(plugin.ok).toBe(true);
}

beforeEach(() => start());

const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

function open(call: Call) {
  return plugin.exchange({
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", ...(call.consumer ? { "x-mse-consumer": call.consumer } : {}) },
    body: JSON.stringify({
      ...(call.model === null ? {} : { model: call.model ?? "m" }),
      messages: [{ role: "user", content: "q" }],
      ...(call.stream ? { stream: true } : {}),
    }),
    properties: { route_name: call.route ?? "r", cluster_name: call.cluster ?? "c" },
  });
}

function run(call: Call): void {
  const sent = open(call);
  const body = {
    id: "i",
    ...(call.responseModel ? { model: call.responseModel } : {}),
    choices: [],
    ...(call.usage === null ? {} : { usage: call.usage ?? USAGE }),
  };
  if (sent.upstream !== null) {
    sent.respond({
      status: call.status,
      local: call.local,
      headers: { "content-type": "application/json" },
      chunks: [JSON.stringify(body)],
    });
  }
  sent.finish();
}

/** All metrics that were defined, as Prometheus would see them. */
const seen = () => Object.entries(host.metrics.snapshot()).map(([name, value]) => ({ name, value, ...tagged(name) }));
const labelsOf = (label: string, series = /requests_total$/) => [
  ...new Set(
    seen()
      .filter((one) => series.test(one.series))
      .map((one) => one.labels[label]),
  ),
];
const value = (series: string, labels: Record<string, string> = {}) =>
  seen()
    .filter((one) => one.series === series && Object.entries(labels).every(([key, wanted]) => one.labels[key] === wanted))
    .reduce((sum, one) => sum + (typeof one.value === "number" ? one.value : one.value.length), 0);

const REQUESTS = "ai_proxy_requests_total";

describe("names and labels", () => {
  const words = [
    "model",
    "consumer",
    "upstream",
    "metric",
    "status",
    "route",
    "gpt-4",
    "1",
    "a b",
    "%2E",
    "~model",
    "é",
    '"',
    "\\",
    "",
    "2xx",
  ];
  const name = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }).map((parts) => parts.join("."));
  const text = fc
    .oneof(
      name,
      fc.string({ minLength: 1, maxLength: 60, unit: "binary-ascii" }).map((one) => one.replace(/[\0\r\n]/g, "_")),
    )
    .filter((one) => one !== "");
  // A header's value has no blanks around it.
  const header = text.map((one) => `k${one.replace(/[^\x20-\x7e]/g, "-")}k`);

  it("give back every route, cluster, model and consumer, whatever they hold, and known series", async () => {
    await start({ metrics: { family: "both", maxModels: 10000, maxConsumers: 10000, maxSeries: 20000 } });
    fc.assert(
      fc.property(text, text, text, header, (route, cluster, model, consumer) => {
        const before = new Set(Object.keys(host.metrics.snapshot()));
        run({ route, cluster, model, responseModel: model, consumer });
        run({ route, cluster, model, responseModel: model, consumer, status: 429 });
        const made = Object.keys(host.metrics.snapshot()).filter((one) => !before.has(one));
        const bytes = (one: string) => Buffer.from(one).subarray(0, 128).toString("latin1");
        for (const one of made.map(tagged)) {
          const known = SERIES.has(one.series) || SERIES.has(`${one.series}_bucket`);
          expect(known, one.series).toBe(true);
          if (!("ai_route" in one.labels)) continue;
          expect(decode(one.labels.ai_route)).toBe(bytes(route));
          expect(decode(one.labels.ai_consumer)).toBe(bytes(consumer));
          if (one.labels.ai_model !== undefined) expect(decode(one.labels.ai_model)).toBe(bytes(model));
          if (one.labels.ai_cluster !== undefined) expect(decode(one.labels.ai_cluster)).toBe(bytes(cluster));
          if (one.labels.gen_ai_request_model !== undefined) expect(decode(one.labels.gen_ai_request_model)).toBe(bytes(model));
        }
      }),
      { numRuns: process.env.CI ? 400 : 80 },
    );
    expect(host.traps).toEqual([]);
    expect(host.violations).toEqual([]);
  }, 60_000);

  it("keep the dots of a model's name, as Higress does", () => {
    run({ responseModel: "gpt-3.5-turbo", cluster: "outbound|443||llm.dns" });
    expect(Object.keys(host.metrics.snapshot())).toContain(
      "route.r.upstream.outbound|443||llm.dns.model.gpt-3.5-turbo.consumer.none.metric.input_token",
    );
  });

  it("are written once: a second exchange of the same kind defines nothing", async () => {
    await start({ metrics: { family: "both" } });
    for (const call of [{ responseModel: "m-1" }, { status: 429 }, { model: null }]) run(call);
    const { definitions } = host.metrics;
    for (const call of [{ responseModel: "m-1" }, { status: 429 }, { model: null }]) run(call);
    expect(host.metrics.definitions).toBe(definitions);
  });
});

describe("the model label", () => {
  it("is `other` for a name that only the client knows", () => {
    run({ model: "made-up", status: 404 });
    expect(labelsOf("ai_model")).toEqual(["other"]);
  });

  it("is the name of the configuration, also when the provider fails", async () => {
    await start({ provider: { ...PROVIDER, modelMapping: { "gpt-4o": "", "cheap*": "mini", "~^o(\\d)$": "omega-$1", "*": "rest" } } });
    for (const model of ["gpt-4o", "cheap-1", "o3", "x"]) run({ model, status: 503 });
    // What an expression makes of a client's name is as unbounded as that name.
    expect(labelsOf("ai_model").sort()).toEqual(["gpt-4o", "mini", "other", "rest"]);
  });

  it("is what has answered, and later failures of the same name count for it", () => {
    run({ model: "gpt-4o", status: 500 });
    run({ model: "gpt-4o", responseModel: "gpt-4o-2024" });
    run({ model: "gpt-4o", status: 500 });
    expect(value(REQUESTS, { ai_model: "other", status_class: "5xx" })).toBe(1);
    expect(value(REQUESTS, { ai_model: "gpt-4o-2024", status_class: "2xx" })).toBe(1);
    expect(value(REQUESTS, { ai_model: "gpt-4o-2024", status_class: "5xx" })).toBe(1);
  });

  it("does not believe the model in an error's body", () => {
    run({ model: "made-up", responseModel: "made-up", status: 400 });
    expect(labelsOf("ai_model")).toEqual(["other"]);
  });

  it("is capped for a provider that answers to any name, but for names of the configuration", async () => {
    await start({ metrics: { maxModels: 5 }, provider: { ...PROVIDER, modelMapping: { "*": "", big: "big-1" } } });
    for (let n = 0; n < 1000; n++) run({ model: `junk-${n}`, responseModel: `junk-${n}` });
    run({ model: "big", responseModel: "big-1" });
    expect(labelsOf("ai_model").sort()).toEqual(["big-1", "junk-0", "junk-1", "junk-2", "junk-3", "junk-4", "other"]);
    expect(value(REQUESTS)).toBe(1001);
    expect(value("route_upstream_model_consumer_metric_total_token")).toBe(7 * 1001);
  });

  it("is `none` for a request that names no model", () => {
    run({ model: null });
    expect(labelsOf("ai_model")).toEqual(["none"]);
  });
});

describe("caps", () => {
  it("count consumers beyond maxConsumers as `other`", async () => {
    await start({ metrics: { maxConsumers: 3 } });
    for (let n = 0; n < 50; n++) run({ consumer: `u${n % 10}`, responseModel: "m" });
    expect(labelsOf("ai_consumer").sort()).toEqual(["other", "u0", "u1", "u2"]);
    expect(value(REQUESTS)).toBe(50);
  });

  it("count combinations beyond maxSeries as `other` of their route and cluster", async () => {
    await start({ metrics: { maxSeries: 4 } });
    for (let n = 0; n < 40; n++) run({ consumer: `u${n % 10}`, responseModel: `m${n % 4}`, route: n % 2 ? "r1" : "r2" });
    expect(seen().filter((one) => one.series === REQUESTS)).toHaveLength(6);
    expect(value(REQUESTS)).toBe(40);
  });

  it("bound the errors of a provider that answers with every status", () => {
    for (let status = 400; status < 1000; status++) run({ status });
    const errors = seen().filter((one) => one.series === "ai_proxy_errors_total");
    expect(errors.length).toBeLessThanOrEqual(65);
    expect(value("ai_proxy_errors_total")).toBe(600);
  });

  it("bound the names asked for of OpenTelemetry's series", async () => {
    await start({ metrics: { family: "otel", maxModels: 10000 } });
    for (let n = 0; n < 300; n++) run({ model: `alias-${n}`, responseModel: "m" });
    expect(labelsOf("gen_ai_request_model", /token_usage/).length).toBeLessThanOrEqual(65);
    expect(value("gen_ai_client_token_usage", { gen_ai_token_type: "input" })).toBe(300);
  });
});

describe("families", () => {
  const families = () => new Set(seen().map((one) => /^(route_upstream|ai_proxy|gen_ai)/.exec(one.series)?.[1]));

  it.each([
    [undefined, ["ai_proxy", "route_upstream"]],
    ["higress", ["ai_proxy", "route_upstream"]],
    ["otel", ["ai_proxy", "gen_ai"]],
    ["both", ["ai_proxy", "gen_ai", "route_upstream"]],
  ])("%s: %j", async (family, wanted) => {
    await start(family ? { metrics: { family } } : {});
    run({ responseModel: "m" });
    expect([...families()].sort()).toEqual(wanted);
  });

  it("of OpenTelemetry: operation, provider, models and error are its own words", async () => {
    await start({ metrics: { family: "otel" }, provider: { type: "claude", apiTokens: ["k"], modelMapping: { "*": "sonnet" } } });
    run({ status: 529 });
    expect(seen().find((one) => one.series === "gen_ai_server_request_duration_milliseconds")?.labels).toEqual({
      ai_route: "r",
      ai_consumer: "none",
      gen_ai_operation_name: "chat",
      gen_ai_provider_name: "anthropic",
      gen_ai_request_model: "sonnet",
      error_type: "529",
    });
  });

  it("of OpenTelemetry: a stream's times to the first token and per token after it", async () => {
    await start({ metrics: { family: "otel" } });
    const sent = open({ stream: true });
    const chunk = (delta: object, usage: object | null = null) =>
      `data: ${JSON.stringify({ model: "m", choices: [{ index: 0, delta }], usage })}\n\n`;
    sent.respond({
      headers: { "content-type": "text/event-stream" },
      chunks: [
        chunk({ content: "a" }),
        chunk({ content: "b" }, { prompt_tokens: 5, completion_tokens: 11, total_tokens: 16 }),
        "data: [DONE]\n\n",
      ],
      delaysMs: [300, 500, 0],
    });
    sent.finish();
    const all = Object.fromEntries(seen().map((one) => [`${one.series} ${one.labels.gen_ai_token_type ?? ""}`.trim(), one.value]));
    expect(all).toMatchObject({
      "gen_ai_client_token_usage input": [5],
      "gen_ai_client_token_usage output": [11],
      gen_ai_server_request_duration_milliseconds: [800],
      gen_ai_server_time_to_first_token_milliseconds: [300],
      gen_ai_server_time_per_output_token_microseconds: [50_000],
    });
  });
});

describe("errors", () => {
  it.each([
    [{ status: 429 }, { status: "429", error: "provider_error" }],
    [{ model: null }, { status: "400", error: "missing_model" }],
    [
      { status: 503, local: "upstream_reset_before_response_started{x}" },
      { status: "502", error: "upstream_unreachable" },
    ],
  ])("of %j count as %j", (call, wanted) => {
    run(call);
    const [error, ...more] = seen().filter((one) => one.series === "ai_proxy_errors_total");
    expect(more).toEqual([]);
    expect(error?.labels).toMatchObject({ ...wanted, ai_route: "r", ai_consumer: "none" });
    expect(error?.value).toBe(1);
  });

  it("of a client that goes away count as aborted, with status none before there is one", () => {
    open({}).abort();
    const answered = open({ stream: true });
    answered.respondHeaders({ headers: { "content-type": "text/event-stream" } });
    answered.abort();
    expect(value("ai_proxy_errors_total", { error: "aborted", status: "none" })).toBe(1);
    expect(value("ai_proxy_errors_total", { error: "aborted", status: "200" })).toBe(1);
  });

  it("are none for an exchange that went well", () => {
    run({ responseModel: "m" });
    expect(value("ai_proxy_errors_total")).toBe(0);
  });

  it("of the provider count against the configured token, those of others do not", () => {
    for (const status of [401, 401, 429, 500, 503, 400, 200]) run({ status });
    run({ status: 429, local: "request_rate_limited" });
    const failures = seen().filter((one) => one.series === "ai_proxy_token_failures_total");
    expect(Object.fromEntries(failures.map((one) => [`${one.labels.provider} ${one.labels.status}`, one.value]))).toEqual({
      "openai 401": 2,
      "openai 429": 1,
      "openai 5xx": 2,
    });
  });

  it("of the provider under status 200 count, too, with the status that they deserve", () => {
    const send = (stream: boolean, body: string) => {
      const sent = open({ stream, model: "fresh" });
      sent.respond({ headers: { "content-type": stream ? "text/event-stream" : "application/json" }, chunks: [body] });
      return JSON.parse(sent.finish().stateText("ai_log")!);
    };
    expect(send(false, '{"error":{"message":"slow down","code":429}}')).toMatchObject({ status: 200, outcome: "error" });
    expect(send(true, 'data: {"error":{"type":"overloaded_error"}}\n\n')).toMatchObject({ status: 200, outcome: "error" });
    expect(send(false, '{"error":{"type":"invalid_request_error"}}')).toMatchObject({ outcome: "error" });
    expect(send(false, '{"error":null,"choices":[]}')).toMatchObject({ outcome: "completed" });
    const failures = seen().filter((one) => one.series === "ai_proxy_token_failures_total");
    expect(Object.fromEntries(failures.map((one) => [one.labels.status, one.value]))).toEqual({ 429: 1, "5xx": 1 });
    expect(value("ai_proxy_errors_total", { status: "200", error: "provider_error" })).toBe(2);
    expect(value("ai_proxy_errors_total", { status: "200", error: "stream_error" })).toBe(1);
  });
});

describe("abnormal access", () => {
  it("counts each signal of a consumer, in Higress's form only with its family", async () => {
    for (const family of ["higress", "otel"]) {
      await start({ metrics: { family }, abnormal: { promptBytes: 1024 }, provider: { ...PROVIDER, modelMapping: { known: "" } } });
      run({ model: "known", consumer: "bob" });
      expect(value("ai_proxy_abnormal_total")).toBe(0);
      for (let n = 0; n < 3; n++) run({ model: n < 2 ? "odd" : `${"x".repeat(1020)}-`, consumer: "bob" });
      expect(value("ai_proxy_abnormal_total", { ai_consumer: "bob", signal: "unknown_model" })).toBe(3);
      expect(value("ai_proxy_abnormal_total", { ai_consumer: "bob", signal: "large_prompt" })).toBe(1);
      const old = value("route_upstream_model_consumer_metric_abnormal_unknown_model", { ai_consumer: "bob", ai_route: "r" });
      expect(old).toBe(family === "higress" ? 3 : 0);
    }
  });

  it("keeps to the caps: models that only clients know are `other`, and so are consumers beyond theirs", async () => {
    await start({ metrics: { maxConsumers: 2, maxSeries: 3 }, provider: { ...PROVIDER, modelMapping: { known: "" } } });
    for (let n = 0; n < 200; n++) run({ model: `odd-${n}`, status: 404, consumer: `u${n % 50}` });
    const signals = seen().filter((one) => one.series === "ai_proxy_abnormal_total");
    expect(signals.length).toBeLessThanOrEqual(4);
    expect(value("ai_proxy_abnormal_total", { ai_model: "other" })).toBe(200);
    expect(labelsOf("ai_consumer", /abnormal_total/).sort()).toEqual(["other", "u0", "u1"]);
  });
});

describe("overhead", () => {
  /** A clock on which a microsecond passes with each look at it. */
  const ticking = () => {
    let now = 1_767_323_045_000_000_000n;
    return { now: () => (now += 1000n), advance: (milliseconds: number) => void (now += BigInt(milliseconds) * 1_000_000n) };
  };
  const begin = async () => {
    host = await loadPlugin({ clock: ticking() });
    plugin = host.configure(JSON.stringify({ provider: PROVIDER }));
  };
  const overhead = () => seen().filter((one) => one.series === "ai_proxy_overhead_us");

  it("is what passes in callbacks, not between them, by provider", async () => {
    await begin();
    const sent = open({});
    host.clock.advance!(400);
    sent.respond({ headers: { "content-type": "application/json" }, chunks: ["{", "}"], delaysMs: [100, 300] });
    sent.finish();
    const [found, ...more] = overhead();
    expect(more).toEqual([]);
    expect(found?.labels).toEqual({ provider: "openai" });
    // Five callbacks that look at the clock before and after, and the few looks of the plugin's between.
    const [micros = 0] = found?.value as number[];
    expect(micros).toBeGreaterThanOrEqual(5);
    expect(micros).toBeLessThan(20);
  });

  it("of a stream ends with its first token, and costs no call for what follows", async () => {
    const event = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
    const micros = async (chunks: number) => {
      await begin();
      const sent = open({ stream: true });
      sent.respond({ headers: { "content-type": "text/event-stream" }, chunks: Array.from({ length: chunks }, () => event("a")) });
      sent.finish();
      return overhead()[0]?.value;
    };
    expect(await micros(50)).toEqual(await micros(2));
  });

  it("is taken of one request in sixteen, however it ends", async () => {
    await begin();
    const ends = [() => run({}), () => run({ model: null }), () => run({ status: 500 }), () => void open({}).abort()];
    for (const end of ends) for (let n = 0; n < 16; n++) end();
    expect(overhead()[0]?.value).toHaveLength(4);
  });
});

describe("bodies that are not read", () => {
  const skipped = () =>
    Object.fromEntries(seen().flatMap((one) => (one.series === "ai_proxy_skipped_bodies_total" ? [[one.labels.reason, one.value]] : [])));
  const send = (path: string, headers: object, response: object) => {
    const sent = plugin.exchange({ path, headers: { ...headers }, body: '{"model":"m","messages":[]}' });
    sent.respond(response);
    sent.finish();
  };
  const json = { "content-type": "application/json" };
  const chat = "/v1/chat/completions";

  it("are counted by the reason", () => {
    send(chat, json, { headers: { ...json, "content-encoding": "br" }, chunks: ["x"] });
    send(chat, json, { headers: { "content-type": "text/html" }, chunks: ["<html>"] });
    send("/v1/embeddings", { ...json, "content-encoding": "gzip" }, { headers: json, chunks: ["{}"] });
    send("/v1/something/new", json, { headers: json, chunks: ["{}"] });
    expect(skipped()).toEqual({ encoding: 1, content_type: 1, request_encoding: 1, unknown_api: 1 });
  });

  it("are not those that hold no tokens, errors, and what is read", () => {
    send(chat, json, { headers: json, chunks: ["{}"] });
    send(chat, json, { status: 502, headers: { "content-type": "text/html" }, chunks: ["<html>"] });
    send("/v1/audio/speech", json, { headers: { "content-type": "audio/mpeg" }, chunks: ["ID3"] });
    expect(skipped()).toEqual({});
  });

  it("are events that are too large to be translated", async () => {
    await start({ provider: { type: "gemini", apiTokens: ["k"], maxResponseEventBytes: 4096 } });
    const sent = open({ stream: true });
    sent.respond({ headers: { "content-type": "text/event-stream" }, chunks: [`data: {"x":"${"y".repeat(9000)}"}\n\n`] });
    sent.finish();
    expect(skipped()).toEqual({ event_too_large: 1 });
  });
});

describe("gauges", () => {
  it("show the streams that have begun and not ended, however they end", () => {
    const streams = () => host.metrics.value("ai_proxy.streams_in_flight") ?? 0;
    const events = { headers: { "content-type": "text/event-stream" } };
    const [done, aborted, whole] = [open({ stream: true }), open({ stream: true }), open({})];
    expect(streams()).toBe(0);
    aborted.respondHeaders(events);
    expect(streams()).toBe(1);
    done.respondHeaders(events);
    whole.respond({ headers: { "content-type": "application/json" }, chunks: ["{}"] });
    expect(streams()).toBe(2);
    aborted.abort();
    done.abort();
    whole.finish();
    expect(streams()).toBe(0);
    expect(host.metrics.value("ai_proxy.requests_in_flight")).toBe(0);
  });

  it("show the requests in flight, however they end", () => {
    const inFlight = () => host.metrics.value("ai_proxy.requests_in_flight");
    const [whole, aborted, failed] = [open({}), open({ stream: true }), open({})];
    expect(inFlight()).toBe(3);
    whole?.respond({ chunks: ["{}"] });
    whole?.finish();
    aborted?.abort();
    failed?.failUpstream();
    failed?.finish();
    run({ model: null });
    expect(inFlight()).toBe(0);
  });

  it("show what is isolated of all configurations of a VM, until they end", async () => {
    const one = await loadPlugin();
    const isolated = () => one.metrics.value("ai_proxy.isolated_parts");
    const good = { id: "a", type: "openai", apiTokens: ["k"] };
    const config = (...others: unknown[]) =>
      JSON.stringify({ providers: [good, ...others], _rules_: [{ _match_route_: ["r"], activeProviderId: "b" }] });
    const sound = one.configure(JSON.stringify({ provider: good }));
    expect(isolated()).toBe(0);
    const broken = one.configure(config({ id: "b", type: "acme-llm" }, 7));
    expect(broken.ok).toBe(true);
    expect(isolated()).toBe(3);
    expect(one.configure(JSON.stringify({ providers: [7] })).ok).toBe(false);
    expect(isolated()).toBe(3);
    const mended = one.configure(config({ ...good, id: "b" }));
    broken.stop();
    expect(isolated()).toBe(0);
    for (const plugin of [sound, mended]) plugin.stop();
    expect([one.traps, one.violations]).toEqual([[], []]);
  });

  it("show the module's memory", () => {
    run({ responseModel: "m" });
    expect(host.metrics.value("ai_proxy.memory_bytes")).toBe(host.memoryBytes);
    expect(host.memoryBytes % PAGE).toBe(0);
    const big = "x".repeat(4 << 20);
    for (let n = 0; n < 64; n++) run({ responseModel: "m", usage: null, ...(n < 3 ? { model: big } : {}) });
    run({ responseModel: "m" });
    expect(host.metrics.value("ai_proxy.memory_bytes")).toBe(host.memoryBytes);
  });
});

describe("counters under load", () => {
  const calls = () => host.hostCalls.proxy_increment_metric ?? 0;

  it("go to the host in batches, the last by a tick, and the ticks end", () => {
    run({});
    host.resetCounts();
    for (let n = 0; n < 50; n++) run({});
    expect(calls()).toBe(0);
    expect(plugin.tickPeriodMs).toBe(20);
    plugin.tick();
    const sent = calls();
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(10);
    plugin.tick();
    expect(calls()).toBe(sent);
    expect(plugin.tickPeriodMs).toBe(0);
    expect(seen().find((one) => one.series === REQUESTS)?.value).toBe(51);
  });

  it("go at once when the last batch is older than 10 ms", () => {
    run({});
    plugin.tick();
    plugin.tick();
    host.clock.advance?.(11);
    host.resetCounts();
    run({});
    // The request in flight; its end comes before the next batch is due.
    expect(calls()).toBe(1);
    host.clock.advance?.(11);
    run({});
    expect(calls()).toBeGreaterThan(5);
  });

  it("are not lost with the plugin that counted them", () => {
    run({});
    const other = host.configure(JSON.stringify({ provider: PROVIDER }));
    run({});
    plugin.stop();
    plugin = other;
    run({});
    expect(other.tickPeriodMs).toBe(20);
    expect(seen().find((one) => one.series === REQUESTS)?.value).toBe(3);
  });
});
