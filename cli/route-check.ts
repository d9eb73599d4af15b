// Where requests go after the plugin has written the provider's path and host: Envoy picks the route again then, and the plugin
// refuses what would reach another cluster than the one that its rule was chosen for (pipeline/route-guard.ts). The plugin itself
// says what it writes, for requests made up for each route.
import type { ConfigFile, PluginSource } from "./config-file";
import { routeTableOf, type Route, type RouteTable, type VirtualHost } from "./envoy-routes";
import { readJson } from "./exchange";
import type { Environment } from "./environment";
import type { Finding } from "./findings";
import type { Json } from "./located";
import { rulesOf } from "./matched-rule";
import { leaksOf } from "./route-leaks";
import { hasModels, modelProblems, type ModelProblem } from "./route-models";
import { RouteProbe, type Written } from "./route-probe";
import { choose, requestsFor, type RoutedRequest } from "./route-choice";

/** The layout that holds for paths, domains and weights. */
const LAYOUT = "deploy/envoy/providers.yaml";
const UPSTREAM_LAYOUT = "deploy/envoy/providers-upstream.yaml";
/** Requests that are tried for one configuration. */
const MAX_TRIES = 2000;

export interface Way {
  host: VirtualHost;
  route: Route;
  cluster: string;
  sent: RoutedRequest;
  written: Written;
}

export interface Said {
  way: Way;
  message: string;
  /** Said once for a route; the cluster when it is not given. */
  about?: string;
}

/** Warnings about routes whose requests would not arrive. Only of configurations that the plugin takes. */
export async function checkRoutes(
  module: WebAssembly.Module,
  file: ConfigFile,
  source: PluginSource,
  environment: Environment,
): Promise<Finding[]> {
  const table = routeTableOf(source.chain?.routes);
  if (source.chain === undefined || table === null) return [];
  const config = readJson(source.text);
  const isGuarded = hasSeveral(config);
  const probe = await RouteProbe.of(module, file, config, environment);
  if (hasModels(config)) {
    const placed = ({ at, message }: ModelProblem): Finding => ({
      ...{ file: file.path, ...file.positions.at(at), pointer: "", plugin: source.name },
      ...{ severity: "warning", message, from: "check" },
    });
    return modelProblems(table, config, probe).map(placed);
  }
  const all = waysOf(table, source.chain.filter, probe);
  // A virtual host for a provider's host is there for what the plugin writes, not for clients.
  const written = new Set(all.map((way) => hostName(way.written)));
  const ways = all.filter((way) => !written.has(hostName(way.sent)));
  const wrong = ways.filter((way) => !arrives(table, way, isGuarded, probe));
  const wrongs = wrong.map((way): Said => ({ way, message: messageOf(table, way, isGuarded, isShared(ways, way)) }));
  const seen = new Set<string>();
  return [...wrongs, ...leaksOf(source.chain, ways)].flatMap(({ way, message, about = way.cluster }): Finding[] => {
    const key = `${way.route.at} ${about}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const place = { file: file.path, ...file.positions.at(way.route.at), pointer: "", plugin: source.name };
    return [{ ...place, severity: "warning", message, from: "check" }];
  });
}

function hostName({ authority }: RoutedRequest): string {
  return authority.toLowerCase().replace(/:\d+$/, "");
}

/** What the plugin writes for a request of each route, each cluster that it leads to, and each API. */
function waysOf(table: RouteTable, filter: string, probe: RouteProbe): Way[] {
  const ways: Way[] = [];
  let left = MAX_TRIES;
  for (const host of table.hosts) {
    for (const route of host.routes) {
      if (route.clusters === null || route.disabled.has(filter)) continue;
      for (const sent of requestsFor(table, host, route)) {
        for (const { name: cluster } of route.clusters) {
          if (left-- <= 0) return ways;
          const written = probe.send(sent, route.name, cluster);
          if (written !== null) ways.push({ host, route, cluster, sent, written });
        }
      }
    }
  }
  return ways;
}

function arrives(table: RouteTable, way: Way, isGuarded: boolean, probe: RouteProbe): boolean {
  const possible = choose(table, way.written);
  if (!isGuarded) return possible.some((route) => route !== null);
  return possible.some((route) => route !== null && (leadsTo(route, way) || isNamed(route, way, probe)));
}

/** The same weights give the same pick, since Envoy draws once for a stream. */
function leadsTo(route: Route, { route: before, cluster }: Way): boolean {
  const { clusters } = route;
  if (route === before || clusters === null) return true;
  const weights = (one: Route) => JSON.stringify(one.clusters);
  return clusters.every(({ name }) => name === cluster) ? clusters.length > 0 : weights(route) === weights(before);
}

/** The rule says by `_match_service_` that its provider is reached through this cluster, too. */
function isNamed(route: Route, { sent, route: before, cluster }: Way, probe: RouteProbe): boolean {
  const rule = probe.ruleOf(sent, before.name, cluster);
  const isSame = (name: string) => rule >= 0 && probe.hasServices(rule) && probe.ruleOf(sent, before.name, name) === rule;
  return (route.clusters ?? []).length > 0 && route.clusters!.every(({ name }) => isSame(name));
}

/** True when two clusters take requests for one host: a virtual host of that host can lead to one of them only. */
function isShared(ways: readonly Way[], { written, cluster }: Way): boolean {
  return ways.some((way) => way.written.authority === written.authority && way.cluster !== cluster);
}

function messageOf(table: RouteTable, { route, cluster, written, sent }: Way, isGuarded: boolean, isHostShared: boolean): string {
  const { authority } = written;
  const path = written.path.split("?")[0];
  const [after] = choose(table, written);
  const name = (one: Route) => (one.name === "" ? "another route" : `the route "${one.name}"`);
  const found =
    after === null || after === undefined
      ? "Envoy finds no route any more"
      : (after.clusters ?? []).length === 0
        ? `Envoy picks ${name(after)}, which leads to no cluster`
        : `Envoy picks ${name(after)} to ${after.clusters!.map((one) => one.name).join(", ")}`;
  const outcome = isGuarded ? "so the plugin responds with 500 route_changed" : "so the client gets 404";
  const advice = isHostShared
    ? `make the plugin an upstream filter of each cluster, as in ${UPSTREAM_LAYOUT}`
    : `add a virtual host with domains: ["${authority}"] that leads to ${cluster}, as in ${LAYOUT}`;
  const what = `${route.name === "" ? "the route" : `the route "${route.name}"`} to cluster ${cluster}: a request for ${sent.path.split("?")[0]} leaves with`;
  return `${what} ${authority}${path}, for which ${found}, ${outcome}; ${advice}`;
}

/** True when requests can get the keys of more than one provider, or of none: only then the plugin looks at the cluster. */
function hasSeveral(config: Json): boolean {
  const rules = rulesOf(config);
  const choices = [config, ...rules].map((level, index) => {
    if (level === null || typeof level !== "object" || Array.isArray(level)) return "";
    if ((level.provider ?? null) !== null || (index > 0 && Array.isArray(level.providers))) return `own ${index}`;
    return level.activeProviderId ? `id ${JSON.stringify(level.activeProviderId)}` : "";
  });
  return rules.length > 0 && new Set(choices).size > 1;
}
