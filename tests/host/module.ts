// The plugin under test, compiled once for each test file: build/plugin.wasm, or the file that PLUGIN_WASM names.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Host, type HostOptions } from "./host";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

export const PLUGIN_PATH = process.env.PLUGIN_WASM ?? join(ROOT, "build/plugin.wasm");

let compiled: WebAssembly.Module | undefined;

export function pluginModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(PLUGIN_PATH));
  return compiled;
}

/** A host with the plugin in it. */
export function loadPlugin(options: HostOptions = {}): Promise<Host> {
  return Host.load(pluginModule(), options);
}
