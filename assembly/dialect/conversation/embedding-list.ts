// OpenAI's embedding list from vectors that say which text they are of.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Usage } from "../../usage/usage";
import { EmbeddingWriter } from "./embedding-writer";

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

/** Writes the whole response: the vector of an item is its member `vectorName`. False when one cannot be read. */
export function writeEmbeddingList(
  doc: JsonDocument,
  items: Array<i32>,
  vectorName: string,
  base64: bool,
  model: View,
  usage: Usage,
  out: Buffer,
): bool {
  const writer = new EmbeddingWriter(doc, base64, out);
  for (let k = 0; k < items.length; k++) if (!writer.add(doc.get(items[k], vectorName))) return false;
  return writer.end(model, usage);
}
