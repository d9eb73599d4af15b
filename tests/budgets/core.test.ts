// The core build: the same plugin without translations, for gateways whose providers all speak the client's API.
import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Host } from "../../emulator/host";

const FILE = "build/plugin.core.wasm";
/** What it has today: the guard, WebSocket sessions, edits of responses, the path's reader and prices are needed there, too. */
const MOST_BYTES = 180_000;

async function send(provider: object) {
  const host = await Host.load(readFileSync(FILE));
  const plugin = host.configure(JSON.stringify({ provider: { apiTokens: ["sk-1"], ...provider } }));
  expect(plugin.ok).toBe(true);
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "ping" }] });
  return {
    host,
    exchange: plugin.exchange({ method: "POST", path: "/v1/chat/completions", headers: { "content-type": "application/json" }, body }),
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
