// The provider catalogue as data. assembly/provider/catalog.ts is plain TypeScript but for AssemblyScript's decorators and its
// window on memory, so it runs in Node once these are stubs: the docs are generated from the rows that the plugin has.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const assembly = join(dirname(fileURLToPath(import.meta.url)), "../assembly");

const ENTRY = `
export { allProviders } from "./provider/catalog";
export { ResponseEdit } from "./dialect/options";
export { AuthScheme, Dialect, Quirk } from "./provider/provider";
export { APIS, Api, apiLabel } from "./model/api";
export { FAMILIES, Refuses } from "./model/family";
`;

const withoutMemory = {
  name: "without-memory",
  setup(builder) {
    builder.onResolve({ filter: /bytes\/view$/ }, () => ({ path: "view", namespace: "stub" }));
    builder.onLoad({ filter: /./, namespace: "stub" }, () => ({ contents: "export class View {}" }));
  },
};

/**
 * `allProviders()` with the enumerations and names that its rows use. Throws when the catalogue is no longer plain.
 * @returns {Promise<any>}
 */
export async function readCatalog() {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: assembly, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "error",
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    banner: { js: "const final = () => {}, inline = () => {};" },
    plugins: [withoutMemory],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}
