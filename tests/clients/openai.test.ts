// The official OpenAI client through a real Envoy to OpenAI itself: it must get what it would get from the provider.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, CLIENT_KEY, collect, errorOf, openGateway, type Gateway } from "./gateway";
import { SCHEMA, TOOL_RESULTS, weatherTool } from "./weather";
import { completion, completionStream, openaiError, responseObject, responseStream } from "./wire-openai";

type ApiError = InstanceType<typeof OpenAI.APIError>;

const CALLS = [
  { id: "call_1", name: "weather", arguments: '{"city":"Zürich"}' },
  { id: "call_2", name: "weather", arguments: '{"city":"東京"}' },
];
/** The conversation that must reach the provider once both tools have run. */
const AFTER_TOOLS = [
  ...ASK,
  expect.objectContaining({
    role: "assistant",
    tool_calls: CALLS.map((call) => ({ id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } })),
  }),
  { role: "tool", tool_call_id: "call_1", content: TOOL_RESULTS[0] },
  { role: "tool", tool_call_id: "call_2", content: TOOL_RESULTS[1] },
];

let gateway: Gateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await openGateway(["openai"]);
  client = new OpenAI(gateway.openai("openai"));
});
afterAll(() => gateway?.close());

describe("chat completions", () => {
  it("come whole, and the provider gets the mapped model, the real token and nothing of the client's key", async () => {
    gateway.respond(completion({ content: "pong" }));
    const response = await client.chat.completions.create({ model: "alias-whole", messages: ASK, temperature: 0 });
    expect(response).toMatchObject({ ...completion({ content: "pong" }) });
    const seen = gateway.request();
    expect(seen.json).toEqual({ model: "gpt-up", messages: ASK, temperature: 0 });
    expect([seen.path, seen.headers.host]).toEqual(["/v1/chat/completions", "api.openai.com"]);
    expect(seen.headers.authorization).toBe("Bearer sk-openai");
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect(seen.headers["accept-encoding"]).toBeUndefined();
    const { aiLog } = await gateway.log("alias-whole");
    expect(aiLog).toMatchObject({ model: "gpt-up", chat_id: "chatcmpl-B1", input_token: 9, output_token: 12, outcome: "completed" });
  });

  it("stream, without the usage chunk that the client did not ask for", async () => {
    gateway.respond(completionStream({ content: "你好 😀, streamed" }));
    const stream = await client.chat.completions.create({ model: "alias-stream", messages: ASK, stream: true });
    const chunks = await collect(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("你好 😀, streamed");
    expect(chunks.every((chunk) => chunk.choices.length === 1 && !("usage" in chunk))).toBe(true);
    expect(chunks.at(-1)?.choices[0].finish_reason).toBe("stop");
    expect(gateway.sent().stream_options).toEqual({ include_usage: true });
    expect((await gateway.log("alias-stream")).aiLog).toMatchObject({ input_token: 9, output_token: 12, usage_source: "reported" });
  });

  it("stream with the usage chunk when the client asks for it", async () => {
    gateway.respond(completionStream({ content: "你好 😀", tokens: [3, 2, 1, 1] }));
    const stream = client.chat.completions.stream({ model: "gpt-4o", messages: ASK, stream_options: { include_usage: true } });
    const deltas: string[] = [];
    stream.on("content", (delta) => deltas.push(delta));
    const final = await stream.finalChatCompletion();
    expect(deltas.join("")).toBe("你好 😀");
    expect(final.choices[0].message.content).toBe("你好 😀");
    expect(final.usage).toMatchObject({ total_tokens: 5, prompt_tokens_details: { cached_tokens: 1 } });
  });

  it("run two tools of one turn and send their results back in order", async () => {
    const ran: string[] = [];
    gateway.respond(completion({ tools: CALLS }), completion({ content: "both seven" }));
    const runner = client.chat.completions.runTools({ model: "gpt-4o", messages: ASK, tools: [weatherTool(ran)] });
    expect(await runner.finalContent()).toBe("both seven");
    expect(ran).toEqual(["Zürich", "東京"]);
    expect(gateway.seen).toHaveLength(2);
    expect(gateway.sent(1).messages).toEqual(AFTER_TOOLS);
    expect(gateway.sent(1).tools).toEqual([
      { type: "function", function: { name: "weather", description: "The weather of a city", parameters: SCHEMA } },
    ]);
  });

  it("run two tools of one streamed turn", async () => {
    const ran: string[] = [];
    gateway.respond(completionStream({ tools: CALLS }), completionStream({ content: "both seven" }));
    const runner = client.chat.completions.runTools({ model: "gpt-4o", messages: ASK, tools: [weatherTool(ran)], stream: true });
    expect(await runner.finalContent()).toBe("both seven");
    expect(ran).toEqual(["Zürich", "東京"]);
    expect(gateway.sent(1).messages).toEqual(AFTER_TOOLS);
  });

  it("parse structured output", async () => {
    gateway.respond(completion({ content: '{"city":"Zürich"}' }));
    const format = { type: "json_schema" as const, json_schema: { name: "place", strict: true, schema: SCHEMA } };
    const response = await client.chat.completions.parse({ model: "gpt-4o", messages: ASK, response_format: format });
    expect(response.choices[0].message.parsed).toEqual({ city: "Zürich" });
    expect(gateway.sent().response_format).toEqual(format);
  });

  it("end with the log saying aborted when the client goes away in mid-stream", async () => {
    const pieces = completionStream({ content: "x".repeat(50) }).slice(0, 6);
    gateway.respond({ pieces, end: "hang" });
    const stream = await client.chat.completions.create({ model: "alias-abort", messages: ASK, stream: true });
    let text = "";
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (text.length >= 15) stream.controller.abort();
    }
    expect(text).toMatch(/^x{15,}$/);
    const { aiLog, flags } = await gateway.log("alias-abort");
    expect(aiLog).toMatchObject({ outcome: "aborted", status: 200, response_type: "stream", chat_id: "chatcmpl-B1" });
    expect(flags).toBe("DC");
  });
});

describe("other APIs", () => {
  it("embed with the base64 that the client asks for by itself", async () => {
    const numbers = [0.5, -1, 3.25];
    const embedding = Buffer.from(new Float32Array(numbers).buffer).toString("base64");
    gateway.respond({
      object: "list",
      model: "e",
      data: [{ object: "embedding", index: 0, embedding }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    const response = await client.embeddings.create({ model: "alias-embed", input: "x" });
    expect(response.data[0].embedding).toEqual(numbers);
    expect(gateway.sent()).toEqual({ model: "gpt-up", input: "x", encoding_format: "base64" });
    expect((await gateway.log("alias-embed")).aiLog).toMatchObject({ api: "openai/v1/embeddings", input_token: 4, total_token: 4 });
  });

  it("transcribe a recording, whose bytes go through beside the mapped model", async () => {
    const sound = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256));
    gateway.respond({ text: "heard" });
    const file = new File([sound], "sound.wav", { type: "audio/wav" });
    expect((await client.audio.transcriptions.create({ model: "alias-audio", file, language: "de" })).text).toBe("heard");
    const seen = gateway.request();
    const form = await new Response(new Uint8Array(seen.body), {
      headers: { "content-type": seen.headers["content-type"] ?? "" },
    }).formData();
    expect([form.get("model"), form.get("language")]).toEqual(["gpt-up", "de"]);
    expect(Buffer.from(await (form.get("file") as File).arrayBuffer()).equals(sound)).toBe(true);
    expect(seen.path).toBe("/v1/audio/transcriptions");
  });

  it("list models", async () => {
    gateway.respond({ object: "list", data: [{ id: "m-up", object: "model", created: 1, owned_by: "x" }] });
    const models = await client.models.list();
    expect(models.data.map((model) => model.id)).toEqual(["m-up"]);
    expect(gateway.request()).toMatchObject({ method: "GET", path: "/v1/models" });
  });

  it("answer with a response", async () => {
    gateway.respond({ body: responseObject("resp_1", "gpt-up", "whole") });
    const response = await client.responses.create({ model: "alias-response", input: "hi" });
    expect(response.output_text).toBe("whole");
    expect(gateway.sent()).toEqual({ model: "gpt-up", input: "hi" });
    expect((await gateway.log("alias-response")).aiLog).toMatchObject({
      chat_id: "resp_1",
      input_token: 36,
      output_token: 87,
      total_token: 123,
      cached_tokens: 8,
      reasoning_tokens: 3,
    });
  });

  it("stream a response, count it and leave its request alone but for the model", async () => {
    gateway.respond(responseStream("resp_2", "gpt-up", "Überall ✓"));
    const stream = client.responses.stream({ model: "alias-responses", input: "hi" });
    const types = (await collect(stream)).map((event) => event.type);
    expect((await stream.finalResponse()).output_text).toBe("Überall ✓");
    expect([types[0], types.at(-1)]).toEqual(["response.created", "response.completed"]);
    expect(gateway.sent()).toEqual({ model: "gpt-up", input: "hi", stream: true });
    const { aiLog } = await gateway.log("alias-responses");
    expect(aiLog).toMatchObject({
      model: "gpt-up",
      chat_id: "resp_2",
      input_token: 36,
      output_token: 87,
      total_token: 123,
      response_type: "stream",
    });
  });
});

describe("errors", () => {
  it.each([
    [400, OpenAI.BadRequestError, openaiError("too long", "invalid_request_error", "context_length_exceeded", "messages")],
    [401, OpenAI.AuthenticationError, openaiError("no", "invalid_request_error", "invalid_api_key")],
    [403, OpenAI.PermissionDeniedError, openaiError("region", "invalid_request_error", "unsupported_country_region_territory")],
    [404, OpenAI.NotFoundError, openaiError("gone", "invalid_request_error", "model_not_found")],
    [429, OpenAI.RateLimitError, openaiError("slow down", "tokens", "rate_limit_exceeded")],
    [500, OpenAI.InternalServerError, openaiError("sorry", "server_error")],
  ])("of the provider with status %i keep their type, code and param", async (status, type, body) => {
    gateway.respond({ status, headers: { "retry-after": "7", "x-request-id": "req_9" }, body });
    const error = await errorOf<ApiError>(client.chat.completions.create({ model: "gpt-4o", messages: ASK }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status, type: body.error.type, code: body.error.code, param: body.error.param, requestID: "req_9" });
    expect(error.message).toContain(body.error.message);
    expect(error.headers?.get("retry-after")).toBe("7");
  });

  it("of ours are typed as well, and nothing reaches the provider", async () => {
    gateway.respond({});
    const error = await errorOf<ApiError>(client.chat.completions.create({ messages: ASK } as never));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, code: "missing_model", param: "model", type: "invalid_request_error" });
    expect(gateway.seen).toHaveLength(0);
  });

  it("inside a stream are raised when they come", async () => {
    const [first, second] = completionStream({ content: "partial" });
    gateway.respond([first, second, `data: ${JSON.stringify(openaiError("overloaded", "server_error", "engine_overloaded"))}\n\n`]);
    const stream = await client.chat.completions.create({ model: "gpt-4o", messages: ASK, stream: true });
    let text = "";
    const error = await errorOf<ApiError>(async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    });
    expect(text).toBe("parti");
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ code: "engine_overloaded", type: "server_error" });
  });

  it("with status 429 are tried again after the time that the provider names", async () => {
    const limited = { status: 429, headers: { "retry-after": "1" }, body: openaiError("slow down", "requests", "rate_limit_exceeded") };
    gateway.respond(limited, { body: completion({ content: "second time" }) });
    const started = performance.now();
    const response = await new OpenAI(gateway.openai("openai", 1)).chat.completions.create({ model: "gpt-4o", messages: ASK });
    expect(response.choices[0].message.content).toBe("second time");
    expect(performance.now() - started).toBeGreaterThan(950);
    expect(gateway.seen.map((request) => request.json)).toEqual([gateway.sent(0), gateway.sent(0)]);
  });

  it("of a provider that cuts the stream end the client's stream with an error", async () => {
    gateway.respond({ pieces: completionStream({ content: "partial answer" }).slice(0, 3), end: "reset" });
    const stream = await client.chat.completions.create({ model: "alias-cut", messages: ASK, stream: true });
    await expect(collect(stream)).rejects.toThrow();
    expect((await gateway.log("alias-cut")).aiLog).toMatchObject({ outcome: "aborted" });
  });

  it("of a provider that hangs up before it answers are a 502", async () => {
    gateway.respond({ raw: "" });
    const error = await errorOf<ApiError>(client.chat.completions.create({ model: "alias-hangup", messages: ASK }));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 502, code: "upstream_unreachable", type: "upstream_error" });
  });
});
