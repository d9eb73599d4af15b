// Every case folder through one real Envoy, a listener for each case, all at once; the tests then judge what was seen. A
// header tells the scripted provider which case a request belongs to. Configurations that must be refused are judged apart.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAiLog, readAccessLog } from "../../tools/access-log.mjs";
import { answerBytes, answerHeaders, configText, isStream, loadCases, requestOf, streamPieces, type Case } from "../cases/case";
import { compare, compareLogLines, type Observed } from "../cases/compare";
import { PLUGIN_PATH } from "../host/module";
import { startLab, validateConfig, type Answer, type Lab, type Reply, type SeenRequest } from "./lab";

const AT_ONCE = 16;
const LOG_LIMIT_MS = 10_000;
const CASE_HEADER = "x-case";
/** What Envoy puts in front of the names of a module's metrics. */
const STATS_PREFIX = "wasmcustom.";
/** Each refusal costs a compilation of the module, and Envoy's part in it is always the same; the host judges them all. */
const REFUSALS = ["cfg/all-mistakes-at-once", "cfg/claude-needs-a-token", "cfg/not-json"];

const cases = loadCases().filter((one) => one.only?.runner !== "host");
const served = cases.filter((one) => one.expect.start !== "refused");
const refused = cases.filter((one) => REFUSALS.includes(one.name));

let lab: Lab;
let stats: string[];
const results = new Map<Case, Observed | Error>();

beforeAll(async () => {
  lab = await startLab({
    wasm: PLUGIN_PATH,
    plugins: served.map((one) => ({ config: configText(one), route: one.route, cluster: one.cluster })),
  });
  const sent: { one: Case; answer: Answer; seen?: SeenRequest }[] = [];
  lab.upstream.reset((request) => reply(served[Number(request.headers[CASE_HEADER])]));
  await inParallel(
    served.filter((one) => one.request !== undefined),
    async (one) => {
      try {
        const answer = await call(one);
        sent.push({ one, answer, seen: lab.upstream.seen.find((request) => request.headers[CASE_HEADER] === String(served.indexOf(one))) });
      } catch (error) {
        results.set(one, error as Error);
      }
    },
  );
  const logs = await accessLog(sent.length);
  for (const { one, answer, seen } of sent) results.set(one, observed(answer, seen, logs.get(`l${served.indexOf(one)}`) ?? null));
  stats = await lab.stats(/^wasmcustom\./);
}, 90_000);

afterAll(() => lab?.close());

async function inParallel<T>(items: T[], run: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** ai_log of each listener, once `count` lines are written. By listener: two may have had clients of the same port. */
async function accessLog(count: number): Promise<Map<string, Observed["log"]>> {
  const limit = Date.now() + LOG_LIMIT_MS;
  for (;;) {
    const lines = readAccessLog(join(lab["directory"], "access.log"));
    if (lines.length >= count) return new Map(lines.map((line) => [String(line.listener), parseAiLog(line.ai_log)]));
    if (Date.now() > limit) throw new Error(`${lines.length} lines in the access log for ${count} requests`);
    await sleep(20);
  }
}

function reply(one: Case | undefined): Reply {
  const provider = one?.provider;
  if (one === undefined || provider === undefined) return {};
  if (provider.ends === "unanswered") return { raw: "" };
  const head = { status: provider.status, headers: answerHeaders(one) };
  const end = provider.ends === "cut" ? ("cut" as const) : undefined;
  return isStream(one) ? { ...head, pieces: streamPieces(one), end } : { ...head, body: answerBytes(one), end };
}

function call(one: Case): Promise<Answer> {
  const { headers, ...request } = requestOf(one);
  return lab.call(served.indexOf(one), {
    ...request,
    host: one.authority ?? "gw.test",
    headers: { ...headers, [CASE_HEADER]: String(served.indexOf(one)) },
  });
}

function observed(answer: Answer, seen: SeenRequest | undefined, log: Observed["log"]): Observed {
  return {
    upstream: seen ? { method: seen.method, host: seen.headers.host, path: seen.path, headers: seen.headers, body: seen.text } : null,
    answer: { status: answer.status, headers: answer.headers as Record<string, string>, body: answer.text, isComplete: answer.isComplete },
    log,
  };
}

/** The value of a metric in Envoy's own list. */
function metric(name: string): number | undefined {
  const line = stats.find((one) => one.startsWith(`${STATS_PREFIX}${name}: `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
}

describe("cases in a real Envoy", () => {
  for (const one of served) {
    const test = one.pending?.what === "case" ? it.fails : it;
    test(one.name, () => {
      const seen = results.get(one);
      if (seen instanceof Error) throw seen;
      if (seen !== undefined) expect(compare(one, seen)).toEqual([]);
      for (const [name, value] of Object.entries(one.expect.metrics ?? {})) expect(metric(name), name).toBe(value);
      // One Envoy serves all cases, so a line that must be there is looked for in the lines of all of them.
      if (one.expect.logLines) expect(compareLogLines(one, lab.envoyLog().split("\n"))).toEqual([]);
    });
  }
});

describe("configurations that Envoy refuses with the plugin's reasons", () => {
  it.each(refused.map((one) => [one.name, one] as const))("%s", (_name, one) => {
    const { isAccepted, log } = validateConfig(configText(one), PLUGIN_PATH);
    expect(isAccepted).toBe(false);
    expect(compareLogLines(one, log.split("\n"))).toEqual([]);
  });
});

it("no case has made the VM trap", async () => {
  expect(await lab.stats(/vm_reload_(success|backoff|failure): [1-9]/)).toEqual([]);
  expect(lab.envoyLog()).not.toContain("in-VM backtrace");
});
