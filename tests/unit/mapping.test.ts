// Model mapping as an operator writes it: order of the rules, empty values, and that the order never depends on chance.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("mapping");
});

const add = (key: string, value: string) => units.text(units.exports.add(units.put(key), units.put(value)));
const build = (entries: [string, string][]) => {
  units.exports.reset();
  for (const [key, value] of entries) expect(add(key, value), key).toBe("");
  units.exports.finish();
};
const map = (model: string) => units.text(units.exports.map(units.put(model)));

/** The rules once more, written for reading, with JavaScript's RegExp (patterns of the tests mean the same there). */
function expected(entries: [string, string][], model: string): string {
  const table = new Map(entries);
  if (table.has(model) && !model.startsWith("~") && !model.endsWith("*")) return table.get(model) || model;
  const prefixes = [...table.keys()].filter((key) => key.endsWith("*") && key !== "*" && !key.startsWith("~"));
  prefixes.sort((left, right) => right.length - left.length);
  for (const key of prefixes) if (model.startsWith(key.slice(0, -1))) return table.get(key) || model;
  for (const [key, value] of table) {
    if (!key.startsWith("~")) continue;
    const expression = new RegExp(key.slice(1), "gu");
    if (model.search(expression) >= 0) return (value && model.replace(expression, value)) || model;
  }
  return table.get("*") || model;
}

describe("the number of the entry that applies", () => {
  it.each([
    ["gpt-4o", 2],
    ["gpt-4o-mini", 1],
    ["gpt-3", 0],
    ["a-llama", 3],
    ["b-llama", 4],
    ["", 4],
  ])("to %j is %d", (model, index) => {
    build([
      ["gpt-*", "x"],
      ["gpt-4*", ""],
      ["gpt-4o", "y"],
      ["~^a", "$0"],
      ["*", ""],
    ]);
    expect(units.exports.indexOf(units.put(model))).toBe(index);
  });

  it("is -1 where none applies", () => {
    build([["gpt-*", "x"]]);
    expect(units.exports.indexOf(units.put("claude"))).toBe(-1);
  });
});

describe("model mapping", () => {
  it.each<[string, [string, string][], string, string]>([
    [
      "MAP-01 exact key",
      [
        ["fast", "qx-1"],
        ["*", "qx-9"],
      ],
      "fast",
      "qx-1",
    ],
    [
      "MAP-02 prefix key",
      [
        ["gpt-4*", "qx-4"],
        ["*", "qx-9"],
      ],
      "gpt-4o-mini",
      "qx-4",
    ],
    [
      "MAP-03 fallback star",
      [
        ["fast", "qx-1"],
        ["*", "qx-9"],
      ],
      "whatever",
      "qx-9",
    ],
    ["MAP-07 capture group strips a vendor prefix", [["~^acme/(.+)$", "$1"]], "acme/llama-70b", "llama-70b"],
    [
      "MAP-09 exact beats prefix and regex",
      [
        ["gpt-4o", "e"],
        ["gpt-*", "p"],
        ["~gpt", "r"],
      ],
      "gpt-4o",
      "e",
    ],
    ["MAP-10 no mapping leaves the model alone", [], "plain", "plain"],
    ["MAP-11 names are case-sensitive", [["GPT", "x"]], "gpt", "gpt"],
    ["MAP-13 non-ASCII model name as key", [["通义-极速", "q-turbo"]], "通义-极速", "q-turbo"],
    ["MAP-16 another name", [["emb", "emb-large"]], "emb", "emb-large"],
    ["MAP-17 yet another", [["m", "m-up"]], "m", "m-up"],
  ])("%s", (_title, entries, model, result) => {
    build(entries);
    expect(map(model)).toBe(result);
  });

  it.each<[string, [string, string][], string, string]>([
    [
      "the longest prefix wins, short one first",
      [
        ["gpt-*", "short"],
        ["gpt-4*", "long"],
      ],
      "gpt-4o",
      "long",
    ],
    [
      "the longest prefix wins, long one first",
      [
        ["gpt-4*", "long"],
        ["gpt-*", "short"],
      ],
      "gpt-4o",
      "long",
    ],
    ["a prefix matches the name that equals it", [["gpt-4*", "p"]], "gpt-4", "p"],
    ["a prefix must be whole", [["gpt-4*", "p"]], "gpt-", "gpt-"],
    [
      "a prefix beats an expression listed before it",
      [
        ["~gpt", "r"],
        ["gpt*", "p"],
      ],
      "gpt-4",
      "p",
    ],
    [
      "expressions go in list order",
      [
        ["~gpt-4", "first"],
        ["~^gpt-4o$", "second"],
      ],
      "gpt-4",
      "first",
    ],
    [
      "expressions go in list order, not by length",
      [
        ["~^gpt-4o$", "second"],
        ["~gpt-4", "first"],
      ],
      "gpt-4o",
      "second",
    ],
    [
      "an expression beats the fallback",
      [
        ["*", "f"],
        ["~^g", "r"],
      ],
      "g",
      "r",
    ],
    ["an expression that ends in a star is an expression", [["~^claude-.*", "c"]], "claude-3", "c"],
    ["its star is not lost", [["~claude-.*", "c"]], "x-claude-3-opus", "x-c"],
    ["every match is replaced", [["~gpt", "x"]], "gpt-4-gpt", "x-4-x"],
    ["a star inside is a literal", [["g*t", "lit"]], "g*t", "lit"],
    ["a star inside is no wildcard", [["g*t", "lit"]], "gpt", "gpt"],
    ["two stars are the prefix of one", [["**", "p"]], "*x", "p"],
    [
      "an empty exact value keeps the name and ends the search",
      [
        ["gpt-4", ""],
        ["gpt*", "p"],
        ["~gpt", "r"],
        ["*", "f"],
      ],
      "gpt-4",
      "gpt-4",
    ],
    [
      "an empty prefix value does too",
      [
        ["gpt*", ""],
        ["~gpt", "r"],
        ["*", "f"],
      ],
      "gpt-4",
      "gpt-4",
    ],
    [
      "an empty value of an expression does too",
      [
        ["~gpt-", ""],
        ["*", "f"],
      ],
      "gpt-4",
      "gpt-4",
    ],
    [
      "an empty result of an expression does too",
      [
        ["~^g(x?)pt$", "$1"],
        ["*", "f"],
      ],
      "gpt",
      "gpt",
    ],
    ["an empty fallback keeps the name", [["*", ""]], "gpt", "gpt"],
    [
      "of equal names the last value wins",
      [
        ["a", "1"],
        ["a", "2"],
      ],
      "a",
      "2",
    ],
    [
      "of equal prefixes the last value wins",
      [
        ["a*", "1"],
        ["a*", "2"],
      ],
      "ab",
      "2",
    ],
    [
      "of equal expressions the last value wins, at the first place",
      [
        ["~a", "1"],
        ["~b", "x"],
        ["~a", "2"],
      ],
      "ab",
      "2b",
    ],
    [
      "of two fallbacks the last wins",
      [
        ["*", "1"],
        ["*", "2"],
      ],
      "z",
      "2",
    ],
    ["a byte more is another name", [["gpt-4", "x"]], "gpt-4 ", "gpt-4 "],
    ["an unknown group is empty", [["~^(a)b", "${1}${2}c"]], "ab", "ac"],
    ["a result above 4 KB keeps the name", [["~^(a+)$", "$1$1$1"]], "a".repeat(2000), "a".repeat(2000)],
    [
      "a name above 4 KB passes by the expressions",
      [
        ["~a", "r"],
        ["*", "f"],
      ],
      "a".repeat(5000),
      "f",
    ],
  ])("%s", (_title, entries, model, result) => {
    build(entries);
    expect(map(model)).toBe(result);
  });

  it("says why an expression is refused, and works on without it", () => {
    units.exports.reset();
    expect(add("~a(?=b)", "x")).toBe("not a regular expression that can be used: a look-ahead is not supported (at byte 1)");
    expect(add("~", "x")).toBe("the key ~ must be followed by a regular expression");
    expect(units.exports.isEmpty()).toBe(1);
    expect(add("a", "y")).toBe("");
    units.exports.finish();
    expect(map("ab")).toBe("ab");
    expect(map("a")).toBe("y");
  });

  it("offers the fallback to requests without a model", () => {
    build([["a*", "x"]]);
    expect(units.text(units.exports.defaultModel())).toBe("");
    build([["*", ""]]);
    expect(units.text(units.exports.defaultModel())).toBe("");
    expect(units.exports.isEmpty()).toBe(0);
    build([
      ["a", "x"],
      ["*", "qx-9"],
    ]);
    expect(units.text(units.exports.defaultModel())).toBe("qx-9");
  });

  it("knows which names are keys themselves", () => {
    build([
      ["a", ""],
      ["b*", "x"],
      ["~c", "y"],
    ]);
    expect(["a", "b", "b*", "c", "~c", "A"].map((name) => units.exports.hasExact(units.put(name)))).toEqual([1, 0, 0, 0, 0, 0]);
  });

  it("hands out stored bytes and copies none, but for expressions", () => {
    build([
      ["a", "x"],
      ["b*", "y"],
      ["keep", ""],
      ["~^r", "z"],
    ]);
    expect(["a", "b1"].map((name) => units.exports.isStored(units.put(name)))).toEqual([1, 1]);
    expect(["keep", "unknown"].map((name) => units.exports.keeps(units.put(name)))).toEqual([1, 1]);
    expect(units.exports.isStored(units.put("r1"))).toBe(0);
  });

  it("keeps apart what two expressions answered", () => {
    build([
      ["~^first-(.*)$", "$1"],
      ["~^second-(.*)$", "$1"],
    ]);
    const one = units.exports.map(units.put("first-aaaa"));
    const two = units.exports.map(units.put("second-bbbb"));
    expect([units.text(one), units.text(two)]).toEqual(["aaaa", "bbbb"]);
  });

  it("follows the rules for random tables, in any order of the prefixes", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "-", "通"), maxLength: 4 });
    const key = fc.oneof(
      word,
      word.map((text) => `${text}*`),
      fc.constantFrom("~a", "~^b", "~-(.)", "~(a|b)+$", "~^a.*", "~通"),
    );
    const value = fc.constantFrom("", "x", "y", "z", "[$1]");
    let changed = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 8 }), word, (drawn, model) => {
        // Only expressions read a dollar; JavaScript also leaves "$1" as it is where there is no group.
        const entries = drawn.map(([name, to]): [string, string] => [name, to === "[$1]" && !/^~.*\(/.test(name) ? "w" : to]);
        build(entries);
        const response = map(model);
        expect(response).toBe(expected(entries, model));
        if (response !== model) changed++;
        const backwards = entries.filter(([name]) => !name.startsWith("~") && new Map(entries).size === entries.length);
        if (backwards.length === entries.length) {
          build([...entries].reverse());
          expect(map(model)).toBe(response);
        }
      }),
      { numRuns: 2000, seed: 21 },
    );
    expect(changed).toBeGreaterThan(500);
  });
});
