// Rows of 64-bit numbers as bytes, for values that only this plugin reads again.

import { View } from "./view";

/** Fills `row` from `bytes`; false, and nothing is changed, when they are not as many as the row takes. */
export function readWords(row: StaticArray<i64>, bytes: View): bool {
  if (bytes.length != row.length << 3) return false;
  memory.copy(changetype<usize>(row), bytes.ptr, <usize>bytes.length);
  return true;
}

/** The bytes of `row` where they lie; valid as long as the row is held. */
export function wordsView(row: StaticArray<i64>): View {
  return new View(changetype<usize>(row), row.length << 3);
}
