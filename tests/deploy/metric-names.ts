// Every metric the plugin shows on Prometheus' page, as named after the stats_tags of deploy/envoy/envoy.yaml.
const OLD = "route_upstream_model_consumer_metric_";
const OWN = "ai_proxy_route_upstream_model_consumer_";
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
].map((name) => OLD + name);

export const OWN_COUNTERS = [`${OWN}status_metric_requests_total`, "ai_proxy_skipped_metric_bodies_total"];

export const OWN_HISTOGRAMS = ["request_duration_ms", "time_to_first_token_ms"].map((name) => `${OWN}metric_${name}`);

/** Envoy's own series that the alerts use. */
const ENVOY_SERIES = ["envoy_wasm_ai_proxy_vm_reload_success"];

/** Every series name that a query may use. */
export const SERIES = new Set([
  ...HIGRESS_COUNTERS,
  ...OWN_COUNTERS,
  ...OWN_HISTOGRAMS.flatMap((name) => HISTOGRAM_PARTS.map((part) => `${name}_${part}`)),
  ...ENVOY_SERIES,
]);

/** Label names that the rules above make, besides `le` of histograms. */
export const LABELS = new Set(["ai_route", "ai_cluster", "ai_model", "ai_consumer", "status_class", "reason", "le"]);

/** Names of series in a PromQL expression: words of the metric prefixes, the recorded ones among them. */
export function seriesIn(expression: string): string[] {
  return expression.match(/\b(?:ai_proxy|route_upstream|envoy_wasm)[A-Za-z0-9_:]*/g) ?? [];
}

/** Names of labels in a PromQL expression: those of matchers and of `by (…)`. */
export function labelsIn(expression: string): string[] {
  const matchers = [...expression.matchAll(/[{,]\s*([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map((match) => match[1] ?? "");
  const groups = [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap((match) => (match[1] ?? "").split(","));
  return [...matchers, ...groups.map((name) => name.trim())].filter((name) => name !== "");
}
