// `npm run soak -- 1200`: mixed load against a real Envoy for so many seconds (bench/soak.ts).
import { runTypeScript } from "./run-ts.mjs";

await runTypeScript("bench/soak.ts");
