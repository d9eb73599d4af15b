// Which rule of a configuration a request falls under. The plugin itself is asked: with the same conditions, but with
// providers that tell by their host which rule chose them. So there is no second matcher that could differ.
import { Host } from "../tests/host/host";
import type { Environment } from "./environment";
import type { Json } from "./located";
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
  const probe = {
    provider: providerAt("none"),
    _rules_: rules.map((rule, index) => ({ ...conditionsOf(rule), provider: providerAt(String(index)) })),
  };
  const plugin = (await Host.load(module, { environment })).configure(JSON.stringify(probe));
  const exchange = plugin.exchange({ ...initOf(request), method: "GET", path: "/", body: null, headers: [] });
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
