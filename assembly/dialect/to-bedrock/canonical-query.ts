// A query string in the one form that AWS signs: names and values escaped alike, sorted.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { appendSegment } from "../../http/url";
import { hexValue } from "../../bytes/hex";

/** Appends the canonical form of `query` (without `?`). O(n log n) in its parameters. */
export function writeCanonicalQuery(out: Buffer, query: View): void {
  const pairs: Array<View> = [];
  let start = 0;
  while (start < query.length) {
    let end = query.indexOf(Ascii.Ampersand, start);
    if (end < 0) end = query.length;
    if (end > start) pairs.push(canonicalPair(query.slice(start, end)));
    start = end + 1;
  }
  pairs.sort(inOrder);
  for (let k = 0; k < pairs.length; k++) {
    if (k > 0) out.byte(Ascii.Ampersand);
    out.view(pairs[k]);
  }
}

function canonicalPair(pair: View): View {
  const out = new Buffer(pair.length + 16);
  const equals = pair.indexOf(Ascii.Equals);
  const end = equals < 0 ? pair.length : equals;
  appendSegment(out, unescaped(pair.slice(0, end)));
  out.byte(Ascii.Equals);
  appendSegment(out, unescaped(pair.slice(end + 1, pair.length)));
  return out.toView();
}

/** The bytes that percent escapes stand for; a `%` that begins none stays. */
function unescaped(text: View): View {
  if (text.indexOf(Ascii.Percent) < 0) return text;
  const out = new Buffer(text.length);
  for (let k = 0; k < text.length; k++) {
    const high = text.at(k) == Ascii.Percent ? hexValue(text.at(k + 1)) : -1;
    const low = high < 0 ? -1 : hexValue(text.at(k + 2));
    if (low < 0) out.byte(text.at(k));
    else {
      out.byte((high << 4) | low);
      k += 2;
    }
  }
  return out.toView();
}

/** By name, then by value. `=` is made to sort before every other byte, so that `a=` comes before `a-=`. */
function inOrder(left: View, right: View): i32 {
  const shorter = left.length < right.length ? left.length : right.length;
  for (let k = 0; k < shorter; k++) {
    const difference = rank(left.at(k)) - rank(right.at(k));
    if (difference != 0) return difference;
  }
  return left.length - right.length;
}

function rank(byte: i32): i32 {
  return byte == Ascii.Equals ? 0 : byte;
}
