// The tools a newcomer meets first: mock provider, `make dev --check`, make targets, the CI summary.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAiLog } from "../../tools/access-log.mjs";
import { summarize } from "../../tools/ci.mjs";
import { check } from "../../tools/dev-check.mjs";
import { ROOT } from "../../tools/envoy-path.mjs";
import { startMock } from "../../tools/mock-provider.mjs";
import { sseData } from "../envoy/lab";
import { probeWasm } from "../envoy/probe";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const directory = mkdtempSync(join(tmpdir(), "ai-proxy-tools-"));
const lines: string[] = [];
let mock: Awaited<ReturnType<typeof startMock>>;
let url: string;

beforeAll(async () => {
  mock = await startMock({ port: 0, log: (line) => lines.push(line) });
  url = `http://127.0.0.1:${mock.port}`;
});

afterAll(async () => {
  await mock.close();
  rmSync(directory, { recursive: true, force: true });
});

const post = (path: string, body: unknown) =>
  fetch(url + path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
const question = { model: "m", messages: [{ role: "user", content: "one two" }] };

describe("the mock provider", () => {
  it("answers a chat whole, with usage that adds up", async () => {
    const response: any = await (await post("/v1/chat/completions", question)).json();
    expect(response).toMatchObject({ object: "chat.completion", model: "m", choices: [{ finish_reason: "stop" }] });
    expect(response.choices[0].message.content).toContain("one two");
    expect(response.usage.total_tokens).toBe(response.usage.prompt_tokens + response.usage.completion_tokens);
  });

  it("streams role, words and finish, and usage only when asked", async () => {
    const [plain, counted] = await Promise.all(
      [{}, { stream_options: { include_usage: true } }].map(async (extra) =>
        sseData(await (await post("/v1/chat/completions", { ...question, stream: true, ...extra })).text()),
      ),
    );
    for (const events of [plain, counted]) {
      expect(events?.at(-1)).toBe("[DONE]");
      expect(JSON.parse(events?.[0] ?? "").choices[0].delta.role).toBe("assistant");
    }
    expect(plain?.join()).not.toContain("usage");
    expect(JSON.parse(plain?.at(-2) ?? "").choices[0].finish_reason).toBe("stop");
    expect(JSON.parse(counted?.at(-2) ?? "")).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } });
    expect(JSON.parse(counted?.[0] ?? "").usage).toBeNull();
  });

  it.each([400, 401, 429, 503])("fails with %i when the model's name says so", async (status) => {
    const response = await post("/v1/chat/completions", { ...question, model: `error-${status}` });
    expect(response.status).toBe(status);
    expect(((await response.json()) as any).error.type).toMatch(/_error$/);
    expect(response.headers.has("retry-after")).toBe(status === 429);
  });

  it("breaks a stream off for error-cut", async () => {
    const response = await post("/v1/chat/completions", { ...question, model: "error-cut", stream: true });
    await expect(response.text()).rejects.toThrow();
  });

  it("speaks Anthropic and Gemini, too, whole and streamed", async () => {
    const whole: any = await (await post("/v1/messages", question)).json();
    expect(whole).toMatchObject({ type: "message", stop_reason: "end_turn", usage: { output_tokens: expect.any(Number) } });
    const events = sseData(await (await post("/v1/messages", { ...question, stream: true })).text()).map((event) => JSON.parse(event).type);
    expect([events[0], ...events.slice(-3)]).toEqual(["message_start", "content_block_stop", "message_delta", "message_stop"]);
    const contents = [{ role: "user", parts: [{ text: "one two" }] }];
    const gemini: any = await (await post("/v1beta/models/g:generateContent", { contents })).json();
    expect(gemini.candidates[0].content.parts[0].text).toContain("one two");
    const parts = sseData(await (await post("/v1beta/models/g:streamGenerateContent?alt=sse", { contents })).text());
    expect(JSON.parse(parts.at(-1) ?? "").candidates[0].finishReason).toBe("STOP");
  });

  it("speaks the Responses API, whole and streamed, and counts tokens", async () => {
    const whole: any = await (await post("/v1/responses", { model: "m", input: "one two" })).json();
    expect(whole).toMatchObject({ object: "response", status: "completed", usage: { output_tokens: expect.any(Number) } });
    expect(whole.output[0].content[0].text).toContain("one two");
    const streamed = await (await post("/v1/responses", { model: "m", input: "one two", stream: true })).text();
    const events = sseData(streamed).map((event) => JSON.parse(event));
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect([events[0].type, events.at(-1).type]).toEqual(["response.created", "response.completed"]);
    const deltas = events.filter((event) => event.type === "response.output_text.delta").map((event) => event.delta);
    expect(deltas.join("")).toBe(whole.output[0].content[0].text);
    const counts = ["/v1/responses/input_tokens", "/v1/messages/count_tokens"].map((path) => post(path, { model: "m", input: "one two" }));
    for (const count of counts) expect(((await (await count).json()) as any).input_tokens).toBe(whole.usage.input_tokens);
  });

  it("answers embeddings, models, unknown paths and bodies that are no JSON", async () => {
    expect(((await (await post("/v1/embeddings", { model: "e", input: ["a", "b"] })).json()) as any).data).toHaveLength(2);
    expect(((await (await fetch(`${url}/v1/models`)).json()) as any).object).toBe("list");
    expect((await post("/v1/nothing", {})).status).toBe(404);
    expect((await post("/v1/chat/completions", '{"model')).status).toBe(400);
  });

  it("logs one line per request", async () => {
    lines.length = 0;
    await (await post("/v1/chat/completions", question)).text();
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]).toMatch(/^mock: POST \/v1\/chat\/completions model=m stream=false 200 \d+ ms$/);
  });
});

describe("dev.mjs --check", () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [join(ROOT, "tools/dev.mjs"), "--check", ...args], { encoding: "utf8" });

  it("shows both answers and the ai_log lines, and succeeds", () => {
    const { status, stdout, stderr } = run("--wasm", probeWasm());
    expect(stderr).toBe("");
    expect(stdout).toMatch(/check: whole {2}200 [^]*check: stream 200 \d+ events[^]*check: ai_log \{"model":"gpt-4o"[^]*check: ok\n$/);
    expect(status).toBe(0);
  });

  it("fails with Envoy's words for a module that is none", () => {
    const junk = join(directory, "junk.wasm");
    writeFileSync(junk, "junk");
    const { status, stderr } = run("--wasm", junk);
    expect(status).toBe(1);
    expect(stderr).toContain("Unable to create Wasm plugin");
  });

  it("fails when the log has no ai_log", async () => {
    const accessLog = join(directory, "access.log");
    writeFileSync(accessLog, '{"ai_log":null}\n{"ai_log":"{\\"input_token\\":1,\\"output_token\\":1}"}\n');
    const said: string[] = [];
    expect(await check({ url, accessLog, log: (line) => said.push(line) })).toBe(false);
    expect(said.at(-1)).toBe("check: failed: log");
  });
});

describe("parseAiLog", () => {
  it.each([
    ['{"a":"x"}', { a: "x" }],
    ['{\\"a\\":\\"x\\"}', { a: "x" }],
    ["[1]", null],
    ["{", null],
    [null, null],
  ])("reads %s", (value, parsed) => {
    expect(parseAiLog(value)).toEqual(parsed);
  });
});

describe("the Makefile", () => {
  it("calls only scripts that package.json has", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
    const called = [...read("Makefile").matchAll(/^\tnpm (?:run )?([a-z0-9:-]+)$/gm)]
      .map((match) => match[1] ?? "")
      .filter((name) => name !== "ci");
    expect(called.length).toBeGreaterThan(8);
    expect(called.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it("lists every target with a description", () => {
    const makefile = read("Makefile");
    const targets = makefile.match(/^\.PHONY: (.*)$/m)?.[1]?.split(" ") ?? [];
    const listed = execFileSync("make", ["--no-print-directory"], { cwd: ROOT, encoding: "utf8" });
    expect(
      listed
        .trim()
        .split("\n")
        .map((line) => line.trim().split(" ")[0]),
    ).toEqual(targets);
  });
});

describe("the CI summary", () => {
  it("adds reports up and counts a file that could not be loaded as one failure", () => {
    const tests = (...statuses: string[]) => statuses.map((status) => ({ status }));
    const reports = [
      { testResults: [{ status: "passed", assertionResults: tests("passed", "passed", "skipped") }] },
      {
        testResults: [
          { status: "failed", assertionResults: tests("passed", "failed", "failed") },
          { status: "failed", assertionResults: [] },
        ],
      },
    ];
    expect(summarize(reports)).toEqual({ passed: 3, failed: 3, skipped: 1 });
  });
});
