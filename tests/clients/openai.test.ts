// The official OpenAI client through a real Envoy: it must get what it would get from the provider itself.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLab, type Lab } from "../envoy/lab";

const MESSAGES: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "ping" }];
const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m-up", choices: [{ index: 0, delta, finish_reason: finish }], usage: null })}\n\n`;
const USAGE = `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m-up","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n`;
const STREAM = [chunk({ role: "assistant", content: "" }), chunk({ content: "你好" }), chunk({ content: " 😀" }), chunk({}, "stop"), USAGE, "data: [DONE]\n\n"];

let lab: Lab;
let client: OpenAI;
beforeAll(async () => {
  lab = await startLab({
    plugins: [{ config: { provider: { type: "openai", apiTokens: ["sk-real"], modelMapping: { "gpt-*": "m-up" } } } }],
  });
  client = new OpenAI({ apiKey: "user-key", baseURL: `http://127.0.0.1:${lab.ports[0]}/v1`, maxRetries: 0 });
});
afterAll(() => lab?.close());

describe("the openai client", () => {
  it("gets a whole answer, and the provider the mapped model and the real token", async () => {
    lab.upstream.reset({
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: "r1", object: "chat.completion", created: 1, model: "m-up", choices: [{ index: 0, message: { role: "assistant", content: "pong" }, finish_reason: "stop" }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }),
    });
    const answer = await client.chat.completions.create({ model: "gpt-4o", messages: MESSAGES, temperature: 0 });
    expect(answer.choices[0].message.content).toBe("pong");
    const seen = lab.upstream.seen[0];
    expect(JSON.parse(seen.body.toString())).toEqual({ model: "m-up", messages: MESSAGES, temperature: 0 });
    expect(seen.headers.authorization).toBe("Bearer sk-real");
  });

  it("streams, without the usage chunk that it did not ask for", async () => {
    lab.upstream.reset({ headers: { "content-type": "text/event-stream" }, pieces: STREAM });
    const stream = await client.chat.completions.create({ model: "gpt-4o", messages: MESSAGES, stream: true });
    const seen: OpenAI.ChatCompletionChunk[] = [];
    for await (const part of stream) seen.push(part);
    expect(seen.map((part) => part.choices[0]?.delta.content ?? "").join("")).toBe("你好 😀");
    expect(seen.every((part) => part.choices.length === 1)).toBe(true);
    expect(seen.at(-1)?.choices[0].finish_reason).toBe("stop");
    expect(JSON.parse(lab.upstream.seen[0].body.toString()).stream_options).toEqual({ include_usage: true });
  });

  it("gets the usage chunk when it asks for it", async () => {
    lab.upstream.reset({ headers: { "content-type": "text/event-stream" }, pieces: STREAM });
    const stream = client.chat.completions.stream({ model: "gpt-4o", messages: MESSAGES, stream_options: { include_usage: true } });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0].message.content).toBe("你好 😀");
    expect(final.usage?.total_tokens).toBe(5);
  });

  it("raises the typed error of a provider's refusal", async () => {
    lab.upstream.reset({ status: 429, headers: { "content-type": "application/json", "retry-after": "7" }, body: JSON.stringify({ error: { message: "slow down", type: "rate_limit_exceeded", code: "rate_limit" } }) });
    const error = await client.chat.completions.create({ model: "gpt-4o", messages: MESSAGES }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect((error as InstanceType<typeof OpenAI.APIError>).code).toBe("rate_limit");
    expect((error as InstanceType<typeof OpenAI.APIError>).headers?.get("retry-after")).toBe("7");
  });

  it("raises the typed error of our own refusal", async () => {
    lab.upstream.reset({ body: "{}" });
    const error = await client.chat.completions.create({ messages: MESSAGES } as never).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect((error as InstanceType<typeof OpenAI.APIError>).code).toBe("missing_model");
    expect(lab.upstream.seen).toHaveLength(0);
  });

  it("embeds and lists models", async () => {
    lab.upstream.reset({ headers: { "content-type": "application/json" }, body: JSON.stringify({ object: "list", model: "e", data: [{ object: "embedding", index: 0, embedding: [0.5, -1] }], usage: { prompt_tokens: 1, total_tokens: 1 } }) });
    const vectors = await client.embeddings.create({ model: "e", input: "x", encoding_format: "float" });
    expect(vectors.data[0].embedding).toEqual([0.5, -1]);
    lab.upstream.reset({ headers: { "content-type": "application/json" }, body: JSON.stringify({ object: "list", data: [{ id: "m-up", object: "model", created: 1, owned_by: "x" }] }) });
    const models = await client.models.list();
    expect(models.data.map((model) => model.id)).toEqual(["m-up"]);
  });
});
