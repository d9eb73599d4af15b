// The official Anthropic client with Gemini and Bedrock behind the gateway: two translations in a row.
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, CLIENT_KEY, errorOf, openGateway, type Gateway, type ProviderName } from "./gateway";
import { TOOL_RESULTS, anthropicWeatherTool } from "./weather";
import { converse, converseReply, converseStream, type BedrockBlock } from "./wire-bedrock";
import { geminiResponse, geminiError, geminiEvent, geminiStream } from "./wire-gemini";

type ApiError = InstanceType<typeof Anthropic.APIError>;

const PROVIDERS = ["gemini", "bedrock"] as const satisfies ProviderName[];
const CITIES = ["Zürich", "東京"];
const BEDROCK_CALLS: BedrockBlock[] = CITIES.map((city, index) => ({
  toolUse: { toolUseId: `tooluse_${index}`, name: "weather", input: { city } },
}));
const GEMINI_CALLS = CITIES.map((city) => ({ functionCall: { name: "weather", args: { city } } }));
const params = (model: string) => ({ model, max_tokens: 64, messages: ASK });

/** A response with one text, in each provider's shape. */
const textResponse = (provider: (typeof PROVIDERS)[number], text: string, isStream: boolean) => {
  if (provider === "gemini") {
    return isStream
      ? geminiStream({ parts: [[{ text: text.slice(0, 2) }], [{ text: text.slice(2) }]], tokens: [11, 6] })
      : geminiResponse({ parts: [{ text }], finish: "STOP", tokens: [11, 6] });
  }
  return isStream ? converseReply(converseStream({ content: [{ text }] })) : { body: converse({ content: [{ text }] }) };
};

/** A response with two tool calls, likewise. */
const callsResponse = (provider: (typeof PROVIDERS)[number], isStream: boolean) => {
  if (provider === "gemini")
    return isStream ? geminiStream({ parts: GEMINI_CALLS.map((call) => [call]) }) : geminiResponse({ parts: GEMINI_CALLS, finish: "STOP" });
  return isStream ? converseReply(converseStream({ content: BEDROCK_CALLS })) : { body: converse({ content: BEDROCK_CALLS }) };
};

/** What the provider must have got in its second turn. */
const toolTurns = {
  gemini: [
    { role: "user", parts: [{ text: "ping" }] },
    { role: "model", parts: GEMINI_CALLS },
    { role: "user", parts: TOOL_RESULTS.map((output) => ({ functionResponse: { name: "weather", response: { output } } })) },
  ],
  bedrock: [
    { role: "user", content: [{ text: "ping" }] },
    { role: "assistant", content: BEDROCK_CALLS },
    { role: "user", content: TOOL_RESULTS.map((text, index) => ({ toolResult: { toolUseId: `tooluse_${index}`, content: [{ text }] } })) },
  ],
};

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway([...PROVIDERS]);
});
afterAll(() => gateway?.close());

describe.each(PROVIDERS)("a message of %s", (provider) => {
  const isGemini = provider === "gemini";

  it("comes whole", async () => {
    gateway.respond(textResponse(provider, "pong ✓", false));
    const response = await new Anthropic(gateway.anthropic(provider)).messages.create(params(`${provider}-whole`));
    expect(response).toMatchObject({
      type: "message",
      role: "assistant",
      content: [{ type: "text", text: "pong ✓" }],
      stop_reason: "end_turn",
    });
    expect(response.usage).toMatchObject({ input_tokens: 11, output_tokens: 6 });
    expect(gateway.request().path).toBe(
      isGemini ? `/v1beta/models/${provider}-whole:generateContent` : `/model/${provider}-whole/converse`,
    );
    expect(gateway.request().rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect((await gateway.log(`${provider}-whole`)).aiLog).toMatchObject({
      api: "anthropic/v1/messages",
      provider,
      input_token: 11,
      output_token: 6,
    });
  });

  it("asks the provider without Anthropic's headers", async () => {
    gateway.respond(textResponse(provider, "pong", false));
    await new Anthropic(gateway.anthropic(provider)).messages.create(params("m"));
    expect(Object.keys(gateway.request().headers).filter((name) => name.startsWith("anthropic-"))).toEqual([]);
  });

  it("streams into the client's final message", async () => {
    gateway.respond(textResponse(provider, '你好 😀 "q"\n', true));
    const stream = new Anthropic(gateway.anthropic(provider)).messages.stream(params(`${provider}-stream`));
    const final = await stream.finalMessage();
    expect(final).toMatchObject({
      content: [{ type: "text", text: '你好 😀 "q"\n' }],
      stop_reason: "end_turn",
      usage: { input_tokens: 11, output_tokens: 6 },
    });
    expect((await gateway.log(`${provider}-stream`)).aiLog).toMatchObject({
      input_token: 11,
      output_token: 6,
      response_type: "stream",
      outcome: "completed",
      chat_id: final.id,
    });
  });

  it.each([false, true])("runs the client's tool loop (stream: %s)", async (isStream) => {
    const ran: string[] = [];
    gateway.respond(callsResponse(provider, isStream), textResponse(provider, "both seven", isStream));
    const tools = [anthropicWeatherTool(ran)];
    const runner = new Anthropic(gateway.anthropic(provider)).beta.messages.toolRunner({
      ...params("m-tools"),
      tools,
      stream: isStream,
      thread: false,
    });
    expect((await runner.runUntilDone()).content).toMatchObject([{ type: "text", text: "both seven" }]);
    expect(ran).toEqual(CITIES);
    expect(gateway.sent(1)[isGemini ? "contents" : "messages"]).toEqual(toolTurns[provider]);
  });

  it("is raised as Anthropic's error, whole and inside a stream", async () => {
    const body = isGemini ? geminiError(429, "RESOURCE_EXHAUSTED", "slow down") : { message: "slow down" };
    gateway.respond({ status: 429, body });
    const client = new Anthropic(gateway.anthropic(provider));
    const error = await errorOf<ApiError>(client.messages.create(params("m")));
    expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect(error).toMatchObject({ type: "rate_limit_error", apiMessage: "slow down" });
    const started = isGemini
      ? [geminiEvent(geminiResponse({ parts: [{ text: "par" }] }))]
      : converseReply(converseStream({ content: [{ text: "partial" }] }).slice(0, 3));
    gateway.respond(started);
    const truncated = await errorOf<ApiError>(client.messages.stream(params("m")).finalMessage());
    expect(truncated).toBeInstanceOf(Anthropic.APIError);
    expect(truncated.type).toBe("api_error");
  });
});
