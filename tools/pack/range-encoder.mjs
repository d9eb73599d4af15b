// A binary range encoder with adaptive models: the mirror of `bit` in assembly/host/unpack.ts.

/** Models stop slowing down here: the larger, the more they trust the past. */
const COUNT_LIMIT = 60;

export class RangeEncoder {
  /** Probability of a 1 in 1/65536, and how often the model was used. */
  #probabilities;
  #counts;
  /** Below 2^40: what has overflowed 32 bits is a carry into bytes already produced. */
  #low = 0;
  #range = 0xffffffff;
  /** @type {number[]} */
  #bytes = [];

  /** @param {number} modelCount */
  constructor(modelCount) {
    this.#probabilities = new Uint16Array(modelCount).fill(0x8000);
    this.#counts = new Uint8Array(modelCount);
  }

  /**
   * Encodes `value` (0 or 1) with a model and teaches the model.
   * @param {number} model
   * @param {number} value
   */
  bit(model, value) {
    const probability = this.#probabilities[model];
    const count = this.#counts[model];
    const bound = (this.#range >>> 16) * probability;
    if (value) {
      this.#range = bound;
    } else {
      this.#low += bound;
      this.#range -= bound;
    }
    this.#probabilities[model] += Math.trunc(((value ? 0x10000 : 0) - probability) / (count + 2));
    if (count < COUNT_LIMIT) this.#counts[model]++;
    while (this.#range < 0x1000000) {
      this.#range = (this.#range * 256) >>> 0;
      this.#shift();
    }
  }

  /**
   * Bits that `value` would cost now.
   * @param {number} model
   * @param {number} value
   */
  price(model, value) {
    const one = this.#probabilities[model] / 0x10000;
    return -Math.log2(value ? one : 1 - one);
  }

  /** The encoded bytes; the decoder reads zeros after the last one, so zeros at the end are left out. */
  finish() {
    for (let k = 0; k < 4; k++) this.#shift();
    while (this.#bytes.at(-1) === 0) this.#bytes.pop();
    return Uint8Array.from(this.#bytes);
  }

  /** Moves the top byte of `low` out and carries into the bytes before it. */
  #shift() {
    if (this.#low >= 0x100000000) {
      this.#low -= 0x100000000;
      let at = this.#bytes.length - 1;
      while (this.#bytes[at] === 255) this.#bytes[at--] = 0;
      this.#bytes[at]++;
    }
    this.#bytes.push(Math.floor(this.#low / 0x1000000));
    this.#low = (this.#low % 0x1000000) * 256;
  }
}
