// `npm run dev`: the plugin in a real Envoy, without containers, in front of the mock provider; `--provider TYPE` and `--config FILE` take
// real ones (`--mock`: the mock in their place). Takes the release build when it is of the
// sources as they are, else makes a debug build, and again whenever assembly/ changes; Envoy is restarted with it. `--check` sends two
// requests instead and says whether both came back with a log line; `--wasm FILE` takes another plugin and watches that one. Ports:
// LISTEN_PORT, ADMIN_PORT, MOCK_PORT (0 = any free).
import { existsSync, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BUILDS, build } from "./build.mjs";
import { check } from "./dev-check.mjs";
import { readableLog } from "./dev-log.mjs";
import { PORTS, freePorts } from "./dev-ports.mjs";
import { TYPES, keyVariable } from "./dev-provider.mjs";
import { Target } from "./dev-target.mjs";
import { ROOT } from "./envoy-path.mjs";
import { EnvoyProcess } from "./envoy-process.mjs";
import { follow } from "./follow.mjs";
import { startMock } from "./mock-provider.mjs";
import { isMadeOf, pluginSources } from "./sources.mjs";

const SETTLE_MS = 500;
const say = (line) => console.log(`dev: ${line}`);

const OPTIONS = {
  provider: { type: "string" },
  config: { type: "string" },
  mock: { type: "boolean" },
  check: { type: "boolean" },
  wasm: { type: "string" },
  help: { type: "boolean", short: "h" },
};
const HELP = `npm run dev -- [options]       the plugin in a real Envoy, in front of a mock provider

  --provider TYPE   a real provider; its key is read from the environment:
                    OPENAI_API_KEY=sk-… npm run dev -- --provider openai
  --config FILE     a configuration of yours: the plugin's own, a WasmPlugin, …
  --mock            with these two: the mock answers in the providers' place
  --check           sends two requests, says whether all is well, and ends
  --wasm FILE       another build of the plugin

Ports: ${Object.entries(PORTS)
  .map(([name, port]) => `${name} (${port})`)
  .join(", ")}; 0 takes any free one.
ENVOY names another Envoy binary.
Types: TYPES
`;

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-dev-"));
const accessLog = join(directory, "access.log");

let options = {};
let ports = {};
/** @type {Target} */
let target;
let wasm = "";
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
  const { LISTEN_PORT, ADMIN_PORT } = ports;
  const values = { LISTEN_PORT, ADMIN_PORT, UPSTREAM_PORT: mock?.port ?? 0, ACCESS_LOG: accessLog };
  writeFileSync(configPath, await target.envoyConfig(wasm, values, say));
  say(`starting Envoy with ${basename(wasm)} …`);
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
  watch(path, { recursive: path.startsWith(join(ROOT, "assembly")) }, (_event, name) => {
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

function printHelp(listenPort, adminPort) {
  const url = `http://127.0.0.1:${listenPort}`;
  const curl = (path, body) => console.log(`  curl -sN ${url}${path} -H 'content-type: application/json' -d '${JSON.stringify(body)}'\n`);
  const { model } = target;
  const messages = [{ role: "user", content: "Hello!" }];
  say(`ready. Chat completions, Responses, Messages and Gemini clients are served at ${url}:\n`);
  curl("/v1/chat/completions", { model, stream: true, messages });
  curl("/v1/responses", { model, stream: true, input: "Hello!" });
  curl("/v1/messages", { model, stream: true, max_tokens: 100, messages });
  curl(`/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`, {
    contents: [{ role: "user", parts: [{ text: "Hello!" }] }],
  });
  say(`metrics: curl -s http://127.0.0.1:${adminPort}/stats/prometheus | grep metric_`);
}

/** The options of the command line. Throws with what is wrong. */
function readArguments() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    return values;
  } catch (error) {
    throw new Error(`${String(error.message).split(". To specify")[0]} (npm run dev -- --help)`, { cause: error });
  }
}

async function main() {
  options = readArguments();
  if (options.help) {
    console.log(HELP.replace("TYPES", TYPES.map((type) => `${type} (${keyVariable(type)})`).join(", ")).trimEnd());
    return end(0);
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end(options.check ? 1 : 0));
  target = new Target(options, directory);
  ports = await freePorts(process.env, Object.keys(PORTS).slice(0, target.hasMock ? 3 : 2), options.check ? 0 : undefined);
  wasm = options.wasm ? resolve(options.wasm) : "";
  if (wasm ? !existsSync(wasm) : !makePlugin()) throw new Error(wasm ? `no plugin at ${wasm}` : "there is no plugin to run");
  if (target.hasMock) mock = await startMock({ port: ports.MOCK_PORT, log: options.check ? () => {} : say });
  const listenPort = await start();
  if (options.check) return end((await check({ url: `http://127.0.0.1:${listenPort}`, accessLog, log: console.log })) ? 0 : 1);
  follow(envoy.logPath, (line) => console.log(`envoy: ${line}`));
  follow(accessLog, (line) => console.log(readableLog(line).join("\n")));
  printHelp(listenPort, new URL(`http://${envoy.adminAddress()}`).port);
  if (target.path) onChange(dirname(target.path), (name) => name === basename(target.path), restart);
  if (options.wasm) return onChange(dirname(wasm), (name) => name === basename(wasm), restart);
  onChange(
    join(ROOT, "assembly"),
    (name) => name?.endsWith(".ts"),
    async () => makePlugin() && restart(),
  );
}

main().catch((error) => {
  for (const line of String(error.message).trimEnd().split("\n")) console.error(`dev: ${line}`);
  return end(1);
});
