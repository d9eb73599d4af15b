// One configuration, one request, sent through the plugin. Shared with the playground, so nothing here reads files.
import { FixedClock, type Exchange, type Host, type HostOptions } from "../emulator/host";
import { initOf, type ClientRequest } from "./client-request";
import { isWanted, type ConfigFile, type PluginSource } from "./config-file";
import type { Environment } from "./environment";
import { sorted, type Finding } from "./findings";
import type { Json } from "./located";
import { CONFIGURATION, configure } from "./plugin";
import { Secrets } from "./secrets";
import { respondToSideCalls, type SideCall } from "./side-calls";
import { UsageError } from "./usage";

/** What was given. */
export interface Loaded {
  module: WebAssembly.Module;
  file: ConfigFile;
  source: PluginSource;
  config: Json;
  environment: Environment;
  request: ClientRequest;
  contextText: string | Uint8Array;
}

/** Response code details of a request that would reach another cluster. */
const REFUSED = "ai_proxy.route_changed";

/** A request that has left, or was answered, in a VM of its own. */
export interface Sent {
  host: Host;
  exchange: Exchange;
  sideCalls: SideCall[];
  secrets: Secrets;
  /** Values of the variables that the configuration names. */
  environment: Environment;
  /** What is wrong with the configuration, and whether it is taken all the same. */
  findings: Finding[];
  starts: boolean;
}

export async function send(
  { module, file, source, config, environment: all, request, contextText }: Loaded,
  options: HostOptions = {},
): Promise<Sent> {
  // The clock stands still, so durations are 0; it must be today's for signatures and tokens.
  const clock = new FixedClock(BigInt(Date.now()) * 1_000_000n);
  const configured = await configure(module, file, source, all, { clock, logLevel: "warn", ...options });
  const { host, plugin, starts, environment, findings } = configured;
  const secrets = new Secrets(config, environment);
  const exchange = plugin.exchange(initOf(request));
  const named = namedRoute(exchange, config, "cluster");
  if (named !== "" && exchange.details === REFUSED && !request.properties.cluster_name) {
    // Envoy will follow the header that the plugin has written; the host knows no routes.
    const properties = { ...request.properties, cluster_name: named };
    return send({ module, file, source, config, environment: all, request: { ...request, properties }, contextText }, options);
  }
  const sideCalls = starts ? respondToSideCalls(host, secrets, contextText) : [];
  return { host, exchange, sideCalls, secrets, environment, starts, findings: sorted([...file.findings, ...findings]) };
}

/** What the plugin has written for Envoy's choice of a route: the cluster, or the provider's id; "" for nothing. */
export function namedRoute(exchange: Exchange, config: Json, what: "cluster" | "provider"): string {
  const given = config !== null && typeof config === "object" && !Array.isArray(config) ? config[`${what}Header`] : undefined;
  return exchange.request.lastHeaders.get(typeof given === "string" ? given.toLowerCase() : `x-ai-proxy-${what}`) ?? "";
}

/** What the plugin logged beside its findings, and what it must not do: a defect of the plugin if anything. */
export function complaintsOf({ host }: Sent): string[] {
  const logged = host.logs.filter(({ text }) => !text.startsWith(CONFIGURATION)).map(({ level, text }) => `log (${level}): ${text}`);
  return [
    ...logged,
    ...host.traps.map(({ message }) => `the plugin broke down, please report this: ${message}`),
    ...host.violations.map(({ rule, message }) => `the plugin broke the rule "${rule}", please report this: ${message}`),
  ];
}

/** Null for what is no JSON, which the plugin refuses. */
export function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** The one configuration of a file, or the one named `only`. Throws UsageError when there are none or several. */
export function chosenSource(file: ConfigFile, only: string | undefined): PluginSource {
  const names = () => file.sources.map((source) => source.name).join(", ");
  const wanted = file.sources.filter((source) => isWanted(source.name, only));
  if (wanted.length === 1) return wanted[0];
  if (file.sources.length === 0) throw new UsageError(`${file.path} holds no configuration that switches the plugin on`);
  if (wanted.length === 0) throw new UsageError(`${file.path} has no plugin ${only}; it has: ${names()}`);
  throw new UsageError(`${file.path} holds several configurations; choose with --plugin: ${names()}`);
}
