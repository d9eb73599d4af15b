// README.md keeps its word: its commands are run here, or another test that is named runs them; its outputs are what comes out.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { ROOT } from "../../tools/envoy-path.mjs";
import { startMock } from "../../tools/mock-provider.mjs";
import { run } from "../cli/run";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const STEPS = readFileSync(join(ROOT, "docs/first-steps.md"), "utf8");
const TEXT = `${README}\n${STEPS}`;
const { scripts, bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const CI = readFileSync(join(ROOT, ".ci/run"), "utf8");

/** Blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...TEXT.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, one]) => one === language).map(([, , text]) => text.trim());
}

/** Every command: lines of sh blocks, and code in sentences that begins with a program's name. */
function commands(): string[] {
  const lines = blocks("sh").flatMap((text) => text.replaceAll("\\\n", "").split(/\n|&&/));
  const prose = TEXT.replace(/^```[^]*?^```$/gm, "");
  const inline = [...prose.matchAll(/`((?:[A-Z_]+=\S+ )?(?:npm|npx|make|curl|node|docker) [^`]+)`/g)].map(([, text]) => text);
  return [...lines, ...inline].map((text) => text.trim().replace(/\s+/g, " ")).filter((text) => text !== "");
}

/** How each command is known to work: a file that runs it, and the text in that file which does. "here" is this file. */
const EVIDENCE: [RegExp, string, string][] = [
  [/^npm test$/, "tools/ci.mjs", '"npm", ["test"'],
  [/^npm run dev$/, "here", ""],
  [/^npm run dev -- --(help|provider|config)/, "tests/project/dev.test.ts", "--config"],
  [/^[A-Z_]+=\S+ npm run dev -- --provider \w+$/, "tests/project/dev.test.ts", "takes every type of the catalogue"],
  [/^ENVOY=\S+ npm run dev$/, "tools/envoy-path.mjs", "process.env.ENVOY"],
  [/^npm run first-response$/, "package.json", "tools/first-response.mjs"],
  [/^npm run node-versions$/, "package.json", "tools/node-versions.mjs"],
  [/^npm run race$/, "tests/bench/race.test.ts", "race"],
  [/^curl /, "here", ""],
  [/^make help$/, "tests/deploy/tools.test.ts", '"make"'],
  [/^make up$/, "tests/deploy/compose.test.ts", "COMPOSE_VALUES"],
  [/^docker compose up$/, "tests/deploy/compose.test.ts", "so that the host needs docker alone"],
  [/^make image$/, "tests/deploy/oci.test.ts", "tools/image.mjs"],
  [/^make push REGISTRY=…$/, "tests/deploy/oci.test.ts", "tools/push.mjs"],
  [/^npm run build:core$/, "tools/prepare-tests.mjs", '"build:core"'],
  [/^npm run build -- --with anthropic,gemini,responses$/, "tests/budgets/core.test.ts", 'tools/build.mjs", "--with"'],
  [/^npm run playground$/, "tools/prepare-tests.mjs", '"playground"'],
  [/^node build\/cli.mjs check config.yaml$/, "tests/cli/check.test.ts", '"check"'],
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until<T>(what: string, limitMs: number, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > limit) throw new Error(`${what} did not happen in ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("the commands of README.md", () => {
  it.each(commands())("%s is run by a test", (command) => {
    const evidence = EVIDENCE.find(([pattern]) => pattern.test(command));
    expect(evidence, "add the test that runs it to EVIDENCE").toBeDefined();
    const [, file, text] = evidence!;
    if (file !== "here") expect(readFileSync(join(ROOT, file), "utf8")).toContain(text);
  });

  it("name scripts and targets that are there", () => {
    for (const [, name] of TEXT.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty(name);
    const makefile = readFileSync(join(ROOT, "Makefile"), "utf8");
    for (const [, name] of TEXT.matchAll(/`make ([\w-]+)/g)) expect(makefile).toMatch(new RegExp(`^${name}:`, "m"));
    expect(scripts.dev).toBe("node tools/setup.mjs --quiet && node tools/dev.mjs");
    expect(scripts.test).toMatch(/^node tools\/setup.mjs --quiet && /);
    expect(Object.keys(bin)).toEqual(["ai-proxy-wasm"]);
    expect(CI).toContain("node tools/ci.mjs");
    expect(existsSync(join(ROOT, "build/cli.mjs"))).toBe(true);
  });
});

describe("the first minute, as README.md has it", () => {
  let dev: ChildProcess;
  let printed = "";
  let listen = 0;
  let admin = 0;

  beforeAll(async () => {
    [listen, admin] = [await freePort(), await freePort()];
    const env = { ...process.env, LISTEN_PORT: String(listen), ADMIN_PORT: String(admin), MOCK_PORT: "0" };
    dev = spawn("npm", ["run", "dev"], { cwd: ROOT, env: { ...env, CI: "" }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [dev.stdout!, dev.stderr!]) stream.on("data", (bytes: Buffer) => (printed += bytes));
    await until("dev: ready", 50_000, () => (printed.includes("dev: ready") ? true : undefined));
  }, 60_000);

  afterAll(async () => {
    if (dev.exitCode !== null) return;
    const ended = new Promise((resolve) => dev.once("exit", resolve));
    // npm, the shell and dev are a group of their own.
    process.kill(-dev.pid!, "SIGTERM");
    await ended;
  }, 30_000);

  /** What a command of the README prints, sent to the ports of this run. */
  async function shell(command: string): Promise<string> {
    const text = command.replaceAll("localhost:10000", `127.0.0.1:${listen}`).replaceAll("localhost:9901", `127.0.0.1:${admin}`);
    return (await promisify(execFile)("bash", ["-c", text], { timeout: 20_000 })).stdout;
  }

  it("the curl is answered with a stream, and leaves the log line and the metric that are shown", async () => {
    const stream = await shell(blocks("sh").find((text) => text.startsWith("curl"))!);
    expect(stream).toMatch(/^data: \{/);
    expect(stream).toMatch(/data: \[DONE\]\n\n$/);

    const line = await until("the log line", 10_000, () => /^ {2}ai_log (\{.*\})$/m.exec(printed)?.[1]);
    const shown = JSON.parse(blocks("json")[0]);
    const log = JSON.parse(line) as Record<string, unknown>;
    expect(Object.keys(log)).toEqual(Object.keys(shown));
    const timeless = ({ llm_first_token_duration: _first, llm_service_duration: _whole, ...rest }: Record<string, unknown>) => rest;
    expect(timeless(log)).toEqual(timeless(shown));

    const metric = blocks("").find((text) => text.startsWith("route_"))!;
    const query = commands().find((text) => text.startsWith("curl -s"))!;
    await until(`the metric ${metric}`, 15_000, async () => ((await shell(query)).split("\n").includes(metric) ? true : undefined));
  }, 60_000);
});

describe("the lines of README.md", () => {
  it("that are for official SDKs get an answer", async () => {
    const mock = await startMock({ port: 0, log: () => {} });
    // The mock speaks all these APIs; tests/clients runs the SDKs through the plugin.
    const lines = blocks("js")[0].replaceAll("localhost:10000", `127.0.0.1:${mock.port}`).split("\n");
    const [openai, anthropic, google] = lines.map((line) =>
      new Function("OpenAI", "Anthropic", "GoogleGenAI", `return ${line}`)(OpenAI, Anthropic, GoogleGenAI),
    );
    const messages = [{ role: "user" as const, content: "Hello" }];
    const texts = [
      (await openai.chat.completions.create({ model: "m", messages })).choices[0].message.content,
      (await openai.responses.create({ model: "m", input: "Hello" })).output_text,
      (await anthropic.messages.create({ model: "m", max_tokens: 9, messages })).content[0].text,
      (await google.models.generateContent({ model: "m", contents: "Hello" })).text,
    ];
    await mock.close();
    expect(texts).toEqual(Array.from({ length: 4 }, () => expect.stringContaining("You said: Hello")));
  });

  it("that have numbers say what docs/performance.md says", () => {
    const measured = readFileSync(join(ROOT, "docs/performance.md"), "utf8");
    const rows = {
      "1 KB": "1 KB, 1 connection",
      "100 KB": "100 KB",
      chunk: "metered chunk, each read alone",
      start: "CPU time added until",
    };
    for (const [ours, theirs] of Object.entries(rows)) {
      const [, plugin, go] = new RegExp(`^\\| [^|]*${ours}[^|]*\\| ([\\d.]+) \\S+ +\\| ([\\d.]+) `, "m").exec(README)!;
      const row = measured.split("\n").find((line) => line.startsWith(`| ${theirs}`) && line.includes(go));
      expect([ours, row?.includes(`| ${plugin} `)]).toEqual([ours, true]);
    }
  });

  it("name types that are there", () => {
    const count = JSON.parse(readFileSync(join(ROOT, "schema/config.schema.json"), "utf8")).$defs.provider.properties.type.enum.length;
    const named = /\*\*Providers:\*\* ([^[]+) and\n/.exec(README)![1].split(", ").length;
    expect(count - named).toBeGreaterThan(20);
  });
});

it("the Higress configuration of README.md is good, as check says", () => {
  const text = blocks("yaml")[0];
  expect(text.split("\n").length).toBeLessThanOrEqual(10);
  const plugin = { apiVersion: "extensions.higress.io/v1alpha1", kind: "WasmPlugin", metadata: { name: "x" }, spec: parse(text) };
  expect(run(["check", "--strict", "-"], stringify(plugin))).toMatchObject({ code: 0, stderr: "" });
});
