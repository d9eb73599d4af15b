// How each agent is set up and asked one thing. Everything it writes stays in a directory of the run; it gets no variable of the
// environment but those named here, knows no address but the gateway's, and sends neither telemetry nor looks for updates.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { picture } from "./picture";
import { ROOT } from "../tools/envoy-path.mjs";

/** The agents, and below them the Python clients that add something: each with the API that it speaks. */
export const SPEAKS = {
  codex: "responses",
  gemini: "gemini",
  opencode: "messages",
  "openai-agents": "responses",
  "google-genai": "gemini",
  anthropic: "messages",
  "litellm-messages": "messages",
  "litellm-chat": "chat",
} as const;
export type AgentName = keyof typeof SPEAKS;

export interface Outcome {
  /** 124 when it was ended for taking too long. */
  code: number;
  output: string;
}

interface Setup {
  env: Record<string, string>;
  words: string[];
}

/** An agent's sessions are bounded: one that waits for the gateway would wait for ever. */
const LIMIT_MS = 90_000;
const PROMPT = "Run the commands that you are told to run, and answer.";
/** Gemini's clients look at the model's name. */
export const modelOf = (agent: AgentName) => (SPEAKS[agent] === "gemini" ? "gemini-2.5-flash" : "m");
const binary = (name: string) => join(ROOT, "agents/node_modules/.bin", name);

function codex(port: number, home: string, image: string): Setup {
  const codexHome = join(home, "codex");
  mkdirSync(codexHome);
  const lines = [
    `model = "${modelOf("codex")}"`,
    'model_provider = "gw"',
    "[analytics]",
    "enabled = false",
    "[model_providers.gw]",
    'name = "gw"',
    `base_url = "http://127.0.0.1:${port}/v1"`,
    'env_key = "GW_KEY"',
    'wire_api = "responses"',
    "supports_websockets = false",
    "request_max_retries = 2",
    "stream_max_retries = 2",
  ];
  writeFileSync(join(codexHome, "config.toml"), `${lines.join("\n")}\n`);
  const exec = [binary("codex"), "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"];
  const words = [...exec, PROMPT, ...(image ? ["--image", image] : [])];
  return { env: { CODEX_HOME: codexHome, GW_KEY: "sk-agent" }, words };
}

function gemini(port: number, home: string, image: string): Setup {
  mkdirSync(join(home, ".gemini"));
  const settings = {
    security: { auth: { selectedType: "gemini-api-key" } },
    privacy: { usageStatisticsEnabled: false },
    general: { disableAutoUpdate: true },
    telemetry: { enabled: false },
  };
  writeFileSync(join(home, ".gemini/settings.json"), JSON.stringify(settings));
  const prompt = image ? `@${image.split("/").at(-1)} ${PROMPT}` : PROMPT;
  return {
    env: { GEMINI_API_KEY: "k", GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${port}`, GEMINI_CLI_TRUST_WORKSPACE: "true" },
    words: [binary("gemini"), "-m", modelOf("gemini"), "--yolo", "-p", prompt],
  };
}

/** Speaks Messages, as Claude Code does. */
function opencode(port: number, home: string, image: string): Setup {
  const directory = join(home, ".config/opencode");
  mkdirSync(directory, { recursive: true });
  const model = {
    name: "m",
    attachment: true,
    reasoning: true,
    modalities: { input: ["text", "image"], output: ["text"] },
    limit: { context: 100_000, output: 4_000 },
  };
  const config = {
    autoupdate: false,
    share: "disabled",
    model: "gw/m",
    permission: { bash: "allow" },
    provider: {
      gw: {
        npm: "@ai-sdk/anthropic",
        name: "gw",
        options: { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: "k" },
        models: { [modelOf("opencode")]: model },
      },
    },
  };
  writeFileSync(join(directory, "opencode.json"), JSON.stringify(config));
  return { env: {}, words: [binary("opencode"), "run", PROMPT, ...(image ? ["--file", image] : [])] };
}

/** A client in agents/python: told by its environment where the gateway is and what to ask. */
const python =
  (program: string, model: string) =>
  (port: number, _home: string, image: string): Setup => ({
    env: {
      ...{ GATEWAY: `http://127.0.0.1:${port}`, MODEL: model, PROMPT, IMAGE: image },
      ...{
        PYTHONDONTWRITEBYTECODE: "1",
        LITELLM_LOCAL_MODEL_COST_MAP: "True",
        LITELLM_TELEMETRY: "False",
        OPENAI_AGENTS_DISABLE_TRACING: "1",
      },
    },
    words: [join(ROOT, "build/agents-venv/bin/python"), join(ROOT, "agents/python", program)],
  });

const SETUPS: Record<AgentName, (port: number, home: string, image: string) => Setup> = {
  ...{ codex, gemini, opencode },
  "openai-agents": python("openai_agents.py", "m"),
  "google-genai": python("google_genai.py", modelOf("google-genai")),
  anthropic: python("anthropic_runner.py", "m"),
  "litellm-messages": python("litellm_loop.py", "anthropic/claude-sonnet-4-5"),
  "litellm-chat": python("litellm_loop.py", "openai/m"),
};

/** Runs one agent in a home of its own, in front of the gateway at `port`. */
export async function runAgent(agent: AgentName, port: number, home: string, hasImage: boolean): Promise<Outcome> {
  const directory = join(home, "repo");
  mkdirSync(directory);
  const image = hasImage ? join(directory, "picture.png") : "";
  if (hasImage) writeFileSync(image, picture());
  const { env, words } = SETUPS[agent](port, home, image);
  const { PATH = "", LANG = "C.UTF-8" } = process.env;
  const child = spawn(words[0], words.slice(1), {
    cwd: directory,
    env: { PATH, LANG, HOME: home, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: what the agent has started ends with it.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (output += String(piece)));
  let isLate = false;
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is gone.
    }
  };
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, LIMIT_MS);
  const code = await new Promise<number>((done) => {
    child.on("error", () => done(127));
    child.on("exit", (status) => done(status ?? 1));
  });
  clearTimeout(timer);
  end();
  return { code: isLate ? 124 : code, output };
}
