// Two providers behind one Envoy: upstreams that answer as OpenAI and as Anthropic do, requests of all kinds, and where they arrived.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readAccessLog } from "../../tools/access-log.mjs";
import { LOCAL_VALUES, fillTemplate } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { PLUGIN_PATH } from "../../emulator/module";
import { send, type ClientResponse, type Call } from "./client";
import { Upstream, type Reply, type SeenRequest } from "./upstream";

const event = (data: unknown) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

/** A chat completion, whole or as a stream, by what was asked. */
export function openaiReply({ json }: SeenRequest): Reply {
  const choice = { index: 0, finish_reason: "stop" };
  if (!json?.stream)
    return { body: { id: "c", model: "m", choices: [{ ...choice, message: { role: "assistant", content: "openai" } }], usage: USAGE } };
  const chunk = { id: "c", model: "m", choices: [{ ...choice, delta: { role: "assistant", content: "openai" } }] };
  return { pieces: [event(chunk), event({ id: "c", model: "m", choices: [], usage: USAGE }), event("[DONE]")], gapMs: 0 };
}

/** The same of Anthropic. */
export function claudeReply({ json }: SeenRequest): Reply {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "msg", type: "message", role: "assistant", model: "m", usage };
  const text = { type: "text", text: "claude" };
  if (!json?.stream) return { body: { ...message, content: [text], stop_reason: "end_turn" } };
  const events = [
    { type: "message_start", message: { ...message, content: [] } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "claude" } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage },
    { type: "message_stop" },
  ];
  return { pieces: events.map((one) => `event: ${one.type}\n${event(one)}`), gapMs: 0 };
}

/** Where a client may send: below which path, to which host, and to which provider that leads (null: either). */
const WAYS = [
  { prefix: "", host: "gw.test", provider: "openai" },
  { prefix: "/team-claude", host: "gw.test", provider: "claude" },
  { prefix: "/mixed", host: "gw.test", provider: null },
  { prefix: "", host: "claude.example.com", provider: "claude" },
] as const;

/** The kinds of requests that all ways are used for. */
const KINDS: ((prefix: string) => Call)[] = [
  (prefix) => ({ path: `${prefix}/v1/chat/completions`, body: CHAT }),
  (prefix) => ({ path: `${prefix}/v1/chat/completions`, body: { ...CHAT, stream: true } }),
  (prefix) => ({ path: `${prefix}/v1/messages`, body: { ...CHAT, max_tokens: 9 } }),
  (prefix) => ({ path: `${prefix}/v1/messages?beta=true`, body: { ...CHAT, max_tokens: 9, stream: true } }),
  (prefix) => ({ path: `${prefix}/v1/models` }),
  (prefix) => ({
    path: `${prefix}/v1/files`,
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: ["one", "two"],
  }),
];
const CHAT = { model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] };

export interface Sent {
  way: (typeof WAYS)[number];
  call: Call;
  response: ClientResponse;
}

export class Providers {
  private constructor(
    readonly openai: Upstream,
    readonly claude: Upstream,
    readonly envoy: EnvoyProcess,
    readonly port: number,
    private readonly directory: string,
  ) {}

  /** Envoy with a file of deploy/envoy, whose parsed form `change` may alter. */
  static async start(file: string, change: (config: any) => void = () => {}, concurrency = 2): Promise<Providers> {
    const directory = mkdtempSync(join(tmpdir(), "ai-proxy-providers-"));
    const [openai, claude] = await Promise.all([Upstream.start(), Upstream.start()]);
    const filled = fillTemplate(readFileSync(join(ROOT, file), "utf8"), {
      ...LOCAL_VALUES,
      LISTEN_PORT: 0,
      ADMIN_PORT: 0,
      UPSTREAM_PORT: openai.port,
      FALLBACK_HOST: "127.0.0.1",
      FALLBACK_PORT: claude.port,
      PLUGIN_WASM: PLUGIN_PATH,
      ACCESS_LOG: join(directory, "access.log"),
    });
    const config = parse(filled);
    change(config);
    writeFileSync(join(directory, "envoy.yaml"), stringify(config));
    const envoy = new EnvoyProcess({ configPath: join(directory, "envoy.yaml"), directory, concurrency });
    await envoy.ready();
    openai.reset(openaiReply);
    claude.reset(claudeReply);
    return new Providers(openai, claude, envoy, (await envoy.ports()).ai, directory);
  }

  /** `count` requests over all ways and kinds, from `clients` connections at a time. */
  async sendAll(count: number, clients = 12): Promise<Sent[]> {
    const sent: Sent[] = [];
    let next = 0;
    const client = async () => {
      while (next < count) {
        const n = next++;
        const way = WAYS[n % WAYS.length];
        const call = { ...KINDS[Math.floor(n / WAYS.length) % KINDS.length](way.prefix), host: way.host };
        sent.push({ way, call, response: await send(this.port, call) });
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    return sent;
  }

  /** Requests that arrived with another provider's credential or host name, or with none. */
  wrong(): SeenRequest[] {
    const isOpenai = ({ headers }: SeenRequest) =>
      headers.authorization === "Bearer sk-openai" && headers["x-api-key"] === undefined && headers.host === "api.openai.com";
    const isClaude = ({ headers }: SeenRequest) =>
      headers["x-api-key"] === "sk-ant-claude" && headers.authorization === undefined && headers.host === "api.anthropic.com";
    return [...this.openai.seen.filter((one) => !isOpenai(one)), ...this.claude.seen.filter((one) => !isClaude(one))];
  }

  /** How many requests were tried out, by Envoy's access log. */
  trials(): number {
    return readAccessLog(join(this.directory, "access.log")).filter((line) => line.response_code_details === "ai_proxy.route_trial").length;
  }

  async close(): Promise<void> {
    await this.envoy.stop();
    await Promise.all([this.openai.close(), this.claude.close()]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
