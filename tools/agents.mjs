// `npm run agents [-- --agent codex --provider claude --scenario loop]`: installs the agents into agents/ when they are not there, and
// runs them. Each option takes a comma-separated list; without it all are run.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./envoy-path.mjs";
import { runTypeScript } from "./run-ts.mjs";

const HOME = join(ROOT, "agents");
const list = { type: /** @type {const} */ ("string"), default: "" };

/** @param {string} command @param {string[]} words @param {string} cwd */
function must(command, words, cwd) {
  const { status } = spawnSync(command, words, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} failed in ${cwd}`);
}

/** The clients in Python, in a venv of their own. */
function installPython() {
  const [venv, wanted] = [join(ROOT, "build/agents-venv"), join(HOME, "python/requirements.txt")];
  const stamp = join(venv, "requirements.txt");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === readFileSync(wanted, "utf8")) return;
  console.log("installing the Python clients, about 500 MB …");
  must("python3", ["-m", "venv", venv], HOME);
  must(join(venv, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", "-r", wanted], HOME);
  copyFileSync(wanted, stamp);
}

/** Scripts of packages do not run, but for the one that puts opencode's program in place. */
function install() {
  if (existsSync(join(HOME, "node_modules/.package-lock.json"))) return;
  console.log("installing the agents, about 900 MB …");
  // `npm ci` wants opencode's programs for other systems in the lock, too, and npm leaves those out that a registry does not have.
  must("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"], HOME);
  must(process.execPath, ["postinstall.mjs"], join(HOME, "node_modules/opencode-ai"));
}

const { values } = parseArgs({ options: { agent: list, provider: list, scenario: list } });
const words = (/** @type {string} */ text) => text.split(",").filter((one) => one !== "");
install();
installPython();
const { runAgents } = await runTypeScript("agents/run.ts");
const selection = { agents: words(values.agent), providers: words(values.provider), scenarios: words(values.scenario) };
/** @type {{ problems: string[] }[]} */
const results = await runAgents(selection, console.log);
const passed = results.filter(({ problems }) => problems.length === 0).length;
console.log(`${passed} of ${results.length} finished with everything at its place`);
process.exit(results.length > 0 && passed === results.length ? 0 : 1);
