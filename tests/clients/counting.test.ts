// The three official clients that can count the tokens of a request, in front of each kind of provider.
import Anthropic from "@anthropic-ai/sdk";
import { ApiError as GoogleError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, errorOf, openGateway, type Gateway, type ProviderName } from "./gateway";

const PROVIDERS = ["claude", "gemini", "bedrock", "openai", "deepseek"] as const satisfies ProviderName[];
type Provider = (typeof PROVIDERS)[number];

const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
/** Where it is counted, and the answer; null: the gateway estimates. */
const SERVICES: Record<Provider, { path: string; answer: object } | null> = {
  claude: { path: "/v1/messages/count_tokens", answer: { input_tokens: 2095 } },
  gemini: { path: `/v1beta/models/${MODEL.replace(":", "%3A")}:countTokens`, answer: { totalTokens: 2095 } },
  bedrock: { path: `/model/${MODEL.replace(":", "%3A")}/count-tokens`, answer: { inputTokens: 2095 } },
  openai: { path: "/v1/responses/input_tokens", answer: { object: "response.input_tokens", input_tokens: 2095 } },
  deepseek: null,
};
/** Each client's way to count one message, with tools and instructions where it has them. */
const CLIENTS = {
  Messages: async (gateway: Gateway, provider: Provider) => {
    const client = new Anthropic(gateway.anthropic(provider));
    const tools = [{ name: "now", input_schema: { type: "object" as const } }];
    return (await client.messages.countTokens({ model: MODEL, messages: ASK, system: "Be brief.", tools })).input_tokens;
  },
  Responses: async (gateway: Gateway, provider: Provider) => {
    const client = new OpenAI(gateway.openai(provider));
    const counted = await client.responses.inputTokens.count({ model: MODEL, input: "ping", instructions: "Be brief." });
    expect(counted.object).toBe("response.input_tokens");
    return counted.input_tokens;
  },
  Gemini: async (gateway: Gateway, provider: Provider) => {
    const client = new GoogleGenAI(gateway.google(provider));
    // The client writes the model into the path as it is.
    const model = provider === "gemini" ? MODEL.replace(":", "%3A") : MODEL;
    return (await client.models.countTokens({ model, contents: "ping" })).totalTokens;
  },
};
const NATIVE = { claude: "Messages", gemini: "Gemini", openai: "Responses", bedrock: "", deepseek: "" };

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway([...PROVIDERS]);
});
afterAll(() => gateway?.close());

describe.each(Object.entries(CLIENTS))("the %s client counts", (name, count) => {
  it.each(PROVIDERS)("at %s", async (provider) => {
    const service = SERVICES[provider];
    gateway.respond(service === null ? {} : { body: service.answer });
    const tokens = await count(gateway, provider);
    if (service === null) {
      expect(tokens).toBeGreaterThan(3);
      expect(tokens).toBeLessThan(40);
      expect(gateway.seen).toEqual([]);
      return;
    }
    expect(tokens).toBe(2095);
    const seen = gateway.request();
    expect([seen.method, seen.path]).toEqual(["POST", service.path]);
    expect(seen.text).toContain("ping");
    if (NATIVE[provider] !== name) expect(seen.text).not.toMatch(/max_tokens|maxTokens|"stream"|max_output_tokens/);
  });
});

it("tells a service's error in each client's own form", async () => {
  gateway.respond({ status: 404, body: { type: "error", error: { type: "not_found_error", message: "model: m" } } });
  const google = await errorOf<GoogleError>(CLIENTS.Gemini(gateway, "claude"));
  expect(google).toBeInstanceOf(GoogleError);
  expect(google).toMatchObject({ status: 404, message: expect.stringContaining("model: m") });
  gateway.respond({ status: 429, body: { error: { code: 429, message: "Quota", status: "RESOURCE_EXHAUSTED" } } });
  expect(await errorOf(CLIENTS.Messages(gateway, "gemini"))).toBeInstanceOf(Anthropic.RateLimitError);
  gateway.respond({ status: 403, headers: { "x-amzn-errortype": "AccessDeniedException" }, body: { message: "No" } });
  expect(await errorOf(CLIENTS.Responses(gateway, "bedrock"))).toBeInstanceOf(OpenAI.PermissionDeniedError);
});
