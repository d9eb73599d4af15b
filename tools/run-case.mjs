// `npm run case claude/zero-temperature`: one case, or all whose names begin so, on the sources as they are now. A debug build is made when the module
// is of other sources, so an edit shows within seconds.
import { runTypeScript } from "./run-ts.mjs";

const names = process.argv.slice(2);
if (names.length === 0) {
  console.error("usage: npm run case -- NAME…   (a file of tests/cases, such as claude/zero-temperature, or the beginning of its name)");
  process.exit(2);
}
const { runCases } = await runTypeScript("tests/conformance/run-one.ts");
const failed = await runCases(names);
if (failed < 0) console.error(`no case begins with ${names.join(" or ")}; they are the files of tests/cases`);
process.exit(failed === 0 ? 0 : 1);
