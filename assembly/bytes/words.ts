// Rows of 64-bit numbers as bytes, for values that only this plugin reads again.

import { View } from "./view";

/** Fills `row` from `bytes`, or with zeros when they are not as many as the row takes. */
export function readWords(row: StaticArray<i64>, bytes: View): void {
  const size = row.length << 3;
  if (bytes.length == size) memory.copy(changetype<usize>(row), bytes.ptr, <usize>size);
  else memory.fill(changetype<usize>(row), 0, <usize>size);
}

/** The bytes of `row` where they lie; valid as long as the row is held. */
export function wordsView(row: StaticArray<i64>): View {
  return new View(changetype<usize>(row), row.length << 3);
}
