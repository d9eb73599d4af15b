// What .ci/run calls: runs the README's test command and closes with "N passed, N failed", summed over vitest's JSON reports.
// The exit code is non-zero when a test failed, a file could not be loaded, or no test ran at all.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./envoy-path.mjs";

const REPORTS = join(ROOT, "build/reports");

/**
 * Passed and failed tests of vitest's JSON reports. A file that failed as a whole (a syntax error, a beforeAll) counts as one
 * failure where no test of it did.
 * @param {any[]} reports
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function summarize(reports) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const file of reports.flatMap((report) => report.testResults)) {
    const count = (status) => file.assertionResults.filter((test) => test.status === status).length;
    const failed = count("failed");
    total.passed += count("passed");
    total.failed += failed === 0 && file.status === "failed" ? 1 : failed;
    total.skipped += file.assertionResults.length - count("passed") - failed;
  }
  return total;
}

function main() {
  rmSync(REPORTS, { recursive: true, force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${join(REPORTS, "vitest.json")}`];
  const run = spawnSync("npm", ["test", "--", ...reporters], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  const files = existsSync(REPORTS) ? readdirSync(REPORTS).filter((name) => name.endsWith(".json")) : [];
  const { passed, failed, skipped } = summarize(files.map((name) => JSON.parse(readFileSync(join(REPORTS, name), "utf8"))));
  if (skipped > 0) console.log(`${skipped} skipped`);
  // npm test can fail before vitest starts, in the build for one: that is a failure without a report.
  const isBroken = run.status !== 0 && failed === 0;
  if (isBroken) console.log(`npm test ended with ${run.status ?? run.signal} and no failed test in its report`);
  console.log(`${passed} passed, ${failed + (isBroken ? 1 : 0)} failed`);
  process.exitCode = run.status === 0 && failed === 0 && passed > 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
