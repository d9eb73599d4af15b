// One recorded reply, through the plugin to each client that the provider type serves: whole and in pieces, against a reading of its own
// and against the official clients.
import { isDeepStrictEqual } from "node:util";
import { parseAiLog } from "../../tools/ai-log.mjs";
import type { Exchange, Host } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";
import { randomOf } from "../unit/aws-frames";
import { CLIENT_APIS, documentsOf, formOfPath, readForm, type ClientApi } from "./apis";
import { parseOfficially } from "./official";
import { signaturesIn, type Json, type Reading, type Usage } from "./reading";
import type { Form, Reply } from "./recording";

export interface Difference {
  /** Source and line, provider type, form, client API and field: what a known difference is found by. */
  where: string;
  wanted: unknown;
  got: unknown;
}

export interface Replayed {
  exchanges: number;
  /** Client APIs that were not run, and why. */
  skipped: string[];
  differences: Difference[];
}

/** Replies up to this size are also sent byte by byte. */
const BYTEWISE_LIMIT = 4_096;
const RANDOM_CUTS = 24;

type Plugin = ReturnType<Host["configure"]>;
const plugins = new Map<string, { host: Host; plugin: Plugin }>();

async function pluginFor(provider: Reply["provider"]): Promise<{ host: Host; plugin: Plugin }> {
  const config = JSON.stringify({ provider: { apiTokens: ["sk-1"], ...provider } });
  const found = plugins.get(config);
  if (found) return found;
  const host = await loadPlugin({ logLevel: "error" });
  const plugin = host.configure(config);
  if (!plugin.ok) throw new Error(`the plugin refuses ${config}: ${plugin.logs.map((line) => line.text).join(" | ")}`);
  plugins.set(config, { host, plugin });
  return { host, plugin };
}

/** The same pieces in every run. */
function piecesOf(bytes: Buffer): Buffer[] {
  if (bytes.length <= BYTEWISE_LIMIT) return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const random = randomOf(bytes.length);
  const cuts = Array.from({ length: RANDOM_CUTS }, () => 1 + Math.floor(random() * (bytes.length - 1)));
  const ends = [...new Set(cuts), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

function ask(plugin: Plugin, api: ClientApi, reply: Reply): Exchange {
  return plugin.exchange({
    method: "POST",
    path: api.path(reply),
    headers: { "content-type": "application/json" },
    body: JSON.stringify(api.body(reply)),
  });
}

interface Seen {
  status: number;
  contentType: string;
  bytes: Buffer;
  log: Json;
}

function response(exchange: Exchange, reply: Reply, chunks: Buffer[]): Seen {
  const client = exchange.respond({ status: 200, headers: { "content-type": reply.contentType }, chunks });
  const bytes = Buffer.from(client.body);
  exchange.finish();
  return { status: client.status, contentType: client.headers["content-type"] ?? "", bytes, log: parseAiLog(exchange.stateText("ai_log")) };
}

/** Why the reply cannot be given to this exchange; "" when it can. */
function misfit(exchange: Exchange, reply: Reply): string {
  const refusal = exchange.localReply;
  if (refusal?.status === 404) return "the type does not serve this API";
  if (refusal !== null) return `refused by the plugin: ${refusal.status} ${refusal.text}`;
  if (exchange.upstream === null) return "nothing left for the provider";
  const form = formOfPath(exchange.upstream.path);
  return form === reply.form ? "" : `the plugin asks for ${form ?? "another API"}, the reply is of ${reply.form}`;
}

const logUsage = (log: Json): Usage | null =>
  log?.usage_source !== "reported"
    ? null
    : {
        ...{ input: log.input_token ?? 0, output: log.output_token ?? 0, total: log.total_token ?? 0 },
        ...{ cached: log.cached_tokens ?? 0, reasoning: log.reasoning_tokens ?? 0 },
      };

/** Ids that the plugin made are new for each exchange: those that the reply does not have are all the same. */
function withoutOwnIds(text: string, reply: Reply): string {
  const own = reply.bytes.toString("utf8");
  return text.replace(/\b(?:call|chatcmpl|fc|msg|resp|rs|toolu)[-_][0-9a-f]+/g, (id) => (own.includes(id) ? id : "own-id"));
}

type Tell = (field: string, wanted: unknown, got: unknown) => void;

function compareUsage(tell: Tell, place: string, wanted: Usage | null, got: Usage | null): void {
  // Zeros alone are no report.
  const isNone = (usage: Usage | null) => usage === null || usage.total === 0;
  if (isNone(wanted) || isNone(got)) {
    if (isNone(wanted) !== isNone(got)) tell(`${place} usage`, wanted, got);
    return;
  }
  for (const key of ["input", "output", "total", "cached", "reasoning"] as const) tell(`${place} ${key}`, wanted![key], got![key]);
}

async function compareOfficial(tell: Tell, api: ClientApi, reply: Reply, whole: Seen, got: Reading): Promise<void> {
  try {
    const parsed = await parseOfficially(api.form, reply.isStream, whole.bytes, whole.contentType);
    tell("official client's text", got.text, parsed.text);
    tell("official client's calls", got.calls, parsed.calls);
  } catch (error) {
    tell("official client", "no error", String(error));
  }
}

/** What the bytes say; null, and told, when they cannot be read. */
function readingOf(tell: Tell, what: string, form: Form, reply: Reply, bytes: Buffer): Reading | null {
  try {
    return readForm(form, reply.isStream, bytes);
  } catch (error) {
    tell(what, "one that can be read", String(error));
    return null;
  }
}

/** Compares what came whole with the provider's reply. */
/** The client's bytes, and what stands in base64 in them, as a seal does in Gemini's API and in ids (docs/conversation-form.md). */
const toldIn = (text: string) =>
  [text, ...(text.match(/c2VhbDEu[\w+/=-]*/g) ?? []).map((one) => Buffer.from(one, "base64").toString("utf8"))].join("\n");

async function compareWhole(tell: Tell, api: ClientApi, reply: Reply, whole: Seen): Promise<void> {
  const wanted = readingOf(tell, "reply", reply.form, reply, reply.bytes);
  if (wanted === null) return;
  compareUsage(tell, "ai_log", wanted.usage, logUsage(whole.log));
  tell("status", 200, whole.status);
  const got = readingOf(tell, "answer", api.form, reply, whole.bytes);
  if (got === null) return;
  for (const field of ["text", "reasoning", "calls", "finish"] as const) tell(field, wanted[field], got[field]);
  compareUsage(tell, "client", wanted.usage, got.usage);
  const signatures = [...signaturesIn(documentsOf(reply.form, reply.isStream, reply.bytes))];
  const told = toldIn(whole.bytes.toString("utf8"));
  tell(
    "signatures lost",
    [],
    signatures.filter((one) => !told.includes(one)),
  );
  await compareOfficial(tell, api, reply, whole, got);
}

/** Sends the reply to a client of each API. */
export async function replay(reply: Reply): Promise<Replayed> {
  const result: Replayed = { exchanges: 0, skipped: [], differences: [] };
  const { host, plugin } = await pluginFor(reply.provider);
  for (const api of CLIENT_APIS) {
    const first = ask(plugin, api, reply);
    const reason = misfit(first, reply);
    if (reason !== "") {
      first.finish();
      result.skipped.push(reason);
      continue;
    }
    const place = `${reply.name} ${reply.provider.type} ${reply.form} -> ${api.form}${reply.isStream ? " stream" : ""}`;
    const tell: Tell = (field, wanted, got) => {
      if (!isDeepStrictEqual(wanted, got)) result.differences.push({ where: `${place}: ${field}`, wanted, got });
    };
    const faults = host.violations.length + host.traps.length;
    const whole = response(first, reply, [reply.bytes]);
    const cut = response(ask(plugin, api, reply), reply, piecesOf(reply.bytes));
    result.exchanges += 2;
    const plain = (text: string) => withoutOwnIds(text, reply);
    tell("bytes whole = cut", plain(whole.bytes.toString("utf8")), plain(cut.bytes.toString("utf8")));
    tell("ai_log whole = cut", plain(JSON.stringify(whole.log)), plain(JSON.stringify(cut.log)));
    if (api.form === reply.form) tell("bytes passed", reply.bytes.toString("utf8"), whole.bytes.toString("utf8"));
    await compareWhole(tell, api, reply, whole);
    tell("host", [], [...host.violations, ...host.traps].slice(faults));
  }
  return result;
}
