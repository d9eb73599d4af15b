// docs/matrix.md is what the plugin does. UPDATE_DOCS=1 writes it anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import { DIALECTS } from "../dialects";
import { measure, pageOf, type Row, type Table } from "./page";

const FILE = join(ROOT, "docs/matrix.md");
let tables: Table[];
let faults: unknown[];
beforeAll(async () => {
  ({ tables, faults } = await measure());
});

describe("the matrix of clients, dialects and features", () => {
  it("is that of docs/matrix.md", async () => {
    const text = await format(pageOf(tables), { ...(await resolveConfig(FILE)), parser: "markdown" });
    if (process.env.UPDATE_DOCS === "1") writeFileSync(FILE, text);
    else expect(readFileSync(FILE, "utf8"), "run: UPDATE_DOCS=1 npx vitest run tests/matrix").toBe(text);
  });

  /** Clients and the providers that speak their API. */
  const FAMILIES: Record<string, string[]> = {
    chat: ["openai", "deepseek", "openrouter"],
    responses: ["openai", "openrouter", "qwen"],
    messages: ["claude", "vertex claude", "bedrock invoke", "deepseek", "qwen"],
    gemini: ["gemini", "vertex gemini"],
  };
  const cellsOf = (name: string, dialect: string, rows: (table: Table) => Row[]) => {
    const table = tables.find(({ client }) => client.name === name)!;
    const at = DIALECTS.findIndex((one) => one.name === dialect);
    return rows(table).map((row) => ({ row: row.name, cell: row.cells[at] }));
  };

  it.each(Object.entries(FAMILIES).flatMap(([client, dialects]) => dialects.map((dialect) => [client, dialect])))(
    "a response passes unchanged to a client of its own API: %s, %s",
    (client, dialect) => {
      const cells = cellsOf(client, dialect, ({ answered }) => answered);
      expect(cells.filter(({ cell }) => !cell.every((one) => one === "kept" || one === "none"))).toEqual([]);
    },
  );

  it.each(["responses", "messages", "gemini", "chat"].flatMap((client) => DIALECTS.map(({ name }) => [client, name])))(
    "whole responses and streams say the same: %s, %s",
    (client, dialect) => {
      expect(cellsOf(client, dialect, ({ answered }) => answered).filter(({ cell }) => cell.length > 1)).toEqual([]);
    },
  );

  it("was measured without a trap", () => {
    expect(faults).toEqual([]);
  });
});
