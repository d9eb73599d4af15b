// `npm run fuzz -- TARGET EXECUTIONS [SEED]`: a fuzzing campaign of a parser (tests/fuzz/campaign.ts) or, with the target
// `exchanges`, of whole exchanges (tests/fuzz/exchanges/campaign.ts).
import { runTypeScript } from "./run-ts.mjs";

const [target, ...rest] = process.argv.slice(2);
const isExchanges = target === "exchanges";
const { main } = await runTypeScript(isExchanges ? "tests/fuzz/exchanges/campaign.ts" : "tests/fuzz/campaign.ts");
process.exitCode = await main(isExchanges ? rest : process.argv.slice(2));
