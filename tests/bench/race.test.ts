// The race as a command, in a tiny form that measures nothing, and docs/performance.md against the results it was made of.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DOCUMENT, newestResults, withTables } from "../../bench/race/document.mjs";
import { added, memoryGrowth, targets } from "../../bench/race/numbers.mjs";
import { tables } from "../../bench/race/tables.mjs";
import { WORKLOADS, shrunk } from "../../bench/race/workloads.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { installH2load } from "../../tools/h2load.mjs";

const run = promisify(execFile);

describe("docs/performance.md", () => {
  it("says what the newest results say", async () => {
    const document = readFileSync(DOCUMENT, "utf8");
    expect(await withTables(document, newestResults())).toBe(document);
  });

  it("has every plot that it shows", () => {
    const names = [...readFileSync(DOCUMENT, "utf8").matchAll(/\((images\/race-[\w-]+\.svg)\)/g)].map((found) => found[1]);
    expect(names.length).toBeGreaterThan(Object.keys(newestResults().workloads).length);
    expect(names.filter((name) => !existsSync(join(ROOT, "docs", name)))).toEqual([]);
  });
});

describe("numbers", () => {
  const runs = (micros: number[]) => ({ micros, p50: [1], p99: [2], failed: 0 });
  const kilobyte = (ours: number[]) => ({
    workloads: {
      "1k-c16": { nofilter: runs([100, 110, 90]), calls: runs([110, 120, 100]), go: runs([1100, 1110, 1090]), ours: runs(ours) },
    },
    modules: {},
  });

  it("are differences within a round: what moves the whole round cancels out", () => {
    expect(added(kilobyte([150, 160, 140]), "1k-c16", "ours")).toEqual({ median: 50, low: 50, high: 50 });
    expect(added(kilobyte([150, 160, 140]), "1k-c16", "core")).toBeNull();
  });

  it("miss a target by as little as they miss it", () => {
    // No-op and host calls add 10: ours may add 40, and a tenth of Go is 100.
    const verdicts = (ours: number[]) => targets(kilobyte(ours)).map(({ isMet }) => isMet);
    expect(verdicts([140, 150, 130])).toEqual([true, true]);
    expect(verdicts([141, 151, 131])).toEqual([false, true]);
    expect(verdicts([201, 211, 191])).toEqual([false, false]);
  });

  it("stand beside Go as it was measured when it does not run", () => {
    const { go: _, ...variants } = kilobyte([150, 160, 140]).workloads["1k-c16"];
    const found = targets({ workloads: { "1k-c16": variants }, modules: {} });
    expect(found.at(-1)).toEqual({
      what: "1 KB, 16 connections: a tenth of Go on 28 Nov 2026",
      bound: "≤ 180 µs",
      found: "50.0 µs",
      isMet: true,
    });
  });

  it("see memory grow after it has settled, and not before", () => {
    const grown = (samples: number[]) => memoryGrowth({ memory: { samples } });
    expect(grown([50, 90, 100, 100, 100, 100, 100, 100, 100, 100])).toBe(0);
    expect(grown([50, 90, 100, 100, 102, 104, 106, 108, 110, 110])).toBeCloseTo(0.1);
  });
});

describe("npm run race", () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "ai-proxy-race-test-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("runs every pair in every variant and gets right responses", async () => {
    expect(installH2load()).toBe("");
    const out = join(directory, "results.json");
    // The Go modules need many seconds to compile.
    const options = { cwd: ROOT, env: { ...process.env, RACE_PEER: directory } };
    const { stderr } = await run(process.execPath, ["bench/race/main.mjs", "--smoke", "--no-build", "--out", out], options);
    expect(stderr).toContain("the Go plugin's modules are not there");
    const results = JSON.parse(readFileSync(out, "utf8"));
    for (const [name, { variants }] of Object.entries(shrunk(WORKLOADS))) {
      const wanted = variants.filter((variant) => variant !== "go");
      expect(Object.keys(results.workloads[name]), name).toEqual(wanted);
      for (const variant of wanted) expect(results.workloads[name][variant]).toMatchObject({ micros: [expect.any(Number)], failed: 0 });
    }
    expect(tables(results)).toContain("1 KB, 16 connections");
  }, 120_000);
});
