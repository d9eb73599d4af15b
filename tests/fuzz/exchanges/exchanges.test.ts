// A short run of whole exchanges (`npm run fuzz -- exchanges` runs longer), and what such runs once found.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../tools/envoy-path.mjs";
import { Campaign, tryInput } from "./campaign";
import type { Input } from "./input";
import { Random } from "../random";
import { loadSources, makeInput } from "./make";

const RUNS = Number(process.env.FUZZ_EXCHANGES ?? 4000);
const FOUND = join(ROOT, "tests/fuzz/exchanges/found");
describe("whole exchanges", () => {
  it("are the same for the same seed", () => {
    const { sources, all } = loadSources();
    const make = (seed: number) => {
      const random = new Random(seed);
      return JSON.stringify(Array.from({ length: 20 }, () => makeInput(random, sources, all)));
    };
    expect(make(7)).toBe(make(7));
    expect(make(7)).not.toBe(make(8));
  });

  it("do no harm", async () => {
    const campaign = new Campaign(1);
    while (campaign.executions < RUNS) await campaign.step();
    expect(campaign.findings.map(({ problems, input }) => `${problems.join("; ")}\n${JSON.stringify(input)}`).join("\n\n")).toBe("");
    expect(campaign.perSetup.size).toBeGreaterThanOrEqual(18);
  }, 120_000);
});

describe("past findings stay mended", () => {
  for (const name of readdirSync(FOUND).filter((file) => file.endsWith(".json"))) {
    const input = JSON.parse(readFileSync(join(FOUND, name), "utf8")) as Input;
    const test = input.pending === undefined ? it : it.fails;
    test(name, async () => expect(await tryInput(input)).toEqual([]));
  }
});

describe("the judge", () => {
  const input = (change: Partial<Input> = {}): Input => ({
    setup: "x",
    config: '{"provider":{"type":"openai","apiTokens":["provider-secret-1"]}}',
    request: {
      method: "POST",
      path: "/v1/chat/completions",
      headers: [["content-type", "application/json"]],
      body: Buffer.from('{"model":"m","messages":[]}').toString("base64"),
    },
    response: { kind: "reply", status: 200, headers: [["content-type", "application/json"]], body: "e30=" },
    service: { status: 200, body: "" },
    ...change,
  });

  it("passes what is right", async () => {
    expect(await tryInput(input())).toEqual([]);
  });

  it("finds a key that reaches the other side", async () => {
    const leaks = input();
    leaks.response.body = Buffer.from('{"text":"provider-secret-1"}').toString("base64");
    expect(await tryInput(leaks)).toContain("a provider's key reached the client or the log");
    const forwards = input({ config: '{"provider":{"type":"openai"}}' });
    forwards.request.headers.push(["authorization", "Bearer client-secret-1"]);
    expect((await tryInput(forwards))[0]).toMatch(/^the client's key left for the provider/);
  });
});
