// Higress buffers little of a request or a response unless a plugin asks for more; to other hosts these properties mean nothing.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import * as host from "../host/host";
import * as names from "../http/names";

/** What it buffers by default (downstream.connectionBufferLimits, 2026-11). */
const HIGRESS_BYTES: i64 = 32768;

/** Asks for room for a request that declares `length` bytes (-1: it does not say), and may have `most`. */
export function raiseRequestLimit(length: i64, most: i64): void {
  if (length >= 0 && length <= HIGRESS_BYTES) return;
  const out = new Buffer(16);
  out.integer(most);
  host.setProperty(names.DECODER_BUFFER_LIMIT, out.toView());
}

/** The same for a response; `most` in decimal digits. */
export function raiseResponseLimit(length: i64, most: View): void {
  if (length < 0 || length > HIGRESS_BYTES) host.setProperty(names.ENCODER_BUFFER_LIMIT, most);
}
