// The static data of a module as records, which say less than its bytes: most of them are string objects of AssemblyScript,
// whose header, padding and upper bytes follow from the text. Read back by `expand` in assembly/host/unpack.ts.
//
//   01 n, 4n bytes     n words (1 to 255) as they are
//   text 00            a string object with these Latin-1 characters
//
// A string object: size of the block without this word (u32), two words of the collector (0), class id 2, bytes of text
// (u32), UTF-16 text, zeros up to a multiple of 16.

const HEADER = 20;
const STRING_ID = 2;
const WORDS = 1;
const MAX_WORDS = 255;

/** Bytes of a string object of `size` bytes of text. */
const blockOf = (size) => (HEADER + size + 15) & ~15;

/**
 * The length of the string object at `at` when a record can stand for it, else 0.
 * @param {DataView} image
 * @param {number} at
 */
function stringBlock(image, at) {
  if (at + HEADER > image.byteLength) return 0;
  const [block, first, second, id, size] = [0, 4, 8, 12, 16].map((offset) => image.getUint32(at + offset, true));
  const isString = first === 0 && second === 0 && id === STRING_ID && size % 2 === 0 && block + 4 === blockOf(size);
  if (!isString || at + blockOf(size) > image.byteLength) return 0;
  for (let k = 0; k < size; k += 2) {
    const unit = image.getUint16(at + HEADER + k, true);
    if (unit === 0 || unit > 255 || (k === 0 && unit === WORDS)) return 0;
  }
  for (let k = HEADER + size; k < blockOf(size); k++) if (image.getUint8(at + k) !== 0) return 0;
  return blockOf(size);
}

/**
 * The records for `image`, whose size must be a multiple of four.
 * @param {Uint8Array} image
 * @returns {Uint8Array}
 */
export function toRecords(image) {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const records = [];
  let wordsStart = 0;
  const endWords = (end) => {
    for (; wordsStart < end; wordsStart += 4 * MAX_WORDS) {
      const words = image.subarray(wordsStart, Math.min(end, wordsStart + 4 * MAX_WORDS));
      records.push(WORDS, words.length / 4, ...words);
    }
  };
  for (let at = 0; at < image.length;) {
    const block = stringBlock(view, at);
    if (block === 0) {
      at += 4;
      continue;
    }
    endWords(at);
    const size = view.getUint32(at + 16, true);
    for (let k = 0; k < size; k += 2) records.push(image[at + HEADER + k]);
    records.push(0);
    at += block;
    wordsStart = at;
  }
  endWords(image.length);
  return Uint8Array.from(records);
}
