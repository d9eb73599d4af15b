// Which rule of a configuration a request falls under. The plugin itself is asked: with the same conditions, but each rule with a
// cluster whose name tells which rule it was. So there is no second matcher that could differ.
import { Host, type RequestInit } from "../emulator/host";
import type { Environment } from "./environment";
import type { Json } from "./located";
import type { Plugin } from "./plugin";
import { initOf, type ClientRequest } from "./client-request";

const CLUSTER_HEADER = "x-ai-proxy-cluster";
const CONDITION = /^_match_\w+_$/;

/** The index of the rule in `_rules_`, -1 when none matches. */
export async function matchedRule(
  module: WebAssembly.Module,
  config: Json,
  request: ClientRequest,
  environment: Environment,
): Promise<number> {
  const rules = rulesOf(config);
  if (rules.length === 0) return -1;
  const plugin = (await Host.load(module, { environment })).configure(JSON.stringify(probeOf(config)));
  return askRule(plugin, initOf(request));
}

/** The same conditions, each rule with nothing but a cluster that tells it by its name. */
export function probeOf(config: Json): Json {
  return { _rules_: rulesOf(config).map((rule, index) => ({ ...conditionsOf(rule), cluster: String(index) })) };
}

/** `plugin`: one configured with what probeOf() makes. */
export function askRule(plugin: Plugin, request: RequestInit): number {
  const exchange = plugin.exchange(request);
  const name = exchange.upstream?.headerList.find(([header]) => header === CLUSTER_HEADER)?.[1];
  exchange.abort();
  return name === undefined ? -1 : Number(name);
}

export function rulesOf(config: Json): Json[] {
  const rules = config !== null && typeof config === "object" && !Array.isArray(config) ? config._rules_ : undefined;
  return Array.isArray(rules) ? rules : [];
}

export function conditionsOf(rule: Json): { [key: string]: Json } {
  if (rule === null || typeof rule !== "object" || Array.isArray(rule)) return {};
  return Object.fromEntries(Object.entries(rule).filter(([key]) => CONDITION.test(key)));
}
