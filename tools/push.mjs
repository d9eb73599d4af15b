// `make push REGISTRY=host/repository [TAG=…]`: sends the layout in build/image to a registry with go-containerregistry's crane,
// which needs no docker and takes credentials from docker's configuration. Also builds the Go tools that deploy/oci/go.mod pins.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./envoy-path.mjs";
import { buildGoTool } from "./go-tool.mjs";
import { IMAGE_DIRECTORY, readIndex } from "./image.mjs";

const PINS = join(ROOT, "deploy/oci");
const PACKAGES = { crane: "github.com/google/go-containerregistry/cmd/crane", oras: "oras.land/oras/cmd/oras" };
const REFERENCE = /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+$/;
const TAG = /^\w[\w.-]{0,127}$/;

/**
 * Path of a pinned registry tool; builds it on first use. Throws an error that says what to do.
 * @param {"crane" | "oras"} name
 * @returns {string}
 */
export function goTool(name) {
  return buildGoTool({ name, package: PACKAGES[name], pins: PINS, instead: "push build/image with a tool you have" });
}

/**
 * Pushes a layout and returns the reference by digest, `host/repository@sha256:…`. Throws on a malformed reference, and with the
 * registry's words when it refuses.
 * @param {{ registry: string, tag?: string, layout?: string }} options
 * @returns {string}
 */
export function pushImage({ registry, tag, layout = IMAGE_DIRECTORY }) {
  const { version, revision } = readIndex(layout);
  const chosen = tag || version;
  if (!REFERENCE.test(registry))
    throw new Error(`REGISTRY=${registry} is no host/repository, for instance registry.example.com/team/ai-proxy-wasm`);
  if (!TAG.test(chosen)) throw new Error(`TAG=${chosen} is no tag`);
  if (revision?.endsWith("-dirty")) console.error("warning: this image was built from files that are not committed");
  const run = spawnSync(goTool("crane"), ["push", layout, `${registry}:${chosen}`], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`crane push: ${run.stderr || run.error?.message}`);
  return run.stdout.trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { REGISTRY, TAG: tag } = process.env;
    if (!REGISTRY) throw new Error("usage: make push REGISTRY=host/repository [TAG=…]");
    console.log(`pushed ${pushImage({ registry: REGISTRY, tag })}`);
  } catch (error) {
    console.error(`push: ${error.message}`);
    process.exit(1);
  }
}
