// Compiles the plugin: `node tools/build.mjs [release|debug|core]`. A debug build takes four seconds, has all names and is not optimised; it
// runs wherever the release does. Nothing is compiled when the module there is of these sources already; --force does it anyway.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./envoy-path.mjs";
import { isMadeOf, pluginSources, writeStamp } from "./sources.mjs";

const SOURCES = ["assembly/index.ts", "assembly/host/unpack.ts"];

/** The builds: file, target of asconfig.json, further flags, and how long it takes on two cores. */
export const BUILDS = {
  release: { file: join(ROOT, "build/plugin.wasm"), target: "release", flags: [], isPacked: true, seconds: 30 },
  core: { file: join(ROOT, "build/plugin.core.wasm"), target: "release", flags: ["--use", "CORE_BUILD=NaN"], isPacked: true, seconds: 15 },
  debug: { file: join(ROOT, "build/plugin.debug.wasm"), target: "debug", flags: [], isPacked: false, seconds: 4 },
};

/**
 * Compiles one AssemblyScript program to `out`; the compiler's messages come back as text, "" when it had none. Throws with them
 * when it failed.
 * @param {string[]} entries
 * @param {string} target of asconfig.json
 * @param {string} out
 * @param {string[]} [flags]
 */
export function compile(entries, target, out, flags = []) {
  mkdirSync(dirname(out), { recursive: true });
  const asc = join(ROOT, "node_modules/assemblyscript/bin/asc.js");
  return runNode([asc, ...entries, "--config", "asconfig.json", "--target", target, "--outFile", out, ...flags]);
}

/** Runs a script of Node and returns what it said; throws with that when it failed. */
function runNode(args) {
  const run = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });
  const messages = `${run.stdout ?? ""}${run.stderr ?? ""}`.trim();
  if (run.status !== 0) throw new Error(messages || `${args[0]} ended with ${run.status ?? run.signal}`);
  return messages;
}

const symbolsOf = (module) => `${module}.symbols`;

/**
 * Builds one of BUILDS and returns its path. Throws with the compiler's messages. The module is renamed into place, so whoever
 * reads it meanwhile finds a whole one.
 * @param {keyof typeof BUILDS} name
 * @param {{ say?: (line: string) => void, force?: boolean }} [options]
 */
export function build(name, { say = () => {}, force = false } = {}) {
  const { file, target, flags, isPacked, seconds } = BUILDS[name];
  const sources = pluginSources();
  if (!force && isMadeOf(file, sources) && (!isPacked || existsSync(symbolsOf(file)))) {
    say(`${basename(file)} is up to date`);
    return file;
  }
  const begun = Date.now();
  say(`compiling ${basename(file)}, about ${seconds} s …`);
  const part = file.replace(/\.wasm$/, `.${process.pid}.part.wasm`);
  const messages = compile(SOURCES, target, part, flags);
  if (messages) say(messages);
  const compiled = statSync(part).size;
  if (isPacked) {
    say("packing …");
    runNode(["tools/pack.mjs", part]);
  }
  const size = isPacked ? `${compiled} bytes, packed ${statSync(part).size}` : `${compiled} bytes`;
  renameSync(part, file);
  if (isPacked) renameSync(symbolsOf(part), symbolsOf(file));
  writeStamp(file, sources);
  say(`${basename(file)}: ${size}, ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  return file;
}

function main() {
  const [name = "release"] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  if (!(name in BUILDS)) {
    console.error(`usage: build.mjs [${Object.keys(BUILDS).join("|")}] [--force]`);
    process.exit(2);
  }
  try {
    build(/** @type {keyof typeof BUILDS} */ (name), { say: (line) => console.log(line), force: process.argv.includes("--force") });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
