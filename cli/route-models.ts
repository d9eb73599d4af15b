// Where requests go whose provider is chosen by their model: the route that Envoy picks for what the plugin has written must lead to the
// provider's `cluster` or, without one, stand in a virtual host that is named for the provider's host (pipeline/route-guard.ts).
import { hostFor, choose, type RoutedRequest } from "./route-choice";
import type { Route, RouteTable } from "./envoy-routes";
import type { Json } from "./located";
import { conditionsOf, rulesOf } from "./matched-rule";
import type { RouteProbe, Written } from "./route-probe";
import { regexSample } from "./text-match";

const LAYOUT = "deploy/envoy/routing.yaml";
/** Patterns that are tried for one configuration. */
const MAX_TRIES = 500;

export interface ModelProblem {
  /** Where Envoy's route stands, or the table's first one. */
  at: number;
  message: string;
}

export function hasModels(config: Json): boolean {
  return rulesOf(config).some((rule) => textsOf(conditionsOf(rule)._match_model_).length > 0);
}

/** One problem for each provider that is not reached. */
export function modelProblems(table: RouteTable, config: Json, probe: RouteProbe): ModelProblem[] {
  const found = new Map<string, ModelProblem>();
  const tries = rulesOf(config).flatMap((rule) => {
    const conditions = conditionsOf(rule);
    const authority = (textsOf(conditions._match_domain_)[0] ?? table.hosts[0]?.domains[0] ?? "*").replace("*", "gateway.invalid");
    return textsOf(conditions._match_model_).map((pattern) => ({ authority, model: sampleOf(pattern) }));
  });
  for (const { authority, model } of [...tries, { authority: "gateway.invalid", model: "any-model" }].slice(0, MAX_TRIES)) {
    const sent: RoutedRequest = { authority, path: "/v1/chat/completions", headers: { ":method": "POST" } };
    const [before] = choose(table, sent);
    const written = probe.sendModel(sent, model, before?.name ?? "", before?.clusters?.[0]?.name ?? "");
    const problem = written === null ? null : problemOf(table, model, written);
    if (written !== null && problem !== null && !found.has(written.authority + written.cluster))
      found.set(written.authority + written.cluster, problem);
  }
  return [...found.values()];
}

/** A model that the pattern takes. */
function sampleOf(pattern: string): string {
  if (pattern.startsWith("~")) return regexSample(pattern.slice(1));
  return pattern.endsWith("*") ? `${pattern.slice(0, -1)}x` : pattern;
}

function problemOf(table: RouteTable, model: string, written: Written & { cluster: string }): ModelProblem | null {
  const possible = choose(table, written);
  const clusters = (route: Route) => clustersFor(route, written);
  const isRight = (route: Route | null) => {
    if (route === null) return false;
    const list = clusters(route);
    if (list === null) return true;
    if (written.isRouteOnly) return list.length > 0;
    if (written.cluster !== "") return list.length > 0 && list.every((name) => isCluster(written.cluster, name));
    return list.length > 0 && hostFor(table, written.authority)?.name.toLowerCase() === written.authority.toLowerCase();
  };
  if (possible.some(isRight)) return null;
  const [after] = possible;
  const name = after?.name ? `the route "${after.name}"` : "a route";
  const leads = after ? (clusters(after) ?? []) : [];
  const picked = !after
    ? "Envoy finds no route"
    : `Envoy picks ${name}${leads.length > 0 ? ` to ${leads.join(", ")}` : ", which leads to no cluster"}`;
  const host = `${written.authority}${written.path.split("?")[0]}`;
  const outcome = written.isRouteOnly ? "so the client gets 404" : "so the plugin responds with 500 route_changed";
  const advice =
    written.cluster !== ""
      ? `lead the request to ${written.cluster} by its header, as in ${LAYOUT}`
      : `name the provider's cluster ("cluster") and lead the request there by its header, as in ${LAYOUT}, or name the virtual host of ${written.authority} for it`;
  const message = `a request for the model ${model} leaves with ${host}${written.cluster === "" ? "" : ` for the cluster ${written.cluster}`}, for which ${picked}, ${outcome}; ${advice}`;
  return { at: after?.at ?? table.hosts[0]?.routes[0]?.at ?? 0, message };
}

/** Where the route leads the request; null: it cannot be said. */
function clustersFor(route: Route, { headers }: Written): string[] | null {
  if (route.clusterHeader !== null) return [headers[route.clusterHeader]].filter((name) => name !== undefined && name !== "");
  return route.clusters?.map(({ name }) => name) ?? null;
}

/** The cluster itself, or Istio's name of the service. */
function isCluster(service: string, cluster: string): boolean {
  const [, port, , name] = cluster.split("|");
  return service === cluster || (name !== undefined && (service === name || service === `${name}:${port}`));
}

function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
