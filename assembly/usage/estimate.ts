// Tokens of text that nobody has counted, from its bytes. Against o200k_base it is at most 15 % off for prose in most scripts,
// code, JSON and numbers (tests/unit/estimate.test.ts); tokenizers differ from each other by more.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

/** Weights are hundredths of a token. */
const UNIT: i64 = 100;
/** Bytes of a response's text that are weighed; the rest is taken to be like them. */
const MAX_WEIGHED_BYTES: i64 = 64 << 10;
/** A longer prompt is weighed in so many samples of so many bytes. */
const SAMPLES: i32 = 64;
const SAMPLE_BYTES: i32 = 64;

/** What a byte of UTF-8 adds; a character counts by its first byte. */
// @ts-ignore: decorator
@inline
function weightOf(byte: i32): i32 {
  if (<u32>((byte | 0x20) - Ascii.LowerA) < 26) return 21;
  if (byte <= Ascii.Space) return 17;
  if (<u32>(byte - Ascii.Digit0) < 10) return 55;
  if (byte < 0x80) return 60;
  // Inside a character; two bytes: Cyrillic, Arabic …; three: CJK …; four: emoji.
  return byte < 0xc0 ? 0 : byte < 0xe0 ? 29 : byte < 0xf0 ? 77 : 200;
}

/** weightOf() of every byte. */
const weights: StaticArray<u8> = new StaticArray<u8>(256);
for (let byte = 0; byte < 256; byte++) weights[byte] = <u8>weightOf(byte);

/** Of bytes `[start, end)`, which must be inside. */
function weigh(text: View, start: i32, end: i32): i64 {
  let sum = 0;
  for (let k = start; k < end; k++) sum += unchecked(weights[text.byteAt(k) & 0xff]);
  return <i64>sum;
}

/** The text of one response as it passes. */
@final
export class TextTally {
  private bytes: i64 = 0;
  private weighed: i64 = 0;
  private weight: i64 = 0;
  /** Text came through the OpenAI form on its way to the client's own form: there it must not be counted again. */
  private isMiddle: bool = false;

  clear(): void {
    this.bytes = 0;
    this.weighed = 0;
    this.weight = 0;
    this.isMiddle = false;
  }

  /** Adds bytes `[start, end)`; O(n) for the first 64 KiB, O(1) after. */
  add(text: View, start: i32, end: i32): void {
    if (end > text.length) end = text.length;
    if (start >= end) return;
    this.bytes += end - start;
    if (this.weighed >= MAX_WEIGHED_BYTES) return;
    this.weighed += end - start;
    this.weight += weigh(text, start, end);
  }

  /** Tokens that the text is estimated to have. */
  get tokens(): i64 {
    if (this.weighed == 0) return 0;
    const tokens = (this.weight * this.bytes) / this.weighed / UNIT;
    return tokens > 0 ? tokens : 1;
  }

  /** Adds a piece in OpenAI's form, which a translator may turn into the client's own. */
  addMiddle(text: View): void {
    this.isMiddle = true;
    this.add(text, 0, text.length);
  }

  /** Adds a piece in the client's own form; nothing when it has been counted in OpenAI's form before. */
  addOuter(text: View): void {
    if (!this.isMiddle) this.add(text, 0, text.length);
  }
}

/**
 * Tokens of a part of a request, JSON as it is, from samples of 4 KiB in all. A sample without blanks, quotes and commas is
 * a picture or a sound, which is not counted by its bytes.
 */
export function estimatePrompt(body: View, start: i32, end: i32): i64 {
  if (start < 0) start = 0;
  if (end > body.length) end = body.length;
  const size = end - start;
  if (size <= 0) return 0;
  if (size <= SAMPLES * SAMPLE_BYTES) return weigh(body, start, end) / UNIT;
  let sum: i64 = 0;
  let before: i64 = 0;
  let beforeEnd = start;
  for (let k = 0; k < SAMPLES; k++) {
    const from = start + <i32>((<i64>(size - SAMPLE_BYTES) * <i64>k) / <i64>(SAMPLES - 1));
    const weight = isText(body, from) ? weigh(body, from, from + SAMPLE_BYTES) : 0;
    // What lies between two samples of text is like them; where a picture begins or ends, text is the smaller part.
    if (before > 0 && weight > 0) sum += ((before + weight) * <i64>(from - beforeEnd)) / <i64>(2 * SAMPLE_BYTES);
    sum += weight;
    before = weight;
    beforeEnd = from + SAMPLE_BYTES;
  }
  return sum / UNIT;
}

function isText(body: View, start: i32): bool {
  for (let k = start; k < start + SAMPLE_BYTES; k++) {
    const byte = body.byteAt(k);
    if (byte <= Ascii.Asterisk || byte == Ascii.Comma || byte >= 0x80) return true;
  }
  return false;
}
