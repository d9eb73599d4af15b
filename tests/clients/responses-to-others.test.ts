// The official OpenAI client's Responses API with providers behind the gateway that do not serve it.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT_KEY, collect, errorOf, openGateway, type Gateway, type ProviderName } from "./gateway";
import { SCHEMA } from "./weather";
import { message, messageStream } from "./wire-anthropic";
import { converse, converseReply, converseStream } from "./wire-bedrock";
import { geminiResponse, geminiStream } from "./wire-gemini";
import { completion, completionStream, openaiError } from "./wire-openai";

type ApiError = InstanceType<typeof OpenAI.APIError>;
type Input = OpenAI.Responses.ResponseInput;

const PROVIDERS = ["deepseek", "mistral", "claude", "gemini", "bedrock"] as const satisfies ProviderName[];
type Provider = (typeof PROVIDERS)[number];
const TOOL = { type: "function", name: "weather", parameters: SCHEMA, strict: true } as const;
const CITY = { city: "Zürich" };
const SIGNATURE = "RXFRQkNnSUI=";
const BEDROCK_TURN = [
  { reasoningContent: { reasoningText: { text: "hm", signature: SIGNATURE } } },
  { toolUse: { toolUseId: "tooluse_1", name: "weather", input: CITY } },
];

/** An answer with one text, in each provider's shape. */
const textAnswer = (provider: Provider, text: string, isStream: boolean) => {
  if (provider === "claude") {
    const parts = { content: [{ type: "text" as const, text }], tokens: [11, 6] as [number, number] };
    return isStream ? messageStream(parts) : message(parts);
  }
  if (provider === "gemini") {
    return isStream
      ? geminiStream({ parts: [[{ text: text.slice(0, 2) }], [{ text: text.slice(2) }]], tokens: [11, 6] })
      : geminiResponse({ parts: [{ text }], finish: "STOP", tokens: [11, 6] });
  }
  if (provider === "bedrock")
    return isStream ? converseReply(converseStream({ content: [{ text }] })) : { body: converse({ content: [{ text }] }) };
  return isStream ? completionStream({ content: text, tokens: [11, 6] }) : completion({ content: text, tokens: [11, 6] });
};

/** A thought that the provider signs, where it does, and a call. */
const callAnswer = (provider: Provider) => {
  if (provider === "claude") {
    const thought = { type: "thinking" as const, thinking: "hm", signature: SIGNATURE };
    return messageStream({ content: [thought, { type: "tool_use", id: "toolu_1", name: "weather", input: CITY }] });
  }
  if (provider === "gemini")
    return geminiStream({ parts: [[{ functionCall: { name: "weather", args: CITY }, thoughtSignature: SIGNATURE }]] });
  if (provider === "bedrock") return converseReply(converseStream({ content: BEDROCK_TURN }));
  return completionStream({ reasoning: "hm", tools: [{ id: "call_1", name: "weather", arguments: JSON.stringify(CITY) }] });
};

/** What of the second turn's body the provider must have got. */
const secondTurn = (provider: Provider, result: string): unknown => {
  if (provider === "claude") {
    const use = { type: "tool_use", id: "toolu_1", name: "weather", input: CITY };
    return [
      { role: "user", content: "ping" },
      { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: SIGNATURE }, use] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: result }] },
    ];
  }
  if (provider === "gemini") {
    return [
      { role: "user", parts: [{ text: "ping" }] },
      { role: "model", parts: [{ functionCall: { name: "weather", args: CITY }, thoughtSignature: SIGNATURE }] },
      { role: "user", parts: [{ functionResponse: { name: "weather", response: { output: result } } }] },
    ];
  }
  if (provider === "bedrock") {
    return [
      { role: "user", content: [{ text: "ping" }] },
      { role: "assistant", content: BEDROCK_TURN },
      { role: "user", content: [{ toolResult: { toolUseId: "tooluse_1", content: [{ text: result }] } }] },
    ];
  }
  return [
    { role: "user", content: "ping" },
    { role: "assistant", tool_calls: [{ type: "function", function: { name: "weather", arguments: JSON.stringify(CITY) } }] },
    { role: "tool", content: result },
  ];
};

/** Claude on Bedrock, as Converse tells thinking of it alone. */
const modelOf = (provider: Provider) => (provider === "bedrock" ? "anthropic.claude-sonnet-4-5" : `${provider}-loop`);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway([...PROVIDERS]);
});
afterAll(() => gateway?.close());

describe.each(PROVIDERS)("a response of %s", (provider) => {
  const client = () => new OpenAI(gateway.openai(provider));

  it("comes whole", async () => {
    gateway.respond(textAnswer(provider, "pong ✓", false));
    const made = await client().responses.create({ model: `${provider}-whole`, instructions: "Be brief.", input: "ping", store: false });
    expect(made.output_text).toBe("pong ✓");
    expect(made).toMatchObject({ object: "response", status: "completed", instructions: "Be brief.", store: false, error: null });
    expect(made.usage).toMatchObject({ input_tokens: 11, output_tokens: 6, total_tokens: 17 });
    expect(gateway.request().rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect((await gateway.log(`${provider}-whole`)).aiLog).toMatchObject({
      api: "openai/v1/responses",
      provider,
      input_token: 11,
      output_token: 6,
    });
  });

  it("streams as the client's own helper reads it", async () => {
    gateway.respond(textAnswer(provider, "pong ✓", true));
    const stream = client().responses.stream({ model: `${provider}-stream`, input: "ping" });
    const events = await collect(stream);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
    expect(events.at(-1)?.type).toBe("response.completed");
    const made = await stream.finalResponse();
    expect([made.output_text, made.usage?.total_tokens]).toEqual(["pong ✓", 17]);
  });

  it("finishes a tool loop, and the provider gets back what it wrote", async () => {
    gateway.respond(callAnswer(provider), textAnswer(provider, "warm", true));
    const asked: Input = [{ role: "user", content: "ping" }];
    const options = {
      tools: [TOOL],
      store: false,
      include: ["reasoning.encrypted_content" as const],
      reasoning: { summary: "auto" as const },
    };
    const first = await client()
      .responses.stream({ model: modelOf(provider), input: asked, ...options })
      .finalResponse();
    const call = first.output.find((item) => item.type === "function_call");
    expect(JSON.parse(call?.arguments ?? "")).toEqual(CITY);
    const output = { type: "function_call_output" as const, call_id: call?.call_id ?? "", output: "7 °C" };
    const input = [...asked, ...first.output, output] as Input;
    const last = await client()
      .responses.stream({ model: modelOf(provider), input, ...options })
      .finalResponse();
    expect(last.output_text).toBe("warm");
    const sent = gateway.sent(1);
    expect(sent.messages ?? sent.contents).toMatchObject(secondTurn(provider, "7 °C") as object[]);
  });

  it("is refused when it needs what is not stored here", async () => {
    gateway.respond({ status: 200, body: {} });
    const error = await errorOf<ApiError>(client().responses.create({ model: "m", input: "ping", previous_response_id: "resp_1" }));
    expect(error).toMatchObject({ status: 400, code: "invalid_request", param: "previous_response_id" });
    expect((await errorOf<ApiError>(client().responses.retrieve("resp_1"))).status).toBe(404);
    expect(gateway.seen).toEqual([]);
  });
});

describe("a failing provider", () => {
  it("is an error of the client", async () => {
    gateway.respond({ status: 429, body: openaiError("slow down", "rate_limit_error", "rate_limit_exceeded") });
    const error = await errorOf<ApiError>(new OpenAI(gateway.openai("deepseek")).responses.create({ model: "m", input: "ping" }));
    expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect(error.message).toContain("slow down");
  });

  it("ends a stream with its words", async () => {
    gateway.respond([
      ...completionStream({ content: "pong" }).slice(0, 2),
      'data: {"error":{"message":"broke","code":"server_error"}}\n\n',
    ]);
    const stream = await new OpenAI(gateway.openai("deepseek")).responses.create({ model: "m", input: "ping", stream: true });
    const events = await collect(stream);
    expect(events.slice(-2)).toMatchObject([
      { type: "error", code: "server_error", message: "broke" },
      { type: "response.failed", response: { status: "failed", error: { code: "server_error", message: "broke" } } },
    ]);
  });
});
