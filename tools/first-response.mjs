// `npm run first-response`: how long a person waits from `git clone` to the first streamed response, with the README's two commands on a
// clone of HEAD: `npm run dev`, and its curl. Nothing is installed or built in the clone; packages come from npm and PyPI, or from their
// caches on this machine (--no-cache: from nowhere but the registries). The mock streams what OpenAI streams. Fails above LIMIT_S.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./envoy-path.mjs";
import { freePort } from "./free-port.mjs";

const LIMIT_S = 90;
const GIVE_UP_MS = 400_000;
const clone = mkdtempSync(join(tmpdir(), "ai-proxy-clone-"));
const begun = Date.now();
const note = (what) => console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${what}`);

/** Resolves when the command has printed `text`; rejects when it ends before or after GIVE_UP_MS. */
function printed(child, text) {
  return new Promise((resolve, reject) => {
    let all = "";
    const timer = setTimeout(() => reject(new Error(`no "${text}" in ${GIVE_UP_MS} ms:\n${all.slice(-2000)}`)), GIVE_UP_MS);
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes) => {
        for (const line of String(bytes).split("\n")) if (/^(setup|dev): /.test(line)) note(line);
        all += bytes;
        if (all.includes(text)) resolve(clearTimeout(timer));
      });
    child.once("exit", (code) => reject(new Error(`npm run dev ended with ${code}:\n${all.slice(-2000)}`)));
  });
}

/** The README's curl, at this run's port: when its first event has come, and what it is. */
async function firstEvent(port) {
  const [, command] = /```sh\n(curl -N [^]*?)\n```/.exec(readFileSync(join(clone, "README.md"), "utf8"));
  const curl = spawn("bash", ["-c", command.replaceAll("localhost:10000", `127.0.0.1:${port}`)], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => curl.once("exit", resolve));
  let text = "";
  for await (const bytes of curl.stdout) {
    if (text === "") note("the first bytes of the response are here");
    text += bytes;
  }
  await ended;
  const first = JSON.parse(text.split("\n")[0].replace("data: ", ""));
  if (first.object !== "chat.completion.chunk" || !text.endsWith("data: [DONE]\n\n")) throw new Error(`no streamed chat:\n${text}`);
}

let dev;
let status = 1;
try {
  execFileSync("git", ["clone", "--quiet", "--no-hardlinks", ROOT, clone]);
  note("cloned");
  const ports = { LISTEN_PORT: String(await freePort()), ADMIN_PORT: "0", MOCK_PORT: "0" };
  const caches = process.argv.includes("--no-cache") ? { npm_config_cache: join(clone, ".npm"), PIP_NO_CACHE_DIR: "1" } : {};
  // A group of its own, so that npm, the shell and dev end together.
  dev = spawn("npm", ["run", "dev"], { cwd: clone, env: { ...process.env, ...ports, ...caches, CI: "" }, detached: true });
  await printed(dev, "dev: ready");
  await firstEvent(ports.LISTEN_PORT);
  const seconds = (Date.now() - begun) / 1000;
  console.log(
    `${seconds.toFixed(1)} s from git clone to the end of the first streamed response, limit ${LIMIT_S} s, ${cpus().length} cores`,
  );
  status = seconds <= LIMIT_S ? 0 : 1;
} catch (error) {
  console.error(error.message);
} finally {
  if (dev?.exitCode === null) {
    const ended = new Promise((resolve) => dev.once("exit", resolve));
    process.kill(-dev.pid, "SIGTERM");
    await ended;
  }
  rmSync(clone, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exit(status);
