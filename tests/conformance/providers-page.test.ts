// docs/providers.md says which APIs each provider serves; the plugin is asked each one.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readCatalog } from "../../schema/catalog.mjs";
import { servedBy } from "../../schema/providers.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { loadPlugin } from "../../emulator/module";
import { validProvider } from "../unit/config-arbitrary";

const catalog = await readCatalog();
const rows: { type: string; isUntouched: boolean }[] = catalog.allProviders();
const page = readFileSync(join(ROOT, "docs/providers.md"), "utf8");

/** A path of each API, from the table that the plugin reads. */
const PATHS: Record<string, string> = {};
for (let api = 1; api <= catalog.API_COUNT; api++) {
  const pattern: string = catalog.apiPattern(api);
  if (pattern !== "")
    PATHS[catalog.apiLabel(api)] = pattern.startsWith(":") ? `/v1beta/models/m${pattern}` : `/v1${pattern.replaceAll("*", "x1")}`;
}

describe("docs/providers.md", () => {
  it("has a section for each provider, and the catalogue's paths are all known", () => {
    expect([...page.matchAll(/^### `([\w-]+)`$/gm)].map(([, type]) => type)).toEqual(rows.map((row) => row.type).sort());
    expect(rows.length).toBeGreaterThan(30);
    expect(Object.keys(PATHS).length).toBeGreaterThan(40);
  });

  it.each(rows.map((row) => [row.type, row] as const))("is right about what %s serves", async (type, row) => {
    if (row.isUntouched) return expect(page).toMatch(new RegExp(`^### \`${type}\`\n\n(?:- .*\n)*?- .*: every path`, "m"));
    const host = await loadPlugin();
    const plugin = host.configure(JSON.stringify({ provider: validProvider(type) }));
    expect(plugin.logs).toEqual([]);
    const { own, translated } = servedBy(row, catalog);
    const said = new Set([...own, ...translated]);
    const done = new Set<string>();
    for (const [label, path] of Object.entries(PATHS)) {
      const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "x" }], input: "x" });
      const exchange = plugin.exchange({ method: "POST", path, headers: { "content-type": "application/json" }, body });
      if (exchange.localReply?.status !== 404) done.add(label);
      exchange.abort();
    }
    expect([...done].sort()).toEqual([...said].sort());
    expect(host.traps).toEqual([]);
  });
});
