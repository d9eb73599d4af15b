// The only file that knows metric names. Two families of names, as Envoy shows them at /stats (prefix `wasmcustom.`):
//
// Higress's, counters, so that its dashboards work:
//   route.<R>.upstream.<C>.model.<M>.consumer.<K>.metric.<N>
//   N: input_token output_token total_token llm_service_duration llm_duration_count llm_first_token_duration
//   llm_stream_duration_count (durations are sums of milliseconds)
//   -> Prometheus route_upstream_model_consumer_metric_<N>{ai_route,ai_cluster,ai_model,ai_consumer}
// Our own:
//   ai_proxy.route.<R>.upstream.<C>.model.<M>.consumer.<K>.status.<2xx>.metric.requests_total      (counter)
//   ai_proxy.route.<R>.upstream.<C>.model.<M>.consumer.<K>.metric.request_duration_ms              (histogram)
//   ai_proxy.route.<R>.upstream.<C>.model.<M>.consumer.<K>.metric.time_to_first_token_ms           (histogram, streams)
//   ai_proxy.skipped.<reason>.metric.bodies_total                                                   (counter)
// The stats_tags of deploy/envoy/envoy.yaml turn the parts between dots into labels.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { MetricType } from "../host/abi";
import * as host from "../host/host";

/** Series kept per VM; further label combinations are counted under model `other`. */
const MAX_SERIES: i32 = 2000;
/** Bytes of a label value; longer ones are cut. */
const MAX_LABEL: i32 = 64;

/** Metric ids of one combination of labels; -1 until first used. */
@final
class Series {
  labels: View;
  inputTokens: i32 = -1;
  outputTokens: i32 = -1;
  totalTokens: i32 = -1;
  serviceDuration: i32 = -1;
  durationCount: i32 = -1;
  firstTokenDuration: i32 = -1;
  streamCount: i32 = -1;
  durationHistogram: i32 = -1;
  firstTokenHistogram: i32 = -1;
  /** By status class: 1xx…5xx at 1…5, 0 for no answer. */
  requests: StaticArray<i32> = [-1, -1, -1, -1, -1, -1];

  constructor(labels: View) {
    this.labels = labels;
  }

  private define(prefix: string, middle: string, name: string, type: MetricType): i32 {
    const out = new Buffer(256);
    out.ascii(prefix);
    out.view(this.labels);
    out.ascii(middle);
    out.ascii(".metric.");
    out.ascii(name);
    return host.defineMetric(type, out.toView());
  }

  /** A counter of Higress's family. */
  counter(name: string): i32 {
    return this.define("", "", name, MetricType.Counter);
  }

  histogram(name: string): i32 {
    return this.define("ai_proxy.", "", name, MetricType.Histogram);
  }

  countRequest(statusClass: i32): void {
    const at = statusClass < 0 || statusClass > 5 ? 0 : statusClass;
    if (this.requests[at] < 0) {
      const middle = at == 0 ? ".status.none" : ".status." + at.toString() + "xx";
      this.requests[at] = this.define("ai_proxy.", middle, "requests_total", MetricType.Counter);
    }
    host.increment(this.requests[at], 1);
  }
}

/** What one finished exchange adds. Tokens are -1 when unknown, durations in milliseconds. */
@final
export class Sample {
  route: View = View.empty();
  cluster: View = View.empty();
  model: View = View.empty();
  consumer: View = View.empty();
  status: i32 = 0;
  input: i64 = -1;
  output: i64 = -1;
  total: i64 = -1;
  duration: i64 = 0;
  /** -1 when no first token came. */
  firstToken: i64 = -1;
  skipped: string = "";
}

let table: Map<u32, Array<Series>> = new Map<u32, Array<Series>>();
let seriesCount: i32 = 0;
const labels: Buffer = new Buffer(512);
let skippedEncoding: i32 = -1;

/** Adds a finished exchange to the metrics. */
export function record(sample: Sample): void {
  const series = seriesOf(sample);
  series.countRequest(sample.status / 100);
  if (series.durationHistogram < 0) series.durationHistogram = series.histogram("request_duration_ms");
  host.record(series.durationHistogram, <u64>sample.duration);
  if (sample.firstToken >= 0) {
    if (series.firstTokenHistogram < 0) series.firstTokenHistogram = series.histogram("time_to_first_token_ms");
    host.record(series.firstTokenHistogram, <u64>sample.firstToken);
  }
  if (sample.skipped.length > 0) {
    if (skippedEncoding < 0) {
      skippedEncoding = host.defineMetric(MetricType.Counter, View.utf8("ai_proxy.skipped.encoding.metric.bodies_total"));
    }
    host.increment(skippedEncoding, 1);
  }
  if (sample.total < 0) return;
  recordTokens(series, sample);
}

/** Higress writes these only when usage was found, and so do we: its dashboards divide by the counts. */
function recordTokens(series: Series, sample: Sample): void {
  if (series.inputTokens < 0) {
    series.inputTokens = series.counter("input_token");
    series.outputTokens = series.counter("output_token");
    series.totalTokens = series.counter("total_token");
    series.serviceDuration = series.counter("llm_service_duration");
    series.durationCount = series.counter("llm_duration_count");
  }
  if (sample.input > 0) host.increment(series.inputTokens, sample.input);
  if (sample.output > 0) host.increment(series.outputTokens, sample.output);
  if (sample.total > 0) host.increment(series.totalTokens, sample.total);
  if (sample.duration > 0) host.increment(series.serviceDuration, sample.duration);
  host.increment(series.durationCount, 1);
  if (sample.firstToken < 0) return;
  if (series.streamCount < 0) {
    series.firstTokenDuration = series.counter("llm_first_token_duration");
    series.streamCount = series.counter("llm_stream_duration_count");
  }
  if (sample.firstToken > 0) host.increment(series.firstTokenDuration, sample.firstToken);
  host.increment(series.streamCount, 1);
}

function seriesOf(sample: Sample): Series {
  writeLabels(sample, sample.model);
  const found = find(labels.toView());
  if (found !== null) return found;
  if (seriesCount >= MAX_SERIES) {
    writeLabels(sample, View.utf8("other"));
    const other = find(labels.toView());
    if (other !== null) return other;
  }
  const series = new Series(labels.toView().copy());
  const hash = series.labels.hash();
  if (table.has(hash)) table.get(hash).push(series);
  else table.set(hash, [series]);
  seriesCount++;
  return series;
}

function find(key: View): Series | null {
  const hash = key.hash();
  if (!table.has(hash)) return null;
  const bucket = table.get(hash);
  for (let k = 0; k < bucket.length; k++) if (bucket[k].labels.sameAs(key)) return bucket[k];
  return null;
}

function writeLabels(sample: Sample, model: View): void {
  labels.clear();
  labels.ascii("route.");
  label(sample.route);
  labels.ascii(".upstream.");
  label(sample.cluster);
  labels.ascii(".model.");
  label(model);
  labels.ascii(".consumer.");
  label(sample.consumer);
}

/** A label value: cut to MAX_LABEL; dots, which part names, and control characters become `_` or `-`. */
function label(value: View): void {
  if (value.length == 0) {
    labels.ascii("none");
    return;
  }
  const size = value.length > MAX_LABEL ? MAX_LABEL : value.length;
  for (let k = 0; k < size; k++) {
    const byte = value.at(k);
    labels.byte(byte == 0x2e ? 0x2d : byte <= 0x20 || byte == 0x7f || byte > 0x7f ? 0x5f : byte);
  }
}
