// The fuzz targets as one instrumented module: compiled, counters and fuel put in, one input run at a time. A target that
// traps, loops without end or takes more memory than it may is reported; the next input meets a fresh instance.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tools/envoy-path.mjs";
import { instrument } from "../../tools/wasm/instrument.mjs";

/** Memory below the program's: counters, then the input. */
const COUNTERS = { start: 1024, end: 128 << 10 };
const INPUT = 128 << 10;
export const PROGRAM = 256 << 10;
/** Largest input. */
export const MAX_INPUT = 64 << 10;

/** Memory of the instance, in pages of 64 KiB: what a target may take however many inputs it has seen. */
export const MAX_PAGES = 96;
/**
 * Loop rounds that an input may take, linear in its size: several times what was measured (README.md). The
 * configuration's parser compares each unknown key with every known one.
 */
const FUEL: { [name in Name]: { base: number; perByte: number } } = {
  json: { base: 100_000, perByte: 500 },
  sse: { base: 100_000, perByte: 500 },
  aws: { base: 100_000, perByte: 500 },
  config: { base: 2_000_000, perByte: 5_000 },
  planted: { base: 10_000, perByte: 0 },
};
const FUEL_OF_COLLECTION = 500_000_000;

export const NAMES = ["json", "sse", "aws", "config"] as const;
/** `planted` has defects on purpose, to test the harness. */
export type Name = (typeof NAMES)[number] | "planted";

export interface Result {
  /** What went wrong, null when nothing did. */
  trap: string | null;
  /** What the target returned. */
  code: number;
  fuel: number;
}

interface Exports extends Record<Name, (start: number, length: number) => number> {
  memory: WebAssembly.Memory;
  fuel: WebAssembly.Global<"i32">;
  begin(): void;
  end(): void;
  outStart(): number;
  outLength(): number;
}

/**
 * Compiles the targets like the plugin (`release`) or in less time (`test`). Small functions are put into their callers,
 * which the plugin's build avoids for its size: that halves the time of a run.
 */
export function compileTargets(target: string): { module: WebAssembly.Module; counters: number } {
  const folder = join(ROOT, "build/fuzz");
  const file = join(folder, `targets.${target}.wasm`);
  mkdirSync(folder, { recursive: true });
  const asc = join(ROOT, "node_modules/assemblyscript/bin/asc.js");
  const entry = "tests/fuzz/entry/targets.ts";
  const options = [
    "--config",
    "asconfig.json",
    "--target",
    target,
    "--debug",
    "--shrinkLevel",
    "0",
    "--memoryBase",
    String(PROGRAM),
    "-o",
    file,
  ];
  execFileSync(process.execPath, [asc, entry, ...options], { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
  return instrumentTargets(readFileSync(file));
}

/** Puts counters and fuel into the compiled targets. */
export function instrumentTargets(compiled: Uint8Array): { module: WebAssembly.Module; counters: number } {
  // Branches of the standard library say how memory happened to lie, not what the input is.
  const { binary, counters } = instrument(compiled, { counters: COUNTERS, isCounted: (name) => !name.startsWith("~lib/") });
  return { module: new WebAssembly.Module(new Uint8Array(binary)), counters };
}

/** Counts of a branch fall into eight classes, as in AFL. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, count) =>
  count < 4 ? [0, 1, 2, 4][count] : count < 8 ? 8 : count < 16 ? 16 : count < 32 ? 32 : count < 128 ? 64 : 128,
);

export class Targets {
  private exports!: Exports;
  private bytes!: Uint8Array;
  private text = "";
  /** Classes that each branch has been seen in. */
  readonly seen: Uint8Array;
  /** Most of everything so far. */
  readonly peak = { pages: 0, fuel: 0, fuelPerByte: 0 };

  constructor(
    private readonly module: WebAssembly.Module,
    readonly counters: number,
    private readonly imports: WebAssembly.ModuleImports = {},
  ) {
    this.seen = new Uint8Array(counters);
    this.renew();
  }

  private renew(): void {
    // Host functions that the parsers import and do not need answer 12, "unimplemented".
    const idle = WebAssembly.Module.imports(this.module).filter(({ kind }) => kind === "function");
    const instance = new WebAssembly.Instance(this.module, {
      env: {
        ...Object.fromEntries(idle.map(({ name }) => [name, () => 12])),
        proxy_log: (_level: number, start: number, size: number) => {
          this.text = Buffer.from(this.exports.memory.buffer, start, size).toString();
          return 0;
        },
        ...this.imports,
      },
      // No environment: every `${NAME}` is unknown.
      wasi_snapshot_preview1: { environ_sizes_get: () => 0, environ_get: () => 0 },
    });
    this.exports = instance.exports as unknown as Exports;
    this.bytes = new Uint8Array(this.exports.memory.buffer);
  }

  private refresh(): void {
    if (this.bytes.byteLength === 0) this.bytes = new Uint8Array(this.exports.memory.buffer);
  }

  run(name: Name, input: Uint8Array): Result {
    const { exports } = this;
    this.refresh();
    this.bytes.fill(0, COUNTERS.start, COUNTERS.start + this.counters);
    this.bytes.set(input, INPUT);
    const limit = FUEL[name].base + FUEL[name].perByte * input.length;
    exports.fuel.value = limit;
    try {
      exports.begin();
      const code = exports[name](INPUT, input.length);
      const fuel = limit - exports.fuel.value;
      exports.fuel.value = FUEL_OF_COLLECTION;
      exports.end();
      this.note(fuel, input.length);
      const pages = exports.memory.buffer.byteLength >> 16;
      if (pages <= MAX_PAGES) return { trap: null, code, fuel };
      this.renew();
      return { trap: `memory of ${pages} pages`, code, fuel };
    } catch (error) {
      const trap = exports.fuel.value < 0 ? "out of fuel" : `${String(error)} ${this.text}`;
      this.text = "";
      this.refresh();
      this.renewAfterTrap();
      return { trap, code: -1, fuel: 0 };
    }
  }

  private renewAfterTrap(): void {
    // The counters of the run that trapped are worth keeping.
    const counts = this.bytes.slice(COUNTERS.start, COUNTERS.start + this.counters);
    this.renew();
    this.bytes.set(counts, COUNTERS.start);
  }

  private note(fuel: number, size: number): void {
    const { peak } = this;
    const pages = this.exports.memory.buffer.byteLength >> 16;
    if (pages > peak.pages) peak.pages = pages;
    if (fuel > peak.fuel) peak.fuel = fuel;
    if (size >= 256 && fuel / size > peak.fuelPerByte) peak.fuelPerByte = fuel / size;
  }

  /** What the last run wrote down. */
  out(): Buffer {
    this.refresh();
    const start = this.exports.outStart();
    return Buffer.from(this.bytes.buffer, start, this.exports.outLength());
  }

  /** True when the last run took a branch, or took it as often, as none did before; all of it counts as seen then. */
  isNew(): boolean {
    this.refresh();
    const { seen, bytes } = this;
    const words = new Uint32Array(bytes.buffer, COUNTERS.start, (seen.length + 3) >> 2);
    let isNew = false;
    for (let word = 0; word < words.length; word++) {
      if (words[word] === 0) continue;
      for (let k = word * 4; k < word * 4 + 4 && k < seen.length; k++) {
        const kind = CLASSES[bytes[COUNTERS.start + k]];
        if ((seen[k] | kind) === seen[k]) continue;
        seen[k] |= kind;
        isNew = true;
      }
    }
    return isNew;
  }

  /** Branches and classes of the last run, as numbers. */
  features(): number[] {
    this.refresh();
    const found: number[] = [];
    for (let k = 0, at = COUNTERS.start; k < this.seen.length; k++, at++) {
      if (this.bytes[at] !== 0) found.push(k * 256 + CLASSES[this.bytes[at]]);
    }
    return found;
  }
}
