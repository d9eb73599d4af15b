// docs/adding-a-provider.md holds: its example is added to a copy of the repository by the document's own text, and every suite that
// reads the catalogue passes there.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../../tools/envoy-path.mjs";

const COPY = join(ROOT, "build/added-provider");
const SUITES = [
  "tests/conformance/providers.test.ts",
  "tests/conformance/providers-page.test.ts",
  "tests/conformance/secrets.test.ts",
  "tests/unit/config-schema.test.ts",
];
/** They record what they print; the document says so. */
const RECORDED = ["tests/project/public-interface.test.ts", "tests/cli/docs.test.ts"];

const guide = readFileSync(join(ROOT, "docs/adding-a-provider.md"), "utf8");

/** The first block of a language after `words`. */
function block(words: string, language: string): string {
  const start = guide.indexOf("```" + language + "\n", guide.indexOf(words));
  return guide.slice(start + language.length + 4, guide.indexOf("```", start + 3));
}

/** Runs a command in the copy; its output is the message of a failure. */
function run(words: string[], env: Record<string, string> = {}): void {
  const [command, ...rest] = words;
  try {
    execFileSync(command, rest, { cwd: COPY, encoding: "utf8", stdio: "pipe", env: { ...process.env, ...env } });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${words.join(" ")}\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`, { cause: error });
  }
}

const vitest = (suites: string[]) => [process.execPath, "node_modules/vitest/vitest.mjs", "run", "--silent=true", ...suites];

beforeAll(() => {
  rmSync(COPY, { recursive: true, force: true });
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: ROOT, encoding: "utf8" });
  for (const file of new Set(listed.split("\0").filter((name) => name !== "" && existsSync(join(ROOT, name))))) {
    mkdirSync(join(COPY, dirname(file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(COPY, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(COPY, "node_modules"));
});

afterAll(() => rmSync(COPY, { recursive: true, force: true }));

it("a provider is one row and one file", () => {
  const catalogue = join(COPY, "assembly/provider/catalog.ts");
  const rows = readFileSync(catalogue, "utf8");
  const place = "function westernServices(): void {\n";
  expect(rows).toContain(place);
  writeFileSync(catalogue, rows.replace(place, `${place}  ${block("**1. The row**", "ts")}`));
  const file = /`(tests\/conformance\/providers\/[\w-]+\.yaml)`/.exec(guide)?.[1];
  writeFileSync(join(COPY, file ?? "nowhere"), block("**2. The expected requests**", "yaml"));
  run([process.execPath, "schema/generate.mjs"]);
  run([process.execPath, "schema/generate.mjs", "--check"]);
  expect(readFileSync(join(COPY, "docs/providers.md"), "utf8")).toContain(
    "### `siliconflow`\n\n- **Default host**: `api.siliconflow.cn`\n",
  );
  run([process.execPath, "tools/build.mjs", "debug"]);
  // The playground is built around whatever module is there.
  copyFileSync(join(COPY, "build/plugin.debug.wasm"), join(COPY, "build/plugin.wasm"));
  run([process.execPath, "tools/playground.mjs"]);
  run(vitest([...RECORDED, ...SUITES]), { UPDATE_DOCS: "1" });
}, 300_000);
