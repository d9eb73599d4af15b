// Hashes, checksums and encodings with a memory interface.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { readBase64, writeBase64, writeBase64Url } from "../../../assembly/crypto/base64";
import { crc32 } from "../../../assembly/crypto/crc32";
import { writeHex } from "../../../assembly/bytes/hex";
import { hmacSha256, wipe } from "../../../assembly/crypto/hmac";
import { Sha256, sha256 } from "../../../assembly/crypto/sha256";

function take(out: Buffer): ArrayBuffer {
  const bytes = out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}

export function hash(bytes: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  sha256(View.of(bytes), out);
  return take(out);
}

let running = new Sha256();

export function update(bytes: ArrayBuffer): void {
  running.update(View.of(bytes));
}

export function finish(): ArrayBuffer {
  const out = new Buffer(256);
  running.finish(out);
  return take(out);
}

export function hmac(key: ArrayBuffer, message: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  hmacSha256(View.of(key), View.of(message), out);
  return take(out);
}

/** The buffer's memory after a wipe, `length` bytes of it. */
export function wiped(bytes: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  out.view(View.of(bytes));
  const memoryOf = out.toView();
  wipe(out);
  return memoryOf.copy().owner!;
}

export function hex(bytes: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  writeHex(out, View.of(bytes));
  return take(out);
}

export function checksum(bytes: ArrayBuffer, start: i32, end: i32, before: u32): u32 {
  return crc32(View.of(bytes), start, end, before);
}

export function encode(bytes: ArrayBuffer, url: bool): ArrayBuffer {
  const out = new Buffer(256);
  if (url) writeBase64Url(out, View.of(bytes));
  else writeBase64(out, View.of(bytes));
  return take(out);
}

let accepted = false;

export function decode(text: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  accepted = readBase64(View.of(text), out);
  return take(out);
}

export function isAccepted(): bool {
  return accepted;
}
