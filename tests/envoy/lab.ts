// The lab: one real Envoy with a listener per plugin configuration, all in front of one scripted provider.
//
//   const lab = await startLab({ plugins: [{ config: { provider: … } }, { config: …, route: "r1", cluster: "c1" }] });
//   lab.upstream.reset({ pieces: ["data: …\n\n"], end: "cut" });
//   const answer = await lab.call(0, { path: "/v1/chat/completions", body: { model: "m", messages: [] } });
//   const entry = await lab.log(answer);           // the access log line of exactly this call, `aiLog` parsed
//   await lab.close();
//
// Envoy takes its ports itself, calls and log lines are paired by the client's TCP port, and close() ends only this Envoy.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { envoyPath } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { bootstrap, listenersFile } from "./bootstrap";
import { send, type ClientResponse, type Call } from "./client";
import { Upstream } from "./upstream";
import { PLUGIN_PATH } from "../../emulator/module";

export { type ClientResponse, type Call } from "./client";
export { Upstream, type Reply, type Script, type SeenRequest } from "./upstream";

/** More than counters wait in a worker (assembly/telemetry/counters.ts). */
const COUNTERS_WAIT_MS = 100;
const LOG_LIMIT_MS = 5_000;
const VALIDATE_LIMIT_MS = 20_000;

/** One listener. Objects are written as JSON; a string is passed on as it is. */
export interface PluginSetup {
  config: object | string;
  /** Name of the route, as the plugin sees it in the property `route_name`. Default "r0". */
  route?: string;
  /** Name of the cluster, as in `cluster_name`; all lead to the lab's upstream. Default "c0". */
  cluster?: string;
  /** The cluster speaks HTTP/2 without TLS. */
  http2Upstream?: boolean;
  /** This listener's own, instead of the lab's. */
  idleTimeout?: string;
}

export interface LabOptions {
  plugins: PluginSetup[];
  /** Path of the module; that of emulator/module.ts by default. */
  wasm?: string;
  concurrency?: number;
  /** Buffer limit of every listener in bytes; 64 MiB by default, as in deploy/envoy. */
  bufferLimit?: number;
  /** Silence after which Envoy ends a stream; "15s" by default so that a hanging test is short. */
  idleTimeout?: string;
  failurePolicy?: string;
  /** False: `allow_on_headers_stop_iteration` is missing, as in gateways that are set up wrongly. */
  stopsOnHeaders?: boolean;
  /** Another upstream on this machine than the scripted one. */
  upstreamPort?: number;
  /** Listeners let WebSocket upgrades through. */
  websocket?: boolean;
  /** `100 Continue` goes through to the upstream. */
  informational?: boolean;
  /** Listeners come from a file, so that update() can give the plugins new configurations while streams run. */
  isDynamic?: boolean;
}

export interface LogEntry {
  listener: string;
  /** The request's header x-case, for tests in which a client port may serve twice. */
  case: string;
  status: number;
  flags: string;
  details: string;
  durationMs: number;
  /** The `ai_log` value as it stands in the log, null when unset. */
  aiLogText: string | null;
  aiLog: Record<string, unknown> | null;
}

/** The data payloads of an SSE byte stream, in order. Plain and strict enough for test input: all line ends, no BOM. */
export function sseData(raw: Uint8Array | string): string[] {
  const text = typeof raw === "string" ? raw : Buffer.from(raw).toString();
  const events = text.split(/\r\n\r\n|\n\n|\r\r/);
  return events.flatMap((event) => {
    const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
    return lines.length === 0 ? [] : [lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n")];
  });
}

export class Lab {
  constructor(
    readonly upstream: Upstream,
    readonly envoy: EnvoyProcess,
    readonly ports: number[],
    private readonly directory: string,
    private readonly writeListeners: (plugins: PluginSetup[]) => void = () => {},
  ) {}

  /** Sends one request to listener `index` on a connection of its own and resolves when the response has ended, however. */
  call(index: number, call: Call = {}): Promise<ClientResponse> {
    const port = this.ports[index];
    if (port === undefined) throw new Error(`the lab has no listener ${index}`);
    return send(port, call);
  }

  /** The access log line of a call. Throws when none comes within 5 s. */
  async log(response: ClientResponse): Promise<LogEntry> {
    const limit = Date.now() + LOG_LIMIT_MS;
    do {
      const line = readAccessLog(join(this.directory, "access.log")).find((one) => Number(one.port) === response.localPort);
      if (line) return toLogEntry(line);
      await sleep(20);
    } while (Date.now() < limit);
    throw new Error(`no access log line for client port ${response.localPort}; Envoy says:\n${this.envoy.log().slice(-1000)}`);
  }

  /** All access log lines so far. */
  logs(): LogEntry[] {
    return readAccessLog(join(this.directory, "access.log")).map(toLogEntry);
  }

  /** Gives the listeners of a lab with `isDynamic` new plugin configurations; resolves when Envoy has taken them. */
  async update(plugins: PluginSetup[]): Promise<void> {
    const taken = async () => Number((await this.stats(/^listener_manager\.lds\.update_success/))[0]?.split(": ")[1]);
    const before = await taken();
    this.writeListeners(plugins);
    const limit = Date.now() + 20_000;
    while ((await taken()) <= before) {
      if (Date.now() > limit) throw new Error(`Envoy took no update:\n${this.envoy.log().slice(-2000)}`);
      await sleep(20);
    }
  }

  /** What Envoy and the plugin have written to Envoy's own log. */
  envoyLog(): string {
    return this.envoy.log();
  }

  /** Lines of `/stats` that match, once no request is in flight and what the plugin still held back has been counted. */
  async stats(pattern: RegExp): Promise<string[]> {
    const isBusy = async () => /requests_in_flight: [1-9]/.test(await this.envoy.admin("/stats?filter=requests_in_flight"));
    for (let n = 0; n < 50 && (n === 0 || (await isBusy())); n++) await sleep(COUNTERS_WAIT_MS);
    return (await this.envoy.admin("/stats")).split("\n").filter((line) => pattern.test(line));
  }

  /** The Prometheus page, with the labels that deploy/envoy/envoy.yaml defines. */
  prometheus(): Promise<string> {
    return this.envoy.admin("/stats/prometheus");
  }

  /** Resident memory of the Envoy process, from /proc. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.envoy.process.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }

  async close(): Promise<void> {
    await this.envoy.stop();
    await this.upstream.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Starts upstream and Envoy. Throws with the end of Envoy's log when it refuses to start, as it does on a bad config. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-lab-"));
  const upstream = await Upstream.start();
  const configPath = join(directory, "envoy.json");
  const wasm = options.wasm ?? PLUGIN_PATH;
  const listenersPath = options.isDynamic ? join(directory, "listeners.json") : undefined;
  const all = {
    ...options,
    wasm,
    upstreamPort: options.upstreamPort ?? upstream.port,
    accessLog: join(directory, "access.log"),
    listenersPath,
  };
  const writeListeners = (plugins: PluginSetup[]) => {
    if (listenersPath === undefined) throw new Error("the lab's listeners do not come from a file: isDynamic");
    // Envoy watches for a file that is moved there.
    writeFileSync(`${listenersPath}.new`, JSON.stringify(listenersFile({ ...all, plugins })));
    renameSync(`${listenersPath}.new`, listenersPath);
  };
  if (options.isDynamic) writeListeners(options.plugins);
  writeFileSync(configPath, JSON.stringify(bootstrap(all)));
  const envoy = new EnvoyProcess({ configPath, directory, concurrency: options.concurrency });
  try {
    await envoy.ready();
    const ports = await envoy.ports();
    return new Lab(
      upstream,
      envoy,
      options.plugins.map((_, index) => ports[`l${index}`] ?? 0),
      directory,
      writeListeners,
    );
  } catch (error) {
    await envoy.stop();
    await upstream.close();
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Whether Envoy, and the plugin in it, accept a configuration: the start without the serving, about 0.1 s. `log` has the
 * plugin's reasons.
 */
export function validateConfig(config: object | string, wasm = PLUGIN_PATH): { isAccepted: boolean; log: string } {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-lab-"));
  const configPath = join(directory, "envoy.json");
  writeFileSync(
    configPath,
    JSON.stringify(bootstrap({ plugins: [{ config }], wasm, upstreamPort: 9, accessLog: join(directory, "access.log") })),
  );
  const args = ["--mode", "validate", "-c", configPath, "-l", "warning", "--component-log-level", "wasm:info"];
  const run = spawnSync(envoyPath(), args, { encoding: "utf8", timeout: VALIDATE_LIMIT_MS });
  rmSync(directory, { recursive: true, force: true });
  return { isAccepted: run.status === 0, log: run.stdout + run.stderr };
}

function toLogEntry(line: Record<string, unknown>): LogEntry {
  return {
    listener: String(line.listener),
    case: String(line.case),
    status: Number(line.status),
    flags: String(line.flags),
    details: String(line.details),
    durationMs: Number(line.duration_ms),
    aiLogText: typeof line.ai_log === "string" ? line.ai_log : null,
    aiLog: parseAiLog(line.ai_log),
  };
}
