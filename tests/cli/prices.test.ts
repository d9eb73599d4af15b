// What `check` and `explain` say of prices: the row that the plugin itself takes, and models that have none.
import { describe, expect, it } from "vitest";
import { inFolder, json, run } from "./run";

const TOKENS = { apiTokens: ["sk-live-1"] };
const CONFIG = {
  currency: "USD",
  prices: [
    { models: ["gpt-4o"], input: 2.5, output: 10 },
    { models: ["gpt-*", "~^o\\d"], input: "0.000001", perRequest: 1e-5 },
  ],
  provider: {
    id: "p",
    type: "openai",
    ...TOKENS,
    modelMapping: { big: "gpt-4o", alias: "arn:1", "x*": "unknown", "~^a(.*)": "$1", kept: "" },
  },
  _rules_: [
    {
      ...{ _match_route_: ["r"], prices: [{ models: ["arn:1"], input: 7 }] },
      provider: { type: "openai", ...TOKENS, modelMapping: { alias: "arn:1" }, prices: [{ models: ["*"], currency: "CNY", input: 1 }] },
    },
  ],
};

function explained(model: string, config: object = CONFIG, options: string[] = []) {
  return inFolder((_folder, write) => {
    const request = write("request.json", JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }));
    const args = ["explain", write("config.json", JSON.stringify(config)), request, ...options];
    return { ...json<{ price?: any }>(run([...args, "--format", "json"])), text: run(args).stdout };
  });
}

describe("explain", () => {
  it.each([
    ["big", [], "/prices/0", "USD", "0.0125"],
    ["gpt-4o", [], "/prices/0", "USD", "0.0125"],
    ["gpt-4.1", [], "/prices/1", "USD", "0.000010001"],
    ["o3", [], "/prices/1", "USD", "0.000010001"],
    ["alias", ["--route", "r"], "/_rules_/0/prices/0", "USD", "0.007"],
    ["other", ["--route", "r"], "/_rules_/0/provider/prices/0", "CNY", "0.001"],
  ])("shows the row that holds for %s %j", (model, options, pointer, currency, cost) => {
    const { price, text } = explained(model, CONFIG, options);
    expect(price).toMatchObject({ pointer, currency, example: { inputTokens: 1000, outputTokens: 1000, cost } });
    expect(text).toContain(`1000 tokens of input and 1000 of output cost ${cost} ${currency}\n`);
  });

  it("says that a model has none, and nothing where there are no prices", () => {
    const { price, text } = explained("claude");
    expect(price).toBeNull();
    expect(text).toContain("price     none for this model: its cost is not known\n");
    const { prices: _prices, _rules_: _rules, ...bare } = CONFIG;
    const without = explained("claude", bare);
    expect(without).not.toHaveProperty("price");
    expect(without.text).not.toContain("price");
  });
});

describe("check", () => {
  const notes = (config: object) =>
    inFolder((_folder, write) => {
      const result = run(["check", "--format", "json", write("config.json", JSON.stringify(config, null, 1))]);
      expect(result.code).toBe(0);
      const report = json<{ files: { findings: { line: number; severity: string; message: string; pointer: string }[] }[] }>(result);
      return report.files[0].findings.map(({ severity, message, pointer }) => `${severity} ${pointer} ${message}`);
    });

  it("notes what has a price, and the models of modelMapping that have none", () => {
    expect(notes(CONFIG)).toEqual([
      "note /prices prices for gpt-4o, gpt-*, ~^o\\d",
      "note /provider/modelMapping/x* no price for unknown: its requests have no cost",
      "note /provider/modelMapping/kept no price for kept: its requests have no cost",
      "note /_rules_/0/prices prices for arn:1",
      "note /_rules_/0/provider/prices prices for *",
    ]);
  });

  it("looks at the sides of a split, too", () => {
    const { prices, provider } = CONFIG;
    const qwen = { type: "qwen", ...TOKENS, prices: [{ models: ["qwen-max"], currency: "CNY", input: 1 }] };
    const split = [
      { provider, model: "gpt-4o" },
      { provider: qwen, model: "qwen-max" },
      { name: "third", provider: qwen, model: "qwen-plus" },
    ];
    expect(
      notes({ currency: "USD", prices, _rules_: [{ _match_route_: ["r"], split }] }).filter((line) => !line.includes("modelMapping")),
    ).toEqual([
      "note /prices prices for gpt-4o, gpt-*, ~^o\\d",
      "note /_rules_/0/split/1/provider/prices prices for qwen-max",
      "note /_rules_/0/split/2/provider/prices prices for qwen-max",
      "note /_rules_/0/split/2/model no price for qwen-plus: its requests have no cost",
    ]);
  });

  it("warns of a budget in whose currency no price is", () => {
    const limits = [{ costPerDay: 1 }, { costPerDay: 1, currency: "CNY" }, { costPerDay: 1, currency: "EUR" }, { requestsPerDay: 1 }];
    const budgets = notes({ ...CONFIG, limits }).filter((line) => line.includes("/limits/"));
    expect(budgets).toEqual(["warning /limits/2 counts nothing: no price is in EUR"]);
    const { prices: _prices, _rules_: _rules, ...bare } = CONFIG;
    expect(notes({ ...bare, limits: [{ costPerDay: 1 }] })).toEqual(["warning /limits/0 counts nothing: no price is in USD"]);
  });

  it("says nothing of them where there are none", () => {
    const { prices: _prices, _rules_: _rules, ...bare } = CONFIG;
    expect(notes(bare)).toEqual([]);
  });
});
