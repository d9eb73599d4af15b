// The official OpenAI client with Amazon Bedrock's Converse API behind the gateway.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, CLIENT_KEY, collect, errorOf, openGateway, type Gateway } from "./gateway";
import { SCHEMA, TOOL_RESULTS, weatherTool } from "./weather";
import { converse, converseReply, converseStream, exception, type BedrockBlock } from "./wire-bedrock";

type ApiError = InstanceType<typeof OpenAI.APIError>;

const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const PATH = `/model/${encodeURIComponent(MODEL)}`;
const CALLS: BedrockBlock[] = [
  { toolUse: { toolUseId: "tooluse_1", name: "weather", input: { city: "Zürich" } } },
  { toolUse: { toolUseId: "tooluse_2", name: "weather", input: { city: "東京" } } },
];
const THOUGHT: BedrockBlock = { reasoningContent: { reasoningText: { text: "hm – ✓", signature: "EqQBCkgIARABGAIiQ==" } } };
/** The conversation that must reach Bedrock once both tools have run. */
const AFTER_TOOLS = [
  { role: "user", content: [{ text: "ping" }] },
  { role: "assistant", content: CALLS },
  {
    role: "user",
    content: ["tooluse_1", "tooluse_2"].map((toolUseId, index) => ({
      toolResult: { toolUseId, content: [{ text: TOOL_RESULTS[index] }] },
    })),
  },
];

let gateway: Gateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await openGateway(["bedrock"]);
  client = new OpenAI(gateway.openai("bedrock"));
});
afterAll(() => gateway?.close());

describe("a response of Bedrock", () => {
  it("comes whole, and Amazon gets a request of its own kind", async () => {
    gateway.respond({ body: converse({ content: [{ text: "pong ✓" }], tokens: [11, 6, 100, 20] }) });
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content: "Be brief." }, ...ASK];
    const response = await client.chat.completions.create({ model: MODEL, messages, temperature: 0, max_tokens: 50, stop: "END" });
    expect(response.id).toMatch(/^chatcmpl-./);
    expect(response.choices).toMatchObject([{ index: 0, message: { role: "assistant", content: "pong ✓" }, finish_reason: "stop" }]);
    expect(response.usage).toMatchObject({ prompt_tokens: 131, completion_tokens: 6, total_tokens: 137 });
    const seen = gateway.request();
    expect(seen.json).toEqual({
      system: [{ text: "Be brief." }],
      messages: [{ role: "user", content: [{ text: "ping" }] }],
      inferenceConfig: { maxTokens: 50, temperature: 0, stopSequences: ["END"] },
    });
    expect([seen.path, seen.headers.host]).toEqual([`${PATH}/converse`, "bedrock-runtime.us-east-1.amazonaws.com"]);
    expect(seen.headers.authorization).toBe("Bearer sk-bedrock");
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    const { aiLog } = await gateway.log(MODEL);
    expect(aiLog).toMatchObject({ provider: "bedrock", input_token: 131, output_token: 6, chat_id: response.id });
  });

  it("streams from the binary event stream, with one id", async () => {
    gateway.respond(converseReply(converseStream({ content: [{ text: '你好 😀, "streamed"\n' }] })));
    const chunks = await collect(await client.chat.completions.create({ model: "m-stream", messages: ASK, stream: true }));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe('你好 😀, "streamed"\n');
    expect(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.object} ${chunk.model}`)).size).toBe(1);
    expect(chunks.every((chunk) => chunk.choices.length === 1)).toBe(true);
    expect(chunks.at(-1)?.choices[0].finish_reason).toBe("stop");
    expect(gateway.request().path).toBe("/model/m-stream/converse-stream");
    const { aiLog } = await gateway.log("m-stream");
    expect(aiLog).toMatchObject({ input_token: 11, output_token: 6, response_type: "stream", outcome: "completed", chat_id: chunks[0].id });
  });

  it("streams the usage that stream_options asks for, in a chunk of its own", async () => {
    gateway.respond(converseReply(converseStream({ content: [{ text: "pong" }], tokens: [11, 6, 30] })));
    const stream = client.chat.completions.stream({ model: MODEL, messages: ASK, stream_options: { include_usage: true } });
    const chunks = await collect(stream);
    const final = await stream.finalChatCompletion();
    expect(final.choices[0].message.content).toBe("pong");
    expect(final.usage).toMatchObject({ prompt_tokens: 41, completion_tokens: 6, total_tokens: 47 });
    expect(chunks.filter((chunk) => chunk.usage).map((chunk) => chunk.choices)).toEqual([[]]);
  });

  it.each([false, true])("with two tool calls runs the tools and gives the results back in one turn (stream: %s)", async (isStream) => {
    const ran: string[] = [];
    const turns = [{ content: CALLS }, { content: [{ text: "both seven" }] }];
    gateway.respond(...turns.map((turn) => (isStream ? converseReply(converseStream(turn)) : { body: converse(turn) })));
    const params = { model: MODEL, messages: ASK, tools: [weatherTool(ran)] };
    const runner = isStream ? client.chat.completions.runTools({ ...params, stream: true }) : client.chat.completions.runTools(params);
    expect(await runner.finalContent()).toBe("both seven");
    expect(ran).toEqual(["Zürich", "東京"]);
    const toolSpec = { name: "weather", description: "The weather of a city", inputSchema: { json: SCHEMA } };
    expect(gateway.sent(0).toolConfig).toEqual({ tools: [{ toolSpec }], toolChoice: { auto: {} } });
    expect(gateway.sent(1).messages).toEqual(AFTER_TOOLS);
  });

  it.each([false, true])("gives its signed thoughts, which go back as they came (stream: %s)", async (isStream) => {
    const turn = { content: [THOUGHT, CALLS[0]] };
    gateway.respond(isStream ? converseReply(converseStream(turn)) : { body: converse(turn) });
    const params = { model: MODEL, messages: ASK, tools: [weatherTool([])], reasoning_effort: "low" as const };
    const response = isStream
      ? await client.chat.completions.stream(params).finalMessage()
      : (await client.chat.completions.create(params)).choices[0].message;
    gateway.respond({ body: converse({ content: [{ text: "seven" }] }) });
    const result = { role: "tool" as const, tool_call_id: "tooluse_1", content: "7 °C" };
    await client.chat.completions.create({ ...params, messages: [...ASK, response, result] });
    expect(gateway.sent().messages[1]).toEqual({ role: "assistant", content: [THOUGHT, CALLS[0]] });
  });

  it("embeds with the base64 that the client asks for by itself", async () => {
    gateway.respond({ body: { embedding: [0.5, -1.25], inputTextTokenCount: 3 } });
    const response = await client.embeddings.create({ model: "amazon.titan-embed-text-v2:0", input: "one", dimensions: 2 });
    expect(response.data.map((entry) => entry.embedding)).toEqual([[0.5, -1.25]]);
    expect(response.usage.prompt_tokens).toBe(3);
    expect(gateway.request()).toMatchObject({
      path: "/model/amazon.titan-embed-text-v2%3A0/invoke",
      json: { inputText: "one", dimensions: 2 },
    });
  });
});

describe("errors of Bedrock", () => {
  it.each([
    [400, OpenAI.BadRequestError, "ValidationException", "invalid_request_error", "validation_exception"],
    [403, OpenAI.PermissionDeniedError, "AccessDeniedException", "permission_error", "access_denied"],
    [404, OpenAI.NotFoundError, "ResourceNotFoundException", "not_found_error", "resource_not_found"],
    [429, OpenAI.RateLimitError, "ThrottlingException", "rate_limit_error", "throttling_exception"],
    [503, OpenAI.InternalServerError, "ServiceUnavailableException", "server_error", "service_unavailable"],
  ])("with status %i become the client's own", async (status, type, name, ours, code) => {
    // The exception stands in a header (REST JSON protocol), with the address of its documentation behind a colon.
    const headers = { "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/` };
    for (const stream of [false, true]) {
      gateway.respond({ status, headers, body: { message: "a reason" } });
      const error = await errorOf<ApiError>(client.chat.completions.create({ model: MODEL, messages: ASK, stream }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, type: ours, message: `${status} a reason` });
      if (error.code !== null) expect(error.code).toBe(code);
    }
  });

  it("inside a stream are raised after the text that came before", async () => {
    const pieces = converseStream({ content: [{ text: "partial" }] }).slice(0, 2);
    gateway.respond(converseReply([...pieces, exception("throttlingException", { message: "slow down" })]));
    const stream = await client.chat.completions.create({ model: "m-error", messages: ASK, stream: true });
    let text = "";
    const error = await errorOf<ApiError>(async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    });
    expect(text).toBe("parti");
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ type: "rate_limit_error", code: "throttling_exception", message: "slow down" });
  });

  it("are streams that stop in the middle", async () => {
    gateway.respond(converseReply(converseStream({ content: [{ text: "partial" }] }).slice(0, 3)));
    const stream = await client.chat.completions.create({ model: MODEL, messages: ASK, stream: true });
    expect(await errorOf<ApiError>(collect(stream))).toMatchObject({ type: "upstream_error", code: "stream_truncated" });
  });

  it("are streams with a wrong checksum, told apart from those that were cut", async () => {
    const pieces = converseStream({ content: [{ text: "partial" }] });
    const broken = Buffer.from(pieces[2] as Buffer);
    broken[broken.length - 6]! ^= 1;
    gateway.respond(converseReply([...pieces.slice(0, 2), broken, ...pieces.slice(3)]));
    const stream = await client.chat.completions.create({ model: MODEL, messages: ASK, stream: true });
    expect(await errorOf<ApiError>(collect(stream))).toMatchObject({ type: "upstream_error", code: "stream_corrupted" });
  });
});
