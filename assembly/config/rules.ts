// Which rule of `_rules_` a request falls under: the first in the list whose conditions all hold.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { lowered } from "../bytes/lowered";
import { TextIndex } from "../bytes/text-index";
import { View } from "../bytes/view";
import { Limit } from "../limit/limit";
import { NO_PRICES, PriceList } from "../model/price";
import { BodyEdits, NO_EDITS } from "./body-edits";
import { ProviderSource } from "./provider-source";
import { Split } from "./split";

const NO_TEXTS: Array<View> = [];
const NO_LIMITS: Array<Limit> = [];
const NOBODY: TextIndex = new TextIndex();

/** Empty lists are shared, so what fills one makes it anew. */
@final
export class RuleConfig {
  routes: Array<View> = NO_TEXTS;
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
  allow: TextIndex = NOBODY;
  /** Beside those of the top level. */
  limits: Array<Limit> = NO_LIMITS;
  /** Before those of the provider and of the top level. */
  prices: PriceList = NO_PRICES;
  /** Of its bodies; before those of the provider. */
  edits: BodyEdits = NO_EDITS;

  /** Requests go on as they are: it switches the plugin off. */
  get doesNothing(): bool {
    return this.provider === null && this.split === null && this.problem.length == 0 && this.allow.texts.length == 0;
  }
}

/** Of requests that no rule is for. Never changed. */
export const NO_CONDITIONS: RuleConfig = new RuleConfig();

/** No rule applies: what the top level says does. */
export const NO_RULE: i32 = -1;
/** A rule applies if the model, which is not known yet, is one of its own. */
export const NEEDS_MODEL: i32 = -2;
/** Rules would apply to other models, none to this. */
export const OTHER_MODELS: i32 = -3;

/** What the conditions of one request look at. */
@final
export class Asked {
  /** Without the port, in lower case. */
  host: View;
  /** Of a cluster of Istio's: its service, and that with the port; else empty. */
  service: View = View.empty();
  serviceAndPort: View = View.empty();

  constructor(
    public route: View,
    authority: View,
    public cluster: View,
  ) {
    this.host = lowered(withoutPort(authority));
    const start = istioName(cluster);
    if (start >= 0) this.nameService(start);
  }

  private nameService(start: i32): void {
    const cluster = this.cluster;
    this.service = cluster.slice(start, cluster.length);
    const portStart = cluster.indexOf(Ascii.Pipe) + 1;
    const out = new Buffer(64);
    out.view(this.service);
    out.byte(Ascii.Colon);
    out.range(cluster, portStart, cluster.indexOf(Ascii.Pipe, portStart));
    this.serviceAndPort = out.toView();
  }

  /** All conditions of the rule hold but that on the model: every one that is given, of which one entry is enough. */
  meets(rule: RuleConfig): bool {
    if (rule.routes.length != 0 && !hasRoute(rule.routes, this.route)) return false;
    if (rule.routePrefixes.length != 0 && !hasPrefix(rule.routePrefixes, this.route)) return false;
    if (rule.domains.length != 0 && !hasDomain(rule.domains, this.host)) return false;
    return rule.services.length == 0 || hasService(rule.services, this.cluster);
  }
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

/** `*suffix`, `prefix*` or the whole host, in lower case; `*.a.test` does not match a.test itself. A lone `*` matches all. */
function domainMatches(domain: View, host: View): bool {
  const size = domain.length;
  if (domain.at(0) == Ascii.Asterisk) return host.hasRange(host.length - size + 1, domain, 1, size);
  return domain.at(size - 1) == Ascii.Asterisk ? host.hasRange(0, domain, 0, size - 1) : host.sameAs(domain);
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
