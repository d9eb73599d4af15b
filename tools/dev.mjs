// `npm run dev`: the plugin in a real Envoy in front of the mock provider, without containers. Takes the release build when it is of the
// sources as they are, else makes a debug build, and again whenever assembly/ changes; Envoy is restarted with it. `--check` sends two
// requests instead and says whether both came back with a log line; `--wasm FILE` takes another plugin and watches that one. Ports:
// LISTEN_PORT, ADMIN_PORT, MOCK_PORT (0 = any free).
import { existsSync, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BUILDS, build } from "./build.mjs";
import { check } from "./dev-check.mjs";
import { envoyConfig } from "./envoy-config.mjs";
import { ROOT } from "./envoy-path.mjs";
import { EnvoyProcess } from "./envoy-process.mjs";
import { follow } from "./follow.mjs";
import { startMock } from "./mock-provider.mjs";
import { isMadeOf, pluginSources } from "./sources.mjs";

const SETTLE_MS = 500;
const say = (line) => console.log(`dev: ${line}`);

const { values: options } = parseArgs({ options: { check: { type: "boolean" }, wasm: { type: "string" }, help: { type: "boolean" } } });
let wasm = options.wasm && resolve(options.wasm);
const directory = mkdtempSync(join(tmpdir(), "ai-proxy-dev-"));
const accessLog = join(directory, "access.log");
const port = (name, fixed) => Number(process.env[name] ?? (options.check ? 0 : fixed));

let envoy = null;
let mock = null;
let isEnding = false;

/** Finds or makes a module of the sources as they are; false, after the compiler's messages, when they do not compile. */
function makePlugin() {
  try {
    const { file } = BUILDS.release;
    wasm = isMadeOf(file, pluginSources()) ? file : build("debug", { say });
    return true;
  } catch (error) {
    say(`not compiled, waiting for the next change.\n${error.message}`);
    return false;
  }
}

/** Starts Envoy on the current plugin and returns the port clients use. Throws when Envoy refuses to start. */
async function start() {
  const configPath = join(directory, "envoy.yaml");
  const filled = envoyConfig({
    LISTEN_PORT: port("LISTEN_PORT", 10000),
    ADMIN_PORT: port("ADMIN_PORT", 9901),
    UPSTREAM_PORT: mock.port,
    PLUGIN_WASM: wasm,
    ACCESS_LOG: accessLog,
  });
  writeFileSync(configPath, filled);
  envoy = new EnvoyProcess({ configPath, directory });
  await envoy.ready();
  return (await envoy.ports()).ai;
}

async function end(code) {
  if (isEnding) return;
  isEnding = true;
  await envoy?.stop();
  await mock?.close();
  rmSync(directory, { recursive: true, force: true });
  process.exit(code);
}

/** Calls `action` once after changes under `path` have settled, never twice at a time. */
function onChange(path, matches, action) {
  let timer = null;
  let isBusy = false;
  const run = async () => {
    if (isBusy) return void (timer = setTimeout(run, SETTLE_MS));
    isBusy = true;
    await action();
    isBusy = false;
  };
  watch(path, { recursive: true }, (_event, name) => {
    if (!matches(name)) return;
    clearTimeout(timer);
    timer = setTimeout(run, SETTLE_MS);
  });
}

async function restart() {
  if (isEnding || !existsSync(wasm)) return;
  say(`restarting Envoy with ${basename(wasm)}`);
  await envoy?.stop();
  try {
    await start();
    say("ready again");
  } catch (error) {
    say(`not started, waiting for the next change. ${error.message}`);
  }
}

function printHelp(listenPort) {
  const url = `http://127.0.0.1:${listenPort}/v1/chat/completions`;
  const request = (extra) =>
    `-H 'content-type: application/json' -d '{"model":"gpt-4o",${extra}"messages":[{"role":"user","content":"Hello!"}]}'`;
  say(`ready. Metrics: curl -s http://127.0.0.1:${port("ADMIN_PORT", 9901)}/stats/prometheus | grep metric_. Try:`);
  console.log(`\ncurl -s ${url} ${request("")}\n`);
  console.log(`curl -sN ${url} ${request('"stream":true,')}\n`);
}

async function main() {
  if (options.help) return void console.log("usage: dev.mjs [--check] [--wasm FILE]   environment: LISTEN_PORT ADMIN_PORT MOCK_PORT ENVOY");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end(options.check ? 1 : 0));
  if (wasm ? !existsSync(wasm) : !makePlugin()) throw new Error(wasm ? `no plugin at ${wasm}` : "there is no plugin to run");
  say(`starting Envoy with ${basename(wasm)} …`);
  mock = await startMock({ port: port("MOCK_PORT", 9080), log: options.check ? () => {} : say });
  const listenPort = await start();
  if (options.check) return end((await check({ url: `http://127.0.0.1:${listenPort}`, accessLog, log: console.log })) ? 0 : 1);
  follow(envoy.logPath, (line) => console.log(`envoy: ${line}`));
  follow(accessLog, (line) => console.log(`access: ${line}`));
  printHelp(listenPort);
  if (options.wasm) return onChange(dirname(wasm), (name) => name === basename(wasm), restart);
  onChange(
    join(ROOT, "assembly"),
    (name) => name?.endsWith(".ts"),
    async () => makePlugin() && restart(),
  );
}

main().catch((error) => {
  console.error(`dev: ${error.message}`);
  return end(1);
});
