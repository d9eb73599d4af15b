// Which request bodies are too large, and which there is no room for. One that passes costs the worker a look at its bytes. One that is
// written anew costs several copies and an index of its values, in one callback that nothing else of the worker can run beside; so less
// of it is let in (maxRewrittenBytes).

import { View } from "../bytes/view";
import { ProviderField } from "../config/schema.gen";
import { Upstream } from "../provider/upstream";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { RequestScan } from "../provider/request-scan";
import { Arrival } from "./arrival";
import { Exchange } from "./exchange";
import { Failure, describeUpstreamFailure } from "./failure";
import { fitsAlone, hold, holdBody } from "./held";
import { refuse } from "./refuse";

const ONE_SECOND: View = View.utf8("1");
/** What a byte costs more when it is hashed for a signature: 17 ns beside 3 to 5 (bench/callbacks.ts, Nov 2026). */
const SIGNED: i64 = 4;

/** True when the body leaves as other bytes than an edited head: translated, signed, or with the operator's edits of its inside. */
function isRewritten(exchange: Exchange): bool {
  const upstream = exchange.upstream;
  const config = upstream.config;
  if (exchange.isTranslated || upstream.signs || config.mergeConsecutiveMessages) return true;
  if (
    config.contextCleanupCommands.length != 0 ||
    upstream.contextFile !== null ||
    config.settings.texts(ProviderField.QWEN_FILE_IDS).length != 0
  )
    return true;
  for (let k = 0; k < config.customSettings.length; k++) if (config.customSettings[k].raw) return true;
  return false;
}

/** True when a body of `bytes` is too large for what is done with it; the request was refused then. */
export function refusesBytes(exchange: Exchange, bytes: i64): bool {
  const upstream = exchange.upstream;
  const config = upstream.config;
  if (bytes > config.maxRequestBytes) refuseSize(exchange, config.maxRequestBytes);
  else if (isRewritten(exchange) && weightOf(upstream, bytes) > config.maxRewrittenBytes) refuseWeight(exchange);
  else return false;
  return true;
}

/** Reads a JSON body, of one that is written anew no more than may be. False: see scan.fault, or scan.isTooHeavy. */
export function readBody(exchange: Exchange, body: View, scan: RequestScan): bool {
  const upstream = exchange.upstream;
  // It may be read already, for its model.
  if (!scan.isOf(body)) scan.reset(body);
  if (!isRewritten(exchange)) return scan.readWithin(i64.MAX_VALUE);
  return scan.readWithin(upstream.config.maxRewrittenBytes - weightOf(upstream, body.length));
}

function weightOf(upstream: Upstream, bytes: i64): i64 {
  return upstream.signs ? bytes * SIGNED : bytes;
}

/** Responses 413 and names the limit. */
export function refuseSize(exchange: Arrival, limit: i64, field: string = "provider.maxRequestBytes"): void {
  refuse(
    exchange,
    Failure.RequestTooLarge,
    "The request body is larger than the limit of " + limit.toString() + " bytes (" + field + ").",
    "",
  );
}

/** Responses 413 to a body that is not to be written anew. */
export function refuseWeight(exchange: Exchange): void {
  refuse(
    exchange,
    Failure.RequestTooLarge,
    "The gateway has to rewrite this request, and its body is larger than the limit of " +
      exchange.upstream.config.maxRewrittenBytes.toString() +
      " bytes for that (provider.maxRewrittenBytes), where each JSON value counts 256 bytes and each escaped character 10.",
    "",
  );
}

/** Counts `bytes` of the request's body that Envoy holds; false: they are too many, and the request was refused. */
export function reserveMemory(exchange: Arrival, bytes: i64): bool {
  if (holdBody(exchange, bytes)) return true;
  refuseMemory(exchange, bytes);
  return false;
}

export function refuseMemory(exchange: Arrival, bytes: i64): void {
  hold(exchange, 0, 0);
  if (!fitsAlone(exchange, bytes)) refuseSize(exchange, exchange.plugin.maxHeldBytes, "maxHeldBytes");
  else {
    const headers = new HeaderList().add(names.RETRY_AFTER, ONE_SECOND);
    refuse(exchange, Failure.MemoryLimit, describeUpstreamFailure(Failure.MemoryLimit), "", headers);
  }
}
