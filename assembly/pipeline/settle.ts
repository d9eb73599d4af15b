// What is left to do for limits when an exchange has ended, however it came: reservations become what was used, and what is
// not usual about the exchange is noted.

import { secondsNow } from "../host/clock";
import { toNano } from "../json/decimal";
import { Signal, countAndFindSignals } from "../limit/abnormal";
import { UsageSource } from "../usage/usage";
import { Arrival } from "./arrival";
import { Exchange } from "./exchange";
import { Failure, failureStatus, isLimitRefusal } from "./failure";

/** Settles the limits of a finished exchange and sets its `abnormal`. */
export function settleLimits(exchange: Exchange): void {
  const now = secondsNow();
  const tokens = exchange.usage.isKnown ? exchange.usage.totalOrSum : 0;
  settleLedger(exchange, now, tokens, toNano(max<i64>(exchange.cost, 0)));
  exchange.abnormal = signals(exchange, now, tokens) | signalsOfPrompt(exchange);
}

/** Sets `abnormal` of a request that had no provider. */
export function findAbnormal(arrival: Arrival): void {
  arrival.abnormal = signals(arrival, secondsNow(), 0);
}

/** `cost` is in 10^-9. */
function settleLedger(exchange: Exchange, now: i64, tokens: i64, cost: i64): void {
  const ledger = exchange.ledger;
  if (ledger.isEmpty) return;
  const source = exchange.usageSource;
  // Of a response that was cut short an estimate covers only what has come.
  const isCounted = source == UsageSource.Reported || (source == UsageSource.Estimated && exchange.responseDone);
  const hasFailed = tokens == 0 && (exchange.status >= 400 || exchange.fault != 0 || exchange.failure != Failure.None);
  if (isRefused(exchange)) ledger.replaceReservation(now, true, 0, 0);
  else if (isCounted || hasFailed) ledger.replaceReservation(now, false, tokens, cost);
  // The provider did not tell, or was cut short: the reservation stands, unless more than that is known.
  else ledger.replaceReservation(now, false, max(tokens, ledger.reservedTokens), max(cost, ledger.reservedCost));
}

/** Nothing has left for the provider. */
function isRefused(arrival: Arrival): bool {
  return arrival.rejected || isLimitRefusal(arrival.failure);
}

/** Bits of limit/abnormal that the response tells. */
function signals(arrival: Arrival, now: i64, tokens: i64): i32 {
  const status = isRefused(arrival) ? failureStatus(arrival.failure) : 0;
  return countAndFindSignals(arrival.consumer, status, tokens, now, arrival.gate.abnormal);
}

/** Bits of limit/abnormal that the request tells. */
function signalsOfPrompt(exchange: Exchange): i32 {
  let bits = exchange.bodyBytes >= <i64>exchange.gate.abnormal.promptBytes ? Signal.LARGE_PROMPT : 0;
  const model = exchange.clientModel;
  const isKept = model.length != 0 && exchange.upstreamModel.sameAs(model);
  if (isKept && !exchange.mapping.covers(model)) bits |= Signal.UNKNOWN_MODEL;
  return bits;
}
