// The Hunyuan dialect at unit level: request, response, stream, errors, embeddings; bytes in, bytes out.
import { createHash, createHmac } from "node:crypto";
import OpenAI from "openai";
import { beforeAll, describe, expect, it } from "vitest";
import { BrokenJson, expectJson } from "./broken-json";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("hunyuan");
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

const begin = (o: Options = {}) =>
  units.exports.begin((o.stream ? 1 : 0) | (o.usage ? 2 : 0) | (o.embeddings ? 4 : 0), units.put(o.model ?? "hx"), o.reasoning ?? PASS);

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
/** What is sent besides model and messages. */
const settings = (body: object, options: Options = {}) => {
  const { Model: _model, Messages: _messages, ...rest } = request(body, options);
  return rest;
};
const messages = (list: object[]) => request({ messages: list }).Messages;
const refusal = (body: object) => {
  const text = requestText(body);
  expect(text[0]).toBe("!");
  const [param, problem] = text.slice(1).split("|");
  expect(problem).toMatch(/^[A-Za-z_].{10,}\.$/);
  return param;
};

const UP = {
  Note: "n",
  Id: "hy-1",
  Created: 1716359713,
  Usage: { PromptTokens: 7, CompletionTokens: 3, TotalTokens: 10 },
};
const whole = (message: object, FinishReason = "stop", more: object = {}) => ({
  Response: { RequestId: "req-1", ...UP, Choices: [{ FinishReason, Message: { Role: "assistant", ...message } }], ...more },
});
const response = (body: object, options: Options = {}) => {
  begin(options);
  const text = call("response", JSON.stringify(body));
  if (text === "!") throw new Error("not understood");
  return JSON.parse(text);
};
const firstChoice = (message: object, finish = "stop", options: Options = {}) => response(whole(message, finish), options).choices[0];

const event = (delta: object, FinishReason = "", more: object = {}) => ({
  ...UP,
  Choices: [{ Index: 0, Delta: { Role: "assistant", ...delta }, FinishReason }],
  ...more,
});
const sse = (events: (object | string)[], end = "\n") =>
  events.map((one) => `data: ${typeof one === "string" ? one : JSON.stringify(one)}${end}${end}`).join("");
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
const deltas = (chunks: any[]) => chunks.flatMap((chunk) => (chunk.choices ?? []).map((one: any) => one.delta));
const joined = (chunks: any[], field: string) =>
  deltas(chunks)
    .map((delta) => delta[field] ?? "")
    .join("");
const finishes = (chunks: any[]) => chunks.flatMap((chunk) => (chunk.choices ?? []).map((one: any) => one.finish_reason)).filter(Boolean);
/** The tool calls of a stream as a client puts them together. */
const assembled = (chunks: any[]) => {
  const calls: { id: string; name: string; args: string }[] = [];
  for (const delta of deltas(chunks)) {
    for (const one of delta.tool_calls ?? []) {
      const known = (calls[one.index] ??= { id: one.id, name: one.function.name, args: "" });
      expect(one.id === undefined || one.id === known.id).toBe(true);
      known.args += one.function.arguments ?? "";
    }
  }
  return calls;
};

describe("requests", () => {
  it("are ChatCompletions in CamelCase, posted to /", () => {
    expect(request({})).toEqual({ Model: "hx", Messages: [{ Role: "user", Content: "ping" }] });
    expect(call("path")).toBe("/");
    expect(request({ stream: true }, { stream: true })).toEqual({
      Model: "hx",
      Messages: [{ Role: "user", Content: "ping" }],
      Stream: true,
    });
  });

  it("say in headers what is called, and are signed for it", () => {
    for (const [embeddings, action] of [
      [false, "ChatCompletions"],
      [true, "GetEmbedding"],
    ] as const) {
      begin({ embeddings });
      expect(call("headers")).toBe(`x-tc-action: ${action}\nx-tc-version: 2023-09-01\n`);
      const body = '{"Input":"é"}';
      const lines = call("sign", "hunyuan.tencentcloudapi.com", "AKID1", "secret", body, 1764000000).trimEnd().split("\n");
      const sha = (text: string) => createHash("sha256").update(text).digest("hex");
      const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
      const signedNames = "content-type;host;x-tc-action";
      const canonical = `POST\n/\n\ncontent-type:application/json\nhost:hunyuan.tencentcloudapi.com\nx-tc-action:${action.toLowerCase()}\n\n${signedNames}\n${sha(body)}`;
      const key = ["2025-11-24", "hunyuan", "tc3_request"].reduce<string | Buffer>(hmac, "TC3secret");
      const signature = hmac(key as Buffer, `TC3-HMAC-SHA256\n1764000000\n2025-11-24/hunyuan/tc3_request\n${sha(canonical)}`).toString(
        "hex",
      );
      expect(lines).toEqual([
        `x-tc-action: ${action}`,
        "x-tc-version: 2023-09-01",
        "content-type: application/json",
        `authorization: TC3-HMAC-SHA256 Credential=AKID1/2025-11-24/hunyuan/tc3_request, SignedHeaders=${signedNames}, Signature=${signature}`,
        "x-tc-timestamp: 1764000000",
      ]);
    }
  });

  it("keep escapes, UTF-8 and the spelling of numbers, zeros included", () => {
    begin({ model: 'm"x' });
    const text = call(
      "request",
      String.raw`{"temperature":0,"top_p":0.10,"messages":[{"role":"user","content":"a\u00e9\n\"\\ 你\ud83d\ude00"}]}`,
    );
    expect(text).toBe(
      String.raw`{"Model":"m\"x","Messages":[{"Role":"user","Content":"a\u00e9\n\"\\ 你\ud83d\ude00"}],"Temperature":0,"TopP":0.10}`,
    );
  });

  it("make nothing up and drop what has no counterpart", () => {
    expect(settings({ temperature: null, top_p: null, seed: null, stop: null, tools: null })).toEqual({});
    expect(
      settings({
        max_tokens: 5,
        n: 2,
        user: "u",
        logprobs: true,
        presence_penalty: 1,
        response_format: { type: "json_object" },
        reasoning_effort: "low",
        stream_options: {},
      }),
    ).toEqual({});
  });

  it.each([
    [{ seed: 1 }, { Seed: 1 }],
    [{ seed: 10000 }, { Seed: 10000 }],
    [{ seed: 10001 }, { Seed: 1 }],
    [{ seed: 0 }, { Seed: 10000 }],
    [{ seed: -4 }, {}],
    [{ stop: "END" }, { Stop: ["END"] }],
    [{ stop: ["a", "", 5, "b"] }, { Stop: ["a", "b"] }],
    [{ stop: [] }, {}],
    [{ web_search_options: {} }, { EnableEnhancement: true }],
    [{ enable_enhancement: false, web_search_options: {} }, { EnableEnhancement: false }],
    [
      { stream_moderation: false, search_info: true, citation: true },
      { StreamModeration: false, SearchInfo: true, Citation: true },
    ],
    [
      { enable_speed_search: true, force_search_enhancement: true },
      { ForceSearchEnhancement: true, EnableSpeedSearch: true },
    ],
    [
      { enable_recommended_questions: true, topic_choice: "t" },
      { EnableRecommendedQuestions: true, TopicChoice: "t" },
    ],
  ])("%j", (given, expected) => {
    expect(settings(given)).toEqual(expected);
  });
});

describe("messages", () => {
  it("puts all system texts in front, wherever they stood", () => {
    expect(
      messages([
        { role: "developer", content: "one" },
        { role: "user", content: "a" },
        { role: "system", content: [{ type: "text", text: "two" }, "three"] },
        { role: "user", content: "b" },
      ]),
    ).toEqual([
      { Role: "system", Content: "one\ntwo\nthree" },
      { Role: "user", Content: "a\nb" },
    ]);
  });

  it("makes system messages that stand alone the question, and leaves empty ones out", () => {
    expect(messages([{ role: "system", content: "say hi" }])).toEqual([{ Role: "user", Content: "say hi" }]);
    expect(messages([{ role: "system", content: "" }, ...USER])).toEqual([{ Role: "user", Content: "ping" }]);
  });

  it("joins neighbours of one role, also over messages of no account", () => {
    expect(
      messages([
        { role: "user", content: "a" },
        { role: "assistant", content: null },
        {
          role: "user",
          content: [
            { type: "text", text: "b" },
            { type: "text", text: "c" },
          ],
        },
        { role: "assistant", content: "x" },
        { role: "assistant", content: null, refusal: "no" },
        { role: "user", content: "d" },
      ]),
    ).toEqual([
      { Role: "user", Content: "a\nb\nc" },
      { Role: "assistant", Content: "x\nno" },
      { Role: "user", Content: "d" },
    ]);
  });

  it("sends pictures as Contents, and with them all of the turn", () => {
    const picture = { type: "image_url", image_url: { url: "data:image/png;base64,QQ==", detail: "high" } };
    expect(
      messages([
        { role: "user", content: "look" },
        { role: "user", content: [{ type: "text", text: "at" }, picture, { type: "image_url", image_url: "https://x.test/a.png" }] },
      ]),
    ).toEqual([
      {
        Role: "user",
        Contents: [
          { Type: "text", Text: "look" },
          { Type: "text", Text: "at" },
          { Type: "image_url", ImageUrl: { Url: "data:image/png;base64,QQ==" } },
          { Type: "image_url", ImageUrl: { Url: "https://x.test/a.png" } },
        ],
      },
    ]);
  });

  it("sends calls and results, arguments in their spelling, and no thoughts", () => {
    const toolCall = (id: string, args: unknown) => ({ id, type: "function", function: { name: "f", arguments: args } });
    expect(
      messages([
        ...USER,
        {
          role: "assistant",
          content: null,
          reasoning_content: "hm",
          tool_calls: [toolCall("c1", '{"a": 1.0}'), toolCall("c2", { b: [1, "x y"] })],
        },
        { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "r1" }] },
        { role: "tool", tool_call_id: "c2", content: "" },
        { role: "user", content: "go" },
      ]),
    ).toEqual([
      { Role: "user", Content: "ping" },
      {
        Role: "assistant",
        Content: "",
        ToolCalls: [
          { Id: "c1", Type: "function", Function: { Name: "f", Arguments: '{"a": 1.0}' } },
          { Id: "c2", Type: "function", Function: { Name: "f", Arguments: '{"b":[1,"x y"]}' } },
        ],
      },
      { Role: "tool", Content: "r1", ToolCallId: "c1" },
      { Role: "tool", Content: "(empty)", ToolCallId: "c2" },
      { Role: "user", Content: "go" },
    ]);
  });

  it("reads the old function_call and function role", () => {
    expect(
      messages([
        ...USER,
        { role: "assistant", content: "t", function_call: { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "r" },
      ]).slice(1),
    ).toEqual([
      { Role: "assistant", Content: "t", ToolCalls: [{ Id: "call_f", Type: "function", Function: { Name: "f", Arguments: "{}" } }] },
      { Role: "tool", Content: "r", ToolCallId: "call_f" },
    ]);
  });

  it.each([
    [{ messages: "x" }, "messages"],
    [{ messages: [] }, "messages"],
    [{ messages: undefined }, "messages"],
    [{ messages: [{ role: "assistant", content: "" }] }, "messages"],
    [{ messages: [null] }, "messages[0].role"],
    [{ messages: [...USER, { role: "robot", content: "x" }] }, "messages[1].role"],
    [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    [{ messages: [...USER, { role: "user", content: ["a", { type: "input_audio" }] }] }, "messages[1].content[1].type"],
    [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].text"],
    [{ messages: [{ role: "user", content: [{ type: "image_url" }] }] }, "messages[0].content[0].image_url"],
    [{ messages: [{ role: "system", content: [{ type: "image_url", image_url: "x" }] }, ...USER] }, "messages[0].content[0].type"],
    [{ messages: [...USER, { role: "tool", content: "x" }] }, "messages[1].tool_call_id"],
    [{ messages: [...USER, { role: "assistant", tool_calls: [{ id: "a", function: {} }] }] }, "messages[1].tool_calls"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });
});

describe("tools", () => {
  const schema = { type: "object", properties: { a: { type: "string", description: 'q"' } } };
  const f = { type: "function", function: { name: "f", description: "d", parameters: schema, strict: true } };
  const g = { type: "function", function: { name: "g" } };
  const F = { Type: "function", Function: { Name: "f", Parameters: JSON.stringify(schema), Description: "d" } };
  const G = { Type: "function", Function: { Name: "g", Parameters: '{"type":"object","properties":{}}' } };
  const named = (name: string) => ({ type: "function", function: { name } });

  it("have their schema as a string", () => {
    expect(settings({ tools: [f, g] })).toEqual({ Tools: [F, G] });
    expect(settings({ functions: [f.function], function_call: { name: "f" } })).toEqual({
      Tools: [F],
      ToolChoice: "custom",
      CustomTool: F,
    });
  });

  it.each([
    [[f, g], "auto", { ToolChoice: "auto" }],
    [[f, g], "none", { ToolChoice: "none" }],
    [[f, g], "required", { ToolChoice: "auto" }],
    [[g], "required", { ToolChoice: "custom", CustomTool: G }],
    [[f, g], named("g"), { ToolChoice: "custom", CustomTool: G }],
    [[f, g], { type: "allowed_tools", allowed_tools: { mode: "required", tools: [named("f")] } }, { ToolChoice: "auto" }],
    [[f, g], null, {}],
  ])("%j with tool_choice %j", (tools, tool_choice, expected) => {
    const { Tools: _tools, ...rest } = settings({ tools, tool_choice });
    expect(rest).toEqual(expected);
  });

  it("sends no choice without tools", () => {
    expect(settings({ tools: [], tool_choice: "required" })).toEqual({});
  });

  it.each([
    [{ tools: {} }, "tools"],
    [{ tools: [f, { type: "custom", custom: { name: "x" } }] }, "tools[1].type"],
    [{ tools: [{ type: "function", function: {} }] }, "tools[0].function.name"],
    [{ tools: [f], tool_choice: 5 }, "tool_choice"],
    [{ tools: [f], tool_choice: named("nope") }, "tool_choice"],
    [{ tools: [f], tool_choice: {} }, "tool_choice"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });
});

describe("whole responses", () => {
  it("are unwrapped", () => {
    expect(response(whole({ Content: "h\n你" }))).toMatchObject({
      id: "hy-1",
      object: "chat.completion",
      created: 1716359713,
      model: "hx",
      choices: [{ index: 0, message: { role: "assistant", content: "h\n你" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    });
    expect(call("usage")).toBe("7,3,10,-1,-1");
    expect(call("seen")).toBe("hx|hy-1");
    expect(units.exports.failedStatus()).toBe(0);
  });

  it.each([
    ["stop", "stop"],
    ["sensitive", "content_filter"],
    ["tool_calls", "tool_calls"],
    ["length", "length"],
    ["", "stop"],
    ["new_one", "stop"],
  ])("%s -> %s", (given, expected) => {
    expect(firstChoice({ Content: "x" }, given).finish_reason).toBe(expected);
  });

  it("hold reasoning in each mode", () => {
    const message = { Content: "ans", ReasoningContent: "why" };
    expect(firstChoice(message).message).toEqual({ role: "assistant", content: "ans", reasoning_content: "why" });
    expect(firstChoice(message, "stop", { reasoning: IGNORE }).message).toEqual({ role: "assistant", content: "ans" });
    expect(firstChoice(message, "stop", { reasoning: CONCAT }).message.content).toBe("<think>why</think>\nans");
  });

  it("hold tool calls, with ids where they are missing", () => {
    const ToolCalls = [
      { Id: "c1", Type: "function", Function: { Name: "f", Arguments: '{"a": 1}' } },
      { Id: "", Type: "function", Function: { Name: "g", Arguments: "" } },
    ];
    const choice = firstChoice({ Content: "", ToolCalls }, "tool_calls");
    expect(choice.message).toEqual({
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "c1", type: "function", function: { name: "f", arguments: '{"a": 1}' } },
        { id: "call_0000000000abcdef_1", type: "function", function: { name: "g", arguments: "" } },
      ],
    });
    expect(choice.finish_reason).toBe("tool_calls");
    expect(firstChoice({ Content: "x", ToolCalls }, "stop").finish_reason).toBe("tool_calls");
    expect(firstChoice({ Content: "x", ToolCalls: null }).message).toEqual({ role: "assistant", content: "x" });
  });

  it("take the request's id, the clock and no usage when theirs are missing", () => {
    const body = response({ Response: { RequestId: "req-2", Choices: [{ Message: { Content: "x" } }], ErrorMsg: null } });
    expect(body).toMatchObject({ id: "req-2", created: 1700000000, choices: [{ finish_reason: "stop" }] });
    expect(body).not.toHaveProperty("usage");
    expect(response({ Choices: [{ Message: { Content: "x" } }], ErrorMsg: { Msg: "", Code: 0 } }).id).toBe("chatcmpl-0000000000abcdef");
  });

  it("are not understood when they are none", () => {
    for (const body of ["", "[]", "{}", '{"Response":{}}', '{"Response":{"Choices":[]}}', "<html>", '{"Response":{"Choices":[']) {
      begin();
      expect(call("response", body), body).toBe("!");
      expect(units.exports.failedStatus()).toBe(0);
    }
  });
});

describe("streams", () => {
  it("give one id, the role first, the finish last, usage when asked", () => {
    const events = [
      event({ Content: "你" }),
      event({ Content: "好" }),
      event({ Content: "" }, "stop", { Usage: { PromptTokens: 7, CompletionTokens: 9, TotalTokens: 16 } }),
    ];
    const chunks = stream(events, { usage: true });
    expect(chunks[0]).toMatchObject({
      id: "hy-1",
      object: "chat.completion.chunk",
      created: 1716359713,
      model: "hx",
      choices: [{ index: 0, delta: { role: "assistant", content: "你" }, finish_reason: null }],
    });
    expect(joined(chunks, "content")).toBe("你好");
    expect(finishes(chunks)).toEqual(["stop"]);
    expect(deltas(chunks).filter((delta) => delta.role)).toHaveLength(1);
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(["hy-1"]));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 9, total_tokens: 16 } });
    expect(stream(events).every((chunk) => !("usage" in chunk))).toBe(true);
    expect(call("usage")).toBe("7,9,16,-1,-1");
  });

  it("keep counts that the last event leaves out, and its total decides", () => {
    stream([event({ Content: "a" }), { Choices: [{ Delta: {}, FinishReason: "stop" }], Usage: { TotalTokens: 12 } }]);
    expect(call("usage")).toBe("7,5,12,-1,-1");
  });

  it("repeat increments that are alike", () => {
    expect(joined(stream([event({ Content: "ha" }), event({ Content: "ha" }), event({ Content: "haha" }, "stop")]), "content")).toBe(
      "hahahaha",
    );
  });

  it("give reasoning in each mode", () => {
    const events = [event({ ReasoningContent: "hm " }), event({ ReasoningContent: "ok" }), event({ Content: "ans" }), event({}, "stop")];
    expect(joined(stream(events), "reasoning_content")).toBe("hm ok");
    expect(joined(stream(events, { reasoning: CONCAT }), "content")).toBe("<think>hm ok</think>\nans");
    expect(JSON.stringify(stream(events, { reasoning: IGNORE }))).not.toContain("hm");
    expect(joined(stream([events[0], event({}, "stop")], { reasoning: CONCAT }), "content")).toBe("<think>hm </think>\n");
  });

  const piece = (Id: string, Name: string, Arguments: string, Index?: number) => ({
    Id,
    Type: "function",
    Function: { Name, Arguments },
    ...(Index === undefined ? {} : { Index }),
  });
  const expectedCalls = [
    { id: "c1", name: "f", args: '{"a":1}' },
    { id: "c2", name: "g", args: '{"b":2}' },
  ];
  it.each([
    ["by index", [piece("c1", "f", '{"a"', 0), piece("", "", ":1}", 0), piece("c2", "g", '{"b":', 1), piece("", "", "2}", 1)]],
    ["by id alone", [piece("c1", "f", '{"a"'), piece("c1", "f", ":1}"), piece("c2", "g", '{"b":'), piece("c2", "", "2}")]],
    ["by id, interleaved", [piece("c1", "f", ""), piece("c2", "g", '{"b":'), piece("c1", "", '{"a":1}'), piece("c2", "", "2}")]],
    ["by id when the index is always 0", [piece("c1", "f", '{"a":1}', 0), piece("c2", "g", '{"b":', 0), piece("c2", "", "2}", 0)]],
    ["by place when there is neither", [piece("c1", "f", '{"a"'), piece("", "", ":1}"), piece("c2", "g", '{"b":2'), piece("", "", "}")]],
  ])("assemble parallel tool calls %s", (_title, pieces) => {
    const chunks = stream([...pieces.map((one) => event({ Content: "", ToolCalls: [one] })), event({ Content: "" }, "tool_calls")]);
    expect(assembled(chunks)).toEqual(expectedCalls);
    expect(finishes(chunks)).toEqual(["tool_calls"]);
    expect(assembled(stream([event({ ToolCalls: pieces }, "stop")]))).toEqual(expectedCalls);
  });

  it("wait for a call's name", () => {
    const chunks = stream([
      event({ ToolCalls: [piece("c1", "", '{"a":')] }),
      event({ ToolCalls: [piece("c1", "f", "1}")] }),
      event({}, "tool_calls"),
    ]);
    expect(assembled(chunks)).toEqual([{ id: "c1", name: "f", args: '{"a":1}' }]);
  });

  it("tell moderation as content_filter and say nothing after the finish", () => {
    const chunks = stream([event({ Content: "a" }), event({ Content: "" }, "sensitive"), event({ Content: "late" }, "stop"), "[DONE]"]);
    expect(joined(chunks, "content")).toBe("a");
    expect(finishes(chunks)).toEqual(["content_filter"]);
  });

  it("give the same bytes whole, with any line end, and cut at every size", () => {
    const events = [
      event({ ReasoningContent: "né" }),
      event({ Content: "你😀" }),
      event({ ToolCalls: [piece("c", "f", "{}")] }),
      event({}, "tool_calls"),
    ];
    const all = streamText(sse(events), { usage: true });
    expect(all.endsWith("data: [DONE]\n\n")).toBe(true);
    for (let size = 1; size <= 64; size++) expect(streamText(sse(events), { usage: true }, size)).toBe(all);
    expect(streamText(sse(events, "\r\n"), { usage: true }, 5)).toBe(all);
  });

  it("end with an error when they are cut off or empty", () => {
    for (const events of [[], [event({ Content: "a" })], [{ ...UP }], [event({ ToolCalls: [piece("c", "f", '{"a')] })]]) {
      expect(stream(events).at(-1).error).toMatchObject({ type: "upstream_error", code: "stream_truncated" });
    }
  });

  it("turn an error among the events into one error and stop", () => {
    const late = { ...UP, Choices: [], ErrorMsg: { Msg: 'The model "x" timed out.', Code: 4001 } };
    const chunks = stream([event({ Content: "a" }), late, event({ Content: "b" }, "stop")], { usage: true });
    expect(chunks).toHaveLength(2);
    expect(chunks[1]).toEqual({ error: { message: 'The model "x" timed out.', type: "server_error", param: null, code: "4001" } });
    const wrapped = stream([{ Response: { Error: { Code: "RequestLimitExceeded", Message: "slow" }, RequestId: "r" } }]);
    expect(wrapped).toEqual([{ error: { message: "slow", type: "rate_limit_error", param: null, code: "rate_limit_exceeded" } }]);
    expect(stream(["{broken"]).at(-1).error.code).toBe("invalid_event");
  });
});

describe("errors", () => {
  const failure = (Code: string) => ({ Response: { Error: { Code, Message: `m "q" ${Code}` }, RequestId: "r" } });
  const error = (status: number, body: unknown) => {
    begin();
    return JSON.parse(call("error", status, typeof body === "string" ? body : JSON.stringify(body))).error;
  };

  it.each([
    ["AuthFailure.SecretIdNotFound", 401, "authentication_error", "invalid_api_key"],
    ["AuthFailure.SignatureFailure", 401, "authentication_error", "invalid_api_key"],
    ["AuthFailure.UnauthorizedOperation", 403, "permission_error", "AuthFailure.UnauthorizedOperation"],
    ["UnauthorizedOperation", 403, "permission_error", "UnauthorizedOperation"],
    ["FailedOperation.ServiceNotActivated", 403, "permission_error", "FailedOperation.ServiceNotActivated"],
    ["RequestLimitExceeded.UinLimitExceeded", 429, "rate_limit_error", "rate_limit_exceeded"],
    ["LimitExceeded", 429, "rate_limit_error", "rate_limit_exceeded"],
    ["FailedOperation.EngineServerLimitExceeded", 429, "rate_limit_error", "rate_limit_exceeded"],
    ["FailedOperation.ResourcePackExhausted", 429, "rate_limit_error", "insufficient_quota"],
    ["ResourceUnavailable.InArrears", 429, "rate_limit_error", "insufficient_quota"],
    ["ResourceInsufficient.ChargeResourceExhaust", 429, "rate_limit_error", "insufficient_quota"],
    ["InvalidParameterValue.Model", 404, "not_found_error", "model_not_found"],
    ["InvalidParameterValue", 400, "invalid_request_error", "InvalidParameterValue"],
    ["MissingParameter", 400, "invalid_request_error", "MissingParameter"],
    ["OperationDenied.TextIllegalDetected", 400, "invalid_request_error", "content_filter"],
    ["FailedOperation.EngineRequestTimeout", 504, "server_error", "FailedOperation.EngineRequestTimeout"],
    ["InternalError", 500, "server_error", "InternalError"],
    ["Something New", 500, "server_error", null],
  ])("%s deserves %i", (code, status, type, expected) => {
    begin();
    expect(call("response", JSON.stringify(failure(code)))).toBe("!");
    expect(units.exports.failedStatus()).toBe(status);
    expect(JSON.parse(call("error", status, JSON.stringify(failure(code)))).error).toEqual({
      message: `m "q" ${code}`,
      type,
      param: null,
      code: expected,
    });
  });

  it("tells a late error's number in a whole response, too", () => {
    for (const [Code, status] of [
      [4001, 504],
      [4000, 500],
    ]) {
      begin();
      expect(call("response", JSON.stringify(whole({ Content: "" }, "", { ErrorMsg: { Msg: "m", Code } })))).toBe("!");
      expect(units.exports.failedStatus()).toBe(status);
    }
  });

  it("quotes what is no JSON, survives odd shapes", () => {
    expect(error(502, "<html>Bad gateway</html>")).toMatchObject({ message: "<html>Bad gateway</html>", type: "server_error" });
    expect(error(500, "").message).toContain("500");
    for (const body of [{ Response: { Error: {} } }, { Response: { Error: { Code: 5, Message: 7 } } }, { Error: { Code: null } }]) {
      expect(error(400, body).message.length).toBeGreaterThan(5);
    }
  });
});

describe("embeddings", () => {
  const embed = (body: object) => {
    begin({ model: "hunyuan-embedding", embeddings: true });
    return call("request", JSON.stringify(body));
  };
  const vector = (Index: number, Embedding: unknown) => ({ Object: "embedding", Index, Embedding });
  const answered = (Data: object[]) =>
    JSON.parse(call("response", JSON.stringify({ Response: { Data, Usage: { PromptTokens: 4, TotalTokens: 4 }, RequestId: "r" } })));

  it("ask for one text or many", () => {
    expect(JSON.parse(embed({ model: "m", input: "a\n", dimensions: 256 }))).toEqual({ Input: "a\n" });
    expect(call("path")).toBe("/");
    expect(JSON.parse(embed({ input: ["a", "b"] }))).toEqual({ InputList: ["a", "b"] });
  });

  it("answer in order, numbers as they are spelt or base64", () => {
    embed({ input: ["a", "b"] });
    expect(answered([vector(1, [3]), vector(0, [0.5, -1e-3])])).toEqual({
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: [0.5, -0.001] },
        { object: "embedding", index: 1, embedding: [3] },
      ],
      model: "hunyuan-embedding",
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(call("usage")).toBe("4,-1,4,-1,-1");
    expect(call("seen")).toBe("hunyuan-embedding|r");
    expect(answered([vector(0, [1]), vector(0, [2])]).data.map((one: any) => one.embedding)).toEqual([[1], [2]]);
    embed({ input: "a", encoding_format: "base64" });
    const data = Buffer.from(answered([vector(0, [0.5, -2])]).data[0].embedding, "base64");
    expect([data.readFloatLE(0), data.readFloatLE(4)]).toEqual([0.5, -2]);
  });

  it("refuse tokens, nothing and other kinds; tell errors", () => {
    for (const [input, param] of [
      [[1, 2], "input[0]"],
      [["a", [1]], "input[1]"],
      [[], "input"],
      [undefined, "input"],
      [5, "input"],
    ] as const) {
      expect(embed({ input }).slice(1).split("|")[0]).toBe(param);
    }
    for (const body of ["{}", "", '{"Response":{"Data":5}}']) expect(call("response", body)).toBe("!");
    expect(units.exports.failedStatus()).toBe(0);
    expect(call("response", '{"Response":{"Error":{"Code":"LimitExceeded","Message":"m"}}}')).toBe("!");
    expect(units.exports.failedStatus()).toBe(429);
    expect(JSON.parse(call("error", 429, '{"Response":{"Error":{"Code":"LimitExceeded","Message":"m"}}}')).error.message).toBe("m");
  });
});

describe("the official openai client", () => {
  it("runs a streamed tool loop", async () => {
    const sent: any[] = [];
    const part = (Id: string, Name: string, Arguments: string) =>
      event({ Content: "", ToolCalls: [{ Id, Type: "function", Function: { Name, Arguments }, Index: 0 }] });
    const responses = [
      sse([part("c1", "rate", '{"pair":'), part("c1", "", '"EURUSD"}'), event({ Content: "" }, "tool_calls")]),
      sse([event({ Content: "It is " }), event({ Content: "1.1" }, "stop")]),
    ];
    const openai = new OpenAI({
      apiKey: "k",
      baseURL: "http://gw.test/v1",
      maxRetries: 0,
      fetch: async (_url, init) => {
        begin({ stream: true });
        sent.push(JSON.parse(call("request", String(init?.body))));
        return new Response(call("stream", responses[sent.length - 1], 7), { headers: { "content-type": "text/event-stream" } });
      },
    });
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
            function: async (args: { pair: string }) => `${args.pair} 1.10`,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe("It is 1.1");
    expect(sent[0].Tools[0].Function).toMatchObject({
      Name: "rate",
      Parameters: '{"type":"object","properties":{"pair":{"type":"string"}}}',
    });
    expect(sent[1].Messages.slice(1)).toEqual([
      {
        Role: "assistant",
        Content: "",
        ToolCalls: [{ Id: "c1", Type: "function", Function: { Name: "rate", Arguments: '{"pair":"EURUSD"}' } }],
      },
      { Role: "tool", Content: "EURUSD 1.10", ToolCallId: "c1" },
    ]);
  });
});

describe("robustness", () => {
  it("never traps and writes only JSON on 6,000 mutated inputs", () => {
    const asked = JSON.stringify({
      model: "h",
      stop: ["a"],
      seed: 5,
      temperature: 1,
      web_search_options: {},
      citation: true,
      functions: [{ name: "g" }],
      tools: [{ type: "function", function: { name: "f", description: "d", parameters: { type: "object" } } }],
      tool_choice: { type: "function", function: { name: "f" } },
      messages: [
        { role: "system", content: "s" },
        {
          role: "user",
          content: [
            { type: "text", text: "\u00e9" },
            { type: "image_url", image_url: { url: "data:," } },
          ],
        },
        { role: "user", content: "t" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: { a: 1 } } }],
          function_call: { name: "f" },
        },
        { role: "tool", tool_call_id: "a", content: "r" },
      ],
    });
    const ToolCalls = [
      { Id: "c", Type: "function", Function: { Name: "f", Arguments: '{"a":' }, Index: 0 },
      { Id: "", Function: { Arguments: { b: 1 } }, Index: 3 },
    ];
    const answered = JSON.stringify(whole({ Content: "x", ReasoningContent: "t", ToolCalls }, "stop", { ErrorMsg: null }));
    const part = JSON.stringify(event({ Content: "abc", ReasoningContent: "r", ToolCalls }));
    const failure = JSON.stringify({ Response: { Error: { Code: "LimitExceeded", Message: "m" }, RequestId: "r" } });
    const vectors = JSON.stringify({
      Response: {
        Data: [
          { Index: 1, Embedding: [0.5, -1e-5] },
          { Index: 0, Embedding: [1] },
        ],
        Usage: { PromptTokens: 2 },
      },
    });
    const broken = new BrokenJson(815, ["system"]);
    let asked_ = 0;
    let understood = 0;
    for (let round = 0; round < 750; round++) {
      begin({ reasoning: round % 3 });
      const sent = call("request", broken.mutate(asked));
      if (!sent.startsWith("!")) {
        asked_++;
        expectJson(sent);
      }
      const got = call("response", broken.mutate(answered));
      if (got !== "!") {
        understood++;
        expectJson(got);
      }
      expectJson(call("error", 400 + broken.below(200), broken.mutate(failure)));
      begin({ stream: true, usage: true, reasoning: round % 3 });
      const events =
        call("event", "", broken.mutate(part)) +
        call("event", "", broken.mutate(part)) +
        call("event", "", broken.mutate(failure)) +
        call("end");
      for (const line of events.trimEnd().split("\n\n")) if (line !== "data: [DONE]") expectJson(line.slice(6));
      begin({ embeddings: true });
      const texts = call("request", broken.mutate('{"input":["a","b"],"encoding_format":"base64"}'));
      if (!texts.startsWith("!")) expectJson(texts);
      const list = call("response", broken.mutate(vectors));
      if (list !== "!") expectJson(list);
      units.exports.collect();
    }
    expect(understood).toBeGreaterThan(150);
    expect(asked_).toBeGreaterThan(60);
  }, 60_000);

  it("takes deep and wide input without trapping", () => {
    begin();
    expect(call("request", '{"messages":' + "[".repeat(5000))).toMatch(/^!/);
    const calls = Array.from({ length: 3000 }, (_, k) => ({ Id: `c${k}`, Type: "function", Function: { Name: "f", Arguments: "{}" } }));
    expect(assembled(stream([event({ ToolCalls: calls }, "tool_calls")]))).toHaveLength(128);
    const list = Array.from({ length: 6000 }, (_, k) => ({ role: k % 3 ? "user" : "system", content: "x" }));
    expect(messages(list)[1].Content).toHaveLength(2 * 4000 - 1);
  });
});
