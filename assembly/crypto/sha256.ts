// SHA-256 (FIPS 180-4) over views, piece by piece. Knows nothing of keys or encodings.

import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";

/** Bytes of a block. A digest has 32. */
export const BLOCK_BYTES: i32 = 64;

// prettier-ignore
const ROUNDS: StaticArray<u32> = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

// prettier-ignore
const START: StaticArray<u32> = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** One running hash; after finish() it starts anew. */
@final
export class Sha256 {
  private state: StaticArray<u32> = new StaticArray<u32>(8);
  private schedule: StaticArray<u32> = new StaticArray<u32>(64);
  private block: Buffer = Buffer.capped(BLOCK_BYTES, BLOCK_BYTES);
  // Over `block`, which never moves because its capacity is its limit.
  private blockView: View = View.empty();
  private total: u64 = 0;

  constructor() {
    this.blockView = this.block.toView();
    this.blockView.length = BLOCK_BYTES;
    this.reset();
  }

  private reset(): void {
    for (let k = 0; k < 8; k++) unchecked((this.state[k] = START[k]));
    this.block.clear();
    this.total = 0;
  }

  /** Adds all of `bytes`. No allocation; whole blocks are read where they lie. */
  update(bytes: View): void {
    const size = bytes.length;
    let here = 0;
    this.total += <u64>size;
    if (this.block.length != 0) {
      here = BLOCK_BYTES - this.block.length;
      if (here > size) here = size;
      this.block.range(bytes, 0, here);
      if (this.block.length < BLOCK_BYTES) return;
      this.compress(this.blockView, 0);
      this.block.clear();
    }
    for (; size - here >= BLOCK_BYTES; here += BLOCK_BYTES) this.compress(bytes, here);
    this.block.range(bytes, here, size);
  }

  /** Appends the 32 bytes of the digest. */
  finish(out: Buffer): void {
    const block = this.block;
    const bits = this.total << 3;
    block.byte(0x80);
    if (block.length > BLOCK_BYTES - 8) {
      this.pad(BLOCK_BYTES);
      this.compress(this.blockView, 0);
      block.clear();
    }
    this.pad(BLOCK_BYTES - 8);
    for (let shift = 56; shift >= 0; shift -= 8) block.byte(<i32>((bits >> (<u64>shift)) & 0xff));
    this.compress(this.blockView, 0);
    for (let k = 0; k < 8; k++) {
      const word = unchecked(this.state[k]);
      for (let shift = 24; shift >= 0; shift -= 8) out.byte(<i32>((word >> (<u32>shift)) & 0xff));
    }
    this.reset();
  }

  private pad(end: i32): void {
    while (this.block.length < end) this.block.byte(0);
  }

  /** Takes in the 64 bytes of `bytes` at `start`, which the caller has checked to be there. */
  private compress(bytes: View, start: i32): void {
    const words = this.schedule;
    for (let k = 0; k < 16; k++) {
      const at = start + (k << 2);
      const word = (bytes.at(at) << 24) | (bytes.at(at + 1) << 16) | (bytes.at(at + 2) << 8) | bytes.at(at + 3);
      unchecked((words[k] = <u32>word));
    }
    for (let k = 16; k < 64; k++) {
      const early = unchecked(words[k - 15]);
      const late = unchecked(words[k - 2]);
      const first = rotr<u32>(early, 7) ^ rotr<u32>(early, 18) ^ (early >> 3);
      const second = rotr<u32>(late, 17) ^ rotr<u32>(late, 19) ^ (late >> 10);
      unchecked((words[k] = words[k - 16] + first + words[k - 7] + second));
    }
    this.mix(words);
  }

  private mix(words: StaticArray<u32>): void {
    const state = this.state;
    let a = unchecked(state[0]);
    let b = unchecked(state[1]);
    let c = unchecked(state[2]);
    let d = unchecked(state[3]);
    let e = unchecked(state[4]);
    let f = unchecked(state[5]);
    let g = unchecked(state[6]);
    let h = unchecked(state[7]);
    for (let k = 0; k < 64; k++) {
      const choice = (e & f) ^ (~e & g);
      const one = h + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + choice + unchecked(ROUNDS[k]) + unchecked(words[k]);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const two = (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + majority;
      h = g;
      g = f;
      f = e;
      e = d + one;
      d = c;
      c = b;
      b = a;
      a = one + two;
    }
    unchecked((state[0] += a));
    unchecked((state[1] += b));
    unchecked((state[2] += c));
    unchecked((state[3] += d));
    unchecked((state[4] += e));
    unchecked((state[5] += f));
    unchecked((state[6] += g));
    unchecked((state[7] += h));
  }
}

/** Appends the 32 bytes of the SHA-256 of `bytes`. */
export function sha256(bytes: View, out: Buffer): void {
  const hash = new Sha256();
  hash.update(bytes);
  hash.finish(out);
}
