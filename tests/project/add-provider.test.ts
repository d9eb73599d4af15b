// docs/adding-a-provider.md holds: its example is added to a copy of the repository by the document's own text, and every suite that
// reads the catalogue passes there. The table of CONTRIBUTING.md holds: a log field, a metric and a root field are added to the same copy,
// in the files that it names and no others.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Host } from "../../emulator/host";
import { ROOT } from "../../tools/envoy-path.mjs";

const COPY = join(ROOT, "build/added-provider");
const SUITES = [
  "tests/conformance/providers.test.ts",
  "tests/conformance/providers-page.test.ts",
  "tests/conformance/secrets.test.ts",
  "tests/unit/config-schema.test.ts",
];
/**
 * It records what it sees; the document says so. tests/cli/docs.test.ts, which the document names beside it, only prints anew what its
 * eleven commands print, and would assert nothing here.
 */
const RECORDED = ["tests/project/public-interface.test.ts"];

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

/** In one thread that keeps its modules: the suites share the emulator and a compiled module. */
const VITEST = "node_modules/vitest/vitest.mjs run --silent=true --pool=threads --no-isolate --maxWorkers=1".split(" ");
const vitest = (suites: string[]) => [process.execPath, ...VITEST, ...suites];

/** One file of a change: what is put behind a line of it. */
type Edit = [file: string, behind: string, text: string];

/** Complete changes of each kind, in code; the table names documents, too. Where the fact is known, or used, is the pipeline here. */
const CHANGES: Record<string, Edit[]> = {
  "a log field": [
    ["assembly/telemetry/record.ts", "  chatRound: i32 = -1;\n", "  touched: i32 = -1;\n"],
    [
      "assembly/telemetry/record.ts",
      '    line.numberIfAny("chat_round", this.chatRound);\n',
      '    line.numberIfAny("touched", this.touched);\n',
    ],
    ["assembly/pipeline/finish.ts", "  countResponse(exchange);\n  settleLimits(exchange);\n", "  exchange.touched = exchange.status;\n"],
  ],
  "a metric without labels": [
    [
      "assembly/telemetry/metrics.ts",
      "let inFlight: i32 = UNDEFINED;\n",
      'let touched: i32 = UNDEFINED;\n\nexport function countTouched(): void {\n  if (touched == UNDEFINED) touched = defineCounter(MetricType.Counter, View.utf8("ai_proxy.touched_total"));\n  count(touched, 1);\n}\n',
    ],
    ["assembly/pipeline/finish.ts", "  countTokenFailure,\n", "  countTouched,\n"],
  ],
  "a root field of the configuration": [
    [
      "schema/config.schema.json",
      '\n  "properties": {\n',
      '    "countTouched": { "type": "boolean", "default": false, "description": "An example.", "x-description-zh": "示例。", "x-higress": "extra" },\n',
    ],
    ["assembly/config/config.ts", "  trustConsumerHeader: bool = true;\n", "  countTouched: bool = false;\n"],
    [
      "assembly/config/parse.ts",
      "  config.trustConsumerHeader = reader.flag(RootField.TRUST_CONSUMER_HEADER);\n",
      "  config.countTouched = reader.flag(RootField.COUNT_TOUCHED);\n",
    ],
    [
      "assembly/pipeline/finish.ts",
      "  countResponse(exchange);\n  settleLimits(exchange);\n",
      "  if (exchange.plugin.countTouched) countTouched();\n",
    ],
  ],
};

function make(edits: Edit[]): void {
  for (const [file, behind, text] of edits) {
    const before = readFileSync(join(COPY, file), "utf8");
    expect(before.split(behind).length, `${file}: ${behind}`).toBe(2);
    writeFileSync(
      join(COPY, file),
      before.replace(behind, () => behind + text),
    );
  }
}

/** What the copy's module does with one chat. */
async function touched(configuration: object) {
  const host = await Host.load(readFileSync(join(COPY, "build/plugin.debug.wasm")));
  const plugin = host.configure(JSON.stringify({ provider: { type: "openai", apiTokens: ["k"] }, ...configuration }));
  expect(plugin.logs).toEqual([]);
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
  const exchange = plugin.exchange({ method: "POST", path: "/v1/chat/completions", headers: { "content-type": "application/json" }, body });
  exchange.respond({ status: 201, headers: { "content-type": "application/json" }, chunks: ["{}"] });
  const log = JSON.parse(exchange.finish().stateText("ai_log") ?? "{}");
  return { log: log.touched, counted: host.metrics.value("ai_proxy.touched_total") };
}

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
  for (const edits of Object.values(CHANGES)) make(edits);
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

it.each(Object.entries(CHANGES))("%s is a change of the files that CONTRIBUTING.md names", (change, edits) => {
  const table = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");
  const row = table.split("\n").find((line) => line.startsWith(`| ${change}`)) ?? "";
  const named = [...row.matchAll(/`([\w/.]+\.(?:ts|json))`/g)].map(([, file]) => file);
  const files = [...new Set(edits.map(([file]) => file.replace("assembly/", "")))];
  // The one that the row describes in words: where the fact becomes known, is counted or used.
  expect(row).toMatch(/where (?:the fact becomes known|it is counted|it is used)/);
  expect(files.filter((file) => !named.includes(file))).toEqual(["pipeline/finish.ts"]);
  expect(named.filter((file) => file !== "pipeline/request-head.ts" && !files.includes(file))).toEqual([]);
});

it("those changes do in the copy what they say", async () => {
  expect(await touched({})).toEqual({ log: 201, counted: undefined });
  expect(await touched({ countTouched: true })).toEqual({ log: 201, counted: 1 });
});
