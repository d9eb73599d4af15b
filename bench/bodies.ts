// Large requests of different shapes, and everything that can be done with them: for bench/callbacks.ts and tests/budgets/large.test.ts.
import type { RequestInit } from "../emulator/host";

/** `count` repetitions so that the text has about `bytes`. */
const fill = (piece: string, bytes: number) => piece.repeat(Math.max(1, Math.floor(bytes / piece.length)));
const list = (piece: string, bytes: number) => fill(`${piece},`, bytes).slice(0, -1);

const chat = (messages: string, extra = "") => `{"model":"m"${extra},"messages":[${messages}]}`;
const user = (content: string) => `{"role":"user","content":${content}}`;

/** JSON bodies of about so many bytes. */
export const BODIES: Record<string, (bytes: number) => string> = {
  // One text without escapes, one that is full of them, and an image.
  text: (bytes) => chat(user(`"${fill("plain words ", bytes)}"`)),
  escapes: (bytes) => chat(user(`"${fill('\\"a\\n', bytes)}"`)),
  unicode: (bytes) => chat(user(`"${fill("\\u00e9", bytes)}"`)),
  image: (bytes) => chat(user(`[{"type":"image_url","image_url":{"url":"data:image/png;base64,${fill("iVBORw0KGgoA", bytes)}"}}]`)),
  // Many values.
  messages: (bytes) => chat(list('{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}', bytes)),
  neighbours: (bytes) => chat(list(user('"Hi"'), bytes)),
  developers: (bytes) => chat(list('{"role":"developer","content":"d"}', bytes)),
  parts: (bytes) => chat(user(`[${list('{"type":"text","text":"a"}', bytes)}]`)),
  calls: (bytes) =>
    chat(
      list(
        '{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}',
        bytes,
      ),
    ),
  tools: (bytes) =>
    chat(
      user('"Hi"'),
      `,"tools":[${list('{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}', bytes)}]`,
    ),
  schema: (bytes) =>
    chat(
      user('"Hi"'),
      `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{${list('"a":{"type":"string","enum":["b"]}', bytes)}}}}}]`,
    ),
  numbers: (bytes) => chat(user('"Hi"'), `,"metadata":[${list("1", bytes)}]`),
  members: (bytes) => `{"model":"m","messages":[${user('"Hi"')}],${list('"a":1', bytes)}}`,
  messagesApi: (bytes) =>
    `{"model":"m","max_tokens":5,"messages":[${list('{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}', bytes)}]}`,
  messagesText: (bytes) => `{"model":"m","max_tokens":5,"messages":[${user(`"${fill('\\"a\\n', bytes)}"`)}]}`,
  inputs: (bytes) => `{"model":"m","input":[${list('"a"', bytes)}]}`,
};

const CHATS = Object.keys(BODIES)
  .filter((shape) => !shape.startsWith("messages") || shape === "messages")
  .filter((shape) => shape !== "inputs");
const MESSAGES = ["messagesApi", "messagesText"];

export interface Way {
  name: string;
  config: { provider: Record<string, unknown> } & Record<string, unknown>;
  path: string;
  /** Shapes of BODIES. */
  takes: string[];
}

/** Larger than the default, so that nothing but what is measured decides. */
export const MAX = 134_217_728;
/** The largest maxRewrittenBytes. */
export const MAX_REWRITTEN = 67_108_864;
const provider = (type: string, extra: Record<string, unknown> = {}) => ({
  maxHeldBytes: 2_147_483_647,
  provider: { type, apiTokens: ["k"], maxRequestBytes: MAX, maxRewrittenBytes: MAX_REWRITTEN, ...extra },
});

const DIALECTS: Record<string, Record<string, unknown>> = {
  claude: {},
  bedrock: { awsRegion: "eu-west-1" },
  gemini: {},
  vertex: {},
  cohere: {},
  qwen: { qwenEnableCompatible: false },
  dify: { botType: "Chat" },
  hunyuan: {
    apiTokens: undefined,
    hunyuanAuthId: "AKIDexampleexampleexampleexample0123",
    hunyuanAuthKey: "exampleexampleexampleexample0123",
  },
  spark: {},
  minimax: { minimaxApiType: "pro", minimaxGroupId: "g" },
  deepl: { targetLang: "EN" },
  triton: { tritonDomain: "t.test", tritonModelVersion: "1" },
};
const SIGNED = { apiTokens: undefined, awsAccessKey: "AKIDEXAMPLE", awsSecretKey: "secret", awsRegion: "eu-west-1" };
const RAW = [
  { name: "messages.0.x", value: 1, mode: "raw" },
  { name: "messages.-1", value: { role: "user", content: "z" }, mode: "raw" },
];

const way = (name: string, type: string, extra: Record<string, unknown> = {}, path = "/v1/chat/completions", takes = CHATS): Way => ({
  name,
  config: provider(type, extra),
  path,
  takes,
});

export const WAYS: Way[] = [
  way("passed", "openai"),
  way("passed, strict roles", "groq"),
  way("passed, merged", "groq", { mergeConsecutiveMessages: true }),
  way("passed, merged and cleaned", "openai", { mergeConsecutiveMessages: true, contextCleanupCommands: ["/new"] }),
  way("passed, custom settings", "openai", { customSettings: RAW }),
  way("passed, embeddings", "openai", {}, "/v1/embeddings", ["inputs", "members"]),
  way("original, custom settings", "openai", { protocol: "original", customSettings: RAW }),
  ...Object.entries(DIALECTS).map(([type, extra]) => way(`translated, ${type}`, type, extra)),
  ...Object.entries(DIALECTS).map(([type, extra]) =>
    way(`translated and merged, ${type}`, type, { ...extra, mergeConsecutiveMessages: true }),
  ),
  way("translated and signed, bedrock", "bedrock", SIGNED),
  way("messages for openai", "openai", {}, "/v1/messages", MESSAGES),
  way("messages for openai, merged", "openai", { mergeConsecutiveMessages: true }, "/v1/messages", MESSAGES),
  ...Object.entries(DIALECTS)
    .filter(([type]) => type !== "claude")
    .map(([type, extra]) => way(`messages for ${type}`, type, extra, "/v1/messages", MESSAGES)),
  ...["gemini", "bedrock", "qwen", "vertex", "hunyuan", "cohere"].map((type) =>
    way(`embeddings, ${type}`, type, DIALECTS[type], "/v1/embeddings", ["inputs"]),
  ),
];

/** Bytes of a piece in which a body comes. */
const PIECE = 16 << 20;

/** The body that was made last: many ways in a row take the same, and a body of 127 MB takes long to make. */
let made = { name: "", body: Buffer.alloc(0) };

function bodyOf(shape: string, bytes: number): Buffer {
  const name = `${shape} ${bytes}`;
  if (made.name !== name) made = { name, body: Buffer.from(BODIES[shape](bytes)) };
  return made.body;
}

/** A request of about so many bytes, in pieces, of which the last is small. */
export function requestOf(one: Way, shape: string, bytes: number): RequestInit {
  const body = bodyOf(shape, bytes);
  const requestChunks: Buffer[] = [];
  for (let at = 0; at < body.length - 1; at += PIECE) requestChunks.push(body.subarray(at, Math.min(at + PIECE, body.length - 1)));
  requestChunks.push(body.subarray(body.length - 1));
  return { method: "POST", path: one.path, headers: { "content-type": "application/json" }, requestChunks };
}
