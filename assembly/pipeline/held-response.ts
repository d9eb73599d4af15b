// Responses whose headers wait for their whole body.

import { View } from "../bytes/view";
import { DataAction, HeadersAction } from "../host/abi";
import { Exchange, ResponseHandler } from "./exchange";
import { Failure } from "./failure";
import { fits, holdBody } from "./held";
import { raiseResponseLimit } from "./buffer-limit";
import { replaceResponse } from "./replaced-response";
import { ResponseHead } from "./response-head";

/** Bytes of a whole response that are held: several copies of it must fit into what a VM may have. */
const MAX_HELD_BYTES: i64 = 64 << 20;
const MAX_HELD_TEXT: View = View.utf8("67108864");

/** The response's headers wait, if they may, for its body, which `handler` gets whole; without room for it the client gets an error. */
export function holdResponse(exchange: Exchange, head: ResponseHead, handler: ResponseHandler): HeadersAction {
  if (head.length > MAX_HELD_BYTES || (head.length != 0 && !fits(exchange, head.length))) {
    handler.release();
    replaceResponse(exchange, head, Failure.MemoryLimit);
    return HeadersAction.Continue;
  }
  exchange.handler = handler;
  raiseResponseLimit(head.length, MAX_HELD_TEXT);
  return exchange.isAhead ? HeadersAction.Continue : HeadersAction.StopIteration;
}

/** Counts what Envoy keeps of the body. False: there is no room for it. */
export function holdMore(exchange: Exchange, size: i32): bool {
  return <i64>size <= MAX_HELD_BYTES && holdBody(exchange, size);
}

/** The rest of the body is still to come. */
export function waitForMore(exchange: Exchange, size: i32): DataAction {
  exchange.keptResponseBytes = size;
  return DataAction.StopIterationAndBuffer;
}
