// Embedding vectors as OpenAI's base64 form: 32-bit floats, little-endian.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { parseNumber } from "../../json/number";

/** Appends a JSON string with the base64 of the numbers in the array `values`. */
export function writeVector(doc: JsonDocument, values: i32, out: Buffer): void {
  out.byte(Ascii.Quote);
  let bits: u32 = 0;
  let held = 0;
  for (let item = doc.first(values); item != NONE; item = doc.next(item)) {
    const word = reinterpret<u32>(<f32>parseNumber(doc.kind(item) == JsonKind.Number ? doc.raw(item) : View.empty()));
    for (let shift = 0; shift < 32; shift += 8) {
      bits = (bits << 8) | ((word >> (<u32>shift)) & 0xff);
      held++;
      if (held < 3) continue;
      writeGroup(out, bits, 4);
      bits = 0;
      held = 0;
    }
  }
  if (held > 0) {
    writeGroup(out, bits << u32((3 - held) * 8), held + 1);
    for (let k = held; k < 3; k++) out.byte(Ascii.Equals);
  }
  out.byte(Ascii.Quote);
}

/** The first `digits` of the four base64 digits of 24 bits. */
function writeGroup(out: Buffer, bits: u32, digits: i32): void {
  for (let k = 0; k < digits; k++) {
    const value = <i32>((bits >> (<u32>(18 - 6 * k))) & 63);
    if (value < 26) out.byte(Ascii.UpperA + value);
    else if (value < 52) out.byte(Ascii.LowerA + value - 26);
    else if (value < 62) out.byte(Ascii.Digit0 + value - 52);
    else out.byte(value == 62 ? Ascii.Plus : Ascii.Slash);
  }
}
