// Growth of plain integer tables.

/** A copy of twice the length; the second half is zero. */
export function doubled(cells: StaticArray<i32>): StaticArray<i32> {
  return lengthened(cells, cells.length * 2);
}

/** A copy of `length`, not less than that of `cells`; what is new is zero. */
export function lengthened(cells: StaticArray<i32>, length: i32): StaticArray<i32> {
  const longer = new StaticArray<i32>(max(length, cells.length));
  memory.copy(changetype<usize>(longer), changetype<usize>(cells), (<usize>cells.length) << 2);
  return longer;
}
