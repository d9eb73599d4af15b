// What the in-process host measures for `npm run goals`, as JSON: see host-goals.ts.
import { runTypeScript } from "../tools/run-ts.mjs";

const { main } = await runTypeScript("bench/host-goals.ts");
await main();
