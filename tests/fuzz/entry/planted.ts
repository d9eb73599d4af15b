// Defects on purpose: a trap behind four bytes, a loop without end, memory without bounds. The harness must find them.
import { View } from "../../../assembly/bytes/view";
import { JsonDocument } from "../../../assembly/json/document";

const kept: Array<ArrayBuffer> = [];

export function planted(ptr: usize, length: i32): i32 {
  const text = new View(ptr, length);
  if (text.at(0) == 0x62) {
    if (text.at(1) == 0x75) {
      if (text.at(2) == 0x67) {
        if (text.at(3) == 0x21) unreachable();
      }
    }
  }
  if (text.equals("loop")) for (let k = 0; k >= 0; k = (k + 1) & 0xff) new JsonDocument();
  if (text.equals("leak")) kept.push(new ArrayBuffer(1 << 20));
  return text.equals("wrong") ? 7 : 0;
}
