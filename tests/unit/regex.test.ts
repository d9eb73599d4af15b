// The matcher against two oracles: JavaScript's RegExp where both mean the same, and recorded results of Go's regexp
// (regex-go-cases.json) for what JavaScript does otherwise: captures in loops, empty iterations, flags, refused patterns.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

const LIMIT = 1 << 16;
const MAX_STEPS = 1_000_000;

let units: Units;
beforeAll(() => {
  units = loadUnits("regex");
});

const compile = (pattern: string | Uint8Array) => units.text(units.exports.compile(units.put(pattern)));
const replaceBytes = (input: string | Uint8Array, template: string, limit = LIMIT) =>
  units.get(units.exports.replace(units.put(input), units.put(template), limit));
/** The result, or null when nothing matched (and then nothing may be written). */
const replace = (input: string | Uint8Array, template: string) => {
  const response = new TextDecoder().decode(replaceBytes(input, template));
  if (response[0] === "1") return response.slice(1);
  expect(response).toBe("0");
  return null;
};
const run = (pattern: string, input: string, template: string) => {
  expect(compile(pattern), pattern).toBe("");
  return replace(input, template);
};

/** Go's ReplaceAllString with `<$0|$1|$2>`, by JavaScript: an empty match right after a match is left out. */
function byJavaScript(expression: RegExp, input: string): string | null {
  const matches = [...input.matchAll(expression)];
  let end = 0;
  let out = "";
  for (const match of matches) {
    out += input.slice(end, match.index);
    const stop = match.index + match[0].length;
    if (stop > end || match.index === 0) out += `<${match[0]}|${match[1] ?? ""}|${match[2] ?? ""}>`;
    end = stop;
  }
  return matches.length ? out + input.slice(end) : null;
}

/** A piece of pattern, whether it can match nothing, whether it captures: a loop over either means other things in Go. */
interface Piece {
  source: string;
  nullable: boolean;
  captures: boolean;
}
const solid = (source: string): Piece => ({ source, nullable: false, captures: false });
const SOLID = [
  "a",
  "b",
  "x",
  "-",
  "\\/",
  "4",
  "é",
  "通",
  ".",
  "\\d",
  "\\D",
  "\\w",
  "\\W",
  "[ab]",
  "[^a]",
  "[a-c4]",
  "[^\\w]",
  "\\x61",
  "\\.",
  "[通é]",
];
const MARKS = ["^", "$", "\\b", "\\B"];
const REPEATS = ["*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}"];

const { piece } = fc.letrec<{ piece: Piece }>((tie) => ({
  piece: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.constantFrom(...SOLID).map(solid),
    fc.constantFrom(...MARKS).map((source) => ({ source, nullable: true, captures: false })),
    fc.array(tie("piece"), { minLength: 1, maxLength: 4 }).map((all) => ({
      source: all.map((one) => one.source).join(""),
      nullable: all.every((one) => one.nullable),
      captures: all.some((one) => one.captures),
    })),
    fc.tuple(tie("piece"), tie("piece"), fc.boolean()).map(([left, right, isCapture]) => ({
      source: `${isCapture ? "(" : "(?:"}${left.source}|${right.source})`,
      nullable: left.nullable || right.nullable,
      captures: isCapture || left.captures || right.captures,
    })),
    fc
      .tuple(tie("piece"), fc.constantFrom(...REPEATS), fc.constantFrom("", "?"))
      .map(([inner, repeat, lazy]) =>
        inner.nullable || inner.captures
          ? { ...inner, source: `(?:${inner.source})` }
          : { source: `(?:${inner.source})${repeat}${lazy}`, nullable: /^[*?]|^\{0/.test(repeat), captures: false },
      ),
  ),
}));
// No character beyond U+FFFF: JavaScript finds \B between its two halves.
const text = fc.string({ unit: fc.constantFrom("a", "a", "b", "x", "-", "/", "4", ".", " ", "é", "通"), maxLength: 12 });
const asciiText = fc.string({ unit: fc.constantFrom("a", "A", "b", "B", "x", "-", "4", "."), maxLength: 12 });

describe("a regular expression", () => {
  it("finds what JavaScript's RegExp finds", () => {
    let matched = 0;
    fc.assert(
      fc.property(piece, text, ({ source }, input) => {
        const expected = byJavaScript(new RegExp(source, "gu"), input);
        if (expected !== null) matched++;
        expect(run(source, input, "<$0|$1|$2>"), source).toBe(expected);
      }),
      { numRuns: 4000, seed: 11 },
    );
    expect(matched).toBeGreaterThan(1000);
  });

  it("ignores the case of ASCII letters with (?i), as JavaScript's flag i does", () => {
    fc.assert(
      fc.property(piece, asciiText, ({ source }, input) => {
        // JavaScript's \w and \b take U+017F and U+212A in with iu, the input holds neither.
        fc.pre(!/[^ -~]/.test(source) && !/\\W|\[\^\\w/.test(source));
        expect(run(`(?i)${source}`, input, "<$0|$1|$2>"), source).toBe(byJavaScript(new RegExp(source, "giu"), input));
      }),
      { numRuns: 1500, seed: 12 },
    );
  });

  it("gives Go's results, and refuses what Go refuses", () => {
    const rows = JSON.parse(readFileSync(new URL("./regex-go-cases.json", import.meta.url), "utf8")) as [
      string,
      ...([string, string, string | null] | null)[],
    ][];
    let compared = 0;
    for (const [pattern, ...cases] of rows) {
      const problem = compile(pattern);
      if (cases[0] === null) {
        expect(problem, `Go refuses ${pattern}`).not.toBe("");
        continue;
      }
      // Two forms that Go takes and no one writes: (?i)* repeats what stands before the flags, \12 is octal.
      if (/nothing to repeat|back-reference/.test(problem)) continue;
      expect(problem, pattern).toBe("");
      for (const row of cases) {
        if (row === null) continue;
        expect(replace(row[0], row[1]), JSON.stringify([pattern, row])).toBe(row[2]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(1500);
  });

  it.each([
    ["strips a vendor prefix", "^acme/(.+)$", "acme/llama-70b", "$1", "llama-70b"],
    ["replaces every match", "a+", "baaac-a", "x", "bxc-x"],
    ["prefers the first alternative, not the longest", "gpt|gpt-4", "gpt-4", "[$0]", "[gpt]-4"],
    ["is greedy", "<(.*)>", "<a><b>", "$1", "a><b"],
    ["is lazy when told", "<(.*?)>", "<a><b>", "$1", "ab"],
    ["takes names in Go's form", "(?P<org>\\w+)/(?P<name>.+)", "meta/llama", "$name@$org", "llama@meta"],
    ["takes names in Perl's form", "(?<org>\\w+)/(?<name>.+)", "meta/llama", "${name}_$org", "llama_meta"],
    ["reads the longest group name, as Go does", "(a)", "a", "[$1x]", "[]"],
    ["ends a group name at the first character beyond ASCII", "(a)", "a", "$1通", "a通"],
    ["uses the group that took part among those of one name", "(?P<v>a)|b(?P<v>.)", "bc", "[$v]", "[c]"],
    ["writes a dollar for two", "a", "a", "$$1$", "$1$"],
    ["leaves groups that do not exist empty", "a", "a", "[$1${name}$99999999999]", "[]"],
    ["counts code points, not bytes", "^.{3}$", "通义é", "3", "3"],
    ["takes four bytes as one character", "^(.)\\B(.)$", "𝄞𝄞", "$2", "𝄞"],
    ["knows code points by number", "[\\x{4e00}-\\x{9fff}]+", "ab通义", "zh", "abzh"],
    ["matches nothing between the bytes of a character", "", "é通", "-", "-é-通-"],
    ["has ASCII word boundaries", "\\bgpt\\b", "gpt gpt4 通gpt", "x", "x gpt4 通x"],
    ["does not cross lines with a dot", "a.b", "a\nb", "x", null],
    ["crosses them with (?s)", "(?s)a.b", "a\nb", "x", "x"],
    ["anchors at the text's ends without (?m)", "^b$", "a\nb", "x", null],
    ["anchors at lines with (?m)", "(?m)^b$", "a\nb", "x", "a\nx"],
    ["limits flags to their group", "(?i:a)b", "AB Ab", "x", "AB x"],
    ["reads a brace without counts as itself", "a{,2}{x}", "a{,2}{x}", "y", "y"],
    ["allows a hundred repeats", "^a{100}$", "a".repeat(100), "y", "y"],
    ["counts them", "^a{100}$", "a".repeat(99), "y", null],
  ])("%s", (_title, pattern, input, template, expected) => {
    expect(run(pattern, input, template)).toBe(expected);
  });

  it("reads bytes that are not UTF-8 one by one, and keeps them", () => {
    expect(compile("^(.)(.)b$")).toBe("");
    expect([...replaceBytes(Uint8Array.of(0xff, 0xe9, 0x62), "$2-$1")]).toEqual([0x31, 0xe9, 0x2d, 0xff]);
    // An overlong slash, a surrogate and a character cut short are so many single bytes.
    expect(compile("^.{7}$")).toBe("");
    expect(replace(Uint8Array.of(0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xe9, 0x80), "seven")).toBe("seven");
    expect(compile("/")).toBe("");
    expect(replace(Uint8Array.of(0xc0, 0xaf), "x")).toBe(null);
  });
});

describe("an expression that cannot be used", () => {
  it.each([
    ["(a)\\1", "a back-reference is not supported (at byte 3)"],
    ["(?P<n>a)(?P=n)", "a back-reference is not supported (at byte 8)"],
    ["(?<n>a)\\k<n>", "a back-reference is not supported (at byte 7)"],
    ["a(?=b)", "a look-ahead is not supported (at byte 1)"],
    ["(?!b)a", "a look-ahead is not supported (at byte 0)"],
    ["(?<=b)a", "a look-behind is not supported (at byte 0)"],
    ["é(?<!b)a", "a look-behind is not supported (at byte 2)"],
    ["(?>a)", "an atomic group is not supported (at byte 0)"],
    ["a++", "a possessive repeat is not supported (at byte 2)"],
    ["a*?+", "a possessive repeat is not supported (at byte 3)"],
    ["a**", "a repeat of a repeat (at byte 2)"],
    ["a{2}{3}", "a repeat of a repeat (at byte 4)"],
    ["a{101}", "a repeat count above 100 is not supported (at byte 1)"],
    ["a{1,99999999999999999999}", "a repeat count above 100 is not supported (at byte 1)"],
    ["a{3,2}", "a repeat with a lower bound above the upper one (at byte 1)"],
    ["*a", "nothing to repeat (at byte 0)"],
    ["a|{2}", "nothing to repeat (at byte 2)"],
    ["(a", "a group that is not closed (at byte 0)"],
    ["a)b", "a closing parenthesis without its opening one (at byte 1)"],
    ["x[a", "a class that is not closed (at byte 1)"],
    ["[]", "a class that is not closed (at byte 0)"],
    ["[z-a]", "a range whose end is before its start (at byte 1)"],
    ["[[:alpha:]]", "a POSIX class [:name:] is not supported (at byte 1)"],
    ["\\pL", "a Unicode class \\p is not supported (at byte 0)"],
    ["[\\b]", "the escape \\b is unknown here (at byte 1)"],
    ["\\Z", "\\Z is not supported, write \\z (at byte 0)"],
    ["\\x{110000}", "\\x needs two hexadecimal digits, or up to 10FFFF in braces (at byte 0)"],
    ["a\\", "a backslash with nothing after it (at byte 1)"],
    ["(?P<a-b>c)", "a group's name must be letters, digits and underscores between < and > (at byte 0)"],
    ["(?x)a", "an unknown kind of group, (? takes <name>, : or the flags i, m, s and U (at byte 0)"],
    ["()".repeat(33), "more than 32 capturing groups (at byte 64)"],
    ["(?:".repeat(101), "groups are nested more than 100 deep (at byte 300)"],
    ["a".repeat(1025), "the expression is longer than 1024 bytes"],
  ])("%j says what and where", (pattern, problem) => {
    expect(compile(pattern)).toBe(problem);
    expect(replace("a", "x")).toBe(null);
  });

  it("is refused when it is not UTF-8", () => {
    expect(compile(Uint8Array.of(0x61, 0xff))).toBe("the expression is not valid UTF-8");
  });

  it.each(["(?:a{100}){100}", "(?:(?:(?:a{9}){9}){9}){9}", "(?:(?:a?){100}){100}", "[a-z]{100}".repeat(21)])(
    "%s is too large",
    (pattern) => {
      expect(compile(pattern)).toMatch(/^more than 2000 instructions/);
      expect(units.exports.size()).toBeLessThanOrEqual(2000);
    },
  );

  it("never traps, whatever the pattern", () => {
    const SIGNS = [..."ab()[]{}*+?|\\^$.-,:<>=!PQipxdDWbBAzUms0129é"];
    const token = fc.constantFrom(...SIGNS, "(?", "(?:", "(?P<", "(?i)", "{2,}", "{1,3}", "[^", "[[:", ":]]", "\\x{", "通");
    const pattern = fc.oneof(
      { weight: 4, arbitrary: fc.array(token, { maxLength: 30 }).map((all) => new TextEncoder().encode(all.join(""))) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    );
    let usable = 0;
    let refused = 0;
    fc.assert(
      fc.property(pattern, fc.uint8Array({ maxLength: 20 }), (bytes, input) => {
        if (compile(bytes) === "") usable++;
        else refused++;
        expect(units.exports.size()).toBeLessThanOrEqual(2000);
        const response = replaceBytes(input, "$1${a}");
        expect(["0", "1"]).toContain(String.fromCharCode(response[0]));
      }),
      { numRuns: 3000, seed: 13 },
    );
    expect(usable).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(1000);
  });
});

describe("the work of a search", () => {
  const HOSTILE: [string, string][] = [
    ["(a*)*b", "a"],
    ["(a|aa)+$", "a"],
    ["(a|a?)+b", "a"],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a"],
    ["(?:a?){50}a{50}b", "a"],
    ["(.*)(.*)(.*)(.*)(.*)b", "a"],
    ["(?:(?:a*)*)*b", "a"],
    ["(x+x+)+y", "x"],
    ["(|a|)*b", "a"],
    ["(?:\\b|a)*?b", "a"],
  ];

  it.each(HOSTILE)("grows in step with the input for %s", (pattern, letter) => {
    expect(compile(pattern)).toBe("");
    const stepsFor = (length: number) => {
      replace(letter.repeat(length) + "!", "x");
      return units.exports.steps();
    };
    // At each position: every instruction once in the list, at most three entries on the stack for each.
    const bound = (length: number) => (length + 2) * (4 * units.exports.size() + 1);
    for (const length of [10, 100, 1000]) {
      expect(stepsFor(length)).toBeLessThan(bound(length));
      expect(units.exports.steps()).toBeLessThan(MAX_STEPS);
    }
    expect(stepsFor(1000) / stepsFor(500)).toBeLessThan(2.1);
  });

  it("finds the match of a hostile pattern too", () => {
    expect(run("^(a|aa)+$", "a".repeat(4096), "<$1>")).toBe("<a>");
    expect(run("(a*)*b", `${"a".repeat(1000)}b`, "x")).toBe("x");
  });

  it("is cut off when every match looks at all the rest, and is then no match", () => {
    expect(run(".*x|a", "a".repeat(40), "b")).toBe("b".repeat(40));
    expect(run(".*x|a", "a".repeat(4096), "b")).toBe(null);
    expect(units.exports.steps()).toBeGreaterThan(MAX_STEPS);
    expect(units.exports.steps()).toBeLessThan(MAX_STEPS + 8000);
  });

  it("stops at the first position of an anchored expression", () => {
    expect(run("^b", "a".repeat(4000), "x")).toBe(null);
    expect(units.exports.steps()).toBeLessThan(10);
    expect(run("(^)(a|^b)", "a".repeat(4000), "x")).toBe("x" + "a".repeat(3999));
    expect(units.exports.steps()).toBeLessThan(30);
    expect(run("^b|a", "aab", "x")).toBe("xxb");
  });

  it("leaves input of more than 4 KB alone", () => {
    expect(run("a+", "a".repeat(4096), "x")).toBe("x");
    expect(run("a+", "a".repeat(4097), "x")).toBe(null);
  });

  it("tells when the result does not fit", () => {
    expect(compile("(a+)")).toBe("");
    const response = replaceBytes("a".repeat(4000), "$1$1$1", 8000);
    expect(response[0]).toBe("!".charCodeAt(0));
    expect(response.length).toBeLessThanOrEqual(8000);
  });

  it("allocates nothing, however long the input and however many the matches", () => {
    expect(compile("(?P<first>[a-z])(\\w*?)(-|$)")).toBe("");
    const grows = (count: number) => units.exports.searchGrowth(units.put("gpt-4o-mini-".repeat(300)), units.put("$first${2}/"), count);
    const idle = grows(0);
    expect(grows(50)).toBe(idle);
    expect(units.exports.steps()).toBeGreaterThan(3600);
  });
});

describe("text that is not UTF-8", () => {
  const valid = (bytes: Uint8Array) => units.get(units.exports.valid(units.put(bytes)));

  it("is made valid, a replacement for each wrong byte; what is valid stays", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: "binary", maxLength: 3 }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(valid(bytes));
        if (bytes.equals(Buffer.from(bytes.toString("utf8")))) expect(text).toBe(bytes.toString("utf8"));
        else expect(text).toContain("\ufffd");
        expect(text.replaceAll("\ufffd", "")).toBe(bytes.toString("utf8").replaceAll("\ufffd", ""));
      }),
      { seed: 11, numRuns: 3000 },
    );
    expect(new TextDecoder().decode(valid(Uint8Array.of(0x6f, 0x86, 0x20, 0xf4, 0x90, 0x80, 0x80)))).toBe(
      "o\ufffd \ufffd\ufffd\ufffd\ufffd",
    );
  });
});
