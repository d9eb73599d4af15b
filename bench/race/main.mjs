// The race: `npm run race`. This plugin, the Go plugin, a no-op filter and no filter in one Envoy, in front of one mock
// provider; results go to bench/results/<date>.json, from which docs/performance.md and the plots are made.
//
//   --rounds N     default 7
//   --scale S      this share of the exchanges of each measurement, for a busy machine (default 1)
//   --parts LIST   of rounds,starts,memory,counts (default all); what is left out stays as it is in the results file
//   --only LIST    only these workloads (workloads.mjs); give --out, since the others would be missing from the document
//   --smoke        one tiny round, nothing else; shows that everything works
//   --out FILE     where the results go; no document is made of a file outside bench/results
//   --no-build     take build/*.wasm as they are
//   --report       only make the document and the plots, of the newest results
//
// RACE_PEER: folder with the Go plugin's modules (default ../shared/race/peer); without it those variants are left out.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../tools/envoy-path.mjs";
import { installH2load } from "../../tools/h2load.mjs";
import { pin, quiet, startEnvoy } from "./envoy.mjs";
import { canPin, loadPrefix, race, soak, startMock, starts } from "./measure.mjs";
import { SELECTION, modules as findModules } from "./modules.mjs";
import { LISTENERS, WORKLOADS, scaled, shrunk } from "./workloads.mjs";

const RESULTS = join(ROOT, "bench/results");
const SOAK_SECONDS = 120;
const STARTS = 3;
const note = (text) => console.error(`race: ${text}`);
const npm = (...words) => execFileSync("npm", ["run", "--silent", ...words], { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });

/** Host calls and allocations of an exchange, counted in the tests' host. */
const counts = () => JSON.parse(npm("bench:allocations", "--", "--json"));

/** The rounds in one Envoy with all listeners. */
async function raceAll(setup, { rounds, smoke, scale, only }) {
  const { modules, note } = setup;
  const loadBefore = Number(loadavg()[0].toFixed(1));
  const listeners = Object.keys(LISTENERS).filter((name) => LISTENERS[name].every((filter) => modules[filter.module]));
  const envoy = await startEnvoy({ ...setup, listeners });
  try {
    // Only now: starting, it compiles on all CPUs.
    if (!smoke) await quiet(envoy.pid);
    if (!smoke && canPin()) pin(envoy.pid, 0);
    const chosen = Object.fromEntries(Object.entries(WORKLOADS).filter(([name]) => !only || only.includes(name)));
    const workloads = smoke ? shrunk(chosen) : scaled(chosen, scale);
    return {
      ...{ date: new Date().toISOString().slice(0, 10), envoy: envoy.version, cpu: cpus()[0].model, cpus: availableParallelism() },
      ...{ scale: smoke ? 0 : scale, loadBefore, rounds },
      workloads: await race(envoy, { ...setup, workloads, rounds, warmUp: !smoke, note }),
      modules: Object.fromEntries(Object.entries(modules).map(([name, path]) => [name, statSync(path).size])),
    };
  } finally {
    await envoy.stop();
  }
}

async function measureAll(options, directory) {
  const { parts, smoke } = options;
  const modules = findModules(directory);
  if (!modules["go-proxy"]) note("the Go plugin's modules are not there (RACE_PEER): its variants are left out");
  const prefix = smoke ? [] : loadPrefix();
  const mock = await startMock(prefix);
  const setup = { modules, mockPort: mock.port, directory, prefix, note };
  try {
    const results = parts.includes("rounds") ? await raceAll(setup, options) : {};
    if (parts.includes("starts")) results.starts = await starts({ ...setup, times: STARTS });
    if (parts.includes("memory")) results.memory = await soak({ ...setup, seconds: SOAK_SECONDS });
    if (parts.includes("counts")) results.counts = counts();
    return results;
  } finally {
    mock.stop();
  }
}

async function report() {
  const { writeReport } = await import("./document.mjs");
  await writeReport(note);
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    scale: { type: "string", default: "1" },
    parts: { type: "string", default: "rounds,starts,memory,counts" },
    smoke: { type: "boolean", default: false },
    only: { type: "string" },
    out: { type: "string" },
    "no-build": { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});
if (values.report) {
  await report();
} else {
  const missing = installH2load();
  if (missing !== "") {
    note(missing);
    process.exit(1);
  }
  if (!values["no-build"]) for (const words of [["build"], ["build:core"], ["build", "--", "--with", SELECTION]]) npm(...words);
  const directory = mkdtempSync(join(tmpdir(), "ai-proxy-race-"));
  // An exit takes Envoy and the mock along; a signal alone would leave them.
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      rmSync(directory, { recursive: true, force: true });
      process.exit(1);
    });
  }
  const start = Date.now();
  try {
    const { smoke } = values;
    const options = { smoke, rounds: smoke ? 1 : Number(values.rounds), scale: Number(values.scale), only: values.only?.split(",") };
    const found = await measureAll({ ...options, parts: smoke ? ["rounds"] : values.parts.split(",") }, directory);
    const out = resolve(values.out ?? join(RESULTS, `${new Date().toISOString().slice(0, 10)}.json`));
    const results = existsSync(out) ? { ...JSON.parse(readFileSync(out, "utf8")), ...found } : found;
    if (!results.workloads) throw new Error(`${out} has no rounds yet: run them, too`);
    mkdirSync(dirname(out), { recursive: true });
    // One line for each list: short, and a change can be read.
    const text = JSON.stringify(results, null, 1).replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, " ")}]`);
    writeFileSync(out, `${text}\n`);
    note(`${Math.round((Date.now() - start) / 1000)} s`);
    if (dirname(out) === RESULTS) await report();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
