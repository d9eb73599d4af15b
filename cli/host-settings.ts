// Settings of the gateway around the plugin that bite when they are missing: each with what happens then and what to write. Only what a
// document shows is judged: routes that come by RDS, or a policy's Gateway, are elsewhere.
import { field } from "./envoy";
import { isTrue, memberOf, textAt, type Located, type LocatedObject } from "./located";
import type { Fault } from "./yaml-reader";

const WASM_TYPE = ".http.wasm.v3.Wasm";
/** Envoy's default of per_connection_buffer_limit_bytes (1.40). */
const DEFAULT_LIMIT = 1 << 20;

const HANG_HERE = "requests with a body hang: this resource cannot set allow_on_headers_stop_iteration";
export const POLICY_HANGS = `${HANG_HERE}; write requestHeaders: continue into the plugin's configuration, or set it by an EnvoyPatchPolicy (docs/envoy-gateway.md)`;
export const PLUGIN_HANGS = `${HANG_HERE}; write requestHeaders: continue into the plugin's configuration, or use an EnvoyFilter (docs/istio.md)`;
export const FAILS_OPEN = "after a fault requests pass without the provider's key, mapping and limits";
const NO_RELOAD =
  "failure_policy: FAIL_RELOAD is missing: after a trap that worker answers 503 until the configuration changes; write it beside the plugin's name";
const SMALL_BUFFER =
  "per_connection_buffer_limit_bytes of the listener is missing or small: bodies over it (1 MiB by default) get 413; write per_connection_buffer_limit_bytes: 67108864";
const CUT =
  "timeout: 0s of the route is missing or has a limit: Envoy cuts a response that takes longer (15 s by default); write timeout: 0s and idle_timeout: 600s";
const NO_LOG =
  'no access log shows ai_log: model, tokens and errors of a request are written nowhere; write ai_log: "%FILTER_STATE(wasm.ai_log:PLAIN)%" into its json_format';
const NOT_PLAIN = "without PLAIN Envoy writes ai_log as base64; write %FILTER_STATE(wasm.ai_log:PLAIN)%";
const NO_TAGS =
  "stats_config has no stats_tags for the plugin: route, cluster, model and consumer stay in the metrics' names; write those of deploy/envoy/envoy.yaml";

const NOTHING: Located = { kind: "list", at: 0, items: [] };

function warning(at: number, message: string): Fault {
  return { at, message, severity: "warning" };
}

/** True when the plugin's configuration lets headers go before bodies; `config` is an object, or its JSON. */
export function sendsAhead(config: Located | null): boolean {
  if (config?.kind === "object") return textAt(config, "requestHeaders") === "continue";
  return config?.kind === "scalar" && /"requestHeaders"\s*:\s*"continue"/.test(String(config.value));
}

/** Of the `config` of a wasm filter. */
export function failureFaults(config: LocatedObject, at: number): Fault[] {
  const open = field(config, "fail_open");
  if (isTrue(open?.value)) return [warning(open!.keyAt, `fail_open: true: ${FAILS_OPEN}; write failure_policy: FAIL_RELOAD instead`)];
  const policy = field(config, "failure_policy");
  if (policy === undefined) return [warning(at, NO_RELOAD)];
  const word = policy.value.kind === "scalar" ? policy.value.value : null;
  if (word === "FAIL_RELOAD") return [];
  if (word === "FAIL_OPEN") return [warning(policy.keyAt, `failure_policy: FAIL_OPEN: ${FAILS_OPEN}; write FAIL_RELOAD`)];
  return [warning(policy.keyAt, NO_RELOAD)];
}

/** Of all of a bootstrap, a dump or an EnvoyFilter. */
export function surroundingFaults(document: Located): Fault[] {
  if (document.kind !== "object") return [];
  const faults: Fault[] = [];
  if (textAt(document, "kind") === "EnvoyFilter") {
    const patches = memberOf(memberOf(document, "spec")?.value, "configPatches");
    const isRaised = scalarsOf(document, "per_connection_buffer_limit_bytes").some(isEnough);
    return isRaised || !hasWasm(document) ? [] : [warning(patches?.keyAt ?? document.at, `${SMALL_BUFFER}, in a patch of the LISTENER`)];
  }
  if (!hasWasm(document)) return [];
  // As an upstream filter it stands in clusters, and works for whatever manager leads there.
  const inClusters = hasWasm(field(field(document, "static_resources")?.value, "clusters")?.value ?? NOTHING);
  visit(document, null, inClusters, faults);
  if (field(document, "static_resources") !== undefined) {
    const stats = field(document, "stats_config");
    const tags = stats === undefined ? [] : scalarsOf(stats.value, "tag_name");
    if (!tags.some((tag) => tag === "ai_model")) faults.push(warning(stats?.keyAt ?? document.at, NO_TAGS));
  }
  return faults;
}

/** `all`: managers without the plugin in their own chain are judged, too. */
function visit(value: Located, listener: LocatedObject | null, all: boolean, faults: Fault[]): void {
  if (value.kind === "list") for (const item of value.items) visit(item, listener, all, faults);
  if (value.kind !== "object") return;
  const around = field(value, "filter_chains") !== undefined || field(value, "default_filter_chain") !== undefined ? value : listener;
  const filters = field(value, "http_filters")?.value;
  const isManager = (field(value, "route_config") ?? field(value, "rds")) !== undefined;
  if (filters?.kind === "list" && isManager) {
    if (all || filters.items.some((item) => hasWasm(item) && !isTrue(field(item, "disabled")?.value))) judge(value, around, faults);
    return;
  }
  for (const { value: member } of value.members.values()) visit(member, around, all, faults);
}

/** A connection manager with the plugin in its chain. */
function judge(manager: LocatedObject, listener: LocatedObject | null, faults: Fault[]): void {
  if (listener !== null) {
    const limit = field(listener, "per_connection_buffer_limit_bytes");
    const given = limit?.value.kind === "scalar" ? limit.value.value : null;
    if (!isEnough(given)) faults.push(warning(limit?.keyAt ?? listener.at, SMALL_BUFFER));
  }
  for (const route of routesOf(field(manager, "route_config")?.value)) {
    const timeout = field(route.value, "timeout");
    const given = timeout?.value.kind === "scalar" ? String(timeout.value.value) : "";
    if (!/^0+(\.0+)?s$/.test(given)) faults.push(warning(timeout?.keyAt ?? route.at, CUT));
  }
  const log = field(manager, "access_log");
  const formats = log === undefined ? [] : textsOf(log.value).filter((text) => text.includes("wasm.ai_log"));
  if (formats.length === 0) faults.push(warning(log?.keyAt ?? manager.at, NO_LOG));
  else if (formats.some((text) => /FILTER_STATE\(wasm\.ai_log(?!:PLAIN)/.test(text))) faults.push(warning(log!.keyAt, NOT_PLAIN));
}

/** The actions of routes that lead to a cluster. */
function routesOf(config: Located | undefined): { at: number; value: LocatedObject }[] {
  const hosts = field(config, "virtual_hosts")?.value;
  const routes = (hosts?.kind === "list" ? hosts.items : []).flatMap((host) => {
    const list = field(host, "routes")?.value;
    return list?.kind === "list" ? list.items : [];
  });
  return routes.flatMap((route) => {
    const action = field(route, "route");
    return action?.value.kind === "object" ? [{ at: action.keyAt, value: action.value }] : [];
  });
}

function isEnough(limit: unknown): boolean {
  return limit !== null && Number(limit) > DEFAULT_LIMIT;
}

/** A wasm filter stands somewhere in the value. */
function hasWasm(value: Located): boolean {
  if (value.kind === "list") return value.items.some(hasWasm);
  if (value.kind !== "object") return false;
  if ((textAt(value, "@type") ?? textAt(value, "type_url") ?? "").endsWith(WASM_TYPE)) return true;
  return [...value.members.values()].some((member) => hasWasm(member.value));
}

/** The values of all members of this name. */
function scalarsOf(value: Located, name: string): unknown[] {
  if (value.kind === "list") return value.items.flatMap((item) => scalarsOf(item, name));
  if (value.kind !== "object") return [];
  const own = field(value, name)?.value;
  const inside = [...value.members.values()].flatMap((member) => scalarsOf(member.value, name));
  return own?.kind === "scalar" ? [own.value, ...inside] : inside;
}

function textsOf(value: Located): string[] {
  if (value.kind === "scalar") return typeof value.value === "string" ? [value.value] : [];
  const inner = value.kind === "list" ? value.items : [...value.members.values()].map((member) => member.value);
  return inner.flatMap(textsOf);
}
