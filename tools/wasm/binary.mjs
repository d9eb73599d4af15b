// The binary format of WebAssembly modules, as far as sections and numbers go.

/** Reads LEB128 numbers and byte ranges. */
export class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned number; of a signed one only the extent is right. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** A length and that many bytes. */
  sized() {
    const size = this.number();
    return this.bytes.subarray(this.at, (this.at += size));
  }

  text() {
    return Buffer.from(this.sized()).toString();
  }
}

export function leb(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}

export function signedLeb(value) {
  const bytes = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value & 127]);
}

export const sized = (bytes) => Buffer.concat([leb(bytes.length), bytes]);

/** The sections of a binary: id, contents, and the bytes they were read from. */
export function sectionsOf(binary) {
  const reader = new Reader(binary, 8);
  const sections = [];
  while (!reader.isAtEnd) {
    const start = reader.at;
    const id = binary[reader.at++];
    const contents = reader.sized();
    sections.push({ id, contents, all: binary.subarray(start, reader.at) });
  }
  return sections;
}
