import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { MODEL_BYTES, compress } from "../../tools/pack/lz.mjs";
import { packModule } from "../../tools/pack/module.mjs";
import { functionNames, shortest } from "../../tools/pack/names.mjs";
import { clearUnreachable } from "../../tools/pack/reachable.mjs";
import { toRecords } from "../../tools/pack/records.mjs";
import { loadUnits, type Units } from "./units";

let units: Units;
let binary: Uint8Array;
beforeAll(() => {
  units = loadUnits("pack");
  binary = readFileSync("build/units/pack.wasm");
}, 60_000);

const GUARD = 64;
const roundUp = (value: number) => (value + 3) & ~3;

/** Unpacks as a packed module does, between two guards; returns the guards, the image and what is left above it. */
function unpack(size: number, records: number, packed: Uint8Array) {
  const image = GUARD;
  const packedStart = roundUp(image + size + records) + MODEL_BYTES;
  const memory = new Uint8Array(packedStart + packed.length + GUARD);
  memory.set(packed, packedStart);
  memory.fill(0xee, 0, GUARD).fill(0xee, packedStart + packed.length);
  const base = units.put(memory);
  const recordsStart = base + image + size;
  units.exports.unpack(
    base + image,
    recordsStart,
    recordsStart,
    recordsStart + records,
    base + packedStart,
    base + packedStart + packed.length,
  );
  const after = units.get(base);
  units.exports.__unpin(base);
  return {
    image: after.subarray(image, image + size),
    rest: after.subarray(image + size, packedStart + packed.length),
    guards: [...after.subarray(0, GUARD), ...after.subarray(packedStart + packed.length)],
  };
}

function expectRoundTrip(image: Uint8Array) {
  const records = toRecords(image);
  const packed = compress(records);
  const { image: unpacked, rest, guards } = unpack(image.length, records.length, packed);
  expect(Buffer.from(unpacked).equals(Buffer.from(image))).toBe(true);
  expect(rest.every((byte) => byte === 0)).toBe(true);
  expect(guards.every((byte) => byte === 0xee)).toBe(true);
  return { records, packed };
}

/** A string object as asc lays it out. */
function stringObject(text: string): Uint8Array {
  const bytes = new Uint8Array((20 + 2 * text.length + 15) & ~15);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4, true);
  view.setUint32(12, 2, true);
  view.setUint32(16, 2 * text.length, true);
  for (let k = 0; k < text.length; k++) view.setUint16(20 + 2 * k, text.charCodeAt(k), true);
  return bytes;
}

const wordsOf = (words: number[]) => new Uint8Array(Uint32Array.from(words).buffer);
const objects = fc.string({ unit: "grapheme", maxLength: 40 }).map(stringObject);
const raw = fc.array(fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffffffff })), { maxLength: 300 }).map(wordsOf);
const runs = fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3000 })).map(([value, count]) => wordsOf(Array(count).fill(value)));
const images = fc
  .array(fc.oneof(objects, raw, runs), { maxLength: 12 })
  .chain((parts) => fc.shuffledSubarray([...parts, ...parts]))
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

describe("packed data", () => {
  it("gives back random images with strings, words, runs and repetitions, and leaves nothing else behind", () => {
    fc.assert(
      fc.property(images, (image) => void expectRoundTrip(image)),
      { numRuns: 60, seed: 6 },
    );
  }, 60_000);

  it("packs an empty image", () => {
    expect(expectRoundTrip(new Uint8Array(0)).packed.length).toBeLessThan(5);
  });

  it("packs runs longer than any copy, whose copies overlap what they write", () => {
    expect(expectRoundTrip(wordsOf(Array(20_000).fill(0x01020304))).packed.length).toBeLessThan(120);
  });

  it("grows incompressible bytes by less than four percent", () => {
    let state = 1;
    const noise = wordsOf(Array.from({ length: 5_000 }, () => (state = Math.imul(state, 1664525) + 1013904223) ^ (state << 13)));
    expect(expectRoundTrip(noise).packed.length).toBeLessThan(noise.length * 1.04);
  });

  it("writes Latin-1 strings as their characters and others as words", () => {
    const text = (image: Uint8Array) => Buffer.from(toRecords(image)).toString("latin1");
    expect(text(stringObject("data: é"))).toBe("data: é\0");
    expect(text(stringObject(""))).toBe("\0");
    for (const odd of ["智", "\u0001a", "a\0b"]) expect(toRecords(stringObject(odd))[0], odd).toBe(1);
    const damaged = stringObject("data");
    damaged[damaged.length - 1] = 9;
    expect(toRecords(damaged)[0]).toBe(1);
  });

  it("never writes outside its memory, whatever the packed bytes are", () => {
    const image = Buffer.concat([stringObject("first"), wordsOf([1, 2, 3]), stringObject("second, first"), stringObject("third")]);
    const records = toRecords(image);
    const packed = compress(records);
    for (let at = 0; at < packed.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const damaged = packed.slice();
        damaged[at] ^= flip;
        expect(
          unpack(image.length, records.length, damaged).guards.every((byte) => byte === 0xee),
          `${at} ^ ${flip}`,
        ).toBe(true);
      }
    }
  });
});

interface Exports {
  memory: WebAssembly.Memory;
  word(index: number): number;
  wordCount(): number;
  numberAt(index: number): number;
}
const instantiate = (bytes: Uint8Array) =>
  new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(bytes)), { env: { proxy_log: () => 0 } }).exports as unknown as Exports;
const memoryOf = (exports: Exports) => Buffer.from(exports.memory.buffer);

describe("a packed module", () => {
  let packed: Uint8Array;
  let symbols: string;
  beforeAll(() => {
    ({ module: packed, symbols } = packModule(binary));
  }, 60_000);

  it("has the memory of the unpacked one after its start", () => {
    expect(memoryOf(instantiate(packed)).equals(memoryOf(instantiate(binary)))).toBe(true);
  });

  it("does what the unpacked one does", () => {
    const results = [instantiate(binary), instantiate(packed)].map((exports) => {
      const numbers = Array.from({ length: 12 }, (_, index) => exports.numberAt(index));
      const words = Array.from({ length: exports.wordCount() + 1 }, (_, index) => {
        const at = exports.word(index - 1);
        const size = new DataView(exports.memory.buffer).getUint32(at - 4, true);
        return Buffer.from(exports.memory.buffer, at, size).toString();
      });
      return { numbers, words };
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[1].words[0]).toBe("chat.completion.started");
  });

  it("exports all but the decoder", () => {
    const names = (bytes: Uint8Array) => WebAssembly.Module.exports(new WebAssembly.Module(Buffer.from(bytes))).map(({ name }) => name);
    expect(names(packed)).toEqual(names(binary).filter((name) => name !== "unpack"));
  });

  it("is the same whenever it is packed", () => {
    expect(Buffer.from(packModule(binary).module).equals(Buffer.from(packed))).toBe(true);
  });

  it("is smaller, and keeps the names of what it exports", () => {
    expect(packed.length).toBeLessThan(binary.length);
    expect([...functionNames(packed).values()].sort()).toEqual(
      WebAssembly.Module.exports(new WebAssembly.Module(Buffer.from(packed)))
        .filter(({ kind }) => kind === "function")
        .map(({ name }) => name)
        .sort(),
    );
  });

  it("has a list of all its functions beside it: number, place and name, each name once", () => {
    const [head, ...lines] = symbols.trimEnd().split("\n");
    expect(head).toBe(`sha256:${createHash("sha256").update(packed).digest("hex")}`);
    const rows = lines.map((line) => line.split(" "));
    const names = rows.map(([, , ...name]) => name.join(" "));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("pack/word");
    expect(names).toContain("numberAt");
    expect(names.at(-1)).toBe("end");
    const places = rows.map(([, place]) => Number.parseInt(place, 16));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(8);
    expect(places.at(-1)).toBeLessThanOrEqual(packed.length);
  });

  it("cannot be packed again", () => {
    expect(() => packModule(packed)).toThrow("is it packed already?");
  });
});

describe("names of functions", () => {
  it("are the shortest end of the path that no other function has", () => {
    const names = [
      "assembly/dialect/to-gemini/stream/StreamWriter#candidate",
      "assembly/dialect/to-dashscope/stream/StreamWriter#candidate",
      "~lib/rt/tlsf/insertBlock",
    ];
    expect(shortest(names)).toEqual([
      "to-gemini/stream/StreamWriter#candidate",
      "to-dashscope/stream/StreamWriter#candidate",
      "insertBlock",
    ]);
  });

  it("lose the paths of type arguments", () => {
    expect(shortest(["~lib/array/Array<assembly/bytes/view/View>#push", "~lib/map/Map<u32,assembly/plugin/Plugin>#get"])).toEqual([
      "Array<View>#push",
      "Map<u32,Plugin>#get",
    ]);
  });

  it("say in short what the compiler made", () => {
    const made = ["a/View#constructor", "a/View#get:length", "a/Record#get:usage@override", "a/Buffer#clear@varargs"];
    expect(shortest(made)).toEqual(["View#new", "View#length", "Record#usage@any", "Buffer#clear@args"]);
  });

  it("take their file along when they are short, and stay whole when they end another path", () => {
    expect(shortest(["assembly/provider/catalog/row", "start", "a/start"])).toEqual(["catalog/row", "start", "a/start"]);
  });
});

describe("static objects that nothing refers to", () => {
  /** A module with these static objects, whose code loads `address`. */
  function moduleWith(objects: Uint8Array[], address: number) {
    const module = binaryen.parseText(`(module (memory 1) (func (export "f") (result i32) (i32.const ${address})))`);
    const bytes = Buffer.concat(objects);
    return { image: { start: 1036, bytes: new Uint8Array(bytes) }, binary: module.emitBinary() };
  }
  const objectAt = (objects: Uint8Array[], index: number) => 1036 + objects.slice(0, index).reduce((sum, one) => sum + one.length, 0) + 20;
  const arrayOf = (...addresses: number[]) => {
    const bytes = new Uint8Array((20 + 4 * addresses.length + 15) & ~15);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length - 4, true);
    view.setUint32(12, 7, true);
    view.setUint32(16, 4 * addresses.length, true);
    addresses.forEach((address, k) => view.setUint32(20 + 4 * k, address, true));
    return bytes;
  };

  it("are filled with zeros, and what code or an object in use refers to stays", () => {
    const texts = ["first", "second", "third"].map(stringObject);
    const first = objectAt(texts, 0);
    const objects = [...texts, arrayOf(first), arrayOf(first, objectAt(texts, 1))];
    const { image, binary } = moduleWith(objects, objectAt(objects, 3));
    const before = image.bytes.slice();
    const mayHold = clearUnreachable(image, binary);
    expect([0, 1, 2, 3, 4].map((index) => mayHold(objectAt(objects, index)))).toEqual([false, false, false, true, false]);
    const pieces = objects.map((_, index) => [objectAt(objects, index) - 1056, objectAt(objects, index) - 1056 + objects[index].length]);
    pieces.forEach(([start, end], index) => {
      const now = image.bytes.subarray(start, end);
      if (index === 0 || index === 3) expect([...now]).toEqual([...before.subarray(start, end)]);
      else expect(now.every((byte) => byte === 0)).toBe(true);
    });
  });

  it("stay when a field of them is read, and not for numbers that happen to be theirs", () => {
    const texts = ["first", "second"].map(stringObject);
    const objects = [...texts, arrayOf(objectAt(texts, 0))];
    const array = objectAt(objects, 2);
    const isKept = (body: string) => {
      const module = binaryen.parseText(`(module (memory 1) (func (export "f") (param i32) (result i32) ${body}))`);
      const image = { start: 1036, bytes: new Uint8Array(Buffer.concat(objects)) };
      return clearUnreachable(image, module.emitBinary())(array);
    };
    expect(isKept(`(i32.load offset=${array} (local.get 0))`)).toBe(true);
    expect(isKept(`(i32.load offset=16 (i32.const ${array - 20}))`)).toBe(true);
    expect(isKept(`(i32.const ${array - 16})`)).toBe(false);
    expect(isKept(`(i32.ge_u (local.get 0) (i32.const ${array}))`)).toBe(false);
    expect(isKept(`(i32.eq (local.get 0) (i32.const ${array}))`)).toBe(true);
  });
});
