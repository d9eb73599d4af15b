// Very many exchanges of all kinds in one VM of the in-process host: is memory flat? `npm run soak:mixed [-- EXCHANGES]`; 2 million, the
// default, are about a day of 23 requests a second, and take some minutes.
import { readFileSync } from "node:fs";
import { Host } from "../emulator/host";
import { releasePath } from "../emulator/module";
import { assertSound, limits, scenarios, sender } from "./scenarios";

const CHUNKS = 3;
const SAMPLES = 20;
/** Exchanges until everything has been made that is made once. */
const WARM_UP = 20_000;
const LARGE_EVERY = 50_000;

/** Functions that send one exchange each: passed, translated, metered, limited, refused, broken off, large. */
async function kinds(host: Host): Promise<{ usual: ((n: number) => void)[]; large: () => void }> {
  const all = scenarios(CHUNKS).filter(({ name }) => !/MB|100 KB/.test(name));
  const usual = all.map((scenario): ((n: number) => void) => {
    const config = { provider: scenario.provider, ...scenario.config };
    return sender(host.configure(JSON.stringify(config)), scenario);
  });
  const strict = host.configure(
    JSON.stringify({
      ...{ provider: all[0].provider, limits: [...limits(3), { by: "header:x-user", requestsPerMinute: 5 }] },
      consumers: [{ name: "a", credential: "key-a" }],
      _rules_: [{ _match_domain_: ["a.test"], activeProviderId: "none" }],
    }),
  );
  const body = JSON.stringify(all[0].body);
  const request = (n: number, authorization: string) => ({
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", authorization, "x-user": `user-${n % 1000}` },
    body,
  });
  if (!strict.ok) throw new Error(JSON.stringify(strict.logs));
  usual.push((n) => strict.exchange(request(n, "Bearer key-a")).finish());
  usual.push((n) => strict.exchange(request(n, `Bearer wrong-${n}`)).finish());
  const broken = host.configure(JSON.stringify({ provider: all[0].provider }));
  usual.push((n) => {
    const exchange = broken.exchange(request(n, "Bearer k"));
    exchange.respond({ status: 500 + (n % 4), headers: { "content-type": "application/json" }, chunks: ['{"error":{"message":"no"}}'] });
    exchange.finish();
  });
  usual.push((n) => broken.exchange({ ...request(n, "Bearer k"), body: `{"model":"m-${n}","messages":` }).finish());
  usual.push((n) => broken.exchange(request(n, "Bearer k")).abort());
  const megabytes = JSON.stringify({ model: "m", messages: [{ role: "user", content: "x".repeat(4 << 20) }] });
  const claude = host.configure(JSON.stringify({ provider: { type: "claude", apiTokens: ["k"] } }));
  return { usual, large: () => claude.exchange({ ...request(0, "Bearer k"), body: megabytes }).finish() };
}

export async function main([count = "2000000"]: string[]): Promise<void> {
  const exchanges = Number(count);
  const host = await Host.load(new WebAssembly.Module(readFileSync(process.env.PLUGIN_WASM ?? releasePath())), { logLevel: "critical" });
  const { usual, large } = await kinds(host);
  const pages = () => host.memoryBytes / 65536;
  const run = (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      if (n % LARGE_EVERY === 0) large();
      usual[n % usual.length](n);
    }
  };
  run(0, WARM_UP);
  const early = pages();
  console.log(`after ${WARM_UP}: ${early} pages of 64 KiB, ${host.liveContexts.length} contexts`);
  for (let sample = 1; sample <= SAMPLES; sample++) {
    run(WARM_UP + (exchanges * (sample - 1)) / SAMPLES, WARM_UP + (exchanges * sample) / SAMPLES);
    console.log(`after ${WARM_UP + (exchanges * sample) / SAMPLES}: ${pages()} pages, ${host.liveContexts.length} contexts`);
  }
  assertSound(host);
  if (pages() > early) throw new Error(`memory has grown from ${early} to ${pages()} pages`);
}
