// Spellings of paths: a request that passes is for the API that a decoding, merging and resolving server reads, written anew here from
// RFC 3986, section 6.2.2, and from what Node's URL class resolves.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("path");
});
const ask = (name: string, path: string) => units.text(units.exports[name](units.put(path)));
const isPlain = (path: string) => units.exports.isPlain(units.put(path)) !== 0;

/** The pipeline's rule: true when the plugin lets the path pass. */
function passes(path: string): boolean {
  if (isPlain(path) && ask("api", path) !== "-") return true;
  const lenient = ask("lenient", path);
  const read = [ask("api", lenient), ask("api", lenient.toLowerCase())].find((one) => one !== "-") ?? "-";
  return ask("problem", path) === "" && (read === "-" || read === ask("api", path));
}

/** What servers make of a path: each does some of these. */
const READERS: ((path: string) => string)[] = [
  (path) => new URL(`http://h${path}`).pathname,
  (path) => path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
  (path) => path.replace(/\/+/g, "/"),
  (path) => (path.length > 1 ? path.replace(/\/+$/, "") || "/" : path),
  (path) => path.replace(/;[^/]*/g, ""),
  (path) => path.replace(/\\/g, "/"),
  (path) => path.toLowerCase(),
  (path) => path.replace(/[?#].*$/, ""),
];

const KNOWN = [
  "/v1/chat/completions",
  "/v1/embeddings",
  "/v1/files/f1/content",
  "/v1/responses/compact",
  "/chat/completions",
  "/v1/messages",
];
const noise = fc.constantFrom(
  "/",
  "//",
  "/./",
  "/../",
  "/x/../",
  "%2F",
  "%2f",
  "%5C",
  "\\",
  ";a=b",
  "%2e",
  "%2E%2E",
  "/.",
  "..",
  "%25",
  "%",
  "%0d",
  "#",
  "%23",
  "%3f",
  "%3A",
);
const encoded = (character: string) => `%${character.charCodeAt(0).toString(16)}`;

/** A known path in which letters are encoded and noise stands anywhere. */
const spelling = fc
  .tuple(
    fc.constantFrom(...KNOWN),
    fc.array(fc.tuple(fc.nat(30), noise), { maxLength: 2 }),
    fc.array(fc.nat(30), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([path, noises, letters, isUpper]) => {
    const characters = [...path].map((one, index) => (letters.includes(index) ? encoded(one) : one));
    for (const [at, text] of noises) characters.splice(Math.min(at, characters.length), 0, text);
    const text = characters.join("");
    return `/${(isUpper ? text.toUpperCase() : text).replace(/^\//, "")}`;
  });

describe("paths", () => {
  it("are the same API for every reader, or are refused", () => {
    let refused = 0;
    fc.assert(
      fc.property(spelling, fc.shuffledSubarray([...READERS.keys()]), (path, readers) => {
        if (!passes(path)) {
          refused++;
          return;
        }
        const read = readers.reduce((text, reader) => READERS[reader](text), path);
        const api = ask("api", read);
        expect([api, path, read]).toEqual([api === "-" ? "-" : ask("api", path), path, read]);
      }),
      { numRuns: 20_000, seed: 7 },
    );
    expect(refused).toBeGreaterThan(5_000);
  });

  it("pass when they are written plainly, whatever their ids hold", () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_~:@!$&'()*+,=-]{1,12}$/);
    const coded = fc.constantFrom("%20", "%3A", "%C3%A9", "%40", "");
    fc.assert(
      fc.property(
        id,
        coded,
        fc.constantFrom("/v1/files/*", "/v1/models/*", "/v2/other/*", "/v1/responses/*/cancel", "/a/*/b"),
        (name, text, path) => {
          expect(passes(path.replace("*", `a${name}${text}z`))).toBe(true);
        },
      ),
      { numRuns: 3_000, seed: 7 },
    );
    expect(passes("/")).toBe(true);
    expect(passes("/v1/models/meta-llama%2FLlama-3")).toBe(true);
    expect(passes("/v1/files/meta-llama%2FLlama-3")).toBe(false);
  });

  it("of Google's methods name the model, decoded", () => {
    const id = (path: string) => ask("decode", ask("id", path));
    expect(id("/v1beta/models/gemini-2.5-flash:countTokens")).toBe("gemini-2.5-flash");
    expect(id("/v1/models/a%2Fb%3Ac:predict")).toBe("a/b:c");
    expect(id("/v1beta/tunedModels/t-1:generateContent")).toBe("tunedModels/t-1");
    expect(ask("api", "/v1/models/ft:gpt-4o:org::id")).toBe("openai/v1/retrievemodel");
  });
});
