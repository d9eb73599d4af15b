// The official OpenAI client in front of providers that leave out what its stream helper goes by: the role of a stream, index and
// type of calls, and text that is no list. What the gateway adds must be enough for it.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, openGateway, type Gateway } from "./gateway";

const PROVIDERS = ["mistral", "groq"] as const;
const tools = [
  { type: "function" as const, function: { name: "f", parameters: { type: "object", properties: { a: { type: "string" } } } } },
];

const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
  `data: ${JSON.stringify({
    id: "c1",
    object: "chat.completion.chunk",
    created: 1764000000,
    model: "up",
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  })}\n\n`;
const usage = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 };
const DONE = "data: [DONE]\n\n";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway([...PROVIDERS]);
});
afterAll(() => gateway?.close());

describe.each(PROVIDERS)("a stream of %s", (provider) => {
  const helper = (body: object = {}) =>
    new OpenAI(gateway.openai(provider)).chat.completions.stream({ model: `${provider}-model`, messages: ASK, ...body });

  it("that never names the role is put together", async () => {
    gateway.respond([chunk({ content: "po" }), chunk({ content: "ng" }), chunk({}, "stop", { usage }), DONE]);
    const final = await helper().finalChatCompletion();
    expect(final.choices[0]).toMatchObject({ message: { role: "assistant", content: "pong" }, finish_reason: "stop" });
  });

  it("whose calls have neither index nor type is put together", async () => {
    const call = (id: string, args: string) => ({ id, function: { name: "f", arguments: args } });
    gateway.respond([
      chunk({ content: null, tool_calls: [call("gT5mQ8xZa", '{"a":"Rome"}')] }),
      chunk({ tool_calls: [call("hT5mQ8xZb", '{"a":')] }),
      chunk({ tool_calls: [{ function: { arguments: '"Oslo"}' } }] }, "tool_calls", { usage }),
      DONE,
    ]);
    const { message } = (await helper({ tools }).finalChatCompletion()).choices[0];
    expect(message.tool_calls).toMatchObject([
      { id: "gT5mQ8xZa", type: "function", function: { name: "f", arguments: '{"a":"Rome"}' } },
      { id: "hT5mQ8xZb", type: "function", function: { name: "f", arguments: '{"a":"Oslo"}' } },
    ]);
  });
});

describe("thinking parts of Mistral", () => {
  it("stay out of the text of a stream", async () => {
    const thinking = (text: string) => ({ content: [{ type: "thinking", thinking: [{ type: "text", text }] }] });
    gateway.respond([
      chunk(thinking("h")),
      chunk(thinking("m")),
      chunk({ content: "42" }),
      chunk({ content: "" }, "stop", { usage }),
      DONE,
    ]);
    const client = new OpenAI(gateway.openai("mistral"));
    const final = await client.chat.completions.stream({ model: "magistral", messages: ASK }).finalChatCompletion();
    expect(final.choices[0].message).toMatchObject({ role: "assistant", content: "42" });
    const { aiLog } = await gateway.log("magistral");
    expect(aiLog).toMatchObject({ input_token: 12, output_token: 5, usage_source: "reported", outcome: "completed" });
  });
});
