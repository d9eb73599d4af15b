// Responses that the client gets an error in place of: those that Envoy made itself, those that there is no room for, and those that
// cannot be read.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { DataAction, HeaderMapType } from "../host/abi";
import * as attributes from "../host/attributes";
import * as host from "../host/host";
import { HeaderWalker } from "../http/header-block";
import * as names from "../http/names";
import { Exchange, ResponseHandler } from "./exchange";
import { Failure, describeUpstreamFailure, failureOfDetails, failureStatus } from "./failure";
import { hold } from "./held";
import { writeClientError } from "./refuse";
import { writeResponse, writeStatus } from "./response-bytes";
import { ResponseHead } from "./response-head";
import { isWithheld } from "./withheld";

const RESPONSE: HeaderMapType = HeaderMapType.ResponseHeaders;

/** The first bytes become the exchange's failure in the client's own shape, the rest is discarded. */
@final
class ReplacedByError extends ResponseHandler {
  onBytes(exchange: Exchange, _size: i32, _endOfStream: bool): DataAction {
    const out = new Buffer(256);
    writeClientError(exchange.api, exchange.failure, describeUpstreamFailure(exchange.failure), "", out);
    writeResponse(exchange, out.toView());
    exchange.keptResponseBytes = -1;
    exchange.handler = DISCARDED;
    return DataAction.Continue;
  }
}

/** What still comes of a response that was replaced. */
@final
class Discarded extends ResponseHandler {
  onBytes(exchange: Exchange, size: i32, _endOfStream: bool): DataAction {
    if (size > 0) writeResponse(exchange, View.empty());
    return DataAction.Continue;
  }
}

const REPLACED: ResponseHandler = new ReplacedByError();
export const DISCARDED: ResponseHandler = new Discarded();

/** The body that comes will be an error of our own. */
export function replaceResponse(exchange: Exchange, head: ResponseHead, failure: Failure): void {
  failWith(exchange, head, failure);
  exchange.handler = REPLACED;
  host.replaceHeader(RESPONSE, names.CONTENT_TYPE, names.APPLICATION_JSON);
  if (head.hasLength) host.removeHeader(RESPONSE, names.CONTENT_LENGTH);
}

function failWith(exchange: Exchange, head: ResponseHead, failure: Failure): void {
  exchange.failure = failure;
  const status = failureStatus(failure);
  if (status != head.status) writeStatus(exchange, status);
}

/** A content-encoded body cannot be translated, and the provider's dialect must not reach the client. */
export function replaceEncoded(exchange: Exchange, head: ResponseHead): void {
  host.removeHeader(RESPONSE, names.CONTENT_ENCODING);
  replaceResponse(exchange, head, Failure.BadUpstreamResponse);
}

/** There is no room for more of a response that is held whole: the client gets an error in its place. */
export function replaceHeld(exchange: Exchange, size: i32): DataAction {
  hold(exchange, 0, 0);
  exchange.handler.release();
  exchange.failure = Failure.MemoryLimit;
  writeStatus(exchange, failureStatus(Failure.MemoryLimit));
  return REPLACED.onBytes(exchange, size, false);
}

/**
 * True when the response is not the provider's. Envoy's report of an upstream failure becomes an error in the client's
 * own shape; a response of another filter stays as it is.
 */
export function replaceLocal(exchange: Exchange, head: ResponseHead, block: View, endOfStream: bool): bool {
  const details = exchange.isDelivered ? View.empty() : attributes.codeDetails();
  if (details.length == 0 || details.startsWith("via_upstream")) return false;
  let failure = failureOfDetails(details);
  if (failure == Failure.UpstreamTimeout && isWithheld(exchange)) failure = Failure.BodyWithheld;
  if (failure == Failure.RequestLimit) failure = readGatewayLimit(block);
  if (failure == Failure.None) return true;
  if (endOfStream) failWith(exchange, head, failure);
  else replaceResponse(exchange, head, failure);
  return true;
}

/**
 * Envoy's rate limit filter has refused. Of its headers (draft-polli-ratelimit-headers-03) Retry-After follows, and whether
 * tokens or requests are counted: `100, 100;w=60;name="requests", 5000;w=60;name="tokens"` begins with the limit that is used up.
 */
function readGatewayLimit(block: View): Failure {
  let failure = Failure.RequestLimit;
  const walker = new HeaderWalker(block);
  while (walker.next()) {
    if (walker.nameIs("x-ratelimit-reset")) host.replaceHeader(RESPONSE, names.RETRY_AFTER, walker.value());
    else if (walker.nameIs("x-ratelimit-limit")) {
      const parts = walker.value().toString().split(", ");
      for (let k = 1; k < parts.length; k++) {
        if (!parts[k].startsWith(parts[0] + ";")) continue;
        if (parts[k].includes("token")) failure = Failure.TokenLimit;
        else if (parts[k].includes("cost")) failure = Failure.CostLimit;
        break;
      }
    }
  }
  return failure;
}
