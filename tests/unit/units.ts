// Loads AssemblyScript modules compiled for tests: `loadUnits("regex")` compiles tests/unit/entry/regex.ts, unless build/units/regex.wasm is
// of the same sources, and returns its exports with helpers to pass bytes in and out.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile as compileProgram } from "../../tools/build.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { entrySources, isMadeOf, writeStamp } from "../../tools/sources.mjs";

export interface Units {
  exports: Record<string, (...args: number[]) => number>;
  memory: WebAssembly.Memory;
  /** Copies bytes into a new ArrayBuffer in the module (pinned) and returns its pointer. */
  put(bytes: Uint8Array | string): number;
  /** Bytes of the ArrayBuffer at `pointer`. */
  get(pointer: number): Uint8Array;
  /** The same as UTF-8 text. */
  text(pointer: number): string;
}

const FUEL = 400_000_000;

/** The compiled entry, from build/units/ when it was made of the same sources before. */
function compile(name: string): WebAssembly.Module {
  const entry = `tests/unit/entry/${name}.ts`;
  const out = join(ROOT, "build/units", `${name}.wasm`);
  const sources = entrySources(entry);
  if (!isMadeOf(out, sources)) {
    compileProgram([entry], "test", out);
    writeStamp(out, sources);
  }
  return new WebAssembly.Module(readFileSync(out));
}

/** Where modules come from; mutation testing (tests/mutation) puts its own in. */
export const units = {
  load: (name: string): { module: WebAssembly.Module; imports: WebAssembly.ModuleImports } => ({ module: compile(name), imports: {} }),
};

/** Compiles (asc target "test") and instantiates tests/unit/entry/<name>.ts; WASI shows `variables`; `host` has further host functions. Throws on a compile error. */
export function loadUnits(name: string, variables: Record<string, string> = {}, host: WebAssembly.ModuleImports = {}): Units {
  const { module, imports } = units.load(name);
  const environment = new TextEncoder().encode(
    Object.entries(variables)
      .map(([key, value]) => `${key}=${value}\0`)
      .join(""),
  );
  const logs: string[] = [];
  const instance = new WebAssembly.Instance(module, {
    env: {
      proxy_get_current_time_nanoseconds: () => 12, // Unimplemented.
      proxy_log: (_level: number, pointer: number, size: number) => {
        logs.push(Buffer.from((instance.exports.memory as WebAssembly.Memory).buffer, pointer, size).toString());
        return 0;
      },
      ...imports,
      ...host,
    },
    wasi_snapshot_preview1: {
      environ_sizes_get: (count: number, size: number) => {
        const view = new DataView((instance.exports.memory as WebAssembly.Memory).buffer);
        view.setUint32(count, environment.length === 0 ? 0 : 1, true);
        view.setUint32(size, environment.length, true);
        return 0;
      },
      environ_get: (_pointers: number, bytes: number) => {
        new Uint8Array((instance.exports.memory as WebAssembly.Memory).buffer, bytes, environment.length).set(environment);
        return 0;
      },
    },
  });
  const raw = instance.exports as Record<string, unknown>;
  const memory = raw.memory as WebAssembly.Memory;
  const exports = new Proxy({} as Units["exports"], {
    get:
      (_target, key: string) =>
      (...args: number[]) => {
        // A module with fuel (tools/wasm/instrument.mjs) gets it anew for each call.
        if (raw.fuel instanceof WebAssembly.Global) raw.fuel.value = FUEL;
        try {
          return (raw[key] as (...a: number[]) => number)(...args);
        } catch (error) {
          throw new Error(`trap in ${key}: ${logs.join("; ") || String(error)}`, { cause: error });
        }
      },
  });
  const ARRAY_BUFFER = 1;
  return {
    exports,
    memory,
    put(bytes) {
      const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
      const pointer = (raw.__pin as (p: number) => number)((raw.__new as (n: number, id: number) => number)(data.length, ARRAY_BUFFER));
      new Uint8Array(memory.buffer, pointer, data.length).set(data);
      return pointer;
    },
    get(pointer) {
      const size = new DataView(memory.buffer).getUint32(pointer - 4, true);
      return new Uint8Array(memory.buffer.slice(pointer, pointer + size));
    },
    text(pointer) {
      return new TextDecoder().decode(this.get(pointer));
    },
  };
}
