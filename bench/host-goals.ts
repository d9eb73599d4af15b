// The goals that the in-process host can measure: long prompts, memory after large bodies, and of limits. `npm run goals`.
import { readFileSync } from "node:fs";
import { Host, type Plugin, type RequestInit } from "../emulator/host";
import { releasePath } from "../emulator/module";
import { limits, scenarios, sender } from "./scenarios";

export interface Goal {
  what: string;
  bound: string;
  found: string;
  isMet: boolean;
}

const MIB = 1 << 20;
const ROUNDS = 15;
const PROVIDERS: Record<string, object> = {
  openai: { type: "openai", apiTokens: ["k"] },
  claude: { type: "claude", apiTokens: ["k"] },
  gemini: { type: "gemini", apiTokens: ["k"] },
  vertex: { type: "vertex", apiTokens: ["k"] },
  bedrock: { type: "bedrock", apiTokens: ["k"], awsRegion: "us-east-1" },
  cohere: { type: "cohere", apiTokens: ["k"] },
};
const TRANSLATED = Object.keys(PROVIDERS).filter((name) => name !== "openai");

const within = (what: string, found: number, bound: number, unit: string): Goal => ({
  ...{ what, bound: `≤ ${bound} ${unit}`, found: `${found.toFixed(found < 100 ? 1 : 0)} ${unit}`, isMet: found <= bound },
});

const post = (body: string): RequestInit => ({ path: "/v1/chat/completions", headers: { "content-type": "application/json" }, body });

/** 200 messages and 100 tools, about 300 KB: what an agent sends late in a session. */
function agentPrompt(): string {
  const text = 'She said: "so be it." Then the next line,\nand one more, until all is said. '.repeat(14);
  const call = { id: "call_1", type: "function", function: { name: "tool_1", arguments: '{"path":"src/main.ts","line":12}' } };
  const messages = Array.from({ length: 50 }, (_, at) => [
    { role: "user", content: `${at}: ${text}` },
    { role: "assistant", content: text, tool_calls: [{ ...call, id: `call_${at}` }] },
    { role: "tool", tool_call_id: `call_${at}`, content: text },
    { role: "assistant", content: text },
  ]).flat();
  const parameters = {
    type: "object",
    properties: { path: { type: "string", description: text.slice(0, 300) }, line: { type: "integer" } },
  };
  const tools = Array.from({ length: 100 }, (_, at) => ({
    type: "function",
    function: { name: `tool_${at}`, description: text.slice(0, 200), parameters },
  }));
  return JSON.stringify({ model: "m", messages, tools });
}

/** About a megabyte in 4,000 messages. */
const manyMessages = (bytes: number) => {
  const pair =
    '{"role":"user","content":"What is the next step, and why is it this one, and what was \\"before\\"?"},{"role":"assistant","content":"' +
    "plain words ".repeat(36) +
    '"}';
  return `{"model":"m","messages":[${Array<string>(Math.max(1, Math.round(bytes / pair.length)))
    .fill(pair)
    .join(",")}]}`;
};
const oneMessage = (bytes: number) =>
  `{"model":"m","messages":[{"role":"user","content":"${"plain words ".repeat(Math.round(bytes / 12))}"}]}`;

async function start(module: WebAssembly.Module, provider: object, config: object = {}): Promise<{ host: Host; plugin: Plugin }> {
  const host = await Host.load(module, { logLevel: "critical" });
  const plugin = host.configure(JSON.stringify({ provider, ...config }));
  if (!plugin.ok) throw new Error("a configuration of the goals is refused");
  return { host, plugin };
}

/** Processor milliseconds of a request until it is sent, the host's part included. */
function milliseconds(plugin: Plugin, request: RequestInit): number {
  const begun = process.cpuUsage();
  const exchange = plugin.exchange(request);
  const { user, system } = process.cpuUsage(begun);
  if (exchange.upstream === null) throw new Error("nothing was sent");
  exchange.abort();
  return (user + system) / 1000;
}

/** The least of some rounds in which all providers take turns: other work of the machine only adds. */
async function least(module: WebAssembly.Module, body: string): Promise<Record<string, number>> {
  const plugins = await Promise.all(
    Object.entries(PROVIDERS).map(async ([name, one]) => [name, (await start(module, one)).plugin] as const),
  );
  const found: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, plugin] of plugins) found[name] = Math.min(found[name] ?? Infinity, milliseconds(plugin, post(body)));
  return found;
}

/** Translated at most twice the time of passed, for each dialect. */
async function longPrompts(module: WebAssembly.Module): Promise<Goal[]> {
  const goals: Goal[] = [];
  for (const [title, body] of [
    ["200 messages, 100 tools", agentPrompt()],
    ["1 MB in many messages", manyMessages(1e6)],
  ]) {
    const times = await least(module, body);
    for (const name of TRANSLATED)
      goals.push(within(`${title}: ${name}, over passing it (${times.openai.toFixed(1)} ms)`, times[name] / times.openai, 2, "times"));
  }
  return goals;
}

/** What a worker keeps after one body of 10 MB. */
async function largeBodies(module: WebAssembly.Module): Promise<Goal[]> {
  const goals: Goal[] = [];
  for (const [shape, body] of [
    ["one message", oneMessage(10 * MIB)],
    ["many messages", manyMessages(10 * MIB)],
  ]) {
    for (const [name, provider] of Object.entries(PROVIDERS)) {
      const { host, plugin } = await start(module, provider);
      plugin.exchange(post(oneMessage(1000))).finish();
      const large = plugin.exchange(post(body));
      if (large.upstream === null) throw new Error(`${name} refuses 10 MB`);
      large.finish();
      goals.push(within(`memory after 10 MB in ${shape}, ${name}`, host.memoryBytes / MIB, 24, "MiB"));
    }
  }
  return goals;
}

/** What the counting of 100 limits leaves behind. */
async function limitsMemory(module: WebAssembly.Module): Promise<Goal> {
  const [scenario] = scenarios();
  const { host, plugin } = await start(module, scenario.provider, { limits: limits(100, "tokensPerDay") });
  const run = sender(plugin, scenario);
  for (let k = 0; k < 4000; k++) run();
  return within("memory after 4,000 requests, 100 limits", host.memoryBytes / MIB, 4, "MiB");
}

export async function main(): Promise<void> {
  const module = new WebAssembly.Module(readFileSync(process.env.PLUGIN_WASM ?? releasePath()));
  const goals = [...(await longPrompts(module)), ...(await largeBodies(module)), await limitsMemory(module)];
  console.log(JSON.stringify(goals));
}
