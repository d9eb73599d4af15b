// Splits and joins URLs and paths as bytes; nothing is decoded, so what the client wrote survives.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { upperHexDigit } from "../bytes/hex";
import { View } from "../bytes/view";
import { decoded, isUnreserved } from "./path";

/** `scheme://host[:port]/path?query`; parts that are missing are empty. */
@final
export class Url {
  host: View = View.empty();
  path: View = View.empty();
  query: View = View.empty();

  /** Splits an absolute URL, or `host/path` without a scheme. */
  static parse(text: View): Url {
    const url = new Url();
    let start = 0;
    for (let k = 0; k + 2 < text.length; k++) {
      if (text.startsWithAt(k, "://")) {
        start = k + 3;
        break;
      }
    }
    let end = text.length;
    const fragment = text.indexOf(Ascii.Hash, start);
    if (fragment >= 0) end = fragment;
    const question = text.indexOf(Ascii.QuestionMark, start);
    let pathEnd = end;
    if (question >= 0 && question < end) {
      url.query = text.slice(question + 1, end);
      pathEnd = question;
    }
    const slash = text.indexOf(Ascii.Slash, start);
    const hostEnd = slash >= 0 && slash < pathEnd ? slash : pathEnd;
    url.host = text.slice(start, hostEnd);
    url.path = text.slice(hostEnd, pathEnd);
    return url;
  }
}

/** Path without its trailing slashes; `/` alone becomes empty. */
export function trimSlashes(path: View): View {
  let end = path.length;
  while (end > 0 && path.at(end - 1) == Ascii.Slash) end--;
  return path.slice(0, end);
}

/** True when the target is `base`, which ends in no slash, or below it. */
export function isBelow(target: View, base: View): bool {
  if (!target.hasAt(0, base)) return false;
  const after = target.at(base.length);
  return after < 0 || after == Ascii.Slash || after == Ascii.QuestionMark;
}

/** Index of `?` in a request target, or its length. */
export function queryStart(target: View): i32 {
  const at = target.indexOf(Ascii.QuestionMark);
  return at < 0 ? target.length : at;
}

/** The value of a query's parameter as it stands there, empty without one. */
export function parameterOf(query: View, name: string): View {
  let here = 0;
  while (here < query.length) {
    let end = query.indexOf(Ascii.Ampersand, here);
    if (end < 0) end = query.length;
    const value = here + name.length;
    if (query.at(value) == Ascii.Equals && query.startsWithAt(here, name)) return query.slice(value + 1, end);
    here = end + 1;
  }
  return View.empty();
}

/** Appends `query` to the path in `out`, with `?` or `&` as the path needs. */
export function appendQuery(out: Buffer, query: View): void {
  if (query.length == 0) return;
  out.byte(out.toView().indexOf(Ascii.QuestionMark) >= 0 ? Ascii.Ampersand : Ascii.QuestionMark);
  out.view(query);
}

/** Appends `text` percent-encoded as one path segment (RFC 3986 unreserved characters stay, but for those of a dot segment). */
export function appendSegment(out: Buffer, text: View): void {
  const areDots = text.isOneOf(". ..");
  for (let k = 0; k < text.length; k++) {
    const byte = text.at(k);
    if (isUnreserved(byte) && !areDots) {
      out.byte(byte);
      continue;
    }
    out.byte(Ascii.Percent);
    out.byte(upperHexDigit(byte >> 4));
    out.byte(upperHexDigit(byte & 15));
  }
}

/** The query without the parameters called `name` (ASCII), in whatever spelling; the same view when there are none. */
export function withoutParameter(query: View, name: string): View {
  const out = new Buffer(query.length);
  let here = 0;
  while (here < query.length) {
    let end = query.indexOf(Ascii.Ampersand, here);
    if (end < 0) end = query.length;
    const equals = query.indexOf(Ascii.Equals, here);
    const isIt = decoded(query.slice(here, equals < 0 || equals > end ? end : equals)).equals(name);
    if (!isIt) {
      if (out.length != 0) out.byte(Ascii.Ampersand);
      out.range(query, here, end);
    }
    here = end + 1;
  }
  return out.length == query.length ? query : out.toView();
}
