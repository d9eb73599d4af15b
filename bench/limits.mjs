// `npm run bench:limits [-- OLD.wasm NEW.wasm]`: see limits.ts.
import { runTypeScript } from "../tools/run-ts.mjs";

const { main } = await runTypeScript("bench/limits.ts");
await main(process.argv.slice(2));
