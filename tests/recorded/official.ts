// What the official clients make of a response's bytes: text and calls, or the error that they throw.
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { argumentsOf, joined, type Call, type Json } from "./reading";

export interface Parsed {
  text: string;
  calls: Call[];
}

const KEY = "some-key";
const BASE = "http://127.0.0.1:9";
const ASK = [{ role: "user" as const, content: "ping" }];

type Fetch = typeof fetch;
const answering =
  (bytes: Buffer, contentType: string): Fetch =>
  async () =>
    new Response(new Uint8Array(bytes), { status: 200, headers: { "content-type": contentType } });

/** Runs `action` while the platform's fetch is `other`: Google's client takes none of its own. */
async function withFetch<T>(other: Fetch, action: () => Promise<T>): Promise<T> {
  const own = globalThis.fetch;
  globalThis.fetch = other;
  try {
    return await action();
  } finally {
    globalThis.fetch = own;
  }
}

async function chat(fetch: Fetch, isStream: boolean): Promise<Parsed> {
  const client = new OpenAI({ apiKey: KEY, baseURL: BASE, maxRetries: 0, fetch });
  const ask = { model: "m", messages: ASK };
  const response = isStream ? await client.chat.completions.stream(ask).finalChatCompletion() : await client.chat.completions.create(ask);
  const message: Json = response.choices[0]?.message ?? {};
  const calls: Call[] = (message.tool_calls ?? []).map((call: Json) => ({
    name: call.function.name,
    arguments: argumentsOf(call.function.arguments),
  }));
  if (message.function_call?.name) {
    calls.push({ name: message.function_call.name, arguments: argumentsOf(message.function_call.arguments) });
  }
  const text = typeof message.content === "string" ? message.content : joined(message.content, (part) => part.text);
  return { text: text + (message.refusal ?? ""), calls };
}

async function messages(fetch: Fetch, isStream: boolean): Promise<Parsed> {
  const client = new Anthropic({ apiKey: KEY, baseURL: BASE, maxRetries: 0, fetch });
  const ask = { model: "m", max_tokens: 1000, messages: ASK };
  const response = isStream ? await client.messages.stream(ask).finalMessage() : await client.messages.create(ask);
  const calls = response.content.flatMap((block) =>
    block.type === "tool_use" ? [{ name: block.name, arguments: block.input ?? {} }] : [],
  );
  return { text: joined(response.content, (block) => (block.type === "text" ? block.text : "")), calls };
}

async function responses(fetch: Fetch, isStream: boolean): Promise<Parsed> {
  const client = new OpenAI({ apiKey: KEY, baseURL: BASE, maxRetries: 0, fetch });
  const ask = { model: "m", input: "ping" };
  const response = isStream ? await client.responses.stream(ask).finalResponse() : await client.responses.create(ask);
  const items: Json[] = response.output;
  const calls = items.flatMap((item) =>
    item.type === "function_call" ? [{ name: item.name, arguments: argumentsOf(item.arguments) }] : [],
  );
  return {
    text: joined(items, (item) => (item.type === "message" ? joined(item.content, (part) => part.text ?? part.refusal) : "")),
    calls,
  };
}

async function gemini(fetch: Fetch, isStream: boolean): Promise<Parsed> {
  const client = new GoogleGenAI({ apiKey: KEY, vertexai: false, httpOptions: { baseUrl: BASE } });
  const ask = { model: "m", contents: "ping" };
  return withFetch(fetch, async () => {
    const chunks: Json[] = [];
    if (isStream) for await (const response of await client.models.generateContentStream(ask)) chunks.push(response);
    else chunks.push(await client.models.generateContent(ask));
    const parts: Json[] = chunks.flatMap((response) => response.candidates?.[0]?.content?.parts ?? []);
    const calls = parts.flatMap(({ functionCall }) =>
      functionCall ? [{ name: functionCall.name, arguments: functionCall.args ?? {} }] : [],
    );
    return { text: joined(parts, (part) => (part.thought === true ? "" : part.text)), calls };
  });
}

const CLIENTS = { chat, anthropic: messages, responses, gemini };

/** Throws what the client throws. */
export function parseOfficially(api: keyof typeof CLIENTS, isStream: boolean, bytes: Buffer, contentType: string): Promise<Parsed> {
  return CLIENTS[api](answering(bytes, contentType), isStream);
}
