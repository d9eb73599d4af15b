// `npm run bench:callbacks [-- MEGABYTES [WORDS]]`: see callbacks.ts.
import { runTypeScript } from "../tools/run-ts.mjs";

const { main } = await runTypeScript("bench/callbacks.ts");
await main(process.argv.slice(2));
