// The routes that `check` thinks Envoy picks are those that a real Envoy picks: random route tables, whose routes answer with
// their names, and random requests. ROUTE_TABLES=400 for more.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { findWasmFilters } from "../../cli/envoy";
import { routeTableOf, type RouteTable } from "../../cli/envoy-routes";
import { choose, requestsFor, type RoutedRequest } from "../../cli/route-choice";
import { readYaml } from "../../cli/yaml-reader";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { layout, wasmFilter } from "./envoy-layouts";

const TABLES = Number(process.env.ROUTE_TABLES ?? 60);
const REQUESTS = 40;
const SEED = 20261128;

const HOSTS = ["a.test", "b.a.test", "api.a.test", "a.test:80", "A.TEST", "x.org", "api.x.org", "api.y"];
const PATHS = [
  "/",
  "/v1/chat/completions",
  "/v1/messages",
  "/team/v1/messages",
  "/team",
  "/teams/x",
  "/Team/x",
  "/team-c/v1/embeddings?k=1&x=team",
  "/x/y?x",
];
const VALUES = ["a", "ab", "team-1", "TEAM", ""];

const domain = fc.constantFrom(
  "*",
  "a.test",
  "*.a.test",
  "*.test",
  "*-z.test",
  "api.*",
  "api.x.*",
  "b.*",
  "x.org",
  "a.test:80",
  "B.a.test",
);
const path = fc.oneof(
  fc.constantFrom("/", "/team", "/team/", "/v1", "/v1/chat", "/x").map((prefix) => ({ prefix })),
  fc.constantFrom("/team", "/v1", "/v1/messages").map((text) => ({ path_separated_prefix: text })),
  fc.constantFrom(...PATHS.map((one) => one.split("?")[0])).map((text) => ({ path: text })),
  fc
    .constantFrom("/team(?:-[a-z]+)?/.*", "/(v1|x)/.+", ".*messages", "/v\\d/[^/]+", "(?i)/TEAM/.*", "/t[a-f]am.?")
    .map((regex) => ({ safe_regex: { regex } })),
);
const text = fc.constantFrom("a", "ab", "team", "team-1");
const condition = fc.oneof(
  text.map((exact) => ({ exact_match: exact })),
  text.map((prefix) => ({ string_match: { prefix } })),
  text.map((suffix) => ({ string_match: { suffix, ignore_case: true } })),
  text.map((contains) => ({ contains_match: contains })),
  fc.constantFrom("a.*", "team-\\d", "[a-b]+").map((regex) => ({ safe_regex_match: { regex } })),
  fc.boolean().map((present) => ({ present_match: present })),
);
const header = fc
  .tuple(fc.constantFrom("x-one", "X-Two", ":method", ":authority", ":path"), condition, fc.boolean())
  .map(([name, match, isInverted]) => ({ name, ...match, ...(isInverted ? { invert_match: true } : {}) }));
const parameter = fc.oneof(
  fc.record({ name: fc.constantFrom("k", "x"), string_match: text.map((prefix) => ({ prefix })) }),
  fc.record({ name: fc.constantFrom("k", "x"), present_match: fc.constant(true) }),
);
const few = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<T[]>([]) }, { weight: 2, arbitrary: fc.array(one, { minLength: 1, maxLength: 2 }) });
const match = fc.tuple(path, few(header), few(parameter), fc.boolean()).map(([one, headers, query_parameters, isCaseless]) => ({
  ...one,
  headers,
  query_parameters,
  ...(isCaseless && !("safe_regex" in one) ? { case_sensitive: false } : {}),
}));
const table = fc
  .tuple(
    fc.uniqueArray(domain, { minLength: 1, maxLength: 6, selector: (one) => one.toLowerCase() }),
    fc.array(fc.array(match, { minLength: 1, maxLength: 4 }), { minLength: 6, maxLength: 6 }),
    fc.boolean(),
  )
  .map(([domains, routes, ignoresPort]) => ({
    ignore_port_in_host_matching: ignoresPort,
    virtual_hosts: domains.map((one, index) => ({
      name: `h${index}`,
      domains: [one],
      routes: routes[index].map((route, at) => ({
        name: `h${index}r${at}`,
        match: route,
        direct_response: { status: 200, body: { inline_string: `h${index}r${at}` } },
      })),
    })),
  }));
const client: fc.Arbitrary<RoutedRequest> = fc
  .tuple(
    fc.constantFrom(...HOSTS),
    fc.constantFrom(...PATHS),
    fc.constantFrom("GET", "POST"),
    fc.option(fc.constantFrom(...VALUES)),
    fc.option(fc.constantFrom(...VALUES)),
  )
  .map(([authority, target, method, one, two]) => ({
    authority,
    path: target,
    headers: { ":method": method, ...(one === null ? {} : { "x-one": one }), ...(two === null ? {} : { "x-two": two }) },
  }));

function send(port: number, { authority, path: target, headers: { ":method": method, ...headers } }: RoutedRequest): Promise<string> {
  return new Promise((done, fail) => {
    const call = request(
      { host: "127.0.0.1", port, method, path: target, headers: { ...headers, host: authority }, agent: false },
      (response) => {
        let body = "";
        response
          .on("data", (piece: Buffer) => (body += piece.toString()))
          .on("end", () => done(response.statusCode === 404 ? "none" : body));
      },
    );
    call.on("error", fail).end();
  });
}

/** As `check` reads it, out of a whole bootstrap. */
function read(routes: object): RouteTable {
  const whole = layout({}, []) as any;
  const one = whole.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
  one.route_config = routes;
  one.http_filters = [wasmFilter({})];
  const [document] = readYaml(stringify(whole), { oldBooleans: true, duplicates: "error" }).documents;
  return routeTableOf(findWasmFilters(document)[0].chain!.routes)!;
}

it(`on ${TABLES} random tables, ${REQUESTS} requests each, and those that are made up for each route`, async () => {
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-routes-"));
  const tables = fc.sample(table, { seed: SEED, numRuns: TABLES });
  const requests = fc.sample(client, { seed: SEED, numRuns: REQUESTS });
  const listeners = tables.map((routes, index) => {
    const [one] = (layout({}, []) as any).static_resources.listeners;
    const config = one.filter_chains[0].filters[0].typed_config;
    config.route_config = routes;
    config.http_filters = config.http_filters.slice(1);
    return { ...one, name: `l${index}`, address: { socket_address: { address: "127.0.0.1", port_value: 0 } } };
  });
  const configPath = join(directory, "envoy.json");
  const admin = { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } };
  writeFileSync(configPath, JSON.stringify({ admin, static_resources: { listeners } }));
  const envoy = new EnvoyProcess({ configPath, directory });
  const counts = { none: 0, some: 0, made: 0 };
  try {
    await envoy.ready();
    const ports = await envoy.ports();
    for (const [index, routes] of tables.entries()) {
      const known = read(routes);
      const made = known.hosts.flatMap((host) =>
        host.routes.flatMap((route) => requestsFor(known, host, route).map((one) => ({ one, wanted: route.name }))),
      );
      for (const one of requests) {
        const possible = choose(known, one).map((route) => route?.name ?? "none");
        const picked = await send(ports[`l${index}`], one);
        expect({ routes, one, picked }).toEqual({ routes, one, picked: possible[0] });
        counts[picked === "none" ? "none" : "some"]++;
      }
      for (const { one, wanted } of made.slice(0, REQUESTS)) {
        expect({ routes, one, picked: await send(ports[`l${index}`], one) }).toEqual({ routes, one, picked: wanted });
        counts.made++;
      }
    }
  } finally {
    await envoy.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(TABLES);
}, 600_000);
