// The SBOM of plugin.wasm as CycloneDX JSON: what npm says of the lock file, cut down to what is in the module (the
// AssemblyScript standard library) and what made it, with the module's own digest on top. Reproducible: no clock, no random id.
import { execFileSync } from "node:child_process";
import { ROOT } from "./envoy-path.mjs";

/** The compiler: its standard library is compiled in; the plugin has no other dependency. */
const COMPILER = "assemblyscript";
const NPM_LIMIT_MS = 60_000;

/** A UUID (version 8: of our own making) from the first bytes of a SHA-256. */
function uuidOf(sha256) {
  const variant = ((parseInt(sha256[16], 16) & 3) | 8).toString(16);
  return [sha256.slice(0, 8), sha256.slice(8, 12), `8${sha256.slice(13, 16)}`, variant + sha256.slice(17, 20), sha256.slice(20, 32)].join(
    "-",
  );
}

/** References that `root` leads to in the dependency graph, itself included. */
function closure(graph, root) {
  const found = new Set();
  const open = [root];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (found.has(ref)) continue;
    found.add(ref);
    open.push(...(graph.find((entry) => entry.ref === ref)?.dependsOn ?? []));
  }
  return found;
}

/**
 * The SBOM's text.
 * @param {{ name: string, version: string, licence: string, description: string, revision?: string, created: string }} source
 * @param {string} digest SHA-256 of the wasm in hex
 * @returns {string}
 */
export function makeSbom(source, digest) {
  const args = ["sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--loglevel=error"];
  const bom = JSON.parse(execFileSync("npm", args, { cwd: ROOT, encoding: "utf8", timeout: NPM_LIMIT_MS, maxBuffer: 1 << 26 }));
  const compiler = bom.components.find((component) => component.name === COMPILER);
  if (compiler === undefined) throw new Error(`npm sbom does not list ${COMPILER}`);
  const made = closure(bom.dependencies, compiler["bom-ref"]);
  const component = {
    "bom-ref": "plugin.wasm",
    type: "library",
    name: source.name,
    version: source.version,
    description: source.description,
    hashes: [{ alg: "SHA-256", content: digest }],
    licenses: [{ license: { id: source.licence } }],
    purl: `pkg:generic/${source.name}@${source.version}?checksum=sha256:${digest}`,
    properties: source.revision ? [{ name: "org.opencontainers.image.revision", value: source.revision }] : [],
  };
  const isCompiler = (part) => part["bom-ref"] === compiler["bom-ref"];
  const components = bom.components
    .filter((part) => made.has(part["bom-ref"]))
    .map((part) => ({ ...part, scope: isCompiler(part) ? "required" : "excluded" }));
  const dependencies = [
    { ref: component["bom-ref"], dependsOn: [compiler["bom-ref"]] },
    ...bom.dependencies.filter((entry) => made.has(entry.ref)),
  ];
  const metadata = { timestamp: source.created, lifecycles: [{ phase: "build" }], tools: bom.metadata.tools, component };
  return `${JSON.stringify({ ...bom, serialNumber: `urn:uuid:${uuidOf(digest)}`, metadata, components, dependencies }, null, 2)}\n`;
}
