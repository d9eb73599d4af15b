// How long a VM takes to read a configuration: each in a VM of its own, as Envoy has one for each worker, with the code compiled
// beforehand, as Envoy's is. CPU time, so that other work on the machine counts less. Then what grows with the configuration: the time to
// read it, the first request, each request. `npm run bench:configuration [-- MODULE.wasm [OTHER.wasm]]`; two modules are measured in turns.
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

/** Configurations that grow, each with the request that has the longest way through it. */
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const OPENAI = { type: "openai", apiTokens: ["k"] };
interface Growing {
  name: string;
  config: object;
  model?: string;
  authority?: string;
  route?: string;
}
const ruled = (name: string, count: number, condition: (index: number) => object, request: object): Growing => ({
  ...{ name: `${count} rules by ${name}`, ...request },
  config: { provider: OPENAI, _rules_: numbers(count).map((index) => ({ ...condition(index), provider: OPENAI })) },
});
const mapped = (name: string, count: number, key: (index: number) => string, model: string): Growing => ({
  ...{ name: `${count} ${name} of a mapping`, model },
  config: { provider: { ...OPENAI, modelMapping: Object.fromEntries(numbers(count).map((index) => [key(index), `model-${index % 50}`])) } },
});
const growing = [10, 500, 5000].flatMap((count) => [
  ruled("route", count, (index) => ({ _match_route_: [`route-${index}`] }), { route: `route-${count - 1}` }),
  ruled("domain", count, (index) => ({ _match_domain_: [`api${index}.test`] }), { authority: `api${count - 1}.test` }),
  ruled("wildcard", count, (index) => ({ _match_domain_: [`*.a${index}.test`] }), { authority: `x.a${count - 1}.test` }),
  ruled("prefix", count, (index) => ({ _match_route_prefix_: [`team-${index}-`] }), { route: `team-${count - 1}-a` }),
]);
growing.push(
  ...[10, 1000, 10_000].flatMap((count) => [
    mapped("names", count, (index) => `client-model-${index}`, `client-model-${count - 1}`),
    mapped("prefixes", count, (index) => `client-model-${index}-*`, `client-model-${count - 1}-large`),
  ]),
);
growing.push({
  name: "2,000 consumers, whom each of 20 rules allows",
  config: {
    consumers: numbers(2000).map((index) => ({ name: `consumer-${index}`, credential: `key-of-consumer-${index}` })),
    _rules_: numbers(20).map((index) => ({
      ...{ _match_route_: [`route-${index}`], provider: OPENAI },
      allow: numbers(2000).map((consumer) => `consumer-${consumer}`),
    })),
  },
});

const REQUESTS = 300;
/** Milliseconds to configure and of the first request, microseconds of each: the least of some VMs. */
async function grow({ config, model = "m", authority = "gw.test", route = "r" }: Growing, code: WebAssembly.Module): Promise<number[]> {
  const text = JSON.stringify(config);
  const body = JSON.stringify({ messages: [{ role: "user", content: "Hello" }], model });
  const request = {
    ...{
      path: "/v1/chat/completions",
      headers: { "content-type": "application/json", authorization: "Bearer key-of-consumer-1999" },
    },
    ...{ authority, body, properties: { route_name: route } },
  };
  const least = [Infinity, Infinity, Infinity];
  for (let run = 0; run < 5; run++) {
    const host = await Host.load(code, { logLevel: "critical" });
    // What is compiled, and made once, is no part of it.
    const small = host.configure(JSON.stringify({ provider: OPENAI }));
    for (let n = 0; n < 200; n++) small.exchange(request).abort();
    const taken = (what: () => void) => {
      const begun = process.hrtime.bigint();
      what();
      return Number(process.hrtime.bigint() - begun) / 1e6;
    };
    let plugin = small;
    const times = [taken(() => (plugin = host.configure(text))), taken(() => plugin.exchange(request).abort())];
    let each = Infinity;
    for (let round = 0; round < 5; round++)
      each = Math.min(
        each,
        taken(() => numbers(REQUESTS).forEach(() => plugin.exchange(request).abort())),
      );
    times.push((each * 1000) / REQUESTS);
    if (!plugin.ok || host.traps.length > 0) throw new Error(JSON.stringify(plugin.logs.slice(0, 3)));
    times.forEach((time, index) => (least[index] = Math.min(least[index], time)));
  }
  return least;
}

const paths = process.argv.slice(2);
const modules = await Promise.all(
  (paths.length > 0 ? paths : ["build/plugin.wasm"]).map((path) => WebAssembly.compile(readFileSync(path))),
);
const [module] = modules;
if (paths.length < 2) {
  console.log("| configuration | size | median | least | 64 KiB pages |\n| --- | --- | --- | --- | --- |");
  console.log(await measure("500 rules, each with a provider of its own", ownProviders(500), module));
  console.log(await measure("500 rules and a catalogue of 500 providers", catalogue(500), module));
}
console.log(`\n| configuration |${" configure | first request | each request |".repeat(modules.length)}`);
console.log(`| --- |${" --- | --- | --- |".repeat(modules.length)}`);
for (const one of growing) {
  const cells: string[] = [];
  for (const code of modules) {
    const [configure, first, each] = await grow(one, code);
    cells.push(`${configure.toFixed(1)} ms | ${first.toFixed(2)} ms | ${each.toFixed(0)} µs`);
  }
  console.log(`| ${one.name} | ${cells.join(" | ")} |`);
}
