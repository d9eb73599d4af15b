// An Envoy with deploy/envoy/envoy.yaml's settings in front of several mock providers, and a load as mixed as a bad day: what
// the dashboard's test and its pictures look at.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { parse, stringify } from "yaml";
import { envoyConfig } from "./envoy-config.mjs";
import { EnvoyProcess } from "./envoy-process.mjs";
import { startMock } from "./mock-provider.mjs";

/** Routes by the header x-lab-route; each has its provider. Not by path: Envoy looks for the route anew once it was rewritten. */
const PROVIDERS = {
  openai: { type: "openai", apiTokens: ["sk-lab"], modelMapping: { "gpt-4o*": "mock-large", "*": "" } },
  claude: { type: "claude", apiTokens: ["ak-lab"], modelMapping: { "*": "mock-sonnet-4.5" } },
  gemini: { type: "gemini", apiTokens: ["gk-lab"], modelMapping: { "*": "mock-flash-2.5" } },
  packed: { type: "openai", apiTokens: ["sk-lab"], modelMapping: { "*": "mock-packed" } },
  // A mapping without "*": models that it does not name are told from others.
  strict: { type: "openai", apiTokens: ["sk-lab"], modelMapping: { "gpt-4o": "mock-large" } },
  broken: { type: "openai", apiTokens: ["sk-lab"], modelMapping: { "*": "mock-broken" } },
};

/** A provider that compresses although it was not asked to. */
async function startPacked() {
  const body = gzipSync('{"id":"c","model":"mock-packed","choices":[]}');
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.once("end", () => outgoing.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function labConfig({ mockPort, packedPort, wasm, directory, family }) {
  const values = { LISTEN_PORT: 0, ADMIN_PORT: 0, UPSTREAM_PORT: mockPort, PLUGIN_WASM: wasm, ACCESS_LOG: join(directory, "access.log") };
  const config = parse(envoyConfig(values));
  config.stats_flush_interval = "0.2s";
  const manager = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
  const rules = Object.entries(PROVIDERS).map(([name, provider]) => {
    const one = { provider: { id: name, ...provider } };
    return { _match_route_: [name], ...(name === "strict" ? { split: [{ name: "canary", ...one }] } : one) };
  });
  const plugin = manager.http_filters.find(({ name }) => name === "ai-proxy").typed_config.config;
  plugin.configuration.value = JSON.stringify({
    metrics: { family, maxModels: MAX_MODELS },
    abnormal: { refusalsPerMinute: 3, promptBytes: 1500 },
    limits: [{ by: "consumer", match: { consumers: ["mallory"] }, requestsPerMinute: 3 }],
    currency: "USD",
    prices: [
      { models: ["mock-*", "gpt-4.1"], input: 2.5, cachedInput: 1.25, output: 10 },
      { models: ["mock-sonnet-4.5"], currency: "EUR", input: 3, output: 15 },
    ],
    _rules_: rules,
  });
  const clusters = config.static_resources.clusters;
  const [llm] = clusters;
  for (const name of Object.keys(PROVIDERS)) {
    const copy = structuredClone(llm);
    // Port 1 is nobody's: every connection is refused.
    const port = { packed: packedPort, broken: 1 }[name] ?? mockPort;
    copy.name = `${name}.llm`;
    copy.load_assignment.cluster_name = copy.name;
    copy.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value = port;
    clusters.push(copy);
  }
  manager.route_config.virtual_hosts[0].routes = Object.keys(PROVIDERS).map((name) => ({
    name,
    match: { prefix: "/", headers: [{ name: "x-lab-route", string_match: { exact: name } }] },
    route: { cluster: `${name}.llm`, timeout: "0s" },
  }));
  return stringify(config);
}

/** So few that the names that the load makes up reach the cap. */
const MAX_MODELS = 8;

/** A consumer whose name looks like a part of a metric's name. */
export const ODD = 'odd.model."~%';

const question = (words) => [{ role: "user", content: "word ".repeat(words) }];

/** One round: what is asked of which route, by whom, and after how long the client goes away. */
function round(turn) {
  const chat = (route, consumer, body, giveUp) => ({ route, consumer, giveUp, body: { messages: question(3 + (turn % 20)), ...body } });
  const kinds = [
    chat("openai", "alice", { model: "gpt-4o" }),
    chat("openai", "bob", { model: "gpt-4o-mini", stream: true }),
    chat("openai", "team.search", { model: "gpt-4.1" }),
    chat("claude", "alice", { model: "claude", max_tokens: 99, stream: true }),
    chat("claude", "bob", { model: "claude", max_tokens: 99 }),
    chat("gemini", "carol", { model: "gemini", stream: turn % 2 === 0 }),
    chat("openai", "eve", { model: "error-401" }),
    chat("openai", "eve", { model: turn % 2 === 0 ? "error-403" : "error-429" }),
    chat("openai", "bob", { model: "gpt-4o", stream: true }, 150),
    chat("openai", "mallory", { model: "gpt-4o" }),
  ];
  if (turn % 3 === 0) kinds.push(chat("openai", "carol", { model: "error-500" }), chat("broken", "bob", { model: "m" }));
  if (turn % 4 === 0) kinds.push(chat("packed", ODD, { model: "m" }), { route: "openai", consumer: "eve", body: '{"model' });
  if (turn % 4 === 1)
    kinds.push(chat("strict", "eve", { model: "guess" }), chat("openai", "team.search", { model: "gpt-4o", messages: question(400) }));
  if (turn % 5 === 0)
    kinds.push(chat("openai", "carol", { model: "error-cut", stream: true }), chat("openai", "", { model: `junk-${turn}` }));
  return kinds;
}

/** Sends one request and reads its response, whatever comes; resolves with the status, 0 for none. */
function send(port, { route, consumer, body, giveUp }) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { "content-type": "application/json", "x-lab-route": route, ...(consumer ? { "x-mse-consumer": consumer } : {}) };
  return new Promise((resolve) => {
    const outgoing = request({ port, host: "127.0.0.1", method: "POST", path: "/v1/chat/completions", headers });
    let status = 0;
    outgoing.once("response", (response) => {
      status = response.statusCode ?? 0;
      response.resume();
      response.on("error", () => {});
    });
    outgoing.on("error", () => {});
    outgoing.once("close", () => resolve(status));
    if (giveUp) setTimeout(() => outgoing.destroy(), giveUp);
    outgoing.end(text);
  });
}

/**
 * Starts mock providers and Envoy; `load()` begins rounds of requests, `rest()` ends them, `close()` all.
 * @param {{ directory: string, wasm: string, family?: string, roundMs?: number }} options
 */
export async function startMetricsLab({ directory, wasm, family = "both", roundMs = 250 }) {
  const mock = await startMock({ port: 0, log: () => {} });
  const packed = await startPacked();
  const configPath = join(directory, "envoy.yaml");
  writeFileSync(configPath, labConfig({ mockPort: mock.port, packedPort: packed.address().port, wasm, directory, family }));
  const envoy = new EnvoyProcess({ configPath, directory, concurrency: 2 });
  const statuses = new Map();
  let isLoading = true;
  let loading = Promise.resolve();
  const rest = async () => {
    isLoading = false;
    await loading;
  };
  const close = async () => {
    await rest();
    await envoy.stop();
    await mock.close();
    packed.closeAllConnections();
    await new Promise((resolve) => packed.close(resolve));
  };
  try {
    await envoy.ready();
    const port = (await envoy.ports()).ai;
    const rounds = async () => {
      const open = new Set();
      for (let turn = 0; isLoading; turn++) {
        for (const one of round(turn)) {
          const sent = send(port, one).then((status) => {
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            open.delete(sent);
          });
          open.add(sent);
        }
        await sleep(roundMs * (0.6 + 0.4 * Math.sin(turn / 40)));
      }
      await Promise.all(open);
    };
    const adminAddress = readFileSync(envoy.adminPath, "utf8").trim();
    return { envoy, port, statuses, adminAddress, load: () => void (loading = rounds()), rest, close };
  } catch (error) {
    await close();
    throw error;
  }
}
