// Programs of the Go module proxy, built from source into build/tools: the version and all hashes stand in a go.mod and go.sum.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./envoy-path.mjs";

const BUILD_LIMIT_MS = 300_000;

/** Whether this machine has a Go toolchain. */
export function hasGo() {
  return spawnSync("go", ["version"], { stdio: "ignore" }).status === 0;
}

/**
 * Path of a pinned program; builds it on first use (half a minute to a minute, modules come from the Go proxy). Throws an error
 * that says what to do.
 * @param {{ name: string, package: string, pins: string, instead: string, limitMs?: number }} options `pins`: the folder of go.mod and
 *   go.sum; `instead`: what to do without Go
 * @returns {string}
 */
export function buildGoTool({ name, package: source, pins, instead, limitMs = BUILD_LIMIT_MS }) {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(pins, file)));
  const path = join(ROOT, "build/tools", `${name}-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(path)) return path;
  if (!hasGo()) {
    const needed = /^go (\S+)$/m.exec(readFileSync(join(pins, "go.mod"), "utf8"))?.[1];
    throw new Error(`${name} is built from source once and needs Go ${needed} or later; install Go, or ${instead}`);
  }
  console.error(`building ${name} into build/tools …`);
  execFileSync("go", ["build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", path, source], {
    cwd: pins,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", "inherit", "inherit"],
    timeout: limitMs,
  });
  return path;
}
