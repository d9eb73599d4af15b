// The Cohere dialect at unit level: request, response, stream, errors, embeddings; bytes in, bytes out.
import OpenAI from "openai";
import { beforeAll, describe, expect, it } from "vitest";
import { BrokenJson, expectJson } from "./broken-json";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("cohere");
}, 90_000);

const PASS = 0;
const IGNORE = 1;
const CONCAT = 2;

interface Options {
  model?: string;
  stream?: boolean;
  usage?: boolean;
  embeddings?: boolean;
  reasoning?: number;
}

const call = (name: string, ...inputs: (string | number)[]) =>
  units.text(units.exports[name](...inputs.map((input) => (typeof input === "number" ? input : units.put(input)))));

const begin = (o: Options = {}) => {
  const flags = (o.stream ? 1 : 0) | (o.usage ? 2 : 0) | (o.embeddings ? 4 : 0);
  units.exports.begin(flags, units.put(o.model ?? "command-a-reasoning-08-2025"), o.reasoning ?? PASS);
};

const USER = [{ role: "user", content: "ping" }];
const requestText = (body: object, options: Options = {}) => {
  begin(options);
  return call("request", JSON.stringify({ model: "client", messages: USER, ...body }));
};
const request = (body: object, options: Options = {}) => {
  const text = requestText(body, options);
  if (text.startsWith("!")) throw new Error(`refused ${text}`);
  return JSON.parse(text);
};
const refusal = (body: object, options: Options = {}) => {
  const text = requestText(body, options);
  expect(text[0]).toBe("!");
  const [param, problem] = text.slice(1).split("|");
  expect(problem).toMatch(/^[A-Za-z_].{10,}\.$/);
  return param;
};
const sentMessages = (messages: object[], options: Options = {}) => request({ messages }, options).messages;

const USAGE = { billed_units: { input_tokens: 5, output_tokens: 6 }, tokens: { input_tokens: 71.0, output_tokens: 26 }, cached_tokens: 16 };
const responseBody = (message: object, finish_reason = "COMPLETE", extra: object = {}) => ({
  id: "co-1",
  finish_reason,
  message: { role: "assistant", ...message },
  usage: USAGE,
  ...extra,
});
const response = (body: object, options: Options = {}) => {
  begin(options);
  const text = call("response", JSON.stringify(body));
  if (text === "!") throw new Error("not understood");
  return JSON.parse(text);
};
const firstChoice = (message: object, finish = "COMPLETE", options: Options = {}) =>
  response(responseBody(message, finish), options).choices[0];

const named = (event: any) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const sse = (events: (object | string)[]) =>
  events.map((event) => (typeof event === "string" ? `data: ${event}\n\n` : named(event))).join("");
const streamText = (text: string, options: Options = {}, size = 1 << 20) => {
  begin({ stream: true, ...options });
  return call("stream", text, size);
};
const stream = (events: (object | string)[], options: Options = {}) => {
  const data = streamText(sse(events), options)
    .trimEnd()
    .split("\n\n")
    .map((line) => line.replace(/^data: /, ""));
  expect(data.pop()).toBe("[DONE]");
  return data.map((line) => JSON.parse(line));
};
const deltas = (chunks: any[]) => chunks.flatMap((chunk) => (chunk.choices ?? []).map((choice: any) => choice.delta));
const joined = (chunks: any[], field: string) =>
  deltas(chunks)
    .map((delta) => delta[field] ?? "")
    .join("");

const start = {
  type: "message-start",
  id: "co-1",
  delta: { message: { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] } },
};
const open = (content: object, index = 0) => ({ type: "content-start", index, delta: { message: { content } } });
const piece = (content: object, index = 0, extra: object = {}) => ({
  type: "content-delta",
  index,
  delta: { message: { content } },
  ...extra,
});
const close = (index = 0) => ({ type: "content-end", index });
const plan = (tool_plan: string) => ({ type: "tool-plan-delta", delta: { message: { tool_plan } } });
const callStart = (index: number, id: string, name: string, args = "") => ({
  type: "tool-call-start",
  index,
  delta: { message: { tool_calls: { id, type: "function", function: { name, arguments: args } } } },
});
const callDelta = (index: number, args: string) => ({
  type: "tool-call-delta",
  index,
  delta: { message: { tool_calls: { function: { arguments: args } } } },
});
const callEnd = (index: number) => ({ type: "tool-call-end", index });
const cite = (citations: object, index = 0) => ({ type: "citation-start", index, delta: { message: { citations } } });
const finish = (finish_reason = "COMPLETE", extra: object = {}) => ({
  type: "message-end",
  id: "co-1",
  delta: { finish_reason, usage: USAGE, ...extra },
});
const text = (...pieces: string[]) => [open({ type: "text", text: "" }), ...pieces.map((p) => piece({ text: p })), close()];

describe("the request", () => {
  it("goes to /v2/chat with model and stream", () => {
    expect(request({})).toEqual({ model: "command-a-reasoning-08-2025", stream: false, messages: USER });
    expect(request({}, { stream: true, model: "m" })).toEqual({ model: "m", stream: true, messages: USER });
    expect(call("path")).toBe("/v2/chat");
  });

  it("sends the whole conversation, not its first message alone", () => {
    const messages = [
      { role: "system", content: "s" },
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
    ];
    expect(sentMessages(messages)).toEqual(messages);
  });

  it("keeps escapes and UTF-8 byte for byte", () => {
    begin({ model: "m" });
    const body = String.raw`{"messages":[{"role":"user","content":"a\u00e9\n\"\\ 你\ud83d\ude00"}]}`;
    expect(call("request", body)).toBe(String.raw`{"model":"m","stream":false,` + body.slice(1));
  });

  it("gathers system and developer texts in one message at the front", () => {
    const messages = [
      { role: "user", content: "u" },
      { role: "system", content: "one" },
      {
        role: "developer",
        content: [
          { type: "text", text: "two" },
          { type: "text", text: "" },
        ],
      },
    ];
    expect(sentMessages(messages)).toEqual([
      {
        role: "system",
        content: [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
        ],
      },
      { role: "user", content: "u" },
    ]);
    expect(sentMessages([{ role: "system", content: "" }, { role: "developer", content: [] }, ...USER])).toEqual(USER);
  });

  it("takes a part without a list around it", () => {
    expect(sentMessages([{ role: "user", content: { type: "text", text: "x" } }])).toEqual([
      { role: "user", content: [{ type: "text", text: "x" }] },
    ]);
  });

  it("makes system messages that stand alone the prompt", () => {
    expect(sentMessages([{ role: "developer", content: "say hi" }])).toEqual([{ role: "user", content: "say hi" }]);
  });

  it("sends text and images as blocks", () => {
    const content = [
      { type: "text", text: "see", cache_control: { type: "ephemeral" } },
      { type: "image_url", image_url: { url: "data:image/png;base64,QQ==", detail: "low", format: "x" } },
      { type: "image_url", image_url: "https://x.test/a.png" },
      "bare",
    ];
    expect(sentMessages([{ role: "user", content }])[0].content).toEqual([
      { type: "text", text: "see" },
      { type: "image_url", image_url: { url: "data:image/png;base64,QQ==", detail: "low" } },
      { type: "image_url", image_url: { url: "https://x.test/a.png" } },
      { type: "text", text: "bare" },
    ]);
  });

  it("drops empty assistant turns, keeps refusals as text, gives users the content that Cohere demands", () => {
    const messages = [
      { role: "user", content: null },
      { role: "assistant", content: "" },
      { role: "assistant", content: null, refusal: "no" },
      { role: "user", content: [] },
    ];
    expect(sentMessages(messages)).toEqual([
      { role: "user", content: "" },
      { role: "assistant", content: "no" },
      { role: "user", content: "" },
    ]);
  });

  it.each([
    [{ messages: "x" }, "messages"],
    [{ messages: [] }, "messages"],
    [{ messages: {} }, "messages"],
    [{ messages: [{ role: "assistant", content: "" }] }, "messages"],
    [{ messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    [{ messages: [null] }, "messages[0].role"],
    [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    [
      { messages: [...USER, { role: "user", content: [{ type: "text", text: "a" }, { type: "input_audio" }] }] },
      "messages[1].content[1].type",
    ],
    [{ messages: [{ role: "assistant", content: [{ type: "image_url", image_url: { url: "data:," } }] }] }, "messages[0].content[0].type"],
    [{ messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] }, "messages[0].content[0].image_url"],
    [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].type"],
    [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
    [{ messages: [{ role: "assistant", tool_calls: [{ type: "function", function: { name: "f" } }] }] }, "messages[0].tool_calls[0].id"],
    [
      { messages: [{ role: "assistant", tool_calls: [{ id: "a", type: "custom", custom: {} }] }] },
      "messages[0].tool_calls[0].function.name",
    ],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });
});

describe("settings", () => {
  const set = (body: object, options: Options = {}) => {
    const { model, stream: _stream, messages, ...rest } = request(body, options);
    expect([typeof model, Array.isArray(messages)]).toEqual(["string", true]);
    return rest;
  };

  it("renames what has another name, and sends no n", () => {
    expect(
      set({
        max_completion_tokens: 5,
        max_tokens: 6,
        temperature: 0,
        top_p: 0.5,
        top_k: 40,
        seed: 7,
        stop: "END",
        n: 3,
        logprobs: true,
        top_logprobs: 2,
        user: "u",
      }),
    ).toEqual({
      max_tokens: 5,
      temperature: 0,
      p: 0.5,
      k: 40,
      seed: 7,
      stop_sequences: ["END"],
      logprobs: true,
    });
    expect(set({ max_tokens: 6, logprobs: false, stop: [], stream_options: {}, temperature: null })).toEqual({ max_tokens: 6 });
  });

  it("keeps the spelling of numbers inside the range", () => {
    expect(requestText({}).includes("temperature")).toBe(false);
    begin();
    expect(call("request", '{"messages":[{"role":"user","content":"x"}],"temperature":3.0e-1,"top_p":0.990}')).toContain(
      '"temperature":3.0e-1,"p":0.990',
    );
  });

  it.each([
    [{ temperature: 1.7 }, { temperature: 1 }],
    [{ temperature: 1.0 }, { temperature: 1 }],
    [{ top_p: 1 }, { p: 0.99 }],
    [{ top_p: 0 }, { p: 0.01 }],
    [{ top_k: 9999 }, { k: 500 }],
    [{ frequency_penalty: 1.5, presence_penalty: 0 }, { frequency_penalty: 1 }],
    [{ frequency_penalty: -1, presence_penalty: 0.5 }, { presence_penalty: 0.5 }],
    [{ seed: -42 }, { seed: 42 }],
    [{ stop: ["a", "", "b", "c", "d", "e", "f"] }, { stop_sequences: ["a", "b", "c", "d", "e"] }],
  ])("clamps %j", (body, expected) => {
    expect(set(body)).toEqual(expected);
  });

  it("writes the response format in Cohere's words", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
    expect(set({ response_format: { type: "json_object" } })).toEqual({ response_format: { type: "json_object" } });
    expect(set({ response_format: { type: "json_schema", json_schema: { name: "n", strict: true, schema } } })).toEqual({
      response_format: { type: "json_object", json_schema: schema },
    });
    expect(set({ response_format: { type: "text" } })).toEqual({});
  });

  it.each([
    ["none", { type: "disabled" }],
    ["minimal", { type: "enabled", token_budget: 1024 }],
    ["low", { type: "enabled", token_budget: 1024 }],
    ["medium", { type: "enabled", token_budget: 8192 }],
    ["high", { type: "enabled" }],
    ["xhigh", { type: "enabled" }],
  ])("effort %s becomes %j", (reasoning_effort, thinking) => {
    expect(set({ reasoning_effort })).toEqual({ thinking });
    expect(set({ reasoning: { effort: reasoning_effort } })).toEqual({ thinking });
  });

  it("sends no effort to models that never think, but what the client says in Cohere's own words", () => {
    for (const model of [
      "command-r",
      "command-r-plus-08-2024",
      "command-r7b-12-2024",
      "command-a-03-2025",
      "command-a-vision-07-2025",
      "c4ai-aya-vision-32b",
    ]) {
      expect(set({ reasoning_effort: "high" }, { model })).toEqual({});
    }
    expect(set({ reasoning_effort: "high" }, { model: "command-reasoning-next" })).toEqual({ thinking: { type: "enabled" } });
    expect(set({ thinking: { type: "enabled", budget_tokens: 500 } })).toEqual({ thinking: { type: "enabled", token_budget: 500 } });
    expect(set({ thinking: { type: "disabled" } })).toEqual({ thinking: { type: "disabled" } });
    const own = {
      thinking: { type: "enabled", token_budget: 9 },
      documents: ["d", { data: { a: 1 } }],
      citation_options: { mode: "OFF" },
      safety_mode: "STRICT",
      priority: 3,
    };
    expect(set({ ...own, reasoning_effort: "none" }, { model: "command-r" })).toEqual(own);
  });
});

describe("tools", () => {
  const parameters = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
  const tool = (name: string, extra: object = {}) => ({ type: "function", function: { name, parameters, ...extra } });
  const sent = (body: object) => {
    const { tools, tool_choice, strict_tools } = request(body);
    return { names: tools?.map((item: any) => item.function.name), tool_choice, strict_tools };
  };

  it("sends functions with parameters, which are required there", () => {
    const body = request({
      tools: [tool("f", { description: "d", strict: false }), { type: "function", function: { name: "g" } }],
      parallel_tool_calls: false,
    });
    expect(body.tools).toEqual([
      { type: "function", function: { name: "f", description: "d", parameters } },
      { type: "function", function: { name: "g", parameters: { type: "object", properties: {} } } },
    ]);
    expect(body).not.toHaveProperty("tool_choice");
    expect(request({ functions: [{ name: "old", parameters }] }).tools).toEqual([tool("old")]);
    expect(request({ tools: [], tool_choice: "required" })).not.toHaveProperty("tool_choice");
  });

  const tools = [tool("f"), tool("g"), tool("h")];
  it.each([
    ["auto", ["f", "g", "h"], undefined],
    [null, ["f", "g", "h"], undefined],
    ["none", ["f", "g", "h"], "NONE"],
    ["required", ["f", "g", "h"], "REQUIRED"],
    [{ type: "function", function: { name: "g" } }, ["g"], "REQUIRED"],
    [{ type: "allowed_tools", allowed_tools: { mode: "auto", tools: [tools[0], { type: "function", name: "h" }] } }, ["f", "h"], undefined],
    [{ type: "allowed_tools", mode: "required", tools: [tools[1]] }, ["g"], "REQUIRED"],
  ])("tool_choice %j", (tool_choice, names, word) => {
    expect(sent({ tools, tool_choice })).toEqual({ names, tool_choice: word, strict_tools: undefined });
  });

  it("is strict when every tool is, and can be", () => {
    expect(sent({ tools: [tool("f", { strict: true }), tool("g", { strict: true })] }).strict_tools).toBe(true);
    expect(sent({ tools: [tool("f", { strict: true }), tool("g")] }).strict_tools).toBeUndefined();
    expect(sent({ tools: [tool("f", { strict: true, parameters: { type: "object", properties: {} } })] }).strict_tools).toBeUndefined();
    expect(sent({ tools: [tool("f", { strict: true })], strict_tools: false }).strict_tools).toBe(false);
  });

  it.each([
    [{ tools: [{ type: "web_search" }] }, "tools[0].type"],
    [{ tools: [tools[0], { type: "function" }] }, "tools[1].function.name"],
    [{ tools, tool_choice: "sometimes" }, "tool_choice"],
    [{ tools, tool_choice: {} }, "tool_choice"],
    [{ tools, tool_choice: 5 }, "tool_choice"],
    [{ tools, tool_choice: { type: "function", function: { name: "absent" } } }, "tool_choice"],
    [{ tools, tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [] } } }, "tool_choice"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });
});

describe("tool calls and results in the history", () => {
  const toolCall = (id: string, name: string, args: unknown) => ({ id, type: "function", function: { name, arguments: args } });
  const calls = [toolCall("c1", "f", '{"a":1.0}'), toolCall("c2", "g", "")];
  const results = [
    { role: "tool", tool_call_id: "c1", content: "sun" },
    { role: "tool", tool_call_id: "c2", content: [{ type: "text", text: "rain" }] },
  ];
  const sentCalls = [toolCall("c1", "f", '{"a":1.0}'), toolCall("c2", "g", "{}")];

  it("keeps ids, arguments and results", () => {
    expect(sentMessages([...USER, { role: "assistant", content: null, tool_calls: calls }, ...results])).toEqual([
      ...USER,
      { role: "assistant", tool_calls: sentCalls },
      results[0],
      { role: "tool", tool_call_id: "c2", content: [{ type: "text", text: "rain" }] },
    ]);
  });

  it("puts thoughts before the calls: blocks for models that think, the plan for others", () => {
    const said = (message: object, model: string) =>
      sentMessages([...USER, { role: "assistant", tool_calls: [calls[0]], ...message }, results[0]], { model })[1];
    const head = { role: "assistant", tool_calls: [sentCalls[0]] };
    expect(said({ content: "text", reasoning_content: "hm" }, "command-a-reasoning-08-2025")).toEqual({
      ...head,
      content: [
        { type: "thinking", thinking: "hm" },
        { type: "text", text: "text" },
      ],
    });
    expect(said({ content: "text" }, "command-a-reasoning-08-2025")).toEqual({ ...head, content: "text" });
    expect(said({ content: null, reasoning: "hm" }, "command-a-03-2025")).toEqual({ ...head, tool_plan: "hm" });
    expect(said({ content: "I will look." }, "command-a-03-2025")).toEqual({ ...head, tool_plan: "I will look." });
    expect(said({ content: "text", reasoning_content: "hm" }, "command-a-03-2025")).toEqual({ ...head, tool_plan: "hm", content: "text" });
    const parts = [
      { type: "redacted_thinking", data: "x" },
      { type: "thinking", thinking: "hm", signature: "s" },
      { type: "text", text: "t" },
    ];
    expect(said({ content: parts }, "command-a-reasoning-08-2025").content).toEqual([
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "t" },
    ]);
    expect(said({ content: parts }, "command-a-03-2025").content).toEqual([{ type: "text", text: "t" }]);
    expect(sentMessages([...USER, { role: "assistant", content: parts }])[1].content).toEqual([{ type: "text", text: "t" }]);
    expect(sentMessages([...USER, { role: "assistant", content: "a", reasoning_content: "hm" }, ...USER])[1]).toEqual({
      role: "assistant",
      content: "a",
    });
  });

  it("gives arguments that are an object, absent or null their string", () => {
    for (const [given, expected] of [
      [{ a: [1] }, '{"a":[1]}'],
      [undefined, "{}"],
      [null, "{}"],
    ]) {
      expect(
        sentMessages([...USER, { role: "assistant", tool_calls: [toolCall("c", "f", given)] }])[1].tool_calls[0].function.arguments,
      ).toBe(expected);
    }
  });

  it("reads OpenAI's older function calls", () => {
    const messages = [
      ...USER,
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "1" },
    ];
    expect(sentMessages(messages)).toEqual([
      ...USER,
      { role: "assistant", tool_calls: [toolCall("call_f", "f", "{}")] },
      { role: "tool", tool_call_id: "call_f", content: "1" },
    ]);
  });

  it("keeps Cohere's document blocks in results, which citations point at", () => {
    const content = [{ type: "document", document: { id: "d", data: "{}" } }];
    expect(sentMessages([...USER, { role: "tool", tool_call_id: "c", content }])[1].content).toEqual(content);
  });
});

describe("whole responses", () => {
  it("a text response with usage: tokens, not billed units", () => {
    const body = response(responseBody({ content: [{ type: "text", text: "hi\n" }] }), { model: "m" });
    expect(body).toEqual({
      id: "co-1",
      object: "chat.completion",
      created: 1700000000,
      model: "m",
      choices: [{ index: 0, message: { role: "assistant", content: "hi\n" }, finish_reason: "stop" }],
      usage: expect.objectContaining({ prompt_tokens: 71, completion_tokens: 26, total_tokens: 97 }),
    });
    expect(body.usage.prompt_tokens_details.cached_tokens).toBe(16);
    expect(call("usage")).toBe("71,26,97,16,-1");
    expect(call("seen")).toBe("m|co-1");
  });

  it("takes billed units where tokens are missing, and leaves unknown usage out", () => {
    const message = { content: [{ type: "text", text: "x" }] };
    expect(
      response(responseBody(message, "COMPLETE", { usage: { billed_units: { input_tokens: 5, output_tokens: 6 } } })).usage,
    ).toMatchObject({ prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 });
    const body = response(responseBody(message, "COMPLETE", { usage: undefined, id: undefined }));
    expect(body).not.toHaveProperty("usage");
    expect(body.id).toBe("chatcmpl-0000000000abcdef");
  });

  it.each([
    ["COMPLETE", "stop"],
    ["STOP_SEQUENCE", "stop"],
    ["MAX_TOKENS", "length"],
    ["TIMEOUT", "length"],
    ["TOOL_CALL", "tool_calls"],
    ["ERROR_TOXIC", "content_filter"],
    ["NEW_ONE", "stop"],
  ])("%s -> %s, whole and streamed", (given, expected) => {
    expect(firstChoice({ content: [{ type: "text", text: "x" }] }, given).finish_reason).toBe(expected);
    expect(stream([start, ...text("x"), finish(given)]).at(-1).choices[0].finish_reason).toBe(expected);
  });

  it("shows thinking blocks and the tool plan as reasoning in each mode", () => {
    const message = {
      content: [
        { type: "thinking", thinking: "hm" },
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
    };
    expect(firstChoice(message).message).toEqual({ role: "assistant", content: "ab", reasoning_content: "hm" });
    expect(firstChoice(message, "COMPLETE", { reasoning: IGNORE }).message).toEqual({ role: "assistant", content: "ab" });
    expect(firstChoice(message, "COMPLETE", { reasoning: CONCAT }).message.content).toBe("<think>hm</think>\nab");
    const calls = [{ id: "f_1", type: "function", function: { name: "f", arguments: "{}" } }];
    expect(firstChoice({ tool_plan: "I will call f.", tool_calls: calls }, "TOOL_CALL").message).toEqual({
      role: "assistant",
      content: null,
      reasoning_content: "I will call f.",
      tool_calls: calls,
    });
  });

  it("gives tool calls in order, with arguments that clients can read and an id for each", () => {
    const given = (args: unknown, id: unknown = "x") => ({ id, type: "function", function: { name: "f", arguments: args } });
    const choice = firstChoice({ tool_calls: [given('{"a":"q\\""}'), given("null"), given(""), given({ b: 1 }, "")] }, "TOOL_CALL");
    expect(choice.finish_reason).toBe("tool_calls");
    expect(choice.message.tool_calls.map((item: any) => [item.id, item.function.arguments])).toEqual([
      ["x", '{"a":"q\\""}'],
      ["x", "{}"],
      ["x", "{}"],
      ["call_0000000000abcdef_3", '{"b":1}'],
    ]);
  });

  it("keeps citations in Cohere's form and maps logprobs", () => {
    const citations = [{ start: 0, end: 1, text: "x", sources: [{ type: "document", id: "1" }], type: "TEXT_CONTENT" }];
    const logprobs = [
      { text: "ab", token_ids: [1, 2], logprobs: [-0.5, -1.25] },
      { text: "c", token_ids: [3], logprobs: [-2] },
    ];
    const { choices } = response(responseBody({ content: [{ type: "text", text: "abc" }], citations }, "COMPLETE", { logprobs }));
    expect(choices[0].message.citations).toEqual(citations);
    const token = (name: string, logprob: number) => ({ token: name, logprob, bytes: null, top_logprobs: [] });
    expect(choices[0].logprobs).toEqual({ content: [token("ab", -0.5), token("", -1.25), token("c", -2)], refusal: null });
  });

  it("does not understand what is no response or has failed", () => {
    for (const body of [
      "",
      "[]",
      "{}",
      '{"message":"bad"}',
      "<html>",
      '{"message":{',
      JSON.stringify(responseBody({ content: [] }, "ERROR")),
    ]) {
      begin();
      expect(call("response", body)).toBe("!");
    }
  });
});

describe("streams", () => {
  const weather = [
    start,
    plan("I will "),
    plan("look."),
    callStart(0, "f_1", "f"),
    callDelta(0, '{"c'),
    callDelta(0, '":"A"}'),
    callEnd(0),
    callStart(1, "g_2", "g"),
    callDelta(1, "null"),
    callEnd(1),
    finish("TOOL_CALL"),
  ];

  it("has one id, the role first, the finish last", () => {
    const chunks = stream([start, ...text("你", "好"), finish()]);
    expect(chunks.map((chunk) => chunk.choices[0])).toEqual([
      { index: 0, delta: { role: "assistant", content: "" }, finish_reason: null },
      { index: 0, delta: { content: "你" }, finish_reason: null },
      { index: 0, delta: { content: "好" }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: "stop" },
    ]);
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(["co-1"]));
    expect(call("seen")).toBe("command-a-reasoning-08-2025|co-1");
  });

  it("streams plans as reasoning and calls in pieces", () => {
    const chunks = stream(weather);
    expect(joined(chunks, "reasoning_content")).toBe("I will look.");
    const calls = deltas(chunks).flatMap((delta) => delta.tool_calls ?? []);
    expect(calls).toEqual([
      { index: 0, id: "f_1", type: "function", function: { name: "f", arguments: "" } },
      { index: 0, function: { arguments: '{"c' } },
      { index: 0, function: { arguments: '":"A"}' } },
      { index: 1, id: "g_2", type: "function", function: { name: "g", arguments: "" } },
      { index: 1, function: { arguments: "{}" } },
    ]);
    expect(chunks.at(-1).choices[0].finish_reason).toBe("tool_calls");
  });

  it("counts calls from 0 whatever index they have, and keeps interleaved pieces apart", () => {
    const chunks = stream([
      start,
      callStart(3, "a", "f"),
      callStart(7, "", "g", '{"x":'),
      callDelta(3, '{"y":1}'),
      callDelta(7, "2}"),
      callDelta(99, "lost"),
      finish("TOOL_CALL"),
    ]);
    const calls = deltas(chunks).flatMap((delta) => delta.tool_calls ?? []);
    const argumentsOf = (index: number) =>
      calls
        .filter((item: any) => item.index === index)
        .map((item: any) => item.function.arguments)
        .join("");
    expect([argumentsOf(0), argumentsOf(1), calls.length]).toEqual(['{"y":1}', '{"x":2}', 5]);
    expect(calls.filter((item: any) => item.id).map((item: any) => item.id)).toEqual(["a", "call_0000000000abcdef_1"]);
  });

  it("gives a call an empty object when its end never comes", () => {
    const calls = deltas(stream([start, callStart(0, "a", "f"), finish("TOOL_CALL")])).flatMap((delta) => delta.tool_calls ?? []);
    expect(calls.at(-1)).toEqual({ index: 0, function: { arguments: "{}" } });
  });

  it("shows thinking in each mode", () => {
    const events = [
      start,
      open({ type: "thinking", thinking: "" }),
      piece({ thinking: "h" }),
      piece({ thinking: "m" }),
      close(),
      open({ type: "text", text: "a" }, 1),
      piece({ text: "b" }, 1),
      close(1),
      finish(),
    ];
    expect([joined(stream(events), "reasoning_content"), joined(stream(events), "content")]).toEqual(["hm", "ab"]);
    expect(JSON.stringify(stream(events, { reasoning: IGNORE }))).not.toContain("hm");
    expect(joined(stream(events, { reasoning: IGNORE }), "content")).toBe("ab");
    expect(joined(stream(events, { reasoning: CONCAT }), "content")).toBe("<think>hm</think>\nab");
    expect(joined(stream(weather, { reasoning: CONCAT }), "content")).toBe("<think>I will look.</think>\n");
  });

  it("carries citations on the next chunk and logprobs on their own", () => {
    const citation = { start: 0, end: 1, text: "a", sources: [] };
    const chunks = stream([
      start,
      open({ type: "text", text: "" }),
      piece({ text: "a" }, 0, { logprobs: { text: "a", token_ids: [1], logprobs: [-1] } }),
      cite(citation),
      { type: "citation-end", index: 0 },
      cite(citation),
      close(),
      finish(),
    ]);
    expect(chunks[1].choices[0].logprobs.content[0].logprob).toBe(-1);
    expect(chunks[2].choices[0]).toEqual({ index: 0, delta: { citations: [citation, citation] }, finish_reason: "stop" });
  });

  it("gives the same bytes whole, cut at every size, and with a [DONE] of Cohere's own", () => {
    const all = sse([...weather.slice(0, -1), ...text("né你😀"), finish("TOOL_CALL")]);
    const whole = streamText(all, { usage: true });
    expect(whole.endsWith("data: [DONE]\n\n")).toBe(true);
    for (let size = 1; size <= 48; size++) expect(streamText(all, { usage: true }, size)).toBe(whole);
    expect(streamText(all + "data: [DONE]\n\n", { usage: true })).toBe(whole);
    expect(streamText(all.replaceAll("\n", "\r\n"), { usage: true }, 3)).toBe(whole);
  });

  it("goes by the event's name when the data has no type", () => {
    const bare = streamText(
      'event: content-delta\ndata: {"delta":{"message":{"content":{"text":"x"}}}}\n\nevent: message-end\ndata: {"delta":{"finish_reason":"COMPLETE"}}\n\n',
    );
    expect(bare).toContain('"content":"x"');
    expect(bare).not.toContain("error");
    expect(bare).toContain("chatcmpl-0000000000abcdef");
  });

  it("writes usage only when asked, once", () => {
    const events = [start, ...text("a"), finish()];
    expect(stream(events).every((chunk) => !("usage" in chunk))).toBe(true);
    expect(call("usage")).toBe("71,26,97,16,-1");
    const chunks = stream(events, { usage: true });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 71, completion_tokens: 26, total_tokens: 97 } });
  });

  it("ends a truncated or empty stream with an error, not as a finish", () => {
    for (const events of [[], [start], [start, ...text("a")], [start, ...text("a"), "[DONE]"]]) {
      const chunks = stream(events, { usage: true });
      expect(chunks.at(-1).error).toMatchObject({ type: "upstream_error", code: "stream_truncated" });
      expect(chunks.some((chunk) => chunk.choices?.[0]?.finish_reason)).toBe(false);
    }
  });

  it("turns a failure into one error and stops", () => {
    const failed = stream([start, ...text("a"), finish("ERROR", { error: 'it "broke"' }), ...text("b")], { usage: true });
    expect(failed.at(-1)).toEqual({ error: { message: 'it "broke"', type: "upstream_error", param: null, code: "generation_failed" } });
    expect(JSON.stringify(failed)).not.toContain('"b"');
    expect(stream([start, finish("ERROR")]).at(-1).error.message.length).toBeGreaterThan(5);
    expect(stream([start, { message: "internal", id: "e" }]).at(-1).error.message).toBe("internal");
    expect(stream([start, "{broken"]).at(-1).error.code).toBe("invalid_event");
  });

  it("ignores what comes after the end", () => {
    expect(stream([start, ...text("a"), finish(), piece({ text: "late" }), finish("ERROR")])).toEqual(
      stream([start, ...text("a"), finish()]),
    );
  });
});

describe("errors", () => {
  const error = (status: number, body: unknown) => {
    begin();
    return JSON.parse(call("error", status, typeof body === "string" ? body : JSON.stringify(body))).error;
  };
  it.each([
    [400, "invalid_request_error", null],
    [401, "authentication_error", "invalid_api_key"],
    [402, "invalid_request_error", "insufficient_quota"],
    [403, "permission_error", null],
    [404, "not_found_error", null],
    [422, "invalid_request_error", null],
    [429, "rate_limit_error", "rate_limit_exceeded"],
    [498, "invalid_request_error", "content_filter"],
    [503, "server_error", null],
  ])("%i", (status, type, code) => {
    expect(error(status, { id: "e", message: `m "q" ${status}` })).toEqual({ message: `m "q" ${status}`, type, param: null, code });
  });

  it("quotes what is no JSON and survives odd shapes", () => {
    expect(error(502, "<html>Bad gateway</html>")).toMatchObject({ message: "<html>Bad gateway</html>", type: "server_error" });
    expect(error(500, "").message).toContain("500");
    expect(error(400, { message: {} }).message.length).toBeGreaterThan(2);
  });
});

describe("embeddings", () => {
  const embed = (body: object, options: Options = {}) => {
    begin({ model: "embed-v4.0", embeddings: true, ...options });
    return call("request", JSON.stringify(body));
  };
  const reply = (body: object) => JSON.parse(call("response", JSON.stringify(body)));
  const base64 = (values: number[]) => Buffer.from(new Float32Array(values).buffer).toString("base64");

  it("asks for one or many texts, floats or base64", () => {
    const head = { model: "embed-v4.0", input_type: "search_document" };
    expect(JSON.parse(embed({ input: "a\n" }))).toEqual({ ...head, texts: ["a\n"], embedding_types: ["float"] });
    expect(JSON.parse(embed({ input: ["a", "b"], encoding_format: "base64", dimensions: 256, user: "u" }))).toEqual({
      ...head,
      texts: ["a", "b"],
      embedding_types: ["base64"],
      output_dimension: 256,
    });
    expect(JSON.parse(embed({ input: ["a"], input_type: "search_query", truncate: "NONE" }))).toMatchObject({
      input_type: "search_query",
      truncate: "NONE",
    });
    expect(JSON.parse(embed({ input: "a", encoding_format: "base64" }, { model: "embed-english-v2.0" })).embedding_types).toEqual([
      "float",
    ]);
    expect(call("path")).toBe("/v2/embed");
  });

  it("answers a list with indexes, numbers as they are spelt, and the billed tokens", () => {
    embed({ input: ["a", "b"] });
    const body = call("response", '{"id":"e-1","embeddings":{"float":[[0.10,-1e-3],[3]]},"meta":{"billed_units":{"input_tokens":4}}}');
    expect(body).toContain('"embedding":[0.10,-1e-3]');
    expect(JSON.parse(body)).toEqual({
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: [0.1, -0.001] },
        { object: "embedding", index: 1, embedding: [3] },
      ],
      model: "embed-v4.0",
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(call("usage")).toBe("4,-1,4,-1,-1");
    embed({ input: "a" });
    expect(reply({ embeddings: [[1]] })).toMatchObject({ data: [{ embedding: [1] }], usage: { prompt_tokens: 0, total_tokens: 0 } });
  });

  it("passes base64 on, and packs floats when they come instead", () => {
    embed({ input: "a", encoding_format: "base64" });
    expect(reply({ embeddings: { base64: [base64([0.5, -2])] } }).data[0].embedding).toBe(base64([0.5, -2]));
    expect(reply({ embeddings: { float: [[0.5, -2]] } }).data[0].embedding).toBe(base64([0.5, -2]));
  });

  it("refuses tokens, nothing and other kinds", () => {
    for (const [input, param] of [
      [[1, 2], "input[0]"],
      [["a", [1]], "input[1]"],
      [[], "input"],
      [undefined, "input"],
      [5, "input"],
    ] as const) {
      expect(embed({ input }).slice(1).split("|")[0]).toBe(param);
    }
    expect(call("response", "{}")).toBe("!");
  });
});

describe("the official openai client", () => {
  const client = (responses: (object | string)[], sent: any[]) =>
    new OpenAI({
      apiKey: "k",
      baseURL: "http://gw.test/v1",
      maxRetries: 0,
      fetch: async (url, init) => {
        const body = JSON.parse(String(init?.body));
        begin({ stream: body.stream, usage: body.stream_options?.include_usage, embeddings: String(url).endsWith("/embeddings") });
        const reply = responses[sent.length];
        sent.push(JSON.parse(call("request", String(init?.body))));
        if (typeof reply === "string") return new Response(call("stream", reply, 7), { headers: { "content-type": "text/event-stream" } });
        return new Response(call("response", JSON.stringify(reply)), { headers: { "content-type": "application/json" } });
      },
    });

  it("runs a streamed tool loop", async () => {
    const sent: any[] = [];
    const openai = client(
      [
        sse([start, plan("hm"), callStart(0, "rate_1", "rate"), callDelta(0, '{"pair":"EURUSD"}'), callEnd(0), finish("TOOL_CALL")]),
        sse([start, ...text("It is ", "1.1"), finish()]),
      ],
      sent,
    );
    const runner = openai.chat.completions.runTools({
      model: "m",
      stream: true,
      messages: [{ role: "user", content: "EURUSD?" }],
      tools: [
        {
          type: "function",
          function: {
            name: "rate",
            description: "d",
            parse: JSON.parse,
            parameters: { type: "object", properties: { pair: { type: "string" } } },
            function: async (args: { pair: string }) => `{"${args.pair}":1.10}`,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe("It is 1.1");
    expect(sent[1].messages[1].tool_calls).toEqual([
      { id: "rate_1", type: "function", function: { name: "rate", arguments: '{"pair":"EURUSD"}' } },
    ]);
    expect(sent[1].messages[2]).toEqual({ role: "tool", tool_call_id: "rate_1", content: '{"EURUSD":1.10}' });
  });

  it("reads embeddings, which it asks for in base64", async () => {
    const packed = (values: number[]) => Buffer.from(new Float32Array(values).buffer).toString("base64");
    const openai = client([{ embeddings: { base64: [packed([0.5, -0.25]), packed([1, 2])] } }], []);
    const { data } = await openai.embeddings.create({ model: "e", input: ["a", "b"] });
    expect(data.map((item) => item.embedding)).toEqual([
      [0.5, -0.25],
      [1, 2],
    ]);
  });
});

describe("robustness", () => {
  it("never traps and writes only JSON on 9,000 mutated inputs", () => {
    const body = JSON.stringify({
      model: "c",
      n: 2,
      stop: ["a"],
      seed: -5,
      top_p: 1,
      temperature: 0.3,
      tools: [
        {
          type: "function",
          function: { name: "f", strict: true, parameters: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } },
        },
      ],
      tool_choice: { type: "allowed_tools", allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "f" } }] } },
      response_format: { type: "json_schema", json_schema: { schema: {} } },
      reasoning_effort: "low",
      messages: [
        { role: "system", content: "s" },
        {
          role: "user",
          content: [
            { type: "text", text: "\u00e9" },
            { type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } },
          ],
        },
        {
          role: "assistant",
          content: "c",
          reasoning_content: "r",
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: '{"a":[1]}' } }],
        },
        { role: "tool", tool_call_id: "a", content: '{"b":2}' },
        { role: "developer", content: "d" },
      ],
    });
    const reply = JSON.stringify(
      responseBody(
        {
          tool_plan: "p",
          content: [
            { type: "thinking", thinking: "t" },
            { type: "text", text: "x" },
          ],
          citations: [{ text: "c" }],
          tool_calls: [{ id: "i", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        "TOOL_CALL",
        { logprobs: [{ text: "x", logprobs: [-1] }] },
      ),
    );
    const events = [
      start,
      plan("p"),
      open({ type: "thinking", thinking: "t" }),
      piece({ text: "x" }, 0, { logprobs: { text: "x", logprobs: [-1] } }),
      callStart(0, "i", "f"),
      callDelta(0, "{"),
      cite({ text: "c" }),
      callEnd(0),
      finish("TOOL_CALL"),
    ].map((event) => JSON.stringify(event));
    const broken = new BrokenJson(12345);
    let understood = 0;
    for (let round = 0; round < 1000; round++) {
      begin({ reasoning: round % 3, model: round % 2 ? "command-a-03-2025" : "command-a-reasoning-08-2025" });
      const sent = call("request", broken.mutate(body));
      if (!sent.startsWith("!")) expectJson(sent);
      const got = call("response", broken.mutate(reply));
      if (got !== "!") {
        understood++;
        expectJson(got);
      }
      expectJson(call("error", 400 + broken.below(200), broken.mutate('{"message":"m","id":"i"}')));
      begin({ stream: true, usage: true, reasoning: round % 3 });
      let written = "";
      for (const event of events) written += call("event", "", broken.below(3) ? event : broken.reshape(event));
      written += call("event", "", broken.mutate(events[broken.below(events.length)])) + call("end");
      for (const line of written.trimEnd().split("\n\n")) if (line !== "data: [DONE]") expectJson(line.slice(6));
      begin({ embeddings: true, model: "embed-v4.0" });
      call("request", broken.mutate('{"input":["a","b"],"encoding_format":"base64"}'));
      const list = call(
        "response",
        broken.mutate('{"embeddings":{"float":[[0.5,-1e-5]],"base64":["QQ=="]},"meta":{"billed_units":{"input_tokens":1}}}'),
      );
      if (list !== "!") expectJson(list);
      units.exports.collect();
    }
    expect(understood).toBeGreaterThan(200);
  }, 60_000);

  it("takes deep and wide input without trapping", () => {
    begin();
    expect(call("request", '{"messages":' + "[".repeat(5000))).toContain("not valid JSON");
    const calls = Array.from({ length: 3000 }, (_, k) => ({ id: `c${k}`, type: "function", function: { name: "f", arguments: "{}" } }));
    expect(sentMessages([...USER, { role: "assistant", tool_calls: calls }])[1].tool_calls).toHaveLength(3000);
    const started = Array.from({ length: 200 }, (_, k) => callStart(k, `c${k}`, "f", "{}"));
    const chunks = stream([start, ...started, callDelta(9007199254740991, "x"), callEnd(150), finish("TOOL_CALL")]);
    expect(
      Math.max(
        ...deltas(chunks)
          .flatMap((delta) => delta.tool_calls ?? [])
          .map((item: any) => item.index),
      ),
    ).toBe(127);
  });
});
