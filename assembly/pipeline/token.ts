// An exchange and the token that it uses: which, and how the provider took it.

import { View } from "../bytes/view";
import { Affinity } from "../config/provider-config";
import { HeaderMapType } from "../host/abi";
import * as host from "../host/host";
import { HeaderWalker } from "../http/header-block";
import { isStateful } from "../model/api";
import { Upstream } from "../provider/upstream";
import { USED_UP } from "../provider/token-pool";
import { Exchange } from "./exchange";
import { Failure } from "./failure";
import { refuse } from "./refuse";

const NANOS: u64 = 1000000;
const NONE: Array<i32> = [];

/** Chooses the token; the API and the consumer are known. False: refused, for attempts before this one have used all. */
export function chooseToken(exchange: Exchange, upstream: Upstream): bool {
  const pool = upstream.tokens;
  const attempt = exchange.attempt;
  const used = attempt === null ? NONE : attempt.usedOf(pool.number);
  exchange.token = pool.choose(keeperOf(exchange, upstream), used, <i64>(exchange.startedAt / NANOS));
  if (exchange.token == USED_UP) {
    refuse(exchange, Failure.NoTokenLeft, "All API keys of the model provider have failed for this request. Try again later.", "");
    return false;
  }
  if (attempt !== null) attempt.use(pool.number, exchange.token);
  return true;
}

/** Who keeps a token; empty for nobody. Valid until the callback ends. */
function keeperOf(exchange: Exchange, upstream: Upstream): View {
  const config = upstream.config;
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
  if (block === null) return View.empty();
  const walker = new HeaderWalker(block);
  while (walker.next()) if (walker.nameLength == name.length && block.hasAt(walker.nameStart, name)) return walker.value();
  return View.empty();
}

/** The provider has answered. `retryAfter`: the header of that name. */
export function settleToken(exchange: Exchange, status: i32, retryAfter: View): void {
  const upstream = exchange.upstream;
  if (upstream !== null) upstream.tokens.settle(exchange.token, status, exchange.startedAt, retryAfter.toInteger());
}
