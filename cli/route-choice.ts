// Which route Envoy picks for a request, and requests that a route is there for.
import type { Route, RouteTable, VirtualHost } from "./envoy-routes";
import { matches, regexSample, sampleOf } from "./text-match";

/** What Envoy looks at. Names of headers are in lower case. */
export interface RoutedRequest {
  authority: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
}

const APIS = [
  "/v1/chat/completions",
  "/v1/messages",
  "/v1/embeddings",
  "/v1/responses",
  "/v1beta/models/gemini-2.5-flash:generateContent",
  "/v1/models",
];
const MODELS = /\/models$/;

/** The routes that Envoy may pick: one, or several where a condition cannot be judged; null stands for none. */
export function choose(table: RouteTable, request: RoutedRequest): (Route | null)[] {
  const host = hostFor(table, request.authority);
  const possible: (Route | null)[] = [];
  for (const route of host?.routes ?? []) {
    const verdict = takes(route, request);
    if (verdict === false) continue;
    possible.push(route);
    if (verdict === true) return possible;
  }
  return [...possible, null];
}

/** Exact names go first, then the longest `*suffix`, then the longest `prefix*`, then `*`. */
export function hostFor(table: RouteTable, authority: string): VirtualHost | null {
  const name = (table.ignoresPort ? authority.replace(/:\d+$/, "") : authority).toLowerCase();
  let best: VirtualHost | null = null;
  let bestRank = -1;
  for (const host of table.hosts) {
    for (const domain of host.domains) {
      const rank = rankOf(domain.toLowerCase(), name);
      if (rank > bestRank) [best, bestRank] = [host, rank];
    }
  }
  return best;
}

function rankOf(domain: string, name: string): number {
  const LONGEST = 1 << 16;
  if (domain === name) return 3 * LONGEST;
  if (domain === "*") return 0;
  // The wildcard stands for one character at least.
  if (name.length < domain.length) return -1;
  if (domain.startsWith("*") && name.endsWith(domain.slice(1))) return LONGEST + domain.length;
  return domain.endsWith("*") && name.startsWith(domain.slice(0, -1)) ? domain.length : -1;
}

function takes(route: Route, { authority, path, headers }: RoutedRequest): boolean | null {
  const [bare, query = ""] = path.split("?");
  const parameters = new URLSearchParams(query);
  const all: Record<string, string> = { ...headers, ":authority": authority, ":path": path };
  const verdicts = [
    route.path === null ? null : matches(route.path, bare),
    ...route.headers.map(({ name, match }) => matches(match, all[name])),
    ...route.query.map(({ name, match }) => matches(match, parameters.get(name) ?? undefined)),
  ];
  if (verdicts.includes(false)) return false;
  return route.isUnsure || verdicts.includes(null) ? null : true;
}

/** Requests for which Envoy picks the route: of each domain, for the APIs that its path leaves room for. */
export function requestsFor(table: RouteTable, host: VirtualHost, route: Route): RoutedRequest[] {
  const headers: Record<string, string> = {};
  for (const { name, match } of route.headers) {
    const value = sampleOf(match);
    if (value !== undefined && !name.startsWith(":")) headers[name] = value;
  }
  const query = route.query.flatMap(({ name, match }) => {
    const value = sampleOf(match);
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  const named = route.headers.filter(({ name }) => name === ":authority").flatMap(({ match }) => sampleOf(match) ?? []);
  const authorities = [...host.domains.map((domain) => domain.replace("*", domain === "*" ? "gateway.invalid" : "any")), ...named];
  const paths = pathsFor(route).filter((path) => path.startsWith("/"));
  const requests = authorities.flatMap((authority) =>
    paths.map((path) => ({
      authority,
      path: query.length > 0 ? `${path}?${query.join("&")}` : path,
      headers: { ":method": methodFor(route, path), ...headers },
    })),
  );
  return requests.filter((request) => hostFor(table, request.authority) === host && choose(table, request).includes(route));
}

function methodFor(route: Route, path: string): string {
  const wanted = route.headers.filter(({ name }) => name === ":method");
  const usual = MODELS.test(path) ? ["GET", "POST"] : ["POST", "GET"];
  return [...usual, "PUT", "DELETE", "HEAD"].find((one) => wanted.every(({ match }) => matches(match, one) !== false)) ?? usual[0];
}

function pathsFor({ path }: Route): string[] {
  if (path === null) return [];
  if (path.kind === "exact") return [path.text];
  if (path.kind !== "regex") return below(path.text);
  return [
    ...new Set(APIS.flatMap((api) => ["", api, api.slice(1), api.replace(/^\/v1\//, "")].map((rest) => regexSample(path.text, rest)))),
  ];
}

/** The prefix and what clients put behind it: the rest of a known API, or a whole one. */
function below(prefix: string): string[] {
  const version = prefix.lastIndexOf("/v1");
  if (version < 0) return APIS.map((api) => (api.startsWith(prefix) ? api : prefix.replace(/\/+$/, "") + api));
  const known = APIS.filter((api) => api.startsWith(prefix.slice(version)));
  return known.length > 0 ? known.map((api) => prefix.slice(0, version) + api) : [prefix];
}
