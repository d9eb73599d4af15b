// docs/releases.md promises that names stay. All of them stand in public-interface.txt; UPDATE_DOCS=1 writes it anew, so that a
// name that goes is a deleted line in review.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { HELP } from "../../cli/usage";
import { ROOT } from "../../tools/envoy-path.mjs";
import { LABELS, SERIES } from "../deploy/metric-names";
import { model } from "../unit/config-arbitrary";

const FILE = join(ROOT, "tests/project/public-interface.txt");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

function configuration(): string[] {
  return model.tables.flatMap(({ name, fields }) =>
    fields.flatMap((field) => {
      const value = field.default === undefined ? "" : ` = ${JSON.stringify(field.default)}`;
      const path = `configuration ${name}.${field.key}`;
      return [`${path}: ${field.kind}${value}`, ...(field.values ?? []).map((one) => `${path} ${one}`)];
    }),
  );
}

/** The log's fields, and the words that stand in two of them. */
function log(): string[] {
  const source = read("assembly/telemetry/record.ts");
  const fields = [...source.matchAll(/\b(?:word|text|number|amount|json)(?:IfAny)?\("(\w+)"/g)].map(([, name]) => `log ${name}`);
  const sources = [...source.split("function sourceName")[1].matchAll(/return "(\w+)";/g)].map(([, name]) => `log usage_source ${name}`);
  return [...fields, ...sources];
}

function codes(): string[] {
  const source = read("assembly/pipeline/failure.ts").split("export function failureCode")[1].split("/** Writes an OpenAI error")[0];
  return [...source.matchAll(/return "(\w+)";/g)].map(([, name]) => `error code ${name}`);
}

function options(): string[] {
  const named = Object.entries(HELP).filter(([command]) => command !== "");
  return named.flatMap(([command, text]) => [...text.matchAll(/--[a-z-]+/g)].map(([name]) => `command ${command} ${name}`));
}

it("the public interface is what public-interface.txt says", () => {
  const metrics = [...[...SERIES].map((name) => `metric ${name}`), ...[...LABELS].map((name) => `metric label ${name}`)];
  const parts = [configuration(), metrics, log(), codes(), options()];
  // None of the ways to read a source has gone blind.
  expect(parts.map((part) => part.length).map((count, index) => count >= [150, 30, 20, 12, 15][index])).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
  const text = `${[...new Set(parts.flat())].sort().join("\n")}\n`;
  if (process.env.UPDATE_DOCS === "1") writeFileSync(FILE, text);
  expect(text, "on purpose? then UPDATE_DOCS=1 npx vitest run tests/project/public-interface.test.ts").toBe(readFileSync(FILE, "utf8"));
});
