// `npm run bench:fleet`: see fleet/main.ts.
import { runTypeScript } from "../tools/run-ts.mjs";

const { main } = await runTypeScript("bench/fleet/main.ts");
await main(process.argv.slice(2));
