// docs/performance.md and the plots, made of the newest file in bench/results.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { ROOT } from "../../tools/envoy-path.mjs";
import { comparison, tables } from "./tables.mjs";

export const DOCUMENT = join(ROOT, "docs/performance.md");
const RESULTS = join(ROOT, "bench/results");
/** The generated parts, by the name in their marks. */
const PARTS = { comparison, race: tables };

/** The newest results: files are named by date. */
export function newestResults() {
  const files = readdirSync(RESULTS).filter((name) => name.endsWith(".json"));
  if (files.length === 0) throw new Error("bench/results is empty: npm run race");
  return JSON.parse(readFileSync(join(RESULTS, files.sort().at(-1)), "utf8"));
}

/**
 * The document with its generated parts replaced.
 * @param {string} document
 * @param {object} results
 * @returns {Promise<string>}
 */
export async function withTables(document, results) {
  let text = document;
  for (const [name, make] of Object.entries(PARTS)) {
    const mark = `<!-- ${name}: begin; written by npm run race -->`;
    const [begin, end] = [text.indexOf(mark), text.indexOf(`<!-- ${name}: end -->`)];
    if (begin < 0 || end < begin) throw new Error(`docs/performance.md has lost the marks of its generated part ${name}`);
    text = `${text.slice(0, begin + mark.length)}\n\n${make(results)}\n\n${text.slice(end)}`;
  }
  return format(text, { ...(await resolveConfig(DOCUMENT)), parser: "markdown" });
}

/** Writes both. */
export async function writeReport(note) {
  const results = newestResults();
  writeFileSync(DOCUMENT, await withTables(readFileSync(DOCUMENT, "utf8"), results));
  const { plots } = await import("./plots.mjs");
  for (const [name, svg] of Object.entries(await plots(results))) writeFileSync(join(ROOT, `docs/images/race-${name}.svg`), svg);
  note(`wrote docs/performance.md and the plots, of ${results.date}`);
}
