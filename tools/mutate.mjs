// `npm run mutate`: mutation testing of assembly/json and assembly/sse (docs/mutation-testing.md). With names of files only
// those are mutated and the survivors printed; `--smoke` tries a dozen mutants of one file.
import { join } from "node:path";
import { ROOT } from "./envoy-path.mjs";
import { runTypeScript } from "./run-ts.mjs";

const stand = (name) => join(ROOT, "tests/mutation", `${name}.ts`);
const { main } = await runTypeScript("tests/mutation/run.ts", { vitest: stand("vitest"), "fast-check": stand("fast-check") });
process.exitCode = await main(process.argv.slice(2));
