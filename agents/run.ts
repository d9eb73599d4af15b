// `npm run agents`: each agent through a real Envoy with the plugin, in front of a scripted provider of each dialect.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { releasePath } from "../emulator/module";
import { startLab } from "../tests/envoy/lab";
import { SPEAKS, modelOf, runAgent, type AgentName } from "./agents";
import type { Provider } from "./provider";
import { ChatProvider } from "./providers/chat";
import { ConverseProvider } from "./providers/converse";
import { GeminiProvider } from "./providers/gemini";
import { MessagesProvider } from "./providers/messages";
import { ResponsesProvider } from "./providers/responses";
import { FINAL, SCENARIOS, type Scenario } from "./scenarios";

const AGENTS = Object.keys(SPEAKS) as AgentName[];

/** litellm puts streams together without `extra_content` of calls, where Google's own chat endpoint has its signatures, too. */
const LOSES_SEALS: AgentName[] = ["litellm-chat"];

interface Service {
  config: object;
  make: (scenario: Scenario, agent: AgentName) => Provider;
}

const chat = (scenario: Scenario) => new ChatProvider(scenario);
const SERVICES: Record<string, Service> = {
  // DeepSeek has an API of Anthropic's form beside its own.
  deepseek: {
    config: { type: "deepseek", apiTokens: ["sk-up"] },
    make: (scenario, agent) => (SPEAKS[agent] === "messages" ? new MessagesProvider(scenario) : new ChatProvider(scenario)),
  },
  moonshot: { config: { type: "moonshot", apiTokens: ["sk-up"] }, make: chat },
  openai: {
    config: { type: "openai", apiTokens: ["sk-up"] },
    make: (scenario, agent) => (SPEAKS[agent] === "responses" ? new ResponsesProvider(scenario) : new ChatProvider(scenario)),
  },
  // Chat completions are not asked: Messages and Gemini are translated to the Responses API.
  responses: {
    config: { type: "openai", apiTokens: ["sk-up"], openaiApi: "responses" },
    make: (scenario) => new ResponsesProvider(scenario),
  },
  claude: { config: { type: "claude", apiTokens: ["sk-up"] }, make: (scenario) => new MessagesProvider(scenario) },
  gemini: { config: { type: "gemini", apiTokens: ["sk-up"] }, make: (scenario) => new GeminiProvider(scenario) },
  vertex: { config: { type: "vertex", apiTokens: ["sk-up"] }, make: (scenario) => new GeminiProvider(scenario) },
  bedrock: {
    config: { type: "bedrock", apiTokens: ["sk-up"], awsRegion: "us-east-1" },
    make: (scenario) => new ConverseProvider(scenario),
  },
};
/** A name that makes a provider of many families take the model for one that thinks with signatures and takes pictures. */
const MODELS: Record<string, string> = {
  bedrock: "anthropic.claude-sonnet-4-5-20250929-v1:0",
  vertex: "gemini-2.5-flash",
  gemini: "gemini-2.5-flash",
  responses: "gpt-5.3-codex",
  claude: "claude-sonnet-4-5",
};

export interface Selection {
  agents: string[];
  providers: string[];
  scenarios: string[];
}

export interface Result {
  name: string;
  /** Empty when the agent finished and the provider got what it has to get. */
  problems: string[];
  seconds: number;
}

/** One agent in front of one provider, once. */
async function runOne(agent: AgentName, service: string, scenario: Scenario): Promise<string[]> {
  const { config, make } = SERVICES[service];
  const provider = make(scenario, agent);
  provider.judgesSeals = !LOSES_SEALS.includes(agent);
  const port = await provider.listen();
  const home = mkdtempSync(join(tmpdir(), "agent-"));
  const mapping = { [modelOf(agent)]: MODELS[service] ?? "m", "*": MODELS[service] ?? "m" };
  const plugin = { config: { provider: { ...config, modelMapping: mapping } } };
  const lab = await startLab({ plugins: [plugin], upstreamPort: port, wasm: process.env.PLUGIN_WASM ?? releasePath() });
  try {
    const { code, output } = await runAgent(agent, lab.ports[0], home, scenario.hasImage === true);
    const problems = [...provider.problems];
    if (code !== 0 || !output.includes(FINAL)) problems.push(`it ended with ${code} and said: ${output.replace(/\s+/g, " ").slice(-400)}`);
    if (provider.requests < scenario.turns.length) problems.push(`${provider.requests} of ${scenario.turns.length} turns were asked for`);
    if (process.env.AGENTS_SHOW) for (const one of provider.seen) console.log(one);
    return problems;
  } finally {
    await lab.close();
    provider.close();
    rmSync(home, { recursive: true, force: true });
  }
}

const named = (names: string[], name: string) => names.length === 0 || names.includes(name);

/** Runs what is selected (an empty list: all), one after another, and says of each how it went. */
export async function runAgents({ agents, providers, scenarios }: Selection, say: (line: string) => void): Promise<Result[]> {
  const results: Result[] = [];
  for (const agent of AGENTS.filter((one) => named(agents, one))) {
    for (const service of Object.keys(SERVICES).filter((one) => named(providers, one))) {
      for (const scenario of SCENARIOS.filter((one) => named(scenarios, one.name))) {
        const begun = Date.now();
        const problems = await runOne(agent, service, scenario);
        const result = { name: `${agent} ${service} ${scenario.name}`, problems, seconds: (Date.now() - begun) / 1000 };
        results.push(result);
        say(`${problems.length === 0 ? "✓" : "✗"} ${result.name} (${result.seconds.toFixed(1)} s)`);
        for (const problem of problems) say(`    ${problem}`);
      }
    }
  }
  return results;
}
