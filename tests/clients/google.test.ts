// The official Google client with the Gemini API itself behind the gateway: its own paths and its own bodies.
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type Content, type FunctionDeclaration } from "@google/genai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT_KEY, collect, errorOf, openGateway, type Gateway } from "./gateway";
import { SCHEMA, TOOL_RESULTS } from "./weather";
import { geminiResponse, geminiError, geminiEvent, geminiStream } from "./wire-gemini";

const MODEL = "gemini-2.5-flash";
const CALLS = [
  { functionCall: { name: "weather", args: { city: "Zürich" } }, thoughtSignature: "CsABAdHtim9mZXk=" },
  { functionCall: { name: "weather", args: { city: "東京" } } },
];
const DECLARATION: FunctionDeclaration = { name: "weather", description: "The weather of a city", parametersJsonSchema: SCHEMA };

let gateway: Gateway;
let client: GoogleGenAI;
beforeAll(async () => {
  gateway = await openGateway(["gemini"]);
  client = new GoogleGenAI(gateway.google("gemini"));
});
afterAll(() => gateway?.close());

describe("generateContent", () => {
  it("goes through as it is, with the real key, and is counted", async () => {
    gateway.respond(geminiResponse({ parts: [{ text: "pong ✓" }], finish: "STOP", tokens: [8, 5, 20] }));
    const response = await client.models.generateContent({
      model: "alias-native",
      contents: "ping",
      config: { temperature: 0, systemInstruction: "Be brief." },
    });
    expect(response.text).toBe("pong ✓");
    expect(response).toMatchObject({ responseId: "resp-G1", usageMetadata: { promptTokenCount: 8, thoughtsTokenCount: 20 } });
    const seen = gateway.request();
    expect([seen.method, seen.path, seen.headers.host]).toEqual([
      "POST",
      `/v1beta/models/${MODEL}:generateContent`,
      "generativelanguage.googleapis.com",
    ]);
    expect(seen.headers["x-goog-api-key"]).toBe("sk-gemini");
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect(seen.json).toEqual({
      contents: [{ role: "user", parts: [{ text: "ping" }] }],
      systemInstruction: { role: "user", parts: [{ text: "Be brief." }] },
      generationConfig: { temperature: 0 },
    });
    expect((await gateway.log("alias-native")).aiLog).toMatchObject({
      api: "gemini/v1beta/generatecontent",
      model: MODEL,
      chat_id: "resp-G1",
      input_token: 8,
      output_token: 25,
      reasoning_tokens: 20,
      total_token: 33,
    });
  });

  it("maps the model in the path", async () => {
    gateway.respond(geminiResponse({ parts: [{ text: "pong" }], finish: "STOP" }));
    await client.models.generateContent({ model: "alias-path", contents: "ping" });
    expect(gateway.request().path).toBe(`/v1beta/models/${MODEL}:generateContent`);
    expect((await gateway.log("alias-path")).aiLog).toMatchObject({ request_model: "alias-path", model: MODEL });
  });

  it("runs a loop of two functions; signature and results reach Google as the client wrote them", async () => {
    gateway.respond(geminiResponse({ parts: CALLS, finish: "STOP" }));
    const tools = [{ functionDeclarations: [DECLARATION] }];
    const config = { tools, toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } } };
    const contents: Content[] = [{ role: "user", parts: [{ text: "ping" }] }];
    const first = await client.models.generateContent({ model: MODEL, contents, config });
    expect(first.functionCalls?.map((call) => call.args)).toEqual([{ city: "Zürich" }, { city: "東京" }]);
    expect(gateway.sent()).toMatchObject({
      tools: [{ functionDeclarations: [DECLARATION] }],
      toolConfig: { functionCallingConfig: { mode: "ANY" } },
    });
    const responses = TOOL_RESULTS.map((output) => ({ functionResponse: { name: "weather", response: { output } } }));
    contents.push(first.candidates![0].content!, { role: "user", parts: responses });
    gateway.respond(geminiResponse({ parts: [{ text: "both seven" }], finish: "STOP" }));
    const second = await client.models.generateContent({ model: MODEL, contents, config });
    expect(second.text).toBe("both seven");
    expect(gateway.sent().contents).toEqual([
      { role: "user", parts: [{ text: "ping" }] },
      { role: "model", parts: CALLS },
      { role: "user", parts: responses },
    ]);
  });

  it("raises Google's error with its status", async () => {
    gateway.respond({ status: 429, body: geminiError(429, "RESOURCE_EXHAUSTED", "slow down") });
    const error = await errorOf<ApiError>(client.models.generateContent({ model: MODEL, contents: "ping" }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error.status).toBe(429);
    expect(JSON.parse(error.message)).toEqual(geminiError(429, "RESOURCE_EXHAUSTED", "slow down"));
  });

  it("is tried again when the client is told to", async () => {
    gateway.respond(
      { status: 503, body: geminiError(503, "UNAVAILABLE", "busy") },
      geminiResponse({ parts: [{ text: "second time" }], finish: "STOP" }),
    );
    const response = await new GoogleGenAI(gateway.google("gemini", 2)).models.generateContent({ model: MODEL, contents: "ping" });
    expect(response.text).toBe("second time");
    expect(gateway.seen.map((request) => request.text)).toEqual(Array(2).fill(gateway.seen[0].text));
  });
});

describe("generateContentStream", () => {
  it("streams byte for byte and is counted", async () => {
    const pieces = geminiStream({
      id: "resp-S1",
      parts: [[{ text: "hm", thought: true }], [{ text: "你好" }], [{ text: " 😀" }]],
      tokens: [8, 6, 3],
    });
    gateway.respond(pieces);
    const chunks = await collect(await client.models.generateContentStream({ model: "alias-native-stream", contents: "ping" }));
    expect(chunks.map((chunk) => chunk.text ?? "").join("")).toBe("你好 😀");
    expect(chunks).toHaveLength(3);
    expect(gateway.request().path).toBe(`/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`);
    const raw = await gateway.lab.call(0, { path: `/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`, body: { contents: [] } });
    expect(raw.text).toBe(pieces.join(""));
    expect((await gateway.log("alias-native-stream")).aiLog).toMatchObject({
      api: "gemini/v1beta/streamgeneratecontent",
      chat_id: "resp-S1",
      input_token: 8,
      output_token: 9,
      response_type: "stream",
      outcome: "completed",
    });
  });

  it("raises an error that comes inside the stream", async () => {
    gateway.respond([
      geminiEvent(geminiResponse({ parts: [{ text: "parti" }] })),
      geminiEvent(geminiError(503, "UNAVAILABLE", "overloaded")),
    ]);
    const stream = await client.models.generateContentStream({ model: MODEL, contents: "ping" });
    const error = await errorOf<ApiError>(collect(stream));
    expect(error).toBeInstanceOf(ApiError);
    expect(error.status).toBe(503);
  });

  it("works for a chat, whose history holds both turns", async () => {
    gateway.respond(geminiStream({ parts: [[{ text: "po" }], [{ text: "ng" }]] }), geminiStream({ parts: [[{ text: "again" }]] }));
    const chat = client.chats.create({ model: MODEL });
    await collect(await chat.sendMessageStream({ message: "one" }));
    await collect(await chat.sendMessageStream({ message: "two" }));
    expect(gateway.sent(1).contents.map((content: Content) => content.role)).toEqual(["user", "model", "model", "user"]);
  });
});

describe("other calls", () => {
  it("embedContent reaches batchEmbedContents with the real key", async () => {
    gateway.respond({ embeddings: [{ values: [0.5, -1] }, { values: [0.25, 2] }] });
    const response = await client.models.embedContent({
      model: "gemini-embedding-001",
      contents: ["one", "two"],
      config: { outputDimensionality: 2 },
    });
    expect(response.embeddings?.map((embedding) => embedding.values)).toEqual([
      [0.5, -1],
      [0.25, 2],
    ]);
    const seen = gateway.request();
    expect([seen.path, seen.headers["x-goog-api-key"]]).toEqual(["/v1beta/models/gemini-embedding-001:batchEmbedContents", "sk-gemini"]);
    expect(seen.json.requests).toHaveLength(2);
  });

  it("countTokens and the list of models reach Google with the real key", async () => {
    gateway.respond({ totalTokens: 31, promptTokensDetails: [{ modality: "TEXT", tokenCount: 31 }] });
    expect((await client.models.countTokens({ model: MODEL, contents: "ping" })).totalTokens).toBe(31);
    expect(gateway.request()).toMatchObject({ path: `/v1beta/models/${MODEL}:countTokens`, headers: { "x-goog-api-key": "sk-gemini" } });
    gateway.respond({ models: [{ name: `models/${MODEL}`, displayName: "Flash" }] });
    expect((await collect(await client.models.list())).map((model) => model.name)).toEqual([`models/${MODEL}`]);
    expect(gateway.request().headers).toMatchObject({ host: "generativelanguage.googleapis.com", "x-goog-api-key": "sk-gemini" });
  });
});
