// Token counts of responses whose provider reports none, or that were cut short.
import { describe, expect, it } from "vitest";
import { parseAiLog } from "../../tools/access-log.mjs";
import { loadPlugin } from "../../emulator/module";

interface Setup {
  provider?: object;
  path?: string;
  body?: object;
  status?: number;
  type?: string;
  chunks: string[];
  cut?: boolean;
}

const TEXT = "The gateway keeps the request until the model in it is known. ";
/** Tokens of TEXT, see estimate-texts.ts for how good that is. */
const TEXT_TOKENS = 13;
const MESSAGES = [{ role: "user", content: TEXT.repeat(4) }];

async function run({ provider, path = "/v1/chat/completions", body, status = 200, type, chunks, cut = false }: Setup) {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify({ provider: { type: "openai", apiTokens: ["k"], ...provider } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  const headers = { "content-type": "application/json" };
  const sent = plugin.exchange({ method: "POST", path, headers, body: JSON.stringify({ model: "m", messages: MESSAGES, ...body }) });
  expect(sent.localReply).toBeNull();
  const isStream = chunks[0]?.startsWith("data:") || chunks[0]?.startsWith("event:");
  sent.respond({
    status,
    headers: { "content-type": type ?? (isStream ? "text/event-stream" : "application/json") },
    chunks,
    complete: !cut,
  });
  if (cut) sent.failUpstream();
  sent.finish();
  expect(host.violations).toEqual([]);
  expect(host.traps).toEqual([]);
  return { host, log: parseAiLog(sent.stateText("ai_log"))!, client: sent.client };
}

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const named = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const delta = (piece: object) => event({ id: "c", model: "up", choices: [{ index: 0, delta: piece }] });
const whole = (message: object) =>
  JSON.stringify({ id: "c", model: "up", choices: [{ index: 0, message: { role: "assistant", ...message } }] });
const claude = {
  start: named({ type: "message_start", message: { id: "m", model: "c", usage: { input_tokens: 50, output_tokens: 1 } } } as never),
  block: named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never),
  text: named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: TEXT } } as never),
};
const STREAM = { stream: true };

describe("a response without usage", () => {
  it.each<[string, Setup, number]>([
    ["a stream", { body: STREAM, chunks: [delta({ content: TEXT }), delta({ content: TEXT }), "data: [DONE]\n\n"] }, 2],
    ["a stream of reasoning", { body: STREAM, chunks: [delta({ reasoning_content: TEXT }), delta({ content: TEXT })] }, 2],
    ["a stream of tool arguments", { body: STREAM, chunks: [delta({ tool_calls: [{ index: 0, function: { arguments: TEXT } }] })] }, 1],
    ["a whole answer", { chunks: [whole({ content: TEXT })] }, 1],
    [
      "a whole answer with tool calls",
      { chunks: [whole({ content: null, tool_calls: [{ function: { name: "f", arguments: TEXT } }] })] },
      1,
    ],
    [
      "the Responses API",
      {
        path: "/v1/responses",
        body: { input: MESSAGES, messages: undefined },
        chunks: [JSON.stringify({ output: [{ content: [{ type: "output_text", text: TEXT }] }] })],
      },
      1,
    ],
    [
      "the Messages API, passed on",
      {
        provider: { type: "claude" },
        path: "/v1/messages",
        body: { max_tokens: 9 },
        chunks: [JSON.stringify({ content: [{ type: "text", text: TEXT }] })],
      },
      1,
    ],
    ["Claude, translated", { provider: { type: "claude" }, chunks: [JSON.stringify({ content: [{ type: "text", text: TEXT }] })] }, 1],
    [
      "Gemini, translated",
      { provider: { type: "gemini" }, chunks: [JSON.stringify({ candidates: [{ content: { parts: [{ text: TEXT }] } }] })] },
      1,
    ],
    [
      "Gemini's stream, translated",
      { provider: { type: "gemini" }, body: STREAM, chunks: [event({ candidates: [{ content: { parts: [{ text: TEXT }] } }] })] },
      1,
    ],
    ["an Anthropic client at OpenAI", { path: "/v1/messages", body: { max_tokens: 9 }, chunks: [whole({ content: TEXT })] }, 1],
    [
      "an Anthropic client's stream at OpenAI",
      { path: "/v1/messages", body: { max_tokens: 9, ...STREAM }, chunks: [delta({ content: TEXT }), "data: [DONE]\n\n"] },
      1,
    ],
    [
      "an Anthropic client at Gemini",
      {
        provider: { type: "gemini" },
        path: "/v1/messages",
        body: { max_tokens: 9 },
        chunks: [JSON.stringify({ candidates: [{ content: { parts: [{ text: TEXT }] } }] })],
      },
      1,
    ],
  ])("is estimated: %s", async (_name, setup, times) => {
    const { log } = await run(setup);
    expect(log.usage_source).toBe("estimate");
    expect(Math.abs((log.output_token as number) - times * TEXT_TOKENS)).toBeLessThanOrEqual(4);
    expect(log.input_token).toBeGreaterThan(4 * TEXT_TOKENS - 8);
    expect(log.input_token).toBeLessThan(4 * TEXT_TOKENS + 12);
    expect(log.total_token).toBe((log.input_token as number) + (log.output_token as number));
  });

  it("of embeddings has a prompt only", async () => {
    const { log } = await run({
      path: "/v1/embeddings",
      body: { input: [TEXT, TEXT], messages: undefined },
      chunks: ['{"data":[{"embedding":[0.1]}]}'],
    });
    expect(log).toMatchObject({ usage_source: "estimate", output_token: 0 });
    expect(Math.abs((log.input_token as number) - 2 * TEXT_TOKENS)).toBeLessThan(6);
  });

  it("is counted in the metrics", async () => {
    const { host, log } = await run({ chunks: [whole({ content: TEXT })] });
    const counters = Object.entries(host.metrics.snapshot()).filter(([name]) => name.endsWith("metric.output_token"));
    expect(counters.map(([, value]) => Number(value))).toEqual([log.output_token]);
  });

  it.each<[string, Setup]>([
    ["estimateUsage is false", { provider: { estimateUsage: false }, chunks: [whole({ content: TEXT })] }],
    ["it is an error", { status: 429, chunks: ['{"error":{"message":"x"}}'] }],
    ["it is an error under status 200", { chunks: ['{"error":{"message":"x"}}'] }],
    ["it has no text", { chunks: ["{}"] }],
    ["it is no text", { path: "/v1/images/generations", body: { prompt: "x" }, chunks: ['{"data":[{"url":"u"}]}'] }],
    ["the type of the answer is unknown", { type: "audio/mpeg", chunks: ["abc"] }],
  ])("is left alone when %s", async (_name, setup) => {
    const { log } = await run(setup);
    expect(log.usage_source).toBe("none");
    expect(log.output_token).toBeUndefined();
  });

  it("leaves reported counts alone", async () => {
    const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
    const { log } = await run({ chunks: [JSON.stringify({ choices: [{ message: { content: TEXT } }], usage })] });
    expect(log).toMatchObject({ usage_source: "reported", input_token: 7, output_token: 2, total_token: 9 });
  });
});

describe("a stream that is cut short", () => {
  it("gets an estimate of what has come", async () => {
    const { log } = await run({ body: STREAM, chunks: [delta({ content: TEXT })], cut: true });
    expect(log).toMatchObject({ usage_source: "estimate", outcome: "aborted" });
    expect(Math.abs((log.output_token as number) - TEXT_TOKENS)).toBeLessThan(5);
  });

  it("keeps the prompt's count and gets the response's, when only an early count came", async () => {
    for (const path of ["/v1/messages", "/v1/chat/completions"]) {
      const chunks = [claude.start, claude.block, claude.text, claude.text];
      const { log } = await run({ provider: { type: "claude" }, path, body: { ...STREAM, max_tokens: 99 }, chunks, cut: true });
      expect(log).toMatchObject({ usage_source: "estimate", input_token: 50 });
      expect(Math.abs((log.output_token as number) - 2 * TEXT_TOKENS)).toBeLessThan(6);
    }
  });

  it("has at least its prompt when it was cut before its text", async () => {
    const { log } = await run({ body: STREAM, chunks: [delta({ role: "assistant" })], cut: true });
    expect(log).toMatchObject({ usage_source: "estimate", output_token: 0 });
    expect(log.input_token).toBeGreaterThan(40);
  });

  it("is said to be partial when the reported count covers what has come", async () => {
    const chunk = { choices: [{ delta: { content: "Hi" } }], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } };
    const { log } = await run({ body: STREAM, chunks: [event(chunk)], cut: true });
    expect(log).toMatchObject({ usage_source: "partial", input_token: 7, output_token: 3, total_token: 10 });
  });
});
