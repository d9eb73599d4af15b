// The parts of `npm run dev` and `npm run setup` that decide: what is installed, which ports are free, what a real provider needs, what
// is printed. tests/project/readme.test.ts runs the whole with the mock.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { PLUGIN_PATH, loadPlugin } from "../../emulator/module";
import { isPlain, realConfig } from "../../tools/dev-envoy.mjs";
import { readableLog } from "../../tools/dev-log.mjs";
import { freePorts } from "../../tools/dev-ports.mjs";
import { TYPES, fieldVariable, keyVariable, providerConfig } from "../../tools/dev-provider.mjs";
import { ROOT, envoyPath } from "../../tools/envoy-path.mjs";
import { satisfies } from "../../tools/installed.mjs";
import { startMock } from "../../tools/mock-provider.mjs";

const directory = mkdtempSync(join(tmpdir(), "ai-proxy-dev-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("what is installed", () => {
  const lock = (packages: object) => ({ packages: { "": { name: "x" }, ...packages } });
  const one = { version: "1.0.0", integrity: "sha512-a" };

  it.each([
    [true, { a: one }, { a: one }],
    [true, { a: one, b: { ...one, optional: true } }, { a: one }],
    [false, { a: one, b: one }, { a: one }],
    [false, { a: one }, { a: { ...one, version: "1.0.1" } }],
    [false, { a: one }, { a: { ...one, integrity: "sha512-b" } }],
  ])("is enough: %s", (isEnough, wanted, installed) => {
    expect(satisfies(lock(wanted), { packages: installed })).toBe(isEnough);
  });

  it("is found again without a word", () => {
    expect(
      spawnSync(process.execPath, ["tools/setup.mjs", "--quiet"], { cwd: ROOT, encoding: "utf8", env: { ...process.env, CI: "" } }),
    ).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });
});

describe("the ports", () => {
  it("that are taken are named at once, with the variable that changes them", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const environment = { LISTEN_PORT: String(port), ADMIN_PORT: "0", MOCK_PORT: "none" };
    await expect(freePorts(environment, Object.keys(environment))).rejects.toThrow(
      `port ${port} is taken; LISTEN_PORT=${port + 1} npm run dev takes another, 0 any free one\nport none is no port; MOCK_PORT=0 npm run dev`,
    );
    await new Promise((resolve) => server.close(resolve));
    expect(await freePorts(environment, ["LISTEN_PORT", "ADMIN_PORT"])).toEqual({ LISTEN_PORT: port, ADMIN_PORT: 0 });
  });

  it("count as taken when another program shares them (SO_REUSEPORT), as Envoy does", async () => {
    const script =
      "import socket, sys\ns = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n" +
      "s.bind(('127.0.0.1', 0)); s.listen(); print(s.getsockname()[1], flush=True); sys.stdin.read()";
    const other = spawn("python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
    const port = await new Promise<string>((resolve) => other.stdout.once("data", (bytes) => resolve(String(bytes).trim())));
    await expect(freePorts({ LISTEN_PORT: port }, ["LISTEN_PORT"])).rejects.toThrow(`port ${port} is taken; LISTEN_PORT=`);
    other.stdin.end();
    await new Promise((resolve) => other.once("exit", resolve));
  });
});

describe("--provider", () => {
  it.each([
    ["openai", "OPENAI_API_KEY in the environment: OPENAI_API_KEY=… npm run dev -- --provider openai"],
    ["claude", "ANTHROPIC_API_KEY in the environment: ANTHROPIC_API_KEY=… npm run dev"],
    ["azure", "azure needs AZURE_SERVICE_URL in the environment"],
    ["bedrock", "AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"],
    ["together-ai", "TOGETHER_API_KEY"],
    ["opnai", "--provider takes one of openai, azure, "],
  ])("%s without its variables names them", (type, text) => {
    expect(() => providerConfig(type, {})).toThrow(text);
  });

  it("takes every type of the catalogue, with keys as references alone", async () => {
    const host = await loadPlugin({ logLevel: "warn" });
    const texts: Record<string, string> = {
      AZURE_SERVICE_URL: "https://r.openai.azure.com?api-version=2025-04-01",
      AWS_REGION: "us-east-1",
      CLOUDFLARE_ACCOUNT_ID: "account",
      OLLAMA_SERVER_HOST: "127.0.0.1",
      TARGET_LANG: "DE",
    };
    expect(TYPES.length).toBeGreaterThan(30);
    for (const type of TYPES as string[]) {
      const environment: Record<string, string> = { ...texts, [keyVariable(type)]: "made-up-key" };
      const { config, variables } = providerConfig(type, environment);
      expect(JSON.stringify(config)).not.toContain("made-up-key");
      expect(variables).toEqual(variables.filter((name) => name in environment));
      const filled = JSON.stringify(config).replace(/\$\{(\w+)\}/g, (_, name) => environment[name]);
      expect([type, host.configure(filled).logs]).toEqual([type, []]);
    }
  });

  it("names the variables of fields as people would", () => {
    const names = ["azureServiceUrl", "awsRegion", "vllmCustomUrl", "openaiApi", "vertexOpenAICompatible"];
    expect(names.map((name) => fieldVariable("x", name))).toEqual([
      ...["AZURE_SERVICE_URL", "AWS_REGION", "VLLM_CUSTOM_URL", "OPENAI_API", "VERTEX_OPEN_AI_COMPATIBLE"],
    ]);
  });
});

describe("real servers", () => {
  it.each([
    ["api.openai.com", false],
    ["api.openai.com:443", false],
    ["ollama:11434", true],
    ["127.0.0.1", true],
    ["[::1]", true],
    ["vllm", true],
    ["llm.internal", true],
    ["gateway.example.com:8080", true],
  ])("%s is spoken to without TLS: %s", (host, plain) => expect(isPlain(host)).toBe(plain));

  it("get clusters that Envoy takes, and a virtual host each where there are several", () => {
    const file = join(directory, "envoy.yaml");
    const servers = ["api.openai.com", "127.0.0.1:11434"].map((host) => ({ cluster: host, host, isProvider: true }));
    servers.push({ cluster: "google-token", host: "oauth2.googleapis.com", isProvider: false });
    const providers = servers
      .slice(0, 2)
      .map(({ host }, index) => ({ id: `p${index}`, type: "generic", genericHost: host, cluster: host }));
    const configuration = JSON.stringify({ providers, activeProviderId: "p0" });
    const values = { PLUGIN_WASM: PLUGIN_PATH, ACCESS_LOG: join(directory, "access.log") };
    writeFileSync(file, realConfig(values, { configuration, variables: ["HOME"], servers }));
    const { status, stderr } = spawnSync(envoyPath(), ["--mode", "validate", "-c", file, "-l", "error"], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  }, 60_000);
});

it("dev --config runs a configuration of two providers on their own servers", { timeout: 60_000 }, async () => {
  const mock = await startMock({ port: 0, log: () => {} });
  const file = join(directory, "my.yaml");
  const url = (host: string) => `{ type: openai, openaiCustomUrl: "http://${host}:${mock.port}/v1", apiTokens: ["\${MADE_UP}"]`;
  writeFileSync(
    file,
    `providers:\n  - ${url("127.0.0.1")}, id: a, cluster: theirs }\n  - ${url("localhost")}, id: b }\nactiveProviderId: a\n_rules_:\n  - { _match_model_: ["gpt-*"], activeProviderId: b }\n`,
  );
  const env = { ...process.env, MADE_UP: "sk-made-up" };
  const dev = spawn(process.execPath, ["tools/dev.mjs", "--check", "--wasm", PLUGIN_PATH, "--config", file], { cwd: ROOT, env });
  let said = "";
  for (const stream of [dev.stdout, dev.stderr]) stream.on("data", (bytes) => (said += bytes));
  const status = await new Promise((resolve) => dev.once("close", resolve));
  await mock.close();
  expect(said).toContain(`dev: requests go to 127.0.0.1:${mock.port}, localhost:${mock.port}\n`);
  expect(said).toMatch(/check: whole {2}200 [^]*check: stream 200 \d+ events/);
  expect(said).toContain('"provider":"openai"');
  expect(said).not.toContain("sk-made-up");
  // The first request of a way comes whole (docs/operations.md, the guard), so the second is the stream.
  expect({ status, end: said.trim().split("\n").at(-1) }).toEqual({ status: 0, end: "check: ok" });
});

describe("the line of the access log", () => {
  it("is printed for people, with ai_log as it is", () => {
    const log = { model: "m-1", request_model: "m", provider: "openai", response_type: "stream", outcome: "completed", input_token: 9 };
    const entry = {
      ...{ method: "POST", path: "/v1/chat/completions", response_code: 200, duration_ms: 264, response_flags: "-" },
      ai_log: JSON.stringify({ ...log, output_token: 10, total_token: 19, usage_source: "reported", llm_first_token_duration: 23 }),
    };
    expect(readableLog(JSON.stringify(entry))).toEqual([
      "POST /v1/chat/completions 200, 264 ms",
      "  model m -> m-1, provider openai, stream completed, tokens 9 in + 10 out = 19 (reported), first token 23 ms",
      `  ai_log ${entry.ai_log}`,
    ]);
  });

  it("says what Envoy says of a request that failed, and passes other lines", () => {
    const entry = { method: "GET", path: "/", response_code: 503, duration_ms: 1, response_flags: "UF", response_code_details: "refused" };
    expect(readableLog(JSON.stringify(entry))).toEqual(["GET / 503, 1 ms, UF refused", "  no ai_log"]);
    expect(readableLog("no JSON")).toEqual(["no JSON"]);
  });
});
