// Eight bytes at once: a u64 holds one byte in each of its eight lanes. Searches over whole bodies go eight bytes a step.

/** The low bit of every lane. Times a byte, it is that byte in every lane. */
export const LOW_BITS: u64 = 0x0101010101010101;
/** The high bit of every lane. */
export const HIGH_BITS: u64 = 0x8080808080808080;

/** Non-zero exactly when a lane is a zero byte. The lowest mark is exact; lanes above it may be marked wrongly. */
// @ts-ignore: decorator
@inline
export function zeroLanes(lanes: u64): u64 {
  return (lanes - LOW_BITS) & ~lanes & HIGH_BITS;
}

/** The index in memory order of the first lane that `marks` marks; `marks` must not be zero. */
// @ts-ignore: decorator
@inline
export function firstLane(marks: u64): i32 {
  return <i32>(ctz(marks) >> 3);
}

/** The eight bytes at `address`. Not checked: the caller knows that they lie inside of its view. */
// @ts-ignore: decorator
@inline
export function eightAt(address: usize): u64 {
  return load<u64>(address);
}

/** The byte at `address`. Not checked, as above. */
// @ts-ignore: decorator
@inline
export function byteAt(address: usize): u32 {
  return load<u8>(address);
}
