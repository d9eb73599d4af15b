// Lines and columns, counted from 1; columns in UTF-16 units as editors count them.
import { LineCounter } from "yaml";
import { decodeUtf8, encodeUtf8 } from "../emulator/bytes";

export interface Position {
  line: number;
  column: number;
}

export class Positions {
  private readonly counter = new LineCounter();

  constructor(private readonly text: string) {
    this.counter.addNewLine(0);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.counter.addNewLine(at + 1);
  }

  at(offset: number): Position {
    const { line, col } = this.counter.linePos(Math.min(Math.max(offset, 0), this.text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** Offset in `text` of a line and a column that count bytes of UTF-8, as the plugin does. */
export function offsetOfBytes(text: string, line: number, column: number): number {
  let start = 0;
  for (let k = 1; k < line; k++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const bytes = encodeUtf8(text.slice(start)).subarray(0, column - 1);
  return start + decodeUtf8(bytes).length;
}
