// `npm run recorded [FILE]`: replies recorded from real services, through the plugin to each client, against readings of their own and the
// official clients (tests/recorded/README.md). The recordings lie outside of the repository.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ROOT } from "./envoy-path.mjs";
import { runTypeScript } from "./run-ts.mjs";

const PLACE = join("shared", "recorded", "exchanges.jsonl.gz");

/** Where they lie beside the repository; further up when the work tree lies deeper. */
function usualPlace() {
  for (let folder = dirname(ROOT); ; folder = dirname(folder)) {
    const file = join(folder, PLACE);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return join(dirname(ROOT), PLACE);
  }
}

const args = process.argv.slice(2);
const [first, second] = args;
if (first === "--from" ? !second || args.length > 2 : args.length > 1 || first?.startsWith("-")) {
  console.error("usage: npm run recorded [-- [--from] FILE]");
  process.exit(2);
}
const named = first === "--from" ? second : (first ?? process.env.RECORDED);
const file = named ? resolve(named) : usualPlace();
if (!existsSync(file)) {
  console.error(`no recordings at ${file}; name the file: npm run recorded -- FILE (its format: tests/recorded/README.md)`);
  process.exit(2);
}
console.log(`recordings of ${file}`);
const { isGood, readKnown, readLines, report, run } = await runTypeScript("tests/recorded/main.ts");
let lines;
try {
  lines = readLines(file);
} catch (error) {
  console.error(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}
// The list is one of the usual recordings: of others, entries that nothing fits are no news.
const summary = await run(lines, readKnown(join(ROOT, "tests", "recorded", "known.yaml")), !named);
for (const line of report(summary)) console.log(line);
process.exit(isGood(summary) ? 0 : 1);
