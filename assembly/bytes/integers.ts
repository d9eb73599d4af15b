// Growth of plain integer tables.

/** A copy of twice the length; the second half is zero. */
export function doubled(cells: StaticArray<i32>): StaticArray<i32> {
  const grown = new StaticArray<i32>(cells.length * 2);
  memory.copy(changetype<usize>(grown), changetype<usize>(cells), (<usize>cells.length) << 2);
  return grown;
}
