// Escapes inside JSON strings, read from bytes without allocation.

import { Ascii } from "../bytes/ascii";
import { hexValue } from "../bytes/hex";
import { View, wordEnd } from "../bytes/view";

/** Bytes that the escape at `backslash` takes: 2 or 6; 0 when the view ends inside it, -1 when it is no escape. */
export function escapeSize(view: View, backslash: i32): i32 {
  switch (view.at(backslash + 1)) {
    case -1:
      return 0;
    case Ascii.Quote:
    case Ascii.Backslash:
    case Ascii.Slash:
    case Ascii.LowerB:
    case Ascii.LowerF:
    case Ascii.LowerN:
    case Ascii.LowerR:
    case Ascii.LowerT:
      return 2;
    case Ascii.LowerU:
      for (let k = 2; k < 6; k++) {
        const byte = view.at(backslash + k);
        if (byte < 0) return 0;
        if (hexValue(byte) < 0) return -1;
      }
      return 6;
    default:
      return -1;
  }
}

/** True when `[start, end)`, the inside of a JSON string, decodes to the ASCII string `name`. No allocation. */
export function escapedEquals(view: View, start: i32, end: i32, name: string): bool {
  return escapedEqualsPart(view, start, end, name, 0, name.length);
}

/** True when it decodes to one of `words` (ASCII, one space between two). */
export function escapedIsOneOf(view: View, start: i32, end: i32, words: string): bool {
  for (let word = 0; word < words.length;) {
    const last = wordEnd(words, word);
    if (escapedEqualsPart(view, start, end, words, word, last)) return true;
    word = last + 1;
  }
  return false;
}

function escapedEqualsPart(view: View, start: i32, end: i32, name: string, first: i32, last: i32): bool {
  let here = start;
  for (let k = first; k < last; k++) {
    if (here >= end) return false;
    let unit = view.at(here);
    if (unit == Ascii.Backslash) {
      const size = escapeSize(view, here);
      if (size <= 0) return false;
      unit = escapedUnit(view, here, size);
      here += size;
    } else here++;
    if (unit != name.charCodeAt(k)) return false;
  }
  return here == end;
}

/** The UTF-16 unit that the escape of `size` bytes at `backslash` stands for. */
export function escapedUnit(view: View, backslash: i32, size: i32): i32 {
  if (size == 6) {
    let unit = 0;
    for (let k = 2; k < 6; k++) unit = (unit << 4) | hexValue(view.at(backslash + k));
    return unit;
  }
  const letter = view.at(backslash + 1);
  switch (letter) {
    case Ascii.LowerB:
      return 8;
    case Ascii.LowerF:
      return 12;
    case Ascii.LowerN:
      return 10;
    case Ascii.LowerR:
      return 13;
    case Ascii.LowerT:
      return 9;
    default:
      return letter;
  }
}
