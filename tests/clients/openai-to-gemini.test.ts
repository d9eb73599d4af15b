// The official OpenAI client with the Gemini API behind the gateway.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, CLIENT_KEY, collect, errorOf, openGateway, type Gateway } from "./gateway";
import { SCHEMA, TOOL_RESULTS, weatherTool } from "./weather";
import { geminiResponse, geminiError, geminiEvent, geminiStream } from "./wire-gemini";

type ApiError = InstanceType<typeof OpenAI.APIError>;
type Delta = OpenAI.ChatCompletionChunk.Choice.Delta & { reasoning_content?: string };

const SIGNATURE = "CsABAdHtim9mZXk=";
const CALLS = [
  { functionCall: { name: "weather", args: { city: "Zürich" } }, thoughtSignature: SIGNATURE },
  { functionCall: { name: "weather", args: { city: "東京" } } },
];
const UNSIGNED = { functionCall: CALLS[0].functionCall };
/** The contents that must reach Gemini once both tools have run. */
const afterTools = (calls: object[]) => [
  { role: "user", parts: [{ text: "ping" }] },
  { role: "model", parts: calls },
  { role: "user", parts: TOOL_RESULTS.map((output) => ({ functionResponse: { name: "weather", response: { output } } })) },
];

let gateway: Gateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await openGateway(["gemini"]);
  client = new OpenAI(gateway.openai("gemini"));
});
afterAll(() => gateway?.close());

describe("a response of Gemini", () => {
  it("comes whole, and Google gets a request of its own kind", async () => {
    gateway.respond(
      geminiResponse({ parts: [{ text: "think", thought: true }, { text: "pong " }, { text: "✓" }], finish: "STOP", tokens: [8, 5, 20] }),
    );
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content: "Be brief." }, ...ASK];
    const response = await client.chat.completions.create({ model: "alias-whole", messages, temperature: 0, max_tokens: 50, stop: "END" });
    expect(response).toMatchObject({ id: "resp-G1", object: "chat.completion", model: "gemini-2.5-flash" });
    expect(response.choices).toMatchObject([
      { index: 0, message: { role: "assistant", content: "pong ✓", reasoning_content: "think" }, finish_reason: "stop" },
    ]);
    expect(response.usage).toMatchObject({
      prompt_tokens: 8,
      completion_tokens: 25,
      total_tokens: 33,
      completion_tokens_details: { reasoning_tokens: 20 },
    });
    const seen = gateway.request();
    expect(seen.json).toEqual({
      system_instruction: { parts: [{ text: "Be brief." }] },
      contents: [{ role: "user", parts: [{ text: "ping" }] }],
      generationConfig: { temperature: 0, maxOutputTokens: 50, stopSequences: ["END"] },
    });
    expect([seen.path, seen.headers.host]).toEqual([
      "/v1beta/models/gemini-2.5-flash:generateContent",
      "generativelanguage.googleapis.com",
    ]);
    expect(seen.headers["x-goog-api-key"]).toBe("sk-gemini");
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect((await gateway.log("alias-whole")).aiLog).toMatchObject({
      chat_id: "resp-G1",
      input_token: 8,
      output_token: 25,
      reasoning_tokens: 20,
    });
  });

  it("streams, with one id, and with the counts only in the log when they are not asked for", async () => {
    gateway.respond(
      geminiStream({ parts: [[{ text: "hm", thought: true }], [{ text: "你好" }], [{ text: ' 😀 "q"\n' }]], tokens: [8, 6, 3] }),
    );
    const chunks = await collect(await client.chat.completions.create({ model: "alias-stream", messages: ASK, stream: true }));
    const deltas = chunks.map((chunk) => chunk.choices[0]?.delta as Delta);
    expect(deltas.map((delta) => delta.content ?? "").join("")).toBe('你好 😀 "q"\n');
    expect(deltas.map((delta) => delta.reasoning_content ?? "").join("")).toBe("hm");
    expect(deltas[0].role).toBe("assistant");
    expect(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.object} ${chunk.model}`))).toEqual(
      new Set(["resp-G1 chat.completion.chunk gemini-2.5-flash"]),
    );
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
    expect(gateway.request().path).toBe("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    expect((await gateway.log("alias-stream")).aiLog).toMatchObject({
      input_token: 8,
      output_token: 9,
      response_type: "stream",
      outcome: "completed",
    });
  });

  it("streams the usage that stream_options asks for, in a chunk of its own", async () => {
    gateway.respond(geminiStream({ parts: [[{ text: "po" }], [{ text: "ng" }]], tokens: [8, 6, 3] }));
    const stream = client.chat.completions.stream({ model: "alias-usage", messages: ASK, stream_options: { include_usage: true } });
    const chunks = await collect(stream);
    const final = await stream.finalChatCompletion();
    expect(final.choices[0].message.content).toBe("pong");
    expect(final.usage).toMatchObject({ prompt_tokens: 8, completion_tokens: 9, total_tokens: 17 });
    expect(chunks.filter((chunk) => chunk.usage).map((chunk) => chunk.choices)).toEqual([[]]);
  });

  it("with two function calls runs the tools and gives the results back in one turn", async () => {
    const ran: string[] = [];
    gateway.respond(geminiResponse({ parts: CALLS, finish: "STOP" }), geminiResponse({ parts: [{ text: "both seven" }], finish: "STOP" }));
    const runner = client.chat.completions.runTools({ model: "alias-tools", messages: ASK, tools: [weatherTool(ran)] });
    expect(await runner.finalContent()).toBe("both seven");
    expect(ran).toEqual(["Zürich", "東京"]);
    const declared = gateway.sent(0).tools[0].function_declarations[0];
    expect(declared).toEqual({ name: "weather", description: "The weather of a city", parametersJsonSchema: SCHEMA });
    // The runner strips the signature from the history; Gemini 2.5 does without.
    expect(gateway.sent(1).contents).toEqual(afterTools([UNSIGNED, CALLS[1]]));
  });

  it("with two streamed function calls does the same, and tells Gemini 3 that the signature is lost", async () => {
    const ran: string[] = [];
    gateway.respond(geminiStream({ parts: [[CALLS[0]], [CALLS[1]]] }), geminiStream({ parts: [[{ text: "both seven" }]] }));
    const runner = client.chat.completions.runTools({
      model: "gemini-3-pro-preview",
      messages: ASK,
      tools: [weatherTool(ran)],
      stream: true,
    });
    expect(await runner.finalContent()).toBe("both seven");
    expect(ran).toEqual(["Zürich", "東京"]);
    const first = { ...UNSIGNED, thoughtSignature: "skip_thought_signature_validator" };
    expect(gateway.sent(1).contents).toEqual(afterTools([first, CALLS[1]]));
  });

  it.each([true, false])("gets its thought signature back when the client sends the message as it came (stream: %s)", async (isStream) => {
    const params = { model: "gemini-3-pro-preview", messages: ASK, tools: [weatherTool([])] };
    gateway.respond(isStream ? geminiStream({ parts: [[CALLS[0]], [CALLS[1]]] }) : geminiResponse({ parts: CALLS, finish: "STOP" }));
    const turn = isStream
      ? await client.chat.completions.stream(params).finalMessage()
      : (await client.chat.completions.create(params)).choices[0].message;
    const results = turn.tool_calls!.map((call, index) => ({ role: "tool" as const, tool_call_id: call.id, content: TOOL_RESULTS[index] }));
    gateway.respond(geminiResponse({ parts: [{ text: "both seven" }], finish: "STOP" }));
    await client.chat.completions.create({ ...params, messages: [...ASK, turn, ...results] });
    expect(gateway.sent().contents).toEqual(afterTools(CALLS));
  });

  it("with several candidates becomes several choices", async () => {
    const one = (index: number, text: string) => ({ content: { parts: [{ text }], role: "model" }, finishReason: "STOP", index });
    gateway.respond({
      candidates: [one(0, "a"), one(1, "b")],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
      responseId: "r",
    });
    const response = await client.chat.completions.create({ model: "alias-n", messages: ASK, n: 2 });
    expect(response.choices.map((choice) => [choice.index, choice.message.content])).toEqual([
      [0, "a"],
      [1, "b"],
    ]);
    expect(gateway.sent().generationConfig).toEqual({ candidateCount: 2 });
  });

  it("parses as structured output", async () => {
    gateway.respond(geminiResponse({ parts: [{ text: '{"city":"Zürich"}' }], finish: "STOP" }));
    const format = { type: "json_schema" as const, json_schema: { name: "place", strict: true, schema: SCHEMA } };
    const response = await client.chat.completions.parse({ model: "alias-parse", messages: ASK, response_format: format });
    expect(response.choices[0].message.parsed).toEqual({ city: "Zürich" });
    expect(gateway.sent().generationConfig).toEqual({ responseMimeType: "application/json", responseJsonSchema: SCHEMA });
  });
});

describe("embeddings of Gemini", () => {
  it("come as the base64 that the client asks for by itself", async () => {
    gateway.respond({ embeddings: [{ values: [0.5, -1.25, 3e-7] }, { values: [0, 1, 2] }], usageMetadata: { promptTokenCount: 4 } });
    const response = await client.embeddings.create({ model: "alias-embed", input: ["one", "two"], dimensions: 3 });
    expect(response.data.map((entry) => entry.embedding)).toEqual([
      [0.5, -1.25, Math.fround(3e-7)],
      [0, 1, 2],
    ]);
    expect(response.usage.prompt_tokens).toBe(4);
    const seen = gateway.request();
    expect(seen.path).toBe("/v1beta/models/gemini-2.5-flash:batchEmbedContents");
    expect(seen.json.requests).toEqual(
      ["one", "two"].map((text) => ({ model: "models/gemini-2.5-flash", content: { parts: [{ text }] }, outputDimensionality: 3 })),
    );
  });

  it("come as numbers when asked for", async () => {
    gateway.respond({ embeddings: [{ values: [0.013168523, -1] }] });
    const response = await client.embeddings.create({ model: "alias-embed", input: "one", encoding_format: "float" });
    expect(response.data[0].embedding).toEqual([0.013168523, -1]);
  });
});

describe("special endings", () => {
  it.each(["SAFETY", "RECITATION", "PROHIBITED_CONTENT"])("%s is a content filter, whole and streamed", async (finish) => {
    gateway.respond(geminiResponse({ finish }));
    const response = await client.chat.completions.create({ model: "alias-safety", messages: ASK });
    expect(response.choices[0].finish_reason).toBe("content_filter");
    gateway.respond([geminiEvent(geminiResponse({ parts: [{ text: "pa" }] })), geminiEvent(geminiResponse({ finish }))]);
    const chunks = await collect(await client.chat.completions.create({ model: "alias-safety", messages: ASK, stream: true }));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("pa");
    expect(chunks.at(-1)?.choices[0].finish_reason).toBe("content_filter");
  });

  it("a blocked prompt is one empty choice", async () => {
    const blocked = {
      promptFeedback: { blockReason: "SAFETY" },
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
      modelVersion: "gemini-2.5-flash",
    };
    gateway.respond(blocked);
    const response = await client.chat.completions.create({ model: "alias-blocked", messages: ASK });
    expect(response.choices).toMatchObject([{ finish_reason: "content_filter" }]);
    gateway.respond([geminiEvent(blocked)]);
    const chunks = await collect(await client.chat.completions.create({ model: "alias-blocked", messages: ASK, stream: true }));
    expect(chunks.at(-1)?.choices[0].finish_reason).toBe("content_filter");
  });
});

describe("errors of Google", () => {
  const invalidKey = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID", domain: "googleapis.com" };
  it.each([
    [400, OpenAI.BadRequestError, geminiError(400, "INVALID_ARGUMENT", "a reason"), "invalid_request_error", "invalid_argument"],
    [
      400,
      OpenAI.BadRequestError,
      geminiError(400, "INVALID_ARGUMENT", "a reason", [invalidKey]),
      "invalid_request_error",
      "invalid_api_key",
    ],
    [403, OpenAI.PermissionDeniedError, geminiError(403, "PERMISSION_DENIED", "a reason"), "permission_error", "permission_denied"],
    [404, OpenAI.NotFoundError, geminiError(404, "NOT_FOUND", "a reason"), "not_found_error", "not_found"],
    [429, OpenAI.RateLimitError, geminiError(429, "RESOURCE_EXHAUSTED", "a reason"), "rate_limit_error", "rate_limit_exceeded"],
    [503, OpenAI.InternalServerError, geminiError(503, "UNAVAILABLE", "a reason"), "server_error", "unavailable"],
  ])("with status %i become the client's own", async (status, type, body, ourType, code) => {
    for (const form of [body, [body]]) {
      // Google's streaming endpoints wrap the error in a list.
      gateway.respond({ status, body: JSON.stringify(form) });
      const error = await errorOf<ApiError>(client.chat.completions.create({ model: "gpt-4o", messages: ASK }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, code, message: `${status} a reason` });
      if (status !== 503) expect(error.type).toBe(ourType);
    }
  });

  it("inside a stream are raised after the text that came before", async () => {
    gateway.respond([
      geminiEvent(geminiResponse({ parts: [{ text: "parti" }] })),
      geminiEvent(geminiError(503, "UNAVAILABLE", "overloaded")),
    ]);
    const stream = await client.chat.completions.create({ model: "alias-error", messages: ASK, stream: true });
    let text = "";
    const error = await errorOf<ApiError>(async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    });
    expect(text).toBe("parti");
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ message: "overloaded", code: "unavailable" });
  });

  it("a stream that stops in the middle is an error and not a short response", async () => {
    gateway.respond([geminiEvent(geminiResponse({ parts: [{ text: "parti" }] }))]);
    const stream = await client.chat.completions.create({ model: "alias-truncated", messages: ASK, stream: true });
    expect(await errorOf<ApiError>(collect(stream))).toMatchObject({ code: "stream_truncated" });
  });

  it("with status 429 are tried again", async () => {
    const limited = { status: 429, headers: { "retry-after-ms": "20" }, body: geminiError(429, "RESOURCE_EXHAUSTED", "slow down") };
    gateway.respond(limited, geminiResponse({ parts: [{ text: "second time" }], finish: "STOP" }));
    const response = await new OpenAI(gateway.openai("gemini", 1)).chat.completions.create({ model: "gpt-4o", messages: ASK });
    expect(response.choices[0].message.content).toBe("second time");
    expect(gateway.seen).toHaveLength(2);
  });
});
