// How much has been allocated since the last garbage collection, so that collections keep pace with it. Byte buffers count
// themselves; what is made of many small objects is noted by whoever makes them.

let bytes: i32 = 0;

/** Counts memory that will become garbage. Negative sizes and overflows are ignored. */
export function countAllocated(size: i32): void {
  if (size > 0 && bytes + size > bytes) bytes += size;
}

/** Bytes counted since the last collection. */
export function allocatedBytes(): i32 {
  return bytes;
}

/** After a collection. */
export function forgetAllocated(): void {
  bytes = 0;
}
