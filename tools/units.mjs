// Compiles the modules of tests/unit/entry that are not of the present sources, all in one process: the compiler is warm after the first, and
// each takes a third of the time that it takes alone. `npm test` does this; single tests compile what they need (tests/unit/units.ts).
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { ROOT } from "./envoy-path.mjs";
import { entrySources, isMadeOf, writeStamp } from "./sources.mjs";

const ENTRIES = "tests/unit/entry";
const OUT = join(ROOT, "build/units");

/** Compiles what is stale; how many that were. Throws with the compiler's messages. */
export async function compileUnits() {
  process.chdir(ROOT);
  mkdirSync(OUT, { recursive: true });
  let compiled = 0;
  for (const file of readdirSync(join(ROOT, ENTRIES)).filter((name) => name.endsWith(".ts"))) {
    const entry = `${ENTRIES}/${file}`;
    const out = join(OUT, file.replace(/\.ts$/, ".wasm"));
    const sources = entrySources(entry);
    if (isMadeOf(out, sources)) continue;
    const { error, stderr } = await asc.main([entry, "--config", "asconfig.json", "--target", "test", "--outFile", out]);
    if (error) throw new Error(stderr.toString());
    writeStamp(out, sources);
    compiled++;
  }
  return compiled;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = Date.now();
  console.log(`${await compileUnits()} modules of unit tests, ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
