// Gateways that share their limits: Envoys with deploy/envoy/ratelimit.yaml, one envoyproxy/ratelimit with the limits of
// deploy/envoy/ratelimit-config, one Redis, and a scripted provider behind. Limits are per year here, so that no window ends
// while a test runs, and each test has consumers of its own.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { LOCAL_VALUES, fillTemplate } from "../../tools/envoy-config.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { EnvoyProcess } from "../../tools/envoy-process.mjs";
import { RateLimitService, Redis } from "../../tools/ratelimit.mjs";
import { send, type ClientResponse, type Call } from "../envoy/client";
import { Upstream } from "../envoy/upstream";
import { PLUGIN_PATH } from "../../emulator/module";

const WAIT_LIMIT_MS = 15_000;
const CONSUMERS = ["exact", "spender", "payer", "modeler", "redis", "service", "frozen", "retried", "broken", "left"];

/** What a consumer may use; all else is unlimited. */
export interface Budget {
  requests?: number;
  tokens?: number;
  /** Millionths of a dollar. */
  cost?: number;
  /** Tokens of the model gpt-4o. */
  modelTokens?: number;
}

export interface GatewayOptions {
  failureModeDeny?: boolean;
  /** The plugin at the listener knows consumers only; its provider is in a plugin that runs for each attempt. */
  asUpstreamFilter?: boolean;
}

/** Repeats until `isSo` says true. Throws with `what` when that does not come. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + WAIT_LIMIT_MS;
  while (!(await isSo())) {
    if (Date.now() > limit) throw new Error(`did not come: ${what}`);
    await sleep(20);
  }
}

/** One Envoy. */
export class Gateway {
  /** Pairs responses with log lines; ports of clients come again among so many connections. */
  private readonly numbers = new Map<ClientResponse, string>();
  private count = 0;

  constructor(
    readonly envoy: EnvoyProcess,
    readonly port: number,
    private readonly logPath: string,
  ) {}

  /** A chat of a consumer of the lab. */
  async chat(consumer: string, body: object = {}, call: Call = {}): Promise<ClientResponse> {
    const number = String(this.count++);
    const chat = { model: "m", messages: [{ role: "user", content: "ping" }], ...body };
    const headers = { authorization: `Bearer gw-${consumer}`, "x-lab-number": number };
    const response = await send(this.port, { body: chat, ...call, headers });
    this.numbers.set(response, number);
    return response;
  }

  /** The access log line of a call, with `ai_log` parsed. */
  async log(response: ClientResponse): Promise<{ response_flags: string; response_code_details: string; ai_log: any }> {
    const number = this.numbers.get(response);
    const find = () => readAccessLog(this.logPath).find((line) => number !== undefined && line.number === number) as any;
    await until(`log line ${number}`, () => find() !== undefined);
    const line = find();
    return { ...line, ai_log: parseAiLog(line.ai_log) };
  }

  /** The sum of all statistics whose names match. */
  async stat(pattern: RegExp): Promise<number> {
    const lines = (await this.envoy.admin("/stats")).split("\n").filter((line) => pattern.test(line));
    return lines.reduce((sum, line) => sum + Number(line.split(": ")[1]), 0);
  }
}

export class RateLimitLab {
  readonly directory = mkdtempSync(join(tmpdir(), "ai-proxy-ratelimit-"));
  gateways: Gateway[] = [];
  upstream!: Upstream;
  redis!: Redis;
  service!: RateLimitService;

  async start(budgets: Record<string, Budget>, gateways: GatewayOptions[]): Promise<void> {
    this.upstream = await Upstream.start();
    this.redis = await Redis.start(this.directory);
    this.service = await RateLimitService.start({ directory: this.directory, config: this.writeLimits(budgets), redis: this.redis });
    this.gateways = await Promise.all(gateways.map((options, index) => this.startGateway(options, index)));
  }

  async close(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.envoy.stop()));
    await this.service?.stop();
    await this.redis?.stop();
    await this.upstream?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private writeLimits(budgets: Record<string, Budget>): string {
    const config = parse(readFileSync(join(ROOT, "deploy/envoy/ratelimit-config/ai.yaml"), "utf8"));
    const [requests, tokens, costs, models] = config.descriptors;
    const UNLIMITED = 1_000_000_000;
    const own = (entry: any, value: string, most: number) => ({
      ...entry,
      value,
      rate_limit: { ...entry.rate_limit, requests_per_unit: most },
    });
    const [everyRequest, everyToken, everyCost] = [requests, tokens, costs].map(({ descriptors }) => descriptors[0]);
    const everyModel = models.descriptors[0].descriptors[0];
    for (const entry of [everyRequest, everyToken, everyCost, everyModel])
      Object.assign(entry.rate_limit, { unit: "year", requests_per_unit: UNLIMITED });
    requests.descriptors = [everyRequest];
    for (const [consumer, budget] of Object.entries(budgets)) {
      if (budget.requests) requests.descriptors.push(own(everyRequest, consumer, budget.requests));
      if (budget.tokens) tokens.descriptors.push(own(everyToken, consumer, budget.tokens));
      if (budget.cost) costs.descriptors.push(own(everyCost, consumer, budget.cost));
      if (budget.modelTokens)
        models.descriptors.push({ key: "consumer", value: consumer, descriptors: [own(everyModel, everyModel.value, budget.modelTokens)] });
    }
    const folder = join(this.directory, "limits");
    mkdirSync(folder);
    writeFileSync(join(folder, "ai.yaml"), stringify(config, { aliasDuplicateObjects: false }));
    return folder;
  }

  private async startGateway({ failureModeDeny = false, asUpstreamFilter = false }: GatewayOptions, index: number): Promise<Gateway> {
    const directory = join(this.directory, `envoy${index}`);
    mkdirSync(directory);
    const logPath = join(directory, "access.log");
    const filled = fillTemplate(readFileSync(join(ROOT, "deploy/envoy/ratelimit.yaml"), "utf8"), {
      ...LOCAL_VALUES,
      ...{ LISTEN_PORT: 0, ADMIN_PORT: 0, UPSTREAM_PORT: this.upstream.port, ACCESS_LOG: logPath, PLUGIN_WASM: PLUGIN_PATH },
      ...{ RATELIMIT_HOST: "127.0.0.1", RATELIMIT_PORT: this.service.port },
    });
    const config = parse(filled);
    const manager = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
    manager.access_log[0].typed_config.log_format.json_format.number = "%REQ(X-LAB-NUMBER)%";
    const [plugin, ratelimit] = manager.http_filters;
    const { configuration } = plugin.typed_config.config;
    const consumers = CONSUMERS.map((name) => ({ name, credential: `gw-${name}` }));
    configuration.value = JSON.stringify({ ...JSON.parse(configuration.value), consumers });
    if (asUpstreamFilter) moveProvider(config, plugin);
    ratelimit.typed_config.failure_mode_deny = failureModeDeny;
    // A machine that does other work must not look like a service that is down.
    ratelimit.typed_config.timeout = "2s";
    const configPath = join(directory, "envoy.yaml");
    writeFileSync(configPath, stringify(config));
    const envoy = new EnvoyProcess({ configPath, directory, concurrency: 2 });
    await envoy.ready();
    return new Gateway(envoy, (await envoy.ports()).ai, logPath);
  }
}

/** As deploy/envoy/fallback.yaml has the plugin: the provider's part becomes a filter of the cluster. */
function moveProvider(config: any, plugin: any): void {
  const { configuration } = plugin.typed_config.config;
  const { provider, consumers } = JSON.parse(configuration.value);
  const inner = structuredClone(plugin);
  inner.typed_config.config.name = "provider";
  inner.typed_config.config.configuration.value = JSON.stringify({ provider, filterState: ["tokens"] });
  configuration.value = JSON.stringify({ consumers, filterState: ["consumer"] });
  const fallback = parse(readFileSync(join(ROOT, "deploy/envoy/fallback.yaml"), "utf8"));
  const [name, options] = Object.entries<any>(fallback.static_resources.clusters[0].typed_extension_protocol_options)[0]!;
  config.static_resources.clusters[0].typed_extension_protocol_options = {
    [name]: { ...options, http_filters: [inner, options.http_filters.at(-1)] },
  };
  const manager = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
  manager.route_config.virtual_hosts[0].include_request_attempt_count = true;
}
