// How long a VM takes to read a configuration: each in a VM of its own, as Envoy has one for each worker, with the code compiled
// beforehand, as Envoy's is. CPU time, so that other work on the machine counts less. `npm run bench:configuration`.
import { readFileSync } from "node:fs";
import { Host } from "../emulator/host";
import { catalogue, ownProviders } from "./many-rules.mjs";

const RUNS = 41;
async function measure(name: string, config: object, module: WebAssembly.Module): Promise<string> {
  const text = JSON.stringify(config);
  const times: number[] = [];
  let pages = 0;
  for (let run = 0; run < RUNS; run++) {
    const host = await Host.load(module);
    const before = process.cpuUsage();
    const plugin = host.configure(text);
    const { user, system } = process.cpuUsage(before);
    if (!plugin.ok || plugin.logs.length > 0) throw new Error(JSON.stringify(plugin.logs.slice(0, 3)));
    times.push((user + system) / 1000);
    pages = host.memoryBytes / 65536;
  }
  times.sort((one, other) => one - other);
  const at = (share: number) => (times[Math.floor(share * (RUNS - 1))] ?? 0).toFixed(1);
  return `| ${name} | ${(text.length / 1024).toFixed(0)} KB | ${at(0.5)} ms | ${at(0)} ms | ${pages} |`;
}

const module = await WebAssembly.compile(readFileSync(process.argv[2] ?? "build/plugin.wasm"));
console.log("| configuration | size | median | least | 64 KiB pages |\n| --- | --- | --- | --- | --- |");
console.log(await measure("500 rules, each with a provider of its own", ownProviders(500), module));
console.log(await measure("500 rules and a catalogue of 500 providers", catalogue(500), module));
