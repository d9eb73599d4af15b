// deploy/envoy/envoy.yaml for `npm run dev` with a real configuration: the same listener, the given configuration, and a cluster for each
// server that the plugin wants to reach.
import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { parse, stringify } from "yaml";
import { envoyConfig } from "./envoy-config.mjs";

const TYPE = "type.googleapis.com/envoy.extensions";
/** Where systems keep their root certificates: Debian, Fedora, Alpine and macOS. */
const ROOTS = [process.env.SSL_CERT_FILE, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/**
 * Whether a server is one of this machine or this network, which is spoken to without TLS: an address, a name without a dot or below
 * .local, .internal and .localhost, or a port other than 443.
 * @param {string} authority host and maybe port
 */
export function isPlain(authority) {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority) ?? ["", authority, ""];
  const name = host.replace(/^\[|\]$/g, "");
  if (port) return port !== "443";
  return isIP(name) !== 0 || !name.includes(".") || /\.(?:local|internal|localhost)$/.test(name);
}

/** A cluster of one server; `authority` is a host and maybe a port. */
function cluster(name, authority) {
  const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(authority);
  const plain = isPlain(authority);
  const roots = ROOTS.find((file) => file && existsSync(file));
  if (!plain && !roots) throw new Error("no root certificates found; SSL_CERT_FILE=… names the file");
  const names = [{ san_type: "DNS", matcher: { exact: host } }];
  const tls = {
    "@type": `${TYPE}.transport_sockets.tls.v3.UpstreamTlsContext`,
    sni: host,
    common_tls_context: { validation_context: { trusted_ca: { filename: roots }, match_typed_subject_alt_names: names } },
  };
  const http = { "@type": `${TYPE}.upstreams.http.v3.HttpProtocolOptions`, auto_config: {} };
  const address = { socket_address: { address: host.replace(/^\[|\]$/g, ""), port_value: Number(port ?? (plain ? 80 : 443)) } };
  return {
    name,
    type: "STRICT_DNS",
    dns_lookup_family: "V4_PREFERRED",
    connect_timeout: "5s",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
    ...(!plain && {
      typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http },
      transport_socket: { name: "envoy.transport_sockets.tls", typed_config: tls },
    }),
  };
}

/**
 * The Envoy configuration for `configuration`, the plugin's own.
 * @param {Record<string, string | number>} values for the template
 * @param {{ configuration: string, variables: string[], servers: { cluster: string, host: string, isProvider: boolean }[] }} real
 *   `variables` are handed to the plugin's VM; without servers the template's cluster stays
 */
export function realConfig(values, { configuration, variables, servers }) {
  const config = parse(envoyConfig(values));
  const manager = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
  const plugin = manager.http_filters.find((filter) => filter.name === "ai-proxy").typed_config.config;
  plugin.configuration.value = configuration;
  if (variables.length > 0) plugin.vm_config.environment_variables = { host_env_keys: variables };
  const providers = servers.filter((one) => one.isProvider);
  if (providers.length === 0) return stringify(config);
  config.static_resources.clusters = servers.map((one) => cluster(one.cluster, one.host));
  const [host] = manager.route_config.virtual_hosts;
  const leadTo = (name) => host.routes.map((route) => ({ ...route, route: { ...route.route, cluster: name } }));
  // Envoy picks the route again by the host that the plugin has written (deploy/envoy/providers.yaml).
  const own = providers.length < 2 ? [] : providers.map((one) => ({ name: one.cluster, domains: [one.host], routes: leadTo(one.cluster) }));
  manager.route_config.virtual_hosts = [{ ...host, routes: leadTo(providers[0].cluster) }, ...own];
  return stringify(config);
}
