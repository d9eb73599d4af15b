// The drawing libraries (Vega, resvg), fetched into build/plot on first use: they are of no use to anything but plots, so they
// are no dependency of the package.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./envoy-path.mjs";

const PACKAGES = ["vega@6.4.0", "vega-lite@6.4.3", "@resvg/resvg-js@2.6.2"];

/** @returns {Promise<{ vega: any, vegaLite: any, Resvg: any }>} */
export async function plotLibraries() {
  const folder = join(ROOT, "build/plot");
  if (!existsSync(join(folder, "node_modules/vega-lite"))) {
    mkdirSync(folder, { recursive: true });
    const options = ["--prefix", folder, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];
    execFileSync("npm", ["install", ...options, ...PACKAGES], { stdio: ["ignore", "ignore", "inherit"] });
  }
  const require = createRequire(join(folder, "index.js"));
  const load = (name) => import(pathToFileURL(require.resolve(name)).href);
  return { vega: await load("vega"), vegaLite: await load("vega-lite"), Resvg: require("@resvg/resvg-js").Resvg };
}
