// The end of an exchange, however it came: metrics and log, exactly once.

import { Ascii } from "../bytes/ascii";
import { noteAllocated } from "../bytes/allocated";
import { View } from "../bytes/view";
import { MetricsConfig } from "../config/metrics-config";
import * as attributes from "../host/attributes";
import { signalWords } from "../limit/abnormal";
import { apiLabel } from "../model/api";
import { LogEntry, hasLog, writeLog } from "../telemetry/access-log";
import { collectionTime } from "../host/memory";
import { operationOf } from "../telemetry/gen-ai";
import { countTokenFailure, isTokenFailure, record, recordOverhead, requestEnded, streamEnded } from "../telemetry/metrics";
import { PROVIDER_ERROR, Sample } from "../telemetry/sample";
import { ResponseMode, Exchange } from "./exchange";
import { completeUsage } from "./estimate";
import { Failure, failureCode, failureOfDetails, failureStatus } from "./failure";
import { release } from "./held";
import { publishTokens } from "./publish";
import { settleExchange } from "./settle";
import { settleVerdict } from "./token";
import { isWithheld } from "./withheld";

const NANOS: u64 = 1000000;
/** Bytes of the small objects that an exchange leaves behind, about. */
const EXCHANGE_OBJECTS: i32 = 1536;
/** The provider's name of a request that belongs to none: one that was refused before, or was only asked for its key. */
const NO_PROVIDER: string = "none";

/** Filled anew for each exchange. */
const ended: Sample = new Sample();
const logged: LogEntry = new LogEntry();

/** Records the exchange, which ends at `now` (nanoseconds); later calls do nothing. */
export function finishExchange(exchange: Exchange, now: u64, logEscaped: bool, metrics: MetricsConfig): void {
  if (exchange.finished) return;
  release(exchange);
  requestEnded();
  if (exchange.isCountedStream) streamEnded();
  // An instance of the plugin that runs for the cluster has told all that there is to tell.
  if (exchange.isAdmittedOnly && hasLog()) return;
  noteAllocated(EXCHANGE_OBJECTS);
  // What an upstream filter answers itself does not come back to it.
  if (exchange.rejected && exchange.status == 0) exchange.status = failureStatus(exchange.failure);
  if (exchange.holdsResponse && !exchange.responseDone) noteLostResponse(exchange);
  if (isWithheld(exchange)) exchange.failure = Failure.BodyWithheld;
  const routeName = attributes.routeName();
  settleVerdict(exchange);
  completeUsage(exchange);
  settleExchange(exchange);
  publishTokens(exchange);
  const sample = sampleOf(exchange, routeName, now);
  record(sample, metrics);
  const collecting = collectionTime();
  if (exchange.isTimed) recordOverhead(sample.provider, (exchange.overhead + collecting) / 1000);
  noteToken(exchange, sample);
  writeLog(entryOf(exchange, routeName, sample), logEscaped);
  const meter = exchange.meter;
  if (meter === null) return;
  exchange.responseMode = ResponseMode.Untouched;
  exchange.meter = null;
  exchange.chunkFilter = null;
  meter.release();
}

/** What the metrics are told. */
function sampleOf(exchange: Exchange, routeName: View, now: u64): Sample {
  const upstream = exchange.upstream;
  const usage = exchange.usage;
  const sample = ended;
  const routeApi = apiOf(routeName);
  // Dashboards of Higress name such a route by its API.
  sample.route = routeApi.length > 0 ? routeApi : routeName;
  sample.cluster = attributes.clusterName();
  const chosen = exchange.chosenRoute;
  if (chosen !== null && !exchange.rejected && !exchange.isDelivered) chosen.review(exchange, sample.cluster, routeName);
  sample.asked = exchange.upstreamModel.length > 0 ? exchange.upstreamModel : exchange.clientModel;
  sample.responded = responseedModel(exchange);
  sample.mapping = upstream === null ? null : upstream.config.modelMapping;
  sample.consumer = exchange.consumer;
  sample.provider = upstream === null ? NO_PROVIDER : upstream.row.type;
  sample.operation = operationOf(exchange.api);
  sample.status = exchange.status;
  sample.error = errorOf(exchange);
  const isKnown = usage.isKnown;
  sample.input = isKnown ? max<i64>(usage.input, 0) : -1;
  sample.output = isKnown ? max<i64>(usage.output, 0) : -1;
  sample.total = isKnown ? usage.totalOrSum : -1;
  sample.duration = <i64>((now - exchange.startedAt) / NANOS);
  const hasFirstToken = exchange.isStreamResponse && exchange.firstTokenAt > 0;
  sample.firstToken = hasFirstToken ? <i64>((exchange.firstTokenAt - exchange.startedAt) / NANOS) : -1;
  sample.skipped = exchange.skipped;
  sample.signals = exchange.abnormal;
  return sample;
}

/** What the log is told. */
function entryOf(exchange: Exchange, routeName: View, sample: Sample): LogEntry {
  const entry = logged;
  entry.api = apiOf(routeName);
  entry.apiName = apiLabel(exchange.api);
  entry.model = sample.responded.length > 0 ? sample.responded : sample.asked;
  entry.requestModel = exchange.clientModel;
  entry.provider = sample.provider;
  entry.consumer = exchange.consumer;
  entry.chatId = idOf(exchange);
  entry.chatRound = exchange.chatRound;
  entry.session = exchange.session;
  entry.isStream = exchange.isStreamResponse || (exchange.status == 0 && exchange.wantsStream);
  entry.status = exchange.status;
  entry.outcome = outcomeOf(exchange);
  entry.error = exchange.failure != Failure.None ? failureCode(exchange.failure) : "";
  entry.abnormal = exchange.abnormal != 0 ? signalWords(exchange.abnormal) : View.empty();
  entry.usage = exchange.usage;
  entry.source = exchange.usageSource;
  entry.serviceDuration = sample.duration;
  entry.firstTokenDuration = sample.firstToken;
  return entry;
}

/** A held response broke off: Envoy has answered in its place without asking the plugin, and only the log tells. */
function noteLostResponse(exchange: Exchange): void {
  const failure = failureOfDetails(attributes.codeDetails());
  if (failure == Failure.None) return;
  exchange.failure = failure;
  exchange.status = failureStatus(failure);
}

function outcomeOf(exchange: Exchange): string {
  const meter = exchange.meter;
  const failed = exchange.streamFailed || exchange.fault != 0 || (exchange.isStreamResponse && meter !== null && meter.errorSeen);
  if (failed || exchange.failure != Failure.None || exchange.status >= 400) return "error";
  return exchange.responseDone ? "completed" : "aborted";
}

/** What went wrong, in one word of a closed list; "" for an exchange that went well. */
function errorOf(exchange: Exchange): string {
  const outcome = outcomeOf(exchange);
  if (outcome == "completed") return "";
  if (outcome == "aborted") return outcome;
  if (exchange.failure != Failure.None) return failureCode(exchange.failure);
  return exchange.status >= 400 || !exchange.isStreamResponse ? PROVIDER_ERROR : "stream_error";
}

/** Counts the response against the token that was used, when the provider itself gave it. */
function noteToken(exchange: Exchange, sample: Sample): void {
  const status = exchange.fault > 0 ? exchange.fault : sample.error == PROVIDER_ERROR ? sample.status : 0;
  if (exchange.token < 0 || !isTokenFailure(status)) return;
  // An attempt that Envoy is about to repeat has no details yet; what an upstream filter sees is always the provider's.
  const isProviders = exchange.isDelivered || exchange.attempt !== null || attributes.codeDetails().startsWith("via_upstream");
  if (isProviders) countTokenFailure(sample.provider, status);
}

/** The model that the provider names, empty until it has. */
function responseedModel(exchange: Exchange): View {
  const translator = exchange.translator;
  if (translator !== null && translator.responseModel.length > 0) return translator.responseModel;
  const frames = exchange.frames;
  if (frames !== null) return frames.reader.model;
  const meter = exchange.meter;
  return meter === null ? View.empty() : meter.model;
}

function idOf(exchange: Exchange): View {
  const translator = exchange.translator;
  if (translator !== null) return translator.responseId;
  const meter = exchange.meter;
  return meter === null ? View.empty() : meter.id;
}

/** Higress names the API by a route name of three or more `@` parts; of other routes nothing. */
function apiOf(route: View): View {
  let parts = 1;
  let end = route.length;
  for (let k = 0; k < route.length; k++) {
    if (route.at(k) != Ascii.At) continue;
    parts++;
    if (parts == 4) end = k;
  }
  return parts >= 3 ? route.slice(0, end) : View.empty();
}
