// The official Google client with providers behind the gateway that do not serve Gemini's API: a chat, Claude, Bedrock.
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type FunctionDeclaration, type GenerateContentResponse } from "@google/genai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT_KEY, collect, errorOf, openGateway, type Gateway, type ProviderName } from "./gateway";
import { SCHEMA, TOOL_RESULTS } from "./weather";
import { message, messageStream, type Block } from "./wire-anthropic";
import { converse, converseReply, converseStream, type BedrockBlock } from "./wire-bedrock";
import { completion, completionStream, openaiError } from "./wire-openai";

const PROVIDERS = ["openai", "deepseek", "claude", "bedrock"] as const satisfies ProviderName[];
type Provider = (typeof PROVIDERS)[number];

const PATHS: Record<Provider, string> = {
  openai: "/v1/chat/completions",
  deepseek: "/v1/chat/completions",
  claude: "/v1/messages",
  bedrock: "/model/m/converse",
};
const CITIES = ["Zürich", "東京"];
const DECLARATION: FunctionDeclaration = { name: "weather", description: "The weather of a city", parametersJsonSchema: SCHEMA };
const CONFIG = {
  tools: [{ functionDeclarations: [DECLARATION] }],
  toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
};
const THOUGHT = "hm, 天気";

interface Turn {
  text?: string;
  thought?: boolean;
  calls?: boolean;
}

/** One answer in the provider's own shape. */
function answer(provider: Provider, turn: Turn, isStream: boolean): object {
  const { text, thought, calls } = turn;
  if (provider === "claude") {
    const content: Block[] = [
      ...(thought ? [{ type: "thinking" as const, thinking: THOUGHT, signature: "SIG+/=1" }] : []),
      ...(text ? [{ type: "text" as const, text }] : []),
      ...(calls ? CITIES.map((city, k) => ({ type: "tool_use" as const, id: `toolu_${k}`, name: "weather", input: { city } })) : []),
    ];
    return isStream ? messageStream({ content }) : message({ content });
  }
  if (provider === "bedrock") {
    const content: BedrockBlock[] = [
      ...(thought ? [{ reasoningContent: { reasoningText: { text: THOUGHT, signature: "SIG+/=1" } } }] : []),
      ...(text ? [{ text }] : []),
      ...(calls ? CITIES.map((city, k) => ({ toolUse: { toolUseId: `tooluse_${k}`, name: "weather", input: { city } } })) : []),
    ];
    return isStream ? converseReply(converseStream({ content })) : { body: converse({ content }) };
  }
  const tools = calls ? CITIES.map((city, k) => ({ id: `call_${k}x`, name: "weather", arguments: JSON.stringify({ city }) })) : undefined;
  const parts = { content: text ?? null, reasoning: thought ? THOUGHT : undefined, tools, tokens: [11, 6] as [number, number] };
  return isStream ? completionStream({ ...parts, content: text }) : completion(parts);
}

/** What the provider must have got of the first turn and its results, its own thinking and ids among them. */
function toolTurns(provider: Provider): object[] {
  if (provider === "claude") {
    return [
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: THOUGHT, signature: "SIG+/=1" },
          ...CITIES.map((city, k) => ({ type: "tool_use", id: `toolu_${k}`, name: "weather", input: { city } })),
        ],
      },
      { role: "user", content: TOOL_RESULTS.map((text, k) => ({ type: "tool_result", tool_use_id: `toolu_${k}`, content: text })) },
    ];
  }
  if (provider === "bedrock") {
    return [
      {
        role: "assistant",
        content: [
          { reasoningContent: { reasoningText: { text: THOUGHT, signature: "SIG+/=1" } } },
          ...CITIES.map((city, k) => ({ toolUse: { toolUseId: `tooluse_${k}`, name: "weather", input: { city } } })),
        ],
      },
      { role: "user", content: TOOL_RESULTS.map((text, k) => ({ toolResult: { toolUseId: `tooluse_${k}`, content: [{ text }] } })) },
    ];
  }
  const calls = CITIES.map((city, k) => ({
    id: `call_${k}x`,
    type: "function",
    function: { name: "weather", arguments: JSON.stringify({ city }) },
  }));
  return [
    { role: "assistant", content: null, ...(provider === "deepseek" ? { reasoning_content: THOUGHT } : {}), tool_calls: calls },
    ...TOOL_RESULTS.map((content, k) => ({ role: "tool", tool_call_id: `call_${k}x`, content })),
  ];
}

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway([...PROVIDERS]);
});
afterAll(() => gateway?.close());

const clientOf = (provider: Provider) => new GoogleGenAI(gateway.google(provider));

describe.each(PROVIDERS)("an answer of %s", (provider) => {
  it("comes whole", async () => {
    gateway.respond(answer(provider, { text: "pong ✓" }, false));
    const response = await clientOf(provider).models.generateContent({ model: `${provider}-whole`, contents: "ping" });
    expect(response.text).toBe("pong ✓");
    expect(response.candidates).toMatchObject([{ finishReason: "STOP", index: 0 }]);
    expect(response.usageMetadata).toMatchObject({ promptTokenCount: 11, candidatesTokenCount: 6, totalTokenCount: 17 });
    const seen = gateway.request();
    expect(seen.path).toBe(PATHS[provider].replace("/m/", `/${provider}-whole/`));
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect(Object.keys(seen.headers).filter((name) => name.startsWith("x-goog-api-key"))).toEqual([]);
    expect((await gateway.log(`${provider}-whole`)).aiLog).toMatchObject({
      api: "gemini/v1beta/generatecontent",
      provider,
      input_token: 11,
      output_token: 6,
    });
  });

  it("streams", async () => {
    gateway.respond(answer(provider, { text: '你好 😀 "q"\n' }, true));
    const chunks = await collect(await clientOf(provider).models.generateContentStream({ model: `${provider}-stream`, contents: "ping" }));
    expect(chunks.map((chunk) => chunk.text ?? "").join("")).toBe('你好 😀 "q"\n');
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.at(-1)).toMatchObject({
      candidates: [{ finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 6 },
    });
    expect((await gateway.log(`${provider}-stream`)).aiLog).toMatchObject({
      input_token: 11,
      output_token: 6,
      response_type: "stream",
      outcome: "completed",
    });
  });

  it.each([false, true])("runs a tool loop in a chat; thinking and ids come back (stream: %s)", async (isStream) => {
    gateway.respond(answer(provider, { thought: true, calls: true }, isStream), answer(provider, { text: "both seven" }, isStream));
    const chat = clientOf(provider).chats.create({ model: "m", config: CONFIG });
    const send = async (text: Parameters<typeof chat.sendMessage>[0]["message"]): Promise<GenerateContentResponse[]> =>
      isStream ? collect(await chat.sendMessageStream({ message: text })) : [await chat.sendMessage({ message: text })];
    const first = await send("ping");
    const parts = first.flatMap((chunk) => chunk.candidates?.[0].content?.parts ?? []);
    expect(parts.filter((part) => part.thought).map((part) => part.text).join("")).toBe(THOUGHT); // prettier-ignore
    const calls = first.flatMap((chunk) => chunk.functionCalls ?? []);
    expect(calls.map((call) => call.args)).toEqual(CITIES.map((city) => ({ city })));
    const results = calls.map((call, k) => ({
      functionResponse: { id: call.id, name: call.name, response: { output: TOOL_RESULTS[k] } },
    }));
    const second = await send(results);
    expect(second.map((chunk) => chunk.text ?? "").join("")).toBe("both seven");
    expect(gateway.sent(1).messages.slice(1)).toEqual(toolTurns(provider));
  });

  it("keeps the thinking for a client that drops thoughts and ids, as Gemini CLI does", async () => {
    gateway.respond(answer(provider, { thought: true, calls: true }, true), answer(provider, { text: "both seven" }, true));
    const models = clientOf(provider).models;
    const first = await collect(await models.generateContentStream({ model: "m", contents: "ping", config: CONFIG }));
    const parts = first.flatMap((chunk) => chunk.candidates?.[0].content?.parts ?? []).filter((part) => !part.thought);
    const contents = [
      { role: "user", parts: [{ text: "ping" }] },
      { role: "model", parts },
      { role: "user", parts: TOOL_RESULTS.map((output) => ({ functionResponse: { name: "weather", response: { output } } })) },
    ];
    await collect(await models.generateContentStream({ model: "m", contents, config: CONFIG }));
    expect(gateway.sent(1).messages.slice(1)).toEqual(toolTurns(provider));
  });

  it("is raised as Google's error, whole and inside a stream", async () => {
    const body = provider === "bedrock" ? { message: "slow down" } : openaiError("slow down", "rate_limit_error");
    gateway.respond({ status: 429, body });
    const error = await errorOf<ApiError>(clientOf(provider).models.generateContent({ model: "m", contents: "ping" }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error.status).toBe(429);
    expect(JSON.parse(error.message)).toEqual({ error: { code: 429, message: "slow down", status: "RESOURCE_EXHAUSTED" } });
    const whole = answer(provider, { text: "partial" }, true) as { pieces?: Uint8Array[] };
    gateway.respond("pieces" in whole ? { ...whole, pieces: whole.pieces!.slice(0, 2) } : (whole as unknown as string[]).slice(0, 3));
    const stream = await clientOf(provider).models.generateContentStream({ model: "m", contents: "ping" });
    expect((await errorOf<ApiError>(collect(stream))).status).toBe(502);
  });
});

describe("other calls", () => {
  it("embedContent asks for embeddings", async () => {
    gateway.respond({
      object: "list",
      model: "e",
      data: [{ embedding: [0.5, -1] }, { embedding: [0.25, 2] }],
      usage: { prompt_tokens: 2 },
    });
    const response = await clientOf("openai").models.embedContent({
      model: "e",
      contents: ["one", "two"],
      config: { outputDimensionality: 2 },
    });
    expect(response.embeddings?.map((embedding) => embedding.values)).toEqual([
      [0.5, -1],
      [0.25, 2],
    ]);
    expect(gateway.request().path).toBe("/v1/embeddings");
    expect(gateway.sent()).toEqual({ model: "e", input: ["one", "two"], dimensions: 2, encoding_format: "float" });
  });

  it("a response schema of the SDK reaches OpenAI as JSON Schema", async () => {
    gateway.respond(completion({ content: '{"a":1}' }));
    const responseSchema = { type: "OBJECT", properties: { a: { type: "INTEGER", nullable: true } }, required: ["a"] };
    const config = { responseMimeType: "application/json", responseSchema: responseSchema as object };
    const response = await clientOf("openai").models.generateContent({ model: "m", contents: "ping", config });
    expect(JSON.parse(response.text!)).toEqual({ a: 1 });
    expect(gateway.sent().response_format.json_schema.schema).toEqual({
      type: "object",
      properties: { a: { type: ["integer", "null"] } },
      required: ["a"],
      additionalProperties: false,
    });
  });
});
