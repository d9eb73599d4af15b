// What one exchange costs, measured in Node with the tests' in-process host: time in the module and in the host together,
// host calls, allocations asked for by the host. `npm run bench`; the race in a real Envoy is in docs/performance.md.
import { readFileSync, statSync } from "node:fs";
import { Host } from "../emulator/host";
import { assertSound, configure, scenarios, sender, type Scenario } from "./scenarios";

async function measure(scenario: Scenario, wasm: Buffer): Promise<string> {
  const host = await Host.load(wasm);
  const run = sender(configure(host, scenario), scenario);
  for (let k = 0; k < Math.max(20, scenario.runs / 10); k++) run();
  host.resetCounts();
  const start = process.hrtime.bigint();
  for (let k = 0; k < scenario.runs; k++) run();
  const micros = Number(process.hrtime.bigint() - start) / 1000 / scenario.runs;
  assertSound(host);
  const per = (count: number) => (count / scenario.runs).toFixed(1);
  const chunks = scenario.response.chunks.length;
  const perChunk = chunks > 1 ? (micros / chunks).toFixed(2) : "";
  return `| ${scenario.name} | ${micros.toFixed(1)} | ${perChunk} | ${per(host.hostCallCount)} | ${per(host.allocations)} | ${(host.memoryBytes / 65536).toFixed(0)} |`;
}

const path = process.argv[2] ?? "build/plugin.wasm";
const wasm = readFileSync(path);
console.log(`${path}: ${statSync(path).size} bytes\n`);
console.log(
  "| exchange | µs in Node's host | µs a chunk | host calls | host allocations | 64 KiB pages |\n| --- | --- | --- | --- | --- | --- |",
);
for (const scenario of scenarios()) console.log(await measure(scenario, wasm));
