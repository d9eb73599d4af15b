// The APIs that a client may speak: how each asks, and how each reads its response.
import type { Form, Reply } from "./recording";
import { eventDocuments, type Json, type Reading } from "./reading";
import { readAnthropic, readAnthropicStream } from "./readers/anthropic";
import { readChat, readChatStream } from "./readers/chat";
import { readCohere, readCohereStream } from "./readers/cohere";
import { framesOf, readConverse, readConverseStream } from "./readers/converse";
import { readGemini, readGeminiStream } from "./readers/gemini";
import { readResponses, readResponsesStream } from "./readers/responses";

interface Reader {
  whole: (body: any) => Reading;
  stream: (text: string) => Reading;
}

const READERS: Record<Exclude<Form, "converse">, Reader> = {
  chat: { whole: readChat, stream: readChatStream },
  responses: { whole: readResponses, stream: readResponsesStream },
  anthropic: { whole: readAnthropic, stream: readAnthropicStream },
  gemini: { whole: readGemini, stream: readGeminiStream },
  cohere: { whole: readCohere, stream: readCohereStream },
};

/** What `bytes` of that form say. Throws where they are not of it. */
export function readForm(form: Form, isStream: boolean, bytes: Buffer): Reading {
  if (form === "converse") return isStream ? readConverseStream(bytes) : readConverse(JSON.parse(bytes.toString("utf8")));
  const reader = READERS[form];
  return isStream ? reader.stream(bytes.toString("utf8")) : reader.whole(JSON.parse(bytes.toString("utf8")));
}

/** All JSON of a reply: its body, or the data of its events. */
export function documentsOf(form: Form, isStream: boolean, bytes: Buffer): Json[] {
  if (!isStream) return [JSON.parse(bytes.toString("utf8"))];
  return form === "converse" ? framesOf(bytes).map(([, data]) => data) : eventDocuments(bytes.toString("utf8"));
}

export interface ClientApi {
  form: "chat" | "anthropic" | "responses" | "gemini";
  path: (reply: Reply) => string;
  body: (reply: Reply) => object;
}

const ASK = [{ role: "user", content: "ping" }];

export const CLIENT_APIS: ClientApi[] = [
  {
    form: "chat",
    path: () => "/v1/chat/completions",
    body: ({ model, isStream }) => ({
      ...{ model, messages: ASK },
      ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
    }),
  },
  {
    form: "anthropic",
    path: () => "/v1/messages",
    body: ({ model, isStream }) => ({ model, max_tokens: 1000, messages: ASK, ...(isStream ? { stream: true } : {}) }),
  },
  {
    form: "responses",
    path: () => "/v1/responses",
    body: ({ model, isStream }) => ({ model, input: "ping", ...(isStream ? { stream: true } : {}) }),
  },
  {
    form: "gemini",
    path: ({ model, isStream }) =>
      `/v1beta/models/${encodeURIComponent(model)}:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: () => ({ contents: [{ role: "user", parts: [{ text: "ping" }] }] }),
  },
];

/** The API that a request to a provider asks for, by its path; null for any other. */
export function formOfPath(path: string): Form | null {
  if (/:(streamG|g)enerateContent/.test(path)) return "gemini";
  if (/\/converse(-stream)?$/.test(path)) return "converse";
  if (/\/v2\/chat$/.test(path)) return "cohere";
  if (/\/messages(\?|$)/.test(path)) return "anthropic";
  if (/\/responses(\?|$)/.test(path)) return "responses";
  return /\/chat\/completions(\?|$)/.test(path) ? "chat" : null;
}
