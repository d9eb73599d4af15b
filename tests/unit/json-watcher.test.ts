// The push reader of JSON at every cut: what it reports, where it says that members lie, and its caps. Then the parts of the
// JSON layer that only translators and messages use.
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("json-watcher");
}, 60_000);

function watchPieces(paths: string[], pieces: string[]): string[] {
  units.exports.watch(units.put(paths.join("\n")));
  for (const piece of pieces) units.exports.feed(units.put(piece), 0, Buffer.byteLength(piece));
  return units.text(units.exports.seen(1)).split("\n");
}

/** What is seen, the same at every cut; pieces of measured strings are joined. */
function watch(paths: string[], text: string): string[] {
  const joined = (lines: string[]) =>
    lines
      .join("\n")
      .replace(/\npiece (?=.*\npiece )|(?<=piece .*)\npiece /g, "")
      .split("\n");
  const whole = watchPieces(paths, [text]);
  expect(joined(watchPieces(paths, [...text]))).toEqual(joined(whole));
  for (let cut = 0; cut <= text.length; cut++) {
    expect(joined(watchPieces(paths, [text.slice(0, cut), text.slice(cut)])), `cut ${cut}`).toEqual(joined(whole));
  }
  return whole;
}

const [OBJECT, ARRAY, STRING, NUMBER, TRUE, FALSE, NULL] = [1, 2, 3, 4, 5, 6, 7];

describe("the watcher", () => {
  it("reports leaves with their kind, their text and the place of their member", () => {
    const text = '{"a":"x", "b" : -1.5e3 ,"c":true,"d":false,"e":null,"f":{"a":9},"z":1}';
    expect(watch(["a", "b", "c", "d", "e", "f.a", "none"], text)).toEqual([
      `leaf 0 ${STRING} 1 8 1 x`,
      "followed 0 9",
      `leaf 1 ${NUMBER} 8 22 6 -1.5e3`,
      `leaf 2 ${TRUE} 23 32 4 true`,
      `leaf 3 ${FALSE} 32 42 5 false`,
      `leaf 4 ${NULL} 42 51 4 null`,
      `leaf 5 ${NUMBER} 57 62 1 9`,
      `documents 1 ${OBJECT} at rest`,
    ]);
  });

  it("reports containers, items, and what is inside them", () => {
    expect(watch(["u", "u.n", "l[]", "l[].x", "m[][]"], '{"u":{"n":1,"o":[{}]},"l":[1,{"x":2,"y":3},"s"],"m":[[4],5,[[6],7]]}')).toEqual([
      `opened 0 ${OBJECT}`,
      `leaf 1 ${NUMBER} 6 11 1 1`,
      "followed 1 12",
      "closed 0 1 21 16",
      "followed 0 22",
      `leaf 2 ${NUMBER} -1 28 1 1`,
      `opened 2 ${OBJECT}`,
      `leaf 3 ${NUMBER} 30 35 1 2`,
      "followed 3 36",
      "closed 2 28 42 13",
      `leaf 2 ${STRING} 42 46 1 s`,
      `leaf 4 ${NUMBER} -1 55 1 4`,
      `opened 4 ${ARRAY}`,
      `closed 4 -1 63 3`,
      `leaf 4 ${NUMBER} 63 65 1 7`,
      `documents 1 ${OBJECT} at rest`,
    ]);
  });

  it("measures strings that it does not keep", () => {
    const lines = watch(["=t"], '{"t":"a\\u00e9\\n\\"é","x":1}');
    expect(lines).toEqual(['piece a\\u00e9\\n\\"é', `leaf 0 ${STRING} 1 20 7 `, "followed 0 21", `documents 1 ${OBJECT} at rest`]);
    expect(watch(["=t"], '{"t":12}')).toEqual([`leaf 0 ${NUMBER} 1 7 2 12`, `documents 1 ${OBJECT} at rest`]);
  });

  it("decodes escapes, surrogates and wrong escapes as text", () => {
    const leaf = (inside: string) => watch(["t"], `{"t":"${inside}"}`)[0].split(" ").slice(5).join(" ");
    expect(leaf('\\b\\f\\n\\r\\t\\/\\\\\\"\\q')).toBe("9 \b\f"); // The line feed ends the line here.
    expect(leaf("\\u0041\\u00e9\\u20ac\\ud83d\\ude00")).toBe("10 Aé€😀");
    expect(leaf("\\ud83dx")).toBe("4 \ufffdx");
    expect(leaf("\\ud83d")).toBe("3 \ufffd");
    expect(leaf("\\ude00")).toBe("3 \ufffd");
    expect(leaf("\\ud83d\\ud83d\\ude00")).toBe("7 \ufffd😀");
    expect(leaf("\\ud83d\\u0041")).toBe("4 \ufffdA");
    expect(leaf("\\u00g1\\u07ff\\u0800")).toBe("9 \ufffd1\u07ff\u0800");
    expect(leaf("\\uffff\\u007f\\u0080")).toBe("6 \uffff\u007f\u0080");
    // Not the letter that a wrong digit stands before, and surrogates of every parity.
    expect(leaf("\\u00gn")).toBe("4 \ufffdn");
    expect(leaf("\\ud83d\\ude01\\ude01")).toBe("7 😁\ufffd");
    expect(leaf("\\ud800\\udc00")).toBe("4 \u{10000}");
    expect(leaf('\\r\\t\\/\\\\\\"\\q')).toBe('6 \r\t/\\"q');
    expect(leaf("a\tb")).toBe("3 a\tb");
    expect(leaf("\\ud83d\tb")).toBe("5 \ufffd\tb");
  });

  it("hands out up to 256 bytes and says when more were there", () => {
    const text = (size: number) => watchPieces(["t"], [`{"t":"${"x".repeat(size)}"}`])[0];
    expect(text(256)).toBe(`leaf 0 ${STRING} 1 263 256 ${"x".repeat(256)}`);
    expect(text(257)).toBe(`leaf 0 ${STRING} 1 264 257 cut `);
    // The next one is whole again.
    expect(watchPieces(["t", "s"], [`{"t":"${"x".repeat(300)}","s":"y"}`])[2]).toBe(`leaf 1 ${STRING} 307 315 1 y`);
    // A number so long is no number to anybody.
    expect(watchPieces(["t"], [`{"t":${"1".repeat(257)}}`])).toEqual([`documents 1 ${OBJECT} at rest`]);
  });

  it("compares keys of up to 63 bytes, escapes decoded", () => {
    const long = "k".repeat(63);
    expect(watch([long, "ab"], `{"${long}":1,"${long}k":2,"a\\u0062":3,"abc":4,"a":5,"":6}`)).toEqual([
      `leaf 0 ${NUMBER} 1 68 1 1`,
      "followed 0 69",
      `leaf 1 ${NUMBER} ${68 + 69} ${68 + 69 + 12} 1 3`,
      `documents 1 ${OBJECT} at rest`,
    ]);
    expect(watchPieces(["a"], [`{"${"k".repeat(500)}":1,"a":2}`])[0]).toBe(`leaf 0 ${NUMBER} 505 511 1 2`);
  });

  it("follows sixteen levels and passes over what is deeper", () => {
    const path = (depth: number) => Array.from({ length: depth }, () => "a").join(".");
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    expect(watchPieces([path(16)], [nested(16)])[0]).toBe(`leaf 0 ${NUMBER} 76 81 1 1`);
    expect(watchPieces([path(17)], [nested(17)])).toEqual([`documents 1 ${OBJECT} at rest`]);
    expect(watchPieces([path(16), "b"], [`${nested(20).slice(0, -1)},"b":1}`])).toContain(`leaf 1 ${NUMBER} 120 126 1 1`);
  });

  it("counts documents in a row and takes lists of them", () => {
    expect(watch(["a"], '{"a":1}\n{"a":2} "x" 3 \n')).toEqual([
      `leaf 0 ${NUMBER} 1 6 1 1`,
      `leaf 0 ${NUMBER} 9 14 1 2`,
      `documents 4 ${NUMBER} at rest`,
    ]);
    expect(watch(["a", "lists"], '[{"a":1},\r\n{"a":2}]')).toEqual([
      `leaf 0 ${NUMBER} 2 7 1 1`,
      `leaf 0 ${NUMBER} 12 17 1 2`,
      `documents 1 ${ARRAY} at rest`,
    ]);
    expect(watch(["a"], '[{"a":1}]')).toEqual([`documents 1 ${ARRAY} at rest`]);
    expect(watch(["a"], "12")).toEqual([`documents 1 ${NUMBER} at rest`]);
    expect(watch(["a"], "")).toEqual(["documents 0 0 at rest"]);
    expect(watch(["a"], " \n\r\t,:")).toEqual(["documents 0 0 at rest"]);
  });

  it("reports no number that the end cuts off", () => {
    expect(watch(["a"], '{"a":1')).toEqual([`documents 0 ${OBJECT}`]);
    expect(watch(["a"], '{"b":1')).toEqual([`documents 0 ${OBJECT}`]);
    expect(watch(["a"], '{"a":"x')).toEqual([`documents 0 ${OBJECT}`]);
    expect(watch(["a"], '{"a":"x"')).toEqual([`leaf 0 ${STRING} 1 8 1 x`, `documents 0 ${OBJECT}`]);
    expect(watch(["a"], '"x')).toEqual([`documents 0 ${STRING}`]);
  });

  it("passes over what nobody watches, whatever stands in it", () => {
    const text = '{"a":{"b":["}",{"c":"\\"]"}],"d":"\\\\"},"e":"{\\"","f":[[],{}],"g":tru,"z":1}';
    expect(watch(["z"], text)).toEqual([
      `leaf 0 ${NUMBER} ${text.lastIndexOf(",")} ${text.length - 1} 1 1`,
      `documents 1 ${OBJECT} at rest`,
    ]);
  });

  it("goes on after what is no JSON", () => {
    expect(watch(["a"], '{"a":xyz,"a":nul,"a":1}')).toEqual([`leaf 0 ${NUMBER} 16 22 1 1`, `documents 1 ${OBJECT} at rest`]);
    expect(watch(["a"], '}]{"a":1]{"a" x:2}')).toEqual([
      `leaf 0 ${NUMBER} 3 8 1 1`,
      `leaf 0 ${NUMBER} 10 17 1 2`,
      `documents 2 ${OBJECT} at rest`,
    ]);
    expect(watch(["a"], '{x"a":1 2,]')).toEqual([`leaf 0 ${NUMBER} 2 7 1 1`, "followed 0 10", `documents 1 ${OBJECT} at rest`]);
  });

  it("reads a part of a view, and begins anew after a reset", () => {
    units.exports.watch(units.put("a\nb"));
    const text = 'xx{"a":1,"b":[2]}yy';
    units.exports.feed(units.put(text), 2, 11);
    units.exports.feed(units.put(text), 11, 17);
    units.exports.feed(units.put("   "), -5, 99);
    expect(units.text(units.exports.seen(0)).split("\n")).toEqual([
      `leaf 0 ${NUMBER} 1 6 1 1`,
      "followed 0 7",
      `opened 1 ${ARRAY}`,
      "closed 1 6 14 3",
      `documents 1 ${OBJECT} at rest`,
    ]);
    for (const open of ['{"a":"x', '{"a', '{"b":[{"x":"\\', '[1,[2,"', '{"a":\\"', "12"]) {
      units.exports.watch(units.put("a\nb"));
      units.exports.feed(units.put(open), 0, open.length);
      units.exports.resetWatcher();
      const before = units.text(units.exports.seen(0)).replace(/documents.*$/s, "");
      expect(units.text(units.exports.seen(0))).toMatch(/documents 0 0 at rest$/);
      units.exports.feed(units.put('{"a":"y"}'), 0, 9);
      expect(units.text(units.exports.seen(1)).startsWith(before)).toBe(true);
      expect(units.text(units.exports.seen(1))).toMatch(/leaf 0 3 1 8 1 y\ndocuments 1 1 at rest/);
    }
  });

  it("ends a number at whatever cannot belong to it", () => {
    for (const end of ["\n}", "\r}", "\t}", " }", "}", ",", "]", '"x"', "{}", "[]", ":"]) {
      expect(watchPieces(["a"], [`{"a":1${end}`])[0], JSON.stringify(end)).toBe(`leaf 0 ${NUMBER} 1 6 1 1`);
    }
  });

  it("reads the document itself, a list at the top, and strings without bytes", () => {
    expect(watch([""], "12 ")).toEqual([`leaf 0 ${NUMBER} 2 2 2 12`, `documents 1 ${NUMBER} at rest`]);
    expect(watch([""], '"x"')).toEqual([`leaf 0 ${STRING} 3 3 1 x`, `documents 1 ${STRING} at rest`]);
    expect(watch([""], '"x" "y" ')).toEqual([`leaf 0 ${STRING} 3 3 1 x`, `leaf 0 ${STRING} 7 7 1 y`, `documents 2 ${STRING} at rest`]);
    expect(watch(["[].x"], '[{"x":1},2]')).toEqual([`leaf 0 ${NUMBER} 2 7 1 1`, `documents 1 ${ARRAY} at rest`]);
    expect(watch(["a"], '{"x":"","a":""}')).toEqual([`leaf 0 ${STRING} 7 14 0 `, `documents 1 ${OBJECT} at rest`]);
    expect(watch(["a"], '{"x":[zZ|],"a":1}')).toEqual([`leaf 0 ${NUMBER} 10 16 1 1`, `documents 1 ${OBJECT} at rest`]);
    expect(watch(["a"], "1 !")).toEqual(["documents 2 0 at rest"]);
  });

  it("stops inside a string where its part of the view ends", () => {
    units.exports.watch(units.put("a"));
    const text = units.put('{"a":"xyz"}');
    units.exports.feed(text, -1, 8);
    units.exports.feed(text, 8, 11);
    expect(units.text(units.exports.seen(1))).toBe(`leaf 0 ${STRING} 1 10 3 xyz\ndocuments 1 ${OBJECT} at rest`);
  });

  it("forgets an escape at a reset", () => {
    units.exports.watch(units.put("a"));
    units.exports.feed(units.put('{"x":"\\'), 0, 7);
    units.exports.resetWatcher();
    units.exports.feed(units.put('{"x":"","a":1}'), 0, 14);
    expect(units.text(units.exports.seen(1))).toBe(`leaf 0 ${NUMBER} 7 13 1 1\ndocuments 1 ${OBJECT} at rest`);
  });

  it("needs no more of a sink than leaves", () => {
    units.exports.watch(units.put("a\n=b\nc\nc.d"));
    expect(units.exports.feedLeaves(units.put('{"a":1,"b":"x","c":{"d":2}}'))).toBe(3);
  });
});

describe("the index", () => {
  it("tells kind, place, number, size and names of every member", () => {
    const text = '{"k":1,"\\u006b":"abc","n":null,"t":true,"f":false,"l":[1,[2,3],{}],"o":{"a":1,"b":2},"e":"a\\u0062c","x":"ab","":[]}';
    expect(
      units
        .text(units.exports.members(units.put(text)))
        .split("\n")
        .slice(0, -1),
    ).toEqual([
      '"k" k 4 5-6 1 0 set k',
      '"k" \\u006b 3 16-21 -7 0 set abc k',
      '"n" n 7 26-30 -7 0 null',
      '"t" t 5 35-39 -7 0 true set',
      '"f" f 6 44-49 -7 0 set',
      '"l" l 2 54-66 -7 3 set',
      '"o" o 1 71-84 -7 2 set',
      '"e" e 3 89-99 -7 0 set abc',
      '"x" x 3 104-108 -7 0 set',
      '""  2 112-114 -7 0 set',
    ]);
  });

  it.each([
    ["0", 0],
    ["12", 12],
    ["0.0", 0],
    ["5.0", 5],
    ["5.000", 5],
    ["5.10", -7],
    ["5.01", -7],
    ["-1", -7],
    ["-1.0", -7],
    ["1e3", -7],
    ["9007199254740993", 9007199254740993n],
    ["9999999999999999", 9999999999999999n],
    ["10000000000000000", -7],
    ["10000000000000000.0", -7],
    ['"1"', -7],
  ])("reads %s as a whole number or not at all", (number, value) => {
    expect(units.text(units.exports.members(units.put(`{"k":${number}}`))).split(" ")[4]).toBe(String(value));
  });

  it("says nothing of what is not there", () => {
    expect(units.text(units.exports.absent(units.put('{"k":1}')))).toBe("0-1-100;".repeat(5));
    expect(units.text(units.exports.absent(units.put("{}")))).toBe("0-1-100;".repeat(5));
  });

  it.each([
    ["", "1 0 the JSON ends too early"],
    ["{", "1 1 the JSON ends too early"],
    ['{"a', "1 3 the JSON ends too early"],
    ['{"a"', "1 4 the JSON ends too early"],
    ['{"a":1', "1 6 the JSON ends too early"],
    ["[", "1 1 the JSON ends too early"],
    ["tru", "1 0 the JSON ends too early"],
    ['"\\', "1 1 the JSON ends too early"],
    ['"\\u12', "1 1 the JSON ends too early"],
    ["-", "1 0 the JSON ends too early"],
    ["1.", "1 0 the JSON ends too early"],
    ["1e", "1 0 the JSON ends too early"],
    ["1e+", "1 0 the JSON ends too early"],
    ["{a", "2 1 unexpected character"],
    ['{"a"1', "2 4 unexpected character"],
    ["x", "2 0 unexpected character"],
    ["truX", "2 0 unexpected character"],
    ["[1 2", "2 3 unexpected character"],
    ["[1,]", "2 3 unexpected character"],
    ['"\n"', "3 1 a string holds a control character or an invalid escape"],
    ['"\\x"', "3 1 a string holds a control character or an invalid escape"],
    ["01", "4 0 a number is not valid JSON"],
    ["-x", "4 0 a number is not valid JSON"],
    ["1.x", "4 0 a number is not valid JSON"],
    ["1ex", "4 0 a number is not valid JSON"],
    [`${"[".repeat(1025)}`, "5 1024 nested too deeply"],
    ["1 2", "6 2 more bytes follow the JSON value"],
    [" 1 ", "0 3 no fault"],
  ])("finds in %j: %s", (text, fault) => {
    expect(units.text(units.exports.faultOf(units.put(text)))).toBe(fault);
  });
});

describe("names and escapes", () => {
  it("compare decoded, to the end of both", () => {
    const same = (inside: string, name: string) => units.exports.sameName(units.put(inside), units.put(name)) !== 0;
    expect(same("a\\u0062", "ab")).toBe(true);
    for (const [inside, name] of [
      ["a", "ab"],
      ["ab", "a"],
      ["a\\u0063", "ab"],
      ["a\\", "ab"],
      ["a\\u00", "ab"],
      ["\\u0061b", "b"],
      ["", "a"],
    ]) {
      expect(same(inside, name), inside).toBe(false);
    }
    expect(same('\\"\\\\\\/\\b\\f\\n\\r\\t', '"\\/\b\f\n\r\t')).toBe(true);
    expect(same("", "")).toBe(true);
  });

  it("knows hexadecimal digits and nothing else", () => {
    for (let byte = -1; byte < 256; byte++) {
      const text = byte < 0 ? "" : String.fromCharCode(byte);
      expect(units.exports.hex(byte), text).toBe(/^[0-9a-fA-F]$/.test(text) ? Number.parseInt(text, 16) : -1);
    }
  });

  it("are written as JSON.parse reads them", () => {
    const text = `${Array.from({ length: 0x30 }, (_, code) => String.fromCharCode(code)).join("")}\\é😀\u007f`;
    const inner = units.text(units.exports.inner(units.put(text), 0));
    expect(JSON.parse(`"${inner}"`)).toBe(text);
    expect(inner).toContain("\\u0008\\t\\n");
    expect(inner).toContain("\\n\\u000b\\u000c\\r");
    expect(inner).toContain('\\"');
    expect(inner).toContain("\\u001a\\u001b");
  });

  it("lose the white space between tokens where JSON stands in a string", () => {
    const inner = (text: string) => units.text(units.exports.inner(units.put(text), 1));
    expect(JSON.parse(`"${inner('{ "a b" :\t[1 ,\n"\\" \\\\", true ]\r}')}"`)).toBe('{"a b":[1,"\\" \\\\",true]}');
    expect(inner('"open \\')).toBe('\\"open \\\\');
    expect(inner('"a\nb" ')).toBe('\\"a\\nb\\"');
    expect(inner("")).toBe("");
  });
});

describe("edits", () => {
  it("are applied in order of place, the earlier of two that overlap", () => {
    const patched = (until: number) => units.text(units.exports.patched(units.put("0123456789ab"), until));
    expect(patched(12)).toBe("0empty;10full;0<a>3<b><b2>45<c>8ab");
    expect(patched(11)).toBe("0empty;10full;0<a>3<b><b2>45<c>8a");
  });
});
