// What is counted, and when. Names as Envoy shows them at /stats (with the prefix `wasmcustom.`):
//
// Higress's, counters, so that its dashboards work (metrics.family higress or both):
//   route.<R>.upstream.<C>.model.<M>.consumer.<K>.metric.<N>
//   N: input_token output_token total_token llm_service_duration llm_duration_count llm_first_token_duration
//   llm_stream_duration_count (durations are sums of milliseconds) llm_failure_count abnormal_<signal>
//   -> Prometheus route_upstream_model_consumer_metric_<N>{ai_route,ai_cluster,ai_model,ai_consumer}
// OpenTelemetry's (metrics.family otel or both): gen-ai.ts.
// Our own, always:
//   ai_proxy.~route.<R>.~upstream.<C>.~model.<M>.~consumer.<K>.~class.<2xx>.requests_total          (counter)
//   ai_proxy.~route.<R>.~upstream.<C>.~model.<M>.~consumer.<K>.request_duration_ms                  (histogram)
//   ai_proxy.~route.<R>.~upstream.<C>.~model.<M>.~consumer.<K>.time_to_first_token_ms               (histogram, streams)
//   ai_proxy.~route.<R>.~upstream.<C>.~model.<M>.~consumer.<K>.~status.<429>.~error.<E>.errors_total (counter)
//   ai_proxy.~route.<R>.~upstream.<C>.~model.<M>.~consumer.<K>.~signal.<S>.abnormal_total            (counter)
//   ai_proxy.~route.<R>.~upstream.<C>.~model.<M>.~consumer.<K>.~provider.<P>.~currency.<USD>.cost_nano_total (counter, 10^-9)
//   ai_proxy.~provider.<P>.~status.<401>.token_failures_total                                        (counter)
//   ai_proxy.~provider.<P>.overhead_us                                                              (histogram)
//   ai_proxy.~reason.<reason>.skipped_bodies_total                                                  (counter)
//   ai_proxy.isolated_parts                                                                         (gauge, the same in all workers)
//   ai_proxy.requests_in_flight, ai_proxy.streams_in_flight, ai_proxy.memory_bytes, ai_proxy.held_bytes (gauges of all workers)
// The stats_tags of deploy/envoy/envoy.yaml turn the parts between dots into labels; docs/metrics.md shows the result.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { MetricsConfig } from "../config/metrics-config";
import { MetricType } from "../host/abi";
import * as host from "../host/host";
import { count, defineCounter } from "./counters";
import { recordGenAi } from "./gen-ai";
import { writeLabel } from "./labels";
import { Record } from "./record";
import { seriesOf } from "./series";
import { Series, Slot, UNDEFINED } from "./series-ids";

const STATUS_CLASSES: StaticArray<string> = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];
const PAGE: i32 = 65536;

/** A counter by one word and one number; there are few. */
@final
class Counter {
  constructor(
    public word: string,
    public number: i32,
    public id: i32,
  ) {}
}

const skipped: Array<Counter> = [];
const tokenFailures: Array<Counter> = [];
const splits: Array<Counter> = [];
/** Of one VM: names are the operator's, who may change them for ever. */
const MAX_SPLITS: i32 = 500;
const overheads: Array<Counter> = [];
let streams: i32 = UNDEFINED;
let inFlight: i32 = UNDEFINED;
let memoryBytes: i32 = UNDEFINED;
/** Pages of this VM that the gauge knows of. */
let pages: i32 = 0;
let heldBytes: i32 = UNDEFINED;
/** Held bytes that the gauge knows of. */
let shownHeld: i64 = 0;
/** A smaller change is shown only when nothing is held any more: a call costs more than a frame. */
const HELD_STEP: i64 = 1 << 20;
/** Exchanges from one look at them to the next. */
const LOOK_EVERY: u32 = 64;
let looks: u32 = 0;

/** Rules and catalogue entries of this VM's configurations that are wrong, and whether the gauge knows of them. */
let isolated: i32 = 0;
let isIsolatedShown: bool = false;

/** Each look at the clock is a call of the host, and an exchange would need nine: one of so many tells as much. */
const OVERHEAD_EVERY: u32 = 16;
let exchanges: u32 = 0;

/** A request has come that the plugin handles; requestEnded() must follow. */
export function requestStarted(): void {
  if (inFlight == UNDEFINED) {
    inFlight = gauge("ai_proxy.requests_in_flight");
    heldBytes = gauge("ai_proxy.held_bytes");
  }
  count(inFlight, 1);
}

export function requestEnded(): void {
  count(inFlight, -1);
}

/** The response is a stream and has begun; streamEnded() must follow. */
export function streamStarted(): void {
  if (streams == UNDEFINED) streams = gauge("ai_proxy.streams_in_flight");
  count(streams, 1);
}

export function streamEnded(): void {
  count(streams, -1);
}

/** Adds a finished exchange to the metrics. */
export function recordExchange(record: Record, config: MetricsConfig): void {
  const series = seriesOf(record, config);
  const error = record.error;
  const timeToFirstToken = record.timeToFirstToken;
  countRequest(series, record.status / 100);
  host.record(series.own(Slot.Duration, "", "", ".request_duration_ms", MetricType.Histogram), <u64>record.duration);
  if (timeToFirstToken >= 0) {
    const id = series.own(Slot.FirstToken, "", "", ".time_to_first_token_ms", MetricType.Histogram);
    host.record(id, <u64>timeToFirstToken);
  }
  if (error.length != 0) series.countError(record.status, error);
  // Higress counts responses that are errors: who has gone away has had none.
  if (config.higress && error.length != 0 && record.outcome != "aborted") add(series, Slot.Failures, ".metric.llm_failure_count", 1);
  if (record.cost >= 0) series.countCost(record.provider, record.currency, record.cost);
  if (record.abnormal != 0) series.countSignals(record.abnormal, config.higress);
  if (record.skipped.length != 0) countSkipped(record.skipped);
  if (record.splitSide.length != 0) countSplit(record.splitSide.toString(), record.status);
  if (config.higress && record.usage.isKnown) recordTokens(series, record);
  if (config.genAi) recordGenAi(series, record);
  followMemory();
}

function countRequest(series: Series, statusClass: i32): void {
  const at = statusClass < 0 || statusClass > 5 ? 0 : statusClass;
  count(series.own(Slot.Requests + at, ".~class.", STATUS_CLASSES[at], ".requests_total", MetricType.Counter), 1);
}

/** Higress writes these only when usage was found, and so do we: its dashboards divide by the counts. */
function recordTokens(series: Series, record: Record): void {
  const usage = record.usage;
  add(series, Slot.InputTokens, ".metric.input_token", usage.inputOrZero);
  add(series, Slot.OutputTokens, ".metric.output_token", usage.outputOrZero);
  add(series, Slot.TotalTokens, ".metric.total_token", usage.totalOrSum);
  add(series, Slot.ServiceDuration, ".metric.llm_service_duration", record.duration);
  add(series, Slot.DurationCount, ".metric.llm_duration_count", 1);
  if (record.timeToFirstToken < 0) return;
  add(series, Slot.FirstTokenDuration, ".metric.llm_first_token_duration", record.timeToFirstToken);
  add(series, Slot.StreamCount, ".metric.llm_stream_duration_count", 1);
}

/** The counter shows from its first exchange on, also while it is 0. */
function add(series: Series, slot: Slot, suffix: string, by: i64): void {
  const id = series.higress(slot, suffix, "");
  if (by > 0) count(id, by);
}

/** A body went on unread. `reason`: a word of a closed list. */
export function countSkipped(reason: string): void {
  let id = idIn(skipped, reason, 0);
  if (id == UNDEFINED) {
    const name = new Buffer(64);
    name.ascii("ai_proxy.~reason.");
    name.ascii(reason);
    name.ascii(".skipped_bodies_total");
    id = defineCounter(MetricType.Counter, name.toView());
    skipped.push(new Counter(reason, 0, id));
  }
  count(id, 1);
}

/** True for the statuses by which a provider may refuse a token: what failover looks at. */
export function isTokenFailure(status: i32): bool {
  return status == 401 || status == 402 || status == 403 || status == 408 || status == 429 || status >= 500;
}

/** A request has taken this side of a split. */
export function countSplit(side: string, status: i32): void {
  const hundreds = status / 100;
  let id = idIn(splits, side, hundreds);
  if (id == UNDEFINED) {
    if (splits.length >= MAX_SPLITS) return;
    const name = new Buffer(64);
    name.ascii("ai_proxy.~split.");
    writeLabel(name, View.utf8(side));
    name.ascii(".~status.");
    name.integer(hundreds);
    name.ascii("xx.split_requests_total");
    id = defineCounter(MetricType.Counter, name.toView());
    splits.push(new Counter(side, hundreds, id));
  }
  count(id, 1);
}

/** A provider has refused one of the configured tokens, or failed with it; `provider` is its type. */
export function countTokenFailure(provider: string, status: i32): void {
  const shown = status >= 500 ? 500 : status;
  let id = idIn(tokenFailures, provider, shown);
  if (id == UNDEFINED) {
    const name = new Buffer(64);
    name.ascii("ai_proxy.~provider.");
    name.ascii(provider);
    name.ascii(".~status.");
    if (shown == 500) name.ascii("5xx");
    else name.integer(shown);
    name.ascii(".token_failures_total");
    id = defineCounter(MetricType.Counter, name.toView());
    tokenFailures.push(new Counter(provider, shown, id));
  }
  count(id, 1);
}

/**
 * `by` more parts of this VM's configurations are wrong and isolated. Every worker reads the same configurations, so the gauge is
 * set: a sum would count each part once for every worker, and for VMs that Envoy makes only to try a configuration.
 */
export function followIsolated(by: i32): void {
  if (by == 0 && isIsolatedShown) return;
  isolated += by;
  isIsolatedShown = true;
  host.record(host.defineMetric(MetricType.Gauge, View.utf8("ai_proxy.isolated_parts")), <u64>isolated);
}

/** True for one exchange of OVERHEAD_EVERY, the first of a VM among them. */
export function takesOverhead(): bool {
  return exchanges++ % OVERHEAD_EVERY == 0;
}

/** `micros`: what the client of a request to this type of provider has waited for the plugin (pipeline/exchange.ts). */
export function recordOverhead(provider: string, micros: u64): void {
  let id = idIn(overheads, provider, 0);
  if (id == UNDEFINED) {
    const name = new Buffer(64);
    name.ascii("ai_proxy.~provider.");
    name.ascii(provider);
    name.ascii(".overhead_us");
    id = host.defineMetric(MetricType.Histogram, name.toView());
    overheads.push(new Counter(provider, 0, id));
  }
  host.record(id, micros);
}

function idIn(counters: Array<Counter>, word: string, number: i32): i32 {
  for (let k = 0; k < counters.length; k++) {
    const one = counters[k];
    if (one.number == number && one.word == word) return one.id;
  }
  return UNDEFINED;
}

/** The gauge is the sum of all workers' VMs, so each adds what it has grown by. */
function followMemory(): void {
  if (looks++ % LOOK_EVERY != 0) return;
  const now = memory.size();
  if (now == pages) return;
  if (memoryBytes == UNDEFINED) memoryBytes = gauge("ai_proxy.memory_bytes");
  count(memoryBytes, <i64>(now - pages) * PAGE);
  pages = now;
}

/** The exchanges of this VM hold `bytes` together. */
export function followHeld(bytes: i64): void {
  const change = bytes - shownHeld;
  if (change == 0 || (bytes != 0 && change < HELD_STEP && change > -HELD_STEP)) return;
  count(heldBytes, change);
  shownHeld = bytes;
}

function gauge(name: string): i32 {
  return defineCounter(MetricType.Gauge, View.utf8(name));
}
