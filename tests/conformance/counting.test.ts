// A count of tokens before a request is sent is no request that is paid for: limits on tokens do not concern it, those on requests do.
import { describe, expect, it } from "vitest";
import type { RequestInit } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";

const json = { "content-type": "application/json" };
const messages = [{ role: "user", content: "x".repeat(4000) }];

const CLIENTS: [string, RequestInit, object][] = [
  ["/v1/messages/count_tokens", { body: JSON.stringify({ model: "m", messages }) }, { input_tokens: 5 }],
  [
    "/v1/responses/input_tokens",
    { body: JSON.stringify({ model: "m", input: "x".repeat(4000) }) },
    { object: "response.input_tokens", input_tokens: 5 },
  ],
  [
    "/v1beta/models/m:countTokens",
    { body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "x".repeat(4000) }] }] }) },
    { totalTokens: 5 },
  ],
];
/** Those that count for each client: natively for one of the three. */
const SERVICES: [string, object, object][] = [
  ["claude", { type: "claude", apiTokens: ["t"] }, { input_tokens: 5 }],
  ["gemini", { type: "gemini", apiTokens: ["t"] }, { totalTokens: 5 }],
  ["vllm", { type: "vllm", vllmServerHost: "vllm.test", apiTokens: ["t"] }, { count: 5, tokens: [1, 2, 3, 4, 5] }],
];

describe.each(CLIENTS)("POST %s", (path, init, answer) => {
  const request = { method: "POST", path, headers: json, ...init };

  async function start(provider: object, config: object) {
    const host = await loadPlugin();
    const plugin = host.configure(JSON.stringify({ provider, ...config }));
    expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
    return { host, plugin };
  }

  it.each(SERVICES)("takes nothing from limits on tokens, and is one request for the others, at %s", async (_name, provider, number) => {
    const { host, plugin } = await start(provider, { limits: [{ tokensPerMinute: 300, requestsPerMinute: 3 }] });
    const statuses: number[] = [];
    for (let k = 0; k < 4; k++) {
      const exchange = plugin.exchange(request);
      if (exchange.localReply === null) exchange.respond({ headers: json, chunks: [JSON.stringify(number)] });
      exchange.finish();
      statuses.push(exchange.client.status!);
      if (k < 3) expect(JSON.parse(new TextDecoder().decode(exchange.client.body))).toMatchObject(answer);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(host.violations).toEqual([]);
  });

  it("is estimated although the tokens of the minute are used up, and leaves one log entry", async () => {
    const { host, plugin } = await start(
      { type: "deepseek", apiTokens: ["t"] },
      { limits: [{ tokensPerMinute: 10 }], consumers: [{ name: "alice", credential: "gw" }], allow: ["alice"] },
    );
    const chat = plugin.exchange({
      method: "POST",
      path: "/v1/chat/completions",
      headers: { ...json, authorization: "Bearer gw" },
      body: JSON.stringify({ model: "m", messages: [] }),
    });
    chat.respond({ headers: json, chunks: [JSON.stringify({ usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } })] });
    chat.finish();
    const exchange = plugin.exchange({ ...request, headers: { ...json, authorization: "Bearer gw" } });
    exchange.finish();
    expect(exchange.localReply?.status).toBe(200);
    expect(exchange.localReply?.headers).toMatchObject({ "x-ai-proxy-usage-source": "estimate" });
    expect(exchange.upstream).toBeNull();
    expect(host.violations).toEqual([]);
    const refused = plugin.exchange(request);
    expect(refused.localReply?.status).toBe(401);
    refused.finish();
  });
});
