// An exchange and the token that it uses: which, and how the provider took it.

import { View } from "../bytes/view";
import { Affinity } from "../config/provider-config";
import { HeaderMapType } from "../host/abi";
import { NANOSECONDS_PER_MILLISECOND } from "../host/clock";
import * as host from "../host/host";
import { generatesText, hasJsonModel, hasMultipartModel, isStateful } from "../model/api";
import { Refusal } from "../provider/blame";
import { USED_UP } from "../provider/token-pool";
import { NO_BLAME } from "../usage/fault";
import { UsageReader } from "../usage/reader";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { headerIn } from "./split";
import { refuse } from "./refuse";

/** Filled anew for each response. */
const refusal: Refusal = new Refusal();

/** Chooses the token; the API and the consumer are known. False: refused, for attempts before this one have used all. */
export function chooseToken(exchange: Exchange): bool {
  const pool = exchange.upstream.tokens;
  const attempt = exchange.attempt;
  exchange.token = pool.choose(affinityKey(exchange), attempt.usedOf(pool.number), <i64>(exchange.startedAt / NANOSECONDS_PER_MILLISECOND));
  if (exchange.token == USED_UP) {
    refuse(exchange, Failure.NoTokenLeft, "All API keys of the model provider have failed for this request. Try again later.", "");
    return false;
  }
  attempt.useToken(pool.number, exchange.token);
  return true;
}

/** Who keeps a token; empty for nobody. Valid until the callback ends. */
function affinityKey(exchange: Exchange): View {
  const config = exchange.upstream.config;
  switch (config.affinity) {
    case Affinity.None:
      return View.empty();
    case Affinity.Header:
      return config.apiTokens.length > 1 ? requestHeader(config.affinityHeader) : View.empty();
    case Affinity.Stateful:
      return isStateful(exchange.api) ? exchange.consumer : View.empty();
    default:
      return exchange.consumer;
  }
}

function requestHeader(name: View): View {
  const block = host.headerBlock(HeaderMapType.RequestHeaders);
  return block === null ? View.empty() : headerIn(block, name);
}

/**
 * The provider has answered with `status`. An error that its body may explain is judged at the end. `retryAfter`: the header of that
 * name.
 */
export function judgeTokenByStatus(exchange: Exchange, status: i32, retryAfter: View): void {
  const isClear = status < 400 || status >= 500 || status == 402 || status == 429;
  if (isClear || !exchange.upstream.tokens.readsErrors) countForToken(exchange, status, retryAfter.toInteger());
  else exchange.refusal = status;
}

/** The response has ended, whose status was good or needed its body to be judged. */
export function judgeTokenAtEnd(exchange: Exchange): void {
  if (!exchange.awaitsVerdict && exchange.refusal == 0) return;
  exchange.handler.readFaults(exchange);
  if (exchange.awaitsVerdict && exchange.fault == 0) countForToken(exchange, 200, 0);
  else if (!exchange.upstream.tokens.readsErrors) countForToken(exchange, exchange.fault, 0);
  else countForToken(exchange, blamed(exchange), 0);
}

/** Keeps what the words of an error object stand for. One under a status of success that says nothing blames nobody. */
export function keepFaults(exchange: Exchange, reader: UsageReader): void {
  if (!reader.errorSeen) return;
  exchange.codeFault = reader.codeFault;
  exchange.typeFault = reader.typeFault;
  if (exchange.refusal == 0 && reader.codeFault == 0 && reader.typeFault == 0) exchange.codeFault = NO_BLAME;
}

/** The status that counts against the token, 0 for none. */
function blamed(exchange: Exchange): i32 {
  let code = exchange.codeFault;
  if (code == 0 && exchange.typeFault == 0) code = exchange.fault;
  refusal.code = code;
  refusal.type = exchange.typeFault;
  refusal.status = exchange.refusal > 0 ? exchange.refusal : code > 0 ? code : exchange.typeFault;
  refusal.isModelApi = generatesText(exchange.api) || hasJsonModel(exchange.api) || hasMultipartModel(exchange.api);
  refusal.hasClientsAccount = exchange.hasClientsAccount;
  refusal.isClientsPace = !exchange.holdsHeaders;
  return refusal.blamed;
}

/** `status`: 0 and below count neither way; `retryAfter`: seconds. */
function countForToken(exchange: Exchange, status: i32, retryAfter: i64): void {
  if (status > 0) exchange.upstream.tokens.settle(exchange.token, status, exchange.startedAt, retryAfter);
}
