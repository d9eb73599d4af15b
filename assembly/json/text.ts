// JSON strings as bytes: decode an escaped span to UTF-8, encode UTF-8 as a JSON string.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { hexDigit } from "../bytes/hex";
import { View } from "../bytes/view";
import { escapeSize, escapedUnit } from "./escapes";
import { indexOfStringSpecial } from "./string-scan";

/** Appends the inside of a JSON string, `[start, end)`, decoded to UTF-8. A lone surrogate becomes U+FFFD. */
export function decodeInto(out: Buffer, view: View, start: i32, end: i32): void {
  let here = start;
  while (here < end) {
    let special = view.indexOf(Ascii.Backslash, here);
    if (special < 0 || special > end) special = end;
    out.range(view, here, special);
    here = special;
    if (here >= end) return;
    const size = escapeSize(view, here);
    if (size <= 0) return; // The span was validated, so this is the end of a caller's mistake, not of input.
    let code = escapedUnit(view, here, size);
    here += size;
    if ((code & 0xf800) == 0xd800) {
      const lowSize = here < end && view.at(here) == Ascii.Backslash ? escapeSize(view, here) : 0;
      const low = lowSize == 6 ? escapedUnit(view, here, 6) : 0;
      if (code < 0xdc00 && (low & 0xfc00) == 0xdc00) {
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
        here += 6;
      } else code = 0xfffd;
    }
    appendCodePoint(out, code);
  }
}

/** The text of the JSON string with quotes at `[start, end)`: a slice when it holds no escape, else a new copy. */
export function decodeString(view: View, start: i32, end: i32): View {
  const inner = view.slice(start + 1, end - 1);
  if (inner.indexOf(Ascii.Backslash) < 0) return inner;
  const out = new Buffer(inner.length);
  decodeInto(out, view, start + 1, end - 1);
  return out.toView();
}

/** Appends the UTF-8 form of a code point. */
export function appendCodePoint(out: Buffer, code: i32): void {
  if (code < 0x80) out.byte(code);
  else if (code < 0x800) {
    out.byte(0xc0 | (code >> 6));
    out.byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out.byte(0xe0 | (code >> 12));
    out.byte(0x80 | ((code >> 6) & 0x3f));
    out.byte(0x80 | (code & 0x3f));
  } else {
    out.byte(0xf0 | (code >> 18));
    out.byte(0x80 | ((code >> 12) & 0x3f));
    out.byte(0x80 | ((code >> 6) & 0x3f));
    out.byte(0x80 | (code & 0x3f));
  }
}

/** Appends `text` (UTF-8) as a JSON string with its quotes. */
export function writeString(out: Buffer, text: View): void {
  out.byte(Ascii.Quote);
  writeInner(out, text);
  out.byte(Ascii.Quote);
}

/** Appends `text` (UTF-8) escaped as the inside of a JSON string. Bytes above 0x7F go out as they are. */
export function writeInner(out: Buffer, text: View): void {
  let here = 0;
  while (here < text.length) {
    const special = indexOfStringSpecial(text, here);
    out.range(text, here, special);
    if (special >= text.length) return;
    writeEscape(out, text.at(special));
    here = special + 1;
  }
}

function writeEscape(out: Buffer, byte: i32): void {
  out.byte(Ascii.Backslash);
  switch (byte) {
    case Ascii.Quote:
    case Ascii.Backslash:
      out.byte(byte);
      return;
    case Ascii.LineFeed:
      out.byte(Ascii.LowerN);
      return;
    case Ascii.CarriageReturn:
      out.byte(Ascii.LowerR);
      return;
    case Ascii.Tab:
      out.byte(Ascii.LowerT);
      return;
    default:
      out.ascii("u00");
      out.byte(hexDigit(byte >> 4));
      out.byte(hexDigit(byte & 15));
  }
}

/**
 * Appends valid JSON, without the white space between its tokens, escaped as the inside of a JSON string: how OpenAI
 * spells the arguments of a tool call. Strings and numbers in it keep their spelling.
 */
export function writeCompactInner(out: Buffer, json: View): void {
  let here = 0;
  while (here < json.length) {
    const byte = json.byteAt(here);
    if (byte == Ascii.Quote) {
      const end = stringEnd(json, here);
      writeInner(out, json.slice(here, end));
      here = end;
    } else {
      if (byte > Ascii.Space) out.byte(byte);
      here++;
    }
  }
}

/** Valid JSON on one line, as events of a stream hold it: a line's end stands between tokens alone, and becomes a space. */
export function oneLine(json: View): View {
  if (json.indexOf(Ascii.LineFeed) < 0 && json.indexOf(Ascii.CarriageReturn) < 0) return json;
  const line = new Buffer(json.length);
  for (let k = 0; k < json.length; k++) {
    const byte = json.at(k);
    line.byte(byte == Ascii.LineFeed || byte == Ascii.CarriageReturn ? Ascii.Space : byte);
  }
  return line.toView();
}

/** Index after the closing quote of the string that opens at `open`; the length when it does not close. */
function stringEnd(json: View, open: i32): i32 {
  let here = indexOfStringSpecial(json, open + 1);
  while (json.at(here) >= 0) {
    if (json.at(here) == Ascii.Quote) return here + 1;
    here = indexOfStringSpecial(json, here + (json.at(here) == Ascii.Backslash ? 2 : 1));
  }
  return json.length;
}

/** `text` (UTF-8) escaped as the inside of a JSON string. Owned bytes. */
export function escaped(text: View): View {
  const inner = new Buffer(text.length + 16);
  writeInner(inner, text);
  return inner.toView();
}
