// The official OpenAI and Anthropic clients with OpenAI's Responses API behind the gateway: whole tool loops, in which the model's sealed
// reasoning comes back.
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { responseEvents, responseOf } from "../conformance/responses-provider";
import { ASK, CLIENT_KEY, errorOf, openGateway, type Gateway } from "./gateway";
import { TOOL_RESULTS, anthropicWeatherTool, weatherTool } from "./weather";

type ApiError = InstanceType<typeof OpenAI.APIError>;

const REASONING = {
  id: "rs_1",
  type: "reasoning",
  summary: [{ type: "summary_text", text: "hm – ✓" }],
  encrypted_content: "gAAAAABo+/=",
};
const CALLS = ["Zürich", "東京"].map((city, index) => ({
  type: "function_call",
  call_id: `call_${index}`,
  name: "weather",
  arguments: JSON.stringify({ city }),
}));
const said = (text: string) => ({ type: "message", role: "assistant", content: [{ type: "output_text", text }] });
const TURNS = [[REASONING, said("let me see"), ...CALLS], [said("both seven")]];
const RESULTS = CALLS.map(({ call_id }, index) => ({ type: "function_call_output", call_id, output: TOOL_RESULTS[index] }));
const wire = (turn: object[], isStream: boolean) =>
  isStream
    ? responseEvents(turn).map((event, index) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`)
    : { body: responseOf(turn) };

let gateway: Gateway;
let openai: OpenAI;
let anthropic: Anthropic;
beforeAll(async () => {
  gateway = await openGateway(["responses"]);
  openai = new OpenAI(gateway.openai("responses"));
  anthropic = new Anthropic(gateway.anthropic("responses"));
});
afterAll(() => gateway?.close());

/** What the provider must get in the second turn, but for the reasoning and how results are spelt. */
const secondTurn = (reasoning: object[]) => [
  { type: "message", role: "user", content: "ping" },
  ...reasoning,
  said("let me see"),
  ...CALLS,
];

describe("the Responses API behind the gateway", () => {
  it("gets a chat client's reasoning back when it sends the message as it came", async () => {
    gateway.respond(...TURNS.map((turn) => wire(turn, false)));
    const params = { model: "alias-kept", tools: [weatherTool([])], reasoning_effort: "high" as const };
    const first = await openai.chat.completions.create({ ...params, messages: ASK });
    const { message } = first.choices[0];
    const results = CALLS.map(({ call_id }, index) => ({ role: "tool" as const, tool_call_id: call_id, content: TOOL_RESULTS[index] }));
    const second = await openai.chat.completions.create({ ...params, messages: [...ASK, message, ...results] });
    expect(second.choices[0]).toMatchObject({ message: { content: "both seven" }, finish_reason: "stop" });
    expect(gateway.sent(1).input).toEqual([...secondTurn([REASONING]), ...RESULTS]);
  });

  it.each([
    ["whole", false],
    ["streamed", true],
  ])("runs a tool loop of the openai package, %s, whose helper sends no reasoning back", async (form, isStream) => {
    gateway.respond(...TURNS.map((turn) => wire(turn, isStream)));
    const ran: string[] = [];
    const params = { model: `alias-${form}`, messages: ASK, tools: [weatherTool(ran)], reasoning_effort: "high" as const };
    const runner = isStream
      ? openai.chat.completions.runTools({ ...params, stream: true })
      : openai.chat.completions.runTools({ ...params, stream: false });
    expect(await runner.finalContent()).toBe("both seven");
    expect(ran).toEqual(["Zürich", "東京"]);
    expect(gateway.sent(0)).toMatchObject({ model: "gpt-5.3-codex", store: false, reasoning: { effort: "high" } });
    expect(gateway.sent(0).tools).toMatchObject([{ type: "function", name: "weather", strict: false }]);
    expect(gateway.sent(1).input).toEqual([...secondTurn([]), ...RESULTS]);
    for (const seen of gateway.seen) {
      expect([seen.path, seen.headers.host, seen.headers.authorization]).toEqual([
        "/v1/responses",
        "api.openai.com",
        "Bearer sk-responses",
      ]);
      expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    }
  });

  it.each([
    ["whole", false],
    ["streamed", true],
  ])("runs a tool loop of Anthropic's package, %s, with the reasoning as it was", async (_form, isStream) => {
    gateway.respond(...TURNS.map((turn) => wire(turn, isStream)));
    const ran: string[] = [];
    const params = {
      ...{ model: "alias-claude", max_tokens: 64, messages: ASK, tools: [anthropicWeatherTool(ran)] },
      thinking: { type: "adaptive" as const },
    };
    const runner = isStream
      ? anthropic.beta.messages.toolRunner({ ...params, stream: true })
      : anthropic.beta.messages.toolRunner({ ...params, stream: false });
    const { content, stop_reason, usage } = await runner.runUntilDone();
    expect([content, stop_reason]).toMatchObject([[{ type: "text", text: "both seven" }], "end_turn"]);
    expect(usage).toMatchObject({ input_tokens: 3, output_tokens: 4 });
    expect(ran).toEqual(["Zürich", "東京"]);
    expect(gateway.sent(0)).toMatchObject({ reasoning: { summary: "auto" }, include: ["reasoning.encrypted_content"] });
    expect(gateway.sent(1).input.slice(0, 5)).toEqual(secondTurn([REASONING]));
    expect(JSON.stringify(gateway.sent(1).input.slice(5))).toContain(TOOL_RESULTS[0]);
  });

  it("tells the openai package what the provider refuses, before and after the first byte", async () => {
    const error = { message: "slow down", type: "requests", param: null, code: "rate_limit_exceeded" };
    gateway.respond({ status: 429, body: { error } });
    const refused = await errorOf<ApiError>(openai.chat.completions.create({ model: "alias-429", messages: ASK }));
    expect([refused.status, refused.code, refused.message]).toEqual([429, "rate_limit_exceeded", "429 slow down"]);
    const [created] = responseEvents([]);
    const failed = { type: "response.failed", response: { ...responseOf([]), status: "failed", error } };
    gateway.respond([created, failed].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`));
    const stream = await openai.chat.completions.create({ model: "alias-failed", messages: ASK, stream: true });
    const late = await errorOf<ApiError>(async () => {
      for await (const _chunk of stream);
    });
    expect(late.message).toContain("slow down");
  });
});
