// Mixed load against a real Envoy for a while: is memory flat, is every response right, is no VM lost? Everything stays on
// 127.0.0.1 and is bounded by the time given. `npm run soak -- 1200` (seconds).
import { setTimeout as sleep } from "node:timers/promises";
import { sseData, startLab, type ClientResponse, type Call } from "../tests/envoy/lab";
import { chat, claudeEvents, completion, message, openaiEvents, told } from "../tests/envoy/survival/payloads";
import { Peer } from "../tests/envoy/survival/peer";
import { pluginStat, vmReloads, waitFor } from "../tests/envoy/survival/watch";

const SECONDS = Number(process.argv[2] ?? 60);
const SAMPLE_MS = 10_000;
const BIG = "y".repeat(10 << 20);
const WORDS = Array.from({ length: 20 }, (_, index) => `word${index} `);
const TEXT = WORDS.join("");
const STREAM = { stream: true };
const MB = 1 << 20;

const peer = await Peer.start();
peer.play = async (request, response, body) => {
  const isClaude = request.url === "/v1/messages";
  const way = request.headers["x-way"];
  if (way === "error") return void response.writeHead(500, { "content-type": "application/json" }).end('{"error":{"message":"no"}}');
  if (way === "reset") return void response.socket.resetAndDestroy();
  const isStream = body.subarray(0, 200).includes('"stream":true');
  response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
  if (!isStream) return void response.end(JSON.stringify(isClaude ? message(TEXT) : completion(TEXT)));
  for (const event of isClaude ? claudeEvents(WORDS) : openaiEvents(WORDS)) {
    response.write(event);
    await sleep(2);
  }
  if (way === "cut") response.socket.destroy();
  else response.end();
};
const provider = (type: string) => ({ config: { provider: { type, apiTokens: ["k"], modelMapping: { "*": "mapped" } } } });
const lab = await startLab({ upstreamPort: peer.port, plugins: [provider("openai"), provider("claude")] });

const isWhole = (response: ClientResponse) => response.json().choices[0].message.content === TEXT;
const isStreamed = (response: ClientResponse) => told(sseData(response.body)).text === TEXT;
/** Name, listener, call, pause after it in ms, what is right. */
const LOAD: [string, number, Call, number, (response: ClientResponse) => boolean][] = [
  ["whole", 0, { body: chat("ping") }, 10, isWhole],
  ["100 KB", 0, { body: chat("x".repeat(100_000)) }, 20, isWhole],
  ["stream", 0, { body: chat("ping", STREAM) }, 10, isStreamed],
  ["stream, too", 0, { body: chat("ping", { ...STREAM, stream_options: { include_usage: true } }) }, 10, isStreamed],
  ["translated", 1, { body: chat("ping") }, 10, isWhole],
  ["translated stream", 1, { body: chat("ping", STREAM) }, 10, isStreamed],
  ["10 MB", 0, { body: { messages: [{ role: "user", content: BIG }], model: "m" } }, 4000, isWhole],
  ["10 MB translated", 1, { body: chat(BIG) }, 4000, isWhole],
  ["client leaves", 0, { body: chat("ping", STREAM), abortAfterBytes: 300 }, 30, (response) => response.status === 200],
  ["client leaves, translated", 1, { body: chat("ping", STREAM), abortAfterBytes: 300 }, 30, (response) => response.status === 200],
  ["error", 1, { body: chat("ping"), headers: { "x-way": "error" } }, 30, (response) => response.status === 500],
  ["reset", 0, { body: chat("ping"), headers: { "x-way": "reset" } }, 30, (response) => response.status === 502],
  ["cut", 1, { body: chat("ping", STREAM), headers: { "x-way": "cut" } }, 30, (response) => response.status === 200],
];

const until = Date.now() + SECONDS * 1000;
const counts = new Map<string, { right: number; wrong: number; first: string }>();
async function loop([name, listener, call, pauseMs, isRight]: (typeof LOAD)[number]): Promise<void> {
  const count = { right: 0, wrong: 0, first: "" };
  counts.set(name, count);
  while (Date.now() < until) {
    const response = await lab.call(listener, call).catch((error: Error) => String(error));
    let isGood = false;
    try {
      isGood = typeof response !== "string" && isRight(response);
    } catch {
      // A response of another shape is counted as wrong.
    }
    if (isGood) count.right++;
    else {
      count.wrong++;
      count.first ||= typeof response === "string" ? response : `${response.status} ${response.text.slice(-200)}`;
    }
    await sleep(pauseMs);
  }
}

const samples: { seconds: number; resident: number; vm: number }[] = [];
async function sample(): Promise<void> {
  const started = Date.now();
  const take = async () => {
    const vm = await pluginStat(lab, "ai_proxy.memory_bytes").catch(() => 0);
    samples.push({ seconds: Math.round((Date.now() - started) / 1000), resident: lab.residentBytes() / MB, vm: vm / MB });
  };
  while (Date.now() < until) {
    await take();
    await sleep(Math.min(SAMPLE_MS, Math.max(0, until - Date.now())));
  }
  await waitFor(async () => (await pluginStat(lab, "ai_proxy.requests_in_flight")) === 0, 30_000);
  await take();
}

await Promise.all([sample(), ...LOAD.map(loop)]);
console.log("| exchanges | right | wrong |\n| --- | --- | --- |");
for (const [name, { right, wrong, first }] of counts) console.log(`| ${name} | ${right} | ${wrong} | ${first}`.trimEnd());
console.log("\n| seconds | resident MB | VM MB |\n| --- | --- | --- |");
const step = Math.max(1, Math.floor(samples.length / 12));
const shown = samples.filter((_, index) => index % step === 0 || index === samples.length - 1);
for (const { seconds, resident, vm } of shown) console.log(`| ${seconds} | ${resident.toFixed(1)} | ${vm.toFixed(1)} |`);
const stats = ["requests_in_flight", "held_bytes"].map(async (name) => `${name} ${await pluginStat(lab, `ai_proxy.${name}`)}`);
console.log(`\nat the end: ${(await Promise.all(stats)).join(", ")}; VM reloads: ${(await vmReloads(lab)).join(" ") || "none"}`);
await lab.close();
await peer.close();
