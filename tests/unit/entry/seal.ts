// Test entry: envelopes of seals behind functions that take and return ArrayBuffers.

import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { Seal, SealKind, writeSeal, writeSealBase64 } from "../../../assembly/dialect/conversation/seal";

/** The envelope, escaped for a JSON string, or nothing. */
export function wrap(kind: i32, payload: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  writeSeal(<SealKind>kind, View.of(payload), out);
  return out.toView().copy().owner as ArrayBuffer;
}

export function wrapBase64(kind: i32, payload: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  writeSealBase64(<SealKind>kind, View.of(payload), out);
  return out.toView().copy().owner as ArrayBuffer;
}

/** `<kind> <payload>`. */
export function open(text: ArrayBuffer): ArrayBuffer {
  const seal = Seal.open(View.of(text));
  const out = new Buffer(256);
  out.integer(<i32>seal.kind);
  out.ascii(" ");
  out.view(seal.payload);
  return out.toView().copy().owner as ArrayBuffer;
}

export function isEnvelope(text: ArrayBuffer): bool {
  return Seal.isEnvelope(View.of(text));
}
