// Arithmetic modulo an odd number in Montgomery's form: x stands as x * R, R = 2^(32 * limbs), so that no step divides.
// Time depends on the width and on public exponents, never on the numbers: additions are masked, tables are read whole.

import { limb, setLimb } from "../bytes/limbs";
import { erase } from "./naturals";

/** Bits of the exponent that one table look-up deals with. */
const WINDOW_BITS: i32 = 4;

/** Arithmetic modulo one odd number, on operands below it. */
@final
export class Montgomery {
  private limbs: i32;
  /** -1 / modulus, modulo 2^32. */
  private inverse: u32 = 1;
  /** Sum under way: one limb more than the modulus. */
  private sum: StaticArray<u32>;
  /** R * R: multiplying by it brings a number into the form. */
  private square: StaticArray<u32>;

  /** `modulus` is odd and more than 1; all numbers have its width. */
  constructor(private modulus: StaticArray<u32>) {
    const limbs = modulus.length;
    this.limbs = limbs;
    this.sum = new StaticArray<u32>(limbs + 1);
    const low = limbs > 0 ? modulus[0] : 1;
    // Newton: each step doubles the number of right bits; an odd number is its own inverse modulo 8.
    let inverse = low;
    for (let step = 0; step < 4; step++) inverse *= 2 - low * inverse;
    this.inverse = 0 - inverse;
    this.square = new StaticArray<u32>(limbs);
    this.findSquare();
  }

  /** Doubles the highest power of two under the modulus until it is R * R. */
  private findSquare(): void {
    let top = this.limbs - 1;
    while (top > 0 && this.modulus[top] == 0) top--;
    if (top < 0) return;
    const bit = 31 - <i32>clz<u32>(this.modulus[top] | 1);
    this.square[top] = (<u32>1) << (<u32>bit);
    for (let power = (top << 5) + bit; power < this.limbs << 6; power++) this.add(this.square, this.square, this.square);
  }

  private isWide(a: StaticArray<u32>, b: StaticArray<u32>, out: StaticArray<u32>): bool {
    const limbs = this.limbs;
    return limbs > 0 && a.length >= limbs && b.length >= limbs && out.length >= limbs;
  }

  /** out = a * b / R. One factor must be below the modulus, the other below R. `out` may be one of them. */
  multiply(a: StaticArray<u32>, b: StaticArray<u32>, out: StaticArray<u32>): void {
    // The widths are checked once here, not at each of the limbs² steps.
    if (!this.isWide(a, b, out)) return;
    const limbs = this.limbs;
    const modulus = this.modulus;
    const sum = this.sum;
    const inverse = this.inverse;
    erase(sum);
    const first = limb(b, 0);
    const firstOfModulus = limb(modulus, 0);
    for (let i = 0; i < limbs; i++) {
      const factor = limb(a, i);
      let product = factor * first + limb(sum, 0);
      // The multiple of the modulus that clears the lowest limb; both products are added in one pass, a limb lower.
      const multiple = <u64>(<u32>product * inverse);
      let reduced = (product & 0xffffffff) + multiple * firstOfModulus;
      product >>= 32;
      reduced >>= 32;
      for (let j = 1; j < limbs; j++) {
        product += factor * limb(b, j) + limb(sum, j);
        reduced += (product & 0xffffffff) + multiple * limb(modulus, j);
        setLimb(sum, j - 1, reduced);
        product >>= 32;
        reduced >>= 32;
      }
      reduced += product + limb(sum, limbs);
      setLimb(sum, limbs - 1, reduced);
      setLimb(sum, limbs, reduced >> 32);
    }
    this.reduceSum(out);
  }

  /** out = a + b, both below the modulus. */
  add(a: StaticArray<u32>, b: StaticArray<u32>, out: StaticArray<u32>): void {
    if (!this.isWide(a, b, out)) return;
    const sum = this.sum;
    let carry: u64 = 0;
    for (let k = 0; k < this.limbs; k++) {
      carry += limb(a, k) + limb(b, k);
      setLimb(sum, k, carry);
      carry >>= 32;
    }
    setLimb(sum, this.limbs, carry);
    this.reduceSum(out);
  }

  /** out = the sum, less the modulus when it is not below it. */
  private reduceSum(out: StaticArray<u32>): void {
    const sum = this.sum;
    const limbs = this.limbs;
    const borrow = difference(sum, this.modulus, out, limbs);
    const keep = 0 - (borrow & ~limb(sum, limbs));
    for (let k = 0; k < limbs; k++) setLimb(out, k, (limb(sum, k) & keep) | (limb(out, k) & ~keep));
  }

  /** out = a - b, both below the modulus. */
  subtract(a: StaticArray<u32>, b: StaticArray<u32>, out: StaticArray<u32>): void {
    if (!this.isWide(a, b, out)) return;
    const mask = 0 - difference(a, b, out, this.limbs);
    let carry: u64 = 0;
    for (let k = 0; k < this.limbs; k++) {
      carry += limb(out, k) + (limb(this.modulus, k) & mask);
      setLimb(out, k, carry);
      carry >>= 32;
    }
  }

  /** out = value in the form, for any value below R. */
  enter(value: StaticArray<u32>, out: StaticArray<u32>): void {
    this.multiply(value, this.square, out);
  }

  /** out = the number that `value` stands for. */
  leave(value: StaticArray<u32>, out: StaticArray<u32>): void {
    const one = new StaticArray<u32>(this.limbs);
    if (one.length != 0) one[0] = 1;
    this.multiply(value, one, out);
  }

  /** out = base ^ exponent, base and out in the form; the exponent, a secret, has the modulus' width. */
  power(base: StaticArray<u32>, exponent: StaticArray<u32>, out: StaticArray<u32>): void {
    const limbs = this.limbs;
    if (!this.isWide(base, exponent, out)) return;
    // base ^ 0 … base ^ 15, one after the other.
    const table = new StaticArray<u32>(limbs << WINDOW_BITS);
    const entry = new StaticArray<u32>(limbs);
    if (limbs > 0) entry[0] = 1;
    this.enter(entry, entry);
    for (let k = 0; k < limbs; k++) out[k] = entry[k];
    for (let row = 0; row < table.length; row += limbs) {
      for (let k = 0; k < limbs; k++) table[row + k] = entry[k];
      this.multiply(entry, base, entry);
    }
    for (let bit = (limbs << 5) - WINDOW_BITS; bit >= 0; bit -= WINDOW_BITS) {
      for (let k = 0; k < WINDOW_BITS; k++) this.multiply(out, out, out);
      pick(table, (exponent[bit >> 5] >> (<u32>(bit & 31))) & 15, limbs, entry);
      this.multiply(out, entry, out);
    }
    erase(table);
    erase(entry);
  }

  /** out = base ^ exponent for a public exponent that is not 0. `out` is not `base`. */
  powerOfPublic(base: StaticArray<u32>, exponent: u32, out: StaticArray<u32>): void {
    if (!this.isWide(base, base, out)) return;
    for (let k = 0; k < this.limbs; k++) out[k] = base[k];
    for (let bit = 30 - <i32>clz<u32>(exponent | 1); bit >= 0; bit--) {
      this.multiply(out, out, out);
      if ((exponent >> (<u32>bit)) & 1) this.multiply(out, base, out);
    }
  }
}

/** out = a - b over `limbs` limbs, which all have; 1 when b was the larger, else 0. */
function difference(a: StaticArray<u32>, b: StaticArray<u32>, out: StaticArray<u32>, limbs: i32): u64 {
  let borrow: u64 = 0;
  for (let k = 0; k < limbs; k++) {
    const rest = limb(a, k) - limb(b, k) - borrow;
    setLimb(out, k, rest);
    borrow = rest >> 63;
  }
  return borrow;
}

/** entry = row `wanted` of the table. Every row is read, so the cache does not tell which. */
function pick(table: StaticArray<u32>, wanted: u32, limbs: i32, entry: StaticArray<u32>): void {
  erase(entry);
  for (let row: u32 = 0; row < 1 << WINDOW_BITS; row++) {
    const mask = 0 - <u64>(row == wanted);
    const start = <i32>row * limbs;
    for (let k = 0; k < limbs; k++) setLimb(entry, k, limb(entry, k) | (limb(table, start + k) & mask));
  }
}
