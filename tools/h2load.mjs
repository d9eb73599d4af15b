// h2load, the load generator of the race (Debian's nghttp2-client): found, or installed where this is root.
import { execFileSync, spawnSync } from "node:child_process";

const INSTALL_LIMIT_MS = 300_000;
const works = () => spawnSync("h2load", ["--version"], { stdio: "ignore" }).status === 0;

/**
 * Why h2load cannot be used here, or "". Installs Debian's package when it is missing and this is root.
 * @returns {string}
 */
export function installH2load() {
  if (works()) return "";
  if (process.getuid?.() !== 0) return "h2load is not installed: apt-get install nghttp2-client";
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: INSTALL_LIMIT_MS, stdio: "ignore" };
  try {
    execFileSync("apt-get", ["update", "-qq"], options);
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "nghttp2-client"], options);
  } catch (error) {
    return `h2load could not be installed: ${error.message}`;
  }
  return works() ? "" : "h2load was installed but does not start";
}
