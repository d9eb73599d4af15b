// Limits where threads race: one Envoy with four workers, each with a VM of its own, and more requests than are allowed. The
// plugin's configuration comes from a file that Envoy watches (ECDS), so that it can be replaced while counts run.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { PLUGIN_PATH } from "../../emulator/module";
import { bootstrap } from "./bootstrap";
import { Upstream } from "./upstream";

const WORKERS = 4;
const CONNECTIONS = 64;
const REQUESTS = 10_000;
/** Of REQUESTS, how many a limit admits. */
const ALLOWED = 4_000;
const TOKENS_EACH = 7;
const BODY = JSON.stringify({ model: "m", max_tokens: 10, messages: [{ role: "user", content: "ping" }] });
const RESERVED = Math.ceil(BODY.length / 4) + 10;
const RESPONSE = {
  body: {
    id: "c",
    object: "chat.completion",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "pong" }, finish_reason: "stop" }],
    usage: { prompt_tokens: TOKENS_EACH - 1, completion_tokens: 1, total_tokens: TOKENS_EACH },
  },
};
const consumers = ["a", "b", "c", "d", "e"].map((name) => ({ name, credential: `gw-${name}` }));
const provider = { type: "openai", apiTokens: ["sk-provider"] };
const RESOURCE = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-limits-"));
let envoy: EnvoyProcess;
let upstream: Upstream;
let port: number;
let filter: { typed_config: { config: { configuration: { value: string } } } };
let reloads = 0;

/** Gives the plugin a new configuration and waits until Envoy has taken it. */
async function configure(limits: object[], more: object = {}): Promise<void> {
  filter.typed_config.config.configuration.value = JSON.stringify({ provider, consumers, limits, ...more });
  const next = join(directory, "next.json");
  const version = String(++reloads);
  writeFileSync(next, JSON.stringify({ version_info: version, resources: [{ "@type": RESOURCE, ...filter, name: "plugin0" }] }));
  renameSync(next, join(directory, "plugin.json"));
  if (envoy === undefined) return;
  const end = Date.now() + 20_000;
  while (!(await envoy.admin("/stats?filter=config_reload$")).includes(`plugin0.config_reload: ${version}`)) {
    if (Date.now() > end) throw new Error(`configuration ${version} was not taken:\n${envoy.log().slice(-2000)}`);
    await sleep(50);
  }
}

beforeAll(async () => {
  upstream = await Upstream.start();
  upstream.reset(RESPONSE);
  const accessLog = join(directory, "access.log");
  const config = bootstrap({ plugins: [{ config: {} }], wasm: PLUGIN_PATH, upstreamPort: upstream.port, accessLog }) as any;
  const filters = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters;
  filter = { typed_config: filters[0].typed_config };
  filters[0] = {
    name: "plugin0",
    config_discovery: {
      config_source: { path_config_source: { path: join(directory, "plugin.json") }, resource_api_version: "V3" },
      type_urls: [filter.typed_config["@type" as keyof typeof filter.typed_config]],
    },
  };
  await configure([]);
  const configPath = join(directory, "envoy.json");
  writeFileSync(configPath, JSON.stringify({ node: { id: "lab", cluster: "lab" }, ...config }));
  envoy = new EnvoyProcess({ configPath, directory, concurrency: WORKERS });
  await envoy.ready();
  port = (await envoy.ports()).l0;
}, 60_000);

afterAll(async () => {
  await envoy?.stop();
  await upstream?.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Seen {
  statuses: Record<number, number>;
  /** Of a refusal. */
  headers: Record<string, unknown>;
}

function once(agent: Agent, key: string, seen: Seen): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": BODY.length, authorization: `Bearer ${key}` };
    const sent = request({ host: "127.0.0.1", port, method: "POST", path: "/v1/chat/completions", agent, headers }, (response) => {
      const status = response.statusCode ?? 0;
      seen.statuses[status] = (seen.statuses[status] ?? 0) + 1;
      if (status === 429) seen.headers = response.headers;
      response.resume();
      response.once("end", resolve);
      response.once("error", reject);
    });
    sent.once("error", reject);
    sent.end(BODY);
  });
}

/** Sends so many requests over connections that stay open, with the given keys in turn. */
async function load(count: number, keys = ["gw-a"]): Promise<Seen> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const seen: Seen = { statuses: {}, headers: {} };
  let sent = 0;
  const work = async () => {
    while (sent < count) await once(agent, keys[sent++ % keys.length], seen);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  agent.destroy();
  return seen;
}

describe("four workers", () => {
  it(`admit exactly ${ALLOWED} of ${REQUESTS} requests`, async () => {
    await configure([{ name: "exact", requestsPerDay: ALLOWED }]);
    upstream.reset(RESPONSE);
    const seen = await load(REQUESTS);
    expect(seen.statuses).toEqual({ 200: ALLOWED, 429: REQUESTS - ALLOWED });
    expect(upstream.seen).toHaveLength(ALLOWED);
    expect(seen.headers).toMatchObject({
      "x-ratelimit-limit-requests": String(ALLOWED),
      "x-ratelimit-remaining-requests": "0",
      "retry-after": expect.stringMatching(/^\d+$/),
    });
    const stats = await envoy.admin("/stats?filter=worker_.*downstream_cx_total");
    const busy = [...stats.matchAll(/worker_\d+\.downstream_cx_total: ([1-9]\d*)/g)];
    expect(busy.length, stats).toBeGreaterThanOrEqual(WORKERS - 1);
  }, 120_000);

  it("and go on counting after a new configuration", async () => {
    await configure([{ name: "exact", requestsPerDay: ALLOWED + 10 }], { logFormat: "escaped" });
    expect((await load(200)).statuses).toEqual({ 200: 10, 429: 190 });
  }, 60_000);

  it("admit exactly so many for each consumer", async () => {
    await configure([
      { name: "each", by: "consumer", requestsPerDay: 300 },
      { name: "all", requestsPerDay: 1_400 },
    ]);
    const keys = consumers.map((one) => one.credential);
    expect((await load(1_000, keys.slice(0, 2))).statuses).toEqual({ 200: 600, 429: 400 });
    expect((await load(1_600, keys.slice(2, 4))).statuses).toEqual({ 200: 600, 429: 1_000 });
    expect((await load(300, keys.slice(4))).statuses).toEqual({ 200: 200, 429: 100 });
  }, 60_000);

  it("never go over a limit of tokens, as responses are shorter than what is reserved for them", async () => {
    const most = 2_000 * TOKENS_EACH + 3;
    await configure([{ name: "tokens", tokensPerDay: most }]);
    upstream.reset(RESPONSE);
    const first = await load(4_000);
    // Reservations are larger than what is used, so a few may be refused while others run: never one too many.
    const used = upstream.seen.length * TOKENS_EACH;
    expect(first.statuses[200]).toBe(upstream.seen.length);
    expect(used).toBeLessThanOrEqual(most);
    expect(used).toBeGreaterThan(most - CONNECTIONS * RESERVED);
    expect(first.headers).toMatchObject({ "x-ratelimit-limit-tokens": String(most) });
    // All reservations are settled: one at a time, requests are admitted until the next reservation does not fit.
    await sleep(300);
    const agent = new Agent({ keepAlive: true });
    const seen: Seen = { statuses: {}, headers: {} };
    while (seen.statuses[429] === undefined) await once(agent, "gw-a", seen);
    agent.destroy();
    const left = most - upstream.seen.length * TOKENS_EACH;
    expect(left).toBeLessThan(RESERVED);
    expect(seen.headers["x-ratelimit-remaining-tokens"]).toBe(String(left));
  }, 120_000);

  it("never go over a budget of money, and admit all of it but for one reservation", async () => {
    // In 10^-9 USD: 6 tokens of input at 0.001, one of output at 0.002.
    const each = 8_000_000;
    const reserved = Math.ceil(BODY.length / 4) * 1_000_000 + 10 * 2_000_000;
    const most = 16e9;
    const money = { currency: "USD", prices: [{ models: ["m"], input: 1000, output: 2000 }] };
    await configure([{ name: "money", costPerMonth: "16.000000" }], money);
    upstream.reset(RESPONSE);
    const first = await load(4_000);
    const used = () => upstream.seen.length * each;
    expect(first.statuses[200]).toBe(upstream.seen.length);
    expect(used()).toBeLessThanOrEqual(most);
    expect(used()).toBeGreaterThan(most - CONNECTIONS * reserved);
    await sleep(300);
    const agent = new Agent({ keepAlive: true });
    const seen: Seen = { statuses: {}, headers: {} };
    while (seen.statuses[429] === undefined) await once(agent, "gw-a", seen);
    agent.destroy();
    const left = most - used();
    expect(left).toBeLessThan(reserved);
    expect(seen.headers).toMatchObject({ "x-ratelimit-limit-cost": "16", "x-ratelimit-remaining-cost": String(left / 1e9) });
    // The counter of all workers, exact.
    const stats = await envoy.admin("/stats?filter=cost_nano_total");
    expect([...stats.matchAll(/cost_nano_total: (\d+)/g)].reduce((sum, [, value]) => sum + Number(value), 0)).toBe(used());
  }, 120_000);
});
