// Lists of Google's JSON: where one is expected its servers take a single value as a list of one, and its own examples
// (`"parts": {"text": …}`, https://ai.google.dev/api/generate-content, Nov 2026) use that.

import { JsonDocument, NONE } from "../../json/document";

/** The first item of a list, or the value that stands in its place; NONE for nothing. */
export function firstOf(doc: JsonDocument, list: i32): i32 {
  return doc.isArray(list) ? doc.first(list) : doc.isSet(list) ? list : NONE;
}

/** The item after `item`, or NONE. */
export function nextOf(doc: JsonDocument, list: i32, item: i32): i32 {
  return item == list ? NONE : doc.next(item);
}
