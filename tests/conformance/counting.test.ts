// A count of tokens before a request is sent is no request that is paid for: limits on tokens do not concern it, those on requests do.
import { describe, expect, it } from "vitest";
import type { RequestInit } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";
import { configFor, DIALECTS, type Dialect, type Json } from "../dialects";

const json = { "content-type": "application/json" };
const messages = [{ role: "user", content: "x".repeat(4000) }];

const CLIENTS: [string, RequestInit, object][] = [
  ["/v1/messages/count_tokens", { body: JSON.stringify({ model: "m", messages }) }, { input_tokens: 5 }],
  [
    "/v1/responses/input_tokens",
    { body: JSON.stringify({ model: "m", input: "x".repeat(4000) }) },
    { object: "response.input_tokens", input_tokens: 5 },
  ],
  [
    "/v1beta/models/m:countTokens",
    { body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "x".repeat(4000) }] }] }) },
    { totalTokens: 5 },
  ],
];
/** Those that count for each client: natively for one of the three. */
const SERVICES: [string, object, object][] = [
  ["claude", { type: "claude", apiTokens: ["t"] }, { input_tokens: 5 }],
  ["gemini", { type: "gemini", apiTokens: ["t"] }, { totalTokens: 5 }],
  ["vllm", { type: "vllm", vllmServerHost: "vllm.test", apiTokens: ["t"] }, { count: 5, tokens: [1, 2, 3, 4, 5] }],
];

describe.each(CLIENTS)("POST %s", (path, init, answer) => {
  const request = { method: "POST", path, headers: json, ...init };

  async function start(provider: object, config: object) {
    const host = await loadPlugin();
    const plugin = host.configure(JSON.stringify({ provider, ...config }));
    expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
    return { host, plugin };
  }

  it.each(SERVICES)("takes nothing from limits on tokens, and is one request for the others, at %s", async (_name, provider, number) => {
    const { host, plugin } = await start(provider, { limits: [{ tokensPerMinute: 300, requestsPerMinute: 3 }] });
    const statuses: number[] = [];
    for (let k = 0; k < 4; k++) {
      const exchange = plugin.exchange(request);
      if (exchange.localReply === null) exchange.respond({ headers: json, chunks: [JSON.stringify(number)] });
      exchange.finish();
      statuses.push(exchange.client.status!);
      if (k < 3) expect(JSON.parse(new TextDecoder().decode(exchange.client.body))).toMatchObject(answer);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(host.violations).toEqual([]);
  });

  it("is estimated although the tokens of the minute are used up, and leaves one log entry", async () => {
    const { host, plugin } = await start(
      { type: "deepseek", apiTokens: ["t"] },
      { limits: [{ tokensPerMinute: 10 }], consumers: [{ name: "alice", credential: "gw" }], allow: ["alice"] },
    );
    const chat = plugin.exchange({
      method: "POST",
      path: "/v1/chat/completions",
      headers: { ...json, authorization: "Bearer gw" },
      body: JSON.stringify({ model: "m", messages: [] }),
    });
    chat.respond({ headers: json, chunks: [JSON.stringify({ usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } })] });
    chat.finish();
    const exchange = plugin.exchange({ ...request, headers: { ...json, authorization: "Bearer gw" } });
    exchange.finish();
    expect(exchange.localReply?.status).toBe(200);
    expect(exchange.localReply?.headers).toMatchObject({ "x-ai-proxy-usage-source": "estimate" });
    expect(exchange.upstream).toBeNull();
    expect(host.violations).toEqual([]);
    const refused = plugin.exchange(request);
    expect(refused.localReply?.status).toBe(401);
    refused.finish();
  });
});

const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const PIXEL = "iVBORw0KGgo=";
/** A tool loop with instructions, a picture and settings that no count knows, in each client's words. */
const REQUESTS: { count: string; path: string; body: Json; counted?: (body: Json) => Json }[] = [
  {
    count: "/v1/messages/count_tokens",
    path: "/v1/messages",
    body: {
      model: "m",
      max_tokens: 100,
      temperature: 0.5,
      metadata: { user_id: "u" },
      system: "Be brief.",
      tools: [{ name: "weather", description: "Says it.", input_schema: SCHEMA }],
      tool_choice: { type: "auto" },
      thinking: { type: "enabled", budget_tokens: 1024 },
      messages: [
        { role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } }] },
        { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rome" } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "sunny" }] },
      ],
    },
    // Clients leave out what Anthropic's reference does not have there.
    counted: ({ max_tokens: _1, temperature: _2, metadata: _3, ...rest }) => rest,
  },
  {
    count: "/v1/responses/input_tokens",
    path: "/v1/responses",
    body: {
      model: "m",
      store: false,
      max_output_tokens: 100,
      temperature: 0.5,
      instructions: "Be brief.",
      tools: [{ type: "function", name: "weather", description: "Says it.", parameters: SCHEMA }],
      input: [
        { role: "user", content: [{ type: "input_image", image_url: `data:image/png;base64,${PIXEL}` }] },
        { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Rome"}' },
        { type: "function_call_output", call_id: "call_1", output: "sunny" },
      ],
    },
  },
  {
    count: "/v1beta/models/m:countTokens",
    path: "/v1beta/models/m:generateContent",
    body: {
      systemInstruction: { parts: [{ text: "Be brief." }] },
      generationConfig: { maxOutputTokens: 100, temperature: 0.5 },
      tools: [{ functionDeclarations: [{ name: "weather", description: "Says it.", parameters: SCHEMA }] }],
      contents: [
        { role: "user", parts: [{ inlineData: { mimeType: "image/png", data: PIXEL } }] },
        { role: "model", parts: [{ functionCall: { name: "weather", args: { city: "Rome" } } }] },
        { role: "user", parts: [{ functionResponse: { name: "weather", response: { output: "sunny" } } }] },
      ],
    },
    counted: (body) => ({ generateContentRequest: { model: "models/m", ...body } }),
  },
];

/** Dialects whose provider counts itself. */
const COUNTS = ["openai", "openai responses", "claude", "vertex claude", "bedrock claude", "bedrock invoke", "gemini", "vertex gemini"];

/** What the service got of the request, out of what it stands in. */
function counted(body: Json): Json {
  const { input, generateContentRequest } = body;
  if (typeof input?.invokeModel?.body === "string") return JSON.parse(Buffer.from(input.invokeModel.body, "base64").toString());
  return input?.converse ?? generateContentRequest ?? body;
}

describe.each(REQUESTS)("$count", ({ count, path, body, counted: asCount = (it) => it }) => {
  it.each(DIALECTS)("counts what would be sent to $name", async (dialect: Dialect) => {
    const host = await loadPlugin();
    const plugin = host.configure(JSON.stringify(configFor(dialect)));
    expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
    const send = (to: string, it: Json) => plugin.exchange({ method: "POST", path: to, headers: json, body: JSON.stringify(it) });
    const real = send(path, path === "/v1/messages" ? asCount(body) : body);
    const exchange = send(count, asCount(body));
    expect(host.violations).toEqual([]);
    expect(exchange.upstream !== null).toBe(COUNTS.includes(dialect.name));
    if (exchange.upstream === null) {
      const { status, headers, body: answer } = exchange.localReply!;
      // Whom a request cannot be sent to it cannot be counted for, unless it is the provider alone that cannot take it.
      if (status !== 400) {
        expect([status, headers["x-ai-proxy-usage-source"]]).toEqual([200, "estimate"]);
        expect(new TextDecoder().decode(answer)).toMatch(/\d\d+\}$/);
      } else expect(real.localReply?.status).toBe(400);
    } else {
      expect(exchange.upstream.path).toMatch(/count_tokens$|:countTokens$|\/count-tokens$|count-tokens:rawPredict$|\/input_tokens$/);
      const sent = JSON.parse(new TextDecoder().decode(real.upstream!.body));
      // The model stands in the body or in the path; a chat of OpenAI's is counted as the Responses API takes it.
      const { model: _, max_tokens: limit, ...got } = counted(JSON.parse(new TextDecoder().decode(exchange.upstream.body)));
      if (dialect.name === "openai" && path !== "/v1/responses")
        expect(got).toMatchObject({ input: expect.any(Array), tools: [{ name: "weather" }] });
      else expect(got).toEqual(pick(sent, Object.keys(got)));
      if (limit !== undefined) expect(dialect.name).toBe("bedrock invoke");
      expect(Object.keys(got).filter((key) => /^(?:messages|contents|input|tools|toolConfig|system)/.test(key)).length).toBeGreaterThan(1);
    }
    real.abort();
    exchange.abort();
  });
});

const pick = (from: Json, keys: string[]) => Object.fromEntries(keys.map((key) => [key, from[key]]));

it("leaves nothing of a body that was written anew to the next one of its length", async () => {
  const host = await loadPlugin();
  const gemini = host.configure(JSON.stringify({ provider: { type: "gemini", apiTokens: ["t"] } }));
  const openai = host.configure(JSON.stringify({ provider: { type: "openai", apiTokens: ["t"] } }));
  const chat = JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "x".repeat(100) }] });
  const counted = { contents: [{ role: "user", parts: [{ text: "" }] }], tools: [] };
  const room = chat.length - JSON.stringify(counted).length;
  counted.contents[0].parts[0].text = "y".repeat(room);
  const first = gemini.exchange({
    method: "POST",
    path: "/v1beta/models/m:countTokens",
    headers: json,
    body: JSON.stringify(counted),
  });
  expect(first.upstream?.text).toContain("generateContentRequest");
  const second = openai.exchange({ method: "POST", path: "/v1/chat/completions", headers: json, body: chat });
  expect(second.upstream?.text).toBe(chat);
  second.respond({ headers: json, chunks: ["{}"] });
  second.finish();
  expect(JSON.parse(second.stateText("ai_log")!)).toMatchObject({ request_model: "gpt-4o", chat_round: 1 });
});
