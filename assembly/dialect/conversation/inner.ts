// Spans of JSON strings without their quotes: escaped text goes from one JSON string into another byte for byte.

import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { JsonKind } from "../../json/cursor";

/** The escaped inside of a JSON string node (no quotes, nothing decoded); empty when the node is no string. */
export function innerOf(doc: JsonDocument, node: i32): View {
  return doc.kind(node) == JsonKind.String ? doc.view.slice(doc.start(node) + 1, doc.end(node) - 1) : View.empty();
}

/** innerOf a member of `node`. */
export function innerMember(doc: JsonDocument, node: i32, name: string): View {
  return innerOf(doc, doc.get(node, name));
}
