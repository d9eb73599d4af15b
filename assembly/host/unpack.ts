// Writes the static data of the packed module into memory, before anything else of it runs: tools/pack/ stores the data
// compressed and calls this first. Uses no object, string or allocator, because those are what it unpacks.
//
// The format and its encoder are in tools/pack/lz.mjs (a byte stream) and tools/pack/records.mjs (what the stream says);
// MODEL_COUNT and the offsets below must agree with them. All bounds are arguments: the tool passes constants.

/** Offsets of the groups of models, in models of four bytes: see tools/pack/lz.mjs. */
const MATCH: u32 = 0;
const REPEAT: u32 = 2;
const LENGTH: u32 = 4;
const DISTANCE: u32 = 132;
const LITERAL: u32 = 388;
const MODEL_COUNT: u32 = 2436;

const STRING_ID: u32 = 2;
const HEADER: usize = 20;

let source: usize = 0;
let sourceEnd: usize = 0;
let models: usize = 0;
let range: u32 = 0;
let code: u32 = 0;

/** Shifts the next source byte into the code; zeros follow the last one. */
function pull(): void {
  code <<= 8;
  if (source < sourceEnd) code |= <u32>load<u8>(source++);
}

/** Decodes a bit with the model at `index` and teaches the model. A model is a probability of 1 (u16) and a count (u16). */
function bit(index: u32): u32 {
  const model = models + (index << 2);
  const probability = <i32>load<u16>(model);
  const count = <i32>load<u16>(model, 2);
  const bound = (range >>> 16) * probability;
  const isOne = code < bound;
  if (isOne) {
    range = bound;
  } else {
    code -= bound;
    range -= bound;
  }
  store<u16>(model, probability + ((isOne ? 0x10000 : 0) - probability) / (count + 2));
  if (count < 60) store<u16>(model, count + 1, 2);
  for (; range < 1 << 24; range <<= 8) pull();
  return u32(isOne);
}

/** Decodes a number from 1 up: for each bit from the lowest, whether it exists, then its value. */
function number(index: u32): u32 {
  let value: u32 = 0;
  let place: u32 = 0;
  for (; place < 31 && bit(index + 2 * place); place++) value |= bit(index + 2 * place + 1) << place;
  return value | (1 << place);
}

/** Decodes bytes from the source into `[start, end)`. */
function decode(start: usize, end: usize): void {
  let to = start;
  let distance: usize = 1;
  let afterMatch: u32 = 0;
  while (to < end) {
    if (bit(MATCH + afterMatch)) {
      const repeats = bit(REPEAT + afterMatch);
      const length = <usize>number(LENGTH + (repeats << 6));
      if (!repeats) distance = <usize>number(DISTANCE + (min<u32>(<u32>length - 1, 3) << 6));
      // Both hold for every stream of the encoder; a damaged one must not reach other memory.
      if (distance > to - start || length > end - to) return;
      for (const until = to + length; to < until; to++) store<u8>(to, load<u8>(to - distance));
      afterMatch = 1;
    } else {
      const tree = LITERAL + (to > start ? ((<u32>load<u8>(to - 1)) >> 5) << 8 : 0);
      let byte: u32 = 1;
      while (byte < 256) byte = (byte << 1) | bit(tree + byte);
      store<u8>(to++, <u8>byte);
      afterMatch = 0;
    }
  }
}

/** Writes the records in `[from, end)` to `[to, limit)`, which is zero. */
function expand(from: usize, end: usize, to: usize, limit: usize): void {
  while (from < end) {
    if (load<u8>(from) == 1) {
      // Words as they are: 1, how many, the words.
      const size = (<usize>load<u8>(from, 1)) << 2;
      from += 2;
      if (size > end - from || size > limit - to) return;
      memory.copy(to, from, size);
      from += size;
      to += size;
    } else {
      // A string object: its characters and a zero; header and padding follow from the length.
      let size: usize = 0;
      while (from + size < end && load<u8>(from + size)) size++;
      const block: usize = (size * 2 + HEADER + 15) & ~15;
      if (block > limit - to) return;
      store<u32>(to, <u32>block - 4);
      store<u32>(to, STRING_ID, 12);
      store<u32>(to, <u32>size * 2, 16);
      for (let k: usize = 0; k < size; k++) store<u8>(to + HEADER + k * 2, load<u8>(from + k));
      from += size + 1;
      to += block;
    }
  }
}

/**
 * Decodes the packed bytes `[packed, packedEnd)` into records at `[records, recordsEnd)` and those into the image
 * `[image, imageEnd)`. The models lie between `recordsEnd` and `packed`. Afterwards everything from `imageEnd` to
 * `packedEnd` is zero again, as the allocator finds it in a module that was not packed.
 */
export function unpack(image: usize, imageEnd: usize, records: usize, recordsEnd: usize, packed: usize, packedEnd: usize): void {
  models = packed - (MODEL_COUNT << 2);
  for (let k: u32 = 0; k < MODEL_COUNT; k++) store<u32>(models + (k << 2), 0x8000);
  source = packed;
  sourceEnd = packedEnd;
  range = -1;
  for (let k = 0; k < 4; k++) pull();
  decode(records, recordsEnd);
  expand(records, recordsEnd, image, imageEnd);
  memory.fill(imageEnd, 0, packedEnd - imageEnd);
}

/** Room for what tools/pack/visits.mjs writes: eight bytes for each class, four for each static object that may hold others. */
const VISITS_BYTES: i32 = 8192;

/** Where that room begins. The pack step takes the answer and removes this function. */
export function visits(): usize {
  return memory.data(VISITS_BYTES, 8);
}
