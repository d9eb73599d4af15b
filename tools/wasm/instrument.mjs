// Adds counters to a compiled module so that a fuzzer sees which branches an input takes, and fuel so that an endless loop
// becomes a trap (endless recursion is one by itself). It rewrites the code section instruction by instruction: what it adds leaves the stack as it was.
import { functionNames } from "../pack/names.mjs";
import { Reader, leb, sectionsOf, signedLeb, sized } from "./binary.mjs";

const CODE = 10;
const GLOBALS = 6;
const EXPORTS = 7;
const IMPORTS = 2;

const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const BR_IF = 0x0d;

/** `counters[address]++`, a byte that wraps. */
function count(address) {
  const at = [0x41, ...signedLeb(address)];
  return [...at, ...at, 0x2d, 0, 0, 0x41, 1, 0x6a, 0x3a, 0, 0];
}

/** Takes one from the fuel and traps when it has run out. */
function burn(fuel) {
  const index = leb(fuel);
  return [0x23, ...index, 0x41, 1, 0x6b, 0x24, ...index, 0x23, ...index, 0x41, 0, 0x48, IF, 0x40, 0x00, END];
}

function passNumbers(reader, count) {
  for (let left = count; left > 0; left--) reader.number();
}

/** Passes over the immediates of `opcode`. */
function skipImmediates(reader, opcode) {
  if (opcode >= BLOCK && opcode <= IF) reader.number();
  else if (opcode === 0x0c || opcode === BR_IF || opcode === 0x10 || (opcode >= 0x20 && opcode <= 0x26)) reader.number();
  else if (opcode === 0x0e) for (let left = reader.number() + 1; left > 0; left--) reader.number();
  else if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) passNumbers(reader, 2);
  else if (opcode === 0x1c) for (let left = reader.number(); left > 0; left--) reader.number();
  else if (opcode >= 0x3f && opcode <= 0x42) reader.number();
  else if (opcode === 0x43) reader.at += 4;
  else if (opcode === 0x44) reader.at += 8;
  else if (opcode === 0xfc) skipPrefixed(reader);
  else if (opcode > 0xc4) throw new Error(`unknown instruction 0x${opcode.toString(16)}`);
}

function skipPrefixed(reader) {
  const operation = reader.number();
  if (operation < 8) return;
  if (operation > 11) throw new Error(`unknown instruction 0xfc ${operation}`);
  reader.number();
  if (operation === 8 || operation === 10) reader.number();
}

/** One function body with fuel in its loops and, when `next` is given, a counter at each place where control can arrive. */
function rewrite(body, fuel, next) {
  const reader = new Reader(body);
  for (let groups = reader.number(); groups > 0; groups--) passNumbers(reader, 2);
  const out = [...body.subarray(0, reader.at)];
  const mark = () => next && out.push(...count(next()));
  mark();
  while (reader.at < body.length) {
    const start = reader.at;
    const opcode = reader.byte();
    skipImmediates(reader, opcode);
    for (let at = start; at < reader.at; at++) out.push(body[at]);
    if (opcode === LOOP) out.push(...burn(fuel));
    // The last end closes the function: nothing may follow it.
    if (opcode === LOOP || opcode === IF || opcode === ELSE || opcode === BR_IF || (opcode === END && reader.at < body.length)) mark();
  }
  return out;
}

/** How many functions and globals the module imports: they come first in the index spaces. */
function countImports(sections) {
  const found = { functions: 0, globals: 0 };
  const contents = sections.find(({ id }) => id === IMPORTS)?.contents;
  if (!contents) return found;
  const reader = new Reader(contents);
  for (let left = reader.number(); left > 0; left--) {
    reader.sized();
    reader.sized();
    const kind = reader.byte();
    if (kind !== 0 && kind !== 3) throw new Error("only functions and globals can be imported here");
    if (kind === 0) {
      found.functions++;
      reader.number();
    } else {
      found.globals++;
      reader.at += 2;
    }
  }
  return found;
}

/** A vector section's contents with one more item. */
function withItem(contents, item) {
  const reader = new Reader(contents);
  const size = reader.number();
  return Buffer.concat([leb(size + 1), contents.subarray(reader.at), Buffer.from(item)]);
}

/**
 * @param {Uint8Array} binary a module with a name section, globals and exports
 * @param {{ counters?: { start: number, end: number }, isCounted?: (name: string) => boolean }} options memory that the
 * program does not use, for the counters; which functions get some
 * @returns {{ binary: Buffer, counters: number }} the module, which now exports the global `fuel`, and how many counters
 * it has
 */
export function instrument(binary, { counters, isCounted = () => true } = {}) {
  const sections = sectionsOf(binary);
  const names = functionNames(binary);
  const imported = countImports(sections);
  const contentsOf = (wanted) => sections.find(({ id }) => id === wanted).contents;
  const fuel = imported.globals + new Reader(contentsOf(GLOBALS)).number();
  let address = counters?.start ?? 0;
  const next = () => {
    if (address >= counters.end) throw new Error("too many branches for the counters' memory");
    return address++;
  };
  const reader = new Reader(contentsOf(CODE));
  const size = reader.number();
  const bodies = [];
  for (let index = 0; index < size; index++) {
    const isWatched = counters && isCounted(names.get(imported.functions + index) ?? "");
    bodies.push(sized(Buffer.from(rewrite(reader.sized(), fuel, isWatched ? next : null))));
  }
  const changed = new Map([
    [CODE, Buffer.concat([leb(size), ...bodies])],
    [GLOBALS, withItem(contentsOf(GLOBALS), [0x7f, 1, 0x41, ...signedLeb(0x7fffffff), END])],
    [EXPORTS, withItem(contentsOf(EXPORTS), [4, ...Buffer.from("fuel"), 3, ...leb(fuel)])],
  ]);
  const parts = sections.map(({ id, all }) => (changed.has(id) ? Buffer.concat([Buffer.from([id]), sized(changed.get(id))]) : all));
  return { binary: Buffer.concat([binary.subarray(0, 8), ...parts]), counters: address - (counters?.start ?? 0) };
}
