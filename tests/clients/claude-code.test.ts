// What Claude Code and the Anthropic package's tool runner send today, with providers that are not Anthropic: nothing of it
// may make the provider refuse the request, or answer a conversation of which it knows the end only.
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, openGateway, type Gateway, type ProviderName } from "./gateway";
import { TOOL_RESULTS, anthropicWeatherTool } from "./weather";
import { message, type Block } from "./wire-anthropic";
import { converse } from "./wire-bedrock";
import { geminiResponse } from "./wire-gemini";
import { completion } from "./wire-openai";

const PROVIDERS = ["openai", "deepseek", "gemini", "bedrock"] as const satisfies ProviderName[];
type Provider = (typeof PROVIDERS)[number];

const INPUT = { city: "Zürich" };
const CALL: Block = { type: "tool_use", id: "call_1", name: "weather", input: INPUT };
const THREADS = { "anthropic-version": "2026-10-21", "anthropic-beta": "message-threads-2026-08-12" };
/** A user id as Claude Code makes it: JSON of about 180 characters. */
const USER_ID = JSON.stringify({ device_id: "d".repeat(64), account_uuid: "a".repeat(36), session_id: "s".repeat(36) });
const params = (model: string) => ({ model, max_tokens: 64, messages: ASK });

/** A call of the weather tool, and the response after it, in each provider's shape. */
const LOOPS: Record<Provider, object[]> = {
  openai: [completion({ tools: [{ id: "call_1", name: "weather", arguments: JSON.stringify(INPUT) }] }), completion({ content: "seven" })],
  deepseek: [message({ content: [CALL] }), message({ content: [{ type: "text", text: "seven" }] })],
  gemini: [
    geminiResponse({ parts: [{ functionCall: { name: "weather", args: INPUT } }], finish: "STOP" }),
    geminiResponse({ parts: [{ text: "seven" }], finish: "STOP" }),
  ],
  bedrock: [
    { body: converse({ content: [{ toolUse: { toolUseId: "call_1", name: "weather", input: INPUT } }] }) },
    { body: converse({ content: [{ text: "seven" }] }) },
  ],
};

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway([...PROVIDERS]);
});
afterAll(() => gateway?.close());

// Message threads (beta message-threads-2026-08-12): the first request says `thread: {type: create}`, later ones send what is
// new and `thread: {type: continue, previous_message_id}`. A server that keeps no conversations must refuse with 400 and
// `error.details.error_code: thread_unsupported_request`; clients then send everything, as before (Anthropic's guide to
// message threads, and the package's ThreadState, November 2026).
describe.each(PROVIDERS)("a message thread with %s, which keeps no conversations", (provider) => {
  it.each([{ type: "create" }, { type: "continue", previous_message_id: "msg_1" }])("is refused before it leaves: %o", async (thread) => {
    gateway.respond({});
    const body = { ...params("m"), thread };
    const response = await gateway.lab.call(PROVIDERS.indexOf(provider), { path: "/v1/messages", headers: THREADS, body });
    expect(response.status).toBe(400);
    const error = { type: "invalid_request_error", details: { error_code: "thread_unsupported_request" } };
    expect(response.json()).toMatchObject({ type: "error", error });
    expect(gateway.seen).toHaveLength(0);
  });

  it("is given up by the client's tool runner, and the provider gets the whole conversation", async () => {
    const ran: string[] = [];
    gateway.respond(...LOOPS[provider]);
    const client = new Anthropic(gateway.anthropic(provider));
    const runner = client.beta.messages.toolRunner({ ...params("m"), tools: [anthropicWeatherTool(ran)] });
    expect((await runner.runUntilDone()).content).toMatchObject([{ type: "text", text: "seven" }]);
    expect(ran).toEqual(["Zürich"]);
    expect(gateway.seen).toHaveLength(2);
    expect(gateway.seen.filter((request) => "thread" in request.json)).toEqual([]);
    const texts = ["ping", "weather", TOOL_RESULTS[0]];
    expect(texts.filter((text) => !gateway.seen[1]?.text.includes(`${text}`))).toEqual([]);
  });
});

describe("a request to OpenAI", () => {
  const client = () => new Anthropic(gateway.anthropic("openai"));

  it.each([
    ["gpt-4o", "max_tokens"],
    ["gpt-5.4-mini", "max_completion_tokens"],
    ["o4-mini", "max_completion_tokens"],
  ])("for %s is limited by %s, the only limit that the newer models take", async (model, name) => {
    gateway.respond(completion({ content: "pong" }));
    await client().messages.create(params(model));
    expect(gateway.sent()).toEqual({ model, [name]: 64, messages: ASK });
  });

  it("has no user of more than 64 characters, which OpenAI refuses", async () => {
    gateway.respond(completion({ content: "pong" }));
    await client().messages.create({ ...params("gpt-5.4"), metadata: { user_id: USER_ID } });
    expect((gateway.sent().user ?? "").length).toBeLessThanOrEqual(64);
    gateway.respond(completion({ content: "pong" }));
    await client().messages.create({ ...params("gpt-5.4"), metadata: { user_id: "u-42" } });
    expect(gateway.sent().user).toBe("u-42");
  });

  it("has no marks for the cache and no earlier thoughts, which OpenAI refuses as unknown parameters", async () => {
    gateway.respond(completion({ content: "pong" }));
    const cache_control = { type: "ephemeral" as const };
    const thinking = { type: "thinking" as const, thinking: "hm", signature: "" };
    await client().messages.create({
      ...params("gpt-5.4"),
      system: [{ type: "text", text: "Be brief.", cache_control }],
      messages: [
        { role: "user", content: [{ type: "text", text: "one", cache_control }] },
        { role: "assistant", content: [thinking, { type: "text", text: "two" }] },
        { role: "user", content: [{ type: "text", text: "three", cache_control }] },
      ],
    });
    expect(gateway.seen[0]?.text).not.toContain("cache_control");
    expect(gateway.seen[0]?.text).not.toContain("reasoning");
    const texts = gateway
      .sent()
      .messages.map(({ content }: { content: string | { text: string }[] }) =>
        typeof content === "string" ? content : content.map((part) => part.text).join(),
      );
    expect(texts).toEqual(["Be brief.", "one", "two", "three"]);
  });
});
