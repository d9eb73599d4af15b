// The modules that are raced: ours as built, the two in WebAssembly text, and the Go plugin's from a folder outside.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import binaryen from "binaryen";
import { ROOT } from "../../tools/envoy-path.mjs";

const PEER_FILES = { "go-proxy": "ai-proxy-go.wasm.gz", "go-statistics": "ai-statistics-go.wasm.gz" };
/** The dialects of the build by choice that is raced: the client APIs and providers of the agents. */
export const SELECTION = "anthropic,gemini,responses";
const BUILDS = {
  ours: "build/plugin.wasm",
  core: "build/plugin.core.wasm",
  selection: `build/plugin.with-${SELECTION.replaceAll(",", "-")}.wasm`,
};
const TEXTS = ["noop", "one-pass", "host-calls"];

/** The folder of the peer's modules: $RACE_PEER, or shared/race/peer beside the project. */
export const peerFolder = () => process.env.RACE_PEER ?? join(ROOT, "../shared/race/peer");

function assemble(name, directory) {
  const module = binaryen.parseText(readFileSync(join(ROOT, `bench/race/filters/${name}.wat`), "utf8"));
  try {
    const path = join(directory, `${name}.wasm`);
    writeFileSync(path, module.emitBinary());
    return path;
  } finally {
    module.dispose();
  }
}

/**
 * Path of each module by name; those of the peer are left out when its folder is not there.
 * @param {string} directory Where modules are put that have to be made.
 * @returns {Record<string, string>}
 */
export function modules(directory) {
  const found = {};
  for (const [name, file] of Object.entries(BUILDS)) if (existsSync(join(ROOT, file))) found[name] = join(ROOT, file);
  for (const name of TEXTS) found[name] = assemble(name, directory);
  const folder = peerFolder();
  if (Object.values(PEER_FILES).every((file) => existsSync(join(folder, file)))) {
    for (const [name, file] of Object.entries(PEER_FILES)) {
      found[name] = join(directory, `${name}.wasm`);
      writeFileSync(found[name], gunzipSync(readFileSync(join(folder, file))));
    }
  }
  return found;
}
