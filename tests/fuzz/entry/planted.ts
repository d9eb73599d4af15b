// Defects on purpose: a trap behind four bytes, a loop without end, memory without bounds. The harness must find them.
import { View } from "../../../assembly/bytes/view";
import { JsonDocument } from "../../../assembly/json/document";

const kept: Array<ArrayBuffer> = [];
/** One for all runs: nothing here counts what it allocates, so hundreds of thousands of views would not be collected. */
const text = new View(0, 0);

/** Four bytes at once, so that no branch leads to the defects that chance is not to find. */
const LOOP: u32 = 0x706f6f6c;
const LEAK: u32 = 0x6b61656c;
const WRONG: u32 = 0x6e6f7277;

export function planted(ptr: usize, length: i32): i32 {
  text.point(ptr, length);
  if (text.at(0) == 0x62) {
    if (text.at(1) == 0x75) {
      if (text.at(2) == 0x67) {
        if (text.at(3) == 0x21) unreachable();
      }
    }
  }
  const word: u32 = length < 4 ? 0 : load<u32>(ptr);
  if (word == LOOP) for (let k = 0; k >= 0; k = (k + 1) & 0xff) new JsonDocument();
  if (word == LEAK) kept.push(new ArrayBuffer(1 << 20));
  return word == WRONG ? 7 : 0;
}
