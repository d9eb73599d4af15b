// The lab's Envoy configuration as an object. Statistics rules are those of deploy/envoy/envoy.yaml, so that tests judge the
// metric names operators will see.
import { parse } from "yaml";
import { envoyConfig } from "../../tools/envoy-config.mjs";
import type { LabOptions } from "./lab";

type BootstrapOptions = LabOptions & { wasm: string; upstreamPort: number; accessLog: string; listenersPath?: string };

const TYPE = "type.googleapis.com/";
const HCM = `${TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const WASM = `${TYPE}envoy.extensions.filters.http.wasm.v3.Wasm`;
const ROUTER = `${TYPE}envoy.extensions.filters.http.router.v3.Router`;
const FILE_LOG = `${TYPE}envoy.extensions.access_loggers.file.v3.FileAccessLog`;
const STRING = `${TYPE}google.protobuf.StringValue`;
const DEFAULT_BUFFER_LIMIT = 64 << 20;

const loopback = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } });

function pluginFilter(options: BootstrapOptions, index: number): object {
  const config = options.plugins[index]?.config ?? {};
  return {
    name: `plugin${index}`,
    typed_config: {
      "@type": WASM,
      config: {
        name: `plugin${index}`,
        ...(options.stopsOnHeaders === false ? {} : { allow_on_headers_stop_iteration: true }),
        failure_policy: options.failurePolicy ?? "FAIL_RELOAD",
        // One VM for all: the plugin must keep its configurations apart, as it has to in a gateway.
        vm_config: { vm_id: "lab", runtime: "envoy.wasm.runtime.v8", code: { local: { filename: options.wasm } } },
        configuration: { "@type": STRING, value: typeof config === "string" ? config : JSON.stringify(config) },
      },
    },
  };
}

function accessLog(path: string, listener: string): object {
  const format = {
    listener,
    port: "%DOWNSTREAM_REMOTE_PORT%",
    case: "%REQ(X-CASE)%",
    status: "%RESPONSE_CODE%",
    flags: "%RESPONSE_FLAGS%",
    details: "%RESPONSE_CODE_DETAILS%",
    duration_ms: "%DURATION%",
    ai_log: "%FILTER_STATE(wasm.ai_log:PLAIN)%",
  };
  return { name: "file", typed_config: { "@type": FILE_LOG, path, log_format: { json_format: format } } };
}

function listener(options: BootstrapOptions, index: number): object {
  const { route = "r0", cluster = "c0" } = options.plugins[index] ?? {};
  const manager = {
    "@type": HCM,
    stat_prefix: `l${index}`,
    ...(options.websocket ? { upgrade_configs: [{ upgrade_type: "websocket" }], http2_protocol_options: { allow_connect: true } } : {}),
    ...(options.informational ? { proxy_100_continue: true } : {}),
    stream_idle_timeout: options.plugins[index]?.idleTimeout ?? options.idleTimeout ?? "15s",
    access_log: [accessLog(options.accessLog, `l${index}`)],
    route_config: {
      name: "routes",
      virtual_hosts: [
        { name: "all", domains: ["*"], routes: [{ name: route, match: { prefix: "/" }, route: { cluster, timeout: "0s" } }] },
      ],
    },
    http_filters: [pluginFilter(options, index), { name: "router", typed_config: { "@type": ROUTER } }],
  };
  return {
    name: `l${index}`,
    address: loopback(0),
    per_connection_buffer_limit_bytes: options.bufferLimit ?? DEFAULT_BUFFER_LIMIT,
    filter_chains: [{ filters: [{ name: "hcm", typed_config: manager }] }],
  };
}

const HTTP2 = {
  typed_extension_protocol_options: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": `${TYPE}envoy.extensions.upstreams.http.v3.HttpProtocolOptions`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

/** The circuit breakers of deploy/envoy. */
const MANY = { thresholds: [{ max_connections: 8192, max_pending_requests: 8192, max_requests: 8192 }] };

function cluster(name: string, port: number, isHttp2: boolean): object {
  const endpoint = { endpoint: { address: loopback(port) } };
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    circuit_breakers: MANY,
    ...(isHttp2 ? HTTP2 : {}),
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [endpoint] }] },
  };
}

/** Admin and all listeners on port 0: Envoy takes free ones. */
export function bootstrap(options: BootstrapOptions): object {
  const clusters = new Map(options.plugins.map((plugin) => [plugin.cluster ?? "c0", plugin.http2Upstream ?? false]));
  const source = { path_config_source: { path: options.listenersPath }, resource_api_version: "V3" };
  return {
    admin: { address: loopback(0) },
    // Histograms show only after a flush; the default of 5 s would make every metrics test wait.
    stats_flush_interval: "0.2s",
    stats_config: parse(envoyConfig()).stats_config,
    // An update by file needs a node to be named.
    ...(options.listenersPath ? { node: { id: "lab", cluster: "lab" }, dynamic_resources: { lds_config: source } } : {}),
    static_resources: {
      ...(options.listenersPath ? {} : { listeners: options.plugins.map((_, index) => listener(options, index)) }),
      clusters: [...clusters].map(([name, isHttp2]) => cluster(name, options.upstreamPort, isHttp2)),
    },
  };
}

/** The listeners alone, as the file that Envoy watches when there is a `listenersPath`. */
export function listenersFile(options: BootstrapOptions): object {
  return {
    resources: options.plugins.map((_, index) => ({
      "@type": `${TYPE}envoy.config.listener.v3.Listener`,
      ...listener(options, index),
    })),
  };
}
