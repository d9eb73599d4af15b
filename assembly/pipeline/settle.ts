// What is left to do for limits when an exchange has ended, however it came: reservations become what was used, and what is
// not usual about the exchange is noted.

import { Signal, judge } from "../limit/abnormal";
import { UsageSource } from "../usage/usage";
import { Exchange } from "./exchange";
import { Failure, failureStatus, isLimitRefusal } from "./failure";
import { secondsNow } from "./translation";

/** Settles the limits of a finished exchange and sets `exchange.abnormal`. */
export function settleExchange(exchange: Exchange): void {
  const now = secondsNow();
  const tokens = exchange.usage.isKnown ? exchange.usage.totalOrSum : 0;
  settleLedger(exchange, now, tokens);
  exchange.abnormal = signals(exchange, now, tokens);
}

function settleLedger(exchange: Exchange, now: i64, tokens: i64): void {
  const ledger = exchange.ledger;
  if (ledger === null) return;
  const source = exchange.usageSource;
  // Of a response that was cut short an estimate covers only what has come.
  const isCounted = source == UsageSource.Reported || (source == UsageSource.Estimated && exchange.responseDone);
  if (isRefused(exchange)) ledger.settle(now, true, 0);
  else if (isCounted || tokens > ledger.reserved) ledger.settle(now, false, tokens);
  else if (tokens == 0 && (exchange.status >= 400 || exchange.fault != 0 || exchange.failure != Failure.None)) ledger.settle(now, false, 0);
  // Else the provider did not tell, or was cut short: the reservation stands.
}

/** Nothing has left for the provider. */
function isRefused(exchange: Exchange): bool {
  return exchange.rejected || isLimitRefusal(exchange.failure);
}

/** Bits of limit/abnormal. */
function signals(exchange: Exchange, now: i64, tokens: i64): i32 {
  const gate = exchange.gate;
  if (gate === null) return 0;
  const status = isRefused(exchange) ? failureStatus(exchange.failure) : 0;
  let bits = judge(exchange.consumer, status, tokens, now, gate.abnormal);
  if (exchange.bodyBytes >= <i64>gate.abnormal.promptBytes) bits |= Signal.LARGE_PROMPT;
  const config = exchange.config;
  const model = exchange.clientModel;
  const isKept = config !== null && model.length > 0 && exchange.upstreamModel.sameAs(model);
  if (isKept && config !== null && !config.modelMapping.covers(model)) bits |= Signal.UNKNOWN_MODEL;
  return bits;
}
