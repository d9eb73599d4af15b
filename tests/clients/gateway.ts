// One Envoy with a listener per provider, and what points the official clients at it. Every test file opens one.
//
//   const gateway = await openGateway(["openai", "claude"]);
//   const client = new OpenAI(gateway.openai("claude")); // the openai package, answered by the provider type claude
//   gateway.respond(wire.completion({ … }));        // what the provider says next, in its own shape
//   expect(gateway.sent()).toEqual({ … });         // the one body that the provider got
//   const entry = await gateway.log("model-1");    // ai_log of the request for that model
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { startLab, type Lab, type Reply, type Script, type SeenRequest } from "../envoy/lab";

/** What the clients carry; it must never reach a provider. */
export const CLIENT_KEY = "client-key-of-the-user";
/** `message.content` and the like of every client call that asks nothing in particular. */
export const ASK = [{ role: "user" as const, content: "ping" }];

const LOG_LIMIT_MS = 5_000;
const CALL_LIMIT_MS = 10_000;

/** The plugin's configurations, one listener each. */
const CONFIGS = {
  openai: { type: "openai", apiTokens: ["sk-openai"], modelMapping: { "alias-*": "gpt-up" } },
  responses: { type: "openai", apiTokens: ["sk-responses"], openaiApi: "responses", modelMapping: { "alias-*": "gpt-5.3-codex" } },
  claude: { type: "claude", apiTokens: ["sk-claude"], modelMapping: { "alias-*": "claude-sonnet-4-5" } },
  gemini: { type: "gemini", apiTokens: ["sk-gemini"], modelMapping: { "alias-*": "gemini-2.5-flash" } },
  deepseek: { type: "deepseek", apiTokens: ["sk-deepseek"], modelMapping: { "claude-*": "deepseek-chat" } },
  mistral: { type: "mistral", apiTokens: ["sk-mistral"] },
  groq: { type: "groq", apiTokens: ["sk-groq"] },
  bedrock: { type: "bedrock", apiTokens: ["sk-bedrock"], awsRegion: "us-east-1" },
} as const;

export type ProviderName = keyof typeof CONFIGS;

export interface GatewayLog {
  status: number;
  flags: string;
  aiLog: Record<string, unknown>;
}

export class Gateway {
  constructor(
    readonly lab: Lab,
    private readonly names: ProviderName[],
  ) {}

  /** The address of a provider's listener, without a path. */
  url(name: ProviderName): string {
    return `http://127.0.0.1:${this.lab.ports[this.names.indexOf(name)]}`;
  }

  /** Options of the openai package's client. */
  openai(name: ProviderName, maxRetries = 0) {
    return { apiKey: CLIENT_KEY, baseURL: `${this.url(name)}/v1`, maxRetries, timeout: CALL_LIMIT_MS };
  }

  /** Options of the Anthropic package's client. */
  anthropic(name: ProviderName, maxRetries = 0) {
    return { apiKey: CLIENT_KEY, baseURL: this.url(name), maxRetries, timeout: CALL_LIMIT_MS };
  }

  /** Options of the Google package's client. */
  google(name: ProviderName, attempts = 1) {
    const retryOptions = attempts > 1 ? { retryOptions: { attempts } } : {};
    return { apiKey: CLIENT_KEY, vertexai: false, httpOptions: { baseUrl: this.url(name), timeout: CALL_LIMIT_MS, ...retryOptions } };
  }

  /** Sets what the provider answers next and forgets what it saw. A list of strings or bytes is a stream. */
  respond(...responses: (Reply | object | (string | Uint8Array)[])[]): void {
    this.lab.upstream.reset(responses.map(toReply));
  }

  script(script: Script): void {
    this.lab.upstream.reset(script);
  }

  get seen(): SeenRequest[] {
    return this.lab.upstream.seen;
  }

  /** The one request that the provider got. Throws when it was not one. */
  request(): SeenRequest {
    if (this.seen.length !== 1 || !this.seen[0]) throw new Error(`the provider got ${this.seen.length} requests`);
    return this.seen[0];
  }

  /** The JSON body of request `index` that the provider got. */
  sent(index = 0): any {
    const request = this.seen[index];
    if (!request) throw new Error(`the provider got ${this.seen.length} requests`);
    return request.json;
  }

  /** The log entry of the request whose client asked for `model`. Throws when none comes within 5 s, or more than one. */
  async log(model: string): Promise<GatewayLog> {
    const limit = Date.now() + LOG_LIMIT_MS;
    do {
      const found = this.logs().filter((entry) => entry.aiLog.request_model === model);
      if (found.length > 1) throw new Error(`${found.length} log entries for ${model}`);
      if (found[0]) return found[0];
      await sleep(20);
    } while (Date.now() < limit);
    throw new Error(`no log entry for ${model}`);
  }

  /** All log entries that carry an ai_log. */
  logs(): GatewayLog[] {
    return readAccessLog(join(dirname(this.lab.envoy.logPath), "access.log")).flatMap((line) => {
      const aiLog = parseAiLog(line.ai_log);
      return aiLog ? [{ status: Number(line.status), flags: String(line.flags), aiLog }] : [];
    });
  }

  close(): Promise<void> {
    return this.lab.close();
  }
}

const isReply = (value: object): value is Reply =>
  ["status", "headers", "body", "pieces", "raw"].some((key) => key in value) && !("id" in value) && !("type" in value);

function toReply(value: Reply | object | (string | Uint8Array)[]): Reply {
  if (Array.isArray(value)) return { pieces: value };
  return isReply(value) ? value : { body: value };
}

/** Starts Envoy with a listener for each of the providers. */
export async function openGateway(names: ProviderName[]): Promise<Gateway> {
  const lab = await startLab({ plugins: names.map((name) => ({ config: { provider: CONFIGS[name] } })) });
  return new Gateway(lab, names);
}

/** The error that `call` ends with. Throws when it succeeds. */
export async function errorOf<T>(call: PromiseLike<unknown> | (() => Promise<unknown>)): Promise<T> {
  try {
    await (typeof call === "function" ? call() : call);
  } catch (error) {
    return error as T;
  }
  throw new Error("the call succeeded");
}

/** Every item of a stream. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Lists of one text in pieces of `size` characters, as models stream them. */
export const cut = (text: string, size = 5): string[] => text.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [];
