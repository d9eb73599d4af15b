// The parsers under their fuzz targets: every input of the corpora again, and a few seconds of new ones. Deterministic in what
// is run, bounded in time; `npm run fuzz` runs longer and keeps what it learns (README.md).
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadCorpus, loadStart } from "./corpus";
import { Fuzzer } from "./fuzzer";
import { compileTargets, MAX_PAGES, NAMES, Targets } from "./module";
import { ORACLES } from "./oracles";

const COMPILE_LIMIT_MS = 120_000;
/** Mutated inputs for a target, and the time after which no more are begun: a slow machine runs fewer. */
const RUNS = 2000;
const TIME_MS = 1200;

let compiled: ReturnType<typeof compileTargets>;
let targets: Targets;
beforeAll(() => {
  compiled = compileTargets("test");
}, COMPILE_LIMIT_MS);
beforeEach(() => {
  targets = new Targets(compiled.module, compiled.counters);
});

describe("the harness", () => {
  const judge = (text: string) => {
    const { trap, code } = targets.run("planted", Buffer.from(text));
    return trap ?? ORACLES.planted(Buffer.from(text), code, targets.out());
  };

  it("reports a trap, an endless loop and a wrong response, and goes on", () => {
    expect(judge("bug!")).toContain("unreachable");
    expect(judge("loop")).toBe("out of fuel");
    expect(judge("wrong")).toBe("property 7 does not hold");
    expect(judge("bug")).toBeNull();
  });

  it("reports memory that is not given back", () => {
    const responses = Array.from({ length: 40 }, () => judge("leak"));
    expect(responses[0]).toBeNull();
    expect(responses.find((response) => response !== null)).toMatch(/^memory of \d+ pages$/);
  });

  it("finds its way to a defect behind four comparisons", () => {
    const fuzzer = new Fuzzer(targets, "planted", 1);
    fuzzer.run(Buffer.from("x"));
    for (let run = 0; run < 400_000 && fuzzer.findings.length === 0; run++) fuzzer.step();
    expect(fuzzer.findings.map(({ input }) => input.subarray(0, 4).toString())).toEqual(["bug!"]);
    expect(fuzzer.shrink(fuzzer.findings[0]).input.toString()).toBe("bug!");
  }, 60_000);
});

describe.each(NAMES)("%s", (name) => {
  it("holds for its corpus and for mutations of it", () => {
    const corpus = loadCorpus(name);
    expect(corpus.length).toBeGreaterThan(50);
    const fuzzer = new Fuzzer(targets, name, 1);
    for (const { bytes } of corpus) fuzzer.run(bytes);
    for (const bytes of loadStart(name)) fuzzer.run(bytes);
    const end = performance.now() + TIME_MS;
    for (let run = 0; run < RUNS && performance.now() < end; run++) fuzzer.step();
    const findings = fuzzer.findings
      .map((one) => fuzzer.shrink(one))
      .map(({ problem, input }) => `${problem}: base64 ${input.toString("base64")}`);
    expect(findings).toEqual([]);
    expect(targets.peak.pages).toBeLessThanOrEqual(MAX_PAGES);
  }, 120_000);
});
