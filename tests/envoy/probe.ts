// Compiles the probe (entry/probe.ts) for tests that judge the lab and deploy/ without the plugin.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tools/envoy-path.mjs";

/** Path of the compiled probe; compiles it when the source is newer. */
export function probeWasm(): string {
  const source = join(ROOT, "tests/envoy/entry/probe.ts");
  const out = join(ROOT, "build/probe.wasm");
  if (existsSync(out) && statSync(out).mtimeMs > statSync(source).mtimeMs) return out;
  mkdirSync(join(ROOT, "build"), { recursive: true });
  // Its own name first, then a rename: test files run side by side and none may load half a module.
  const partial = `build/probe.${process.pid}.wasm`;
  // With baseDir asc does not pick up asconfig.json, whose abort hook belongs to the plugin.
  const args = ["probe.ts", "--baseDir", "tests/envoy/entry", "--runtime", "stub", "--use", "abort=", "-O1", "-o", `../../../${partial}`];
  execFileSync(process.execPath, [join(ROOT, "node_modules/assemblyscript/bin/asc.js"), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "pipe"],
  });
  renameSync(join(ROOT, partial), out);
  return out;
}
