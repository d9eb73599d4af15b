// Parameters of header values (`form-data; name="a"`): RFC 2045 and RFC 9110, read as leniently as any server may.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** Walks over the parameters of a value, from what follows the first semicolon outside of quotes. */
@final
export class Parameters {
  name: View = View.empty();
  /** Without quotes, and with its quoted pairs resolved. */
  content: View = View.empty();
  private here: i32;

  constructor(private value: View) {
    this.here = endOf(value, 0);
  }

  /** False at the end. What has no equals sign is passed over. */
  next(): bool {
    const value = this.value;
    while (this.here < value.length) {
      const start = this.here + 1;
      const end = endOf(value, start);
      this.here = end;
      const equals = value.indexOf(Ascii.Equals, start);
      if (equals < 0 || equals >= end) continue;
      this.name = trimmed(value.slice(start, equals));
      this.content = unquoted(trimmed(value.slice(equals + 1, end)));
      return true;
    }
    return false;
  }
}

/** The parameter called `name` (lower case), empty without one and when there are several, of which readers take different ones. */
export function onlyParameter(value: View, name: string): View {
  const walker = new Parameters(value);
  let found = View.empty();
  let count = 0;
  while (walker.next()) {
    if (!walker.name.equalsIgnoreCase(name)) continue;
    found = walker.content;
    count++;
  }
  return count == 1 ? found : View.empty();
}

/** Index of the next semicolon outside of quotes, or the length. */
function endOf(value: View, start: i32): i32 {
  let isQuoted = false;
  for (let k = start; k < value.length; k++) {
    const byte = value.at(k);
    if (isQuoted && byte == Ascii.Backslash) k++;
    else if (byte == Ascii.Quote) isQuoted = !isQuoted;
    else if (byte == Ascii.Semicolon && !isQuoted) return k;
  }
  return value.length;
}

/** A quoted string without its quotes and with its quoted pairs resolved; other text as it is. */
function unquoted(text: View): View {
  if (text.at(0) != Ascii.Quote) return text;
  const out = new Buffer(text.length);
  for (let k = 1; k < text.length && text.at(k) != Ascii.Quote; k++) {
    if (text.at(k) == Ascii.Backslash) k++;
    if (k < text.length) out.byte(text.at(k));
  }
  return out.toView();
}

/** Without blanks and line ends around it. */
export function trimmed(text: View): View {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.at(start))) start++;
  while (end > start && isSpace(text.at(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(byte: i32): bool {
  return byte == Ascii.Space || byte == Ascii.Tab || byte == Ascii.CarriageReturn || byte == Ascii.LineFeed;
}
