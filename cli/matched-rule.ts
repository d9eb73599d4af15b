// Which rule of a configuration a request falls under. The plugin itself is asked: with the same conditions, but with
// providers that tell by their host which rule chose them. So there is no second matcher that could differ.
import { Host, type RequestInit } from "../emulator/host";
import type { Environment } from "./environment";
import type { Json } from "./located";
import type { Plugin } from "./plugin";
import { initOf, type ClientRequest } from "./client-request";

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
  // The host's older names of attributes are those of Higress, which keeps the route: nothing stands between a rule and its provider.
  const plugin = (await Host.load(module, { environment, attributes: "higress" })).configure(JSON.stringify(probeOf(config)));
  return askRule(plugin, initOf(request));
}

/** The same conditions, each rule with a provider that tells it by its host. */
export function probeOf(config: Json): Json {
  const rules = rulesOf(config).map((rule, index) => ({ ...conditionsOf(rule), provider: providerAt(String(index)) }));
  return { provider: providerAt("none"), _rules_: rules };
}

/** `plugin`: one configured with what probeOf() makes. */
export function askRule(plugin: Plugin, request: RequestInit): number {
  const exchange = plugin.exchange({ ...request, method: "GET", path: "/", body: null, headers: [] });
  const index = /^rule-(\d+)\./.exec(exchange.upstream?.authority ?? "")?.[1];
  exchange.abort();
  return index === undefined ? -1 : Number(index);
}

export function rulesOf(config: Json): Json[] {
  const rules = config !== null && typeof config === "object" && !Array.isArray(config) ? config._rules_ : undefined;
  return Array.isArray(rules) ? rules : [];
}

export function conditionsOf(rule: Json): { [key: string]: Json } {
  if (rule === null || typeof rule !== "object" || Array.isArray(rule)) return {};
  return Object.fromEntries(Object.entries(rule).filter(([key]) => CONDITION.test(key)));
}

function providerAt(name: string): Json {
  return { type: "generic", genericHost: `rule-${name}.probe.invalid` };
}
