// The provider catalogue as data. assembly/provider/catalog.ts and what its rows are made of is plain TypeScript but for
// AssemblyScript's decorators, so it runs in Node: the docs are generated from the rows that the plugin has. What the rows only refer
// to, such as the code of dialects, is not read.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const assembly = join(dirname(fileURLToPath(import.meta.url)), "../assembly");

const ENTRY = `
export { allProviders } from "./provider/catalog";
export { Column, FIELD_CELLS, FIELD_NAMES, Kind } from "./config/schema.gen";
export { ResponseEdit } from "./dialect/options";
export { AuthScheme, Dialect, Quirk } from "./provider/provider";
export { API_COUNT, Api, apiLabel, apiPattern } from "./model/api";
export { FAMILIES, Refuses } from "./model/family";
`;

/** Of these modules the catalogue needs the content. */
const PLAIN =
  /^(?:provider\/(?:catalog|row|provider|condition|api-lists|setting-names|mistral)|dialect\/options|config\/schema\.gen|model\/(?:api|family|reasoning-mode))$/;

/** Any name that is imported of it is a class of which every member is a function that returns nothing. */
const NOTHING = `
class Nothing {}
const anything = new Proxy(Nothing, { get: (target, name) => target[name] ?? (() => undefined) });
module.exports = Object.create(new Proxy({}, { get: () => anything }));
`;

const onlyPlain = {
  name: "only-plain",
  setup(builder) {
    builder.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      return PLAIN.test(file.slice(assembly.length + 1)) ? { path: `${file}.ts` } : { path: "nothing", namespace: "stub" };
    });
    builder.onLoad({ filter: /./, namespace: "stub" }, () => ({ contents: NOTHING }));
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
    plugins: [onlyPlain],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}
