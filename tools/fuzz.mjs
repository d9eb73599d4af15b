// `npm run fuzz -- TARGET EXECUTIONS [SEED]`: a fuzzing campaign (tests/fuzz/campaign.ts).
import { runTypeScript } from "./run-ts.mjs";

const { main } = await runTypeScript("tests/fuzz/campaign.ts");
process.exitCode = main(process.argv.slice(2));
