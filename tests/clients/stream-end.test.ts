// How a stream that goes wrong is told in the log: the client got an error event, so the exchange was no success.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, openGateway, type Gateway, type ProviderName } from "./gateway";
import { anthropicError, messageStream, sse } from "./wire-anthropic";
import { geminiResponse, geminiError, geminiEvent } from "./wire-gemini";
import { completionStream, openaiError } from "./wire-openai";

const PROVIDERS: ProviderName[] = ["openai", "claude", "gemini"];
const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const CLAUDE = messageStream({ content: [{ type: "text", text: "partial" }] }, true).slice(0, 4);
const GEMINI = [geminiEvent(geminiResponse({ parts: [{ text: "partial" }] }))];
const OPENAI = completionStream({ content: "partial" }).slice(0, 2);
const openaiEvent = `data: ${JSON.stringify(openaiError("overloaded", "server_error"))}\n\n`;
const claudeEvent = sse(anthropicError("overloaded_error", "overloaded"));
const geminiFailure = geminiEvent(geminiError(503, "UNAVAILABLE", "overloaded"));

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway(PROVIDERS);
});
afterAll(() => gateway?.close());

describe("the outcome in the log", () => {
  it.each([
    ["an error event of Claude, translated", "claude", CHAT, [...CLAUDE, claudeEvent]],
    ["an error event of Claude, passed on", "claude", MESSAGES, [...CLAUDE, claudeEvent]],
    ["an error event of Gemini, translated", "gemini", CHAT, [...GEMINI, geminiFailure]],
    ["an error event of OpenAI, translated", "openai", MESSAGES, [...OPENAI, openaiEvent]],
    ["an error event of OpenAI, passed on", "openai", CHAT, [...OPENAI, openaiEvent]],
    ["an end of Claude in the middle, translated", "claude", CHAT, CLAUDE],
    ["an end of Gemini in the middle, translated", "gemini", CHAT, GEMINI],
    ["an end of OpenAI in the middle, translated", "openai", MESSAGES, OPENAI],
  ] as const)("is error after %s", async (_name, provider, path, pieces) => {
    gateway.respond([...pieces]);
    const body = { model: "m", max_tokens: 9, messages: ASK, stream: true };
    const response = await gateway.lab.call(PROVIDERS.indexOf(provider), { path, body });
    expect(response.status).toBe(200);
    expect(response.text).toContain('"error"');
    expect((await gateway.lab.log(response)).aiLog).toMatchObject({ outcome: "error", response_type: "stream" });
  });
});
