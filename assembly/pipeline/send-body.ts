// How the edited body of a request gets to the host: its head alone where that is enough, the whole where it is signed.

import { Buffer, MAX_BUFFER } from "../bytes/buffer";
import { View } from "../bytes/view";
import { BufferType, HeaderMapType, Status } from "../host/abi";
import * as host from "../host/host";
import * as names from "../http/names";
import { RequestScan } from "../provider/request-scan";
import { refuseSize } from "./body-size";
import { editedBody } from "./chat-edits";
import { Exchange } from "./exchange";
import { sendRequest } from "./upstream-head";

/** Written for one host call and then again for the next request. */
const headBuffer: Buffer = new Buffer(4096);
const KEPT_BYTES: i32 = 4096;

/** Sends `body` on with the scan's edits. A signature needs all of the bytes that leave, nothing else does. */
export function sendEdited(exchange: Exchange, model: View, body: View, scan: RequestScan): bool {
  const upstream = exchange.upstream;
  const whole = upstream.signs ? editedBody(body, scan) : View.empty();
  if (upstream.signs) replaceWhole(exchange, body, whole);
  else {
    scan.editor.finish();
    if (!writeBody(exchange, scan, body)) return refuseGrown(exchange);
  }
  return sendRequest(exchange, model, whole);
}

/** Gives the host another body in place of `body`. */
export function replaceWhole(exchange: Exchange, body: View, other: View): void {
  if (other === body) return;
  host.replaceBody(BufferType.RequestBody, other);
  dropLength(exchange);
}

/** What the gateway adds to the body makes it larger than any that it can send. */
export function refuseGrown(exchange: Exchange): bool {
  refuseSize(exchange, MAX_BUFFER);
  return false;
}

/** Gives the host the changed head of the body only; an Envoy that cannot take a part gets the whole. False: it has grown too large. */
function writeBody(exchange: Exchange, scan: RequestScan, body: View): bool {
  const patches = scan.patches;
  if (patches.isEmpty) return true;
  const headEnd = patches.sourceEnd;
  headBuffer.clearTo(KEPT_BYTES);
  const out = headBuffer;
  out.reserve(headEnd + 256);
  patches.apply(body, out, headEnd);
  let fits = !out.overflow;
  if (fits && host.replaceBodyHead(BufferType.RequestBody, headEnd == 0 ? 1 : headEnd, out.window()) != Status.Ok) {
    out.range(body, headEnd, body.length);
    fits = !out.overflow;
    if (fits) host.replaceBody(BufferType.RequestBody, out.window());
  }
  headBuffer.clearTo(KEPT_BYTES);
  dropLength(exchange);
  return fits;
}

/** A changed body goes out without content-length: the old one would be wrong. */
export function dropLength(exchange: Exchange): void {
  if (exchange.hasContentLength) host.removeHeader(HeaderMapType.RequestHeaders, names.CONTENT_LENGTH);
}
