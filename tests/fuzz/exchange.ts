// One fuzzed exchange through the in-process host, and everything that must be true of it whatever went in.
import { parseAiLog } from "../../tools/access-log.mjs";
import type { Host } from "../../emulator/host";

/** All that is needed to run it again; kept as a JSON file in corpus/ when it once failed. */
export interface Trial {
  why?: string;
  /** Of a corpus file whose defect is known and not mended yet: what it is. It must fail until then. */
  pending?: string;
  config: string;
  /** Bytes as base64 wherever they may be no text. */
  request: { path: string; headers: Record<string, string>; pieces: string[] };
  response?: { status: number; headers: Record<string, string>; pieces: string[]; isCut?: boolean };
}

const bytes = (base64: string) => Buffer.from(base64, "base64");
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of well-formed UTF-8, else null. */
function textOf(value: Uint8Array): string | null {
  try {
    return decoder.decode(value);
  } catch {
    return null;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What went wrong in a trial: empty when nothing did. `plugin` must have been configured with the trial's configuration. */
export function runTrial(host: Host, plugin: ReturnType<Host["configure"]>, trial: Trial): string[] {
  const found: string[] = [];
  const exchange = plugin.exchange({
    method: "POST",
    path: trial.request.path,
    headers: trial.request.headers,
    requestChunks: trial.request.pieces.map(bytes),
  });
  respondToSideCalls(host, trial);
  const { upstream } = exchange;
  if (exchange.localReply === null && !upstream?.isComplete) found.push("the request was neither sent on nor answered");
  if (upstream) found.push(...checkUpstream(trial, upstream.body, upstream.headers["content-type"]));
  if (upstream && exchange.localReply === null) {
    const { status = 200, headers = {}, pieces = [], isCut } = trial.response ?? {};
    exchange.respond({ status, headers, chunks: pieces.map(bytes), complete: !isCut });
    if (isCut) exchange.failUpstream();
    else if (!exchange.client.isComplete) found.push("the answer never ended");
  }
  respondToSideCalls(host, trial);
  exchange.finish();
  const { client } = exchange;
  if (client.status === 0 && !client.isReset) found.push("the client got no status");
  if (
    client.headers["content-type"] === "application/json" &&
    exchange.localReply !== null &&
    textOf(client.body) !== null &&
    !isJson(client.text)
  ) {
    found.push(`the error answer is no JSON: ${client.text.slice(0, 200)}`);
  }
  const log = exchange.stateText("ai_log");
  if (log !== null && parseAiLog(log) === null) found.push(`ai_log is no JSON: ${log.slice(0, 300)}`);
  found.push(...host.traps.map((trap) => `trap in ${trap.callback}: ${trap.message}`));
  found.push(...host.violations.map((one) => `${one.rule} in ${one.callback}/${one.hostCall}: ${one.message.slice(0, 200)}`));
  return found;
}

/** Services that the plugin calls itself answer with the trial's response, or fail. */
function respondToSideCalls(host: Host, trial: Trial): void {
  for (let count = 0; count < 3 && host.pendingCalls.length > 0; count++) {
    const { id } = host.pendingCalls[0];
    const { status = 200, pieces = [], isCut } = trial.response ?? {};
    if (isCut) host.failCall(id);
    else host.respondToCall(id, { headers: { ":status": String(status) }, body: Buffer.concat(pieces.map(bytes)) });
  }
}

/** A JSON request that leaves is JSON: the plugin never makes, nor lets pass what it has read, a broken body. */
function checkUpstream(trial: Trial, body: Uint8Array, type: string | undefined): string[] {
  const isRead =
    type === "application/json" &&
    trial.request.path.startsWith("/v1/") &&
    !trial.config.includes('"generic"') &&
    !trial.config.includes("original");
  const sent = textOf(Buffer.concat(trial.request.pieces.map(bytes)));
  if (!isRead || body.length === 0 || sent === null || isJson(sent) === isJson(textOf(body) ?? "?")) return [];
  return [`a body that is ${isJson(sent) ? "" : "no "}JSON left as ${Buffer.from(body).toString().slice(0, 300)}`];
}

/** The client's bytes for a response cut in another way, to be compared. */
export function clientBytes(host: Host, plugin: ReturnType<Host["configure"]>, trial: Trial, pieces: Buffer[]): string {
  const exchange = plugin.exchange({
    method: "POST",
    path: trial.request.path,
    headers: trial.request.headers,
    requestChunks: trial.request.pieces.map(bytes),
  });
  respondToSideCalls(host, trial);
  if (exchange.localReply !== null || exchange.upstream === null || !trial.response) {
    exchange.finish();
    return "";
  }
  exchange.respond({ status: trial.response.status, headers: trial.response.headers, chunks: pieces });
  const text = Buffer.from(exchange.client.body).toString("latin1");
  exchange.finish();
  return text;
}
