// Compiles the plugin: `node tools/build.mjs [release|debug|core]`, or `--with anthropic,gemini,…` for core and these parts alone (PARTS).
// A debug build takes four seconds, has all names and is not optimised; it
// runs wherever the release does. Nothing is compiled when the module there is of these sources already; --force does it anyway.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
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
 * What a build may leave out (`--with` names what it has), each in both directions: anthropic is Messages clients and the dialect of
 * Claude's providers, gemini is Gemini clients and Google AI, responses is Responses clients and the Responses API as an upstream. The
 * others are dialects of providers. assembly/pipeline/translators.ts reads the flags.
 */
export const PARTS = "anthropic gemini responses bedrock vertex dashscope cohere dify spark minimax hunyuan deepl triton".split(" ");

/**
 * The build with these parts on top of core, packed unless `target` is debug.
 * @param {string[]} parts of PARTS; others throw
 * @param {"release" | "debug"} [target]
 */
export function selected(parts, target = "release") {
  const unknown = parts.filter((part) => !PARTS.includes(part));
  if (unknown.length > 0) throw new Error(`--with does not know ${unknown.join(", ")}; it takes a list of ${PARTS.join(",")}`);
  const flags = PARTS.filter((part) => !parts.includes(part)).flatMap((part) => ["--use", `WITHOUT_${part.toUpperCase()}=NaN`]);
  const name = [...new Set(parts)].sort().join("-") || "none";
  const file = join(ROOT, `build/plugin.with-${name}${target === "debug" ? ".debug" : ""}.wasm`);
  return { file, target, flags, isPacked: target === "release", seconds: target === "debug" ? 4 : 25 };
}

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
  const transform = "./tools/memory-growth.mjs";
  return runNode([asc, ...entries, "--config", "asconfig.json", "--target", target, "--transform", transform, "--outFile", out, ...flags]);
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
 * Builds one of BUILDS, or what selected() describes, and returns its path. Throws with the compiler's messages. The module is renamed
 * into place, so whoever reads it meanwhile finds a whole one.
 * @param {keyof typeof BUILDS | ReturnType<typeof selected>} name
 * @param {{ say?: (line: string) => void, force?: boolean }} [options]
 */
export function build(name, { say = () => {}, force = false } = {}) {
  const { file, target, flags, isPacked, seconds } = typeof name === "string" ? BUILDS[name] : name;
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

/** Options of the command line; a mistake ends the process. */
function readArguments() {
  const options = { with: { type: "string" }, force: { type: "boolean" }, cli: { type: "boolean" } };
  try {
    const read = parseArgs({ options, allowPositionals: true });
    if (read.positionals.every((name) => name in BUILDS)) return read;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  console.error(`usage: build.mjs [${Object.keys(BUILDS).join("|")}] [--with ${PARTS.slice(0, 3).join(",")},…] [--force] [--cli]`);
  process.exit(2);
}

function main() {
  const { values, positionals } = readArguments();
  const [name = "release"] = positionals;
  try {
    const chosen = values.with === undefined ? name : selected(values.with.split(",").filter(Boolean));
    build(/** @type {keyof typeof BUILDS} */ (chosen), { say: (line) => console.log(line), force: values.force });
    if (values.cli) execFileSync("npm", ["run", "--silent", "build:cli"], { cwd: ROOT, stdio: "inherit" });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
