// Runs a setup through the plugin: the same host and the same explanations as the command line, with no page around them.
import { observedIn, type Observed as Seen } from "../tests/cases/observed";
import { decodeUtf8, encodeUtf8 } from "../emulator/bytes";
import { FixedClock } from "../emulator/host";
import { readConfigFile, type ConfigFile } from "../cli/config-file";
import { chosenSource, complaintsOf, readJson, send, type Loaded, type Sent } from "../cli/exchange";
import {
  aiLogOf,
  exchangeMetrics,
  explanationOf,
  messageOf,
  tokensOf,
  type AiLog,
  type Explanation,
  type Message,
} from "../cli/explanation";
import { countOf, sorted, type Finding } from "../cli/findings";
import { configure } from "../cli/plugin";
import type { Secrets } from "../cli/secrets";
import { respondToSideCalls } from "../cli/side-calls";
import { UsageError } from "../cli/usage";
import { isStream, piecesOf, replyHeaders, type Piece } from "./reply";
import type { Setup } from "./setup";

/** What is wrong with a configuration, and the names of those in the text. */
export interface Checked {
  starts: boolean;
  findings: Finding[];
  plugins: string[];
}

/** One arrival from the provider, and what left for the client at once. */
export interface Step {
  from: string;
  to: string;
  /** Milliseconds since the response began, by the page's own clock. */
  at: number;
}

/** Everything that an exchange was, with secrets in it: for comparisons, not to be shown. */
export interface Observed extends Seen {
  starts: boolean;
  logLines: string[];
  metrics: Record<string, number | number[]>;
  defects: string[];
}

/** The same without secrets. */
export interface Outcome {
  findings: Finding[];
  /** Null when the configuration is refused, or there is none. */
  explanation: Explanation | null;
  response: (Message & { status: number; isComplete: boolean; isStream: boolean }) | null;
  steps: Step[];
  tokens: AiLog;
  log: AiLog | null;
  metrics: Record<string, number | number[]>;
  /** What the plugin logged, and what it must not do. */
  complaints: string[];
}

/** How long the first byte of a reply takes, and each piece after it. */
export const FIRST_BYTE_MS = 240;
export const PIECE_MS = 60;
/** A name that says nothing of the kind of text, which is then found out by its content. */
const CONFIG_NAME = "configuration";
/** Browsers have none: a variable that a configuration names gets a stand-in. */
const NO_ENVIRONMENT = {};
const CONTEXT_TEXT = "(text of the context file)";
const NOTHING: Outcome = { findings: [], explanation: null, response: null, steps: [], tokens: {}, log: null, metrics: {}, complaints: [] };

/** What `check` says. */
export async function check(module: WebAssembly.Module, config: string, plugin?: string, name = CONFIG_NAME): Promise<Checked> {
  const file = readConfigFile(name, encodeUtf8(config));
  const plugins = file.sources.map((source) => source.name);
  if (plugins.length === 0) return { starts: false, findings: sorted(file.findings), plugins };
  const { starts, findings } = await configure(module, file, sourceOf(file, plugin), NO_ENVIRONMENT);
  return { starts, findings: sorted([...file.findings, ...findings]), plugins };
}

/** The request through the plugin, the reply back through it, and the end. Throws SyntaxError for a binary reply written wrongly. */
export async function run(module: WebAssembly.Module, setup: Setup): Promise<Outcome> {
  const loaded = load(module, setup, CONFIG_NAME);
  if (loaded === null) return { ...NOTHING, findings: (await check(module, setup.config)).findings };
  const pieces = piecesOf(setup.reply);
  const sent = await send(loaded);
  if (!sent.starts) return { ...NOTHING, findings: sent.findings, complaints: masked(sent.secrets, complaintsOf(sent)) };
  const steps = respond(sent, setup, pieces).map((step) => maskedStep(sent.secrets, step));
  const { client } = sent.exchange.finish();
  const log = aiLogOf(sent.exchange, sent.secrets);
  return {
    findings: sent.findings,
    explanation: await explanationOf(loaded, await send(loaded)),
    response: {
      status: client.status,
      isComplete: client.isComplete,
      isStream: /event-?stream/i.test(client.headers["content-type"] ?? ""),
      ...messageOf(client, sent.secrets),
    },
    steps,
    tokens: tokensOf(log),
    log,
    metrics: exchangeMetrics(sent.host.metrics.snapshot(), sent.secrets),
    complaints: masked(sent.secrets, complaintsOf(sent)),
  };
}

export interface ObserveOptions {
  /** Tells the kind of configuration, as a file's name does. */
  name?: string;
  /** When it happens, in milliseconds since 1970; signatures depend on it. Default: now. */
  now?: number;
}

/** The same exchange as it was, secrets and all. */
export async function observe(
  module: WebAssembly.Module,
  setup: Setup,
  { name = CONFIG_NAME, now }: ObserveOptions = {},
): Promise<Observed> {
  const loaded = load(module, setup, name);
  if (loaded === null) throw new Error("no configuration in this text");
  const clock = now === undefined ? {} : { clock: new FixedClock(BigInt(now) * 1_000_000n) };
  const sent = await send(loaded, { logLevel: "trace", ...clock });
  const { exchange, host } = sent;
  if (sent.starts) respond(sent, setup, piecesOf(setup.reply));
  exchange.finish();
  return {
    starts: sent.starts,
    ...observedIn(exchange),
    logLines: host.logs.map((line) => line.text),
    metrics: host.metrics.snapshot(),
    defects: [...host.traps.map((trap) => trap.message), ...host.violations.map((one) => `${one.rule}: ${one.message}`)],
  };
}

function load(module: WebAssembly.Module, { config: text, plugin, request, route, cluster }: Setup, name: string): Loaded | null {
  const file = readConfigFile(name, encodeUtf8(text));
  if (file.sources.length === 0) return null;
  const source = sourceOf(file, plugin);
  const config = readJson(source.text);
  const body = encodeUtf8(request.body);
  const properties = { route_name: route, cluster_name: cluster };
  return {
    module,
    file,
    source,
    config,
    environment: NO_ENVIRONMENT,
    request: { ...request, body, properties },
    contextText: CONTEXT_TEXT,
  };
}

/** The named one, or the first of several. */
function sourceOf(file: ConfigFile, plugin: string | undefined) {
  try {
    return chosenSource(file, plugin);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return file.sources[0];
  }
}

function respond({ exchange, host, secrets }: Sent, { reply }: Setup, pieces: Piece[]): Step[] {
  const steps: Step[] = [];
  let shown = 0;
  let at = 0;
  const step = (from: string, wait: number, action: () => void): void => {
    host.clock.advance?.(wait);
    at += wait;
    action();
    const parts = exchange.response.outChunks.slice(shown).map(decodeUtf8);
    shown += parts.length;
    if (from !== "" || parts.length > 0) steps.push({ from, to: parts.join(""), at });
  };
  // The plugin has answered by itself, or still waits for something that never comes.
  if (exchange.localReply !== null || exchange.upstream === null) return steps;
  if (reply.ends === "unanswered") step("", FIRST_BYTE_MS, () => void exchange.failUpstream());
  else {
    const isEnd = pieces.length === 0 && reply.ends === "complete";
    step("", FIRST_BYTE_MS, () => exchange.respondHeaders({ status: reply.status, headers: replyHeaders(reply, pieces) }, isEnd));
    for (const { source, bytes } of pieces) step(source, isStream(reply) ? PIECE_MS : 0, () => exchange.respondData(bytes));
    if (reply.ends === "cut") step("", PIECE_MS, () => void exchange.failUpstream());
    else if (!isEnd) step("", 0, () => exchange.respondData("", true));
  }
  // A plugin that tries again by itself finds nobody here.
  respondToSideCalls(host, secrets, "");
  return steps;
}

function masked(secrets: Secrets, lines: string[]): string[] {
  return lines.map((line) => secrets.text(line));
}

function maskedStep(secrets: Secrets, { from, to, at }: Step): Step {
  return { from: secrets.text(from), to: secrets.text(to), at };
}

export { countOf, type Finding };
