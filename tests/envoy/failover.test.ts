// Failover in a real Envoy: state shared by worker threads and kept over a new configuration; retries with another key and
// another provider as deploy/envoy/fallback.yaml sets them up.
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { LOCAL_VALUES, fillTemplate } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { PLUGIN_PATH } from "../../emulator/module";
import { bootstrap } from "./bootstrap";
import { send, type Call } from "./client";
import { startLab, type Lab } from "./lab";
import { Upstream, type Reply, type SeenRequest } from "./upstream";

const CHAT = { model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] };
const keyOf = (request: SeenRequest) => request.headers.authorization?.replace("Bearer ", "");
const failover = { enabled: true, failureThreshold: 1, cooldownDuration: 60_000 };

describe("failover in the workers of one Envoy", () => {
  let lab: Lab;

  beforeAll(async () => {
    const provider = (tokens: string[], extra = {}) => ({
      config: { provider: { type: "openai", apiTokens: tokens, failover: { ...failover, ...extra } } },
    });
    lab = await startLab({
      wasm: PLUGIN_PATH,
      concurrency: 2,
      plugins: [provider(["bad-1", "good-1"]), provider(["bad-2", "good-2"], { failureThreshold: 20 }), provider(["bad-3", "good-3"])],
    });
  }, 60_000);

  afterAll(() => lab?.close());

  const badOnes = () => lab.upstream.seen.filter((request) => keyOf(request)?.startsWith("bad")).length;

  it("calls a key that is refused once, whichever thread a connection belongs to", async () => {
    lab.upstream.reset((request) => ({ status: keyOf(request) === "bad-1" ? 401 : 200, body: {} }));
    for (let n = 0; n < 50; n++) await lab.call(0, { body: CHAT });
    expect(lab.upstream.seen).toHaveLength(50);
    expect(badOnes()).toBe(1);
  });

  it("counts failures of requests that run at once exactly, until the threshold", async () => {
    lab.upstream.reset((request) => ({ status: keyOf(request) === "bad-2" ? 500 : 200, body: {} }));
    // Twenty at a time: what is under way when the threshold is reached may still fail.
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 20 }, () => lab.call(1, { body: CHAT })));
    expect(badOnes()).toBeGreaterThanOrEqual(20);
    expect(badOnes()).toBeLessThan(40);
    lab.upstream.seen = [];
    for (let n = 0; n < 30; n++) await lab.call(1, { body: CHAT });
    expect(badOnes()).toBe(0);
  });

  it("does not hold it against a key that the provider breaks off", async () => {
    lab.upstream.reset({ body: "x", end: "reset", raw: "" });
    for (let n = 0; n < 10; n++) expect((await lab.call(2, { body: CHAT })).status).toBe(502);
    lab.upstream.reset({ body: {} });
    for (let n = 0; n < 30; n++) await lab.call(2, { body: CHAT });
    expect(new Set(lab.upstream.seen.map(keyOf)).size).toBe(2);
  });

  it("says in Envoy's log which key is out, by its number", () => {
    const lines = lab
      .envoyLog()
      .split("\n")
      .filter((line) => line.includes("out of use"));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("token 1 of provider openai is out of use for 60 s after status 401");
    expect(lab.envoyLog()).not.toMatch(/bad-|good-/);
  });
});

describe("a new configuration", () => {
  it("keeps what is known of keys that stay", async () => {
    const directory = mkdtempSync(join(tmpdir(), "ai-proxy-failover-"));
    const upstream = await Upstream.start();
    const listeners = join(directory, "lds.json");
    /** The lab's listener with these keys, as a file that Envoy watches. */
    const listener = (apiTokens: string[], version: string) => {
      const plugins = [{ config: { provider: { type: "openai", apiTokens, failover } } }];
      const options = { plugins, wasm: PLUGIN_PATH, upstreamPort: upstream.port, accessLog: join(directory, "access.log") };
      const config = bootstrap(options) as any;
      const [resource] = config.static_resources.listeners;
      const one = { "@type": "type.googleapis.com/envoy.config.listener.v3.Listener", ...resource };
      writeFileSync(`${listeners}.new`, JSON.stringify({ version_info: version, resources: [one] }));
      renameSync(`${listeners}.new`, listeners);
      return config;
    };
    const config = listener(["bad", "good"], "1");
    config.static_resources.listeners = [];
    config.node = { id: "lab", cluster: "lab" };
    config.dynamic_resources = { lds_config: { path_config_source: { path: listeners } } };
    writeFileSync(join(directory, "envoy.json"), JSON.stringify(config));
    const envoy = new EnvoyProcess({ configPath: join(directory, "envoy.json"), directory });
    try {
      await envoy.ready();
      upstream.reset((request) => ({ status: keyOf(request) === "bad" ? 401 : 200, body: {} }));
      const call = async () => send((await envoy.ports()).l0, { body: CHAT });
      for (let n = 0; n < 20; n++) await call();
      expect(upstream.seen.filter((request) => keyOf(request) === "bad")).toHaveLength(1);
      upstream.seen = [];
      listener(["third", "bad", "good"], "2");
      for (let n = 0; n < 100 && !upstream.seen.some((request) => keyOf(request) === "third"); n++) {
        await call();
        await sleep(50);
      }
      for (let n = 0; n < 30; n++) await call();
      expect(new Set(upstream.seen.map(keyOf))).toEqual(new Set(["third", "good"]));
    } finally {
      await envoy.stop();
      await upstream.close();
      rmSync(directory, { recursive: true, force: true });
    }
  }, 60_000);
});

describe("deploy/envoy/fallback.yaml", () => {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-fallback-"));
  const logPath = join(directory, "access.log");
  let openai: Upstream;
  let claude: Upstream;
  let envoy: EnvoyProcess;
  let port = 0;

  beforeAll(async () => {
    [openai, claude] = await Promise.all([Upstream.start(), Upstream.start()]);
    const filled = fillTemplate(readFileSync(join(ROOT, "deploy/envoy/fallback.yaml"), "utf8"), {
      ...LOCAL_VALUES,
      LISTEN_PORT: 0,
      ADMIN_PORT: 0,
      UPSTREAM_PORT: openai.port,
      FALLBACK_HOST: "127.0.0.1",
      FALLBACK_PORT: claude.port,
      PLUGIN_WASM: PLUGIN_PATH,
      ACCESS_LOG: logPath,
    });
    const config = parse(filled);
    const [manager] = config.static_resources.listeners[0].filter_chains[0].filters;
    // So that a hanging provider costs a test one second instead of a minute.
    manager.typed_config.route_config.virtual_hosts[0].routes[0].route.retry_policy.per_try_idle_timeout = "1s";
    addGreedy(manager.typed_config.route_config.virtual_hosts[0].routes);
    addReversed(config, manager.typed_config.route_config.virtual_hosts[0].routes);
    const log = manager.typed_config.access_log[0].typed_config.log_format.json_format;
    log.port = "%DOWNSTREAM_REMOTE_PORT%";
    writeFileSync(join(directory, "envoy.yaml"), stringify(config));
    envoy = new EnvoyProcess({ configPath: join(directory, "envoy.yaml"), directory });
    await envoy.ready();
    port = (await envoy.ports()).ai;
  }, 60_000);

  /** Below /greedy four attempts at a provider with two keys. */
  function addGreedy(routes: any[]): void {
    const greedy = structuredClone(routes[0]);
    greedy.match.prefix = "/greedy";
    delete greedy.route.inline_cluster_specifier_plugin;
    greedy.route.cluster = "openai";
    greedy.route.retry_policy.num_retries = 3;
    routes.unshift(greedy);
  }

  /** The same the other way round, below /reversed, with a third provider behind that keeps the caller's key and host. */
  function addReversed(config: any, routes: any[]): void {
    const reversed = structuredClone(routes.at(-1));
    reversed.match.prefix = "/reversed";
    const specifier = reversed.route.inline_cluster_specifier_plugin.extension.typed_config;
    specifier.priority_groups = ["claude", "openai", "own"].map((name) => ({ name, clusters: [{ cluster_name: name, weight: 1 }] }));
    routes.unshift(reversed);
    const own = structuredClone(config.static_resources.clusters[0]);
    own.name = own.load_assignment.cluster_name = "own";
    const [filter] = Object.values<any>(own.typed_extension_protocol_options)[0].http_filters;
    filter.typed_config.config.name = "own";
    filter.typed_config.config.configuration.value = JSON.stringify({ provider: { type: "generic" } });
    config.static_resources.clusters.push(own);
  }

  afterAll(async () => {
    await envoy?.stop();
    await Promise.all([openai?.close(), claude?.close()]);
    rmSync(directory, { recursive: true, force: true });
  });

  beforeEach(() => {
    openai.reset();
    claude.reset(CLAUDE_RESPONSE);
  });

  const CLAUDE_RESPONSE: Reply = {
    body: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-x",
      content: [{ type: "text", text: "from Claude" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 3, output_tokens: 4 },
    },
  };
  const ERROR = (status: number): Reply => ({ status, body: { error: { message: "no" } } });
  const call = (body: object = CHAT, extra: Call = {}) => send(port, { body, ...extra });
  const textOf = (response: Awaited<ReturnType<typeof call>>) => response.json().choices[0].message.content;
  const logOf = async (response: Awaited<ReturnType<typeof call>>) => {
    for (let n = 0; n < 100; n++) {
      const line = readAccessLog(logPath).find((one) => Number(one.port) === response.localPort);
      if (line) return { ...line, aiLog: parseAiLog(line.ai_log) };
      await sleep(50);
    }
    throw new Error("no log line");
  };

  it("answers from the first provider when it can", async () => {
    const response = await call();
    expect(textOf(response)).toBe("pong");
    expect([openai.seen.length, claude.seen.length]).toEqual([1, 0]);
    expect(await logOf(response)).toMatchObject({
      attempts: 1,
      upstream_cluster: "openai",
      aiLog: { provider: "openai", total_token: 2, outcome: "completed" },
    });
  });

  it.each([401, 403, 408, 429, 500, 503])("takes the other key after %i", async (status) => {
    openai.reset([ERROR(status), { body: { choices: [{ message: { content: "second" } }] } }]);
    const response = await call();
    expect(textOf(response)).toBe("second");
    expect(new Set(openai.seen.map(keyOf))).toEqual(new Set(["sk-first", "sk-second"]));
    expect(openai.seen.every((one) => one.json.model === "gpt-4o" && one.json.messages[0].content === "Hello")).toBe(true);
    expect(await logOf(response)).toMatchObject({ attempts: 2, upstream_cluster: "openai" });
  });

  it("never uses a key twice for one request, twenty requests at once", async () => {
    openai.reset(ERROR(500));
    const responses = await Promise.all(Array.from({ length: 20 }, () => call()));
    expect(responses.map((one) => one.status)).toEqual(Array(20).fill(200));
    const keys = new Map<string, string[]>();
    for (const one of openai.seen) keys.set(one.headers["x-request-id"], [...(keys.get(one.headers["x-request-id"]) ?? []), keyOf(one)!]);
    expect(keys.size).toBe(20);
    for (const used of keys.values()) expect(new Set(used).size).toBe(used.length);
  });

  /** Failures of keys so far, by provider and status. */
  async function keyFailures(): Promise<Record<string, number>> {
    const lines = (await envoy.admin("/stats?filter=token_failures_total")).matchAll(/provider\.(\w+)\.~status\.(\w+)\..*: (\d+)/g);
    return Object.fromEntries([...lines].map(([, provider, status, count]) => [`${provider} ${status}`, Number(count)]));
  }

  it("counts each key that failed within one request", async () => {
    const { "openai 403": before = 0 } = await keyFailures();
    openai.reset(ERROR(403));
    expect(textOf(await call())).toBe("from Claude");
    await expect.poll(async () => (await keyFailures())["openai 403"], { timeout: 5_000 }).toBe(before + 2);
  });

  it("falls back after an error that the provider sends with status 200, when the response is translated", async () => {
    const { "claude 429": before = 0 } = await keyFailures();
    claude.reset({ status: 200, body: { type: "error", error: { type: "rate_limit_error", message: "Slow down" } } });
    const response = await call(CHAT, { path: "/reversed/v1/chat/completions" });
    expect([response.status, textOf(response)]).toEqual([200, "pong"]);
    expect([claude.seen.length, openai.seen.length]).toEqual([1, 1]);
    await expect.poll(async () => (await keyFailures())["claude 429"], { timeout: 5_000 }).toBe(before + 1);
  });

  it("never calls with a key again, although the route tries more often than there are keys", async () => {
    openai.reset(ERROR(500));
    const response = await call(CHAT, { path: "/greedy/v1/chat/completions" });
    expect([response.status, response.json().error.code]).toEqual([503, "no_token_left"]);
    expect(openai.seen.map(keyOf).sort()).toEqual(["sk-first", "sk-second"]);
  });

  it("falls back to the other provider, translated from the client's own request", async () => {
    openai.reset(ERROR(429));
    const response = await call({ ...CHAT, model: "gpt-4.1" });
    expect(textOf(response)).toBe("from Claude");
    expect(claude.seen[0].path).toBe("/v1/messages");
    expect(claude.seen[0].headers).toMatchObject({ "x-api-key": "sk-ant-fallback", host: "api.anthropic.com" });
    expect(claude.seen[0].headers.authorization).toBeUndefined();
    expect(claude.seen[0].json).toMatchObject({ model: "claude-sonnet-4-5", messages: [{ role: "user", content: "Hello" }] });
    expect(await logOf(response)).toMatchObject({
      attempts: 3,
      upstream_cluster: "claude",
      aiLog: { provider: "claude", request_model: "gpt-4.1", total_token: 7 },
    });
  });

  it("sends each attempt the client's own path, and no provider another one's key", async () => {
    claude.reset(ERROR(529));
    openai.reset(ERROR(503));
    await call(CHAT, { path: "/reversed/v1/chat/completions?x=1", headers: { authorization: "Bearer caller" }, host: "gw.test" });
    expect(claude.seen.map((one) => one.path)).toEqual(["/v1/messages"]);
    expect(openai.seen.map((one) => one.path)).toEqual(["/v1/chat/completions?x=1", "/reversed/v1/chat/completions?x=1"]);
    expect(openai.seen.map((one) => one.headers.host)).toEqual(["api.openai.com", "gw.test"]);
    expect(openai.seen[0].headers.authorization).toMatch(/^Bearer sk-/);
    for (const header of ["x-api-key", "anthropic-version"]) expect(openai.seen[0].headers[header], header).toBeUndefined();
    for (const header of ["authorization", "x-api-key"]) expect(openai.seen[1].headers[header], header).toBeUndefined();
  });

  it("streams from the provider that it fell back to", async () => {
    openai.reset(ERROR(503));
    const events = [
      { type: "message_start", message: { id: "m", model: "claude-x", usage: { input_tokens: 3, output_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "from " } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Claude" } },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
      { type: "message_stop" },
    ];
    claude.reset({ pieces: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`), gapMs: 30 });
    const response = await call({ ...CHAT, stream: true });
    expect(response.headers["content-type"]).toContain("text/event-stream");
    expect(response.text).toContain('"content":"from "');
    expect(response.text).toMatch(/data: \[DONE\]\s*$/);
    expect(response.pieces.length).toBeGreaterThan(2);
    expect(await logOf(response)).toMatchObject({
      attempts: 3,
      aiLog: { response_type: "stream", output_token: 2, usage_source: "reported" },
    });
  });

  it("falls back when the provider cannot be understood, breaks off or is silent", async () => {
    for (const reply of [{ raw: "" }, { raw: "not http\r\n\r\n" }, { delayMs: 3000 }] as Reply[]) {
      openai.reset(reply);
      expect(textOf(await call())).toBe("from Claude");
      expect(openai.seen).toHaveLength(2);
    }
  });

  it.each([400, 404, 422])("does not repeat %i", async (status) => {
    openai.reset(ERROR(status));
    const response = await call();
    expect(response.status).toBe(status);
    expect([openai.seen.length, claude.seen.length]).toEqual([1, 0]);
  });

  it("does not repeat what the plugin itself refuses", async () => {
    const response = await send(port, {
      method: "POST",
      path: "/v1/chat/completions",
      headers: { "content-type": "application/json" },
      body: '{"model":',
    });
    expect(response.status).toBe(400);
    expect(response.json().error.code).toBe("invalid_json");
    expect(openai.seen).toHaveLength(0);
  });

  it("gives the client the last provider's error, translated, when all have failed", async () => {
    openai.reset(ERROR(500));
    claude.reset({ status: 529, body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } } });
    const response = await call();
    expect(response.status).toBe(529);
    expect(response.json().error).toMatchObject({ message: "Overloaded" });
    expect([openai.seen.length, claude.seen.length]).toEqual([2, 1]);
  });

  it("repeats a request of 8 MB, byte for byte", async () => {
    openai.reset([ERROR(500), { body: { choices: [{ message: { content: "large" } }] } }]);
    const content = "x".repeat(8 << 20);
    expect(textOf(await call({ ...CHAT, messages: [{ role: "user", content }] }))).toBe("large");
    expect(openai.seen.map((one) => one.json.messages[0].content === content)).toEqual([true, true]);
  });

  it("counts a stream that the client leaves", async () => {
    openai.reset({ pieces: Array(50).fill('data: {"id":"c","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'), gapMs: 50 });
    const before = await counter();
    await call({ ...CHAT, stream: true }, { abortAfterBytes: 300 });
    for (let n = 0; n < 60 && (await counter()) === before; n++) await sleep(50);
    expect(await counter()).toBeGreaterThan(before);
  });

  /** Output tokens so far. */
  async function counter(): Promise<number> {
    const lines = (await envoy.admin("/stats")).split("\n").filter((line) => /metric\.output_token:/.test(line));
    return lines.reduce((sum, line) => sum + Number(line.split(": ")[1]), 0);
  }

  it("is not left with anything in flight", async () => {
    await sleep(300);
    expect(await envoy.admin("/stats?filter=requests_in_flight")).toMatch(/requests_in_flight: 0\n/);
    expect(envoy.log()).not.toMatch(/abort:|unreachable/);
  });
});
