// `npm run soak:mixed [-- EXCHANGES]`: see mixed.ts.
import { runTypeScript } from "../tools/run-ts.mjs";

const { main } = await runTypeScript("bench/mixed.ts");
await main(process.argv.slice(2));
