// The law of the round trip for clients of the Responses API: what a provider answered, sent back by the client in its next turn, reaches
// that provider with its own blocks, signatures and ids, unchanged and in order; another provider gets none of its seals.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Host } from "../../emulator/host";
import { PLUGIN_PATH } from "../../emulator/module";

type Json = any;
const wasm = readFileSync(PLUGIN_PATH);
const TOOLS = [{ type: "function", name: "f", parameters: { type: "object" } }];

/** One provider: a client's body in, what left and what came back out. */
async function provider(config: object) {
  const host = await Host.load(wasm);
  const plugin = host.configure(JSON.stringify({ provider: { apiTokens: ["sk-1"], ...config } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return (body: object, answer: { headers: Record<string, string>; body: string }): { sent: Json; got: string } => {
    const text = JSON.stringify({ model: "claude-sonnet-4-5", tools: TOOLS, store: false, ...body });
    const exchange = plugin.exchange({
      method: "POST",
      path: "/v1/responses",
      headers: { "content-type": "application/json" },
      body: text,
    });
    const sent = JSON.parse(exchange.upstream?.text ?? "null");
    const client = exchange.respond({ status: 200, headers: answer.headers, chunks: [Buffer.from(answer.body)] });
    exchange.finish();
    expect([host.violations, host.traps]).toEqual([[], []]);
    return { sent, got: client.text };
  };
}

/** The response that the stream's last event holds. */
const lastOf = (stream: string): Json => JSON.parse(stream.trimEnd().split("\n").at(-1)?.slice(6) ?? "null").response;
const whole = (body: object) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const events = (list: Json[]) => ({
  headers: { "content-type": "text/event-stream" },
  body: list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""),
});

// ---- Anthropic -------------------------------------------------------------------------------------------------------

const words = fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text && text.length > 0);
const signature = fc.base64String({ minLength: 4, maxLength: 24 });
const block = fc.oneof(
  fc.record({ type: fc.constant("thinking"), thinking: words, signature }),
  fc.record({ type: fc.constant("redacted_thinking"), data: signature }),
  fc.record({ type: fc.constant("text"), text: words }),
  fc.record({ type: fc.constant("tool_use"), name: fc.constant("f"), input: fc.record({ a: words }) }),
);
/** Blocks as Claude writes them: no two texts side by side (they are one), and ids of their own. */
const blocks = fc.array(block, { minLength: 1, maxLength: 6 }).map((list) => {
  const apart = list.filter((one, index) => one.type !== "text" || list[index - 1]?.type !== "text");
  return apart.map((one, index) => (one.type === "tool_use" ? { ...one, id: `toolu_${index}` } : one));
});

const message = (content: Json[]) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content,
  stop_reason: content.some((one) => one.type === "tool_use") ? "tool_use" : "end_turn",
  usage: { input_tokens: 3, output_tokens: 4 },
});

function messageEvents(content: Json[]): Json[] {
  const { content: _content, stop_reason, ...head } = message(content);
  const told = content.flatMap((one, index) => {
    const start = (content_block: object) => ({ type: "content_block_start", index, content_block });
    const delta = (value: object) => ({ type: "content_block_delta", index, delta: value });
    const stop = { type: "content_block_stop", index };
    if (one.type === "redacted_thinking") return [start(one), stop];
    if (one.type === "text") return [start({ type: "text", text: "" }), delta({ type: "text_delta", text: one.text }), stop];
    if (one.type === "tool_use") {
      return [start({ ...one, input: {} }), delta({ type: "input_json_delta", partial_json: JSON.stringify(one.input) }), stop];
    }
    const thinking = [
      delta({ type: "thinking_delta", thinking: one.thinking }),
      delta({ type: "signature_delta", signature: one.signature }),
    ];
    return [start({ type: "thinking", thinking: "", signature: "" }), ...thinking, stop];
  });
  return [
    { type: "message_start", message: { ...head, content: [] } },
    ...told,
    { type: "message_delta", delta: { stop_reason }, usage: { output_tokens: 4 } },
    { type: "message_stop" },
  ];
}

/** A string is short for one text. */
const blocksOf = (content: Json): Json[] => (typeof content === "string" ? [{ type: "text", text: content }] : content);

/** What the client sends in its next turn: everything that it has got, and results. */
function nextInput(output: Json[]): Json[] {
  const results = output
    .filter((item) => item.type === "function_call")
    .map((item) => ({ type: "function_call_output", call_id: item.call_id, output: "r" }));
  return [{ role: "user", content: "hi" }, ...output, ...results, { role: "user", content: "more" }];
}

describe("what Claude wrote", () => {
  it.each([false, true])("comes back to it in order, unchanged (stream %s)", async (stream) => {
    const send = await provider({ type: "claude" });
    const other = await provider({ type: "deepseek" });
    fc.assert(
      fc.property(blocks, (content) => {
        const reply = stream ? events(messageEvents(content)) : whole(message(content));
        const first = send({ input: "hi", stream }, reply);
        const response = stream ? lastOf(first.got) : JSON.parse(first.got);
        const input = nextInput(response.output);
        const second = send({ input }, whole(message([{ type: "text", text: "x" }])));
        const turns = second.sent.messages.filter((turn: Json) => turn.role === "assistant");
        expect(turns.flatMap((turn: Json) => blocksOf(turn.content))).toEqual(content);
        const elsewhere = JSON.stringify(other({ input }, whole({ choices: [] })).sent);
        expect(elsewhere).not.toMatch(/seal1|signature|redacted/);
      }),
      { numRuns: 150 },
    );
  });
});

// ---- Google ----------------------------------------------------------------------------------------------------------

describe("what Gemini wrote", () => {
  const call = (args: object, sealed?: string) => ({ functionCall: { name: "f", args }, ...(sealed ? { thoughtSignature: sealed } : {}) });
  const CONTENTS: [string, Json[]][] = [
    ["a signed call", [call({ a: 1 }, "QUFBQQ==")]],
    ["text and parallel calls", [{ text: "look" }, call({ a: 1 }, "QUFBQQ=="), call({ b: 2 })]],
    ["two signed calls", [call({ a: 1 }, "QUFBQQ=="), call({ b: 2 }, "QkJCQg==")]],
  ];

  it.each(CONTENTS.flatMap(([name, parts]) => [false, true].map((stream) => [name, stream, parts] as const)))(
    "comes back to it: %s (stream %s)",
    async (_name, stream, parts) => {
      const send = await provider({ type: "gemini" });
      const reply = {
        candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }],
        modelVersion: "m",
        responseId: "r1",
      };
      const sse = { headers: { "content-type": "text/event-stream" }, body: `data: ${JSON.stringify(reply)}\n\n` };
      const first = send({ model: "gemini-3-pro", input: "hi", stream }, stream ? sse : whole(reply));
      const response = stream ? lastOf(first.got) : JSON.parse(first.got);
      const second = send({ model: "gemini-3-pro", input: nextInput(response.output) }, whole(reply));
      const turn = second.sent.contents.filter((content: Json) => content.role === "model").flatMap((content: Json) => content.parts);
      expect(
        turn.map(({ functionCall, ...rest }: Json) =>
          functionCall ? { functionCall: { name: functionCall.name, args: functionCall.args }, ...rest } : rest,
        ),
      ).toEqual(parts);
    },
  );

  it("its last text's signature comes back", async () => {
    const send = await provider({ type: "gemini" });
    const parts = [{ text: "done", thoughtSignature: "VFRUVA==" }];
    const reply = {
      candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }],
      modelVersion: "m",
      responseId: "r1",
    };
    const first = send({ model: "gemini-3-pro", input: "hi" }, whole(reply));
    const second = send({ model: "gemini-3-pro", input: nextInput(JSON.parse(first.got).output) }, whole(reply));
    expect(JSON.stringify(second.sent.contents), first.got).toContain("VFRUVA==");
  });
});

// ---- another provider ------------------------------------------------------------------------------------------------

describe("a conversation whose provider changes", () => {
  const chat = whole({
    id: "c",
    model: "m",
    choices: [{ index: 0, message: { content: "B", reasoning_content: "b" }, finish_reason: "stop" }],
  });
  const geminiReply = (parts: Json[]) =>
    whole({ candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }], modelVersion: "m", responseId: "r1" });
  const converse = (content: Json[]) =>
    whole({ output: { message: { role: "assistant", content } }, stopReason: "end_turn", usage: { inputTokens: 1, outputTokens: 1 } });
  const signed = (mark: string) => Buffer.from(mark.repeat(3)).toString("base64");
  const PROVIDERS: Record<
    string,
    { config: object; model: string; reply: (mark: string) => { headers: Record<string, string>; body: string }; seals: boolean }
  > = {
    claude: {
      config: { type: "claude" },
      model: "claude-sonnet-4-5",
      reply: (mark) =>
        whole(
          message([
            { type: "thinking", thinking: mark, signature: signed(mark) },
            { type: "text", text: mark },
          ]),
        ),
      seals: true,
    },
    gemini: {
      config: { type: "gemini" },
      model: "gemini-3-pro",
      reply: (mark) => geminiReply([{ text: mark, thoughtSignature: signed(mark) }]),
      seals: true,
    },
    bedrock: {
      config: { type: "bedrock", awsRegion: "us-east-1" },
      model: "anthropic.claude-sonnet-4-5-20250929-v1:0",
      reply: (mark) => converse([{ reasoningContent: { reasoningText: { text: mark, signature: signed(mark) } } }, { text: mark }]),
      seals: true,
    },
    deepseek: { config: { type: "deepseek" }, model: "m", reply: () => chat, seals: false },
    cohere: {
      config: { type: "cohere" },
      model: "m",
      reply: () => whole({ id: "c", finish_reason: "COMPLETE", message: { content: [{ type: "text", text: "B" }] } }),
      seals: false,
    },
  };
  /** Anthropic's signatures are good on Bedrock, too. */
  const family = (name: string) => (name === "bedrock" ? "claude" : name);
  const pairs = Object.keys(PROVIDERS).flatMap((a) => Object.keys(PROVIDERS).map((b) => [a, b] as const));

  it.each(pairs.filter(([a, b]) => a !== b))("%s, then %s, then the first again", async (a, b) => {
    const [first, second] = [PROVIDERS[a], PROVIDERS[b]];
    const [sendA, sendB] = [await provider(first.config), await provider(second.config)];
    let input: Json[] = [{ role: "user", content: "1" }];
    const turn = (send: typeof sendA, one: typeof first, mark: string): string => {
      const { sent, got } = send({ model: one.model, input }, one.reply(mark));
      const response = JSON.parse(got);
      expect(response.status, got).toBe("completed");
      input = [...input, ...response.output, { role: "user", content: mark }];
      return JSON.stringify(sent);
    };
    turn(sendA, first, "AAA");
    const toB = turn(sendB, second, "BBB");
    const toA = turn(sendA, first, "CCC");
    expect(toB.includes(signed("AAA"))).toBe(first.seals && family(a) === family(b));
    expect(toA.includes(signed("AAA"))).toBe(first.seals);
    expect(toA.includes(signed("BBB"))).toBe(second.seals && family(a) === family(b));
    expect(toA + toB).not.toContain("seal1");
  });
});
