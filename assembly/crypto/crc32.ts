// CRC-32 as gzip and AWS event streams use it (ISO 3309, reflected polynomial 0xEDB88320).

import { View } from "../bytes/view";

const POLYNOMIAL: u32 = 0xedb88320;

let shared: StaticArray<u32> | null = null;

/** The table of all bytes, made on first use. */
function table(): StaticArray<u32> {
  const made = shared;
  if (made !== null) return made;
  const cells = new StaticArray<u32>(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = <u32>byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ POLYNOMIAL : value >> 1;
    unchecked((cells[byte] = value));
  }
  shared = cells;
  return cells;
}

/** The checksum of bytes `[start, end)`, clamped to `bytes`; `before` is that of the bytes in front of them. O(n). */
export function crc32(bytes: View, start: i32, end: i32, before: u32 = 0): u32 {
  const cells = table();
  if (start < 0) start = 0;
  if (end > bytes.length) end = bytes.length;
  let value = ~before;
  for (let k = start; k < end; k++) value = unchecked(cells[<i32>((value ^ (<u32>bytes.at(k))) & 0xff)]) ^ (value >> 8);
  return ~value;
}
