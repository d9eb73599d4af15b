// `make image`: the OCI image of the plugin as a layout in build/image, without docker and reproducible: the same wasm, texts,
// version and commit give the same digest. The agents of Istio and Higress read the last layer, a tar+gzip with plugin.wasm.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { ROOT } from "./envoy-path.mjs";
import { makeSbom } from "./sbom.mjs";

export const IMAGE_DIRECTORY = join(ROOT, "build/image");
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const PLUGIN_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
/** What Higress' console shows, in the order of its own images; the plugin's layer follows. */
const TEXT_LAYERS = [
  ["deploy/spec.yaml", "application/vnd.module.wasm.spec.v1+yaml", "spec.yaml"],
  ["docs/higress.md", "application/vnd.module.wasm.doc.v1+markdown", "README.md"],
  ["docs/higress.md", "application/vnd.module.wasm.doc.v1.en+markdown", "README_EN.md"],
  ["docs/higress.zh.md", "application/vnd.module.wasm.doc.v1.zh+markdown", "README_ZH.md"],
];

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const toJson = (value) => Buffer.from(JSON.stringify(value));

/**
 * Version, licence, commit and time of what is built. The time is $SOURCE_DATE_EPOCH, else the commit's, else 1970; `revision`
 * is undefined outside git and ends in `-dirty` when files are not committed.
 * @returns {{ name: string, version: string, licence: string, description: string, revision?: string, created: string }}
 */
export function readSource() {
  const { name, version, license, description } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const git = (...args) => spawnSync("git", ["--no-optional-locks", ...args], { cwd: ROOT, encoding: "utf8" }).stdout?.trim() || undefined;
  const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? git("log", "-1", "--format=%ct") ?? 0);
  if (!Number.isSafeInteger(seconds)) throw new Error(`SOURCE_DATE_EPOCH=${process.env.SOURCE_DATE_EPOCH} is no number of seconds`);
  const revision = git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*");
  return { name, version, licence: license, description, revision, created: new Date(seconds * 1000).toISOString().replace(".000Z", "Z") };
}

/** plugin.wasm of `directory` as tar+gzip. GNU tar and gzip leave out everything that differs from machine to machine. */
function packPlugin(directory, created) {
  const fixed = ["--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mode=0644", `--mtime=${created}`];
  const tar = execFileSync("tar", [...fixed, "-C", directory, "-c", "-f", "-", "plugin.wasm"], { maxBuffer: 1 << 28 });
  return execFileSync("gzip", ["-n", "-9"], { input: tar, maxBuffer: 1 << 28 });
}

/** A text without its relative links, which lead nowhere in a console. */
function standAlone(path) {
  const text = readFileSync(join(ROOT, path), "utf8");
  return Buffer.from(path.endsWith(".md") ? text.replace(/\[([^\]]+)\]\((?!https?:|#)[^)]*\)/g, "$1") : text);
}

function annotationsOf(source) {
  const named = {
    title: source.name,
    description: source.description,
    version: source.version,
    licenses: source.licence,
    revision: source.revision,
    created: source.created,
  };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [`org.opencontainers.image.${name}`, value]));
}

/** Collects blobs of one layout; `add` writes one and returns its descriptor. */
function blobStore(directory) {
  const folder = join(directory, "blobs/sha256");
  mkdirSync(folder, { recursive: true });
  return (mediaType, bytes, title) => {
    const digest = sha256(bytes);
    writeFileSync(join(folder, digest), bytes);
    const annotations = title && { "org.opencontainers.image.title": title };
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length, ...(annotations && { annotations }) };
  };
}

/**
 * Writes layout, plugin.wasm with the names of its functions, SBOM and SHA256SUMS into `directory`, which is emptied first. Returns the manifest's digest.
 * @param {{ wasm?: string, directory?: string, source?: ReturnType<typeof readSource> }} options
 * @returns {{ digest: string, size: number, source: ReturnType<typeof readSource> }}
 */
export function buildImage({ wasm = join(ROOT, "build/plugin.wasm"), directory = IMAGE_DIRECTORY, source = readSource() } = {}) {
  if (!existsSync(wasm)) throw new Error(`${relative(ROOT, wasm)} is missing: run \`make build\``);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  copyFileSync(wasm, join(directory, "plugin.wasm"));
  if (existsSync(`${wasm}.symbols`)) copyFileSync(`${wasm}.symbols`, join(directory, "plugin.wasm.symbols"));
  const add = blobStore(directory);
  const plugin = packPlugin(directory, source.created);
  const texts = TEXT_LAYERS.map(([path, type, title]) => ({ type, title, bytes: standAlone(path) }));
  const layers = [...texts.map(({ type, bytes, title }) => add(type, bytes, title)), add(PLUGIN_TYPE, plugin, "plugin.tar.gz")];
  const annotations = annotationsOf(source);
  const config = add(CONFIG_TYPE, toJson(imageConfig(source, annotations, [...texts.map((text) => text.bytes), gunzipSync(plugin)])));
  const manifest = add(MANIFEST_TYPE, toJson({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers, annotations }));
  const tag = { "org.opencontainers.image.ref.name": source.version };
  writeFileSync(join(directory, "oci-layout"), toJson({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(
    join(directory, "index.json"),
    toJson({ schemaVersion: 2, manifests: [{ ...manifest, annotations: { ...annotations, ...tag } }] }),
  );
  writeFileSync(join(directory, "sbom.cdx.json"), makeSbom(source, sha256(readFileSync(wasm))));
  writeSums(directory);
  return { digest: manifest.digest, size: layers.reduce((sum, layer) => sum + layer.size, 0), source };
}

/** A plain image config: registries that refuse unknown config types take it, and consoles show its labels. */
function imageConfig(source, labels, layers) {
  return {
    created: source.created,
    architecture: "wasm",
    os: "wasip1",
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: layers.map((bytes) => `sha256:${sha256(bytes)}`) },
    history: layers.map(() => ({ created: source.created })),
  };
}

/** SHA256SUMS over all files, sorted; `sha256sum --check SHA256SUMS` reads it. */
function writeSums(directory) {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(directory, name)).isFile()).sort();
  const lines = files.map((name) => `${sha256(readFileSync(join(directory, name)))}  ${name}\n`);
  writeFileSync(join(directory, "SHA256SUMS"), lines.join(""));
}

/**
 * Version and revision of the image in a layout. Throws when there is none.
 * @param {string} directory
 * @returns {{ digest: string, version: string, revision?: string }}
 */
export function readIndex(directory) {
  const path = join(directory, "index.json");
  if (!existsSync(path)) throw new Error(`there is no image in ${relative(ROOT, directory)}: run \`make image\``);
  const [image] = JSON.parse(readFileSync(path, "utf8")).manifests;
  const named = (name) => image.annotations[`org.opencontainers.image.${name}`];
  return { digest: image.digest, version: named("version"), revision: named("revision") };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { digest, size, source } = buildImage();
  console.log(`build/image: ${source.name} ${source.version} (${source.revision ?? "no git"}), ${Math.round(size / 1024)} KiB\n${digest}`);
}
