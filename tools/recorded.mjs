// `npm run recorded [FILE]`: replies recorded from real services, through the plugin to each client, against readings of their own and the
// official clients (tests/recorded/README.md). The recordings lie outside of the repository.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ROOT } from "./envoy-path.mjs";
import { runTypeScript } from "./run-ts.mjs";

const PLACE = join("shared", "recorded", "exchanges.jsonl.gz");

/** @param {string[]} args */
function fileOf(args) {
  const [first, second] = args;
  const named = first === "--from" ? second : (first ?? process.env.RECORDED);
  if (named) return resolve(named);
  // Beside the repository; further up when the work tree lies deeper.
  for (let folder = dirname(ROOT); ; folder = dirname(folder)) {
    const file = join(folder, PLACE);
    if (existsSync(file) || folder === dirname(folder)) return existsSync(file) ? file : join(dirname(ROOT), PLACE);
  }
}

const file = fileOf(process.argv.slice(2));
if (!existsSync(file)) {
  console.error(`no recordings at ${file}; name the file: npm run recorded -- FILE (its format: tests/recorded/README.md)`);
  process.exit(2);
}
console.log(`recordings of ${file}`);
const { isGood, readKnown, readLines, report, run } = await runTypeScript("tests/recorded/main.ts");
const summary = await run(readLines(file), readKnown(join(ROOT, "tests", "recorded", "known.yaml")));
for (const line of report(summary)) console.log(line);
process.exit(isGood(summary) ? 0 : 1);
