// The parts of the command that are plain functions.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isScalar, parseDocument, stringify } from "yaml";
import { parseHttp } from "../../cli/http-message";
import { diffJson } from "../../cli/json-diff";
import { readYaml } from "../../cli/yaml-reader";
import { Secrets } from "../../cli/secrets";

const STYLES = ["BLOCK_LITERAL", "BLOCK_FOLDED", "QUOTE_DOUBLE", "QUOTE_SINGLE", "PLAIN"] as const;

describe("places inside of a text", () => {
  it("are those of its characters, in every style of YAML", () => {
    const piece = fc.constantFrom("{", "}", '"', "'", "\\", ":", " ", "  ", "\n", "a", "bc", "é", "😀", "\t", "12", ",", "-");
    const text = fc.array(piece, { minLength: 1, maxLength: 30 }).map((parts) => parts.join(""));
    let checked = 0;
    fc.assert(
      fc.property(text, fc.constantFrom(...STYLES), fc.integer({ min: 20, max: 60 }), (value, style, lineWidth) => {
        const source = stringify({ a: { b: value } }, { defaultStringType: style, defaultKeyType: "PLAIN", lineWidth });
        const node = parseDocument(source).getIn(["a", "b"], true);
        if (!isScalar(node) || node.value !== value) return;
        const { documents } = readYaml(source, { oldBooleans: false, duplicates: "error" });
        const a = documents[0].kind === "object" ? documents[0].members.get("a")?.value : undefined;
        const b = a?.kind === "object" ? a.members.get("b")?.value : undefined;
        const place = b?.kind === "scalar" ? b.places?.() : undefined;
        for (let unit = 0; unit < value.length; unit++) {
          if (/\s/.test(value[unit])) continue;
          const there = source.slice(place!(unit));
          const isThere = there.startsWith(value[unit]) || there.startsWith(`\\${value[unit]}`) || /^\\[uUx]/.test(there);
          expect({ source, unit, isThere }).toMatchObject({ isThere: true });
          checked++;
        }
      }),
      { seed: 7, numRuns: 2000 },
    );
    expect(checked).toBeGreaterThan(10_000);
  });
});

describe("the difference of two bodies", () => {
  it("is empty for equal ones, and tells apart any others", () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<never>;
    fc.assert(
      fc.property(value, (one) => {
        expect(diffJson(one, structuredClone(one))).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(value, value, (one, other) => {
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect({ one, other, same: diffJson(one, other).length === 0 }).toEqual({ one, other, same });
      }),
      { numRuns: 1000 },
    );
  });

  it("names what moved, changed, was clamped, dropped and added", () => {
    const before = { model: "a", max_tokens: 5, temperature: 2, user: "u", seed: 1, stop: ["x"], n: 1, messages: [{ c: "s" }, { c: "t" }] };
    const after = {
      model: "b",
      config: { maxTokens: 5, temperature: 1 },
      meta: "u",
      stop: ["x"],
      stream: true,
      messages: [{ c: "t" }],
      n: 1,
    };
    expect(diffJson(before, after)).toEqual([
      { kind: "changed", pointer: "/model", before: "a", after: "b" },
      { kind: "moved", pointer: "/config/maxTokens", from: "/max_tokens", before: 5, after: 5 },
      { kind: "clamped", pointer: "/config/temperature", from: "/temperature", before: 2, after: 1 },
      { kind: "moved", pointer: "/meta", from: "/user", before: "u", after: "u" },
      { kind: "dropped", pointer: "/seed", before: 1 },
      { kind: "dropped", pointer: "/messages/0/c", before: "s" },
      { kind: "added", pointer: "/stream", after: true },
    ]);
  });
});

/** Key order is no difference. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => [key, sorted(member)]);
  return { entries };
}

describe("secrets", () => {
  const secrets = new Secrets({ provider: { apiTokens: ["sk-abcdef", "k"], awsSecretKey: "aws-secret", id: "sk" } });

  it.each([
    ["authorization", "Bearer sk-abcdef", "Bearer <secret /provider/apiTokens/0>"],
    ["authorization", "Bearer other", "Bearer ***"],
    ["authorization", "raw-token", "***"],
    ["cookie", "a=b; c=d", "***"],
    ["x-custom", "k", "<secret /provider/apiTokens/1>"],
    ["x-custom", "prefix sk-abcdef", "prefix <secret /provider/apiTokens/0>"],
    ["x-custom", "kind", "kind"],
    [":path", "/v1?key=abc&x=aws-secret&y=k1", "/v1?key=***&x=<secret /provider/awsSecretKey>&y=k1"],
  ])("in the header %s: %s", (name, value, masked) => {
    expect(secrets.header(name, value)).toBe(masked);
  });
});

describe("recorded messages", () => {
  const parsed = (text: string) => {
    const message = parseHttp(Buffer.from(text));
    return message && { ...message, body: Buffer.from(message.body).toString() };
  };

  it("may end their lines with LF or CRLF, and begin with interim responses", () => {
    const wanted = { startLine: "HTTP/2 200", headers: [["a", "b: c"]], body: "x\n\ny" };
    expect(parsed("HTTP/2 200\nA:  b: c\n\nx\n\ny")).toEqual(wanted);
    expect(parsed("HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200\r\nA: b: c\r\nContent-Length: 9\r\n\r\nx\n\ny")).toEqual(wanted);
  });

  it("may have no body; other texts are none", () => {
    expect(parsed("GET /v1/models HTTP/1.1\nhost: x\n")).toEqual({
      startLine: "GET /v1/models HTTP/1.1",
      headers: [["host", "x"]],
      body: "",
    });
    expect(parsed('{"a": 1}')).toBeNull();
    expect(parsed("")).toBeNull();
  });
});
