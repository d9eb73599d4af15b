// Every case through one real Envoy, a listener for each case, all at once. A header tells the scripted provider which
// case a request belongs to. For the tests that judge what was seen.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { responseBytes, responseHeaders, configText, isStream, requestOf, streamPieces, type Case } from "../cases/case";
import type { Observed } from "../cases/compare";
import { PLUGIN_PATH } from "../../emulator/module";
import { startLab, type ClientResponse, type Lab, type Reply, type SeenRequest } from "./lab";

const AT_ONCE = 16;
const LOG_LIMIT_MS = 10_000;
export const CASE_HEADER = "x-case";

export interface Run {
  lab: Lab;
  /** What was seen of each case with a request, or why its call failed. */
  results: Map<Case, Observed | Error>;
  /** Envoy's list of the plugin's metrics. */
  stats: string[];
}

/** Runs the cases; all of them must have configurations that Envoy takes. The caller closes the lab. */
export async function runCases(served: Case[]): Promise<Run> {
  const lab = await startLab({
    wasm: PLUGIN_PATH,
    plugins: served.map((one) => ({ config: configText(one), route: one.route, cluster: one.cluster })),
  });
  const results: Run["results"] = new Map();
  const sent: { one: Case; response: ClientResponse; seen?: SeenRequest }[] = [];
  lab.upstream.reset((request) => reply(served[Number(request.headers[CASE_HEADER])]));
  await inParallel(
    served.filter((one) => one.request !== undefined),
    async (one) => {
      const index = served.indexOf(one);
      try {
        const response = await call(lab, one, index);
        sent.push({ one, response, seen: lab.upstream.seen.find((request) => request.headers[CASE_HEADER] === String(index)) });
      } catch (error) {
        results.set(one, error as Error);
      }
    },
  );
  const logs = await accessLog(lab, sent.length);
  for (const { one, response, seen } of sent) results.set(one, observed(response, seen, logs.get(`l${served.indexOf(one)}`) ?? null));
  return { lab, results, stats: await lab.stats(/^wasmcustom\./) };
}

async function inParallel<T>(items: T[], run: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** ai_log of each listener, once `count` lines are written. By listener: two may have had clients of the same port. */
async function accessLog(lab: Lab, count: number): Promise<Map<string, Observed["log"]>> {
  const limit = Date.now() + LOG_LIMIT_MS;
  for (;;) {
    const lines = readAccessLog(join(lab["directory"], "access.log"));
    if (lines.length >= count) return new Map(lines.map((line) => [String(line.listener), parseAiLog(line.ai_log)]));
    if (Date.now() > limit) throw new Error(`${lines.length} lines in the access log for ${count} requests`);
    await sleep(20);
  }
}

function reply(one: Case | undefined): Reply {
  if (one === undefined) return {};
  const { provider } = one;
  if (provider?.ends === "unanswered") return { raw: "" };
  const head = { status: provider?.status, headers: responseHeaders(one) };
  const end = provider?.ends === "cut" ? ("cut" as const) : undefined;
  return isStream(one) ? { ...head, pieces: streamPieces(one), end } : { ...head, body: responseBytes(one), end };
}

function call(lab: Lab, one: Case, index: number): Promise<ClientResponse> {
  const { headers, ...request } = requestOf(one);
  return lab.call(index, {
    ...request,
    host: one.authority ?? "gw.test",
    headers: { ...headers, [CASE_HEADER]: String(index) },
  });
}

function observed(response: ClientResponse, seen: SeenRequest | undefined, log: Observed["log"]): Observed {
  return {
    upstream: seen ? { method: seen.method, host: seen.headers.host, path: seen.path, headers: seen.headers, body: seen.text } : null,
    response: {
      status: response.status,
      headers: response.headers as Record<string, string>,
      body: response.text,
      isComplete: response.isComplete,
    },
    log,
  };
}
