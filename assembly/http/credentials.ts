// Headers that carry a client's credentials or identity. They never reach a provider unless its row says so.

import { View, sizeOf } from "../bytes/view";

/** Names, lower case; the index is the bit in Exchange.sentHeaders. */
const NAMES: StaticArray<string> = [
  "authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "x-authorization",
  "x-hi-original-auth",
  "proxy-authorization",
  "accept-encoding",
];
let nameViews: Array<View> = [];

/** Bit of a header that is to be removed, or -1. `accept-encoding` is among them: an encoded answer cannot be read. */
export function removableHeader(block: View, start: i32, end: i32): i32 {
  const size = end - start;
  if (size < 7 || size > 19) return -1;
  for (let k = 0; k < NAMES.length; k++) {
    const name = unchecked(NAMES[k]);
    if (sizeOf(name) == size && block.startsWithAt(start, name)) return k;
  }
  return -1;
}

/** The names as bytes, in bit order. */
export function removableNames(): Array<View> {
  if (nameViews.length == 0) for (let k = 0; k < NAMES.length; k++) nameViews.push(View.utf8(NAMES[k]));
  return nameViews;
}

/** Bits by name, for callers that need one of them. */
export const AUTHORIZATION: i32 = 0;
export const X_API_KEY: i32 = 1;
export const X_AUTHORIZATION: i32 = 4;
