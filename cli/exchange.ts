// What explain and replay share: one configuration, one request, sent through the plugin.
import { FixedClock, type Exchange, type Host } from "../tests/host/host";
import { isWanted } from "./check";
import { readConfigFile, type ConfigFile, type PluginSource } from "./config-file";
import { readEnvironment, type Environment, type EnvironmentOptions } from "./environment";
import { loadModule, nameOf, readInput } from "./files";
import { countOf, sorted, type Finding } from "./findings";
import type { Json } from "./located";
import { configure } from "./plugin";
import { initOf, readRequest, type ClientRequest, type RequestOptions } from "./request-file";
import { Secrets } from "./secrets";
import { answerSideCalls, type SideCall } from "./side-calls";
import { UsageError } from "./usage";

export interface ExchangeOptions extends RequestOptions, EnvironmentOptions {
  plugin?: string;
  wasm?: string;
  "context-file"?: string;
}

/** What was given. */
export interface Loaded {
  module: WebAssembly.Module;
  file: ConfigFile;
  source: PluginSource;
  config: Json;
  environment: Environment;
  request: ClientRequest;
  contextText: string | Uint8Array;
}

/** A request that has left, or was answered, in a VM of its own. */
export interface Sent {
  host: Host;
  exchange: Exchange;
  sideCalls: SideCall[];
  secrets: Secrets;
  /** Values of the variables that the configuration names. */
  environment: Environment;
  /** What is wrong with the configuration, and whether it is taken all the same. */
  findings: Finding[];
  starts: boolean;
}

const STAND_IN = "(text of the context file)";

/** Reads all files. */
export function load(configPath: string, requestPath: string, options: ExchangeOptions): Loaded | Finding[] {
  const module = loadModule(options.wasm);
  const file = readConfigFile(nameOf(configPath), readInput(configPath));
  if (countOf(file.findings, "error") > 0 && file.sources.length === 0) return sorted(file.findings);
  const source = chosenSource(file, options.plugin);
  const request = readRequest(requestPath, options);
  const contextText = options["context-file"] === undefined ? STAND_IN : readInput(options["context-file"]);
  const config = readJson(source.text);
  return { module, file, source, config, environment: readEnvironment(options), request, contextText };
}

export async function send({ module, file, source, config, environment: all, request, contextText }: Loaded): Promise<Sent> {
  // The clock stands still, so durations are 0; it must be today's for signatures and tokens.
  const clock = new FixedClock(BigInt(Date.now()) * 1_000_000n);
  const configured = await configure(module, file, source, all, { clock, logLevel: "warn" });
  const { host, plugin, starts, environment, findings } = configured;
  const secrets = new Secrets(config, environment);
  const exchange = plugin.exchange(initOf(request));
  const sideCalls = starts ? answerSideCalls(host, secrets, contextText) : [];
  return { host, exchange, sideCalls, secrets, environment, starts, findings: sorted([...file.findings, ...findings]) };
}

/** Null for what is no JSON, which the plugin refuses. */
function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function chosenSource(file: ConfigFile, only: string | undefined): PluginSource {
  const names = () => file.sources.map((source) => source.name).join(", ");
  const wanted = file.sources.filter((source) => isWanted(source.name, only));
  if (wanted.length === 1) return wanted[0];
  if (file.sources.length === 0) throw new UsageError(`${file.path} holds no configuration that switches the plugin on`);
  if (wanted.length === 0) throw new UsageError(`${file.path} has no plugin ${only}; it has: ${names()}`);
  throw new UsageError(`${file.path} holds several configurations; choose with --plugin: ${names()}`);
}
