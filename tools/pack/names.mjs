// The names of functions: only those of exports stay in the module, the others go to a file beside it (*.symbols), from which
// `ai-proxy-wasm backtrace` names what Envoy prints after a trap. Each is the shortest end of its path that no other function shares:
// `~lib/rt/tlsf/insertBlock` becomes `insertBlock`.
import { createHash } from "node:crypto";
import { Reader, leb, sectionsOf, sized } from "../wasm/binary.mjs";

const CUSTOM = 0;
const IMPORTS = 2;
const EXPORTS = 7;
const CODE = 10;
/** Kinds within their sections. */
const FUNCTION_NAMES = 1;
const FUNCTION = 0;
/** In place of a name on the line after the last function. */
const END_OF_CODE = "end";
/** A shorter end says too little on its own: `catalog/row`, not `row`. */
const MIN_LENGTH = 7;

const isNames = ({ id, contents }) => id === CUSTOM && new Reader(contents).text() === "name";

/**
 * Function index -> name, as the name section of `binary` has them; empty without one.
 * @param {Uint8Array} binary
 * @returns {Map<number, string>}
 */
export function functionNames(binary) {
  const names = new Map();
  const section = sectionsOf(binary).find(isNames);
  if (!section) return names;
  const reader = new Reader(section.contents);
  reader.text();
  while (!reader.isAtEnd) {
    const kind = reader.bytes[reader.at++];
    const entries = new Reader(reader.sized());
    if (kind !== FUNCTION_NAMES) continue;
    for (let count = entries.number(); count > 0; count--) {
      const index = entries.number();
      names.set(index, entries.text());
    }
  }
  return names;
}

/** Words of the compiler that are in many names, and what stands for them. A getter is told from a method by its class. */
const SHORT = [
  [/#constructor\b/, "#new"],
  [/@override$/, "@any"],
  [/@varargs$/, "@args"],
  [/#get:/, "#"],
];

/** `~lib/array/Array<assembly/bytes/view/View>#push` -> ["~lib", "array", "Array<View>#push"]. */
function pathOf(name) {
  const [plain, ...rest] = SHORT.reduce((text, [word, short]) => text.replace(word, short), name).split(/(?=[<(])/);
  const types = rest.map((part) => part.replace(/[~\w.-]+\//g, "")).join("");
  const parts = plain.split("/");
  return [...parts.slice(0, -1), parts[parts.length - 1] + types];
}

/**
 * The shortest unique end of each path that is long enough to be understood, in the order given; the whole path without one.
 * @param {string[]} names
 * @returns {string[]}
 */
export function shortest(names) {
  const paths = names.map(pathOf);
  const uses = new Map();
  for (const path of paths) {
    for (let k = 0; k < path.length; k++) {
      const end = path.slice(k).join("/");
      uses.set(end, (uses.get(end) ?? 0) + 1);
    }
  }
  return paths.map((path) => {
    for (let k = path.length - 1; k > 0; k--) {
      const end = path.slice(k).join("/");
      if (uses.get(end) === 1 && end.length >= MIN_LENGTH) return end;
    }
    return path.join("/");
  });
}

/** Functions that the module exports: index -> name of the export. */
function exportedFunctions(binary) {
  const exported = new Map();
  const section = sectionsOf(binary).find(({ id }) => id === EXPORTS);
  if (!section) return exported;
  const reader = new Reader(section.contents);
  for (let count = reader.number(); count > 0; count--) {
    const name = reader.text();
    const kind = reader.byte();
    const index = reader.number();
    if (kind === FUNCTION) exported.set(index, name);
  }
  return exported;
}

/**
 * `binary` with the names of exported functions and of nothing else. Some name has to be left: Envoy prints no backtrace of a module
 * that has none, and functions without a name by their number.
 * @param {Uint8Array} binary
 * @returns {Uint8Array}
 */
export function keepExportedNames(binary) {
  const entries = [...exportedFunctions(binary)].sort(([a], [b]) => a - b);
  const functions = Buffer.concat([leb(entries.length), ...entries.flatMap(([index, name]) => [leb(index), sized(Buffer.from(name))])]);
  const section = Buffer.concat([sized(Buffer.from("name")), Buffer.from([FUNCTION_NAMES]), sized(functions)]);
  const others = sectionsOf(binary).filter((found) => !isNames(found));
  return Buffer.concat([binary.subarray(0, 8), ...others.map(({ all }) => all), Buffer.from([CUSTOM]), sized(section)]);
}

/**
 * The names that are left out of a module, for `ai-proxy-wasm backtrace`: a line for each function, its number, the offset of its code
 * in the module and its name; in front the digest of the module that they belong to.
 * @param {Uint8Array} module as it is shipped
 * @param {Map<number, string>} names of all functions, whole
 * @returns {string}
 */
export function symbolsOf(module, names) {
  const texts = shortest([...names.values()]);
  const short = new Map([...names.keys()].map((index, k) => [index, texts[k]]));
  const lines = functionOffsets(module).map(([index, offset]) => `${index} ${offset.toString(16)} ${short.get(index) ?? END_OF_CODE}\n`);
  return `sha256:${createHash("sha256").update(module).digest("hex")}\n${lines.join("")}`;
}

/** Number and offset of each function that the module defines, in order; after them a line for the end of the code. */
function functionOffsets(module) {
  const reader = new Reader(module, 8);
  let index = 0;
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const size = reader.number();
    const end = reader.at + size;
    if (id === IMPORTS) index = reader.number();
    if (id === CODE) return codeOffsets(reader, index, end);
    reader.at = end;
  }
  return [];
}

function codeOffsets(reader, first, end) {
  const found = [];
  const count = reader.number();
  for (let k = 0; k < count; k++) {
    const size = reader.number();
    found.push([first + k, reader.at]);
    reader.at += size;
  }
  return [...found, [first + count, end]];
}
