// Which sources a compiled module was made of, by content: a module that was made of other sources than those of today is stale,
// and no test may run on it.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { ROOT } from "./envoy-path.mjs";

const IMPORT = /^(?:import|export)\b[^;]*?\bfrom\s+"(\.[^"]+)"/gms;

/** What shapes every compiled module beside its sources. */
const TOOLCHAIN = ["asconfig.json", "tools/memory-growth.mjs", "node_modules/assemblyscript/package.json"];
/** What shapes a module that is packed. */
const PACKING = ["tools/pack.mjs", "tools/wasm/binary.mjs", "node_modules/binaryen/package.json"];

function filesBelow(folder, ending) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/**
 * SHA-256 of names and contents of files, in hexadecimal digits.
 * @param {string[]} files paths relative to the repository
 */
export function digestOf(files) {
  const hash = createHash("sha256");
  for (const file of [...new Set(files)].sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update("\0");
  return hash.digest("hex");
}

/** The digest of all that the plugin is made of. */
export function pluginSources() {
  return digestOf([...filesBelow("assembly", ".ts"), ...filesBelow("tools/pack", ".mjs"), ...PACKING, ...TOOLCHAIN]);
}

/**
 * The digest of an AssemblyScript entry and everything that it imports.
 * @param {string} entry path relative to the repository
 */
export function entrySources(entry) {
  const found = new Set();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    for (const [, target] of readFileSync(join(ROOT, file), "utf8").matchAll(IMPORT)) {
      const path = resolve(ROOT, dirname(file), target);
      const source = [`${path}.ts`, join(path, "index.ts")].find((name) => existsSync(name));
      if (source) queue.push(relative(ROOT, source));
    }
  }
  return digestOf([...found, "assembly/host/abort.ts", ...TOOLCHAIN]);
}

const digestOfFile = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
const stampOf = (file) => `${file}.sources`;

/**
 * Notes beside a module which sources it was made of.
 * @param {string} file
 * @param {string} sources
 */
export function writeStamp(file, sources) {
  writeFileSync(stampOf(file), `${sources} ${digestOfFile(file)}\n`);
}

/**
 * True when the module was made of these sources and has not been changed since.
 * @param {string} file
 * @param {string} sources
 */
export function isMadeOf(file, sources) {
  if (!existsSync(file) || !existsSync(stampOf(file))) return false;
  return readFileSync(stampOf(file), "utf8") === `${sources} ${digestOfFile(file)}\n`;
}
