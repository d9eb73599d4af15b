// Finds the static objects that nothing in a module refers to. asc lays out the text of every constant of every imported file, also when
// all functions that use it are left out (the core build); an optimizer of code cannot know that such bytes are objects.
//
// A block of AssemblyScript: size of the block without this word (u32), two words of the collector, class id (u32), bytes of the
// object (u32), the object. Blocks follow one another, with objects at multiples of 16.

const HEADER = 20;
const STRING_ID = 2;
const GLOBAL_SECTION = 6;
const CODE_SECTION = 10;
const END = 0x0b;
const CONST = 0x41;
/** Where code may reach into an object's header, from the object: its block (of which it then reads a field), its class, its size. */
const HEADER_FIELDS = [-HEADER, -8, -4];

/** Whether a constant on the right of this i32 instruction is a number: comparisons by order, * / % & | ^, shifts. */
const takesNumber = (code) => (code >= 0x48 && code <= 0x4f) || (code >= 0x6c && code <= 0x78);

/** Reads an unsigned LEB128 number. */
function readUnsigned(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, next: at };
  }
}

/** Reads instructions, and keeps each number that may be the address of something: constants and offsets of loads. */
export class Instructions {
  /** Numbers of the functions that are called, in order. @type {number[]} */
  calls = [];

  /** @param {Uint8Array} bytes @param {Set<number>} addresses */
  constructor(bytes, addresses) {
    this.bytes = bytes;
    this.addresses = addresses;
    this.at = 0;
  }

  unsigned() {
    const { value, next } = readUnsigned(this.bytes, this.at);
    this.at = next;
    return value;
  }

  /** Passes over a signed number, which for addresses is the same as an unsigned one but for its last bit. */
  signed() {
    const begun = this.at;
    const value = this.unsigned();
    const last = this.bytes[this.at - 1];
    return last & 64 ? value - 2 ** (7 * (this.at - begun)) : value;
  }

  /** One instruction. Throws on one that asc does not write. */
  step() {
    const code = this.bytes[this.at++];
    if (code === CONST) {
      const value = this.signed();
      if (!takesNumber(this.bytes[this.at])) this.addresses.add(value);
    } else if (code === 0x42 || (code >= 0x02 && code <= 0x04) || code === 0xd0) this.signed();
    else if (code >= 0x28 && code <= 0x3e) {
      this.unsigned();
      this.addresses.add(this.unsigned());
    } else if (code === 0x43) this.at += 4;
    else if (code === 0x44) this.at += 8;
    else if (code === 0x10) this.calls.push(this.unsigned());
    else if (code === 0x0c || code === 0x0d || (code >= 0x20 && code <= 0x26) || code === 0xd2) this.unsigned();
    else if (code === 0x0e || code === 0x1c) for (let rest = this.unsigned() + (code === 0x0e ? 1 : 0); rest > 0; rest--) this.unsigned();
    else if (code === 0x11) this.at = (this.unsigned(), readUnsigned(this.bytes, this.at).next);
    else if (code === 0x3f || code === 0x40) this.at++;
    else if (code === 0xfc) this.extended();
    else if (code > 0xc4 && code !== 0xd1) throw new Error(`instruction 0x${code.toString(16)} is not known to the pack step`);
    return code;
  }

  /** Saturating conversions have no operand; the bulk instructions have one or two. */
  extended() {
    const code = this.unsigned();
    if (code > 11) throw new Error(`instruction 0xfc ${code} is not known to the pack step`);
    for (let rest = code < 8 ? 0 : code === 9 || code === 11 ? 1 : 2; rest > 0; rest--) this.unsigned();
  }
}

/** Every number in the code and in the globals that may be an address. */
function addressesIn(binary) {
  const addresses = new Set();
  const reader = new Instructions(binary, addresses);
  for (let at = 8; at < binary.length;) {
    const { value: size, next } = readUnsigned(binary, at + 1);
    reader.at = next;
    if (binary[at] === CODE_SECTION) {
      for (let count = reader.unsigned(); count > 0; count--) {
        const bodySize = reader.unsigned();
        const end = reader.at + bodySize;
        for (let groups = reader.unsigned(); groups > 0; groups--) reader.at = (reader.unsigned(), reader.at + 1);
        while (reader.at < end) reader.step();
      }
    } else if (binary[at] === GLOBAL_SECTION) {
      for (let count = reader.unsigned(); count > 0; count--) {
        reader.at += 2;
        while (reader.step() !== END);
      }
    }
    at = next + size;
  }
  return addresses;
}

/** The blocks of the image, in order: where each begins and ends, and its class. What is none stands between them. */
function blocksOf(view, start) {
  const blocks = [];
  for (let at = 0; at + HEADER <= view.byteLength;) {
    const size = view.getUint32(at, true);
    const id = view.getUint32(at + 12, true);
    const isBlock =
      size % 4 === 0 &&
      size >= HEADER - 4 &&
      at + 4 + size <= view.byteLength &&
      (start + at + HEADER) % 16 === 0 &&
      view.getUint32(at + 4, true) === 0 &&
      view.getUint32(at + 8, true) === 0 &&
      id > 0 &&
      view.getUint32(at + 16, true) <= size - (HEADER - 4);
    if (isBlock) blocks.push({ at, end: at + 4 + size, id });
    at = isBlock ? at + 4 + size : at + 4;
  }
  return blocks;
}

/**
 * Fills with zeros the static objects that neither code nor any object in use refers to. A number that is the address of one by chance
 * keeps it.
 * @param {{ start: number, bytes: Uint8Array }} image static data, and its address
 * @param {Uint8Array} binary the module
 * @returns {(address: number) => boolean} whether something refers to what lies there, and it may refer to others:
 * it is no text
 */
export function clearUnreachable({ start, bytes }, binary) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = blocksOf(view, start);
  /** @type {Int32Array} for each word of the image, the block that it belongs to, or -1 */
  const owners = new Int32Array(bytes.length >> 2).fill(-1);
  blocks.forEach(({ at, end }, index) => owners.fill(index, at >> 2, end >> 2));
  const reached = new Set();
  const waiting = [];
  const reach = (address) => {
    const owner = address >= start && address < start + bytes.length ? owners[(address - start) >> 2] : -1;
    if (owner < 0 || reached.has(owner)) return;
    reached.add(owner);
    waiting.push(owner);
  };
  for (const value of addressesIn(binary)) {
    const block = blocks[owners[(value - start) >> 2] ?? -1];
    const inObject = block ? value - start - block.at - HEADER : 0;
    if (inObject >= 0 || HEADER_FIELDS.includes(inObject)) reach(value);
  }
  owners.forEach((owner, word) => owner < 0 && reach(view.getUint32(word << 2, true)));
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const { at, end, id } = blocks[index];
    if (id === STRING_ID) continue;
    for (let word = at + HEADER; word + 4 <= end; word += 4) reach(view.getUint32(word, true));
  }
  blocks.forEach(({ at, end }, index) => {
    if (!reached.has(index)) bytes.fill(0, at, end);
  });
  return (address) => {
    const owner = owners[(address - start) >> 2] ?? -1;
    return owner < 0 || (reached.has(owner) && blocks[owner].id !== STRING_ID);
  };
}
