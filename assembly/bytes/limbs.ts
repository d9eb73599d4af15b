// Rows of 32-bit limbs for arithmetic on large numbers. Array's own operators are calls in a build that is made small, and
// these loops are nothing but reads and writes. Nothing is checked here: whoever calls has checked the row's width before.

/** The limb at `index`, which must be inside the row. */
// @ts-ignore: decorator
@inline
export function limb(row: StaticArray<u32>, index: i32): u64 {
  return <u64>load<u32>(changetype<usize>(row) + ((<usize>index) << 2));
}

/** Puts the lowest 32 bits of `value` at `index`, which must be inside the row. */
// @ts-ignore: decorator
@inline
export function setLimb(row: StaticArray<u32>, index: i32, value: u64): void {
  store<u32>(changetype<usize>(row) + ((<usize>index) << 2), <u32>value);
}
