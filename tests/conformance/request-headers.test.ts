// `requestHeaders: continue`: what it is refused for, and exchanges whose parts come in another order than usual.
import { describe, expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";

const AHEAD = { requestHeaders: "continue" };
const TOKENS = { apiTokens: ["k"] };
const OPENAI = { type: "openai", ...TOKENS };
const HEAD = { path: "/v1/chat/completions", headers: { "content-type": "application/json", "content-length": "56" } };
const BODY = '{"model":"m","messages":[{"role":"user","content":"1"}]}';
const AWS = { awsAccessKey: "a", awsSecretKey: "s", awsRegion: "us-east-1" };
const AZURE = "https://r.openai.azure.com";
const VERSION = "api-version=2025-01-01";

const start = async (config: object) => {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify({ ...AHEAD, ...config }));
  return { host, plugin, said: plugin.logs.map(({ text }) => text).join("\n") };
};

describe("is refused", () => {
  it.each<[string, object, string]>([
    ["signatures", { provider: { type: "bedrock", ...AWS } }, "depends on the body"],
    ["a model in the path", { provider: { type: "bedrock", ...TOKENS, awsRegion: "us-east-1" } }, "depends on the body"],
    ["a path by stream", { provider: { type: "gemini", ...TOKENS } }, "depends on the body"],
    ["a path by model", { provider: { type: "azure", ...TOKENS, azureServiceUrl: `${AZURE}?${VERSION}` } }, "depends on the body"],
    ["a host by token", { provider: { type: "deepl", ...TOKENS, targetLang: "EN" } }, "depends on the body"],
    ["a header by stream", { provider: { type: "qwen", ...TOKENS, qwenEnableCompatible: false } }, "depends on the body"],
    [
      "a path of the operator's with the model",
      { provider: { ...OPENAI, capabilities: { "openai/v1/chatcompletions": "/{model}/chat" } } },
      "depends on the body",
    ],
    ["an API by model", { provider: { ...OPENAI, openaiApi: "auto" } }, "depends on the body"],
    ["rules by model", { _rules_: [{ _match_model_: ["gpt-*"], provider: OPENAI }] }, "rules by model"],
    [
      "several providers",
      { provider: OPENAI, _rules_: [{ _match_route_: ["a"], provider: { type: "deepseek", ...TOKENS } }] },
      "several providers",
    ],
    ["tokens in headers", { provider: OPENAI, responseHeaders: ["tokens"] }, "responseHeaders"],
    ["rights by model", { provider: OPENAI, consumers: [{ name: "c", credential: "key-1", models: ["m"] }] }, "consumers[].models"],
  ])("with %s", async (_what, config, why) => {
    const { plugin, said } = await start(config);
    expect(plugin.ok).toBe(false);
    expect(said).toContain("ai-proxy configuration: /requestHeaders: cannot be continue with");
    expect(said).toContain(why);
  });

  it("with its reason before an update, which changes nothing", async () => {
    const { host, plugin } = await start({ provider: OPENAI });
    expect(plugin.ok).toBe(true);
    expect(host.configure(JSON.stringify({ ...AHEAD, provider: { type: "gemini", ...TOKENS } })).ok).toBe(false);
    expect(plugin.exchange({ ...HEAD, headers: { "content-type": "application/json" }, body: BODY }).upstream?.headers.authorization).toBe(
      "Bearer k",
    );
  });
});

const OPEN = { ...HEAD, requestOpen: true };

describe("is taken", () => {
  it.each<[string, object, string]>([
    [
      "Azure's deployment in the URL",
      { type: "azure", ...TOKENS, azureServiceUrl: `${AZURE}/openai/deployments/d/chat/completions?${VERSION}` },
      `/openai/deployments/d/chat/completions?${VERSION}`,
    ],
    ["Cohere", { type: "cohere", ...TOKENS }, "/v2/chat"],
    ["DeepSeek", { type: "deepseek", ...TOKENS }, "/v1/chat/completions"],
    ["protocol original", { ...OPENAI, protocol: "original", customSettings: [{ name: "seed", value: 1 }] }, "/v1/chat/completions"],
  ])("for %s", async (_what, provider, path) => {
    const { host, plugin } = await start({ provider });
    expect(plugin.ok).toBe(true);
    const exchange = plugin.exchange(OPEN);
    expect(exchange.upstream?.path).toBe(path);
    expect(exchange.upstream?.headers).not.toHaveProperty("content-length");
    expect(exchange.upstream?.text).toBe("");
    exchange.requestData(BODY, true);
    expect(exchange.upstream?.json()).toMatchObject({ messages: [{ role: "user" }] });
    exchange.respond({ status: 500, chunks: [] });
    exchange.finish();
    expect(host.violations).toEqual([]);
  });

  it("and an address that depends on the body is refused before anything leaves", async () => {
    const { plugin } = await start({ provider: { type: "claude", ...TOKENS } });
    const exchange = plugin.exchange({ ...HEAD, path: "/v1/responses/input_tokens", headers: {}, body: '{"model":"m","input":"x"}' });
    expect(exchange.upstream).toBeNull();
    expect((exchange.localReply?.json() as any).error.code).toBe("unsupported_api");
  });

  it.each(["openai", "claude"])("and an error that comes before the body reaches the client of %s", async (type) => {
    const { host, plugin } = await start({ provider: { type, ...TOKENS } });
    const exchange = plugin.exchange(OPEN);
    const error = { type: "error", error: { type: "authentication_error", message: "no such key" } };
    const client = exchange.respond({ status: 401, headers: { "content-type": "application/json" }, chunks: [JSON.stringify(error)] });
    expect(client.status).toBe(401);
    expect(client.text).toContain("no such key");
    exchange.requestData(BODY, true);
    exchange.finish();
    expect([host.violations, host.traps]).toEqual([[], []]);
  });
});

describe("logFormat auto", () => {
  const line = async (attributes: "envoy" | "higress", logFormat?: string) => {
    const host = await loadPlugin({ attributes });
    const exchange = host.configure(JSON.stringify({ provider: OPENAI, logFormat })).exchange({ path: "/v1/models", method: "GET" });
    exchange.respond({ status: 200, headers: { "content-type": "application/json" }, chunks: ["{}"] });
    return exchange.finish().stateText("ai_log") ?? "";
  };

  it("is one JSON object in Envoy, and fits between quotes in Higress", async () => {
    expect(JSON.parse(await line("envoy"))).toMatchObject({ provider: "openai" });
    expect(JSON.parse(JSON.parse(`"${await line("higress")}"`))).toMatchObject({ provider: "openai" });
  });

  it("gives way to what the operator writes", async () => {
    expect(JSON.parse(await line("higress", "json"))).toMatchObject({ provider: "openai" });
    expect(await line("envoy", "escaped")).toMatch(/^\{\\"/);
  });
});
