// The step after the compiler: packs the static data of a module, optimises its code again and takes out the names of
// its functions (docs/decisions/0006-packed-data.md). `pack.mjs FILE` rewrites FILE and writes the names to FILE.symbols.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { packModule } from "./pack/module.mjs";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("usage: pack.mjs FILE");
  process.exit(2);
}
const binary = readFileSync(file);
const { module, symbols } = packModule(binary);
writeFileSync(`${file}.symbols`, symbols);
// Renamed into place: whoever reads the file meanwhile finds a whole module.
writeFileSync(`${file}.part`, module);
renameSync(`${file}.part`, file);
