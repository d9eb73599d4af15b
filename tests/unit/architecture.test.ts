// The rules of ARCHITECTURE.md that a script can check: direction of imports, size of files, where unsafe code stands.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../assembly");

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
  consumer: 2,
  limit: 2,
  config: 3,
  usage: 3,
  dialect: 4,
  provider: 5,
  telemetry: 6,
  pipeline: 7,
  "": 8,
};
/** What dialects see of the configuration: the settings of their provider, and the numbers of its fields. */
const SETTINGS = ["config/settings", "config/schema.gen"];

/** Dialects that are built upon another one's; all else that two of them share stands in dialect/conversation/. */
const KINSHIP = new Set<string>([
  "to-bedrock>to-anthropic", // Claude's thinking settings.
  "to-vertex>to-anthropic", // Claude on Vertex.
  "to-vertex>to-gemini", // Gemini on Vertex.
]);

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }));

const folderOf = (name: string) => (name.includes("/") ? name.split("/")[0] : "");

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
        const target = relative(root, resolve(root, dirname(file.name), match[1]));
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
        const [top, to] = relative(root, resolve(root, dirname(file.name), match[1])).split("/");
        if (top !== "dialect" || to === from || !/^(to|from)-/.test(to)) continue;
        if (KINSHIP.has(`${from}>${to}`)) borrowed++;
        else wrong.push(`${file.name} -> ${to}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(borrowed).toBeLessThanOrEqual(8);
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

  it("keeps files near 300 lines", () => {
    const long = files
      .filter((file) => !file.name.endsWith(".gen.ts"))
      .map((file) => ({ name: file.name, lines: file.text.split("\n").length }))
      .filter((file) => file.lines > 420);
    expect(long).toEqual([]);
  });

  it("has no line over 140 characters, but for long texts", () => {
    const long = files
      .filter((file) => !file.name.endsWith(".gen.ts"))
      .flatMap(({ name, text }) =>
        text.split("\n").flatMap((line, at) => (line.length > 140 && !/"[^"]{100,}"/.test(line) ? [`${name}:${at + 1}`] : [])),
      );
    expect(long).toEqual([]);
  });

  it("starts every file with a comment that says what it owns", () => {
    const bare = files.filter((file) => !/^(\/\/|\/\*)/.test(file.text)).map((file) => file.name);
    expect(bare).toEqual([]);
  });
});
