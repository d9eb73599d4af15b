// Envoy's route tables (RouteConfiguration, API v3) as far as they decide where a request goes.
import { field } from "./envoy";
import { isTrue, memberOf, textAt, type Located } from "./located";
import { textMatchOf, type TextMatch } from "./text-match";

export interface RouteTable {
  hosts: VirtualHost[];
  /** `ignore_port_in_host_matching` */
  ignoresPort: boolean;
}

export interface VirtualHost {
  name: string;
  domains: string[];
  routes: Route[];
}

export interface Route {
  name: string;
  at: number;
  path: TextMatch | null;
  /** Headers and query parameters that must match, too. */
  headers: NamedMatch[];
  query: NamedMatch[];
  /** It has a condition that cannot be judged from a request: it may match. */
  isUnsure: boolean;
  /** Where it leads, with weights; empty: Envoy answers by itself; null: it cannot be said. */
  clusters: WeightedCluster[] | null;
  /** The request's header that names the cluster, in lower case. */
  clusterHeader: string | null;
  /** Names of the filters that are switched off for it. */
  disabled: Set<string>;
  /** Copies of its requests go to a cluster of their own; Envoy follows redirects for it. */
  isMirrored: boolean;
  isFollowed: boolean;
}

export interface WeightedCluster {
  name: string;
  weight: string;
}

export interface NamedMatch {
  name: string;
  match: TextMatch;
}

/** Conditions that a chat request of an ordinary client neither meets nor fails for sure. */
const UNSURE = ["runtime_fraction", "dynamic_metadata", "filter_state", "tls_context", "cookies"];

/** The table; null when it is none, or decides by what is not read here. */
export function routeTableOf(value: Located | undefined): RouteTable | null {
  const list = field(value, "virtual_hosts")?.value;
  if (list?.kind !== "list") return null;
  const hosts = list.items.map((item) => hostOf(item, { disabled: disabledIn(value), isMirrored: hasMirror(value) }));
  if (hosts.includes(null)) return null;
  return { hosts: hosts as VirtualHost[], ignoresPort: isTrue(field(value, "ignore_port_in_host_matching")?.value) };
}

type Inherited = Pick<Route, "disabled" | "isMirrored">;

function hostOf(value: Located, outer: Inherited): VirtualHost | null {
  if (field(value, "matcher") !== undefined) return null;
  const own = { disabled: new Set([...outer.disabled, ...disabledIn(value)]), isMirrored: outer.isMirrored || hasMirror(value) };
  const routes = itemsOf(field(value, "routes")?.value).map((item) => routeOf(item, own));
  return { name: textAt(value, "name") ?? "", domains: textsOf(field(value, "domains")?.value), routes };
}

function routeOf(value: Located, outer: Inherited): Route {
  const match = field(value, "match")?.value;
  const action = field(value, "route")?.value;
  const path = pathMatchOf(match);
  return {
    name: textAt(value, "name") ?? "",
    at: value.at,
    path,
    headers: namedMatches(field(match, "headers")?.value),
    query: namedMatches(field(match, "query_parameters")?.value),
    isUnsure: path === null || UNSURE.some((key) => field(match, key) !== undefined),
    clusters: field(match, "grpc") === undefined ? clustersOf(value) : null,
    clusterHeader: scalarText(field(action, "cluster_header")?.value)?.toLowerCase() ?? null,
    disabled: new Set([...outer.disabled, ...disabledIn(value)]),
    isMirrored: outer.isMirrored || hasMirror(action),
    isFollowed: field(action, "internal_redirect_policy") !== undefined,
  };
}

function pathMatchOf(match: Located | undefined): TextMatch | null {
  const ignoreCase = field(match, "case_sensitive")?.value;
  const isCaseless = ignoreCase?.kind === "scalar" && ignoreCase.value === false;
  const text = (key: string) => field(match, key)?.value;
  const separated = scalarText(text("path_separated_prefix"));
  if (separated !== undefined) return { kind: "separated", text: separated, isCaseless, isInverted: false };
  const prefix = scalarText(text("prefix"));
  if (prefix !== undefined) return { kind: "prefix", text: prefix, isCaseless, isInverted: false };
  const exact = scalarText(text("path"));
  if (exact !== undefined) return { kind: "exact", text: exact, isCaseless, isInverted: false };
  const regex = scalarText(field(text("safe_regex"), "regex")?.value);
  return regex === undefined ? null : { kind: "regex", text: regex, isCaseless: false, isInverted: false };
}

function clustersOf(route: Located): WeightedCluster[] | null {
  const action = field(route, "route")?.value;
  if (action === undefined) return (field(route, "redirect") ?? field(route, "direct_response")) ? [] : null;
  const single = scalarText(field(action, "cluster")?.value);
  if (single !== undefined) return [{ name: single, weight: "1" }];
  const clusters = itemsOf(field(field(action, "weighted_clusters")?.value, "clusters")?.value).map((item) => {
    const weight = field(item, "weight")?.value;
    return { name: scalarText(field(item, "name")?.value) ?? "", weight: weight?.kind === "scalar" ? String(weight.value) : "" };
  });
  // `cluster_header` and plugins that choose the cluster say it only for a request.
  return clusters.length === 0 || clusters.some(({ name }) => name === "") ? null : clusters;
}

function hasMirror(value: Located | undefined): boolean {
  return itemsOf(field(value, "request_mirror_policies")?.value).length > 0;
}

function namedMatches(list: Located | undefined): NamedMatch[] {
  return itemsOf(list).map((item) => ({ name: (textAt(item, "name") ?? "").toLowerCase(), match: textMatchOf(item) }));
}

/** Filters that `typed_per_filter_config` switches off. */
function disabledIn(value: Located | undefined): Set<string> {
  const configs = field(value, "typed_per_filter_config")?.value;
  if (configs?.kind !== "object") return new Set();
  return new Set([...configs.members].filter(([, member]) => isTrue(memberOf(member.value, "disabled")?.value)).map(([name]) => name));
}

export function itemsOf(value: Located | undefined): Located[] {
  return value?.kind === "list" ? value.items : [];
}

function textsOf(value: Located | undefined): string[] {
  return itemsOf(value).flatMap((item) => scalarText(item) ?? []);
}

/** YAML may take a text like `1` for a number; Envoy reads it as the text. */
export function scalarText(value: Located | undefined): string | undefined {
  return value?.kind === "scalar" && value.value !== null ? String(value.value) : undefined;
}
