// Two hundred streams at once through one worker, seven pairs of client and provider: nothing of one may show up in another.
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import type { Server } from "node:http";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomOf } from "../unit/aws-frames";
import type { Reply, SeenRequest } from "../envoy/lab";
import { ASK, openGateway, type Gateway, type ProviderName } from "./gateway";
import { messageStream } from "./wire-anthropic";
import { converseReply, converseStream } from "./wire-bedrock";
import { geminiStream } from "./wire-gemini";
import { completionStream } from "./wire-openai";

const STREAMS = 200;
const LIMIT_MS = 15_000;

/** What a client saw of its stream. */
interface Told {
  id: string;
  text: string;
  /** Prompt and completion tokens; empty when the client went away. */
  tokens: number[];
}

/** What stream `index` must say; everything in it is its own. */
const planOf = (index: number) => {
  const text = Array.from({ length: 12 + (index % 9) }, (_, word) => `${index}:${word}文😀`).join(" ");
  return {
    model: `s${index}-model`,
    id: `id-${index}-x`,
    upstream: `up-${index}`,
    text,
    tokens: [1000 + index, 5000 + index] as [number, number],
  };
};

type Client = (index: number, isQuitter: boolean) => Promise<Told>;
interface Pair {
  provider: ProviderName;
  client: "openai" | "anthropic" | "google";
}

const PAIRS: Pair[] = [
  { client: "openai", provider: "openai" },
  { client: "openai", provider: "claude" },
  { client: "openai", provider: "gemini" },
  { client: "openai", provider: "bedrock" },
  { client: "anthropic", provider: "openai" },
  { client: "anthropic", provider: "claude" },
  { client: "google", provider: "gemini" },
];
const pairOf = (index: number) => PAIRS[index % PAIRS.length] as Pair;
/** Some clients go away in the middle. */
const quits = (index: number) => pairOf(index).client === "openai" && index % 10 === 3;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway(["openai", "claude", "gemini", "bedrock"]);
});
afterAll(() => gateway?.close());

/** The stream of a provider in its own dialect. */
function speak(provider: ProviderName, index: number): { headers?: Record<string, string>; pieces: (string | Uint8Array)[] } {
  const { id, upstream: model, text, tokens } = planOf(index);
  if (provider === "claude") return { pieces: messageStream({ id, model, tokens, content: [{ type: "text", text }] }) };
  if (provider === "gemini")
    return { pieces: geminiStream({ id, model, tokens, parts: text.split(/(?<= )/).map((word) => [{ text: word }]) }) };
  if (provider === "bedrock") return converseReply(converseStream({ content: [{ text }], tokens }));
  return { pieces: completionStream({ id, model, content: text, tokens }) };
}

/** Cuts a stream anywhere, in 20 to 40 pieces, so that events and characters of all streams are in pieces at once. */
function shred(pieces: (string | Uint8Array)[], random: () => number): Buffer[] {
  const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)));
  const cuts = Array.from({ length: 20 + Math.floor(random() * 20) }, () => Math.floor(random() * bytes.length));
  const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end));
}

async function askOpenai(client: OpenAI, model: string, isQuitter: boolean): Promise<Told> {
  const stream = await client.chat.completions.create({ model, messages: ASK, stream: true, stream_options: { include_usage: true } });
  const ids = new Set<string>();
  const told: Told = { id: "", text: "", tokens: [] };
  for await (const chunk of stream) {
    ids.add(chunk.id);
    told.text += chunk.choices[0]?.delta.content ?? "";
    if (chunk.usage) told.tokens = [chunk.usage.prompt_tokens, chunk.usage.completion_tokens];
    if (isQuitter && told.text.length > 20) stream.controller.abort();
  }
  return { ...told, id: [...ids].join(" ") };
}

async function askAnthropic(client: Anthropic, model: string): Promise<Told> {
  const final = await client.messages.stream({ model, max_tokens: 99, messages: ASK }).finalMessage();
  const text = final.content.map((block) => (block.type === "text" ? block.text : `?${block.type}`)).join("");
  return { id: final.id, text, tokens: [final.usage.input_tokens, final.usage.output_tokens] };
}

async function askGoogle(client: GoogleGenAI, model: string): Promise<Told> {
  const ids = new Set<string>();
  const told: Told = { id: "", text: "", tokens: [] };
  for await (const chunk of await client.models.generateContentStream({ model, contents: "ping" })) {
    ids.add(chunk.responseId ?? "none");
    told.text += chunk.text ?? "";
    told.tokens = [chunk.usageMetadata?.promptTokenCount ?? -1, chunk.usageMetadata?.candidatesTokenCount ?? -1];
  }
  return { ...told, id: [...ids].join(" ") };
}

/** One client of each kind for each provider, as an application has them. */
function makeClients(): Client[] {
  return PAIRS.map(({ client, provider }) => {
    if (client === "anthropic") {
      const anthropic = new Anthropic(gateway.anthropic(provider));
      return (index) => askAnthropic(anthropic, planOf(index).model);
    }
    if (client === "google") {
      const google = new GoogleGenAI(gateway.google(provider));
      return (index) => askGoogle(google, planOf(index).model);
    }
    const openai = new OpenAI(gateway.openai(provider));
    return (index, isQuitter) => askOpenai(openai, planOf(index).model, isQuitter);
  });
}

/** Holds every request at the provider until `count` are there, so that all streams are open at once. */
function holdUntil(server: Server, count: number): void {
  const [response] = server.listeners("request");
  server.removeAllListeners("request");
  let waiting: (() => void)[] = [];
  server.on("request", (...request) => {
    waiting.push(() => response?.apply(server, request));
    if (waiting.length < count) return;
    for (const go of waiting) go();
    waiting = [];
  });
}

/** Answers each request as the stream that its model names. */
function makeScript(): (request: SeenRequest) => Reply {
  const random = randomOf(7);
  return (request) => {
    const index = Number(/s(\d+)-model/.exec(`${request.path} ${request.text}`)?.[1]);
    const { headers, pieces } = speak(pairOf(index).provider, index);
    const shreds = shred(pieces, random);
    return { headers, pieces: shreds, gapMs: shreds.map(() => 5 + Math.floor(random() * 40)) };
  };
}

describe("two hundred streams at once", () => {
  it(
    "keep their ids, texts and counts to themselves, at the clients and in the log",
    async () => {
      holdUntil(gateway.lab.upstream.server, STREAMS);
      gateway.script(makeScript());
      const clients = makeClients();
      const indexes = Array.from({ length: STREAMS }, (_, index) => index);
      const told = await Promise.all(indexes.map((index) => (clients[index % PAIRS.length] as Client)(index, quits(index))));

      expect(gateway.seen).toHaveLength(STREAMS);
      const wrong = indexes.filter((index) => !isOwn(index, told[index] as Told));
      expect(wrong.map((index) => ({ pair: pairOf(index), told: told[index], plan: planOf(index) }))).toEqual([]);
      expect(new Set(told.map((one) => one.id)).size).toBe(STREAMS);

      const logged = await logsByModel();
      for (const index of indexes)
        expect(logged.get(planOf(index).model), `stream ${index}`).toMatchObject(logOf(index, told[index] as Told));
    },
    LIMIT_MS,
  );
});

/** Whether a client was told what its stream says and nothing else. */
function isOwn(index: number, told: Told): boolean {
  const { id, text, tokens } = planOf(index);
  // Bedrock names no id; the gateway does.
  const hasId = pairOf(index).provider === "bedrock" ? /^chatcmpl-\d+$/.test(told.id) : told.id === id;
  if (quits(index)) return hasId && told.text.length > 20 && text.startsWith(told.text);
  return hasId && told.text === text && told.tokens.join() === tokens.join();
}

/** Every ai_log by its request_model, once all are written. */
async function logsByModel(): Promise<Map<unknown, object>> {
  await expect.poll(() => gateway.logs().length, { timeout: 5_000 }).toBe(STREAMS);
  return new Map(gateway.logs().map(({ aiLog }) => [aiLog.request_model, aiLog]));
}

/** What the log must say of a stream. */
function logOf(index: number, told: Told): object {
  const { model, upstream, tokens } = planOf(index);
  const { provider } = pairOf(index);
  const common = {
    request_model: model,
    provider,
    chat_id: told.id,
    response_type: "stream",
    model: provider === "bedrock" ? model : upstream,
  };
  if (quits(index)) return { ...common, outcome: "aborted" };
  return { ...common, outcome: "completed", input_token: tokens[0], output_token: tokens[1], total_token: tokens[0] + tokens[1] };
}
