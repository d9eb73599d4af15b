// Four providers of different dialects behind one Envoy and one URL: upstreams that answer as their APIs do, and where requests arrived.
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { PLUGIN_PATH } from "../../emulator/module";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { LOCAL_VALUES, fillTemplate } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { event as awsEvent } from "../unit/aws-frames";
import { claudeReply, openaiReply } from "./providers";
import { Upstream, type Reply, type SeenRequest } from "./upstream";

export const NAMES = ["openai", "claude", "gemini", "bedrock"] as const;
export type Name = (typeof NAMES)[number];

/** What Google's API answers. */
function geminiReply({ path }: SeenRequest): Reply {
  const part = (text: string, finishReason?: string) => ({
    candidates: [{ index: 0, content: { role: "model", parts: [{ text }] }, finishReason }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  });
  if (!path.includes(":stream")) return { body: part("gemini", "STOP") };
  return { pieces: [part("gem"), part("ini", "STOP")].map((one) => `data: ${JSON.stringify(one)}\n\n`), gapMs: 0 };
}

/** What Bedrock's Converse answers. */
function bedrockReply({ path }: SeenRequest): Reply {
  const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
  if (!path.endsWith("-stream"))
    return { body: { output: { message: { role: "assistant", content: [{ text: "bedrock" }] } }, stopReason: "end_turn", usage } };
  const events: [string, unknown][] = [
    ["messageStart", { role: "assistant" }],
    ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "bedrock" } }],
    ["contentBlockStop", { contentBlockIndex: 0 }],
    ["messageStop", { stopReason: "end_turn" }],
    ["metadata", { usage }],
  ];
  const pieces = events.map(([type, data]) => awsEvent(type, data));
  return { headers: { "content-type": "application/vnd.amazon.eventstream" }, pieces, gapMs: 0 };
}

export const REPLIES: Record<Name, (request: SeenRequest) => Reply> = {
  openai: openaiReply,
  claude: claudeReply,
  gemini: geminiReply,
  bedrock: bedrockReply,
};

/** The header in which each provider wants its key, and what stands before it. */
const CREDENTIALS: Record<Name, [header: string, scheme: string]> = {
  openai: ["authorization", "Bearer "],
  claude: ["x-api-key", ""],
  gemini: ["x-goog-api-key", ""],
  bedrock: ["authorization", "Bearer "],
};

export class FourProviders {
  private edition = 0;

  private constructor(
    readonly upstreams: Record<Name, Upstream>,
    readonly envoy: EnvoyProcess,
    readonly port: number,
    private readonly directory: string,
    private readonly listener: any,
  ) {}

  /** Envoy with a file of deploy/envoy, whose parsed form `change` may alter. Its listener can be updated. */
  static async start(file: string, change: (config: any) => void = () => {}, concurrency = 2): Promise<FourProviders> {
    const directory = mkdtempSync(join(tmpdir(), "ai-proxy-four-"));
    const started = await Promise.all(NAMES.map(() => Upstream.start()));
    const upstreams = Object.fromEntries(NAMES.map((name, index) => [name, started[index]])) as Record<Name, Upstream>;
    for (const name of NAMES) upstreams[name].reset(REPLIES[name]);
    const places = { UPSTREAM: upstreams.openai, CLAUDE: upstreams.claude, GEMINI: upstreams.gemini, BEDROCK: upstreams.bedrock };
    const values: Record<string, string | number> = { ...LOCAL_VALUES, LISTEN_PORT: 0, ADMIN_PORT: 0, PLUGIN_WASM: PLUGIN_PATH };
    for (const [place, { port }] of Object.entries(places)) {
      values[`${place}_HOST`] = "127.0.0.1";
      values[`${place}_PORT`] = port;
    }
    values.ACCESS_LOG = join(directory, "access.log");
    const config = parse(fillTemplate(readFileSync(join(ROOT, file), "utf8"), values));
    change(config);
    const [listener] = config.static_resources.listeners;
    delete config.static_resources.listeners;
    const path = join(directory, "listeners.json");
    config.node = { id: "test", cluster: "test" };
    config.dynamic_resources = { lds_config: { path_config_source: { path } } };
    publish(path, listener, 0);
    writeFileSync(join(directory, "envoy.yaml"), stringify(config));
    const envoy = new EnvoyProcess({ configPath: join(directory, "envoy.yaml"), directory, concurrency, drainSeconds: 1 });
    await envoy.ready();
    return new FourProviders(upstreams, envoy, (await envoy.ports()).ai, directory, listener);
  }

  /** The plugin's configuration in the listener. */
  get configuration(): any {
    return JSON.parse(pluginOf(this.listener).configuration.value);
  }

  /** Gives the plugin in the listener another one; resolves when Envoy has taken it. */
  async update(configuration: object): Promise<void> {
    const taken = async () => Number((await this.envoy.admin("/stats?filter=^listener_manager.lds.update_success$")).split(":")[1]);
    const before = await taken();
    pluginOf(this.listener).configuration.value = JSON.stringify(configuration);
    publish(join(this.directory, "listeners.json"), this.listener, ++this.edition);
    for (let left = 400; (await taken()) === before; left--) {
      if (left === 0) throw new Error(`Envoy took no update:\n${this.envoy.log().slice(-2000)}`);
      await sleep(25);
    }
  }

  /** Requests that arrived with a credential that is none of the provider's `keys`, or with two. */
  wrong(keys: Record<Name, string[]>): [Name, SeenRequest][] {
    return NAMES.flatMap((name) => {
      const [header, scheme] = CREDENTIALS[name];
      const others = ["authorization", "x-api-key", "x-goog-api-key", "api-key"].filter((one) => one !== header);
      const isRight = ({ headers }: SeenRequest) =>
        keys[name].some((key) => headers[header] === scheme + key) && others.every((one) => headers[one] === undefined);
      return this.upstreams[name].seen.filter((one) => !isRight(one)).map((one): [Name, SeenRequest] => [name, one]);
    });
  }

  /** Lines of the access log, `ai_log` parsed. */
  logs(): any[] {
    return readAccessLog(join(this.directory, "access.log")).map((line: any) => ({ ...line, ai: parseAiLog(line.ai_log ?? "") }));
  }

  async close(): Promise<void> {
    await this.envoy.stop();
    await Promise.all(NAMES.map((name) => this.upstreams[name].close()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function pluginOf(listener: any): any {
  const { http_filters: filters } = listener.filter_chains[0].filters[0].typed_config;
  return filters.find((one: any) => one.name === "ai-proxy").typed_config.config;
}

/** Envoy looks at a file of listeners again when another is moved to its place. */
function publish(path: string, listener: any, edition: number): void {
  const resource = { "@type": "type.googleapis.com/envoy.config.listener.v3.Listener", ...listener };
  writeFileSync(`${path}.next`, JSON.stringify({ version_info: String(edition), resources: [resource] }));
  renameSync(`${path}.next`, path);
}
