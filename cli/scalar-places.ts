// Where each character of a YAML or JSON string stands in the source: through indentation, folding and escapes.

const ESCAPED_UNITS: Record<string, number> = { x: 2, u: 4, U: 8 };

export type Style = "block" | "double" | "single" | "plain";

/**
 * Offsets in `source` for each unit of `value`, and one for its end. `source` from `start` to `end` is the scalar without
 * its header, with its quotes. White space may be off by some, tokens are not.
 */
export function placesOf(value: string, source: string, start: number, end: number, style: Style): Int32Array {
  const places = new Int32Array(value.length + 1);
  let at = style === "double" || style === "single" ? start + 1 : start;
  let unit = 0;
  while (unit < value.length && at < end) {
    if (style === "double" && source[at] === "\\") {
      const { size, units } = escapeAt(source, at);
      // White space of the value may have been seen in the indentation before; then the escaped one stands for none.
      const isSeen = isSpace(escapedSpace(source[at + 1])) && !isSpace(value[unit]);
      for (let k = isSeen ? units : 0; k < units && unit < value.length; k++) places[unit++] = at;
      at += size;
    } else if (source[at] === value[unit]) {
      places[unit++] = at;
      at += style === "single" && source.startsWith("''", at) ? 2 : 1;
    } else if (isSpace(source[at])) at++;
    else places[unit++] = at;
  }
  places.fill(Math.min(at, end), unit);
  return places;
}

/** Length of an escape sequence and the number of UTF-16 units that it stands for. */
function escapeAt(source: string, at: number): { size: number; units: number } {
  const letter = source[at + 1] ?? "";
  if (letter === "\n" || letter === "\r") {
    let size = 2;
    while (isSpace(source[at + size])) size++;
    return { size, units: 0 };
  }
  const digits = ESCAPED_UNITS[letter] ?? 0;
  const code = letter === "U" ? Number.parseInt(source.slice(at + 2, at + 10), 16) : 0;
  return { size: 2 + digits, units: code > 0xffff ? 2 : 1 };
}

/** The white space that an escape's letter stands for, if it is any. */
function escapedSpace(letter: string | undefined): string | undefined {
  return letter === "n" ? "\n" : letter === "t" ? "\t" : letter === "r" ? "\r" : letter;
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r";
}
