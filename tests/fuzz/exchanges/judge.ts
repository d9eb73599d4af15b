// What must be true of every exchange, whatever went in.
import { parseAiLog } from "../../../tools/access-log.mjs";
import type { Host } from "../../../emulator/host";
import { bytesOf, type Input } from "./input";
import type { Observed } from "./run";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isJson(bytes: Uint8Array | string): boolean {
  try {
    JSON.parse(typeof bytes === "string" ? bytes : decoder.decode(bytes));
    return true;
  } catch {
    return false;
  }
}

/** All that is wrong with `seen`; empty when nothing is. */
export function judge(host: Host, input: Input, seen: Observed): string[] {
  return [
    ...host.traps.map((trap) => `trap in ${trap.callback}: ${trap.message}`),
    ...host.violations.map((one) => `${one.rule} in ${one.callback}/${one.hostCall}: ${one.message.slice(0, 200)}`),
    ...judgeEnds(input, seen),
    ...judgeLog(seen),
    ...judgeUpstream(input, seen),
    ...judgeClient(input, seen),
  ];
}

function judgeEnds(input: Input, seen: Observed): string[] {
  if (seen.isStuck) return ["the request was neither sent on nor answered"];
  if (input.request.isCut || input.response.breaks !== undefined) return [];
  return seen.client.isComplete ? [] : ["the answer never ended"];
}

function judgeLog({ logs }: Observed): string[] {
  if (logs.length !== 1) return [`${logs.length} ai_log, not 1`];
  return logs.filter((log) => parseAiLog(log) === null).map((log) => `ai_log is no JSON: ${log.slice(0, 300)}`);
}

function judgeUpstream(input: Input, { upstream }: Observed): string[] {
  if (upstream === null) return [];
  const found: string[] = [];
  const sent = bytesOf(input.request.body);
  if (upstream.isComplete && sent.length > 0 && upstream.body.length === 0) found.push("the body was lost on its way to the provider");
  if (upstream.body.length > 0 && upstream.isComplete && isJson(sent) && !isJson(upstream.body)) {
    found.push(`valid JSON left as ${Buffer.from(upstream.body).toString().slice(0, 300)}`);
  }
  const head = upstream.head.map(([name, value]) => `${name}: ${value}`).join("\n");
  if (!input.forwardsKey && head.includes("client-secret") && !input.request.path.includes("client-secret")) {
    found.push(`the client's key left for the provider: ${head.slice(0, 300)}`);
  }
  return found;
}

function judgeClient(input: Input, { client, isLocal, logs }: Observed): string[] {
  const found: string[] = [];
  const text = Buffer.from(client.body).toString("latin1");
  const head = JSON.stringify(client.head);
  if (`${text} ${head} ${logs.join(" ")}`.includes("provider-secret")) found.push("a provider's key reached the client or the log");
  if (client.head.length === 0 && !client.isReset) found.push("the client got no head");
  const type = client.head.find(([name]) => name === "content-type")?.[1] ?? "";
  const response = bytesOf(input.response.body);
  if (!client.isComplete || client.isReset || client.body.length === 0) return found;
  const mustBeJson = type === "application/json" && (isLocal || isJson(response));
  if (mustBeJson && input.response.kind !== "local" && !isJson(client.body))
    found.push(`the client's JSON is broken: ${text.slice(0, 300)}`);
  if (type.startsWith("text/event-stream") && hasGoodEvents(response.toString()) && !hasGoodEvents(Buffer.from(client.body).toString())) {
    found.push(`the client's events are broken: ${text.slice(0, 300)}`);
  }
  return found;
}

/** Every line of data is JSON, or a word such as [DONE]. */
function hasGoodEvents(stream: string): boolean {
  // A mark of the byte order may stand before the first event.
  const data = stream
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith("data:"));
  return data.every((line) => /^data: ?(\[DONE\])?$/.test(line) || isJson(line.slice(5)));
}

/** Where two runs of one exchange differ; "" when they are the same. */
export function difference(one: Observed, other: Observed): string {
  if (JSON.stringify(one.upstream?.head) !== JSON.stringify(other.upstream?.head))
    return differs("upstream head", one.upstream, other.upstream);
  if (!same(one.upstream?.body, other.upstream?.body)) return differs("upstream body", one.upstream?.body, other.upstream?.body);
  if (JSON.stringify(one.client.head) !== JSON.stringify(other.client.head))
    return differs("answer's head", one.client.head, other.client.head);
  if (!same(one.client.body, other.client.body) && !isBrokenOff(one, other)) return differs("response", one.client.body, other.client.body);
  for (const key of ["trailers", "isComplete", "isReset"] as const) {
    if (one.client[key] !== other.client[key]) return differs(key, String(one.client[key]), String(other.client[key]));
  }
  return one.logs.join("\n") === other.logs.join("\n") ? "" : differs("ai_log", one.logs, other.logs);
}

/**
 * Of a response that never ends, one client may have less than the other: what came together with the event that finishes it waits in Envoy for
 * the end (translateEvents), and Envoy drops that when the provider breaks off.
 */
function isBrokenOff(one: Observed, other: Observed): boolean {
  if (one.client.isComplete || other.client.isComplete) return false;
  const [less, more] = one.client.body.length < other.client.body.length ? [one, other] : [other, one];
  return same(less.client.body, more.client.body.subarray(0, less.client.body.length));
}

const same = (one?: Uint8Array, other?: Uint8Array) => Buffer.from(one ?? []).equals(Buffer.from(other ?? []));

function differs(what: string, one: unknown, other: unknown): string {
  const show = (value: unknown) =>
    (value instanceof Uint8Array ? Buffer.from(value).toString() : (JSON.stringify(value) ?? "none")).slice(0, 500);
  return `cuts change the ${what}: ${show(one)} | ${show(other)}`;
}
