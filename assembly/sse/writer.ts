// Writes events of an event stream. Line ends are LF, and one space follows the colon, as OpenAI writes them.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** Appends an event with this data; each line of the data becomes a `data` line. */
export function writeEvent(out: Buffer, data: View): void {
  let start = 0;
  while (true) {
    const end = data.indexOfLineEnd(start);
    beginData(out);
    out.range(data, start, end < 0 ? data.length : end);
    if (end < 0) break;
    out.byte(Ascii.LineFeed);
    start = end + (data.at(end) == Ascii.CarriageReturn && data.at(end + 1) == Ascii.LineFeed ? 2 : 1);
  }
  endEvent(out);
}

/** Appends an event with a name (ASCII, no line end) and data. */
export function writeNamedEvent(out: Buffer, name: string, data: View): void {
  writeEventName(out, name);
  writeEvent(out, data);
}

/** Appends the line `event: name`; the data follows. */
export function writeEventName(out: Buffer, name: string): void {
  out.ascii("event: ");
  out.ascii(name);
  out.byte(Ascii.LineFeed);
}

/** Opens a data line: the caller appends text without line ends and then calls endEvent. */
export function beginData(out: Buffer): void {
  out.ascii("data: ");
}

/** Closes the data line and the event. */
export function endEvent(out: Buffer): void {
  out.ascii("\n\n");
}

/** Appends the terminator of OpenAI streams. */
export function writeDone(out: Buffer): void {
  out.ascii("data: [DONE]\n\n");
}
