// `npm run site`: the documentation with the playground in it as a static site in build/site. VitePress has a lock file of its own here,
// and is installed on first use.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, STAGE, stage } from "./stage.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const PLAYGROUND = join(ROOT, "build/playground/index.html");
/** What npm wrote last of what the lock file asks for. */
const INSTALLED = join(HERE, "node_modules/.package-lock.json");

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** @param {string} file of npm @returns {Record<string, { version: string, optional?: boolean }>} */
const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages;

function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const installed = packagesOf(INSTALLED);
  const wanted = Object.entries(packagesOf(join(HERE, "package-lock.json")));
  return wanted.every(([name, { version, optional }]) => name === "" || optional || installed[name]?.version === version);
}

if (!isInstalled()) run("npm", ["ci", "--no-audit", "--no-fund"], HERE);
if (!existsSync(PLAYGROUND)) {
  run("npm", ["run", "--silent", "build"], ROOT);
  run("npm", ["run", "--silent", "playground"], ROOT);
}
writeFileSync(join(STAGE, "pages.json"), JSON.stringify(stage({ playground: PLAYGROUND })));
run(process.execPath, [join(HERE, "node_modules/vitepress/bin/vitepress.js"), "build", HERE], HERE);
console.log("build/site: put it on any static server, at the root or below SITE_BASE");
