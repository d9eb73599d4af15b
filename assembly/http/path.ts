// Paths that can be read in two ways. Servers decode, merge and resolve more or less of a path (RFC 3986, section 6.2.2), and Envoy has
// chosen the route by the path as it came. So nothing is mended here: what might be read otherwise is found, and the pipeline refuses it.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { hexValue } from "../bytes/hex";
import { View } from "../bytes/view";

const EMPTY: string = "an empty segment (//)";
const DOTS: string = "a dot segment";
const BYTE: string = "a byte that may not stand in a path";
const PLAIN: string = "percent-encoded letters, digits or -._~";
const PERCENT: string = "a % that encodes nothing, or something encoded twice";
const CONTROL: string = "an encoded control byte or backslash";
const SLASH: string = "an encoded slash, ? or # outside of a model's name";

/** True when every reader takes the path (without query) for the same. Most are; the rest is for pathProblem() and readAs(). */
export function isPlainPath(path: View): bool {
  let before = 0;
  for (let k = 0; k < path.length; k++) {
    const byte = path.at(k);
    if (
      byte <= Ascii.Space ||
      byte == Ascii.Percent ||
      byte == Ascii.Backslash ||
      byte == Ascii.Semicolon ||
      byte == Ascii.Hash ||
      byte == Ascii.Delete
    )
      return false;
    if (before == Ascii.Slash && (byte == Ascii.Slash || byte == Ascii.Dot)) return false;
    before = byte;
  }
  return before != Ascii.Slash;
}

/** What makes the path (without query) one that another server may read otherwise; "" for nothing. */
export function pathProblem(path: View): string {
  // Bytes of the segment so far, and how many of them are dots; an encoded slash ends a segment, too.
  let size = 0;
  let dots = 0;
  let segment = 0;
  for (let k = 0; k <= path.length; k++) {
    let byte = path.at(k);
    if (byte == Ascii.Percent) {
      byte = encodedByte(path, k);
      if (byte < 0 || (byte == Ascii.Percent && hexValue(path.at(k + 3)) >= 0 && hexValue(path.at(k + 4)) >= 0)) return PERCENT;
      if (isUnreserved(byte)) return PLAIN;
      if (byte < Ascii.Space || byte == Ascii.Delete || byte == Ascii.Backslash) return CONTROL;
      if ((byte == Ascii.Slash || byte == Ascii.QuestionMark || byte == Ascii.Hash) && !followsModels(path, segment)) return SLASH;
      k += 2;
    } else {
      if (k < path.length && (byte <= Ascii.Space || byte == Ascii.Delete || byte == Ascii.Backslash || byte == Ascii.Hash)) return BYTE;
      if (byte == Ascii.Slash) segment = k;
    }
    if (byte < 0 || byte == Ascii.Slash || byte == Ascii.Semicolon) {
      if (size > 0 && size == dots && dots <= 2) return DOTS;
      if (byte == Ascii.Slash && size == 0 && k > 0) return EMPTY;
      // After a semicolon come parameters of the segment, which is not empty then.
      size = byte == Ascii.Semicolon ? 3 : 0;
      dots = 0;
    } else {
      size++;
      if (byte == Ascii.Dot) dots++;
    }
  }
  return "";
}

/**
 * The path as the most lenient server reads it: decoded, without parameters of segments, and without slashes that end it or follow
 * another.
 */
export function readAs(path: View): View {
  const out = new Buffer(path.length + 1);
  for (let k = 0; k < path.length; k++) {
    let byte = path.at(k);
    if (byte == Ascii.Semicolon) {
      while (k + 1 < path.length && path.at(k + 1) != Ascii.Slash) k++;
      continue;
    }
    if (byte == Ascii.Percent && encodedByte(path, k) >= 0) {
      byte = encodedByte(path, k);
      k += 2;
      if (byte == Ascii.QuestionMark || byte == Ascii.Hash) break;
    }
    if (byte == Ascii.Slash && out.length != 0 && out.toView().at(out.length - 1) == Ascii.Slash) continue;
    out.byte(byte);
  }
  const text = out.toView();
  return text.length > 1 && text.at(text.length - 1) == Ascii.Slash ? text.slice(0, text.length - 1) : text;
}

/** The bytes that a percent-encoded text stands for; itself when nothing is encoded. */
export function decoded(text: View): View {
  if (text.indexOf(Ascii.Percent) < 0) return text;
  const out = new Buffer(text.length);
  for (let k = 0; k < text.length; k++) {
    const byte = text.at(k) == Ascii.Percent ? encodedByte(text, k) : -1;
    out.byte(byte < 0 ? text.at(k) : byte);
    if (byte >= 0) k += 2;
  }
  return out.toView();
}

/** The segment at `slash` names a model, whose name may hold slashes: `/models/…` of OpenAI and Google, `/model/…` of Bedrock. */
function followsModels(path: View, slash: i32): bool {
  return path.startsWithAt(slash - 7, "/models") || path.startsWithAt(slash - 6, "/model");
}

/** The byte that `%xx` at `at` stands for, or -1. */
function encodedByte(text: View, at: i32): i32 {
  const high = hexValue(text.at(at + 1));
  const low = hexValue(text.at(at + 2));
  return high < 0 || low < 0 ? -1 : (high << 4) | low;
}

/** RFC 3986, section 2.3. */
export function isUnreserved(byte: i32): bool {
  return (
    <u32>((byte | 0x20) - Ascii.LowerA) < 26 ||
    <u32>(byte - Ascii.Digit0) < 10 ||
    byte == Ascii.Hyphen ||
    byte == Ascii.Dot ||
    byte == Ascii.Underscore ||
    byte == Ascii.Tilde
  );
}
