// Ids: those that an upstream leaves out, made from the exchange's number, and those that must be spelt another way.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { writeHexNumber } from "../../bytes/hex";

/** `given`, or chatcmpl-<nonce> when it is empty. Owned bytes. */
export function idOr(given: View, nonce: u64): View {
  if (given.length != 0) return given.copy();
  const made = new Buffer(32);
  made.ascii("chatcmpl-");
  writeHexNumber(made, nonce);
  return made.toView();
}

/** `id`, or call_<nonce>_<ordinal> when it is empty. */
export function callId(id: View, nonce: u64, ordinal: i32): View {
  if (id.length != 0) return id;
  const made = new Buffer(32);
  made.ascii("call_");
  writeHexNumber(made, nonce);
  made.byte(Ascii.Underscore);
  made.integer(ordinal);
  return made.toView();
}

/**
 * Appends a tool call id with every byte outside `[a-zA-Z0-9_-]` as `_`: Anthropic refuses other ids (seen Nov 2026 with
 * histories from other providers, `call.0:x`). The same id always gives the same result, so calls and results still meet.
 */
export function writeSafeId(out: Buffer, inner: View): void {
  for (let k = 0; k < inner.length; k++) {
    const byte = inner.at(k);
    const letter = byte | 0x20;
    const plain =
      (letter >= Ascii.LowerA && letter <= Ascii.LowerZ) ||
      (byte >= Ascii.Digit0 && byte <= Ascii.Digit9) ||
      byte == Ascii.Underscore ||
      byte == Ascii.Hyphen;
    out.byte(plain ? byte : Ascii.Underscore);
  }
}
