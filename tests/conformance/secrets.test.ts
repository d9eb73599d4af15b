// Every provider type × {good, streamed, refused, failed, no response, nonsense, refused by the gateway}: the configured keys
// stand in the headers of the provider's request and nowhere else that the plugin writes to.
import { describe, expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";
import { leaksOf } from "../leaks";
import { providers } from "./provider-files";

const TOKENS = ["sk-secret-first-0f1e2d3c", "sk-secret/second+4b5a"];
const AWS = { awsAccessKey: "AKIASECRETACCESS0001", awsSecretKey: "aws-secret-Zm9vYmFy/+8812" };
const STS = { ...AWS, awsSessionToken: "session-token-IQoJb3JpZ2luX2VjE//77==" };
const TENCENT = { hunyuanAuthId: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", hunyuanAuthKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE" };
const CALLER = "caller-secret-5c6d7e";

/** Type, configuration beside the tokens, and the secrets in it. */
const rows: [name: string, config: object, secrets: string[]][] = [
  ...providers
    .filter((one) => one.key !== null)
    .map((one): [string, object, string[]] => [one.type, { type: one.type, apiTokens: TOKENS, ...one.config }, TOKENS]),
  ...["claude", "gemini", "vertex", "cohere", "qwen"].map((type): [string, object, string[]] => [
    `${type} `,
    { type, apiTokens: TOKENS },
    TOKENS,
  ]),
  ["qwen, its original API", { type: "qwen", apiTokens: TOKENS, qwenEnableCompatible: false }, TOKENS],
  ["deepl ", { type: "deepl", apiTokens: TOKENS, targetLang: "EN", modelMapping: { "*": "Free" } }, TOKENS],
  ["dify ", { type: "dify", apiTokens: TOKENS, difyApiUrl: "https://dify.test" }, TOKENS],
  ["spark ", { type: "spark", apiTokens: TOKENS.map((token) => `key:${token}`) }, TOKENS],
  ["minimax pro", { type: "minimax", apiTokens: TOKENS, minimaxApiType: "pro", minimaxGroupId: "1" }, TOKENS],
  ["triton ", { type: "triton", apiTokens: TOKENS, tritonDomain: "triton.test" }, TOKENS],
  ["bedrock by token", { type: "bedrock", apiTokens: TOKENS, awsRegion: "r" }, TOKENS],
  ["bedrock by SigV4", { type: "bedrock", ...AWS, awsRegion: "r" }, Object.values(AWS)],
  ["bedrock by SigV4 with a session token", { type: "bedrock", ...STS, awsRegion: "r" }, Object.values(STS)],
  ["hunyuan by TC3", { type: "hunyuan", ...TENCENT }, [TENCENT.hunyuanAuthKey]],
];

const json = { "content-type": "application/json" };
const body = (extra: object = {}) => JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hi" }], ...extra });
const responses: [name: string, body: string, response: object | null][] = [
  [
    "good",
    body(),
    { headers: json, chunks: ['{"id":"1","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'] },
  ],
  ["streamed", body({ stream: true }), { headers: { "content-type": "text/event-stream" }, chunks: ['data: {"error":{"code":429}}\n\n'] }],
  ["refused", body(), { status: 401, headers: json, chunks: ['{"error":{"message":"no such key"}}'] }],
  ["failed", body(), { status: 500, headers: { "content-type": "text/html" }, chunks: ["<html>"] }],
  ["an error under status 200", body(), { headers: json, chunks: ['{"error":{"message":"no","code":"invalid_api_key"}}'] }],
  ["nonsense", body(), { headers: json, chunks: ["\u0000{"] }],
  ["no answer", body(), null],
  ["a bad request", '{"model":', {}],
  ["no messages", '{"model":"m"}', { headers: json, chunks: ["{}"] }],
];

describe.each(rows)("%s", (_name, provider, secrets) => {
  it("shows its keys to the provider only, in headers only", async () => {
    const host = await loadPlugin({ logLevel: "trace" });
    const failover = { enabled: true, failureThreshold: 1, cooldownDuration: 1 };
    const plugin = host.configure(JSON.stringify({ metrics: { family: "both" }, provider: { ...provider, failover } }));
    expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
    const named: [string, string][] = [...secrets, CALLER].map((secret) => [secret, secret]);
    const seen: string[] = [];
    let sent = 0;
    for (const [name, text, response] of responses) {
      const headers = { ...json, authorization: `Bearer ${CALLER}`, "x-api-key": CALLER, "api-key": CALLER, "x-goog-api-key": CALLER };
      const exchange = plugin.exchange({ path: "/v1/chat/completions", headers, body: text });
      if (exchange.upstream !== null) {
        sent++;
        seen.push(exchange.upstream.path, exchange.upstream.text);
        expect(leaksOf([["caller", CALLER]], JSON.stringify(exchange.upstream.headers)), name).toEqual([]);
        if (response === null) exchange.failUpstream();
        else {
          const client = exchange.respond(response);
          seen.push(JSON.stringify(client.headers), client.text, client.details);
        }
      } else seen.push(exchange.localReply?.text ?? "", JSON.stringify(exchange.localReply?.headers));
      seen.push(exchange.finish().stateText("ai_log") ?? "");
      host.clock.advance!(1000);
    }
    expect(sent).toBeGreaterThan(5);
    seen.push(JSON.stringify(host.logs), JSON.stringify(host.metrics.snapshot()), host.sharedData.dump());
    expect(leaksOf(named, seen.join("\n"))).toEqual([]);
    expect(host.violations).toEqual([]);
  });
});

it("finds a key that a response repeats, so the test above judges", async () => {
  const plugin = (await loadPlugin()).configure(JSON.stringify({ provider: { type: "openai", apiTokens: TOKENS } }));
  const exchange = plugin.exchange({ path: "/v1/chat/completions", headers: json, body: body() });
  expect(
    leaksOf(
      [
        ["key", TOKENS[0]!],
        ["other", TOKENS[1]!],
      ],
      JSON.stringify(exchange.upstream!.headers),
    ),
  ).toHaveLength(1);
  exchange.respond({ status: 401, headers: json, chunks: [TOKENS[0]!] });
  expect(leaksOf([["key", TOKENS[0]!]], exchange.finish().stateText("ai_log")!)).toEqual([]);
});
