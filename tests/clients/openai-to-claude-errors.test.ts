// What the official OpenAI client is told when Anthropic's API, or the way to it, fails.
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, collect, errorOf, openGateway, type Gateway } from "./gateway";
import { anthropicError, message, messageStream, sse } from "./wire-anthropic";

type ApiError = InstanceType<typeof OpenAI.APIError>;

let gateway: Gateway;
let client: OpenAI;
beforeAll(async () => {
  gateway = await openGateway(["claude"]);
  client = new OpenAI(gateway.openai("claude"));
});
afterAll(() => gateway?.close());

describe("errors of Anthropic", () => {
  it.each([
    [400, OpenAI.BadRequestError, "invalid_request_error", "invalid_request_error", null],
    [401, OpenAI.AuthenticationError, "authentication_error", "authentication_error", null],
    [403, OpenAI.PermissionDeniedError, "permission_error", "permission_error", null],
    [404, OpenAI.NotFoundError, "not_found_error", "not_found_error", null],
    [429, OpenAI.RateLimitError, "rate_limit_error", "rate_limit_error", null],
    [500, OpenAI.InternalServerError, "api_error", "server_error", "api_error"],
    [529, OpenAI.InternalServerError, "overloaded_error", "overloaded_error", null],
  ])("with status %i become the client's own, whether it asked for a stream or not", async (status, type, theirs, ours, code) => {
    for (const stream of [false, true]) {
      gateway.respond({ status, headers: { "retry-after": "7", "request-id": "req_9" }, body: anthropicError(theirs, "a reason") });
      const error = await errorOf<ApiError>(client.chat.completions.create({ model: "gpt-4o", messages: ASK, stream }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, type: ours, code, message: `${status} a reason` });
      expect(error.headers?.get("retry-after")).toBe("7");
    }
  });

  it("inside a stream are raised after the text that came before", async () => {
    const pieces = messageStream({ content: [{ type: "text", text: "parti" }] }, true).slice(0, 4);
    gateway.respond([...pieces, sse(anthropicError("overloaded_error", "Overloaded"))]);
    const stream = await client.chat.completions.create({ model: "alias-error", messages: ASK, stream: true });
    let text = "";
    const error = await errorOf<ApiError>(async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    });
    expect(text).toBe("parti");
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ type: "overloaded_error", message: "Overloaded" });
  });

  it("a stream without its end is an error and not a short response", async () => {
    gateway.respond(messageStream({ content: [{ type: "text", text: "parti" }] }, true));
    const stream = await client.chat.completions.create({ model: "alias-truncated", messages: ASK, stream: true });
    const error = await errorOf<ApiError>(collect(stream));
    expect(error).toMatchObject({ code: "stream_truncated", type: "upstream_error" });
  });

  it("with status 429 are tried again", async () => {
    const limited = { status: 429, headers: { "retry-after-ms": "20" }, body: anthropicError("rate_limit_error", "slow down") };
    gateway.respond(
      limited,
      { status: 529, headers: { "retry-after-ms": "20" }, body: anthropicError("overloaded_error", "busy") },
      message({ content: [{ type: "text", text: "third time" }] }),
    );
    const response = await new OpenAI(gateway.openai("claude", 2)).chat.completions.create({ model: "gpt-4o", messages: ASK });
    expect(response.choices[0].message.content).toBe("third time");
    expect(gateway.seen.map((request) => request.text)).toEqual(Array(3).fill(gateway.seen[0].text));
  });

  it("of our own, for an API that Claude lacks, say what to do", async () => {
    gateway.respond({});
    const error = await errorOf<ApiError>(client.moderations.create({ input: "ping" }));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, code: "unsupported_api" });
    expect(gateway.seen).toHaveLength(0);
  });

  it("of our own, for what Claude cannot hear, name the parameter and never the prompt", async () => {
    gateway.respond({});
    const audio = { type: "input_audio" as const, input_audio: { data: "c2VjcmV0", format: "wav" as const } };
    const error = await errorOf<ApiError>(
      client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: [audio] }] }),
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: "invalid_request", type: "invalid_request_error" });
    expect(error.param).toContain("messages[0].content");
    expect(error.message).not.toContain("c2VjcmV0");
    expect(gateway.seen).toHaveLength(0);
  });
});
