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

  it("refuses all that follows a fault", () => {
    const bad = [
      "x",
      '"a',
      '["\n"]',
      "[tru]",
      "[{1}]",
      '[{"a":1,2}]',
      '{"a" 1}',
      '{"a',
      "[[1,]]",
      '{"\\x":1}',
      "[".repeat(1025),
      "[1 2]",
      "-",
      '{"a":[}',
    ];
    for (const text of bad) expect(units.exports.passes(units.put(text)), text).toBe(0);
    for (const text of ['{"a', "{{", "{1", '{"a"x', '{"\n":1}']) expect(units.exports.passesKey(units.put(text)), text).toBe(0);
    expect(units.exports.passesKey(units.put('{"a":1}'))).toBe(-1);
    expect(units.exports.passesKey(units.put("[1]"))).toBe(-2);
  });

  it("takes a NUL for a byte and not for the end", () => {
    const cases: [string, number][] = [
      ['{"a"\0', 2],
      ['{"a"\0}', 2],
      ["[1\0", 2],
      ["[1\0]", 2],
      ['{"a":1\0}', 2],
      ["{\0", 2],
      ["1\0", 6],
      ["-\0", 4],
      ['"\0', 3],
      ['"\\u1\0', 3],
      ['"\\\0', 3],
    ];
    for (const [text, fault] of cases) {
      expect(units.exports.validate(units.put(text)), JSON.stringify(text)).toBe(fault);
      expect(units.exports.validateDocument(units.put(text)), JSON.stringify(text)).toBe(fault);
      if (fault !== 6) expect(units.exports.validate(units.put(`[${text}`)), JSON.stringify(text)).toBe(fault);
    }
  });

  it("checks all four digits of an escape, and every letter of a number", () => {
    for (const digits of ["G000", "0G00", "00G0", "000G", "G"]) expect(units.exports.validate(units.put(`"\\u${digits}"`)), digits).toBe(3);
    expect(units.exports.validate(units.put("1d5"))).toBe(6);
    expect(units.exports.validate(units.put("[tru"))).toBe(1);
    expect(units.exports.validate(units.put("          tru"))).toBe(1);
  });

  it("remembers which kind of container each of many levels is", () => {
    const open = '[{"a":'.repeat(300);
    const close = "}]".repeat(300);
    expect(units.exports.validate(units.put(`${open}1${close}`))).toBe(0);
    expect(units.exports.validate(units.put(`${"[".repeat(70)}{"a":1]`))).toBe(2);
    expect(units.exports.validate(units.put(`${'{"a":'.repeat(200)}[1}`))).toBe(2);
    expect(units.exports.validate(units.put(`${"[".repeat(70)}${'{"a":'.repeat(70)}1${"}".repeat(70)}${"]".repeat(70)}`))).toBe(0);
    expect(units.exports.validate(units.put(`${'{"a":'.repeat(70)}${"[".repeat(70)}1${"]".repeat(70)}${"}".repeat(70)}`))).toBe(0);
    expect(units.exports.validate(units.put("[".repeat(1025) + "]".repeat(1025)))).toBe(5);
  });

  it("closes what it has opened: many containers in a row nest no deeper", () => {
    const list = `[${"[{}],".repeat(1500)}[]]`;
    expect(units.exports.validate(units.put(list))).toBe(0);
    expect(units.exports.validateDocument(units.put(list))).toBe(0);
    expect(units.exports.reparse(units.put("[".repeat(1025)), units.put("[[[1]]]"))).toBe(0);
  });

  it("tells names of keys, escaped or not", () => {
    const text = '{"model":1,"mod\\u0065l":2,"model":3,"mode":4,"x\\"":5}';
    expect(units.text(units.exports.keys(units.put(text), units.put("model")))).toBe("plain+escaped+plain+plain-escaped-");
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
    expect(units.text(units.exports.decode(units.put('"\\ud83dXudc00"')))).toBe("\ufffdXudc00");
    expect(units.text(units.exports.decode(units.put('"\\udc00\\udc00"')))).toBe("\ufffd\ufffd");
    expect(units.text(units.exports.decode(units.put('"\\ud83d\\u0041"')))).toBe("\ufffdA");
    for (const code of [0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x12345, 0x1f601, 0x40000, 0x7ffff, 0xabcde, 0x10ffff]) {
      const text = String.fromCodePoint(code);
      const escaped = text.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
      expect(units.text(units.exports.decode(units.put(`"${escaped.join("")}"`))), code.toString(16)).toBe(text);
    }
  });

  it.each([
    ["id", 0, 4, 0],
    ["type", 0, 4, 1],
    ["ids", 0, 4, 2],
    ["model", 0, 4, 3],
    ["model", 3, 9, 3],
    ["model", 0, 3, -1],
    ["id", 1, 4, -1],
    ["type", 1, 2, 1],
    ["ide", 0, 4, -1],
    ["i", 0, 4, -1],
    ["", 0, 4, -1],
    ["\\u0069d", 0, 4, 0],
    ["\\u006dodel", 0, 4, 3],
    ["\\u006dodel", 0, 3, -1],
  ])("knows the key %s among names from %i to %i", (key, from, to, wanted) => {
    for (const before of ["", " ".repeat(40)]) expect(units.exports.keyAmong(units.put(`${before}{"${key}":1}`), from, to)).toBe(wanted);
  });

  it("looks at keys, escaped or not", () => {
    const keys = ["plain", "", "a]b", "\\", "\\n", 'x"y', "é"];
    const text = `{${keys.map((key, k) => `${JSON.stringify(key)}:${k}`).join(",")}}`;
    expect(units.text(units.exports.glancedKeys(units.put(text)))).toBe(keys.map((key) => `${key}\n`).join(""));
  });

  it.each([
    ["values that are alike", `[${"12345,".repeat(5000)}1]`, 5002, 1.1],
    ["a dense head before a long text", `[${"1,".repeat(300)}"${"x".repeat(100_000)}"]`, 302, 4.1],
    ["a long text before many values", `["${"x".repeat(100_000)}"${",1".repeat(5000)}]`, 5002, 1.3],
  ])("makes little more room than it needs for %s", (_, text, nodes, most) => {
    const room = units.exports.indexRoom(units.put(text)) / 6;
    expect([room >= nodes, room <= nodes * most]).toEqual([true, true]);
  });

  it("knows that the items of a list have no keys", () => {
    expect(units.exports.itemKeys(units.put('[1,{"a":2},"x"]'))).toBe(0);
  });
});

describe("the release of documents", () => {
  const text = (size: number) => `"${"x".repeat(size - 2)}"`;
  const list = (size: number) => `[${"1,".repeat(size - 2)}1]`;
  const [full, large, small] = [text(64 << 10), text((64 << 10) + 1), "[1]"];
  const run = (name: string, texts: string[]) => units.exports[name](...texts.map((one) => units.put(one)));

  it("empties those that have read more than 64 KiB, or many values, and no other", () => {
    expect(run("released", [full, large, small])).toBe(0b101_0101);
    expect(run("released", [large, large, large])).toBe(0);
    expect(run("released", [small, list(2000), list(3000)])).toBe(0b011_0011);
    expect(run("released", [large, list(3000), small])).toBe(0b100_0100);
    expect(run("released", [small, small, large])).toBe(0b011_0011);
    expect(run("released", [small, small, small])).toBe(0b111_0111);
  });

  it("leaves documents fit for the next text, to be emptied again", () => {
    expect(run("releasedAgain", [large, small, large])).toBe(0b010);
    expect(run("releasedAgain", [list(3000), small, list(3000)])).toBe(0b010);
    expect(run("releasedAgain", [small, large, full])).toBe(0b101);
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

  it("removes members on both sides of one that stays", () => {
    expect(edit('{"x":1,"b":2,"x":3}', "", "", "x")).toBe('{"b":2}');
    expect(edit('{"x":1,"x":2,"b":2,"x":3,"x":4,"c":5}', "", "", "x")).toBe('{"b":2,"c":5}');
  });

  it("edits 4,096 members; an object with more is refused, as a member that is passed over would go out unread", () => {
    const object = (size: number) => `{${Array.from({ length: size }, (_, index) => `"m${index}":1`).join(",")}}`;
    expect(edit(object(4096), "m4095", "2")).toBe(object(4096).replace('"m4095":1', '"m4095":2'));
    expect(edit(object(4097), "m4096", "2")).toBe("");
  });

  it("tells kind, place and bytes of a member, the last of its name", () => {
    const member = (name: string) => units.text(units.exports.memberOf(units.put('{"a":1,"b":[2, 3],"a":"x"}'), units.put(name)));
    expect(member("a")).toBe('3 22-25 "x"');
    expect(member("b")).toBe("2 11-17 [2, 3]");
    expect(member("c")).toBe("0 0-0 ");
    expect(units.text(units.exports.memberOf(units.put('{"a":true}'), units.put("a")))).toBe("5 5-9 true");
  });

  it.each(["[1]", "1", '{"a":}', '{"a":1', '{"a":1,}'])("edits nothing that is no whole object: %s", (text) => {
    expect(edit(text, "b", "1")).toBe("");
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

describe("a number", () => {
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 6 });
  const number = fc
    .tuple(
      fc.constantFrom("", "-"),
      digits.map((text) => String(Number(text))),
      fc.option(digits),
      fc.option(fc.integer({ min: -8, max: 8 })),
      fc.constantFrom("e", "E", "e+"),
    )
    .map(([sign, whole, fraction, exponent, letter]) => {
      const tail = exponent === null ? "" : (exponent < 0 ? letter[0] : letter) + String(exponent);
      return sign + whole + (fraction === null ? "" : `.${fraction}`) + tail;
    });
  const whole = (text: string) => units.text(units.exports.whole(units.put(text)));

  it("is whole or not", () => {
    fc.assert(
      fc.property(number, (text) => {
        const value = Number(text);
        expect([text, whole(text)]).toEqual([text, Number.isInteger(value) ? String(value === 0 ? 0 : value) : "-9223372036854775808"]);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it("of many digits is whole as far as 2^53", () => {
    const long = fc
      .tuple(
        fc.constantFrom("", "9007199254740", "900719925474099", "85", "1"),
        fc.string({ unit: fc.constantFrom(..."0001289"), maxLength: 12 }),
        fc.nat({ max: 3 }),
        fc.nat({ max: 6 }),
      )
      .filter(([start, rest]) => /^[1-9]/.test(start + rest));
    fc.assert(
      fc.property(long, ([start, rest, zeros, exponent]) => {
        const text = `${start}${rest}${"0".repeat(zeros)}e${exponent}`;
        const value = BigInt(start + rest) * 10n ** BigInt(zeros + exponent);
        expect([text, whole(text)]).toEqual([text, String(value > 2n ** 53n ? 2n ** 53n : value)]);
        expect(whole(`${start}${rest}.${"0".repeat(zeros)}1e${zeros}`)).toBe("-9223372036854775808");
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it.each([
    ["1e+08", "100000000"],
    ["10000000000e-10", "1"],
    ["3e12", "3000000000000"],
    ["1e400", String(2 ** 53)],
    ["-" + "9".repeat(400), String(-(2 ** 53))],
  ])("that is whole is cut where it is huge: %#", (text, wanted) => expect(whole(text)).toBe(wanted));
});
