// 3,000 mutated requests, heads and provider responses through one real Envoy on kept-alive connections: every one is answered,
// and the VM behind them is still the first. The in-process host runs far more of these (tests/fuzz); Envoy is the judge.
import { Agent, request as httpRequest, type ClientRequest } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Trial } from "../fuzz/exchange";
import { Random } from "../fuzz/random";
import { loadSeeds, makeTrial, type Target } from "../fuzz/trials";
import { PLUGIN_PATH } from "../../emulator/module";
import { startLab, type Lab, type Reply } from "./lab";

const RUNS = 3000;
const AT_ONCE = 24;
const TARGETS: Target[] = ["request", "request", "response", "response", "head"];
const TRIAL_HEADER = "x-trial";
const RESPONSE_LIMIT_MS = 10_000;
/** Listeners cost a configuration each; the seeds' own order puts every kind of provider among the first of a group. */
const MAX_LISTENERS = 60;

const allSeeds = loadSeeds();
const step = Math.max(1, Math.floor(allSeeds.length / MAX_LISTENERS));
const configs = [...new Set(allSeeds.filter((_, index) => index % step === 0).map((seed) => seed.config))];
const seeds = allSeeds.filter((seed) => configs.includes(seed.config));
const random = new Random(7);
const trials = Array.from({ length: RUNS }, (_, run) => makeTrial(random, seeds, TARGETS[run % TARGETS.length], null));

let lab: Lab;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

beforeAll(async () => {
  lab = await startLab({ wasm: PLUGIN_PATH, plugins: configs.map((config) => ({ config })) });
}, 60_000);

afterAll(async () => {
  agent.destroy();
  await lab?.close();
});

const bytes = (base64: string) => Buffer.from(base64, "base64");

function reply(trial: Trial | undefined): Reply {
  const { status = 200, headers = {}, pieces = [], isCut } = trial?.response ?? {};
  return { status, headers, pieces: pieces.map(bytes), gapMs: 0, end: isCut ? "cut" : "complete" };
}

function open(trial: Trial, run: number): ClientRequest {
  const { path, headers, pieces } = trial.request;
  const outgoing = httpRequest({
    agent,
    host: "127.0.0.1",
    port: lab.ports[configs.indexOf(trial.config)],
    method: "POST",
    path,
    headers: { ...headers, host: "gw.test", [TRIAL_HEADER]: String(run) },
  });
  for (const piece of pieces) if (piece !== "") outgoing.write(bytes(piece));
  outgoing.end();
  return outgoing;
}

/** The status, once the response has ended in whatever way; a message when there is none. */
function send(trial: Trial, run: number, isSecondTry = false): Promise<number | string> {
  return new Promise((resolve) => {
    const outgoing = open(trial, run);
    const timer = setTimeout(() => outgoing.destroy(new Error("no answer in time")), RESPONSE_LIMIT_MS);
    let status = 0;
    const finish = (result: number | string) => {
      clearTimeout(timer);
      resolve(result);
    };
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      if (status > 0) return finish(status);
      // Envoy may close an idle connection just when it is used again; every client tries such a request anew.
      if (outgoing.reusedSocket && error.code === "ECONNRESET" && !isSecondTry) return finish("again");
      finish(`run ${run}: ${error.message}\n${JSON.stringify(trial)}`);
    });
    outgoing.once("response", (incoming) => {
      status = incoming.statusCode ?? 0;
      incoming.on("error", () => {});
      incoming.once("close", () => finish(status));
      incoming.resume();
    });
  }).then((result) => (result === "again" ? send(trial, run, true) : (result as number | string)));
}

it(`answers ${RUNS} mutated exchanges and never traps`, async () => {
  lab.upstream.reset((request) => reply(trials[Number(request.headers[TRIAL_HEADER])]));
  const results: (number | string)[] = [];
  let next = 0;
  const worker = async () => {
    while (next < RUNS) {
      const run = next++;
      results.push(await send(trials[run], run));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect(results.filter((result) => typeof result === "string")).toEqual([]);
  expect(results).toHaveLength(RUNS);
  expect(await lab.envoy.admin("/ready")).toContain("LIVE");
  expect(await lab.stats(/vm_reload_(success|backoff|failure): [1-9]/)).toEqual([]);
  expect(await lab.stats(/^wasm\..*vm_reload/)).not.toEqual([]);
  expect(lab.envoyLog()).not.toMatch(/in-VM backtrace|Uncaught RuntimeError|\[critical\]/);
  // Not all of one kind: some went through, some were refused here.
  expect(results.filter((status) => status === 200).length).toBeGreaterThan(RUNS / 10);
  expect(results.filter((status) => status === 400).length).toBeGreaterThan(RUNS / 10);
}, 90_000);
