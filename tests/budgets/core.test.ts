// The core build: the same plugin without translations, for gateways whose providers all speak the client's API.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { build, selected } from "../../tools/build.mjs";
import { Host } from "../../emulator/host";

const FILE = "build/plugin.core.wasm";
/**
 * What it has today: routing by model, splits, prices, rights of consumers, facts for traces, prompts and rules for parameters are
 * needed there, too. 3 KB of it spend V8's budget for inlining (decision 18).
 */
const MOST_BYTES = 184_500;

async function send(provider: object, file = FILE, path = "/v1/chat/completions") {
  const host = await Host.load(readFileSync(file));
  const plugin = host.configure(JSON.stringify({ provider: { apiTokens: ["sk-1"], ...provider } }));
  expect(plugin.ok).toBe(true);
  const body = JSON.stringify({ model: "m", max_tokens: 9, input: "ping", messages: [{ role: "user", content: "ping" }] });
  return {
    host,
    exchange: plugin.exchange({ method: "POST", path, headers: { "content-type": "application/json" }, body }),
  };
}

describe("the core build", () => {
  it(`is smaller than ${MOST_BYTES} bytes`, () => {
    expect(statSync(FILE).size).toBeLessThan(MOST_BYTES);
  });

  it("passes requests on, counts tokens and logs", async () => {
    const { host, exchange } = await send({ type: "deepseek", modelMapping: { "*": "deepseek-chat" } });
    expect(exchange.upstream!.headers).toMatchObject({ ":authority": "api.deepseek.com", authorization: "Bearer sk-1" });
    expect(JSON.parse(exchange.upstream!.text).model).toBe("deepseek-chat");
    const response = { model: "deepseek-chat", choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } };
    exchange.respond({ status: 200, headers: { "content-type": "application/json" }, chunks: [JSON.stringify(response)] });
    exchange.finish();
    expect(JSON.parse(exchange.stateText("ai_log")!)).toMatchObject({ input_token: 1, output_token: 2, total_token: 3 });
    expect(host.violations).toEqual([]);
  });

  it("refuses what it would have to translate, before anything leaves", async () => {
    const { exchange } = await send({ type: "claude" });
    expect(exchange.upstream).toBeNull();
    expect(exchange.localReply?.status).toBe(404);
    expect(exchange.localReply?.text).toContain("unsupported_api");
  });
});

describe("what only the full build has", () => {
  it.each([
    ["/provider: prompts and parameterRules need", { provider: { type: "openai", prompts: [{ role: "user", content: "x" }] } }],
    ["/provider: prompts and parameterRules need", { provider: { type: "openai", parameterRules: [{ drop: ["x"] }] } }],
    ["/models: both needs", { provider: { type: "openai" }, models: "both" }],
  ])("is refused: %s", async (message, config) => {
    const host = await Host.load(readFileSync(FILE));
    const { ok } = host.configure(JSON.stringify(config));
    expect([ok, host.logs.some(({ text }) => text.includes(message))]).toEqual([false, true]);
  });
});

describe("a build with some parts", () => {
  let file: string;
  beforeAll(() => {
    file = build(selected(["gemini", "anthropic"], "debug"));
  }, 60_000);

  it.each([
    ["chat for Claude", "claude", "/v1/chat/completions", "/v1/messages"],
    ["Messages for Gemini", "gemini", "/v1/messages", "/v1beta/models/m:generateContent"],
    ["Messages for a server of OpenAI's API", "deepseek", "/v1/messages", "/anthropic/v1/messages"],
  ])("translates what it has: %s", async (_name, type, path, target) => {
    const { exchange } = await send({ type }, file, path);
    expect(exchange.upstream?.headers[":path"]).toBe(target);
  });

  it.each([
    ["a dialect", "bedrock", "/v1/chat/completions", { awsRegion: "us-east-1" }],
    ["a dialect for another API", "cohere", "/v1/messages", {}],
    ["a client's API", "deepseek", "/v1/responses", {}],
  ])("refuses %s that it was made without, before anything leaves", async (_name, type, path, more) => {
    const { exchange } = await send({ type, ...more }, file, path);
    expect(exchange.upstream).toBeNull();
    expect(exchange.localReply?.status).toBe(404);
  });

  it("is much smaller than the full one", () => {
    const full = build("debug");
    expect(statSync(file).size).toBeLessThan(0.85 * statSync(full).size);
  });

  it("is not made with a part that nobody knows", () => {
    const { status, stderr } = spawnSync(process.execPath, ["tools/build.mjs", "--with", "gemini,bedrok"], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^--with does not know bedrok; it takes a list of anthropic,gemini,responses,/);
  });
});
