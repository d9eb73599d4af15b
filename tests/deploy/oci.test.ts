// The OCI image against a real registry: pushed with one client, pulled with another, chosen by the rules of Istio's and Higress'
// agents, run in Envoy. The registry (crane) and the second client (oras) are built from deploy/oci/go.mod when first needed.
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";
import { buildImage, readSource } from "../../tools/image.mjs";
import { hasGo } from "../../tools/go-tool.mjs";
import { goTool, pushImage } from "../../tools/push.mjs";
import { makeSbom } from "../../tools/sbom.mjs";
import { startLab } from "../envoy/lab";
import { PLUGIN_PATH } from "../../emulator/module";

const PLUGIN_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const INSTALL_LIMIT_MS = 240_000;
const directory = mkdtempSync(join(tmpdir(), "ai-proxy-oci-"));
const source = { ...readSource(), revision: "0123456789abcdef0123456789abcdef01234567", created: "2026-11-24T12:00:00Z" };
const wasm = join(directory, "built.wasm");
const layout = join(directory, "image");
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const blob = (descriptor: any, folder = layout) => readFileSync(join(folder, "blobs/sha256", descriptor.digest.slice("sha256:".length)));
let built: ReturnType<typeof buildImage>;
let manifest: any;

beforeAll(() => {
  // A copy: the original may be built again while this runs.
  copyFileSync(PLUGIN_PATH, wasm);
  built = buildImage({ wasm, directory: layout, source });
  manifest = JSON.parse(blob(built).toString());
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** First file of a tar archive whose base name is `name`: regular files and short names, which is all that agents look for. */
function fromTar(tar: Buffer, name: string): Buffer {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const path = tar.toString("latin1", at, at + 100).replace(/\0.*$/s, "");
    const size = parseInt(tar.toString("latin1", at + 124, at + 136), 8);
    if (path.split("/").at(-1) === name) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`${name} not found in the archive`);
}

/**
 * The wasm that Istio's agent takes from an image, and Higress' after it (Istio, imagefetcher.go, read 2026-11): a docker
 * manifest's last layer, else the last layer when it is an OCI tar+gzip, else the wasm layer of exactly two.
 */
async function pickWasm(image: any, fetchBlob: (layer: any) => Promise<Buffer>): Promise<Buffer> {
  const last = image.layers.at(-1);
  if (last === undefined) throw new Error("number of layers must be greater than zero");
  const isDocker = image.mediaType === "application/vnd.docker.distribution.manifest.v2+json";
  const wanted = isDocker ? "application/vnd.docker.image.rootfs.diff.tar.gzip" : PLUGIN_TYPE;
  if (last.mediaType === wanted) return fromTar(gunzipSync(await fetchBlob(last)), "plugin.wasm");
  if (isDocker || image.layers.length !== 2) throw new Error(`invalid media type ${last.mediaType} (expect ${wanted})`);
  const raw = image.layers.find((layer: any) => layer.mediaType === "application/vnd.module.wasm.content.layer.v1+wasm");
  if (raw === undefined) throw new Error("could not find the wasm layer");
  return fetchBlob(raw);
}

describe("the layout", () => {
  it("is well formed: every descriptor's size and digest are those of its blob", () => {
    expect(json(join(layout, "oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
    const [image] = json(join(layout, "index.json")).manifests;
    expect(image).toMatchObject({ mediaType: MANIFEST_TYPE, digest: built.digest });
    for (const descriptor of [image, manifest.config, ...manifest.layers]) {
      expect([blob(descriptor).length, `sha256:${sha256(blob(descriptor))}`]).toEqual([descriptor.size, descriptor.digest]);
    }
  });

  it("has the layers that Higress' console reads, and the plugin last", () => {
    expect(manifest.layers.map((layer: any) => layer.mediaType)).toEqual([
      "application/vnd.module.wasm.spec.v1+yaml",
      "application/vnd.module.wasm.doc.v1+markdown",
      "application/vnd.module.wasm.doc.v1.en+markdown",
      "application/vnd.module.wasm.doc.v1.zh+markdown",
      PLUGIN_TYPE,
    ]);
    const [spec, readme, english, chinese] = manifest.layers.map((layer: any) => blob(layer).toString());
    expect(spec).toBe(readFileSync(join(ROOT, "deploy/spec.yaml"), "utf8"));
    expect(readme).toBe(english);
    expect(readme).toMatch(/^# .*Higress/);
    expect(chinese).toMatch(/^# .*Higress.*[\u4e00-\u9fff]|^# .*[\u4e00-\u9fff].*Higress/);
    for (const text of [readme, chinese]) expect(text).not.toMatch(/\]\((?!https?:|#)/);
  });

  it("names version, licence, commit and time, in the manifest and in the config's labels", () => {
    const { version, license } = json(join(ROOT, "package.json"));
    expect(manifest.annotations).toMatchObject({
      "org.opencontainers.image.title": "ai-proxy-wasm",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": license,
      "org.opencontainers.image.revision": source.revision,
      "org.opencontainers.image.created": source.created,
    });
    const config = JSON.parse(blob(manifest.config).toString());
    expect(config.config.Labels).toEqual(manifest.annotations);
    expect(config.rootfs.diff_ids).toHaveLength(manifest.layers.length);
    expect(config.rootfs.diff_ids.at(-1)).toBe(`sha256:${sha256(gunzipSync(blob(manifest.layers.at(-1))))}`);
  });

  it("holds nothing of this machine in the plugin's layer: no name, owner or time", () => {
    const gzip = blob(manifest.layers.at(-1));
    // Flags and time of the gzip header: no file name, no time.
    expect(gzip.subarray(3, 8)).toEqual(Buffer.alloc(5));
    const tar = gunzipSync(gzip);
    expect(tar.toString("latin1", 0, 12)).toBe("plugin.wasm\0");
    expect(tar.toString("latin1", 100, 156)).toContain(Math.floor(Date.parse(source.created) / 1000).toString(8));
    expect(tar.toString("latin1", 265, 329).replaceAll("\0", "")).toBe("");
    expect(Number(tar.toString("latin1", 108, 115))).toBe(0);
  });

  it("has the same digest from the same input, elsewhere and later, and another from another commit or wasm", () => {
    const again = join(directory, "again");
    const touched = join(directory, "touched.wasm");
    copyFileSync(wasm, touched);
    utimesSync(touched, 1, 1);
    expect(buildImage({ wasm: touched, directory: again, source }).digest).toBe(built.digest);
    expect(readFileSync(join(again, "SHA256SUMS"), "utf8")).toBe(readFileSync(join(layout, "SHA256SUMS"), "utf8"));
    expect(buildImage({ wasm, directory: again, source: { ...source, revision: "f".repeat(40) } }).digest).not.toBe(built.digest);
    writeFileSync(touched, Buffer.concat([readFileSync(wasm), Buffer.from([0, 2, 1, 0x78])]));
    expect(buildImage({ wasm: touched, directory: again, source }).digest).not.toBe(built.digest);
  });

  it("carries sums that sha256sum confirms, and denies for a changed byte", () => {
    const copy = join(directory, "summed");
    cpSync(layout, copy, { recursive: true });
    const check = () => spawnSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: copy }).status;
    expect(check()).toBe(0);
    const listed = readFileSync(join(copy, "SHA256SUMS"), "utf8");
    for (const name of ["plugin.wasm", "sbom.cdx.json", "index.json", built.digest.slice(7)]) expect(listed).toContain(name);
    writeFileSync(join(copy, "plugin.wasm"), "other");
    expect(check()).not.toBe(0);
  });

  it("comes with an SBOM of the module and of what made it", () => {
    const bom = json(join(layout, "sbom.cdx.json"));
    const compiler = json(join(ROOT, "package-lock.json")).packages["node_modules/assemblyscript"].version;
    expect(bom).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name: "ai-proxy-wasm", version: source.version } } });
    expect(bom.metadata.component.hashes).toEqual([{ alg: "SHA-256", content: sha256(readFileSync(wasm)) }]);
    expect(bom.components.filter((part: any) => part.scope === "required").map((part: any) => [part.name, part.version])).toEqual([
      ["assemblyscript", compiler],
    ]);
    const refs = ["plugin.wasm", ...bom.components.map((part: any) => part["bom-ref"])];
    expect(bom.dependencies.map((entry: any) => entry.ref)).toEqual(refs);
    for (const part of bom.components) expect(part.licenses[0].license.id).toMatch(/^(Apache-2\.0|MIT|BSD-.*)$/);
    expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(makeSbom(source, sha256(readFileSync(wasm)))).toBe(readFileSync(join(layout, "sbom.cdx.json"), "utf8"));
  });
});

describe("make image", () => {
  it("takes its time from SOURCE_DATE_EPOCH and its version from package.json", () => {
    const run = spawnSync("node", ["-e", 'import("./tools/image.mjs").then((m) => console.log(JSON.stringify(m.readSource())))'], {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, SOURCE_DATE_EPOCH: "1700000000" },
    });
    expect(JSON.parse(run.stdout)).toMatchObject({ created: "2023-11-14T22:13:20Z", version: json(join(ROOT, "package.json")).version });
  });

  it("says what to do when there is no plugin, and make push when there is no image or a reference is malformed", () => {
    expect(() => buildImage({ wasm: join(directory, "none.wasm"), directory: join(directory, "no-image") })).toThrow("make build");
    expect(() => pushImage({ registry: "127.0.0.1:1/a", layout: join(directory, "no-image") })).toThrow("make image");
    for (const registry of ["just-a-host", "https://host/a", "host/A", "host/a:tag", "--insecure"]) {
      expect(() => pushImage({ registry, layout }), registry).toThrow("REGISTRY=");
    }
    expect(() => pushImage({ registry: "127.0.0.1:1/a", tag: "a b", layout })).toThrow("TAG=");
  });
});

const isSkipped = !hasGo() && !process.env.CI;

describe.skipIf(isSkipped)(
  `the registry${isSkipped ? " (skipped: no Go toolchain, from which registry and clients are built)" : ""}`,
  () => {
    let server: ChildProcess;
    let registry: string;
    let pulled: string;
    const api = async (path: string, accept = "*/*") => {
      const response = await fetch(`http://${registry}/v2/gateway/ai-proxy-wasm/${path}`, { headers: { accept } });
      if (!response.ok) throw new Error(`registry: ${path}: ${response.status}`);
      return { bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
    };

    beforeAll(async () => {
      goTool("oras");
      server = spawn(goTool("crane"), ["registry", "serve", "--address", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
      const port = await new Promise<string>((resolve, reject) => {
        let said = "";
        server.stderr?.on("data", (chunk) => {
          said += chunk;
          const found = /serving on port (\d+)/.exec(said)?.[1];
          if (found) resolve(found);
        });
        server.once("exit", () => reject(new Error(`the registry ended: ${said}`)));
      });
      registry = `127.0.0.1:${port}`;
    }, INSTALL_LIMIT_MS);

    afterAll(() => server?.kill("SIGKILL"));

    it("takes the image under version and tag, twice with the same digest", async () => {
      const repository = `${registry}/gateway/ai-proxy-wasm`;
      for (const tag of [undefined, source.version, "stable"]) {
        expect(pushImage({ registry: repository, tag, layout })).toBe(`${repository}@${built.digest}`);
      }
      const again = join(directory, "second-build");
      buildImage({ wasm, directory: again, source });
      expect(pushImage({ registry: repository, layout: again })).toBe(`${repository}@${built.digest}`);
      for (const reference of [source.version, "stable", built.digest]) {
        const { bytes, headers } = await api(`manifests/${reference}`, MANIFEST_TYPE);
        expect(headers.get("content-type")).toBe(MANIFEST_TYPE);
        expect(`sha256:${sha256(bytes)}`).toBe(built.digest);
      }
      const tags = JSON.parse((await api("tags/list")).bytes.toString()).tags;
      expect(tags.sort()).toEqual([source.version, "stable"].sort());
    });

    it("gives it to another client, all layers as they were built", () => {
      pulled = join(directory, "pulled");
      mkdirSync(pulled);
      execFileSync(goTool("oras"), ["pull", "--plain-http", `${registry}/gateway/ai-proxy-wasm:${source.version}`, "-o", pulled]);
      for (const layer of manifest.layers) {
        const name = layer.annotations["org.opencontainers.image.title"];
        expect(sha256(readFileSync(join(pulled, name))), name).toBe(layer.digest.slice(7));
      }
      // An archive that any tar unpacks, too.
      execFileSync("tar", ["-xzf", "plugin.tar.gz"], { cwd: pulled });
      expect(readFileSync(join(pulled, "plugin.wasm")).equals(readFileSync(wasm))).toBe(true);
    });

    it("serves what the gateways' agents pick: the same wasm, byte for byte", async () => {
      const image = JSON.parse((await api(`manifests/${source.version}`, MANIFEST_TYPE)).bytes.toString());
      const fetchBlob = async (layer: any) => (await api(`blobs/${layer.digest}`)).bytes;
      expect((await pickWasm(image, fetchBlob)).equals(readFileSync(wasm))).toBe(true);
      // The judge judges: a plugin layer that is not last, or of another type, would not be found.
      await expect(pickWasm({ ...image, layers: image.layers.toReversed() }, fetchBlob)).rejects.toThrow("invalid media type");
      const renamed = image.layers.map((layer: any) => ({ ...layer, mediaType: layer.mediaType.replace("+gzip", "") }));
      await expect(pickWasm({ ...image, layers: renamed }, fetchBlob)).rejects.toThrow("invalid media type");
    });

    it("gave a plugin that runs in Envoy", async () => {
      const path = join(pulled, "plugin.wasm");
      expect(existsSync(path)).toBe(true);
      const config = { provider: { type: "openai", apiTokens: ["sk-test"], modelMapping: { "gpt-*": "served" } } };
      const lab = await startLab({ plugins: [{ config }], wasm: path });
      try {
        const body = { model: "gpt-4o", messages: [{ role: "user", content: "ping" }] };
        const response = await lab.call(0, { path: "/v1/chat/completions", method: "POST", body });
        expect(response.status).toBe(200);
        expect(lab.upstream.seen[0]).toMatchObject({
          headers: { host: "api.openai.com", authorization: "Bearer sk-test" },
          json: { model: "served" },
        });
        expect((await lab.log(response)).aiLog).toMatchObject({ provider: "openai", status: 200 });
      } finally {
        await lab.close();
      }
    }, 60_000);
  },
);
