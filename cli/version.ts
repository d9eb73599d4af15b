// Which build this is, for reports of faults: the version, the commit that it was bundled from, and the digest of the module beside it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { version } from "../package.json";

/** tools/build-cli.mjs puts the commit in its place. */
declare const COMMIT: string | undefined;

export function versionText(): string {
  const commit = typeof COMMIT === "string" ? ` (commit ${COMMIT})` : "";
  return `ai-proxy-wasm ${version}${commit}\nplugin.wasm ${digestText()}, Node ${process.versions.node}\n`;
}

function digestText(): string {
  try {
    return `sha256:${createHash("sha256")
      .update(readFileSync(new URL("./plugin.wasm", import.meta.url)))
      .digest("hex")}`;
  } catch {
    return "is not beside this command";
  }
}
