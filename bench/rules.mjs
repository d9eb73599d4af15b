// What a configuration of 500 rules costs a running Envoy, over one of a single rule: CPU time of an update of the listener, with
// one worker and with four. Every worker has a VM of its own (and the main thread one more), so the difference of the two is
// what three VMs take. `npm run bench:rules`.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../tools/envoy-path.mjs";
import { EnvoyProcess } from "../tools/envoy-process.mjs";
import { cpuMicros, quiet } from "./race/envoy.mjs";
import { median } from "./race/numbers.mjs";

const RULES = 500;
const ROUNDS = 7;
const WORKERS = [1, 4];
const POLL_MS = 20;
const TYPE = "type.googleapis.com/envoy";
const FILTERS = `${TYPE}.extensions.filters`;

const token = (name, index) => `sk-${name.repeat(32)}${index}`;

/** Every text is another, so that Envoy has no plugin of it yet. */
const configuration = (rules, edition) =>
  JSON.stringify({
    _rules_: Array.from({ length: rules }, (_, index) => ({
      ...{ _match_route_: [`route-${index}`], _match_domain_: [`api${index}.example.com`] },
      provider: {
        ...{ id: `provider-${edition}-${index}`, type: "openai", apiTokens: [token("a", index), token("b", index)] },
        ...{ modelMapping: { "gpt-4*": "model-a", "gpt-3*": "model-b", "*": "model-c" }, timeout: 60_000 },
        failover: { enabled: true, failureThreshold: 2, cooldownDuration: 60_000 },
      },
    })),
  });

function listener(rules, edition) {
  const code = { local: { filename: join(ROOT, "build/plugin.wasm") } };
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
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, direct_response: { status: 204 } }] }] },
  };
  return {
    ...{ "@type": `${TYPE}.config.listener.v3.Listener`, name: "rules" },
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
  };
}

/** Envoy looks at a file of listeners again when another is moved to its place. */
function publish(path, rules, edition) {
  writeFileSync(`${path}.next`, JSON.stringify({ version_info: String(edition), resources: [listener(rules, edition)] }));
  renameSync(`${path}.next`, path);
}

const counter = async (envoy, name) => Number((await envoy.admin(`/stats?filter=^${name}$`)).split(":")[1]);

/** CPU milliseconds of Envoy for one update. */
async function update(envoy, path, rules, edition) {
  const name = "listener_manager.lds.update_success";
  const before = await counter(envoy, name);
  const cpu = cpuMicros(envoy.process.pid);
  publish(path, rules, edition);
  for (let polls = 0; (await counter(envoy, name)) === before; polls++) {
    if (polls > 1000) throw new Error(`the listener was not taken:\n${envoy.log().slice(-2000)}`);
    await sleep(POLL_MS);
  }
  await quiet(envoy.process.pid);
  return (cpuMicros(envoy.process.pid) - cpu) / 1000;
}

/** What 500 rules take more than one, in milliseconds, by round. */
async function measure(workers, directory) {
  const path = join(directory, `listeners-${workers}.json`);
  let edition = 0;
  publish(path, 1, edition++);
  const configPath = join(directory, `envoy-${workers}.json`);
  writeFileSync(
    configPath,
    JSON.stringify({
      ...{ node: { id: "bench", cluster: "bench" }, admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } } },
      dynamic_resources: { lds_config: { path_config_source: { path } } },
    }),
  );
  const envoy = new EnvoyProcess({ configPath, directory, concurrency: workers, wasmLogLevel: "warning" });
  try {
    await envoy.ready();
    await quiet(envoy.process.pid);
    const differences = [];
    for (let round = 0; round < ROUNDS; round++) {
      const small = await update(envoy, path, 1, edition++);
      const large = await update(envoy, path, RULES, edition++);
      differences.push(large - small);
    }
    return differences;
  } finally {
    await envoy.stop();
  }
}

const directory = mkdtempSync(join(tmpdir(), "bench-rules-"));
try {
  const found = [];
  for (const workers of WORKERS) found.push(median(await measure(workers, directory)));
  const text = (value) => `${value.toFixed(1)} ms`;
  console.log(`${(configuration(RULES, 0).length / 1024).toFixed(0)} KB, ${RULES} rules; CPU time over one rule, median of ${ROUNDS} updates:`);
  WORKERS.forEach((workers, index) => console.log(`  ${workers} worker${workers > 1 ? "s" : ""}: ${text(found[index])}`));
  console.log(`  each VM more: ${text((found[1] - found[0]) / (WORKERS[1] - WORKERS[0]))}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
