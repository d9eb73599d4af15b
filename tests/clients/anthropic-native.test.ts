// The official Anthropic client with a provider that speaks its API: Anthropic itself, and DeepSeek below /anthropic.
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ASK, CLIENT_KEY, collect, errorOf, openGateway, type Gateway } from "./gateway";
import { TOOL_RESULTS, anthropicWeatherTool } from "./weather";
import { anthropicError, message, messageStream, sse, type Block } from "./wire-anthropic";

type ApiError = InstanceType<typeof Anthropic.APIError>;

const THOUGHT: Block = { type: "thinking", thinking: "hm – ✓", signature: "EqQBCkgIARABGAIiQ==" };
const CALLS: Block[] = [
  { type: "tool_use", id: "toolu_01", name: "weather", input: { city: "Zürich" } },
  { type: "tool_use", id: "toolu_02", name: "weather", input: { city: "東京" } },
];
const RESULTS = ["toolu_01", "toolu_02"].map((id, index) => ({ type: "tool_result", tool_use_id: id, content: TOOL_RESULTS[index] }));
/** A turn that thinks and calls both tools, and the turn after. */
const loopResponses = (isStream: boolean) => {
  const turns = [{ content: [THOUGHT, ...CALLS] }, { content: [{ type: "text" as const, text: "both seven" }] }];
  return turns.map((turn) => (isStream ? messageStream(turn) : message(turn)));
};
const params = (model: string) => ({ model, max_tokens: 64, messages: ASK });

let gateway: Gateway;
let client: Anthropic;
/** Bodies as the client sent them. */
let sentBodies: string[] = [];
let sentVersion = "";
beforeAll(async () => {
  gateway = await openGateway(["claude", "deepseek"]);
  const spy: typeof fetch = (url, init) => {
    sentBodies.push(String(init?.body));
    sentVersion = new Headers(init?.headers).get("anthropic-version") ?? "none";
    return fetch(url, init);
  };
  client = new Anthropic({ ...gateway.anthropic("claude"), fetch: spy });
});
afterAll(() => gateway?.close());

describe("Anthropic behind the gateway", () => {
  it("answers byte for byte, and gets the client's bytes when the model is not mapped", async () => {
    sentBodies = [];
    // Spelled as no serializer would, with a field that nobody knows.
    const body = `{ "id":"msg_1", "type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"p\\u006fng"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1.1e1,"output_tokens":6},"new_field":{"a":[1, 2]} }\n`;
    gateway.respond({ body, headers: { "request-id": "req_7", "anthropic-ratelimit-requests-remaining": "99" } });
    const response = await client.messages.create({ ...params("claude-unmapped"), metadata: { user_id: "u" } }).asResponse();
    expect(await response.text()).toBe(body);
    expect([response.headers.get("request-id"), response.headers.get("anthropic-ratelimit-requests-remaining")]).toEqual(["req_7", "99"]);
    const seen = gateway.request();
    expect(seen.text).toBe(sentBodies[0]);
    expect([seen.path, seen.headers.host, seen.headers["x-api-key"]]).toEqual(["/v1/messages", "api.anthropic.com", "sk-claude"]);
    expect(seen.headers["anthropic-version"]).toBe(sentVersion);
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
  });

  it("streams byte for byte, and is counted", async () => {
    const pieces = messageStream({ content: [THOUGHT, { type: "text", text: "你好 😀" }], tokens: [11, 6, 100, 20] });
    gateway.respond(pieces);
    const response = await client.messages.create({ ...params("claude-stream"), stream: true }).asResponse();
    expect(await response.text()).toBe(pieces.join(""));
    expect((await gateway.log("claude-stream")).aiLog).toMatchObject({
      model: "claude-sonnet-4-5-20250929",
      chat_id: "msg_01A",
      input_token: 131,
      output_token: 6,
      cached_tokens: 100,
      cache_write_tokens: 20,
      response_type: "stream",
      outcome: "completed",
    });
  });

  it("streams into the client's final message, the model mapped and nothing else of the request changed", async () => {
    sentBodies = [];
    gateway.respond(messageStream({ content: [THOUGHT, { type: "text", text: "pong" }, CALLS[0]], tokens: [11, 6, 100] }));
    const stream = client.messages.stream({ ...params("alias-final"), tools: [{ name: "weather", input_schema: { type: "object" } }] });
    const final = await stream.finalMessage();
    expect(final.content).toMatchObject([THOUGHT, { type: "text", text: "pong" }, CALLS[0]]);
    expect(final.usage).toMatchObject({ input_tokens: 11, output_tokens: 6, cache_read_input_tokens: 100 });
    expect(final.stop_reason).toBe("tool_use");
    expect(gateway.seen[0].text).toBe(sentBodies[0].replace('"alias-final"', '"claude-sonnet-4-5"'));
  });

  it.each([false, true])("runs a loop of two tools, the signed thought going back as it came (stream: %s)", async (isStream) => {
    const ran: string[] = [];
    gateway.respond(...loopResponses(isStream));
    const tools = [anthropicWeatherTool(ran)];
    const runner = client.beta.messages.toolRunner({ ...params("alias-tools"), tools, stream: isStream, thread: false });
    expect((await runner.runUntilDone()).content).toMatchObject([{ type: "text", text: "both seven" }]);
    expect(ran).toEqual(["Zürich", "東京"]);
    const turns = [...ASK, { role: "assistant", content: [THOUGHT, ...CALLS] }, { role: "user", content: RESULTS }];
    expect(gateway.sent(1)).toMatchObject({ model: "claude-sonnet-4-5", messages: turns });
  });

  it("keeps a message thread: what is new goes through with the id of the response before", async () => {
    const ran: string[] = [];
    gateway.respond(...loopResponses(true));
    const runner = client.beta.messages.toolRunner({ ...params("alias-thread"), tools: [anthropicWeatherTool(ran)], stream: true });
    expect((await runner.runUntilDone()).content).toMatchObject([{ type: "text", text: "both seven" }]);
    expect(gateway.sent(0)).toMatchObject({ thread: { type: "create" }, messages: ASK });
    expect(gateway.sent(1)).toMatchObject({
      thread: { type: "continue", previous_message_id: "msg_01A" },
      messages: [{ role: "user", content: RESULTS }],
    });
    expect(gateway.seen[1]?.headers["anthropic-beta"]).toContain("message-threads-");
  });

  it("gets the query of the client's path", async () => {
    gateway.respond(message({ content: [] }));
    await client.messages.create(params("m"), { query: { beta: "true" } });
    expect(gateway.request().path).toBe("/v1/messages?beta=true");
  });

  it("keeps the client's betas", async () => {
    gateway.respond(message({ content: [] }));
    await client.beta.messages.create({ ...params("m"), betas: ["context-1m-2025-08-07"] });
    expect(gateway.request().headers["anthropic-beta"]).toBe("context-1m-2025-08-07");
  });

  it("counts tokens without a message", async () => {
    gateway.respond({ input_tokens: 2095 });
    expect(await client.messages.countTokens({ model: "alias-count", messages: ASK })).toMatchObject({ input_tokens: 2095 });
    const seen = gateway.request();
    expect(seen.json).toEqual({ model: "claude-sonnet-4-5", messages: ASK });
    expect([seen.path, seen.headers["x-api-key"]]).toEqual(["/v1/messages/count_tokens", "sk-claude"]);
  });

  it("lists models", async () => {
    const page = {
      data: [{ type: "model", id: "claude-x", display_name: "X", created_at: "2025-01-01T00:00:00Z" }],
      has_more: false,
      first_id: "claude-x",
      last_id: "claude-x",
    };
    gateway.respond({ body: page });
    expect((await collect(client.models.list({ limit: 5 }))).map((model) => model.id)).toEqual(["claude-x"]);
    expect(gateway.request()).toMatchObject({ method: "GET", path: "/v1/models?limit=5" });
  });

  it.each([
    [400, Anthropic.BadRequestError, "invalid_request_error"],
    [401, Anthropic.AuthenticationError, "authentication_error"],
    [403, Anthropic.PermissionDeniedError, "permission_error"],
    [413, Anthropic.APIError, "request_too_large"],
    [429, Anthropic.RateLimitError, "rate_limit_error"],
    [500, Anthropic.InternalServerError, "api_error"],
    [529, Anthropic.InternalServerError, "overloaded_error"],
  ])("passes its error with status %i on as it is", async (status, type, name) => {
    const body = anthropicError(name, "a reason");
    gateway.respond({ status, headers: { "retry-after": "7", "request-id": "req_7" }, body });
    const error = await errorOf<ApiError>(client.messages.create(params("m")));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status, type: name, error: body, requestID: "req_7" });
    expect(error.headers?.get("retry-after")).toBe("7");
  });

  it("raises an error inside a stream", async () => {
    const pieces = messageStream({ content: [{ type: "text", text: "parti" }] }, true).slice(0, 4);
    gateway.respond([...pieces, sse(anthropicError("overloaded_error", "Overloaded"))]);
    const error = await errorOf<ApiError>(client.messages.stream(params("claude-error")).finalMessage());
    expect(error).toMatchObject({ type: "overloaded_error", apiMessage: "Overloaded" });
  });

  it("is tried again when it is overloaded", async () => {
    const busy = { status: 529, headers: { "retry-after-ms": "20" }, body: anthropicError("overloaded_error", "busy") };
    gateway.respond(busy, busy, message({ content: [{ type: "text", text: "third time" }] }));
    const reply = await new Anthropic(gateway.anthropic("claude", 2)).messages.create(params("m"));
    expect(reply.content).toMatchObject([{ text: "third time" }]);
    expect(gateway.seen).toHaveLength(3);
  });
});

describe("DeepSeek behind the gateway", () => {
  it("is called below /anthropic with its own token, its response byte for byte", async () => {
    const deepseek = new Anthropic(gateway.anthropic("deepseek"));
    const pieces = messageStream({ id: "ds-1", model: "deepseek-chat", content: [{ type: "text", text: "你好" }], tokens: [8, 3] });
    gateway.respond(pieces);
    const response = await deepseek.messages.create({ ...params("claude-ds"), stream: true }).asResponse();
    expect(await response.text()).toBe(pieces.join(""));
    const seen = gateway.request();
    expect([seen.path, seen.headers.host]).toEqual(["/anthropic/v1/messages", "api.deepseek.com"]);
    expect(seen.json).toEqual({ ...params("deepseek-chat"), stream: true });
    // DeepSeek takes the token in either header (its Anthropic guide, November 2026).
    expect([seen.headers["x-api-key"], seen.headers.authorization]).toContainEqual(expect.stringContaining("sk-deepseek"));
    expect(seen.rawHeaders.join("\n")).not.toContain(CLIENT_KEY);
    expect((await gateway.log("claude-ds")).aiLog).toMatchObject({
      model: "deepseek-chat",
      chat_id: "ds-1",
      input_token: 8,
      output_token: 3,
      provider: "deepseek",
    });
  });

  it("runs the client's tool loop", async () => {
    const ran: string[] = [];
    gateway.respond(messageStream({ content: CALLS }), messageStream({ content: [{ type: "text", text: "both seven" }] }));
    const tools = [anthropicWeatherTool(ran)];
    const deepseek = new Anthropic(gateway.anthropic("deepseek"));
    const runner = deepseek.beta.messages.toolRunner({ ...params("claude-loop"), tools, stream: true, thread: false });
    expect((await runner.runUntilDone()).content).toMatchObject([{ type: "text", text: "both seven" }]);
    expect(ran).toEqual(["Zürich", "東京"]);
    expect(gateway.seen.map((request) => request.path)).toEqual(["/anthropic/v1/messages", "/anthropic/v1/messages"]);
    const turns = [...ASK, { role: "assistant", content: CALLS }, { role: "user", content: RESULTS }];
    expect(gateway.sent(1).messages).toMatchObject(turns);
  });
});
