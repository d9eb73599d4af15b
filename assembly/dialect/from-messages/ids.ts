// Ids that an upstream leaves out: made from the exchange's number, so that they differ between exchanges.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { innerOf } from "../conversation/inner";
import { SealKind, idLength, writeSealInId } from "../conversation/seal";

/** Appends the message id as a JSON string: the upstream's, or msg_<nonce>. */
export function writeMessageId(doc: JsonDocument, id: i32, nonce: u64, out: Buffer): void {
  if (innerOf(doc, id).length != 0) {
    out.view(doc.raw(id));
    return;
  }
  out.ascii('"msg_');
  out.integer(<i64>(nonce >> 1));
  out.byte(Ascii.Quote);
}

/**
 * Appends a tool call id as a JSON string: the upstream's escaped bytes, or toolu_<nonce>_<index>. `seal`: a signature of Google's
 * that has no block of its own and travels in the id, or empty.
 */
export function writeToolId(inner: View, nonce: u64, index: i32, seal: View, out: Buffer): void {
  out.byte(Ascii.Quote);
  if (inner.length != 0) out.view(inner);
  else {
    out.ascii("toolu_");
    out.integer(<i64>(nonce >> 1));
    out.byte(Ascii.Underscore);
    out.integer(index);
  }
  writeSealInId(SealKind.Google, seal, out);
  out.byte(Ascii.Quote);
}

/** A call's own id, escaped inner bytes, without a seal that travels in it. */
export function ownId(doc: JsonDocument, node: i32): View {
  const id = innerOf(doc, node);
  return id.slice(0, idLength(id));
}
