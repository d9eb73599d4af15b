// How far the estimates are from real tokenizers.
import { describe, expect, it } from "vitest";
import { TEXTS } from "./estimate-texts";
import { loadUnits } from "./units";

const units = loadUnits("estimate");
const responseTokens = (text: string, size = 1 << 20) => units.exports.responseTokens(units.put(text), size);
const prompt = (text: string, start = 0, end = 1 << 30) => units.exports.prompt(units.put(text), start, end);

describe("the estimate of a text", () => {
  it.each(TEXTS)("is near the count of o200k_base: $name", ({ text, o200k }) => {
    expect(Math.abs(responseTokens(text) / o200k - 1)).toBeLessThanOrEqual(0.15);
  });

  it("is within 10 % of all texts together", () => {
    const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
    const ratio = sum(TEXTS.map(({ text }) => responseTokens(text))) / sum(TEXTS.map(({ o200k }) => o200k));
    expect(Math.abs(ratio - 1)).toBeLessThan(0.1);
  });

  it("does not depend on how the text was cut, also inside characters", () => {
    for (const { text } of TEXTS) for (const size of [1, 2, 3, 7, 64]) expect(responseTokens(text, size)).toBe(responseTokens(text));
  });

  it("is 0 for nothing and at least 1 for something", () => {
    expect(responseTokens("")).toBe(0);
    expect(responseTokens(".")).toBe(1);
  });

  it("of a long text takes the rest to be like its beginning", () => {
    const line = TEXTS[0].text;
    const long = responseTokens(line.repeat(2000), 4096);
    expect(Math.abs(long / (2000 * responseTokens(line)) - 1)).toBeLessThan(0.02);
  });

  it("counts a text once that passes through two forms", () => {
    const { text } = TEXTS[0];
    const bytes = units.put(text);
    expect([1, 2, 3].map((forms) => units.exports.translated(bytes, forms))).toEqual(Array(3).fill(responseTokens(text)));
  });
});

describe("the estimate of a prompt", () => {
  it("from samples is near that from all bytes", () => {
    for (const { text } of TEXTS) {
      const short = prompt(text.repeat(3).slice(0, 1000));
      const perByte = short / Buffer.byteLength(text.repeat(3).slice(0, 1000));
      const long = text.repeat(400);
      expect(Math.abs(prompt(long) / (perByte * Buffer.byteLength(long)) - 1)).toBeLessThan(0.25);
    }
  });

  it("leaves pictures out", () => {
    const picture = Buffer.alloc(1_500_000, "picture").toString("base64");
    const text = JSON.stringify([
      { role: "user", content: [{ type: "text", text: "What is this?" }, { image_url: { url: `data:image/png;base64,${picture}` } }] },
    ]);
    expect(prompt(text)).toBeLessThan(60);
    const story = TEXTS[0].text.repeat(200);
    const both = JSON.stringify([{ text: story }, { image_url: { url: `data:image/png;base64,${picture.slice(0, story.length)}` } }]);
    expect(Math.abs(prompt(both) / prompt(story) - 1)).toBeLessThan(0.1);
  });

  it("keeps to the part that it is given, and to the bytes that there are", () => {
    const text = TEXTS[0].text;
    expect(prompt(`${text}${text}`, 0, text.length)).toBe(prompt(text));
    expect([prompt(text, -5, 3), prompt(text, 10, 10), prompt(text, 20, 10), prompt("", 0, 5), prompt(text, 1e9, 2e9)]).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });
});
