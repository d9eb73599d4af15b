// `replay`: what the client gets of a recorded reply, and what the plugin counts and logs.
import { writeFileSync } from "node:fs";
import type { ClientView } from "../emulator/host";
import { colouredExplanation } from "./colour";
import { messageText, summaryText } from "./explain-text";
import { FORMATS, complain, print, refused } from "./explain";
import { ENVIRONMENT } from "./environment-options";
import { aiLogOf, exchangeMetrics, explanationOf, messageOf, tokensOf, type Message } from "./explanation";
import { send, type Sent } from "./exchange";
import { reasonOf } from "./files";
import { load } from "./inputs";
import { COMMON, REQUEST, readCount, readFormat, readOptions } from "./options";
import { readReply, type Reply } from "./reply-file";
import { respondToSideCalls } from "./side-calls";
import { HELP, UsageError } from "./usage";

export const REPLAY_OPTIONS = {
  ...COMMON,
  ...ENVIRONMENT,
  ...REQUEST,
  cut: { type: "string" },
  chunk: { type: "string" },
  status: { type: "string" },
  "content-type": { type: "string" },
  output: { type: "string" },
} as const;

interface Replayed {
  response: Message & { status: number; isComplete: boolean };
  tokens: Record<string, unknown>;
  log: Record<string, unknown> | null;
  metrics: Record<string, number | number[]>;
}

export async function replay(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, REPLAY_OPTIONS);
  if (values.help === true) return print(HELP.replay);
  const format = readFormat(values.format, FORMATS);
  if (positionals.length !== 3) throw new UsageError("replay takes three files: the configuration, the request and the response");
  const cut = readCount("cut", values.cut, 0);
  const chunk = readCount("chunk", values.chunk, 1);
  const reply = readReply(positionals[2], readCount("status", values.status, 100, 599), values["content-type"]);
  const loaded = load(positionals[0], positionals[1], values);
  if (Array.isArray(loaded)) return refused(loaded, format);
  const sent = await send(loaded);
  if (!sent.starts) return refused(sent.findings, format);
  const hasLeft = sent.exchange.upstream !== null;
  if (hasLeft) respond(sent, reply, cut, chunk);
  const replayed = finish(sent);
  if (values.output !== undefined) save(values.output, sent.exchange.client);
  const explanation = await explanationOf(loaded, await send(loaded));
  if (format === "json") print(`${JSON.stringify({ ...explanation, ...replayed }, null, 2)}\n`);
  else print(`${colouredExplanation(summaryText(explanation))}${sentText(explanation.upstream)}\n${replayedText(replayed)}`);
  complain(sent);
  return hasLeft ? 0 : 1;
}

function respond({ exchange, host, secrets }: Sent, reply: Reply, cut: number | undefined, chunk: number | undefined): void {
  const body = reply.body.subarray(0, cut ?? reply.body.length);
  const size = chunk ?? Math.max(body.length, 1);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) chunks.push(body.subarray(at, at + size));
  exchange.respond({ status: reply.status, headers: reply.headers, chunks, complete: cut === undefined });
  // A plugin that tries again by itself finds nobody here.
  respondToSideCalls(host, secrets, "");
  if (cut !== undefined) exchange.failUpstream();
}

function finish({ exchange, host, secrets }: Sent): Replayed {
  exchange.finish();
  const { client } = exchange;
  const log = aiLogOf(exchange, secrets);
  return {
    response: { status: client.status, isComplete: client.isComplete, ...messageOf(client, secrets) },
    tokens: tokensOf(log),
    log,
    metrics: exchangeMetrics(host.metrics.snapshot(), secrets),
  };
}

function save(path: string, client: ClientView): void {
  try {
    writeFileSync(path, client.body);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

function sentText(upstream: { method: string; host: string; path: string } | null): string {
  return upstream === null ? "" : `sent      ${upstream.method} ${upstream.host}${upstream.path}\n`;
}

function replayedText({ response, tokens, log, metrics }: Replayed): string {
  const parts = [response.status === 0 ? "(no response)\n" : messageText(`HTTP ${response.status}`, response, false)];
  if (!response.isComplete) parts.push("(the response breaks off here, and the client can tell)\n");
  const counts = Object.entries(tokens).map(([name, value]) => `${name} ${String(value)}`);
  parts.push(`tokens    ${counts.join(", ") || "none"}\n`);
  if (log !== null) parts.push(`ai_log    ${JSON.stringify(log)}\n`);
  const lines = Object.entries(metrics).map(
    ([name, value]) => `  ${name} ${Array.isArray(value) ? `samples ${value.join(" ")}` : value}\n`,
  );
  if (lines.length > 0) parts.push(`metrics\n${lines.join("")}`);
  return parts.join("\n");
}
