// `logHeaders`: headers of the request whose values go into the log's line.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { validUtf8 } from "../json/code-point";
import { writeString } from "../json/text";
import { Arrival } from "./arrival";
import { headerIn } from "./split";

/** Bytes of a value that are kept. */
const MAX_VALUE: i32 = 256;

/** Keeps those that the request has, as a JSON object in the order of the configuration; of several of one name the first. */
export function keepLogHeaders(arrival: Arrival, block: View): void {
  const wanted = arrival.plugin.logHeaders;
  if (wanted.length == 0) return;
  const out = new Buffer(256);
  for (let k = 0; k < wanted.length; k++) {
    const value = headerIn(block, wanted[k]);
    if (value.length == 0) continue;
    out.byte(out.length == 0 ? Ascii.LeftBrace : Ascii.Comma);
    writeString(out, wanted[k]);
    out.byte(Ascii.Colon);
    writeString(out, validUtf8(shortened(value)));
  }
  if (out.length == 0) return;
  out.byte(Ascii.RightBrace);
  arrival.headers = out.toView();
}

/** At most MAX_VALUE bytes, and no character cut in two. */
function shortened(value: View): View {
  if (value.length <= MAX_VALUE) return value;
  let end = MAX_VALUE;
  while (end > 0 && (value.at(end) & 0xc0) == 0x80) end--;
  return value.slice(0, end);
}
