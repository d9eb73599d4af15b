// Bytes and text. Header names and values are "binary strings" inside the host: one character for each byte.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export const EMPTY = new Uint8Array(0);

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes; ill-formed parts become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function toBytes(value: Uint8Array | string): Uint8Array {
  return typeof value === "string" ? encodeUtf8(value) : value;
}

export function bytesToBinary(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

export function binaryToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export function textToBinary(text: string): string {
  return bytesToBinary(encodeUtf8(text));
}

export function binaryToText(text: string): string {
  return decodeUtf8(binaryToBytes(text));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return compareBytes(one, other) === 0;
}

/** Below 0 when `one` sorts first, byte by byte. */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at++) if (one[at] !== other[at]) return one[at] - other[at];
  return one.length - other.length;
}

/** 64-bit little-endian bytes, as numbers of properties are given. */
export function int64(value: bigint | number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true);
  return out;
}

/** A body under way: bytes that are appended to and replaced from the front; appending is amortised O(n). */
export class ByteBox {
  private store: Uint8Array;
  length: number;

  constructor(bytes: Uint8Array = EMPTY) {
    this.store = bytes.slice();
    this.length = bytes.length;
  }

  /** A copy of the bytes from `start` to `end`. */
  copy(start = 0, end = this.length): Uint8Array {
    return this.store.slice(start, Math.min(end, this.length));
  }

  append(bytes: Uint8Array): void {
    const wanted = this.length + bytes.length;
    if (wanted > this.store.length) {
      const larger = new Uint8Array(Math.max(wanted, this.store.length * 2));
      larger.set(this.store.subarray(0, this.length));
      this.store = larger;
    }
    this.store.set(bytes, this.length);
    this.length = wanted;
  }

  /** Takes `count` bytes away at the front and puts `bytes` there. */
  replaceHead(count: number, bytes: Uint8Array): void {
    const rest = this.store.subarray(Math.min(count, this.length), this.length);
    this.store = concat([bytes, rest]);
    this.length = this.store.length;
  }
}
