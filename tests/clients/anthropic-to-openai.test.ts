// The official Anthropic client with a provider behind the gateway that speaks chat completions only.
import Anthropic from "@anthropic-ai/sdk";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, CLIENT_KEY, collect, errorOf, openGateway, type Gateway } from "./gateway";
import { SCHEMA, TOOL_RESULTS, anthropicWeatherTool } from "./weather";
import { completion, completionStream, openaiError } from "./wire-openai";

type ApiError = InstanceType<typeof Anthropic.APIError>;

const CALLS = [
  { id: "call_1", name: "weather", arguments: '{"city":"Zürich"}' },
  { id: "call_2", name: "weather", arguments: '{"city":"東京"}' },
];
/** The conversation that must reach the provider once both tools have run. */
const AFTER_TOOLS = [
  ...ASK,
  {
    role: "assistant",
    content: "Let me look.",
    tool_calls: CALLS.map((call) => ({ id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } })),
  },
  { role: "tool", tool_call_id: "call_1", content: TOOL_RESULTS[0] },
  { role: "tool", tool_call_id: "call_2", content: TOOL_RESULTS[1] },
];
const params = (model: string) => ({ model, max_tokens: 64, messages: ASK });

let gateway: Gateway;
let client: Anthropic;
beforeAll(async () => {
  gateway = await openGateway(["openai"]);
  client = new Anthropic(gateway.anthropic("openai"));
});
afterAll(() => gateway?.close());

describe("a message", () => {
  it("comes whole, and the provider gets a chat completion request and none of Anthropic's headers", async () => {
    gateway.respond(completion({ content: "pong ✓", tokens: [109, 12, 100] }));
    // The client's types know no temperature since API version 2026-10-21; older clients send it.
    const more = { system: "Be brief.", temperature: 0, stop_sequences: ["END"] };
    const response = await client.messages.create({ ...params("alias-whole"), ...more });
    expect(response).toMatchObject({
      id: "chatcmpl-B1",
      type: "message",
      role: "assistant",
      model: "gpt-up",
      stop_reason: "end_turn",
      stop_sequence: null,
    });
    expect(response.content).toEqual([{ type: "text", text: "pong ✓" }]);
    expect(response.usage).toMatchObject({ input_tokens: 9, cache_read_input_tokens: 100, output_tokens: 12 });
    const seen = gateway.request();
    expect(seen.json).toEqual({
      model: "gpt-up",
      max_tokens: 64,
      messages: [{ role: "system", content: "Be brief." }, ...ASK],
      temperature: 0,
      stop: ["END"],
    });
    expect([seen.path, seen.headers.host, seen.headers.authorization]).toEqual([
      "/v1/chat/completions",
      "api.openai.com",
      "Bearer sk-openai",
    ]);
    expect(
      Object.keys(seen.headers).filter((name) => name.startsWith("anthropic-") && name !== "anthropic-dangerous-direct-browser-access"),
    ).toEqual([]);
    expect(seen.headers["x-api-key"]).toBeUndefined();
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect((await gateway.log("alias-whole")).aiLog).toMatchObject({
      api: "anthropic/v1/messages",
      input_token: 109,
      output_token: 12,
      cached_tokens: 100,
    });
  });

  it("streams into the client's final message", async () => {
    gateway.respond(completionStream({ content: '你好 😀, "streamed"\n', tokens: [19, 12, 10] }));
    const stream = client.messages.stream(params("alias-stream"));
    const texts: string[] = [];
    stream.on("text", (text) => texts.push(text));
    const events = (await collect(stream)).map((event) => event.type);
    const final = await stream.finalMessage();
    expect(final).toMatchObject({ id: "chatcmpl-B1", model: "gpt-up", stop_reason: "end_turn" });
    expect(final.content).toEqual([{ type: "text", text: '你好 😀, "streamed"\n' }]);
    expect(texts.join("")).toBe('你好 😀, "streamed"\n');
    expect(final.usage).toMatchObject({ input_tokens: 9, cache_read_input_tokens: 10, output_tokens: 12 });
    expect([...new Set(events)]).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(gateway.sent()).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect((await gateway.log("alias-stream")).aiLog).toMatchObject({
      input_token: 19,
      output_token: 12,
      outcome: "completed",
      response_type: "stream",
    });
  });

  it.each([false, true])("with two tool calls runs the tools and sends both results as tool messages (stream: %s)", async (isStream) => {
    const ran: string[] = [];
    const first = { content: "Let me look.", tools: CALLS };
    const second = { content: "both seven" };
    gateway.respond(...(isStream ? [completionStream(first), completionStream(second)] : [completion(first), completion(second)]));
    const tools = [anthropicWeatherTool(ran)];
    const runner = client.beta.messages.toolRunner({ ...params("alias-tools"), tools, stream: isStream, thread: false });
    const final = await runner.runUntilDone();
    expect(final.content).toMatchObject([{ type: "text", text: "both seven" }]);
    expect(ran).toEqual(["Zürich", "東京"]);
    expect(gateway.seen.map((request) => request.path)).toEqual(["/v1/chat/completions", "/v1/chat/completions"]);
    expect(gateway.sent(1).messages).toEqual(AFTER_TOOLS);
    expect(gateway.sent(1).tools).toEqual([
      { type: "function", function: { name: "weather", description: "The weather of a city", parameters: SCHEMA } },
    ]);
  });

  it("with a call without arguments gives the client an empty input", async () => {
    const tools: Anthropic.Tool[] = [{ name: "now", input_schema: { type: "object" } }];
    gateway.respond(completionStream({ tools: [{ id: "call_3", name: "now", arguments: "" }] }));
    const final = await client.messages.stream({ ...params("alias-empty"), tools, tool_choice: { type: "any" } }).finalMessage();
    expect(final).toMatchObject({ stop_reason: "tool_use", content: [{ type: "tool_use", id: "call_3", name: "now", input: {} }] });
    expect(gateway.sent().tool_choice).toBe("required");
  });

  it("shows the reasoning of the provider as thinking, and asks for it by effort", async () => {
    const thinking = { type: "enabled" as const, budget_tokens: 20_000 };
    gateway.respond(completion({ content: "pong", reasoning: "hm ✓" }));
    const whole = await client.messages.create(
      { ...params("alias-think"), max_tokens: 30_000, thinking, stream: false },
      { timeout: 5_000 },
    );
    expect(whole.content).toEqual([
      { type: "thinking", thinking: "hm ✓", signature: "" },
      { type: "text", text: "pong" },
    ]);
    expect(gateway.sent()).toMatchObject({ reasoning_effort: "high" });
    expect(gateway.sent()).not.toHaveProperty("thinking");
    gateway.respond(completionStream({ content: "pong", reasoning: "hm ✓" }));
    const stream = client.messages.stream({ ...params("alias-think"), max_tokens: 30_000, thinking });
    const thoughts: string[] = [];
    stream.on("thinking", (thought) => thoughts.push(thought));
    expect((await stream.finalMessage()).content).toEqual(whole.content);
    expect(thoughts.join("")).toBe("hm ✓");
  });

  it("parses as structured output", async () => {
    gateway.respond(completion({ content: '{"city":"Zürich"}' }));
    const response = await client.messages.parse({ ...params("alias-parse"), output_config: { format: jsonSchemaOutputFormat(SCHEMA) } });
    expect(response.parsed_output).toEqual({ city: "Zürich" });
    expect(gateway.sent().response_format).toMatchObject({ type: "json_schema", json_schema: { strict: true, schema: SCHEMA } });
  });

  it("can be a refusal, or cut by the token limit", async () => {
    gateway.respond(completion({ refusal: "I cannot." }));
    const refused = await client.messages.create(params("alias-refuse"));
    expect(refused).toMatchObject({ stop_reason: "refusal", content: [{ type: "text", text: "I cannot." }] });
    gateway.respond(completionStream({ content: "cut", finish: "length" }));
    expect(await client.messages.stream(params("alias-length")).finalMessage()).toMatchObject({
      stop_reason: "max_tokens",
      content: [{ text: "cut" }],
    });
  });

  it("leaves a log entry when the client goes away in mid-stream", async () => {
    gateway.respond({ pieces: completionStream({ content: "x".repeat(50) }).slice(0, 6), end: "hang" });
    const stream = client.messages.stream(params("alias-abort"));
    stream.on("text", (_delta, soFar) => {
      if (soFar.length >= 15) stream.abort();
    });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    const { aiLog, flags } = await gateway.log("alias-abort");
    expect(aiLog).toMatchObject({ outcome: "aborted", chat_id: "chatcmpl-B1", response_type: "stream" });
    expect(flags).toBe("DC");
  });
});

describe("an error", () => {
  it.each([
    [400, Anthropic.BadRequestError, "invalid_request_error"],
    [401, Anthropic.AuthenticationError, "authentication_error"],
    [403, Anthropic.PermissionDeniedError, "permission_error"],
    [404, Anthropic.NotFoundError, "not_found_error"],
    [429, Anthropic.RateLimitError, "rate_limit_error"],
    [500, Anthropic.InternalServerError, "api_error"],
    [503, Anthropic.InternalServerError, "overloaded_error"],
  ])("of the provider with status %i becomes Anthropic's", async (status, type, name) => {
    for (const stream of [false, true]) {
      gateway.respond({ status, headers: { "retry-after": "7" }, body: openaiError("a reason", "whatever", "some_code") });
      const error = await errorOf<ApiError>(client.messages.create({ ...params("m"), stream }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, type: name, apiMessage: "a reason" });
      expect(error.headers?.get("retry-after")).toBe("7");
    }
  });

  it("inside a stream is raised after the text that came before", async () => {
    const [first, second] = completionStream({ content: "partial" });
    gateway.respond([first, second, `data: ${JSON.stringify(openaiError("overloaded", "overloaded_error"))}\n\n`]);
    const stream = client.messages.stream(params("alias-error"));
    const texts: string[] = [];
    stream.on("text", (text) => texts.push(text));
    const error = await errorOf<ApiError>(stream.finalMessage());
    expect(texts).toEqual(["parti"]);
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ type: "overloaded_error", apiMessage: "overloaded" });
  });

  it("is raised for a stream that the provider leaves without an end", async () => {
    gateway.respond(completionStream({ content: "partial" }).slice(0, 2));
    const error = await errorOf<ApiError>(client.messages.stream(params("alias-truncated")).finalMessage());
    expect(error).toMatchObject({ type: "api_error" });
  });

  it("with status 429 or 529 makes the client try again", async () => {
    const busy = (status: number) => ({ status, headers: { "retry-after-ms": "20" }, body: openaiError("busy", "server_error") });
    gateway.respond(busy(429), busy(529), completion({ content: "third time" }));
    const response = await new Anthropic(gateway.anthropic("openai", 2)).messages.create(params("m"));
    expect(response.content).toEqual([{ type: "text", text: "third time" }]);
    expect(gateway.seen.map((request) => request.text)).toEqual(Array(3).fill(gateway.seen[0].text));
  });

  it("of our own has Anthropic's shape: no model, broken upstream, an API that the provider lacks", async () => {
    gateway.respond({});
    const missing = await errorOf<ApiError>(client.messages.create({ max_tokens: 5, messages: ASK } as never));
    expect(missing).toBeInstanceOf(Anthropic.BadRequestError);
    expect(missing).toMatchObject({ type: "invalid_request_error", status: 400 });
    expect(gateway.seen).toHaveLength(0);
    const lacking = await errorOf<ApiError>(client.post("/v1/complete", { body: { model: "m", prompt: "ping", max_tokens_to_sample: 5 } }));
    expect(lacking).toBeInstanceOf(Anthropic.NotFoundError);
    expect(lacking).toMatchObject({ type: "not_found_error", status: 404 });
    gateway.respond({ raw: "" });
    const gone = await errorOf<ApiError>(client.messages.create(params("m")));
    expect(gone).toBeInstanceOf(Anthropic.InternalServerError);
    expect(gone).toMatchObject({ type: "api_error", status: 502 });
  });
});
