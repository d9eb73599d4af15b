// The measurements: rounds in which the variants take turns, starts, and memory under load.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../tools/envoy-path.mjs";
import { cpuMicros, quiet, residentMiB, startEnvoy } from "./envoy.mjs";
import { checkExchange, sendLoad, sendLoadFor } from "./load.mjs";
import { LISTENERS, STARTS, WORKLOADS } from "./workloads.mjs";

/** Log callbacks come after the client has its response. */
const SETTLE_MS = 30;
/** The Go plugin costs so much more that a quarter of the exchanges shows it as well. */
const GO_SHARE = 4;
const SAMPLE_MS = 1000;

/** Envoy is alone on the first CPU if there are two. */
export const canPin = () => availableParallelism() > 1;
/** Put before the commands of the load and of the provider: all other CPUs. */
export const loadPrefix = () => (canPin() ? ["taskset", "-c", `1-${availableParallelism() - 1}`] : []);

const round = (value, digits = 2) => Number(value.toFixed(digits));

/**
 * The provider as a process.
 * @param {string[]} prefix Put before its command.
 * @returns {Promise<{ port: number, stop: () => void }>}
 */
export async function startMock(prefix) {
  const command = [...prefix, process.execPath, join(ROOT, "bench/race/mock.mjs")];
  const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  const stop = () => child.kill();
  process.once("exit", stop);
  const port = await new Promise((resolve, reject) => {
    child.stdout.once("data", (text) => resolve(Number(text)));
    child.once("exit", () => reject(new Error("the mock provider ended")));
  });
  return { port, stop };
}

/** Variants of a workload that can run: the Go plugin only when its modules are there. */
const runnable = ({ variants }, modules) =>
  variants.filter((name) => LISTENERS[name].every((filter) => modules[filter.module] !== undefined));

/** CPU microseconds of Envoy and what the load generator saw. */
async function measureOnce(envoy, { port, workload, chunks, variant, directory, prefix }) {
  const share = variant === "go" ? GO_SHARE : 1;
  const exchanges = Math.max(workload.connections, Math.ceil(workload.exchanges / share));
  const before = cpuMicros(envoy.pid);
  const seen = await sendLoad({ port, workload, chunks, exchanges, directory, prefix });
  await sleep(SETTLE_MS);
  return { ...seen, micros: (cpuMicros(envoy.pid) - before) / exchanges };
}

/** One measurement of a workload: CPU microseconds per exchange, or per chunk from streams of two lengths. */
async function measure(envoy, setup) {
  const { chunks } = setup.workload;
  if (!chunks) return measureOnce(envoy, setup);
  const short = await measureOnce(envoy, { ...setup, chunks: chunks[0] });
  const long = await measureOnce(envoy, { ...setup, chunks: chunks[1] });
  return { ...long, failed: short.failed + long.failed, micros: (long.micros - short.micros) / (chunks[1] - chunks[0]) };
}

/**
 * All workloads in all variants, `rounds` times; the first round warms up and is not kept.
 * @param {Awaited<ReturnType<typeof startEnvoy>>} envoy
 * @param {{ workloads: typeof WORKLOADS, modules: Record<string, string>, rounds: number, warmUp: boolean, directory: string,
 *   prefix: string[], note: (text: string) => void }} options
 * @returns {Promise<Record<string, Record<string, { micros: number[], p50: number[], p99: number[], failed: number }>>>} By
 *   workload and variant; all lists are by round.
 */
export async function race(envoy, { workloads, modules, rounds, warmUp, directory, prefix, note }) {
  const results = {};
  const portOf = (workload, variant) => envoy.ports[workload.listeners?.[variant] ?? variant];
  for (const [name, workload] of Object.entries(workloads)) {
    results[name] = {};
    for (const variant of runnable(workload, modules)) {
      await checkExchange(portOf(workload, variant), workload, variant);
      results[name][variant] = { micros: [], p50: [], p99: [], failed: 0 };
    }
  }
  for (let k = warmUp ? -1 : 0; k < rounds; k++) {
    for (const [name, workload] of Object.entries(workloads)) {
      const variants = Object.keys(results[name]);
      for (const variant of k % 2 === 0 ? variants : variants.reverse()) {
        const one = await measure(envoy, { port: portOf(workload, variant), workload, variant, directory, prefix });
        note(`round ${k + 1} ${name} ${variant}: ${one.micros.toFixed(1)} µs, p50 ${one.p50}, failed ${one.failed}`);
        // Its garbage is still collected in the background, which would count as the next one's.
        if (variant === "go") await quiet(envoy.pid);
        const kept = results[name][variant];
        kept.failed += one.failed;
        if (k < 0) continue;
        kept.micros.push(round(one.micros));
        kept.p50.push(one.p50);
        kept.p99.push(one.p99);
      }
    }
  }
  return results;
}

/**
 * CPU milliseconds of a starting Envoy by variant: until it has answered a first request, and until it compiles no more.
 * @param {{ modules: Record<string, string>, mockPort: number, directory: string, times: number, note: (text: string) => void }} options
 * @returns {Promise<Record<string, { first: number[], settled: number[] }>>}
 */
export async function starts({ modules, mockPort, directory, times, note }) {
  const workload = WORKLOADS["1k-c1"];
  const results = {};
  for (let k = 0; k < times; k++) {
    for (const variant of runnable({ variants: STARTS }, modules)) {
      // Once is enough for what takes sixteen seconds.
      if (variant === "go" && k > 0) continue;
      const envoy = await startEnvoy({ listeners: [variant], modules, mockPort, directory });
      await checkExchange(envoy.ports[variant], workload, variant);
      const kept = (results[variant] ??= { first: [], settled: [] });
      kept.first.push(round(cpuMicros(envoy.pid) / 1000));
      await quiet(envoy.pid);
      kept.settled.push(round(cpuMicros(envoy.pid) / 1000));
      note(`start ${variant}: ${kept.first.at(-1)} ms of CPU, ${kept.settled.at(-1)} ms in all`);
      await envoy.stop();
    }
  }
  return results;
}

/**
 * Resident MiB of an Envoy with our plugin, every second, under bodies of 100 KB and streams at once.
 * @param {{ modules: Record<string, string>, mockPort: number, directory: string, prefix: string[], seconds: number, note: (text: string) => void }} options
 * @returns {Promise<{ seconds: number, exchanges: number, failed: number, samples: number[], after: number }>}
 */
export async function soak({ modules, mockPort, directory, prefix, seconds, note }) {
  const envoy = await startEnvoy({ listeners: ["ours"], modules, mockPort, directory });
  try {
    await quiet(envoy.pid);
    const samples = [round(residentMiB(envoy.pid), 1)];
    const load = { port: envoy.ports.ours, directory, prefix };
    let isOver = false;
    const loads = Promise.all([
      sendLoadFor(seconds, { ...load, workload: { ...WORKLOADS["100k"], connections: 8 } }),
      sendLoadFor(seconds, { ...load, workload: { ...WORKLOADS["stream-burst"], connections: 8 }, chunks: 200 }),
    ]).finally(() => (isOver = true));
    while (!isOver) {
      await Promise.race([sleep(SAMPLE_MS), loads]);
      samples.push(round(residentMiB(envoy.pid), 1));
    }
    const seen = await loads;
    await sleep(5 * SAMPLE_MS);
    const sum = (pick) => seen.reduce((total, one) => total + pick(one), 0);
    const after = round(residentMiB(envoy.pid), 1);
    const result = { seconds, exchanges: sum((one) => one.succeeded), failed: sum((one) => one.failed), samples, after };
    note(`memory: ${samples[0]} MiB, ${samples.at(-1)} after ${seconds} s, ${after} five seconds later; ${result.exchanges} exchanges`);
    return result;
  } finally {
    await envoy.stop();
  }
}
