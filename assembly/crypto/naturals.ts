// Natural numbers of a fixed width as 32-bit limbs, least significant first; arithmetic runs in 64 bits. No function's time
// depends on the values, only on the widths.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** The number in big-endian `bytes`, in `limbs` limbs; what does not fit is cut off at the top. */
export function readNatural(bytes: View, limbs: i32): StaticArray<u32> {
  const value = new StaticArray<u32>(limbs);
  for (let k = 0; k < bytes.length && k >> 2 < limbs; k++) {
    value[k >> 2] |= u32(bytes.at(bytes.length - 1 - k)) << u32((k & 3) << 3);
  }
  return value;
}

/** Appends the lowest `size` bytes of `value`, big-endian. */
export function writeNatural(value: StaticArray<u32>, size: i32, out: Buffer): void {
  for (let k = size - 1; k >= 0; k--) out.byte(k >> 2 < value.length ? <i32>((value[k >> 2] >> (<u32>((k & 3) << 3))) & 0xff) : 0);
}

/** Bits of the number in big-endian `bytes` without leading zeros. */
export function bitsOf(bytes: View): i32 {
  return bytes.length == 0 ? 0 : (bytes.length << 3) - (<i32>clz<u32>(<u32>bytes.at(0)) - 24);
}

/** a * b + c, in as many limbs as a and b have together. c is no wider than a. */
export function multiplyAdd(a: StaticArray<u32>, b: StaticArray<u32>, c: StaticArray<u32>): StaticArray<u32> {
  const out = new StaticArray<u32>(a.length + b.length);
  for (let k = 0; k < c.length; k++) out[k] = c[k];
  for (let i = 0; i < b.length; i++) {
    let carry: u64 = 0;
    const factor = <u64>b[i];
    for (let j = 0; j < a.length; j++) {
      carry += <u64>out[i + j] + <u64>a[j] * factor;
      out[i + j] = <u32>carry;
      carry >>= 32;
    }
    // The addend may carry on past the row; a full product never does past the end.
    for (let j = i + a.length; j < out.length; j++) {
      carry += <u64>out[j];
      out[j] = <u32>carry;
      carry >>= 32;
    }
  }
  return out;
}

/** Limbs `[start, end)`, which must be inside. */
export function limbsOf(value: StaticArray<u32>, start: i32, end: i32): StaticArray<u32> {
  const part = new StaticArray<u32>(end - start);
  for (let k = start; k < end; k++) part[k - start] = value[k];
  return part;
}

/** True when both, of one width, are the same number. */
export function sameNatural(a: StaticArray<u32>, b: StaticArray<u32>): bool {
  if (a.length != b.length) return false;
  let difference: u32 = 0;
  for (let k = 0; k < a.length; k++) difference |= a[k] ^ b[k];
  return difference == 0;
}

/** Overwrites a secret with zeros. */
export function erase(value: StaticArray<u32>): void {
  for (let k = 0; k < value.length; k++) value[k] = 0;
}
