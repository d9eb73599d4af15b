// Chooses the tokens for a stream: the cheapest way through the bytes under given prices (dynamic programming over
// positions). Each position keeps one best state, so the result is good rather than optimal: prices depend on the path.
import { DISTANCE, LENGTH, MATCH, REPEAT, writeLiteral, writeNumber } from "./lz.mjs";

// Bounds of the search, not of the format.
const MAX_LENGTH = 4096;
/** Of a copy longer than this, only its full length is tried. */
const EVERY_LENGTH = 80;
/** A copy this long is taken without looking at what starts inside it. */
const LONG = 256;
/** Earlier occurrences tried at one position. */
const MAX_TRIES = 3000;

/** Prices of numbers and bytes under the models of `encoder`, which do not change while parsing. */
class Prices {
  #cache = new Map();
  #total = 0;

  /** @param {import("./range-encoder.mjs").RangeEncoder} encoder */
  constructor(encoder) {
    this.encoder = encoder;
  }

  /** So that prices can be written like tokens. */
  bit(model, value) {
    this.#total += this.encoder.price(model, value);
  }

  #take() {
    const total = this.#total;
    this.#total = 0;
    return total;
  }

  number(base, value) {
    const key = value * 4096 + base;
    let price = this.#cache.get(key);
    if (price === undefined) {
      writeNumber(this, base, value);
      price = this.#take();
      this.#cache.set(key, price);
    }
    return price;
  }

  literal(bytes, at, afterMatch) {
    this.bit(MATCH + afterMatch, 0);
    writeLiteral(this, bytes, at);
    return this.#take();
  }

  copy(length, distance, last, afterMatch) {
    const repeats = distance === last ? 1 : 0;
    const start = this.encoder.price(MATCH + afterMatch, 1) + this.encoder.price(REPEAT + afterMatch, repeats);
    const size = this.number(LENGTH + 64 * repeats, length);
    return start + size + (repeats ? 0 : this.number(DISTANCE + 64 * Math.min(length - 1, 3), distance));
  }
}

/** For each position, the nearest earlier one with the same two bytes, or -1. */
function chainsOf(bytes) {
  const heads = new Int32Array(65536).fill(-1);
  const chains = new Int32Array(bytes.length).fill(-1);
  for (let at = 0; at + 1 < bytes.length; at++) {
    const pair = bytes[at] | (bytes[at + 1] << 8);
    chains[at] = heads[pair];
    heads[pair] = at;
  }
  return chains;
}

function matchLength(bytes, from, at) {
  let length = 0;
  while (length < MAX_LENGTH && at + length < bytes.length && bytes[from + length] === bytes[at + length]) length++;
  return length;
}

/** The best way found to each position: its price, the token that ends there, and the last distance after it. */
class Ways {
  constructor(size) {
    this.price = new Float64Array(size + 1).fill(Infinity);
    this.length = new Int32Array(size + 1);
    this.distance = new Int32Array(size + 1);
    this.last = new Int32Array(size + 1);
    this.price[0] = 0;
    this.last[0] = 1;
  }

  offer(at, price, length, distance, last) {
    if (price >= this.price[at]) return;
    this.price[at] = price;
    this.length[at] = length;
    this.distance[at] = distance;
    this.last[at] = last;
  }

  tokens() {
    const tokens = [];
    for (let at = this.price.length - 1; at > 0; at -= this.length[at]) {
      tokens.push({ length: this.length[at], distance: this.distance[at] });
    }
    return tokens.reverse();
  }
}

/**
 * The tokens that make up `bytes`, cheap under the models of `encoder`.
 * @param {Uint8Array} bytes
 * @param {import("./range-encoder.mjs").RangeEncoder} encoder
 * @returns {import("./lz.mjs").Token[]}
 */
export function parse(bytes, encoder) {
  const prices = new Prices(encoder);
  const chains = chainsOf(bytes);
  const ways = new Ways(bytes.length);
  for (let at = 0; at < bytes.length;) {
    const last = ways.last[at];
    const afterMatch = ways.distance[at] > 0 ? 1 : 0;
    /** Offers copies of `shortest` to `longest` bytes; shorter ones cost less from a nearer place. */
    const offer = (shortest, longest, distance) => {
      for (let length = longest > EVERY_LENGTH ? longest : shortest; length <= longest; length++) {
        const price = ways.price[at] + prices.copy(length, distance, last, afterMatch);
        ways.offer(at + length, price, length, distance, distance);
      }
    };
    ways.offer(at + 1, ways.price[at] + prices.literal(bytes, at, afterMatch), 1, 0, last);
    const repeated = at >= last ? matchLength(bytes, at - last, at) : 0;
    offer(1, repeated, last);
    let longest = 1;
    for (let from = chains[at], tries = 0; from >= 0 && tries < MAX_TRIES && longest < LONG; from = chains[from], tries++) {
      if (bytes[from + longest] !== bytes[at + longest]) continue;
      const length = matchLength(bytes, from, at);
      if (length > longest) offer(longest + 1, length, at - from);
      longest = Math.max(longest, length);
    }
    longest = Math.max(longest, repeated);
    at += longest >= LONG ? longest : 1;
  }
  return ways.tokens();
}
