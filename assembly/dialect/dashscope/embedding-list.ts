// OpenAI's embedding list (API reference, "The embedding object", read Nov 2026) from vectors that say which text they are of.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Usage } from "../../usage/usage";
import { writeVector } from "../gemini/vector";
import { writeEmbeddingUsage } from "../openai/usage-writer";

/**
 * The items of `list` by their member `indexName`, since OpenAI's clients go by position; as they came when the indexes are no
 * permutation.
 */
export function inOrder(doc: JsonDocument, list: i32, indexName: string): Array<i32> {
  const came: Array<i32> = [];
  const order: Array<i32> = [];
  for (let item = doc.first(list); item != NONE; item = doc.next(item)) {
    came.push(item);
    order.push(NONE);
  }
  for (let k = 0; k < came.length; k++) {
    const place = doc.integer(doc.get(came[k], indexName), <i64>k);
    if (place >= <i64>order.length || order[<i32>place] != NONE) return came;
    order[<i32>place] = came[k];
  }
  return order;
}

/**
 * Writes the whole answer. The vector of an item is its member `vectorName`: numbers as they are spelt, or base64.
 */
export function writeEmbeddingList(
  doc: JsonDocument,
  items: Array<i32>,
  vectorName: string,
  base64: bool,
  model: View,
  usage: Usage,
  out: Buffer,
): void {
  out.ascii('{"object":"list","data":[');
  for (let index = 0; index < items.length; index++) {
    const values = doc.get(items[index], vectorName);
    out.ascii(index > 0 ? ',{"object":"embedding","index":' : '{"object":"embedding","index":');
    out.integer(index);
    out.ascii(',"embedding":');
    if (base64) writeVector(doc, values, out);
    else if (doc.isArray(values)) out.view(doc.raw(values));
    else out.ascii("[]");
    out.byte(0x7d);
  }
  out.ascii('],"model":');
  writeString(out, model);
  out.ascii(',"usage":');
  writeEmbeddingUsage(out, usage);
  out.byte(0x7d);
}
