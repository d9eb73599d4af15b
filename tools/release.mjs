// What a release does that needs no particular host: `node tools/release.mjs check|notes|login|publish …`. .github/workflows/release.yml
// calls it, and `npm run release:try` tries it against a registry on this machine.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./envoy-path.mjs";
import { buildGoTool } from "./go-tool.mjs";
import { IMAGE_DIRECTORY, readIndex } from "./image.mjs";
import { goTool, pushImage } from "./push.mjs";

const COSIGN_LIMIT_MS = 1_800_000;
const TAG = /^v(\d+\.\d+\.\d+)$/;

/** Path of the pinned cosign; builds it on first use, which takes minutes. */
export const cosign = () =>
  buildGoTool({
    name: "cosign",
    package: "github.com/sigstore/cosign/v3/cmd/cosign",
    pins: join(ROOT, "tools/cosign"),
    instead: "sign with a cosign that you have",
    limitMs: COSIGN_LIMIT_MS,
  });

/** Runs a program and returns what it prints; throws with its own words when it fails. */
export function run(program, args, { input = "", env = {} } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: "utf8", env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${program.split("/").at(-1)} ${args[0]}: ${stderr.trim() || error?.message}`);
  return stdout.trim();
}

/**
 * The changelog's section of a version, without its heading. Throws when there is none, or when it says nothing.
 * @param {string} version @param {string} changelog
 * @returns {string}
 */
export function sectionOf(version, changelog) {
  const sections = changelog.split(/^(?=## )/m);
  const found = sections.find((one) => one.startsWith(`## ${version} - `));
  if (found === undefined) throw new Error(`CHANGELOG.md has no section "## ${version} - YYYY-MM-DD"`);
  const [heading, ...lines] = found.trim().split("\n");
  if (!/ - \d{4}-\d\d-\d\d$/.test(heading)) throw new Error(`the heading "${heading}" of CHANGELOG.md ends in no date`);
  const text = lines.join("\n").trim();
  if (text === "") throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return text;
}

/**
 * The version of a tag; throws unless package.json, package-lock.json and the changelog say the same one.
 * @param {string} tag
 * @param {{ version: string, locked: string, changelog: string }} [facts]
 * @returns {string}
 */
export function checkTag(tag, facts = readFacts()) {
  const version = TAG.exec(tag)?.[1];
  if (version === undefined) throw new Error(`the tag ${tag} is no v1.2.3`);
  for (const [file, said] of [
    ["package.json", facts.version],
    ["package-lock.json", facts.locked],
  ])
    if (said !== version) throw new Error(`the tag is ${tag}, but ${file} says ${said}`);
  sectionOf(version, facts.changelog);
  return version;
}

function readFacts() {
  const read = (name) => readFileSync(join(ROOT, name), "utf8");
  return {
    version: JSON.parse(read("package.json")).version,
    locked: JSON.parse(read("package-lock.json")).version,
    changelog: read("CHANGELOG.md"),
  };
}

/** Text of the release's page: what changed, and how to get and check the image. */
export function notesOf(tag, reference, facts = readFacts()) {
  const section = sectionOf(checkTag(tag, facts), facts.changelog);
  return `${section}\n\n### Image\n\n\`${reference}\`\n\n\`SHA256SUMS\` lists the files of \`build/image\`; docs/releases.md says how to check the signature and the SBOM.\n`;
}

/**
 * Pushes build/image, signs it, and attests its SBOM. Without a key cosign asks the CI's identity service.
 * @param {{ registry: string, key?: string, layout?: string, env?: Record<string, string>, extra?: string[] }} options `extra`: options of
 *   cosign for both
 * @returns {string} host/repository@sha256:…
 */
export function publish({ registry, key, layout = IMAGE_DIRECTORY, env = {}, extra = [] }) {
  if (readIndex(layout).revision?.endsWith("-dirty")) throw new Error("the image was built from files that are not committed");
  const reference = pushImage({ registry, layout });
  const options = ["--yes", ...(key === undefined ? [] : ["--key", key]), ...extra];
  run(cosign(), ["sign", ...options, reference], { env });
  run(cosign(), ["attest", ...options, "--type", "cyclonedx", "--predicate", join(layout, "sbom.cdx.json"), reference], { env });
  return reference;
}

function main([command, ...args]) {
  switch (command) {
    case "check":
      return checkTag(args[0] ?? "");
    case "notes":
      return notesOf(args[0] ?? "", args[1] ?? "");
    case "login":
      if (args.length !== 2) throw new Error("usage: release.mjs login HOST USER, with the password in standard input");
      run(goTool("crane"), ["auth", "login", args[0], "--username", args[1], "--password-stdin"], {
        input: readFileSync(0, "utf8").trim(),
      });
      return `logged in at ${args[0]}`;
    case "publish":
      if (!args[0]) throw new Error("usage: release.mjs publish HOST/REPOSITORY; the workflow takes it from the variable IMAGE");
      return publish({ registry: args[0] });
    default:
      throw new Error("usage: release.mjs check TAG | notes TAG REFERENCE | login HOST USER | publish HOST/REPOSITORY");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(main(process.argv.slice(2)));
  } catch (error) {
    console.error(`release: ${error.message}`);
    process.exit(1);
  }
}
