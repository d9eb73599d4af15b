// Envelopes: what is put in comes out, and nothing else does.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("seal");
}, 60_000);

const KINDS = { anthropic: 1, google: 2, googletext: 3, googlethought: 4, openrouter: 5, responses: 6 };
const wrap = (kind: number, payload: string) => JSON.parse(`"${units.text(units.exports.wrap(kind, units.put(payload)))}"`) as string;
const wrapBase64 = (kind: number, payload: string) => units.text(units.exports.wrapBase64(kind, units.put(payload)));
const open = (text: string) => units.text(units.exports.open(units.put(text)));
const isEnvelope = (text: string) => units.exports.isEnvelope(units.put(text)) !== 0;

/** A payload that the kind may have. */
const payloadOf = (kind: number, text: string) =>
  kind === KINDS.anthropic ? JSON.stringify([text]) : kind < KINDS.openrouter ? text : JSON.stringify({ text });

describe("envelopes of seals", () => {
  it("give back what was put in, plain and in base64", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), (kind, text) => {
        const payload = payloadOf(kind, Buffer.from(text).toString());
        expect(open(wrap(kind, payload))).toBe(`${kind} ${payload}`);
        expect(open(wrapBase64(kind, payload))).toBe(`${kind} ${payload}`);
        expect(isEnvelope(wrap(kind, payload)) && isEnvelope(wrapBase64(kind, payload))).toBe(true);
      }),
    );
  });

  it("have a form that can be read", () => {
    expect(wrap(KINDS.google, "U0lH")).toMatch(/^seal1\.google\.[0-9a-f]{8}\.U0lH$/);
  });

  it("are nothing once a byte is changed, added or missing", () => {
    for (const envelope of [wrap(KINDS.google, "U0lHLTE="), wrapBase64(KINDS.openrouter, '{"data":"U0lH"}')]) {
      for (let at = 0; at < envelope.length; at++) {
        const other = envelope[at] === "A" ? "B" : "A";
        expect(open(envelope.slice(0, at) + other + envelope.slice(at + 1)), `changed at ${at}`).toBe("0 ");
        // What base64 says does not depend on its padding.
        if (!envelope.slice(at).match(/^=+$/)) expect(open(envelope.slice(0, at)), `cut at ${at}`).toBe("0 ");
      }
      expect(open(envelope + "A")).toBe("0 ");
    }
  });

  it("hold the JSON that their kind promises", () => {
    expect(open(wrap(KINDS.responses, '{"a":1}'))).toBe('6 {"a":1}');
    for (const payload of ["{}", "{ }", "[]", "{", '{},"x":1', "1", '"a"'])
      expect(open(wrap(KINDS.responses, payload)), payload).toBe("0 ");
    for (const payload of ["{}", "[", "[1],2"]) expect(open(wrap(KINDS.anthropic, payload)), payload).toBe("0 ");
  });

  it("are capped, and never empty", () => {
    expect(wrap(KINDS.google, "")).toBe("");
    expect(wrap(0, "U0lH")).toBe("");
    const longest = "a".repeat(1 << 20);
    expect(open(wrap(KINDS.google, longest))).toBe(`2 ${longest}`);
    expect(wrap(KINDS.google, longest + "a")).toBe("");
  });

  it("are not what providers sign with", () => {
    for (const text of ["", "seal", "EqQBCgIYAhIkMWY5", "skip_thought_signature_validator"]) {
      expect(isEnvelope(text)).toBe(false);
      expect(open(text)).toBe("0 ");
    }
    expect(open("seal1.")).toBe("0 ");
    expect(open("seal1.google.")).toBe("0 ");
    expect(open("seal1.other.00000000.x")).toBe("0 ");
  });
});
