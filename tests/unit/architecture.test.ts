// The rules of ARCHITECTURE.md that a script can check: direction of imports, size of files, where unsafe code stands.
import { describe, expect, it } from "vitest";
import { exportsOf, folderOf, functionsOf, importedFile, importsOf, linesOf, readSources } from "./sources";

/** The layers of ARCHITECTURE.md; a file may import from its own folder and from those of lower layers. */
const LAYERS: Record<string, number> = {
  bytes: 0,
  host: 1,
  crypto: 1,
  json: 1,
  http: 1,
  auth: 1,
  sse: 2,
  model: 2,
  consumer: 3,
  limit: 3,
  config: 4,
  usage: 4,
  dialect: 5,
  provider: 6,
  telemetry: 7,
  pipeline: 8,
  "": 9,
};
/** What dialects see of the configuration: the settings of their provider, and the numbers of its fields. */
const SETTINGS = ["config/settings.ts", "config/schema.gen.ts"];

/** Dialects that are built upon another one's; all else that two of them share stands in dialect/conversation/. */
const KINSHIP = new Set<string>([
  "pass-messages>from-messages", // Errors in Anthropic's form.
  "to-bedrock>to-anthropic", // Claude's thinking settings.
  "to-vertex>to-anthropic", // Claude on Vertex.
  "to-vertex>to-gemini", // Gemini on Vertex.
]);

/** Exports that no other file of assembly/ imports, each with who else reads it. */
const READ_ELSEWHERE: Record<string, string> = {
  "crypto/der.ts INTEGER": "tests/unit/entry/rsa.ts",
  "host/abort.ts hostAbort": "the compiler, by asconfig.json",
  "json/cursor.ts MAX_DEPTH": "tests/fuzz/entry/json.ts",
  "json/object-editor.ts MAX_MEMBERS": "tests/fuzz/entry/json.ts",
  "model/family.ts FAMILIES": "schema/catalog.mjs",
  "provider/catalog.ts allProviders": "schema/catalog.mjs",
  "sse/collector.ts MAX_EVENT_BYTES": "tests/unit/entry/sse.ts",
};

const files = readSources();
const written = files.filter((file) => !file.name.endsWith(".gen.ts"));

describe("the architecture", () => {
  it("has files to check", () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it("imports only downward", () => {
    const wrong: string[] = [];
    for (const file of files) {
      const from = folderOf(file.name);
      expect(LAYERS, `layer of folder ${from}`).toHaveProperty(from);
      for (const match of file.text.matchAll(/from "(\.[^"]+)"/g)) {
        const target = importedFile(file, match[1]);
        const to = folderOf(target);
        if (to === from) continue;
        if (from === "dialect" && to === "config" && !SETTINGS.includes(target)) wrong.push(`${file.name} -> ${target}`);
        if (!(LAYERS[to] < LAYERS[from])) wrong.push(`${file.name} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("lets a dialect borrow from its kin and from dialect/conversation/ alone", () => {
    const wrong: string[] = [];
    let borrowed = 0;
    for (const file of files.filter(({ name }) => name.startsWith("dialect/"))) {
      const from = file.name.split("/")[1];
      for (const match of file.text.matchAll(/from "(\.[^"]+)"/g)) {
        const [top, to] = importedFile(file, match[1]).split("/");
        if (top !== "dialect" || to === from || !/^(to|from)-/.test(to)) continue;
        if (KINSHIP.has(`${from}>${to}`)) borrowed++;
        else wrong.push(`${file.name} -> ${to}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(borrowed).toBeLessThanOrEqual(8);
  });

  it("has no import circle", () => {
    const imports = new Map(
      files.map((file) => [file.name, [...file.text.matchAll(/from "(\.[^"]+)"/g)].map((match) => importedFile(file, match[1]))]),
    );
    expect([...imports.values()].flat().filter((target) => !imports.has(target))).toEqual([]);
    const circles: string[] = [];
    const done = new Set<string>();
    const walk = (name: string, way: string[]): void => {
      const before = way.indexOf(name);
      if (before >= 0) circles.push([...way.slice(before), name].join(" -> "));
      if (before >= 0 || done.has(name)) return;
      for (const target of imports.get(name) ?? []) walk(target, [...way, name]);
      done.add(name);
    };
    for (const name of imports.keys()) walk(name, []);
    expect(circles).toEqual([]);
  });

  it("compares no type of provider by its name outside of the catalogue: what differs stands in the row", () => {
    const catalogue = "provider/catalog.ts";
    const rows = files.find((file) => file.name === catalogue)!.text;
    const types = [...rows.matchAll(/\brow\("([^"]+)"\)/g)].map((match) => match[1]);
    expect(types.length).toBeGreaterThan(30);
    const comparison = new RegExp(`(?:[=!]= |case |\\bequals\\(|\\btextIs\\([^()]*, )"(?:${types.join("|")})"`);
    const wrong = files
      .filter((file) => file.name !== catalogue)
      .flatMap(({ name, text }) => text.split("\n").flatMap((line, at) => (comparison.test(line) ? [`${name}:${at + 1}`] : [])));
    expect(wrong).toEqual([]);
  });

  it("keeps pointers inside bytes/ and host/", () => {
    const wrong = files
      .filter((file) => !["bytes", "host"].includes(folderOf(file.name)) && file.name !== "index.ts")
      .filter((file) => /\b(load|store|changetype)</.test(file.text) || /\busize\b/.test(file.text))
      .map((file) => file.name);
    expect(wrong).toEqual([]);
  });

  it("never throws", () => {
    const wrong = files.filter((file) => /\bthrow\b(?!s)/.test(file.text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, ""))).map((file) => file.name);
    expect(wrong).toEqual([]);
  });

  it("keeps files within 300 lines and functions within 50", () => {
    const long: Record<string, number> = {};
    for (const file of written) {
      if (linesOf(file.text) > 300) long[file.name] = linesOf(file.text);
      for (const { name, lines } of functionsOf(file)) if (lines > 50) long[name] = lines;
    }
    expect(long, "too long: split it along what it owns").toEqual({});
  });

  it("exports nothing that no other file imports", () => {
    const imported = new Set(files.flatMap(importsOf));
    const entry = new Set(["index.ts", "host/unpack.ts"]);
    const unused = written
      .filter((file) => !entry.has(file.name))
      .flatMap((file) => exportsOf(file).map((name) => `${file.name} ${name}`))
      .filter((name) => !imported.has(name));
    expect(
      unused.filter((name) => !(name in READ_ELSEWHERE)),
      "export it no longer, or take it out",
    ).toEqual([]);
    expect(
      Object.keys(READ_ELSEWHERE).filter((name) => !unused.includes(name)),
      "imported now: take it off the list",
    ).toEqual([]);
  });

  it("has no line over 140 characters, but for long texts", () => {
    const long = written.flatMap(({ name, text }) =>
      text.split("\n").flatMap((line, at) => (line.length > 140 && !/"[^"]{100,}"/.test(line) ? [`${name}:${at + 1}`] : [])),
    );
    expect(long).toEqual([]);
  });

  it("starts every file with a comment that says what it owns", () => {
    const bare = files.filter((file) => !/^(\/\/|\/\*)/.test(file.text)).map((file) => file.name);
    expect(bare).toEqual([]);
  });
});
