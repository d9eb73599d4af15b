// What became of a request, as plain data without secrets: for people (explain-text.ts) and for programs (--format json).
import { parseAiLog } from "../tools/ai-log.mjs";
import { bytesToBinary, decodeUtf8, encodeUtf8, isSameBytes } from "../emulator/bytes";
import type { Exchange } from "../emulator/host";
import { type Change } from "./json-diff";
import { memberOf, type Json } from "./located";
import { conditionsOf, matchedRule, rulesOf } from "./matched-rule";
import { namedRoute, type Loaded, type Sent } from "./exchange";
import type { Secrets } from "./secrets";
import { priceOf, type PriceRow } from "./prices";
import type { SideCall } from "./side-calls";
import { askerFor, refusedMembers, triedChanges } from "./trials";

export interface Explanation {
  /** Null: the global configuration. Number counts from 1. */
  rule: { number: number; file: string; line: number; column: number; conditions: Json } | null;
  /** Null: the plugin does nothing with the request. */
  provider: { type: string; id: string } | null;
  /** The cluster that the provider's requests go to, and the side of the rule's split, when the configuration names them. */
  cluster?: string;
  split?: string;
  api: string;
  model: { requested: string; sent: string };
  /** Null: the model has none. Not there where there are no prices. */
  price?: PriceRow | null;
  sideCalls: SideCall[];
  /** What left for the provider; null when the request was answered instead. */
  upstream: (Message & { method: string; host: string; path: string }) | null;
  /** The response that the plugin itself gave. */
  localResponse: (Message & { status: number }) | null;
  /**
   * Null when one of the bodies is no JSON; `isSameBody` says whether anything changed at all. Of a request that the plugin refuses:
   * the members for which it does, null when there are none.
   */
  changes: Change[] | null;
  isSameBody: boolean;
  droppedHeaders: string[];
}

export interface Message {
  headers: [string, string][];
  body: string;
  /** The body is no UTF-8 and stands here in base64. */
  isBase64?: true;
}

export type AiLog = Record<string, unknown>;

/** The log line of a finished exchange, without secrets; null when the plugin did nothing. */
export function aiLogOf(exchange: Exchange, secrets: Secrets): AiLog | null {
  return parseAiLog(secrets.text(exchange.stateText("ai_log") ?? ""));
}

/** What the log line says of tokens and of their cost. */
export function tokensOf(log: AiLog | null): AiLog {
  return Object.fromEntries(Object.entries(log ?? {}).filter(([key]) => /_tokens?$|^usage_source$|^cost|^currency$/.test(key)));
}

/** Without the gauges of the module itself, which say nothing of the exchange and change with every build. */
export function exchangeMetrics(all: Record<string, number | number[]>, secrets: Secrets): Record<string, number | number[]> {
  const ofExchange = Object.entries(all).filter(([name]) => !/^ai_proxy\.(?:memory_|isolated_)/.test(name));
  return Object.fromEntries(ofExchange.map(([name, value]) => [secrets.text(name), value]));
}

/** Ends the exchange: what the plugin found out about a request it says in its log line. */
export async function explanationOf(loaded: Loaded, { exchange, sideCalls, secrets, environment }: Sent): Promise<Explanation> {
  const { module, config, request } = loaded;
  exchange.abort();
  const log = aiLogOf(exchange, secrets);
  const { upstream, localReply } = exchange;
  const rule = await matchedRule(module, config, request, environment);
  const cluster = namedRoute(exchange, config, "cluster");
  const names = new Set(upstream?.headerList.map(([name]) => name));
  const price = await priceOf(loaded, log as { [key: string]: Json } | null);
  const isSameBody = upstream !== null && isSameBytes(upstream.body, request.body);
  return {
    rule: rule < 0 ? null : describeRule(loaded, rule),
    provider:
      log === null
        ? null
        : {
            type: String(log.provider ?? ""),
            id: log.provider === "none" ? "" : namedRoute(exchange, config, "provider") || providerId(config, rule),
          },
    ...(cluster !== "" && { cluster }),
    ...(log?.split !== undefined && { split: String(log.split) }),
    api: String(log?.api ?? ""),
    model: { requested: String(log?.request_model ?? ""), sent: String(log?.model ?? "") },
    ...(price === undefined ? {} : { price }),
    sideCalls,
    upstream: upstream && {
      method: upstream.method,
      host: secrets.text(upstream.authority),
      path: secrets.target(upstream.path),
      ...messageOf(upstream, secrets),
    },
    localResponse: localReply && { status: localReply.status, ...messageOf(localReply, secrets) },
    changes: await changesOf(loaded, upstream?.body ?? null, localReply?.status ?? 0, secrets),
    isSameBody,
    droppedHeaders: upstream === null ? [] : request.headers.map(([name]) => name).filter((name) => !names.has(name)),
  };
}

/** Headers without pseudo headers, and the body as text. */
export function messageOf(view: { headerList: [string, string][]; body: Uint8Array }, secrets: Secrets): Message {
  const headers = view.headerList.filter(([name]) => !name.startsWith(":"));
  const text = decodeUtf8(view.body);
  const isText = isSameBytes(encodeUtf8(text), view.body);
  return {
    headers: headers.map(([name, value]) => [name, secrets.header(name, value)]),
    body: isText ? secrets.text(text) : btoa(bytesToBinary(view.body)),
    ...(isText ? {} : { isBase64: true }),
  };
}

function describeRule({ file, source, config }: Loaded, index: number): Explanation["rule"] {
  const list = source.root === null ? undefined : memberOf(source.root, "_rules_")?.value;
  const at = list?.kind === "list" ? (list.items[index]?.at ?? 0) : 0;
  return { number: index + 1, file: file.path, ...file.positions.at(at), conditions: conditionsOf(rulesOf(config)[index]) };
}

/** The id of the provider in use, "" when it has none. */
function providerId(config: Json, rule: number): string {
  const level = rule < 0 ? config : rulesOf(config)[rule];
  const provider = property(level, "provider");
  const id = provider === undefined || provider === null ? property(level, "activeProviderId") : property(provider, "id");
  return typeof id === "string" ? id : "";
}

function property(value: Json, key: string): Json | undefined {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value[key] : undefined;
}

/** Statuses of requests that are refused for what they say. */
const REFUSED = [400, 413, 415, 422];

async function changesOf(loaded: Loaded, after: Uint8Array | null, status: number, secrets: Secrets): Promise<Change[] | null> {
  const before = jsonOf(loaded.request.body, secrets);
  if (before === undefined) return null;
  if (after !== null) {
    const left = jsonOf(after, secrets);
    return left === undefined ? null : triedChanges(before, left, await askerFor(loaded));
  }
  const refused = REFUSED.includes(status) ? refusedMembers(before, await askerFor(loaded)) : [];
  return refused.length > 0 ? refused : null;
}

function jsonOf(bytes: Uint8Array, secrets: Secrets): Json | undefined {
  try {
    return JSON.parse(secrets.text(decodeUtf8(bytes))) as Json;
  } catch {
    return undefined;
  }
}
