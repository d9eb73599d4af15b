// The compressed format of packed data: LZ77 under an adaptive binary range coder, of the family of LZMA. Small to decode
// (assembly/host/unpack.ts) rather than fast: static data is unpacked once, when a VM starts.
//
// A stream is a list of tokens. Every binary decision has a model of its own, chosen by what is already known:
//   MATCH[after a match?]           1: a copy follows, 0: a byte
//   LITERAL[top 3 bits of the byte before][tree of the 8 bits, highest first]
//   REPEAT[after a match?]          1: the distance of the last copy
//   LENGTH[repeats?]                number >= 1
//   DISTANCE[min(length, 4) - 1]    number >= 1, only when it does not repeat
// A number is written from its lowest bit: "there is a bit here" (1) and its value, up to the highest set bit (0).
import { parse } from "./parse.mjs";
import { RangeEncoder } from "./range-encoder.mjs";

export const MATCH = 0;
export const REPEAT = 2;
export const LENGTH = 4;
export const DISTANCE = 132;
export const LITERAL = 388;
export const MODEL_COUNT = LITERAL + 8 * 256;
/** Memory that the decoder needs below the packed bytes. */
export const MODEL_BYTES = MODEL_COUNT * 4;

/** Rounds of parsing: each knows the prices of the one before. More gains less than ten bytes. */
const ROUNDS = 4;

/** @typedef {{ length: number, distance: number }} Token  a copy; a byte is { length: 1, distance: 0 } */
/** @typedef {{ bit(model: number, value: number): void }} Sink */

/**
 * Passes the decisions of `value`, a number from 1 up, to `sink`.
 * @param {Sink} sink
 * @param {number} base
 * @param {number} value
 */
export function writeNumber(sink, base, value) {
  for (let place = 0; ; place++) {
    const more = value >> place > 1;
    sink.bit(base + 2 * place, more ? 1 : 0);
    if (!more) return;
    sink.bit(base + 2 * place + 1, (value >> place) & 1);
  }
}

/**
 * Passes the decisions of the byte at `at` to `sink`.
 * @param {Sink} sink
 * @param {Uint8Array} bytes
 * @param {number} at
 */
export function writeLiteral(sink, bytes, at) {
  const tree = LITERAL + (at > 0 ? (bytes[at - 1] >> 5) << 8 : 0);
  for (let node = 1, shift = 7; shift >= 0; shift--) {
    const value = (bytes[at] >> shift) & 1;
    sink.bit(tree + node, value);
    node = (node << 1) | value;
  }
}

/**
 * Passes the decisions of all tokens to `sink`.
 * @param {Sink} sink
 * @param {Uint8Array} bytes
 * @param {Token[]} tokens
 */
function writeTokens(sink, bytes, tokens) {
  let at = 0;
  let last = 1;
  let afterMatch = 0;
  for (const { length, distance } of tokens) {
    sink.bit(MATCH + afterMatch, distance > 0 ? 1 : 0);
    if (distance === 0) {
      writeLiteral(sink, bytes, at);
    } else {
      const repeats = distance === last ? 1 : 0;
      sink.bit(REPEAT + afterMatch, repeats);
      writeNumber(sink, LENGTH + 64 * repeats, length);
      if (!repeats) writeNumber(sink, DISTANCE + 64 * Math.min(length - 1, 3), distance);
      last = distance;
    }
    afterMatch = distance > 0 ? 1 : 0;
    at += length;
  }
}

/**
 * Compresses `bytes`. The same bytes give the same result on every machine.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function compress(bytes) {
  let encoder = new RangeEncoder(MODEL_COUNT);
  for (let round = 0; round < ROUNDS; round++) {
    const tokens = parse(bytes, encoder);
    encoder = new RangeEncoder(MODEL_COUNT);
    writeTokens(encoder, bytes, tokens);
  }
  return encoder.finish();
}
