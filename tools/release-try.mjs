// `npm run release:try`: the release's image on this machine. It is pushed to a registry on 127.0.0.1, signed with a key of its own, its
// SBOM attested, and both verified; another image, another key and another predicate must be refused. cosign is built on first use, which
// takes minutes, so this is no part of `npm test`.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { buildImage, readSource } from "./image.mjs";
import { goTool, pushImage } from "./push.mjs";
import { cosign, publish, run } from "./release.mjs";

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-release-"));
/** No transparency log: it is elsewhere. */
const OFFLINE = ["--tlog-upload=false", "--use-signing-config=false", "--allow-http-registry"];
const CHECK = ["--insecure-ignore-tlog=true", "--allow-http-registry"];
const env = { COSIGN_PASSWORD: "only for this trial" };

/** A registry of its own; its address. */
function startRegistry() {
  const server = spawn(goTool("crane"), ["registry", "serve", "--address", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr.on("data", (chunk) => {
      said += chunk;
      const port = /serving on port (\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve({ server, registry: `127.0.0.1:${port}` });
    });
    server.once("exit", () => reject(new Error(`the registry ended: ${said}`)));
  });
}

function mustFail(what, attempt) {
  try {
    attempt();
  } catch (error) {
    console.log(`refused, as it must be: ${what} (${error.message.split("\n").at(-1).slice(0, 120)})`);
    return;
  }
  throw new Error(`${what} was accepted`);
}

function makeKeys(name) {
  run(cosign(), ["generate-key-pair", `--output-key-prefix=${join(directory, name)}`], { env });
  return { key: join(directory, `${name}.key`), public: join(directory, `${name}.pub`) };
}

async function main() {
  cosign();
  const { server, registry } = await startRegistry();
  try {
    const source = { ...readSource(), revision: "0".repeat(40) };
    buildImage({ directory: join(directory, "image"), source });
    const ours = makeKeys("ours");
    const others = makeKeys("others");
    const image = `${registry}/gateway/ai-proxy-wasm`;
    const reference = publish({ registry: image, key: ours.key, layout: join(directory, "image"), env, extra: OFFLINE });
    console.log(`pushed, signed and attested: ${reference}`);
    run(cosign(), ["verify", "--key", ours.public, ...CHECK, reference]);
    const attested = run(cosign(), ["verify-attestation", "--key", ours.public, "--type", "cyclonedx", ...CHECK, reference]);
    const statement = JSON.parse(Buffer.from(JSON.parse(attested.split("\n")[0]).payload, "base64").toString());
    const sbom = JSON.parse(readFileSync(join(directory, "image/sbom.cdx.json"), "utf8"));
    // Members come back in another order.
    if (!isDeepStrictEqual(statement.predicate, sbom)) throw new Error("the attested SBOM is not the one that was built");
    if (!reference.endsWith(statement.subject[0].digest.sha256)) throw new Error("the attestation is about another image");
    console.log(`verified: the signature, and the SBOM with ${sbom.components.length} components`);
    mustFail("another key", () => run(cosign(), ["verify", "--key", others.public, ...CHECK, reference]));
    // Another version: an image that nobody signed.
    cpSync(join(directory, "image"), join(directory, "other"), { recursive: true });
    buildImage({ directory: join(directory, "other"), source: { ...source, version: "0.0.0" } });
    const unsigned = pushImage({ registry: image, layout: join(directory, "other") });
    mustFail("an image that is not signed", () => run(cosign(), ["verify", "--key", ours.public, ...CHECK, unsigned]));
  } finally {
    server.removeAllListeners("exit");
    server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
