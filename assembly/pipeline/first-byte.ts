// How long the provider may take until the first byte of its response (firstByteTimeout).

import { Buffer } from "../bytes/buffer";
import { HeaderMapType } from "../host/abi";
import * as host from "../host/host";
import * as names from "../http/names";

/** Tells Envoy's router; 0 is no limit. */
export function limitFirstByte(milliseconds: i32): void {
  if (milliseconds <= 0) return;
  const out = new Buffer(16);
  out.integer(milliseconds);
  host.replaceHeader(HeaderMapType.RequestHeaders, names.FIRST_BYTE_TIMEOUT, out.toView());
}
