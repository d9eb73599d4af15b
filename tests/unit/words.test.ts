// Words in one text: whether keys, values and bytes are among them.
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("json");
}, 60_000);

const call = (name: string, ...values: string[]) =>
  Buffer.from(units.get(units.exports[name](...values.map((one) => units.put(one))))).toString();
const letters = (...found: boolean[]) => found.map((one) => (one ? "y" : "n")).join("");

/** Few letters, so that words begin with one another; a space in a value must not run on into the next word. */
const value = fc.string({ unit: fc.constantFrom("a", "b", " ", "é", "\\"), maxLength: 5 });
const word = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 });
const words = fc.array(word, { minLength: 1, maxLength: 4 });

/** JSON for a text, with every letter as an escape when asked. */
const spelt = (text: string, isEscaped: boolean) =>
  isEscaped ? `"${[...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"` : JSON.stringify(text);

it("a key and a value are among words, escapes decoded, when one is equal to them", () => {
  fc.assert(
    fc.property(value, value, words, fc.boolean(), (key, text, list, isEscaped) => {
      const object = `{${spelt(key, isEscaped)}:${spelt(text, isEscaped)}}`;
      expect(call("wordsOf", object, list.join(" ")), object).toBe(letters(list.includes(key), list.includes(text)));
    }),
    { numRuns: 400, seed: 3 },
  );
});

it("bytes are among words, or begin with one", () => {
  fc.assert(
    fc.property(value, words, (text, list) => {
      const expected = letters(
        list.includes(text),
        list.some((one) => text.startsWith(one)),
      );
      expect(call("bytesAmong", text, list.join(" "))).toBe(expected);
    }),
    { numRuns: 400, seed: 4 },
  );
});

it("values that are no strings, and members that do not exist, are among no words", () => {
  expect(["{}", "[1]", "3", '{"b":1}', '{"b":["a"]}', '{"b":null}'].map((json) => call("wordsOf", json, "a 1 null"))).toEqual(
    Array<string>(6).fill("nn"),
  );
});

it("the second word of a pair is found by the first, letters of either case", () => {
  const pairs = "jpg image/jpeg jpeg image/jpeg md text/markdown";
  const keys = ["jpg", "JPEG", "md", "m", "mdx", "image/jpeg", "", "jpg image/jpeg"];
  expect(keys.map((key) => call("paired", key, pairs))).toEqual(["image/jpeg", "image/jpeg", "text/markdown", "", "", "", "", ""]);
});
