// Which rule of `_rules_` a request falls under: the first in the list whose conditions all hold.

import { Ascii } from "../bytes/ascii";
import { lowered } from "../bytes/lowered";
import { View, lowerCase } from "../bytes/view";
import { Limit } from "../limit/limit";
import { ModelPatterns } from "../model/patterns";
import { NO_PRICES, PriceList } from "../model/price";
import { BodyEdits, NO_EDITS } from "./body-edits";
import { ProviderSource } from "./provider-source";
import { Split } from "./split";

const NO_TEXTS: Array<View> = [];
/** Of a rule that asks for none, or by patterns. */
const ANY: u64 = u64.MAX_VALUE;
const NO_LIMITS: Array<Limit> = [];

/** Empty lists are shared, so what fills one makes it anew. */
@final
export class RuleConfig {
  routes: Array<View> = NO_TEXTS;
  /** Bits of the routes and of the hosts that it can be for, so that most others are told by one look. */
  routeBits: u64 = ANY;
  hostBits: u64 = ANY;
  routePrefixes: Array<View> = NO_TEXTS;
  /** Lower case. */
  domains: Array<View> = NO_TEXTS;
  services: Array<View> = NO_TEXTS;
  /** It is for certain models only: those for which the configuration's patterns have its number. */
  hasModels: bool = false;
  /** The names among their patterns. */
  modelNames: Array<View> = NO_TEXTS;
  provider: ProviderSource | null = null;
  /** Where its requests go, when `provider` does not say it alone. Both null: the rule switches the plugin off. */
  split: Split | null = null;
  /** What is wrong with the rule, "" when it is valid. Its requests must be refused, not passed on. */
  problem: string = "";
  /** Names of the consumers that may use it; empty: all. */
  allow: Array<View> = NO_TEXTS;
  /** Beside those of the top level. */
  limits: Array<Limit> = NO_LIMITS;
  /** Before those of the provider and of the top level. */
  prices: PriceList = NO_PRICES;
  /** Of its bodies; before those of the provider. */
  edits: BodyEdits = NO_EDITS;

  /** Requests go on as they are: it switches the plugin off. */
  get doesNothing(): bool {
    return this.provider === null && this.split === null && this.problem.length == 0 && this.allow.length == 0;
  }

  /** To be called when routes and domains are there. */
  finish(): void {
    if (this.routes.length != 0) this.routeBits = bitsOf(this.routes);
    let isPattern = this.domains.length == 0;
    for (let k = 0; k < this.domains.length; k++) if (this.domains[k].indexOf(Ascii.Asterisk) >= 0) isPattern = true;
    if (!isPattern) this.hostBits = bitsOf(this.domains);
  }
}

/** One of 64 bits for each text. */
function bitsOf(texts: Array<View>): u64 {
  let bits: u64 = 0;
  for (let k = 0; k < texts.length; k++) bits |= bitOf(texts[k]);
  return bits;
}

function bitOf(text: View): u64 {
  return u64(1) << u64(text.hash() >>> 26);
}

/** No rule applies: what the top level says does. */
export const NO_RULE: i32 = -1;
/** A rule applies if the model, which is not known yet, is one of its own. */
export const NEEDS_MODEL: i32 = -2;
/** Rules would apply to other models, none to this. */
export const OTHER_MODELS: i32 = -3;

/** What the conditions of one request look at. */
@final
class Asked {
  routeBit: u64;
  hostBit: u64;
  host: View;

  constructor(
    private route: View,
    authority: View,
    private cluster: View,
  ) {
    this.host = withoutPort(authority);
    this.routeBit = bitOf(route);
    this.hostBit = bitOf(lowered(this.host));
  }

  /** All conditions of the rule hold but that on the model. */
  meets(rule: RuleConfig): bool {
    if ((rule.routeBits & this.routeBit) == 0 || (rule.hostBits & this.hostBit) == 0) return false;
    return applies(rule, this.route, this.host, this.cluster);
  }
}

/**
 * The number of the first rule that applies, or one of the above. `authority` may carry a port. `models`: patterns that were asked for
 * the request's model; null when it is not known yet, or no rule asks for it. `plain`: the rules that do not ask for it.
 */
export function matchRule(
  rules: Array<RuleConfig>,
  route: View,
  authority: View,
  cluster: View,
  models: ModelPatterns | null,
  plain: Array<i32>,
): i32 {
  const asked = new Asked(route, authority, cluster);
  if (models === null) {
    for (let k = 0; k < rules.length; k++) if (asked.meets(rules[k])) return rules[k].hasModels ? NEEDS_MODEL : k;
    return NO_RULE;
  }
  // Rules for other models are not looked at.
  const found = models.found;
  let here = 0;
  for (let next = 0; here < found.length || next < plain.length;) {
    const isFound = next >= plain.length || (here < found.length && found[here] < plain[next]);
    const k = isFound ? found[here++] : plain[next++];
    if (asked.meets(rules[k])) return k;
  }
  for (let k = 0; k < rules.length; k++) if (rules[k].hasModels && asked.meets(rules[k])) return OTHER_MODELS;
  return NO_RULE;
}

/** Every condition that is given must hold; one entry of it is enough. */
function applies(rule: RuleConfig, route: View, host: View, cluster: View): bool {
  if (rule.routes.length != 0 && !hasRoute(rule.routes, route)) return false;
  if (rule.routePrefixes.length != 0 && !hasPrefix(rule.routePrefixes, route)) return false;
  if (rule.domains.length != 0 && !hasDomain(rule.domains, host)) return false;
  return rule.services.length == 0 || hasService(rule.services, cluster);
}

function hasRoute(routes: Array<View>, route: View): bool {
  for (let k = 0; k < routes.length; k++) if (routes[k].sameAs(route)) return true;
  return false;
}

function hasPrefix(prefixes: Array<View>, route: View): bool {
  for (let k = 0; k < prefixes.length; k++) if (route.hasAt(0, prefixes[k])) return true;
  return false;
}

function hasDomain(domains: Array<View>, host: View): bool {
  for (let k = 0; k < domains.length; k++) if (domainMatches(domains[k], host)) return true;
  return false;
}

/** `*suffix`, `prefix*` or the whole host; `*.a.test` does not match a.test itself. A lone `*` matches all. */
function domainMatches(domain: View, host: View): bool {
  const size = domain.length;
  if (domain.at(0) == Ascii.Asterisk) return size - 1 <= host.length && sameLetters(host, host.length - size + 1, domain, 1, size);
  if (domain.at(size - 1) == Ascii.Asterisk) return size - 1 <= host.length && sameLetters(host, 0, domain, 0, size - 1);
  return size == host.length && sameLetters(host, 0, domain, 0, size);
}

/** True when `host` from `at` on begins with `lowered[start, end)`, its letters in any case. */
function sameLetters(host: View, at: i32, lowered: View, start: i32, end: i32): bool {
  for (let k = start; k < end; k++) if (lowerCase(host.at(at + k - start)) != lowered.at(k)) return false;
  return true;
}

/** True when one of the services is the cluster. */
export function hasService(services: Array<View>, cluster: View): bool {
  for (let k = 0; k < services.length; k++) if (isService(services[k], cluster)) return true;
  return false;
}

/** True when `service` is the cluster's own name or, in Istio, that of its service. */
export function isService(service: View, cluster: View): bool {
  if (service.sameAs(cluster)) return true;
  const nameStart = istioName(cluster);
  return nameStart >= 0 && serviceMatches(service, cluster, nameStart);
}

/** The number of the first rule that names the cluster in `_match_service_`, or -1. */
export function ruleOfService(rules: Array<RuleConfig>, cluster: View): i32 {
  for (let k = 0; k < rules.length; k++) if (rules[k].services.length != 0 && hasService(rules[k].services, cluster)) return k;
  return -1;
}

/** Offset of the name in Istio's `direction|port|subset|name`, -1 when the cluster is not named so. */
function istioName(cluster: View): i32 {
  let bars = 0;
  let at = -1;
  let after = -1;
  while ((at = cluster.indexOf(Ascii.Pipe, at + 1)) >= 0) {
    bars++;
    after = at + 1;
  }
  return bars == 3 ? after : -1;
}

/** `name` on any port, or `name:port`. */
function serviceMatches(service: View, cluster: View, nameStart: i32): bool {
  const nameLength = cluster.length - nameStart;
  if (!service.hasAt(0, cluster.slice(nameStart, cluster.length))) return false;
  if (service.length == nameLength) return true;
  if (service.at(nameLength) != Ascii.Colon) return false;
  const portStart = cluster.indexOf(Ascii.Pipe) + 1;
  const portEnd = cluster.indexOf(Ascii.Pipe, portStart);
  return service.slice(nameLength + 1, service.length).sameAs(cluster.slice(portStart, portEnd));
}

/** The host of an :authority: `host:port`, `[v6]:port` (brackets stay) or no port. A bare v6 address stays whole. */
export function withoutPort(authority: View): View {
  if (authority.at(0) == Ascii.LeftBracket) {
    const close = authority.indexOf(Ascii.RightBracket);
    return close < 0 ? authority : authority.slice(0, close + 1);
  }
  const colon = authority.indexOf(Ascii.Colon);
  if (colon < 0 || authority.indexOf(Ascii.Colon, colon + 1) >= 0) return authority;
  return authority.slice(0, colon);
}
