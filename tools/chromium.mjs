// Debian's Chromium for the tests of the playground: found, or installed where this is root.
import { execFileSync, spawnSync } from "node:child_process";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const INSTALL_LIMIT_MS = 300_000;

/** Nothing that the browser does by itself may look for a network. */
export const CHROMIUM_OPTIONS = {
  executablePath: CHROMIUM,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

function works() {
  return spawnSync(CHROMIUM, ["--version"], { stdio: "ignore" }).status === 0;
}

/**
 * Why Chromium cannot be used here, or "". Installs Debian's package when it is missing and this is root. CHROMIUM names another.
 * @returns {string}
 */
export function installChromium() {
  if (works()) return "";
  if (process.getuid?.() !== 0) return "chromium is not installed: apt-get install chromium, or set CHROMIUM";
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: INSTALL_LIMIT_MS, stdio: "ignore" };
  try {
    execFileSync("apt-get", ["update", "-qq"], options);
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"], options);
  } catch (error) {
    return `chromium could not be installed: ${error.message}`;
  }
  return works() ? "" : "chromium was installed but does not start";
}
