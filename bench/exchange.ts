// What one exchange costs, measured in Node with the tests' in-process host: time in the module and in the host together,
// host calls, allocations asked for by the host. `npm run bench`; the race in a real Envoy is in docs/performance.md.
import { readFileSync, statSync } from "node:fs";
import { Host } from "../tests/host/host";

interface Scenario {
  name: string;
  provider: object;
  path?: string;
  body: object;
  answer: { headers: Record<string, string>; chunks: string[] };
  /** Exchanges that are measured. */
  runs: number;
}

const JSON_TYPE = { "content-type": "application/json" };
const SSE_TYPE = { "content-type": "text/event-stream" };
const openai = { type: "openai", apiTokens: ["sk-1"], modelMapping: { "*": "gpt-4o-mini" } };
const claude = { type: "claude", apiTokens: ["sk-1"], modelMapping: { "*": "claude-sonnet-4-5" } };
const text = (bytes: number) => 'She said: "so be it."\n '.repeat(Math.max(1, Math.ceil(bytes / 26)));
const chat = (bytes: number, extra = {}) => ({
  model: "gpt-4o",
  ...extra,
  messages: [{ role: "user", content: text(bytes) }],
  temperature: 0.7,
});
const completion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1764000000,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: text(300) }, finish_reason: "stop" }],
  usage: { prompt_tokens: 100, completion_tokens: 80, total_tokens: 180 },
};
const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content: [{ type: "text", text: text(300) }],
  stop_reason: "end_turn",
  usage: { input_tokens: 100, output_tokens: 80 },
};
const CHUNKS = 200;
const piece = (delta: object, rest = {}) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "gpt-4o-mini", choices: [{ index: 0, delta, finish_reason: null }], ...rest })}\n\n`;
const chatStream = [...Array(CHUNKS).fill(piece({ content: " word" })), "data: [DONE]\n\n"];
const claudeEvent = (event: object & { type: string }) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const claudeStream = [
  claudeEvent({ type: "message_start", message: { ...message, content: [] } } as never),
  claudeEvent({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never),
  ...Array(CHUNKS).fill(claudeEvent({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: " word" } } as never)),
  claudeEvent({ type: "content_block_stop", index: 0 } as never),
  claudeEvent({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 80 } } as never),
  claudeEvent({ type: "message_stop" }),
];
const whole = (value: object) => ({ headers: JSON_TYPE, chunks: [JSON.stringify(value)] });
const streamed = (chunks: string[]) => ({ headers: SSE_TYPE, chunks });
const asked = { stream: true, stream_options: { include_usage: true } };

const SCENARIOS: Scenario[] = [
  { name: "pass-through, 1 KB", provider: openai, body: chat(1 << 10), answer: whole(completion), runs: 5000 },
  { name: "pass-through, 100 KB", provider: openai, body: chat(100 << 10), answer: whole(completion), runs: 1000 },
  { name: "pass-through, 1 MB", provider: openai, body: chat(1 << 20), answer: whole(completion), runs: 100 },
  { name: "metered stream of 200 chunks", provider: openai, body: chat(1 << 10, asked), answer: streamed(chatStream), runs: 200 },
  {
    name: "the same, usage chunk hidden",
    provider: openai,
    body: chat(1 << 10, { stream: true }),
    answer: streamed(chatStream),
    runs: 200,
  },
  { name: "translated to Claude, 1 KB", provider: claude, body: chat(1 << 10), answer: whole(message), runs: 2000 },
  { name: "translated stream of 200 chunks", provider: claude, body: chat(1 << 10, asked), answer: streamed(claudeStream), runs: 200 },
];

async function measure(scenario: Scenario, wasm: Buffer): Promise<string> {
  const host = await Host.load(wasm);
  const plugin = host.configure(JSON.stringify({ provider: scenario.provider }));
  if (!plugin.ok) throw new Error(JSON.stringify(plugin.logs));
  const request = { method: "POST", path: "/v1/chat/completions", headers: JSON_TYPE, body: JSON.stringify(scenario.body) };
  const run = () => {
    const exchange = plugin.exchange(request);
    exchange.respond({ status: 200, ...scenario.answer });
    exchange.finish();
  };
  for (let k = 0; k < Math.max(20, scenario.runs / 10); k++) run();
  host.resetCounts();
  const start = process.hrtime.bigint();
  for (let k = 0; k < scenario.runs; k++) run();
  const micros = Number(process.hrtime.bigint() - start) / 1000 / scenario.runs;
  if (host.violations.length > 0 || host.traps.length > 0) throw new Error(JSON.stringify([host.violations[0], host.traps[0]]));
  const per = (count: number) => (count / scenario.runs).toFixed(1);
  const chunks = scenario.answer.chunks.length;
  const perChunk = chunks > 1 ? (micros / chunks).toFixed(2) : "";
  return `| ${scenario.name} | ${micros.toFixed(1)} | ${perChunk} | ${per(host.hostCallCount)} | ${per(host.allocations)} | ${(host.memoryBytes / 65536).toFixed(0)} |`;
}

const path = process.argv[2] ?? "build/plugin.wasm";
const wasm = readFileSync(path);
console.log(`${path}: ${statSync(path).size} bytes\n`);
console.log(
  "| exchange | µs in Node's host | µs a chunk | host calls | host allocations | 64 KiB pages |\n| --- | --- | --- | --- | --- | --- |",
);
for (const scenario of SCENARIOS) console.log(await measure(scenario, wasm));
