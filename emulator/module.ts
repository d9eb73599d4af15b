// The plugin under test. Never one of other sources than those that are there: build/plugin.wasm when it was made of them, else
// build/plugin.debug.wasm, which takes four seconds to make. PLUGIN_WASM names another file, on its own responsibility.
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { BUILDS, build } from "../tools/build.mjs";
import { isMadeOf, pluginSources } from "../tools/sources.mjs";
import { Host, type HostOptions } from "./host";

const LOCK_MS = 60_000;
const POLL_MS = 50;

/** Runs `action` while no other process of the tests does. */
function alone<T>(action: () => T): T {
  const lock = join(dirname(BUILDS.debug.file), "plugin.lock");
  mkdirSync(dirname(lock), { recursive: true });
  for (const end = Date.now() + LOCK_MS; ;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      // Whoever had it was ended before it could give it back.
      if (Date.now() > end) break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
  }
  try {
    return action();
  } finally {
    rmdirSync(lock);
  }
}

function freshPlugin(): string {
  if (process.env.PLUGIN_WASM) return process.env.PLUGIN_WASM;
  const sources = pluginSources();
  for (const { file } of [BUILDS.release, BUILDS.debug]) if (isMadeOf(file, sources)) return file;
  return alone(() => build("debug"));
}

export const PLUGIN_PATH = freshPlugin();

/**
 * A release build of the sources that are there, for tests that measure it or look inside. Throws when there is none.
 */
export function releasePath(name: "release" | "core" = "release"): string {
  const { file } = BUILDS[name];
  if (isMadeOf(file, pluginSources())) return file;
  throw new Error(`${file} is not made of the sources as they are now: npm run build${name === "core" ? ":core" : ""}`);
}

let compiled: WebAssembly.Module | undefined;

export function pluginModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(PLUGIN_PATH));
  return compiled;
}

/** A host with the plugin in it. */
export function loadPlugin(options: HostOptions = {}): Promise<Host> {
  return Host.load(pluginModule(), options);
}
