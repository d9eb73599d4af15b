// Every case through the page's own engine in a browser: judged by its expectations, and compared with what a
// real Envoy sent to the provider, answered to the client and logged.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { setupOfCase } from "../../playground/case-setup";
import type { Observed as PageObserved, Outcome } from "../../playground/engine";
import type { Playground } from "../../playground/main";
import { loadCases, type Case } from "../cases/case";
import { compare, compareLogLines } from "../cases/compare";
import { runCases, type Run } from "../envoy/run-cases";
import { checkBuild, isUsable, openPage, startBrowser, WHY, type Opened } from "./browser";
import { comparable, signedAt } from "./same";

declare const playground: Playground;

const AT_ONCE = 25;
/** Which the page cannot have: it asks one provider, no other filter stands before it, and it knows no routes that lead elsewhere. */
const NOT_IN_PAGE = ["errors/local-answer-of-another-filter", "routing/cluster-not-named"];

const all = loadCases();
const cases = all.filter((one) => !NOT_IN_PAGE.includes(one.name) && one.pending?.what !== "case");
const served = cases.filter((one) => one.expect.start !== "refused");
const exchanged = served.filter((one) => one.request !== undefined);

interface Both {
  observed: PageObserved;
  outcome: Outcome;
}

describe.skipIf(!isUsable)(`the playground and Envoy${WHY}`, () => {
  let browser: Browser;
  let opened: Opened;
  let envoy: Run;
  const seen = new Map<Case, Both>();

  beforeAll(async () => {
    checkBuild();
    envoy = await runCases(served);
    browser = await startBrowser();
    opened = await openPage(browser);
    for (let at = 0; at < cases.length; at += AT_ONCE) await runInPage(cases.slice(at, at + AT_ONCE));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await envoy?.lab.close();
  });

  async function runInPage(some: Case[]): Promise<void> {
    const jobs = some.map((one) => ({ setup: setupOfCase(one), now: signedAt(inEnvoy(one)?.upstream?.headers ?? {}) }));
    const results = await opened.page.evaluate(async (list) => {
      const out = [];
      // The name says that the text is the configuration as it stands.
      for (const { setup, now } of list)
        out.push({ observed: await playground.observe(setup, { name: "case.json", now }), outcome: await playground.run(setup) });
      return out;
    }, jobs);
    some.forEach((one, index) => seen.set(one, results[index]));
  }

  function inEnvoy(one: Case) {
    const result = envoy.results.get(one);
    if (result instanceof Error) throw result;
    return result;
  }

  function inPage(one: Case): Both {
    const both = seen.get(one);
    if (both === undefined) throw new Error(`${one.name} was not run in the page`);
    return both;
  }

  it("leaves out only what a page cannot have", () => {
    expect(all.filter((one) => !cases.includes(one)).map((one) => one.name)).toEqual(NOT_IN_PAGE);
    expect(exchanged.length).toBeGreaterThan(300);
  });

  describe("every case holds in the page", () => {
    it.each(cases.map((one) => [one.name, one] as const))("%s", (_name, one) => {
      const { observed } = inPage(one);
      expect(observed.defects).toEqual([]);
      expect(observed.starts).toBe(one.expect.start !== "refused");
      if (one.request !== undefined && observed.starts) expect(compare(one, observed)).toEqual([]);
      if (one.expect.logLines) expect(compareLogLines(one, observed.logLines)).toEqual([]);
      for (const [name, value] of Object.entries(one.expect.metrics ?? {})) expect(observed.metrics[name], name).toBe(value);
    });
  });

  describe("request, response and log line are those of Envoy", () => {
    it.each(exchanged.map((one) => [one.name, one] as const))("%s", (_name, one) => {
      const real = inEnvoy(one);
      expect(real).toBeDefined();
      expect(comparable(inPage(one).observed)).toEqual(comparable(real!));
    });
  });

  it("shows the response that it has: all arrivals together are its body", () => {
    for (const one of exchanged) {
      const { observed, outcome } = inPage(one);
      expect(outcome.response?.status, one.name).toBe(observed.response.status);
      expect(outcome.response?.isComplete, one.name).toBe(observed.response.isComplete);
      if (outcome.explanation?.localResponse !== null || outcome.response?.isBase64) continue;
      expect(outcome.steps.map((step) => step.to).join(""), one.name).toBe(outcome.response?.body);
    }
  });

  it("asked nobody and complained of nothing meanwhile", () => {
    expect(opened.requests).toHaveLength(1);
    expect(opened.complaints).toEqual([]);
  });
});
