// `npm run node-versions [22 24 …]`: the build, the command line and a chat through Envoy with other versions of Node than the one that CI
// runs. node-of.mjs installs them.
import { execFileSync, spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { ROOT } from "./envoy-path.mjs";
import { nodeOf } from "./node-of.mjs";

const VERSIONS = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24"];
const VITEST = ["node_modules/vitest/vitest.mjs", "run", "--silent=true"];

/** What each version must do; one that fails ends the trial of that version. */
const STEPS = [
  ["the debug build", ["tools/build.mjs", "debug", "--force"]],
  ["the release, as deploy/Dockerfile builds it", ["tools/build.mjs"]],
  ["the command line", [...VITEST, "tests/cli/check.test.ts", "tests/cli/explain.test.ts"]],
  ["parsers and one dialect", [...VITEST, "tests/unit/json.test.ts", "tests/unit/anthropic.test.ts"]],
  ["two chats through Envoy", ["tools/dev.mjs", "--check"]],
];

/** Runs all steps; the names of those that failed. */
function tryVersion(version) {
  const node = nodeOf(version);
  console.log(`Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}`);
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
  return STEPS.filter(([name, args]) => {
    const begun = Date.now();
    const { status, stdout, stderr } = spawnSync(node, args, { cwd: ROOT, env, encoding: "utf8", maxBuffer: 1 << 28 });
    console.log(`  ${status === 0 ? "works" : "FAILS"}  ${name}, ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    if (status !== 0) console.log(`${stdout}${stderr}`.slice(-3000));
    return status !== 0;
  }).map(([name]) => `${version}: ${name}`);
}

const failed = VERSIONS.flatMap(tryVersion);
if (failed.length > 0) console.log(`failed: ${failed.join("; ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
