// The end of an exchange, however it came: metrics and log, exactly once.

import { noteAllocated } from "../bytes/allocated";
import { View } from "../bytes/view";
import * as attributes from "../host/attributes";
import * as host from "../host/host";
import { apiLabel } from "../model/api";
import { LogEntry, writeLog } from "../telemetry/access-log";
import { Sample, record } from "../telemetry/metrics";
import { AnswerMode, Exchange } from "./exchange";
import { Failure, failureCode } from "./failure";

const NANOS: u64 = 1000000;
/** Bytes of the small objects that an exchange leaves behind, about. */
const EXCHANGE_OBJECTS: i32 = 6144;

/** Records the exchange; later calls do nothing. */
export function finishExchange(exchange: Exchange, logEscaped: bool): void {
  const upstream = exchange.upstream;
  if (exchange.finished || upstream === null) return;
  exchange.finished = true;
  noteAllocated(EXCHANGE_OBJECTS);
  const duration = <i64>((host.now() - exchange.startedAt) / NANOS);
  const firstToken =
    exchange.isStreamAnswer && exchange.firstTokenAt > 0
      ? <i64>((exchange.firstTokenAt - exchange.startedAt) / NANOS)
      : -1;
  const routeName = attributes.routeName();
  const usage = exchange.usage;

  const sample = new Sample();
  sample.route = routeName;
  sample.cluster = attributes.clusterName();
  sample.model = modelOf(exchange);
  sample.consumer = exchange.consumer;
  sample.status = exchange.status;
  if (usage.isKnown) {
    sample.input = usage.input < 0 ? 0 : usage.input;
    sample.output = usage.output < 0 ? 0 : usage.output;
    sample.total = usage.totalOrSum;
  }
  sample.duration = duration;
  sample.firstToken = firstToken;
  sample.skipped = exchange.skipped;
  record(sample);

  const entry = new LogEntry();
  entry.api = apiOf(exchange, routeName);
  entry.model = sample.model;
  entry.requestModel = exchange.clientModel;
  entry.provider = upstream.row.type;
  entry.consumer = exchange.consumer;
  entry.chatId = idOf(exchange);
  entry.chatRound = exchange.chatRound;
  entry.isStream = exchange.isStreamAnswer || (exchange.status == 0 && exchange.wantsStream);
  entry.status = exchange.status;
  entry.outcome = outcomeOf(exchange);
  if (exchange.failure != Failure.None) entry.error = failureCode(exchange.failure);
  entry.usage = usage;
  entry.source = exchange.usageSource;
  entry.serviceDuration = duration;
  entry.firstTokenDuration = firstToken;
  writeLog(entry, logEscaped);
  const meter = exchange.meter;
  if (meter === null) return;
  exchange.answerMode = AnswerMode.Untouched;
  meter.release();
}

function outcomeOf(exchange: Exchange): string {
  const meter = exchange.meter;
  const failed = exchange.streamFailed || (exchange.isStreamAnswer && meter !== null && meter.errorSeen);
  if (failed || exchange.failure != Failure.None || exchange.status >= 400) return "error";
  return exchange.answerDone ? "completed" : "aborted";
}

/** The model that answered; until it is known, the one that was asked for. */
function modelOf(exchange: Exchange): View {
  const translator = exchange.translator;
  if (translator !== null && translator.responseModel.length > 0) return translator.responseModel;
  const meter = exchange.meter;
  if (meter !== null && meter.model.length > 0) return meter.model;
  return exchange.upstreamModel.length > 0 ? exchange.upstreamModel : exchange.clientModel;
}

function idOf(exchange: Exchange): View {
  const translator = exchange.translator;
  if (translator !== null) return translator.responseId;
  const meter = exchange.meter;
  return meter === null ? View.empty() : meter.id;
}

/** Higress names the API by a route name of three or more `@` parts; other routes give the API's own name. */
function apiOf(exchange: Exchange, route: View): View {
  let parts = 1;
  let end = route.length;
  for (let k = 0; k < route.length; k++) {
    if (route.at(k) != 0x40) continue;
    parts++;
    if (parts == 4) end = k;
  }
  return parts >= 3 ? route.slice(0, end) : View.utf8(apiLabel(exchange.api));
}
