// The recordings (format: one JSON object a line, gzip or plain), and what of them can be replayed: the bytes of the reply, the API that
// it belongs to, and the provider type that it fits.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { event as awsEvent } from "../unit/aws-frames";
import type { Json } from "./reading";

export type Form = "chat" | "responses" | "anthropic" | "gemini" | "converse" | "cohere";

export interface Line {
  source: string;
  host?: string;
  path?: string;
  method?: string;
  request?: unknown;
  status?: number;
  response?: unknown;
  responseBase64?: string;
  responseType?: string;
  vendor?: string;
  form?: string;
}

/** A reply that can be replayed. */
export interface Reply {
  /** Source and number of the line. */
  name: string;
  form: Form;
  isStream: boolean;
  bytes: Buffer;
  contentType: string;
  /** The provider part of the plugin's configuration. */
  provider: { type: string; [field: string]: unknown };
  model: string;
}

/** Undefined when it is no JSON. */
const parsed = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The lines of a file, gzip or plain. Throws with the number of a line that is no JSON object. */
export function readLines(file: string): Line[] {
  const raw = readFileSync(file);
  const text = (raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw).toString("utf8");
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const value = parsed(line);
    if (typeof value?.source !== "string") throw new Error(`line ${index + 1} is no JSON object with a \`source\``);
    return [value as Line];
  });
}

/** Part of the host, or the whole vendor, to the provider's fields. The first that fits. */
const TYPES: [RegExp, { type: string; [field: string]: unknown }][] = [
  [/^api\.openai\.com$|^openai$/, { type: "openai" }],
  [/\.openai\.azure\.com$|^azure$/, { type: "azure", azureServiceUrl: "https://some.openai.azure.com?api-version=2025-04-01-preview" }],
  [/^api\.deepseek\.com$|^deepseek$/, { type: "deepseek" }],
  [/^api\.groq\.com$|^groq$/, { type: "groq" }],
  [/^api\.mistral\.ai$|^mistral$/, { type: "mistral" }],
  [/^api\.x\.ai$|^xai$/, { type: "grok" }],
  [/^openrouter\.ai$/, { type: "openrouter" }],
  [/^alibaba$|dashscope/, { type: "qwen" }],
  [/^moonshotai$|^api\.moonshot/, { type: "moonshot" }],
  [/^togetherai$|^api\.together/, { type: "together-ai" }],
  [/^fireworks$|^api\.fireworks\.ai$/, { type: "fireworks" }],
  [/bigmodel\.cn$|^api\.z\.ai$/, { type: "zhipuai" }],
];

function providerOf(form: Form, where: string): Reply["provider"] {
  if (form === "anthropic") return { type: "claude" };
  if (form === "gemini") return { type: /aiplatform|vertex/.test(where) ? "vertex" : "gemini" };
  if (form === "converse") return { type: "bedrock", awsRegion: "us-east-1" };
  if (form === "cohere") return { type: "cohere" };
  const found = TYPES.find(([pattern]) => pattern.test(where))?.[1];
  // OpenAI and Azure answer other clients in it only if they are asked to.
  if (form === "responses" && /^(openai|azure)$/.test(found?.type ?? "")) return { ...found!, openaiApi: "responses" };
  // Any other server is OpenAI's type with an address of its own.
  return found ?? { type: "openai", openaiCustomUrl: `https://${where.includes(".") ? where : "some.host"}/v1` };
}

/** The API that a document is of: a whole reply, or the first event of a stream. */
function formOf(document: Json, isStream: boolean): Form | null {
  if (document === null || typeof document !== "object") return null;
  if (Array.isArray(document)) return document[0]?.candidates ? "gemini" : null;
  const type = typeof document.type === "string" ? document.type : "";
  if (document.object === "text_completion" || document.object === "response.compaction") return null;
  if (Array.isArray(document.choices)) return "chat";
  if (document.candidates || document.promptFeedback || (isStream && document.usageMetadata)) return "gemini";
  if (isStream) {
    if (type.startsWith("response.")) return "responses";
    if (type === "message_start") return "anthropic";
    if (type === "message-start") return "cohere";
    return ["messageStart", "contentBlockStart", "contentBlockDelta"].some((key) => key in document) ? "converse" : null;
  }
  if (document.object === "response") return "responses";
  if (type === "message" && Array.isArray(document.content)) return "anthropic";
  if (document.output?.message) return "converse";
  return document.message?.role === "assistant" && document.finish_reason ? "cohere" : null;
}

function streamBytes(form: Form, lines: string[]): Buffer {
  if (form === "converse") {
    const frames = lines.flatMap((line) => Object.entries(JSON.parse(line) as object).map(([type, data]) => awsEvent(type, data)));
    return Buffer.concat(frames);
  }
  const isNamed = form === "anthropic" || form === "responses" || form === "cohere";
  const events = lines.map((line) => `${isNamed ? `event: ${(JSON.parse(line) as Json).type}\n` : ""}data: ${line}\n\n`);
  return Buffer.from(events.join("") + (form === "chat" ? "data: [DONE]\n\n" : ""));
}

/** The document that shows the form: the body, or the first event that has something in it. */
function firstDocument(text: string): Json {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => parsed(line.slice(5))).find((document) => document !== undefined && document !== null);
}

/** The model that was asked, so that types which choose by its name choose as they did. */
function modelOf(line: Line, document: Json, form: Form): string {
  const fromPath = /\/models?\/([^/:?]+(?:%3A\d+)?)[:/]/.exec(line.path ?? "")?.[1];
  const told = fromPath
    ? decodeURIComponent(fromPath)
    : (parsed(String(line.request ?? ""))?.model ?? document.model ?? document.modelVersion);
  if (typeof told === "string" && told !== "") return told;
  return form === "gemini" ? "gemini-2.5-flash" : "some-model";
}

/** Lines of events, a list for each reply: one file may hold several, one after another. */
function repliesIn(lines: string[]): string[][] {
  const replies: string[][] = [];
  let isOver = true;
  for (const line of lines) {
    if (isOver) replies.push([]);
    replies.at(-1)!.push(line);
    isOver = parsed(line)?.type === "message_stop";
  }
  return replies;
}

/** What a line holds: replies, or why there is none that can be replayed. */
export function repliesOf(line: Line, number: number): Reply[] | string {
  const isMany = line.form === "sse-data-lines" && typeof line.response === "string";
  const parts = isMany ? repliesIn((line.response as string).split("\n").filter((data) => data.trim() !== "")) : [];
  if (parts.length < 2) {
    const reply = replyOf(line, String(number));
    return typeof reply === "string" ? reply : [reply];
  }
  const replies = parts.map((part, index) => replyOf({ ...line, response: part.join("\n") }, `${number}.${index + 1}`));
  return replies.find((reply) => typeof reply === "string") ?? (replies as Reply[]);
}

function replyOf(line: Line, number: string): Reply | string {
  if (line.status !== undefined && line.status !== null && line.status >= 300) return `status ${line.status}`;
  const text = typeof line.response === "string" ? line.response : line.response === undefined ? "" : JSON.stringify(line.response);
  const where = line.host ?? line.vendor ?? "";
  const name = `${line.source}#${number}`;
  const finish = (form: Form, isStream: boolean, bytes: Buffer, contentType: string, document: Json): Reply => ({
    ...{ name, form, isStream, bytes, contentType },
    provider: providerOf(form, where),
    model: modelOf(line, document, form),
  });
  if (line.responseBase64 && /amazon.eventstream/.test(line.responseType ?? "")) {
    return finish("converse", true, Buffer.from(line.responseBase64, "base64"), line.responseType!, {});
  }
  const isDataLines = line.form === "sse-data-lines";
  const isStream = isDataLines || /event-stream/.test(line.responseType ?? "");
  const dataLines = isDataLines ? text.split("\n").filter((data) => data.trim() !== "") : [];
  const document = isDataLines ? parsed(dataLines[0] ?? "") : isStream ? firstDocument(text) : parsed(text);
  if (line.method && line.method.toUpperCase() !== "POST") return `method ${line.method.toUpperCase()}`;
  if (document === undefined) return text === "" ? "no reply" : "no JSON";
  if (!isStream && document?.error) return "an error under status 200";
  const form = formOf(document, isStream);
  if (form === null) return "not a chat: embeddings, files and the like";
  if (isDataLines && !dataLines.every((data) => parsed(data) !== undefined)) return "events that are no JSON";
  const bytes = isDataLines ? streamBytes(form, dataLines) : Buffer.from(text);
  const type = line.responseType || (form === "converse" && isStream ? "application/vnd.amazon.eventstream" : "");
  return finish(form, isStream, bytes, type || (isStream ? "text/event-stream" : "application/json"), document);
}
