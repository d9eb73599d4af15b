// HMAC-SHA-256 (RFC 2104).

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { BLOCK_BYTES, Sha256 } from "./sha256";

/** Appends the 32 bytes of HMAC-SHA-256 of `message` under `key`. `out` may hold the key: it is read before anything is written. */
export function hmacSha256(key: View, message: View, out: Buffer): void {
  const hash = new Sha256();
  const pad = Buffer.capped(BLOCK_BYTES, BLOCK_BYTES);
  if (key.length > BLOCK_BYTES) {
    hash.update(key);
    hash.finish(pad);
  } else pad.view(key);
  while (pad.length < BLOCK_BYTES) pad.byte(0);
  const padView = pad.toView();

  const inner = Buffer.capped(BLOCK_BYTES, BLOCK_BYTES);
  turn(pad, 0x36);
  hash.update(padView);
  hash.update(message);
  hash.finish(inner);

  turn(pad, 0x36 ^ 0x5c);
  hash.update(padView);
  hash.update(inner.toView());
  hash.finish(out);
  wipe(pad);
}

function turn(pad: Buffer, mask: i32): void {
  for (let k = 0; k < pad.length; k++) pad.set(k, pad.at(k) ^ mask);
}

/** Overwrites the contents with zeros: for buffers that held a key. */
export function wipe(buffer: Buffer): void {
  for (let k = 0; k < buffer.length; k++) buffer.set(k, 0);
  buffer.clear();
}
