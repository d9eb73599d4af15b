// Reading files, or standard input under the name "-"; and the plugin itself.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./usage";

let isInputRead = false;

/** Throws UsageError for a file that cannot be read, and for standard input that is asked for a second time, when it is empty. */
export function readInput(path: string): Buffer {
  if (path === "-" && isInputRead) throw new UsageError('"-" is given twice; only one of the files can be standard input');
  isInputRead ||= path === "-";
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** The files of configurations below a directory, by their names; anything else is a file itself. */
export function filesIn(path: string): string[] {
  if (path === "-" || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => /\.(?:ya?ml|json)$/.test(name));
  if (names.length === 0) throw new UsageError(`${path} has no .yaml, .yml or .json file in it`);
  return names.sort().map((name) => join(path, name));
}

/** The name of an input in messages. */
export function nameOf(path: string): string {
  return path === "-" ? "(standard input)" : path;
}

/** The plugin that is shipped beside this file, or another build of it. */
export function loadModule(path: string | undefined): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(path ?? new URL("./plugin.wasm", import.meta.url)));
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) throw new UsageError(`${path ?? "the shipped plugin"} is not a WebAssembly module`);
    throw new UsageError(`cannot read the plugin (${reasonOf(error)}); \`npm run build\` makes it, --wasm names another`);
  }
}

export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Record<string, string> = { ENOENT: "no such file", EACCES: "no permission", EISDIR: "it is a directory" };
  return code === undefined ? String(error) : (words[code] ?? code);
}
