// Bundles a TypeScript program of tests/ into build/ and runs it; its modules still know where their sources lie.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { ROOT } from "./envoy-path.mjs";

/** @type {import("esbuild").Plugin} */
const ownPlace = {
  name: "own-place",
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
      loader: path.endsWith(".ts") ? "ts" : "js",
    }));
  },
};

/**
 * Bundles `entry`, a path from the repository's top, and returns the bundle's exports.
 * @param {string} entry
 * @param {Record<string, string>} alias modules to be replaced
 * @returns {Promise<any>}
 */
export async function runTypeScript(entry, alias = {}) {
  const outfile = join(ROOT, "build", `${basename(entry, ".ts")}.mjs`);
  await build({
    entryPoints: [join(ROOT, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    alias,
    plugins: [ownPlace],
    logLevel: "error",
  });
  return import(pathToFileURL(outfile).href);
}
