// How long one callback takes, by what is done with the body, its shape and its size: `npm run bench:callbacks [-- MEGABYTES [WORDS [SHAPES]]]`.
// A callback blocks its worker thread, so the longest one decides which sizes may be let in (docs/performance.md). It prints, for each way
// and shape, milliseconds of the longest callback, the same for one MB, and what the VM's memory has grown to.
import { readFileSync } from "node:fs";
import { WAYS, requestOf, type Way } from "./bodies";
import { Host } from "../emulator/host";
import { releasePath } from "../emulator/module";

/** The best of so many counts: processor time, so that other work of the machine matters little. */
const ROUNDS = 3;
const module = new WebAssembly.Module(readFileSync(process.env.PLUGIN_WASM ?? releasePath()));

interface Measured {
  milliseconds: number;
  memory: number;
  status: string;
}

/** The time of the callback that gets the end of the body: the one that does the work. */
async function measure(way: Way, shape: string, bytes: number): Promise<Measured> {
  const host = await Host.load(module, { logLevel: "critical" });
  const plugin = host.configure(JSON.stringify(way.config));
  if (!plugin.ok) throw new Error(`${way.name} is refused`);
  // Once small, so that the engine has compiled what it will run.
  for (let round = 0; round < 20; round++) plugin.exchange(requestOf(way, shape, 2_000)).finish();
  const { requestChunks = [], ...rest } = requestOf(way, shape, bytes);
  let milliseconds = Infinity;
  let status = "";
  for (let round = 0; round < ROUNDS; round++) {
    const exchange = plugin.exchange({ ...rest, requestChunks: requestChunks.slice(0, -1), requestOpen: true });
    if (exchange.localReply === null) {
      const begun = process.cpuUsage();
      exchange.requestData(requestChunks[requestChunks.length - 1], true);
      const { user, system } = process.cpuUsage(begun);
      milliseconds = Math.min(milliseconds, (user + system) / 1000);
    }
    status = host.traps.length > 0 ? "TRAP" : String(exchange.localReply?.status ?? (exchange.upstream === null ? "held" : "sent"));
    exchange.finish();
  }
  return { milliseconds: Number.isFinite(milliseconds) ? milliseconds : 0, memory: host.memoryBytes, status };
}

export async function main([megabytes = "8", words = "", shapes = ""]: string[]): Promise<void> {
  const bytes = Math.round(Number(megabytes) * 1_000_000);
  for (const way of WAYS.filter(({ name }) => name.includes(words))) {
    for (const shape of way.takes.filter((one) => shapes === "" || shapes.split(",").includes(one))) {
      const { milliseconds, memory, status } = await measure(way, shape, bytes);
      console.log(
        [
          way.name.padEnd(34),
          shape.padEnd(12),
          `${milliseconds.toFixed(0).padStart(6)} ms`,
          `${(milliseconds / (bytes / 1e6)).toFixed(1).padStart(6)} ms/MB`,
          `${(memory / (1 << 20)).toFixed(0).padStart(5)} MiB`,
          `${(memory / bytes).toFixed(1).padStart(5)} x`,
          status,
        ].join(" "),
      );
    }
  }
}
