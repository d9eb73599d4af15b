// Debian's Chromium for the tests of the playground: found, or installed where this is root.
import { installDebian } from "./debian.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

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

/**
 * Why Chromium cannot be used here, or "". Installs Debian's package when it is missing and this is root. CHROMIUM names another.
 * @returns {string}
 */
export const installChromium = () => installDebian("chromium", [CHROMIUM], { also: ["fonts-dejavu-core"], hint: ", or set CHROMIUM" });
