// Programs of Debian's packages: found on the PATH, or installed where this is root.
import { execFileSync, spawnSync } from "node:child_process";

const INSTALL_LIMIT_MS = 300_000;

/**
 * Why the programs cannot be used here, or "". Installs the package when one is missing and this is root.
 * @param {string} name of the package
 * @param {string[]} programs each must know `--version`
 * @param {{ also?: string[], hint?: string }} [options] packages to install with it; what else can be done, for the message
 * @returns {string}
 */
export function installDebian(name, programs, { also = [], hint = "" } = {}) {
  const work = () => programs.every((program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0);
  if (work()) return "";
  if (process.getuid?.() !== 0) return `${name} is not installed: apt-get install ${name}${hint}`;
  // RUNLEVEL=1: the package must not start a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const run = (...args) => execFileSync("apt-get", args, { env, stdio: "ignore", timeout: INSTALL_LIMIT_MS });
  try {
    run("update", "-qq");
    run("install", "-y", "-qq", "--no-install-recommends", name, ...also);
  } catch (error) {
    return `${name} could not be installed: ${error.message}`;
  }
  return work() ? "" : `${name} was installed but does not start`;
}
