// Ids that DashScope leaves out.

import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { idOr } from "../conversation/ids";

/** The response's id: request_id, else one of our own. Owned bytes. */
export function responseId(doc: JsonDocument, root: i32, nonce: u64): View {
  return idOr(doc.textOf(root, "request_id"), nonce);
}
