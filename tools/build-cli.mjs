// Bundles the command line to build/cli.mjs (`--outfile FILE`: elsewhere), with the commit that it is of.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { ROOT } from "./envoy-path.mjs";

const { values } = parseArgs({ options: { outfile: { type: "string", default: "build/cli.mjs" } } });
const git = (...args) => spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });

/** The commit, with a mark where files differ from it; "unknown" outside of a clone, as in a container's build. */
function commit() {
  const head = git("rev-parse", "--short=12", "HEAD");
  if (head.status !== 0) return "unknown";
  return `${head.stdout.trim()}${git("status", "--porcelain", "--untracked-files=no").stdout.trim() === "" ? "" : ", changed"}`;
}

await build({
  absWorkingDir: ROOT,
  entryPoints: ["cli/main.ts"],
  outfile: values.outfile,
  bundle: true,
  platform: "neutral",
  external: ["node:*"],
  target: "node20",
  define: { COMMIT: JSON.stringify(commit()) },
  logLevel: "warning",
});
