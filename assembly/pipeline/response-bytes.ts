// The response's bytes and status at the host: what all ways of handling a response read and write.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { BufferType, HeaderMapType, Status } from "../host/abi";
import * as host from "../host/host";
import * as names from "../http/names";
import { Exchange } from "./exchange";

/** The bytes of this callback from `start` on; an empty view when there are none or the host does not give them. */
export function responseBytes(size: i32, start: i32 = 0): View {
  if (size <= start) return View.empty();
  const bytes = host.body(BufferType.ResponseBody, start, size - start);
  return bytes === null ? View.empty() : bytes;
}

/** Gives the client `bytes` in place of those of this callback. False: there are none, for trailers have come. */
export function writeResponse(exchange: Exchange, bytes: View): bool {
  if (exchange.endsByTrailers && exchange.keptResponseBytes < 0) return false;
  return host.replaceBody(BufferType.ResponseBody, bytes) == Status.Ok;
}

/** Sends this status in place of the provider's. */
export function writeStatus(exchange: Exchange, status: i32): void {
  if (exchange.hasSentHead) return;
  exchange.status = status;
  const out = new Buffer(4);
  out.integer(status);
  host.replaceHeader(HeaderMapType.ResponseHeaders, names.STATUS, out.toView());
}
