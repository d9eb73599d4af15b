// What limits cost a request in Node's host: `npm run bench:limits [-- OLD.wasm NEW.wasm]`. With two modules both run in turns. It prints,
// by kind and number of limits, the microseconds over the same request without limits (the host's own part included), host calls, and
// the pages that the VM has grown to.
import { readFileSync } from "node:fs";
import { Host } from "../emulator/host";
import { limits, scenarios, sender } from "./scenarios";

const ROUNDS = 15;
const RUNS = 300;
const COUNTS = [0, 1, 5, 20, 100];

interface Measured {
  micros: number[];
  calls: number;
  host: Host;
  run: () => void;
}

async function start(module: WebAssembly.Module, field: string, count: number): Promise<Measured> {
  const host = await Host.load(module);
  const scenario = scenarios()[0];
  const plugin = host.configure(JSON.stringify({ provider: scenario.provider, limits: limits(count, field) }));
  const run = sender(plugin, scenario);
  for (let k = 0; k < RUNS; k++) run();
  host.resetCounts();
  for (let k = 0; k < RUNS; k++) run();
  return { micros: [], calls: host.hostCallCount / RUNS, host, run };
}

/** Processor time, so that other work on the machine counts less. */
function sample({ micros, run }: Measured): void {
  const begun = process.cpuUsage();
  for (let k = 0; k < RUNS; k++) run();
  const { user, system } = process.cpuUsage(begun);
  micros.push((user + system) / RUNS);
}

const least = (one: Measured) => Math.min(...one.micros);

export async function main(paths: string[]): Promise<void> {
  const files = paths.length > 0 ? paths : ["build/plugin.wasm"];
  const modules = await Promise.all(files.map((path) => WebAssembly.compile(readFileSync(path))));
  console.log(`| limits | ${files.map((file) => `${file}: µs over none | host calls | pages`).join(" | ")} |`);
  console.log(`| --- |${" --- | --- | --- |".repeat(files.length)}`);
  for (const field of ["requestsPerDay", "tokensPerDay"]) {
    const rows = await Promise.all(COUNTS.map((count) => Promise.all(modules.map((module) => start(module, field, count)))));
    for (let round = 0; round < ROUNDS; round++) for (const row of rows) row.forEach(sample);
    for (const [index, row] of rows.entries()) {
      const cells = row.map((one, file) => {
        const over = (least(one) - least(rows[0][file])).toFixed(1);
        return `${over} | ${one.calls.toFixed(1)} | ${one.host.memoryBytes / 65536}`;
      });
      console.log(`| ${COUNTS[index]} ${field} | ${cells.join(" | ")} |`);
    }
  }
}
