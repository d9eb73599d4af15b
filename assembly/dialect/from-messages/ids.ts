// Ids that an upstream leaves out: made from the exchange's number, so that they differ between exchanges.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { innerOf } from "../conversation/inner";

/** Appends the message id as a JSON string: the upstream's, or msg_<nonce>. */
export function writeMessageId(doc: JsonDocument, id: i32, nonce: u64, out: Buffer): void {
  if (innerOf(doc, id).length > 0) {
    out.view(doc.raw(id));
    return;
  }
  out.ascii('"msg_');
  out.integer(<i64>(nonce >> 1));
  out.byte(Ascii.Quote);
}

/** Appends a tool call id as a JSON string: the upstream's escaped bytes, or toolu_<nonce>_<index>. */
export function writeToolId(inner: View, nonce: u64, index: i32, out: Buffer): void {
  if (inner.length > 0) {
    out.byte(Ascii.Quote);
    out.view(inner);
    out.byte(Ascii.Quote);
    return;
  }
  out.ascii('"toolu_');
  out.integer(<i64>(nonce >> 1));
  out.byte(Ascii.Underscore);
  out.integer(index);
  out.byte(Ascii.Quote);
}
