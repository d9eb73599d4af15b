// Requests to start from, one for each way in which clients call.
import type { Request } from "./setup";

export interface RequestExample {
  id: string;
  label: string;
  path: string;
  body: object;
}

const SYSTEM = "You answer in one sentence.";
const QUESTION = "What is the capital of France?";
const MESSAGES = [
  { role: "system", content: SYSTEM },
  { role: "user", content: QUESTION },
];
const WEATHER = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};
const GEMINI = {
  systemInstruction: { parts: [{ text: SYSTEM }] },
  contents: [{ role: "user", parts: [{ text: QUESTION }] }],
  generationConfig: { maxOutputTokens: 200 },
};

export const REQUESTS: readonly RequestExample[] = [
  {
    id: "chat-stream",
    label: "Chat, streamed",
    path: "/v1/chat/completions",
    body: { model: "gpt-4o", stream: true, temperature: 0.2, max_tokens: 200, messages: MESSAGES },
  },
  {
    id: "chat",
    label: "Chat, whole response",
    path: "/v1/chat/completions",
    body: { model: "gpt-4o", temperature: 0.2, max_tokens: 200, messages: MESSAGES },
  },
  {
    id: "tools",
    label: "Chat with a tool",
    path: "/v1/chat/completions",
    body: {
      model: "gpt-4o",
      messages: [{ role: "user", content: "How is the weather in Paris?" }],
      tools: [{ type: "function", function: { name: "weather", description: "Weather of a city", parameters: WEATHER } }],
      tool_choice: "auto",
    },
  },
  {
    id: "messages-stream",
    label: "Anthropic messages, streamed",
    path: "/v1/messages",
    body: { model: "claude-sonnet-4-5", stream: true, max_tokens: 200, system: SYSTEM, messages: [{ role: "user", content: QUESTION }] },
  },
  {
    id: "messages",
    label: "Anthropic messages",
    path: "/v1/messages",
    body: { model: "claude-sonnet-4-5", max_tokens: 200, system: SYSTEM, messages: [{ role: "user", content: QUESTION }] },
  },
  {
    id: "embeddings",
    label: "Embeddings",
    path: "/v1/embeddings",
    body: { model: "text-embedding-3-small", input: "What is the capital of France?" },
  },
  {
    id: "responses-stream",
    label: "Responses, streamed",
    path: "/v1/responses",
    body: { model: "gpt-4o", stream: true, instructions: SYSTEM, input: QUESTION },
  },
  {
    id: "responses",
    label: "Responses, whole response",
    path: "/v1/responses",
    body: { model: "gpt-4o", instructions: SYSTEM, input: QUESTION },
  },
  {
    id: "gemini-stream",
    label: "Gemini, streamed",
    path: "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    body: GEMINI,
  },
  { id: "gemini", label: "Gemini, whole response", path: "/v1beta/models/gemini-2.5-flash:generateContent", body: GEMINI },
];

export const HOST = "gateway.example.com";
export const ROUTE = "llm-route";
export const CLUSTER = "llm-cluster";

export function requestOf({ path, body }: RequestExample): Request {
  return {
    method: "POST",
    path,
    authority: HOST,
    headers: [["content-type", "application/json"]],
    body: JSON.stringify(body, null, 2),
  };
}
