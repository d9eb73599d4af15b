// Model names against many regular expressions: it is the client who chooses the name, so all of them share one budget of steps.
import { expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";

/** Expressions that look at the rest of the name from each of its letters, and never match. */
const slow = Array.from({ length: 100 }, (_, index) => ({ [`~(a|b|[^c]){1,20}x${index}$`]: "never" }));

async function send(model: string, path = "/v1/chat/completions", mapping: object[] = slow, type = "openai") {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify({ provider: { type, apiTokens: ["k"], modelMapping: mapping } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  const begun = process.cpuUsage();
  const exchange = plugin.exchange({
    path,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [], contents: [] }),
  });
  const { user } = process.cpuUsage(begun);
  const view = exchange.localReply ?? exchange.upstream!;
  const result = { milliseconds: user / 1000, status: exchange.localReply?.status ?? 200, body: view.json() as Record<string, never> };
  exchange.finish();
  expect(host.traps).toEqual([]);
  return result;
}

it("a name that takes too long is refused, not sent on unmapped", async () => {
  const { status, body, milliseconds } = await send("b".repeat(1024));
  expect(status).toBe(400);
  expect(body.error).toMatchObject({
    code: "invalid_request",
    param: "model",
    message: expect.stringContaining("takes too long to be matched"),
  });
  // It took a second and more with a budget for each expression.
  expect(milliseconds).toBeLessThan(500);
});

it("also in Gemini's paths", async () => {
  const path = `/v1beta/models/${"b".repeat(1024)}:generateContent`;
  expect((await send("", path, slow, "gemini")).status).toBe(400);
});

it("names as people give them are matched against a hundred expressions and more", async () => {
  expect(await send("gpt-4o-mini", undefined, [...slow.slice(0, 20), { "~^gpt-(.*)$": "x-$1" }])).toMatchObject({
    status: 200,
    body: { model: "x-4o-mini" },
  });
  const plain = Array.from({ length: 500 }, (_, index) => ({ [`~^model-${index}-(.*)$`]: "never" }));
  expect(await send("model-499-long", undefined, [...plain.slice(0, 499), { "~^model-499-(.*)$": "found-$1" }])).toMatchObject({
    body: { model: "found-long" },
  });
});

it("the next request has a budget of its own", async () => {
  const host = await loadPlugin();
  const plugin = host.configure(
    JSON.stringify({ provider: { type: "openai", apiTokens: ["k"], modelMapping: [...slow, { "*": "other" }] } }),
  );
  const ask = (model: string) => {
    const exchange = plugin.exchange({
      path: "/v1/chat/completions",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [] }),
    });
    exchange.finish();
    return exchange.localReply?.status ?? (exchange.upstream!.json() as { model: string }).model;
  };
  expect([ask("b".repeat(1024)), ask("ab"), ask("b".repeat(1024)), ask("b")]).toEqual([400, "other", 400, "other"]);
});
