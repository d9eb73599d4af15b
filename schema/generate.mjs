// Writes everything that is derived from config.schema.json and the provider catalogue: `node schema/generate.mjs`. With
// --check it writes nothing and fails when a file is not up to date.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readCatalog } from "./catalog.mjs";
import { faultsOf, punctuatePage, withChinese } from "./chinese.mjs";
import { writeChineseDocs, writeDocs } from "./docs.mjs";
import { readSchema } from "./model.mjs";
import { writeProviders } from "./providers.mjs";
import { writeSpec } from "./spec.mjs";
import { writeTable } from "./table.mjs";
import { withTypes } from "./types.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const check = process.argv.includes("--check");
const schemaFile = join(root, "schema/config.schema.json");
const written = readFileSync(schemaFile, "utf8");
const schemaText = withChinese(withTypes(written, await readCatalog()));
// The model below is read from the file.
if (!check && schemaText !== written) writeFileSync(schemaFile, schemaText);
const model = readSchema();
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const files = {
  "schema/config.schema.json": schemaText,
  "assembly/config/schema.gen.ts": writeTable(model),
  "docs/configuration.md": writeDocs(model),
  "docs/configuration.zh.md": writeChineseDocs(model),
  "docs/providers.md": writeProviders(await readCatalog(), model),
  "deploy/spec.yaml": writeSpec(model, version),
};
// Pages in Chinese are written by hand, but for their punctuation.
for (const folder of ["", "docs/"])
  for (const name of readdirSync(join(root, folder)).filter((one) => one.endsWith(".zh.md")))
    files[folder + name] ??= punctuatePage(readFileSync(join(root, folder, name), "utf8"));

for (const fault of faultsOf(model.schema)) {
  console.error(`schema/config.schema.json${fault}`);
  process.exitCode = 1;
}

let stale = 0;
for (const [name, text] of Object.entries(files)) {
  const path = join(root, name);
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  stale++;
  if (check) console.error(`${name} is not up to date with its source; run: node schema/generate.mjs`);
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote ${name}`);
  }
}
if (check && stale > 0) process.exit(1);
