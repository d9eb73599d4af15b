// The end of an exchange, however it came: metrics and log, exactly once.

import { Ascii } from "../bytes/ascii";
import { countAllocated } from "../bytes/allocated";
import { View } from "../bytes/view";
import * as attributes from "../host/attributes";
import { NANOSECONDS_PER_MICROSECOND } from "../host/clock";
import { collectionTime } from "../host/memory";
import { addToLog, hasLog, writeLog } from "../telemetry/access-log";
import {
  countSplit,
  countTokenFailure,
  isTokenFailure,
  recordExchange,
  recordOverhead,
  requestEnded,
  streamEnded,
} from "../telemetry/metrics";
import { PROVIDER_ERROR } from "../telemetry/record";
import { Arrival } from "./arrival";
import { Exchange, NO_LEDGER, UNTOUCHED } from "./exchange";
import { priceExchange } from "./cost";
import { completeUsage } from "./estimate";
import { Failure, failureOfDetails, failureStatus } from "./failure";
import { release } from "./held";
import { publishEnd, publishFirstToken, tellClient, wantsEnd } from "./publish";
import { findAbnormal, settleLimits } from "./settle";
import { judgeTokenAtEnd } from "./token";
import { isWithheld } from "./withheld";

/** Bytes of the small objects that an exchange leaves behind, about. */
const EXCHANGE_OBJECTS: i32 = 1536;

/** Records a request that had no provider, which ends at `now` (nanoseconds); later calls do nothing. */
export function finishArrival(arrival: Arrival, now: u64): void {
  if (arrival.finished) return;
  release(arrival);
  requestEnded();
  // An instance of the plugin that runs for the cluster has told all that there is to tell.
  if (!arrival.rejected && hasLog()) {
    if (arrival.splitSide.length == 0) return;
    countSplit(arrival.splitSide.toString(), arrival.status);
    addToLog(arrival.splitSide, arrival.plugin.escapesLog);
    return;
  }
  countAllocated(EXCHANGE_OBJECTS);
  setRefusedStatus(arrival);
  if (isWithheld(arrival)) arrival.failure = Failure.BodyWithheld;
  readRoute(arrival, now);
  findAbnormal(arrival);
  publishEnd(arrival);
  arrival.cluster = attributes.clusterName();
  recordExchange(arrival, arrival.plugin.metrics);
  addOverhead(arrival);
  writeLog(arrival, arrival.plugin.escapesLog);
}

/** Records the exchange, which ends at `now` (nanoseconds); later calls do nothing. */
export function finishExchange(exchange: Exchange, now: u64): void {
  if (exchange.finished) return;
  release(exchange);
  requestEnded();
  if (exchange.isCountedStream) streamEnded();
  countAllocated(EXCHANGE_OBJECTS);
  setRefusedStatus(exchange);
  if (exchange.handler.holdsBody && !exchange.responseDone) explainLostResponse(exchange);
  if (isWithheld(exchange)) exchange.failure = Failure.BodyWithheld;
  const routeName = readRoute(exchange, now);
  countResponse(exchange);
  settleLimits(exchange);
  publishEnd(exchange);
  exchange.cluster = attributes.clusterName();
  const chosen = exchange.chosenRoute;
  if (chosen !== null && !exchange.rejected && !exchange.isDelivered) chosen.review(exchange.upstream, exchange.cluster, routeName);
  recordExchange(exchange, exchange.plugin.metrics);
  addOverhead(exchange);
  countFailedToken(exchange);
  writeLog(exchange, exchange.plugin.escapesLog);
  exchange.handler.release();
  exchange.handler = UNTOUCHED;
  exchange.ledger.release();
  exchange.ledger = NO_LEDGER;
}

/** Tells what a part of the response has told, while Envoy's span is open and a held head has not left. */
export function tellResponse(exchange: Exchange, endOfStream: bool): void {
  if (exchange.rejected || !wantsEnd(exchange)) return;
  if (!endOfStream) {
    publishFirstToken(exchange);
    return;
  }
  countResponse(exchange);
  publishEnd(exchange);
  if (exchange.handler.holdsBody && !exchange.isAhead) tellClient(exchange);
}

/** What its response used and cost, and how its token fared, once. */
function countResponse(exchange: Exchange): void {
  if (exchange.isCounted) return;
  exchange.isCounted = true;
  judgeTokenAtEnd(exchange);
  completeUsage(exchange);
  priceExchange(exchange);
}

/** Reads which route it took until `now`; the route's own name. */
function readRoute(arrival: Arrival, now: u64): View {
  const name = attributes.routeName();
  arrival.endedAt = now;
  arrival.routeApi = apiOf(name);
  // Dashboards of Higress name such a route by its API.
  arrival.route = arrival.routeApi.length != 0 ? arrival.routeApi : name;
  return name;
}

/** What an upstream filter answers itself does not come back to it. */
function setRefusedStatus(arrival: Arrival): void {
  if (arrival.rejected && arrival.status == 0) arrival.status = failureStatus(arrival.failure);
}

function addOverhead(arrival: Arrival): void {
  const collecting = collectionTime();
  if (arrival.isTimed) recordOverhead(arrival.provider, (arrival.overhead + collecting) / NANOSECONDS_PER_MICROSECOND);
}

/** A held response broke off: Envoy has answered in its place without asking the plugin, and only the log tells. */
function explainLostResponse(exchange: Exchange): void {
  const failure = failureOfDetails(attributes.codeDetails());
  if (failure == Failure.None) return;
  exchange.failure = failure;
  exchange.status = failureStatus(failure);
}

/** Counts the response against the token that was used, when the provider itself gave it. */
function countFailedToken(exchange: Exchange): void {
  const status = exchange.fault > 0 ? exchange.fault : exchange.error == PROVIDER_ERROR ? exchange.status : 0;
  if (exchange.token < 0 || !isTokenFailure(status)) return;
  // An attempt that Envoy is about to repeat has no details yet; what an upstream filter sees is always the provider's.
  const isProviders = exchange.isDelivered || exchange.attempt.isNumbered || attributes.codeDetails().startsWith("via_upstream");
  if (isProviders) countTokenFailure(exchange.provider, status);
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
