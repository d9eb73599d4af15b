// Every case through one real Envoy; the tests judge what was seen. Configurations that must be refused are judged apart.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configText, loadCases } from "../cases/case";
import { compare, compareLogLines } from "../cases/compare";
import { PLUGIN_PATH } from "../../emulator/module";
import { validateConfig } from "./lab";
import { runCases, type Run } from "./run-cases";

/** What Envoy puts in front of the names of a module's metrics. */
const STATS_PREFIX = "wasmcustom.";
/** Each refusal costs a compilation of the module, and Envoy's part in it is always the same; the host judges them all. */
const REFUSALS = ["configuration/all-mistakes-at-once", "configuration/claude-needs-a-token", "configuration/not-json"];

const cases = loadCases().filter((one) => one.only?.runner !== "host");
const served = cases.filter((one) => one.expect.start !== "refused");
const refused = cases.filter((one) => REFUSALS.includes(one.name));

let run: Run;

beforeAll(async () => {
  run = await runCases(served);
}, 90_000);

afterAll(() => run?.lab.close());

/** The value of a metric in Envoy's own list. */
function metric(name: string): number | undefined {
  const line = run.stats.find((one) => one.startsWith(`${STATS_PREFIX}${name}: `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
}

describe("cases in a real Envoy", () => {
  for (const one of served) {
    const test = one.pending?.what === "case" ? it.fails : it;
    test(one.name, () => {
      const seen = run.results.get(one);
      if (seen instanceof Error) throw seen;
      if (seen !== undefined) expect(compare(one, seen)).toEqual([]);
      for (const [name, value] of Object.entries(one.expect.metrics ?? {})) expect(metric(name), name).toBe(value);
      // One Envoy serves all cases, so a line that must be there is looked for in the lines of all of them.
      if (one.expect.logLines) expect(compareLogLines(one, run.lab.envoyLog().split("\n"))).toEqual([]);
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
  expect(await run.lab.stats(/vm_reload_(success|backoff|failure): [1-9]/)).toEqual([]);
  expect(run.lab.envoyLog()).not.toContain("in-VM backtrace");
});
