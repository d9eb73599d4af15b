// How much has been allocated since the last garbage collection, so that collections keep pace with it. Byte buffers count
// themselves; what is made of many small objects is noted by whoever makes them.

let bytes: i32 = 0;

/** Counts memory that will become garbage. Negative sizes and overflows are ignored. */
export function countAllocated(size: i32): void {
  if (size > 0 && bytes + size > bytes) bytes += size;
}

/** Bytes before the contents of a buffer in a block of the allocator. */
const OVERHEAD: i32 = 20;

/**
 * As many bytes as fit into the block that holds `size`, at most 1/16 more. The allocator looks for a free block among those that are
 * larger than asked for, so that it would never find one that has just the size.
 */
export function roundedUp(size: i32): i32 {
  if (size < 65536 || size > 0x40000000) return size;
  const step = 1 << (27 - clz(size + OVERHEAD));
  return ((size + OVERHEAD + step - 1) & -step) - OVERHEAD;
}

/** Bytes counted since the last collection. */
export function allocatedBytes(): i32 {
  return bytes;
}

/** After a collection. */
export function forgetAllocated(): void {
  bytes = 0;
}
