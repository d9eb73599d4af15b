// A header map: ordered pairs, lower-case names, values as bytes; and its wire form in the ABI.
import { binaryToBytes, binaryToText, bytesToBinary, textToBinary } from "./bytes";

/** Headers as tests write them: one value, several of one name, or ordered pairs. */
export type HeadersInit = Record<string, string | string[]> | [string, string][];

/** Envoy takes no more than this from a module (PROXY_WASM_HOST_PAIRS_MAX_COUNT). */
const MAX_PAIRS = 1024;

export class HeaderMap {
  /** Names and values as binary strings. */
  pairs: [string, string][] = [];

  static from(init: HeadersInit = {}): HeaderMap {
    const map = new HeaderMap();
    if (Array.isArray(init)) for (const [name, value] of init) map.addText(name, value);
    else
      for (const [name, values] of Object.entries(init)) {
        for (const value of Array.isArray(values) ? values : [values]) map.addText(name, value);
      }
    return map;
  }

  clone(): HeaderMap {
    const map = new HeaderMap();
    map.pairs = this.pairs.map(([name, value]) => [name, value]);
    return map;
  }

  /** Adds a header whose value is text (sent as UTF-8). */
  addText(name: string, value: string): void {
    this.add(textToBinary(name), textToBinary(value));
  }

  add(name: string, value: string): void {
    this.pairs.push([name.toLowerCase(), value]);
  }

  replace(name: string, value: string): void {
    const key = name.toLowerCase();
    const at = this.pairs.findIndex(([other]) => other === key);
    if (at < 0) {
      this.pairs.push([key, value]);
      return;
    }
    this.pairs = this.pairs.filter(([other], index) => other !== key || index === at);
    this.pairs[at] = [key, value];
  }

  remove(name: string): void {
    const key = name.toLowerCase();
    this.pairs = this.pairs.filter(([other]) => other !== key);
  }

  /** The first value as a binary string. */
  raw(name: string): string | undefined {
    const key = name.toLowerCase();
    return this.pairs.find(([other]) => other === key)?.[1];
  }

  /** The first value as text. */
  get(name: string): string | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : binaryToText(value);
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  get size(): number {
    return this.pairs.length;
  }

  /** Bytes of all names and values: what Envoy answers to proxy_get_header_map_size. */
  get byteSize(): number {
    return this.pairs.reduce((size, [name, value]) => size + name.length + value.length, 0);
  }

  /** Name to value as text; values of one name are joined by ", ". */
  toObject(): Record<string, string> {
    const object: Record<string, string> = {};
    for (const [name, value] of this.toList()) object[name] = name in object ? `${object[name]}, ${value}` : value;
    return object;
  }

  toList(): [string, string][] {
    return this.pairs.map(([name, value]) => [binaryToText(name), binaryToText(value)]);
  }
}

/** Why Envoy could not put this header on the wire, or "". */
export function headerFault(name: string, value: string): string {
  if (!/^:?[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return `header name ${JSON.stringify(name)} is not a token`;
  if (/[\0\r\n]/.test(value)) return `value of header ${name} has a line break or NUL: ${JSON.stringify(value.slice(0, 80))}`;
  return "";
}

/** u32 count, then (u32 name size, u32 value size) for each, then name NUL value NUL; little endian. Empty for no pairs. */
export function marshalPairs(pairs: readonly [string, string][]): Uint8Array {
  if (pairs.length === 0) return new Uint8Array(0);
  const size = pairs.reduce((sum, [name, value]) => sum + 10 + name.length + value.length, 4);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  view.setUint32(0, pairs.length, true);
  let at = 4;
  for (const [name, value] of pairs) {
    view.setUint32(at, name.length, true);
    view.setUint32(at + 4, value.length, true);
    at += 8;
  }
  for (const [name, value] of pairs) {
    for (const text of [name, value]) {
      out.set(binaryToBytes(text), at);
      at += text.length + 1;
    }
  }
  return out;
}

/** The pairs of a block, or null when it is not well formed (Envoy then takes it for no pairs at all). */
export function unmarshalPairs(block: Uint8Array): [string, string][] | null {
  if (block.length === 0) return [];
  if (block.length < 4) return null;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const count = view.getUint32(0, true);
  let at = 4 + count * 8;
  if (count > MAX_PAIRS || at > block.length) return null;
  const pairs: [string, string][] = [];
  for (let index = 0; index < count; index++) {
    const texts: string[] = [];
    for (const sizeAt of [4 + index * 8, 8 + index * 8]) {
      const end = at + view.getUint32(sizeAt, true);
      if (end + 1 > block.length || block[end] !== 0) return null;
      texts.push(bytesToBinary(block.subarray(at, end)));
      at = end + 1;
    }
    pairs.push([texts[0], texts[1]]);
  }
  return at === block.length ? pairs : null;
}
