// `npm run bench:growth [-- WORDS]`: see growth.ts.
import { runTypeScript } from "../tools/run-ts.mjs";

const { main } = await runTypeScript("bench/growth.ts");
await main(process.argv.slice(2));
