// The law of the round trip for chat and Gemini clients in front of the Responses API: the service gets its own items back, its sealed
// reasoning byte for byte and before what it led to. Messages clients stand in round-trip.test.ts.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Host } from "../../emulator/host";
import { PLUGIN_PATH } from "../../emulator/module";
import { modelTurns, plainBlocks, responseEvents, responseOf, responsesBlocks } from "./responses-provider";

type Json = any;
const wasm = readFileSync(PLUGIN_PATH);
const MODEL = "gpt-5.3-codex";
const PARAMETERS = { type: "object", properties: { q: { type: "string" } } };

const sse = (events: Json[]) => events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join("");
const dataOf = (stream: string): Json[] =>
  stream.split("\n").flatMap((line) => (line.startsWith("data: {") ? [JSON.parse(line.slice(6))] : []));

/** Texts that stand side by side are one text to these clients. */
function joined(turn: Json[]): Json[] {
  return turn.reduce((items: Json[], item: Json) => {
    const last = items[items.length - 1];
    if (item.type !== "message" || last?.type !== "message") return [...items, structuredClone(item)];
    last.content[0].text += item.content[0].text;
    return items;
  }, []);
}

interface Client {
  path: (stream: boolean) => string;
  body: (messages: Json[], stream: boolean) => object;
  first: Json[];
  /** What the client keeps of the response, and what it says next. */
  next: (answer: string, stream: boolean) => Json[];
}

const chat: Client = {
  path: () => "/v1/chat/completions",
  body: (messages, stream) => ({
    ...{ model: MODEL, messages, stream, reasoning_effort: "high" },
    tools: [{ type: "function", function: { name: "look", parameters: PARAMETERS } }],
  }),
  first: [{ role: "user", content: "Look." }],
  next: (answer, stream) => {
    const message = stream ? joinedDeltas(dataOf(answer)) : JSON.parse(answer).choices[0].message;
    return [message, ...message.tool_calls.map(({ id }: Json) => ({ role: "tool", tool_call_id: id, content: "found" }))];
  },
};

/** The message of a chat stream, put together as clients do: texts grow, lists are added to, calls by their index. */
function joinedDeltas(chunks: Json[]): Json {
  const message: Json = { role: "assistant", content: "", tool_calls: [], reasoning_items: [] };
  for (const { choices } of chunks) {
    const delta = choices[0]?.delta ?? {};
    message.content += delta.content ?? "";
    message.reasoning_items.push(...(delta.reasoning_items ?? []));
    for (const { index, ...one } of delta.tool_calls ?? []) {
      if (one.id) message.tool_calls[index] = structuredClone(one);
      else message.tool_calls[index].function.arguments += one.function.arguments;
    }
  }
  return message;
}

const gemini: Client = {
  path: (stream) => `/v1beta/models/${MODEL}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  body: (contents) => ({ contents, tools: [{ functionDeclarations: [{ name: "look", parametersJsonSchema: PARAMETERS }] }] }),
  first: [{ role: "user", parts: [{ text: "Look." }] }],
  // Gemini CLI sends no thoughts back (0.61).
  next: (answer, stream) => {
    const bodies = stream ? dataOf(answer) : [JSON.parse(answer)];
    const parts = bodies.flatMap((body) => body.candidates[0].content.parts).filter((part) => !part.thought);
    const results = parts.flatMap(({ functionCall }) =>
      functionCall ? [{ functionResponse: { id: functionCall.id, name: functionCall.name, response: { output: "found" } } }] : [],
    );
    return [
      { role: "model", parts },
      { role: "user", parts: results.length > 0 ? results : [{ text: "And?" }] },
    ];
  },
};

async function sender(client: Client, config: object = { type: "openai" }) {
  const host = await Host.load(wasm);
  const plugin = host.configure(JSON.stringify({ provider: { apiTokens: ["sk-1"], ...config } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return (messages: Json[], answer: { type: string; body: string }, stream: boolean): { sent: string; got: string } => {
    const body = JSON.stringify(client.body(messages, stream));
    const exchange = plugin.exchange({ path: client.path(stream), headers: { "content-type": "application/json" }, body });
    expect(exchange.localReply?.text).toBeUndefined();
    const sent = Buffer.from(exchange.upstream!.body ?? "").toString();
    const { text } = exchange.respond({ status: 200, headers: { "content-type": answer.type }, chunks: [Buffer.from(answer.body)] });
    exchange.finish();
    expect([host.violations, host.traps]).toEqual([[], []]);
    return { sent, got: text };
  };
}

const answerOf = (turn: Json[], stream: boolean) =>
  stream
    ? { type: "text/event-stream", body: sse(responseEvents(turn)) }
    : { type: "application/json", body: JSON.stringify(responseOf(turn)) };

describe.each([
  ["chat", chat, plainBlocks],
  ["Gemini", gemini, responsesBlocks],
] as const)("the law of the round trip, %s clients of the Responses API", (_name, client, blocks) => {
  it.each([
    ["whole", false],
    ["stream", true],
  ])("a turn comes back as it was, %s", async (_form, stream) => {
    const send = await sender(client);
    fc.assert(
      fc.property(blocks("A"), (turn) => {
        const { got } = send(client.first, answerOf(turn, stream), stream);
        const { sent } = send([...client.first, ...client.next(got, stream)], answerOf(turn, stream), stream);
        expect(modelTurns(JSON.parse(sent)).map(joined)).toEqual([joined(turn)]);
        for (const item of turn) if (item.type === "reasoning") expect(sent).toContain(JSON.stringify(item));
      }),
      { numRuns: 60 },
    );
  });
});

it("gives Claude nothing that OpenAI has sealed for a Gemini client, and OpenAI all of it again", async () => {
  const atOpenai = await sender(gemini);
  const atClaude = await sender(gemini, { type: "claude" });
  const claude = {
    ...{
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "c",
      stop_reason: "end_turn",
      usage: { input_tokens: 1, output_tokens: 1 },
    },
    content: [
      { type: "thinking", thinking: "Bhm", signature: "Bseal" },
      { type: "text", text: "Bwell" },
    ],
  };
  fc.assert(
    fc.property(responsesBlocks("A"), fc.boolean(), (turn, stream) => {
      const one = atOpenai(gemini.first, answerOf(turn, stream), stream);
      const history = [...gemini.first, ...gemini.next(one.got, stream)];
      const there = atClaude(history, { type: "application/json", body: JSON.stringify(claude) }, false);
      for (const item of turn) if (item.type === "reasoning") expect(there.sent).not.toContain(item.encrypted_content);
      expect(there.sent).not.toContain("seal1.");
      const back = atOpenai([...history, ...gemini.next(there.got, false)], answerOf(turn, stream), stream);
      expect(back.sent).not.toContain("Bseal");
      expect(modelTurns(JSON.parse(back.sent)).map(joined)[0]).toEqual(joined(turn));
    }),
    { numRuns: 40 },
  );
});
