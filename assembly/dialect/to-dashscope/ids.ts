// Ids that DashScope leaves out.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { appendHex } from "../to-gemini/tool-calls";

/** The response's id: request_id, else one of our own. Owned bytes. */
export function responseId(doc: JsonDocument, root: i32, nonce: u64): View {
  return idOr(doc.text(doc.get(root, "request_id")), nonce);
}

/** `given`, or chatcmpl-<nonce> when it is empty. Owned bytes. */
export function idOr(given: View, nonce: u64): View {
  if (given.length > 0) return given.copy();
  const made = new Buffer(32);
  made.ascii("chatcmpl-");
  appendHex(made, nonce);
  return made.toView();
}

/** `id`, or call_<nonce>_<ordinal> when it is empty. */
export function callId(id: View, nonce: u64, ordinal: i32): View {
  if (id.length > 0) return id;
  const made = new Buffer(32);
  made.ascii("call_");
  appendHex(made, nonce);
  made.byte(Ascii.Underscore);
  made.integer(ordinal);
  return made.toView();
}
