// Envoy configurations with the plugin in the listener's chain, as objects.
const TYPE = "type.googleapis.com/";

export const OPENAI = { id: "openai", type: "openai", apiTokens: ["sk-openai-secret"] };
export const CLAUDE = { id: "claude", type: "claude", apiTokens: ["sk-ant-secret"] };
const PROVIDERS = [OPENAI, CLAUDE];

/** The plugin's configuration with rules for two providers; everything else goes to the first. */
export function rules(...list: object[]): object {
  return { providers: PROVIDERS, activeProviderId: "openai", _rules_: list };
}

export const BY_ROUTE = rules({ _match_route_: ["team-c"], activeProviderId: "claude" });
export const BY_CLUSTER = rules({ _match_service_: ["anthropic"], activeProviderId: "claude" });
export const BY_DOMAIN = rules({ _match_domain_: ["claude.example.com"], activeProviderId: "claude" });

export function wasmFilter(config: object | undefined, name = "ai-proxy"): object {
  const configuration = { "@type": `${TYPE}google.protobuf.StringValue`, value: JSON.stringify(config, null, 2) };
  return {
    name,
    typed_config: {
      "@type": `${TYPE}envoy.extensions.filters.http.wasm.v3.Wasm`,
      config: { name, allow_on_headers_stop_iteration: true, failure_policy: "FAIL_RELOAD", configuration },
    },
  };
}

export function route(name: string, match: object, cluster: string, more: object = {}): object {
  return { name, match, route: { cluster }, ...more };
}

export function weighted(name: string, match: object, clusters: Record<string, number>): object {
  const list = Object.entries(clusters).map(([cluster, weight]) => ({ name: cluster, weight }));
  return { name, match, route: { weighted_clusters: { clusters: list } } };
}

export function host(domains: string[], ...routes: object[]): object {
  return { name: domains[0], domains, routes };
}

/** A virtual host that leads what the plugin writes for a provider to the provider's cluster. */
export function provider(domain: string, cluster: string): object {
  return host([domain], route(domain, { prefix: "/" }, cluster));
}

export const BOTH_PROVIDERS = [provider("api.openai.com", "openai"), provider("api.anthropic.com", "anthropic")];

export function manager(config: object, hosts: object[], more: object = {}): object {
  return {
    "@type": `${TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "ai",
    route_config: { name: "ai", virtual_hosts: hosts, ...more },
    http_filters: [
      wasmFilter(config),
      { name: "router", typed_config: { "@type": `${TYPE}envoy.extensions.filters.http.router.v3.Router` } },
    ],
  };
}

export function listener(one: object): object {
  return { name: "ai", filter_chains: [{ filters: [{ name: "manager", typed_config: one }] }] };
}

export function layout(config: object, hosts: object[], more: object = {}): object {
  return { static_resources: { listeners: [listener(manager(config, hosts, more))] } };
}
