// Envoy in the race: one process with a listener per variant, and what it costs, read from /proc.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { LISTENERS } from "./workloads.mjs";

/** The Go modules take sixteen seconds of CPU to compile. */
const READY_LIMIT_MS = 180_000;
const BUFFER_LIMIT = 64 << 20;
const TYPE = "type.googleapis.com/envoy.extensions";
const MANY = 4096;

const address = (port) => ({ socket_address: { address: "127.0.0.1", port_value: port } });

function wasmFilter({ module, config }, modules, index) {
  const code = { local: { filename: modules[module] } };
  const filter = {
    name: `${module}-${index}`,
    // Filters hold the headers until the body is there.
    allow_on_headers_stop_iteration: true,
    vm_config: { vm_id: module, runtime: "envoy.wasm.runtime.v8", code },
    configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: JSON.stringify(config) },
  };
  return { name: `race.${module}`, typed_config: { "@type": `${TYPE}.filters.http.wasm.v3.Wasm`, config: filter } };
}

function listener(name, modules) {
  const filters = LISTENERS[name].map((one, index) => wasmFilter(one, modules, `${name}-${index}`));
  const router = { name: "router", typed_config: { "@type": `${TYPE}.filters.http.router.v3.Router` } };
  const routes = [{ name: "r0", match: { prefix: "/" }, route: { cluster: "mock", timeout: "60s" } }];
  const manager = {
    "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    http_filters: [...filters, router],
    route_config: { name: "routes", virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
  };
  return {
    ...{ name, address: address(0), per_connection_buffer_limit_bytes: BUFFER_LIMIT },
    filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
  };
}

function bootstrap(listeners, modules, mockPort) {
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: address(mockPort) } }] }];
  const limits = { max_connections: MANY, max_requests: MANY, max_pending_requests: MANY };
  const cluster = {
    ...{ name: "mock", type: "STATIC", connect_timeout: "2s", per_connection_buffer_limit_bytes: BUFFER_LIMIT },
    circuit_breakers: { thresholds: [limits] },
    load_assignment: { cluster_name: "mock", endpoints },
  };
  const resources = { listeners: listeners.map((name) => listener(name, modules)), clusters: [cluster] };
  return { admin: { address: address(0) }, static_resources: resources };
}

/** Microseconds that the process's threads have been on a CPU. */
export function cpuMicros(pid) {
  let nanos = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanos += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // The thread has ended since the folder was read.
    }
  }
  return nanos / 1000;
}

/** Resident memory in MiB. */
export function residentMiB(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

/** Waits until a process does nothing, as after its start, when it still compiles in the background; half a minute at most. */
export async function quiet(pid) {
  let calm = 0;
  for (let polls = 0, last = cpuMicros(pid); polls < 300 && calm < 3; polls++) {
    await sleep(100);
    const now = cpuMicros(pid);
    calm = now - last < 3000 ? calm + 1 : 0;
    last = now;
  }
}

/** All threads of a process to one CPU; nothing when the machine does not let us. */
export function pin(pid, cpu) {
  try {
    execFileSync("taskset", ["-a", "-c", "-p", String(cpu), String(pid)], { stdio: "ignore" });
  } catch {
    console.error("race: cannot pin Envoy to a CPU");
  }
}

/**
 * A running Envoy with these listeners.
 * @param {{ listeners: string[], modules: Record<string, string>, mockPort: number, directory: string }} setup
 * @returns {Promise<{ pid: number, ports: Record<string, number>, version: string, stop: () => Promise<void>, log: () => string }>}
 */
export async function startEnvoy({ listeners, modules, mockPort, directory }) {
  const folder = mkdtempSync(join(directory, "envoy-"));
  const configPath = join(folder, "envoy.json");
  writeFileSync(configPath, JSON.stringify(bootstrap(listeners, modules, mockPort)));
  const envoy = new EnvoyProcess({ configPath, directory: folder, wasmLogLevel: "warning", readyLimitMs: READY_LIMIT_MS });
  await envoy.ready();
  const version = JSON.parse(await envoy.admin("/server_info")).version.split("/")[1];
  return { pid: envoy.process.pid, ports: await envoy.ports(), version, stop: () => envoy.stop(), log: () => envoy.log() };
}
