import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("json");
}, 60_000);

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("the JSON cursor", () => {
  it("accepts what JSON.parse accepts and refuses what it refuses", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.nat(), fc.nat({ max: 4 }), (text, at, kind) => {
        const position = text.length ? at % text.length : 0;
        const junk = ["", "", ",", '"', "}"][kind];
        const changed = kind === 0 ? text : kind === 1 ? text.slice(0, position) : text.slice(0, position) + junk + text.slice(position);
        const pointer = units.put(changed);
        expect(units.exports.validate(pointer) === 0, changed).toBe(isJson(changed));
        expect(units.exports.validateDocument(pointer) === 0, changed).toBe(isJson(changed));
      }),
      { numRuns: 1500, seed: 7 },
    );
  }, 30_000);

  it.each([
    ["01", false],
    ["-", false],
    ["1.", false],
    [".5", false],
    ["1e", false],
    ["1e+", false],
    ["-0", true],
    ["1E-9", true],
    ["[1,]", false],
    ["{,}", false],
    ['{"a":1,}', false],
    ['{"a" 1}', false],
    ['{"a":1 "b":2}', false],
    ["tru", false],
    ["nulll", false],
    ['"\\x"', false],
    ['"\\u12G4"', false],
    ['"\n"', false],
    ["", false],
    [" ", false],
    ["[] []", false],
    ["\ufeff{}", false],
    ["[[[]]]", true],
    ["{}{", false],
    ["]", false],
    ['{"":{}}', true],
  ])("judges %j as JSON.parse does", (text, valid) => {
    expect(isJson(text)).toBe(valid);
    expect(units.exports.validate(units.put(text)) === 0).toBe(valid);
  });

  it("refuses nesting beyond its cap without recursion", () => {
    expect(units.exports.validate(units.put("[".repeat(1024) + "]".repeat(1024)))).toBe(0);
    expect(units.exports.validate(units.put("[".repeat(200_000)))).not.toBe(0);
    expect(units.exports.validateDocument(units.put('{"a":'.repeat(200_000)))).not.toBe(0);
  });

  it("never traps on random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        units.exports.validate(units.put(bytes));
        units.exports.validateDocument(units.put(bytes));
        expect(true).toBe(true);
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});

describe("the JSON document", () => {
  it("rebuilds the same value from its spans", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, stringUnit: "binary" }), (text) => {
        const rebuilt = units.text(units.exports.rebuild(units.put(text)));
        expect(JSON.parse(rebuilt)).toEqual(JSON.parse(text));
      }),
      { numRuns: 800, seed: 11 },
    );
  }, 30_000);

  it("decodes escapes and surrogate pairs as JSON.parse does", () => {
    for (const text of ['"a\\u00e9b"', '"\\ud83d\\ude00"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"plain"', '"\\u0000"']) {
      expect(units.text(units.exports.decode(units.put(text)))).toBe(JSON.parse(text));
    }
    expect(units.text(units.exports.decode(units.put('"\\ud83dx"')))).toBe("\ufffdx");
  });
});

describe("the object editor", () => {
  const edit = (text: string, name: string, value: string, gone = "") =>
    units.text(units.exports.edit(units.put(text), units.put(name), units.put(value), units.put(gone)));

  it("changes only the value and keeps every other byte", () => {
    expect(edit('{ "model" : "m", "seed":9007199254740993, "x":"\\u00e9" }', "model", '"z"')).toBe(
      '{ "model" : "z", "seed":9007199254740993, "x":"\\u00e9" }',
    );
  });

  it("changes every duplicate and keys written with escapes", () => {
    expect(edit('{"model":"a","mod\\u0065l":"b"}', "model", '"z"')).toBe('{"model":"z","mod\\u0065l":"z"}');
  });

  it("inserts at the front", () => {
    expect(edit("{}", "a", "1")).toBe('{"a":1}');
    expect(edit(' { "b":2}', "a", "1")).toBe(' {"a":1, "b":2}');
  });

  it("sets and removes as JSON semantics say, for any object", () => {
    const object = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e"), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(
        object,
        fc.constantFrom("a", "b", "x"),
        fc.jsonValue({ maxDepth: 1 }),
        fc.constantFrom("", "c", "d", "a"),
        (value, name, next, gone) => {
          const text = JSON.stringify(value, null, 1);
          const expected: Record<string, unknown> = { ...value };
          if (gone) delete expected[gone];
          expected[name] = next;
          expect(JSON.parse(edit(text, name, JSON.stringify(next), gone))).toEqual(JSON.parse(JSON.stringify(expected)));
        },
      ),
      { numRuns: 800, seed: 5 },
    );
  });
});
