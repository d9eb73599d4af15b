// Every metric the plugin shows on Prometheus' page, as named after the stats_tags of deploy/envoy/envoy.yaml.
const OLD = "route_upstream_model_consumer_metric_";
const HISTOGRAM_PARTS = ["bucket", "sum", "count"];

/** The names that Higress' dashboards know. */
export const HIGRESS_COUNTERS = [
  "input_token",
  "output_token",
  "total_token",
  "llm_service_duration",
  "llm_duration_count",
  "llm_first_token_duration",
  "llm_stream_duration_count",
  "llm_failure_count",
].map((name) => OLD + name);

export const OWN_COUNTERS = ["ai_proxy_requests_total", "ai_proxy_skipped_bodies_total"];

/** Our own that have appeared since; those of errors, signals and tokens show after the first one. */
export const NEWER_COUNTERS = [
  "ai_proxy_errors_total",
  "ai_proxy_abnormal_total",
  "ai_proxy_token_failures_total",
  "ai_proxy_cost_nano_total",
  "ai_proxy_split_requests_total",
];
export const GAUGES = [
  "ai_proxy_requests_in_flight",
  "ai_proxy_streams_in_flight",
  "ai_proxy_memory_bytes",
  "ai_proxy_held_bytes",
  "ai_proxy_isolated_parts",
];
/** By provider. */
export const OVERHEAD = "ai_proxy_overhead_us";

/** Words of the label `signal` (assembly/limit/abnormal.ts). */
export const SIGNALS = ["burst_401", "burst_403", "burst_429", "token_surge", "unknown_model", "large_prompt"];
/** The same as names that Higress' stats_tags understand. */
export const HIGRESS_SIGNALS = SIGNALS.map((signal) => `${OLD}abnormal_${signal}`);

export const OWN_HISTOGRAMS = ["ai_proxy_request_duration_ms", "ai_proxy_time_to_first_token_ms"];

/** OpenTelemetry's, with the upper bounds of their buckets, which the conventions recommend in seconds and tokens. */
export const GEN_AI_HISTOGRAMS: Record<string, number[]> = {
  gen_ai_client_token_usage: Array.from({ length: 14 }, (_, n) => 4 ** n),
  gen_ai_server_request_duration_milliseconds: Array.from({ length: 14 }, (_, n) => 10 * 2 ** n),
  gen_ai_server_time_to_first_token_milliseconds: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ].map((seconds) => Math.round(seconds * 1e3)),
  gen_ai_server_time_per_output_token_microseconds: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5].map((seconds) =>
    Math.round(seconds * 1e6),
  ),
};

/** Envoy's own series that the alerts use. */
const ENVOY_SERIES = ["envoy_wasm_ai_proxy_vm_reload_success"];

/** Every series name that a query may use. */
export const SERIES = new Set([
  ...HIGRESS_COUNTERS,
  ...OWN_COUNTERS,
  ...NEWER_COUNTERS,
  ...HIGRESS_SIGNALS,
  ...GAUGES,
  ...[...OWN_HISTOGRAMS, OVERHEAD, ...Object.keys(GEN_AI_HISTOGRAMS)].flatMap((name) => HISTOGRAM_PARTS.map((part) => `${name}_${part}`)),
  ...ENVOY_SERIES,
]);

/** Label names that the rules above make, besides `le` of histograms and `instance`, which Prometheus adds. */
export const LABELS = new Set([
  "ai_route",
  "ai_cluster",
  "ai_model",
  "ai_consumer",
  "status_class",
  "reason",
  "status",
  "error",
  "provider",
  "signal",
  "currency",
  "split",
  "gen_ai_operation_name",
  "gen_ai_provider_name",
  "gen_ai_request_model",
  "gen_ai_response_model",
  "gen_ai_token_type",
  "error_type",
  "le",
  "instance",
  "job",
]);

/** Names of series in a PromQL expression: words of the metric prefixes, the recorded ones among them. */
export function seriesIn(expression: string): string[] {
  const bare = expression.replace(/"[^"]*"/g, '""').replace(/\{[^}]*\}|\bby\s*\([^)]*\)/g, "");
  return bare.match(/\b(?:ai_proxy|route_upstream|envoy_wasm|gen_ai)[A-Za-z0-9_:]*/g) ?? [];
}

/** Names of labels in a PromQL expression: those of matchers and of `by (…)`. */
export function labelsIn(expression: string): string[] {
  const matchers = [...expression.matchAll(/[{,]\s*([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map((match) => match[1] ?? "");
  const groups = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap((match) => (match[1] ?? "").split(","));
  return [...matchers, ...groups.map((name) => name.trim())].filter((name) => name !== "");
}
