// `check` on the routes around the plugin: Envoy picks the route again when the plugin has written the provider's path and host.
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import {
  BOTH_PROVIDERS,
  BY_CLUSTER,
  BY_DOMAIN,
  BY_ROUTE,
  CLAUDE,
  host,
  layout,
  listener,
  manager,
  OPENAI,
  provider,
  route,
  rules,
  wasmFilter,
  weighted,
} from "./envoy-layouts";
import { inFolder, json, run } from "./run";

interface Report {
  files: { plugins: { starts: boolean }[]; findings: { severity: string; message: string; line: number; from: string }[] }[];
}

const ALL = { prefix: "/" };
const TEAM = { prefix: "/team-c/" };

/** Warnings about routes; everything else must be good. */
function warnings(config: object, env: Record<string, string> = {}, asJson = false): string[] {
  const text = asJson ? JSON.stringify(config, null, 2) : stringify(config);
  const report = inFolder((_folder, write) =>
    json<Report>(run(["check", "--format", "json", write(asJson ? "envoy.json" : "envoy.yaml", text)], "", env)),
  );
  const { plugins, findings } = report.files[0];
  expect(plugins.every((one) => one.starts)).toBe(true);
  // The layouts are only what routes need; tests/cli/host-settings.test.ts is about what is missing around them.
  const settings = /^(per_connection_buffer|timeout: 0s|no access log|stats_config)/;
  const routes = findings.filter((one) => one.from === "check" && one.severity === "warning" && !settings.test(one.message));
  expect(findings.filter((one) => !routes.includes(one) && one.severity !== "note" && !settings.test(one.message))).toEqual([]);
  expect(JSON.stringify(findings)).not.toMatch(/sk-/);
  return routes.map((one) => one.message);
}

const CHANGED = "so the plugin responds with 500 route_changed";

describe("layouts that the plugin's guard would refuse", () => {
  it("a route by path beside a catch-all: what to change is said, at the route", () => {
    const config = layout(BY_ROUTE, [host(["*"], route("team-c", TEAM, "anthropic"), route("rest", ALL, "openai"))]);
    expect(warnings(config)).toEqual([
      'the route "team-c" to cluster anthropic: a request for /team-c/v1/chat/completions leaves with api.anthropic.com/v1/messages, ' +
        'for which Envoy picks the route "rest" to openai, so the plugin responds with 500 route_changed; add a virtual host with ' +
        'domains: ["api.anthropic.com"] that leads to anthropic, as in deploy/envoy/providers.yaml',
    ]);
    const result = run(["check", "--strict", "-"], stringify(config));
    const line =
      stringify(config)
        .split("\n")
        .findIndex((one) => one.includes("name: team-c")) + 1;
    expect(result).toMatchObject({ code: 1, stdout: expect.stringContaining(`(standard input):${line}:`) });
  });

  it.each<[string, object, string[]]>([
    [
      "virtual hosts by the client's domain, with a rest",
      layout(BY_DOMAIN, [host(["claude.example.com"], route("c", ALL, "anthropic")), host(["*"], route("rest", ALL, "openai"))]),
      ['the route "c" to cluster anthropic'],
    ],
    [
      "virtual hosts by the client's domain, without one",
      layout(BY_DOMAIN, [host(["claude.example.com"], route("c", ALL, "anthropic")), host(["*.example.com"], route("o", ALL, "openai"))]),
      ['the route "c" to cluster anthropic', 'the route "o" to cluster openai'],
    ],
    [
      "weighted clusters below a path",
      layout(BY_CLUSTER, [host(["*"], weighted("w", { prefix: "/ai/" }, { openai: 50, anthropic: 50 }), route("rest", ALL, "openai"))]),
      ['the route "w" to cluster anthropic'],
    ],
    [
      "a virtual host for the provider's host that leads to another cluster",
      layout(BY_ROUTE, [
        host(["*"], route("team-c", TEAM, "anthropic"), route("rest", ALL, "openai")),
        provider("api.anthropic.com", "spare"),
      ]),
      ['the route "team-c" to cluster anthropic'],
    ],
    [
      "a route by a header that the plugin takes away",
      layout(rules({ _match_route_: ["team-c"], activeProviderId: "claude" }), [
        host(
          ["*"],
          route("team-c", { prefix: "/", headers: [{ name: "x-api-key", string_match: { prefix: "team-c-" } }] }, "anthropic"),
          route("rest", ALL, "openai"),
        ),
      ]),
      ['the route "team-c" to cluster anthropic'],
    ],
    [
      "a route by one API's path",
      layout(BY_ROUTE, [host(["*"], route("team-c", { path: "/v1/chat/completions" }, "anthropic"), route("rest", ALL, "openai"))]),
      ['the route "team-c" to cluster anthropic', 'the route "rest" to cluster openai'],
    ],
    [
      "a route by an expression",
      layout(BY_ROUTE, [
        host(["*"], route("team-c", { safe_regex: { regex: "/(?:team|group)-[a-z]+/.*" } }, "anthropic"), route("rest", ALL, "openai")),
      ]),
      ['the route "team-c" to cluster anthropic'],
    ],
    [
      "a route by a whole step of the path",
      layout(BY_ROUTE, [host(["*"], route("team-c", { path_separated_prefix: "/team-c" }, "anthropic"), route("rest", ALL, "openai"))]),
      ['the route "team-c" to cluster anthropic'],
    ],
    [
      "a route that answers for the provider's path",
      layout(BY_ROUTE, [
        host(
          ["*"],
          route("team-c", TEAM, "anthropic"),
          { match: { path: "/v1/messages" }, direct_response: { status: 403 } },
          route("rest", ALL, "openai"),
        ),
      ]),
      ['the route "team-c" to cluster anthropic'],
    ],
  ])("%s", (_what, config, wanted) => {
    const said = warnings(config);
    expect(said).toHaveLength(wanted.length);
    said.forEach((one, index) => expect(one).toMatch(new RegExp(`^${wanted[index]}: .*, ${CHANGED}; `)));
  });

  it("two clusters of one provider's host cannot have a virtual host each", () => {
    const config = layout(
      rules(
        { _match_route_: ["a"], provider: { ...CLAUDE, apiTokens: ["sk-ant-a"] } },
        { _match_route_: ["b"], provider: { ...CLAUDE, apiTokens: ["sk-ant-b"] } },
      ),
      [
        host(["*"], route("a", { prefix: "/a/" }, "claude-a"), route("b", { prefix: "/b/" }, "claude-b")),
        provider("api.anthropic.com", "claude-a"),
      ],
    );
    expect(warnings(config)).toEqual([
      expect.stringMatching(/^the route "b" to cluster claude-b: .*; make the plugin an upstream filter of each cluster, as in deploy/),
    ]);
  });

  it("a host with a port wants its virtual host with that port", () => {
    const own = { id: "own", type: "vllm", vllmCustomUrl: "http://llm.internal:8000" };
    const config = {
      providers: [OPENAI, own],
      activeProviderId: "openai",
      _rules_: [{ _match_route_: ["team-c"], activeProviderId: "own" }],
    };
    const clients = host(["*"], route("team-c", TEAM, "llm"), route("rest", ALL, "openai"));
    expect(warnings(layout(config, [clients, provider("llm.internal", "llm")]))).toEqual([
      expect.stringContaining('add a virtual host with domains: ["llm.internal:8000"] that leads to llm'),
    ]);
    expect(warnings(layout(config, [clients, provider("llm.internal:8000", "llm")]))).toEqual([]);
    expect(warnings(layout(config, [clients, provider("llm.internal", "llm")], { ignore_port_in_host_matching: true }))).toEqual([]);
  });

  it("with one provider a request may still lose its route", () => {
    const config = layout({ provider: CLAUDE }, [host(["ai.example.com"], route("ai", { prefix: "/v1" }, "anthropic"))]);
    expect(warnings(config)).toEqual([
      expect.stringMatching(/for which Envoy finds no route any more, so the client gets 404; add a virtual host/),
    ]);
    expect(warnings(layout({ provider: CLAUDE }, [host(["*"], route("ai", TEAM, "a"), route("rest", ALL, "b"))]))).toEqual([]);
  });

  it("is found in JSON, in camel case, and in a dump whose routes stand apart", () => {
    const hosts = [host(["*"], route("team-c", TEAM, "anthropic"), route("rest", ALL, "openai"))];
    const { route_config, http_filters, ...others } = manager(BY_ROUTE, hosts) as Record<string, unknown>;
    const dump = {
      configs: [
        { dynamic_listeners: [{ active_state: { listener: listener({ ...others, http_filters, rds: { route_config_name: "ai" } }) } }] },
        { dynamic_route_configs: [{ route_config }] },
      ],
    };
    expect(warnings(dump, {}, true)).toEqual([expect.stringContaining('the route "team-c" to cluster anthropic')]);
    const camel = JSON.parse(
      JSON.stringify(layout(BY_ROUTE, hosts)).replace(
        /"([a-z]+(?:_[a-z]+)+)":/g,
        (_all, name: string) => `"${name.replace(/_([a-z])/g, (_part, letter: string) => letter.toUpperCase())}":`,
      ),
    ) as object;
    expect(warnings(camel, {}, true)).toEqual([expect.stringContaining('the route "team-c" to cluster anthropic')]);
  });
});

describe("layouts in which all requests arrive", () => {
  const clients = [host(["*"], route("team-c", TEAM, "anthropic"), route("rest", ALL, "openai"))];

  it.each<[string, object]>([
    ["a virtual host for each provider's host, beside routes by path", layout(BY_ROUTE, [...clients, ...BOTH_PROVIDERS])],
    [
      "the same beside domains",
      layout(BY_DOMAIN, [
        host(["claude.example.com"], route("c", ALL, "anthropic")),
        host(["gpt.example.com", "*.gpt.example.com"], route("o", ALL, "openai")),
        ...BOTH_PROVIDERS,
      ]),
    ],
    [
      "the same beside weights",
      layout(BY_CLUSTER, [
        host(["*"], weighted("w", { prefix: "/ai/" }, { openai: 50, anthropic: 50 }), route("rest", ALL, "openai")),
        ...BOTH_PROVIDERS,
      ]),
    ],
    ["weights for everything: Envoy draws once", layout(BY_CLUSTER, [host(["*"], weighted("w", ALL, { openai: 50, anthropic: 50 }))])],
    ["one catch-all", layout(BY_CLUSTER, [host(["*"], route("all", ALL, "openai"))])],
    [
      "a route by a header that the plugin leaves alone",
      layout(BY_ROUTE, [
        host(
          ["*"],
          route("team-c", { prefix: "/", headers: [{ name: "x-team", exact_match: "c" }] }, "anthropic"),
          route("rest", ALL, "openai"),
        ),
      ]),
    ],
    [
      "a rule that names both clusters",
      layout(rules({ _match_service_: ["anthropic", "spare"], activeProviderId: "claude" }), [
        host(["*"], route("team-c", TEAM, "anthropic"), route("rest", ALL, "spare")),
      ]),
    ],
    [
      "a route for which the plugin is switched off",
      layout(BY_ROUTE, [
        host(
          ["*"],
          route("team-c", TEAM, "anthropic", { typed_per_filter_config: { "ai-proxy": { disabled: true } } }),
          route("rest", ALL, "openai"),
        ),
      ]),
    ],
    [
      "a redirect, and a route whose cluster only a request tells",
      layout(BY_ROUTE, [
        host(
          ["*"],
          { match: { prefix: "/old" }, redirect: { path_redirect: "/" } },
          { match: { prefix: "/any" }, route: { cluster_header: "x-cluster" } },
          route("rest", ALL, "openai"),
        ),
      ]),
    ],
    ["a rule that switches the plugin off", layout(rules({ _match_route_: ["team-c"] }), clients)],
    [
      "routes by a condition that cannot be judged",
      layout(BY_ROUTE, [
        host(
          ["*"],
          route("team-c", TEAM, "anthropic"),
          route("maybe", { prefix: "/", runtime_fraction: { default_value: { numerator: 5 } } }, "anthropic"),
          route("rest", ALL, "openai"),
        ),
      ]),
    ],
  ])("%s", (_what, config) => {
    expect(warnings(config)).toEqual([]);
  });

  it("the plugin as an upstream filter of each cluster, whatever the routes", () => {
    const cluster = (name: string, config: object) => ({
      name,
      typed_extension_protocol_options: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": { http_filters: [wasmFilter(config), { name: "codec" }] },
      },
    });
    const { http_filters: _gone, ...plain } = manager({}, clients) as Record<string, unknown>;
    const clusters = [cluster("openai", { provider: OPENAI }), cluster("anthropic", { provider: CLAUDE })];
    expect(warnings({ static_resources: { listeners: [listener({ ...plain, http_filters: [] })], clusters } })).toEqual([]);
  });

  it("hosts that an environment variable gives are not judged", () => {
    const own = { id: "own", type: "openai", apiTokens: ["${T_KEY}"], openaiCustomUrl: "${T_URL}" };
    const config = {
      providers: [OPENAI, own],
      activeProviderId: "openai",
      _rules_: [{ _match_route_: ["team-c"], activeProviderId: "own" }],
    };
    expect(warnings(layout(config, clients))).toEqual([]);
    expect(warnings(layout(config, clients), { T_URL: "https://llm.test/v1" })).toEqual([expect.stringContaining('domains: ["llm.test"]')]);
  });
});

describe("what takes a key along, where the plugin has no say any more", () => {
  const all = (route: object) => layout(BY_CLUSTER, [host(["*"], { name: "all", match: ALL, route })]);

  it("a mirror, a redirect that Envoy follows, and one for all routes", () => {
    expect(warnings(all({ cluster: "openai", request_mirror_policies: [{ cluster: "spy" }] }))).toEqual([
      expect.stringContaining('the route "all": request_mirror_policies send the provider\'s key'),
    ]);
    expect(warnings(all({ cluster: "openai", internal_redirect_policy: {} }))).toEqual([
      expect.stringContaining("follows a provider's redirect"),
    ]);
    const mirrored = layout(BY_CLUSTER, [host(["*"], route("all", ALL, "openai"))], { request_mirror_policies: [{ cluster: "spy" }] });
    expect(warnings(mirrored)).toHaveLength(1);
  });

  it("an aggregate cluster of several providers", () => {
    const aggregate = (...members: string[]) => ({
      name: "llm",
      cluster_type: {
        name: "envoy.clusters.aggregate",
        typed_config: { "@type": "type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig", clusters: members },
      },
    });
    const member = (name: string, sni: string) => ({ name, transport_socket: { name: "tls", typed_config: { sni } } });
    const clusters = [member("a", "api.openai.com"), member("b", "api.anthropic.com"), member("c", "api.openai.com")];
    const whole = (one: object) => {
      const { static_resources } = all({ cluster: "llm" }) as { static_resources: object };
      return { static_resources: { ...static_resources, clusters: [one, ...clusters] } };
    };
    expect(warnings(whole(aggregate("a", "b")))).toEqual([
      expect.stringMatching(/^the route "all": the cluster llm falls back from api\.openai\.com to api\.anthropic\.com with the key/),
    ]);
    expect(warnings(whole(aggregate("a", "c")))).toEqual([]);
  });
});
