// What a worker keeps after one body of 10 MB, by what is done with it: `npm run bench:growth [-- WORDS]`. MiB of the VM's memory, for
// requests in one message and in many, and for responses.
import { readFileSync } from "node:fs";
import { WAYS, requestOf } from "./bodies";
import { Host } from "../emulator/host";
import { releasePath } from "../emulator/module";

const BYTES = 10 << 20;
const module = new WebAssembly.Module(readFileSync(process.env.PLUGIN_WASM ?? releasePath()));

export async function main([words = ""]: string[]): Promise<void> {
  for (const way of WAYS.filter(({ name }) => name.includes(words))) {
    for (const shape of way.takes.filter((one) => one === "text" || one === "messagesText")) {
      const host = await Host.load(module, { logLevel: "critical" });
      const plugin = host.configure(JSON.stringify(way.config));
      plugin.exchange(requestOf(way, shape, 2000)).finish();
      const before = host.memoryBytes;
      const exchange = plugin.exchange(requestOf(way, shape, BYTES));
      const status = exchange.localReply?.status ?? "sent";
      exchange.finish();
      const [first, after] = [before, host.memoryBytes].map((bytes) => (bytes / (1 << 20)).toFixed(1).padStart(6));
      console.log(`${way.name.padEnd(36)} ${shape.padEnd(13)} ${first} → ${after} MiB ${status}`);
    }
  }
}
