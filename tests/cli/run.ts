// Runs the command as people do: a child process of the bundle, which is built first when it is missing or old.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PLUGIN_PATH } from "../../emulator/module";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BUNDLE = join(ROOT, "build/cli.mjs");
const SOURCES = ["tools/build-cli.mjs", "cli", "emulator", "schema/config.schema.json", "package.json"];

function newest(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Test files run at the same time: each builds beside the bundle and puts its own in place in one step. */
function build(): void {
  const built = statSync(BUNDLE, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > Math.max(...SOURCES.map((path) => newest(join(ROOT, path))))) return;
  const own = `build/cli.${process.pid}.mjs`;
  execFileSync(process.execPath, ["tools/build-cli.mjs", `--outfile=${own}`], { cwd: ROOT, stdio: "pipe" });
  renameSync(join(ROOT, own), BUNDLE);
}

build();

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/** Paths are relative to the repository; `environment` comes on top of this process's. */
export function run(args: string[], input?: string, environment: Record<string, string> = {}): Result {
  const wasm = ["check", "explain", "replay"].includes(args[0]) && !args.includes("--wasm") ? ["--wasm", PLUGIN_PATH] : [];
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...args, ...wasm], {
    cwd: ROOT,
    input: input ?? "",
    env: { ...process.env, ...environment },
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  return { code: status ?? -1, stdout, stderr };
}

export function json<T>(result: Result): T {
  return JSON.parse(result.stdout) as T;
}

const FIXTURES = "tests/cli/fixtures";

export function fixture(name: string): string {
  return `${FIXTURES}/${name}`;
}

export function fixtureText(name: string): string {
  return readFileSync(join(ROOT, FIXTURES, name), "utf8");
}

/** `line:column` of the only place where `text` holds `part`. */
export function placeIn(text: string, part: string): string {
  const at = text.indexOf(part);
  if (at < 0 || text.includes(part, at + 1)) throw new Error(`${part} is not there exactly once`);
  const before = text.slice(0, at).split("\n");
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

/** Calls `use` with a folder that is gone afterwards. */
export function inFolder<T>(use: (folder: string, write: (name: string, text: string | Uint8Array) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "ai-proxy-cli-"));
  const write = (name: string, text: string | Uint8Array): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  try {
    return use(folder, write);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
