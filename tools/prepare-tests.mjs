// What `npm test` needs before the tests: the modules, the command line, the playground. Two lines of work for two cores, as the compiler
// uses one.
import { spawn } from "node:child_process";
import { ROOT } from "./envoy-path.mjs";

const LINES = [
  [
    ["npm", "run", "--silent", "build"],
    ["npm", "run", "--silent", "playground"],
  ],
  [
    ["npm", "run", "--silent", "build:core"],
    [process.execPath, "tools/units.mjs"],
  ],
];

/** Runs a command; false when it fails. */
function run([command, ...args]) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", () => done(false));
    child.on("exit", (code) => done(code === 0));
  });
}

async function runAll(commands) {
  for (const command of commands) if (!(await run(command))) return false;
  return true;
}

const results = await Promise.all(LINES.map(runAll));
process.exitCode = results.every(Boolean) ? 0 : 1;
