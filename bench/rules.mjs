// What a configuration of 500 rules costs a running Envoy, over one of a single rule: CPU time of an update of the listener with
// ours and with the no-op, which reads nothing: the difference is what reading takes. Envoy has one worker and so two VMs, since the
// main thread has one, too. `npm run bench:rules`.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EnvoyProcess } from "../tools/envoy-process.mjs";
import { ownProviders } from "./many-rules.mjs";
import { cpuMicros, quiet } from "./race/envoy.mjs";
import { modules } from "./race/modules.mjs";
import { median } from "./race/numbers.mjs";

const RULES = 500;
const ROUNDS = 11;
const VMS = 2;
/** A listener that was replaced is there so long, and its configuration with it: what is alive makes a collection longer. */
const DRAIN_SECONDS = 1;
const POLL_MS = 20;
const TYPE = "type.googleapis.com/envoy";
const FILTERS = `${TYPE}.extensions.filters`;

/** Every text is another, so that Envoy has no plugin of it yet. */
const configuration = (rules, edition) => JSON.stringify(ownProviders(rules, `${edition}-`));

function listener(filename, rules, edition) {
  const code = { local: { filename } };
  const config = {
    ...{ name: "ai-proxy", vm_config: { vm_id: "rules", runtime: "envoy.wasm.runtime.v8", code } },
    configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: configuration(rules, edition) },
  };
  const filters = [
    { name: "ai-proxy", typed_config: { "@type": `${FILTERS}.http.wasm.v3.Wasm`, config } },
    { name: "router", typed_config: { "@type": `${FILTERS}.http.router.v3.Router` } },
  ];
  const manager = {
    ...{ "@type": `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`, stat_prefix: "rules", http_filters: filters },
    route_config: {
      virtual_hosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, direct_response: { status: 204 } }] }],
    },
  };
  return {
    ...{ "@type": `${TYPE}.config.listener.v3.Listener`, name: "rules" },
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
  };
}

/** Envoy looks at a file of listeners again when another is moved to its place. */
function publish({ path, filename }, rules, edition) {
  writeFileSync(`${path}.next`, JSON.stringify({ version_info: String(edition), resources: [listener(filename, rules, edition)] }));
  renameSync(`${path}.next`, path);
}

const counter = async (envoy, name) => Number((await envoy.admin(`/stats?filter=^${name}$`)).split(":")[1]);

/** CPU milliseconds of Envoy for one update. */
async function update(envoy, target, rules, edition) {
  const name = "listener_manager.lds.update_success";
  await sleep(2000 * DRAIN_SECONDS);
  await quiet(envoy.process.pid);
  const before = await counter(envoy, name);
  const cpu = cpuMicros(envoy.process.pid);
  publish(target, rules, edition);
  for (let polls = 0; (await counter(envoy, name)) === before; polls++) {
    if (polls > 1000) throw new Error(`the listener was not taken:\n${envoy.log().slice(-2000)}`);
    await sleep(POLL_MS);
  }
  await quiet(envoy.process.pid);
  return (cpuMicros(envoy.process.pid) - cpu) / 1000;
}

/** An Envoy with the module at `filename` and a configuration of one rule. */
async function start(filename, directory) {
  mkdirSync(directory);
  const path = join(directory, "listeners.json");
  const target = { path, filename };
  publish(target, 1, 0);
  const configPath = join(directory, "envoy.json");
  writeFileSync(
    configPath,
    JSON.stringify({
      ...{ node: { id: "bench", cluster: "bench" }, admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } } },
      dynamic_resources: { lds_config: { path_config_source: { path } } },
    }),
  );
  const envoy = new EnvoyProcess({ configPath, directory, concurrency: VMS - 1, wasmLogLevel: "warning", drainSeconds: DRAIN_SECONDS });
  await envoy.ready();
  return { envoy, target };
}

/** What 500 rules take more than one, in milliseconds. */
async function difference({ envoy, target }, round) {
  const small = await update(envoy, target, 1, 2 * round + 1);
  return (await update(envoy, target, RULES, 2 * round + 2)) - small;
}

const directory = mkdtempSync(join(tmpdir(), "bench-rules-"));
const started = [];
try {
  const { noop, ours } = modules(directory);
  started.push(await start(noop, join(directory, "no-op")));
  started.push(await start(process.argv[2] ?? ours, join(directory, "ours")));
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [others, own] = [await difference(started[0], round), await difference(started[1], round)];
    rounds.push({ others, own, each: (own - others) / VMS });
  }
  const text = (value) => `${value.toFixed(1)} ms`;
  const line = (name, values) => console.log(`  ${name}: median ${text(median(values))}, least ${text(Math.min(...values))}`);
  console.log(
    `${(configuration(RULES, 0).length / 1024).toFixed(0)} KB, ${RULES} rules; CPU time of an update over one rule, ${ROUNDS} updates in turns:`,
  );
  line(
    "no-op",
    rounds.map((round) => round.others),
  );
  line(
    "ours",
    rounds.map((round) => round.own),
  );
  line(
    "each VM, ours over no-op",
    rounds.map((round) => round.each),
  );
} finally {
  for (const { envoy } of started) await envoy.stop();
  rmSync(directory, { recursive: true, force: true });
}
