// Runs the main() of a TypeScript program of this folder: `node bench/run.mjs limits.ts [WORDS]`. What each does stands at its top.
import { runTypeScript } from "../tools/run-ts.mjs";

const [program, ...words] = process.argv.slice(2);
const { main } = await runTypeScript(`bench/${program}`);
await main(words);
