// The name section of a wasm binary: function names only, each cut to the shortest end of its path that no other function
// shares. Envoy prints them in the backtrace of a trap; `~lib/rt/tlsf/insertBlock` becomes `insertBlock`.
import { Reader, leb, sectionsOf, sized } from "../wasm/binary.mjs";

const CUSTOM = 0;
const FUNCTION_NAMES = 1;
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

/**
 * `binary` with the names of its functions cut short and all other names left out.
 * @param {Uint8Array} binary
 * @returns {Uint8Array}
 */
export function shortenNames(binary) {
  const names = functionNames(binary);
  const texts = shortest([...names.values()]);
  const entries = [...names.keys()].map((index, k) => Buffer.concat([leb(index), sized(Buffer.from(texts[k]))]));
  const functions = Buffer.concat([leb(entries.length), ...entries]);
  const section = Buffer.concat([sized(Buffer.from("name")), Buffer.from([FUNCTION_NAMES]), sized(functions)]);
  const others = sectionsOf(binary).filter((found) => !isNames(found));
  return Buffer.concat([binary.subarray(0, 8), ...others.map(({ all }) => all), Buffer.from([CUSTOM]), sized(section)]);
}
