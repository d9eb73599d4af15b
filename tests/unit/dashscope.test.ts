// The DashScope dialect at unit level: request, response, stream, errors, embeddings; bytes in, bytes out.
import fc from "fast-check";
import OpenAI from "openai";
import { beforeAll, describe, expect, it } from "vitest";
import { BrokenJson, expectJson } from "./broken-json";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("dashscope");
}, 90_000);

const PASS = 0;
const IGNORE = 1;
const CONCAT = 2;

interface Options {
  model?: string;
  stream?: boolean;
  usage?: boolean;
  embeddings?: boolean;
  search?: boolean;
  reasoning?: number;
}

const call = (name: string, ...inputs: (string | number)[]) =>
  units.text(units.exports[name](...inputs.map((input) => (typeof input === "number" ? input : units.put(input)))));

const begin = (o: Options = {}) => {
  const flags = (o.stream ? 1 : 0) | (o.usage ? 2 : 0) | (o.embeddings ? 4 : 0) | (o.search ? 8 : 0);
  units.exports.begin(flags, units.put(o.model ?? "qx"), o.reasoning ?? PASS);
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
const parameters = (body: object, options: Options = {}) => {
  const { result_format, ...rest } = request(body, options).parameters;
  expect(result_format).toBe("message");
  return rest;
};
const messages = (list: object[], options: Options = {}) => request({ messages: list }, options).input.messages;
const refusal = (body: object, options: Options = {}) => {
  const text = requestText(body, options);
  expect(text[0]).toBe("!");
  const [param, problem] = text.slice(1).split("|");
  expect(problem).toMatch(/^[A-Za-z_].{10,}\.$/);
  return param;
};
const pathOf = (body: object, options: Options = {}) => {
  requestText(body, options);
  return call("path");
};
const TEXT_PATH = "/api/v1/services/aigc/text-generation/generation";
const MEDIA_PATH = "/api/v1/services/aigc/multimodal-generation/generation";

const UP = { request_id: "rq", usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 } };
const choice = (message: object, finish_reason: string | null = "stop", extra: object = {}) => ({
  finish_reason,
  message: { role: "assistant", ...message },
  ...extra,
});
const reply = (message: object, finish: string | null = "stop", extra: object = {}) => ({
  ...UP,
  output: { choices: [choice(message, finish)] },
  ...extra,
});
const response = (body: object, options: Options = {}) => {
  begin(options);
  const text = call("response", JSON.stringify(body));
  if (text === "!") throw new Error("not understood");
  return JSON.parse(text);
};
const firstChoice = (message: object, finish: string | null = "stop", options: Options = {}) =>
  response(reply(message, finish), options).choices[0];

/** As DashScope writes them: an id, an event name, the status in a comment, no space after the colon. */
const sse = (events: (object | string)[], end = "\n") =>
  events
    .map((event, k) =>
      [`id:${k + 1}`, "event:result", ":HTTP_STATUS/200", `data:${typeof event === "string" ? event : JSON.stringify(event)}`, "", ""].join(
        end,
      ),
    )
    .join("");
const streamText = (text: string, options: Options = {}, size = 1 << 20) => {
  begin({ stream: true, ...options });
  return call("stream", text, size);
};
const parse = (text: string) => {
  const data = text
    .trimEnd()
    .split("\n\n")
    .map((line) => line.replace(/^data: /, ""));
  expect(data.pop()).toBe("[DONE]");
  return data.map((line) => JSON.parse(line));
};
const stream = (events: (object | string)[], options: Options = {}) => parse(streamText(sse(events), options));
const deltas = (chunks: any[]) => chunks.flatMap((chunk) => (chunk.choices ?? []).map((one: any) => one.delta));
const joined = (chunks: any[], field: string) =>
  deltas(chunks)
    .map((delta) => delta[field] ?? "")
    .join("");
const finishes = (chunks: any[]) => chunks.flatMap((chunk) => (chunk.choices ?? []).map((one: any) => one.finish_reason)).filter(Boolean);
/** Texts in events; the last one finishes. */
const texts = (...pieces: string[]) => pieces.map((content, k) => reply({ content }, k === pieces.length - 1 ? "stop" : "null"));

describe("QW cases", () => {
  it("QW-01: chat is wrapped in input and parameters on the native path", () => {
    expect(request({ max_tokens: 9 })).toEqual({
      model: "qx",
      input: { messages: [{ role: "user", content: "ping" }] },
      parameters: { result_format: "message", max_tokens: 9 },
    });
    expect(call("path")).toBe(TEXT_PATH);
  });

  it("QW-03: a stream is incremental", () => {
    expect(parameters({ stream: true }, { stream: true })).toEqual({ incremental_output: true });
    expect(parameters({ stream: true, tools: [{ type: "function", function: { name: "f" } }] }, { stream: true }).incremental_output).toBe(
      true,
    );
  });

  it("QW-03: the SSE header is set for streams alone", () => {
    begin({ stream: true });
    expect(call("headers")).toBe("x-dashscope-sse: enable\n");
    begin();
    expect(call("headers")).toBe("");
  });

  it("QW-05: the response is unwrapped", () => {
    expect(response(reply({ content: "hey" }))).toMatchObject({
      id: "rq",
      object: "chat.completion",
      created: 1700000000,
      model: "qx",
      choices: [{ index: 0, message: { role: "assistant", content: "hey" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    });
    expect(call("usage")).toBe("5,2,7,-1,-1");
    expect(call("seen")).toBe("qx|rq");
  });

  it("QW-07: reasoning stands apart, or goes, or comes before the response in tags", () => {
    const message = { content: "ans", reasoning_content: "why" };
    expect(firstChoice(message).message).toEqual({ role: "assistant", content: "ans", reasoning_content: "why" });
    expect(firstChoice(message, "stop", { reasoning: IGNORE }).message).toEqual({ role: "assistant", content: "ans" });
    expect(firstChoice(message, "stop", { reasoning: CONCAT }).message).toEqual({ role: "assistant", content: "<think>why</think>\nans" });
  });
});

describe("the path", () => {
  it.each([
    "qwen-vl-max",
    "qwen2.5-vl-72b-instruct",
    "QWEN3-VL-PLUS",
    "qvq-max",
    "qwen-omni-turbo",
    "qwen3.5-plus",
    "qwen3.6-27b",
    "qwen-vl-ocr",
    "qwen3-asr-flash",
  ])("%s is served by the multimodal service, as lists of parts", (model) => {
    expect(pathOf({}, { model })).toBe(MEDIA_PATH);
    expect(request({}, { model }).input.messages).toEqual([{ role: "user", content: [{ text: "ping" }] }]);
  });

  it.each(["qwen-plus", "qwen3-max", "qwen3-235b-a22b", "qwen3.7-max", "qwen3.6-max-preview", "deepseek-r1", "qwq-plus", "qwen3.", "v"])(
    "%s is served by the text service",
    (model) => {
      expect(pathOf({}, { model })).toBe(TEXT_PATH);
      expect(request({}, { model }).input.messages).toEqual(USER);
    },
  );

  it("goes by the content when a message holds more than text", () => {
    const content = [{ type: "image_url", image_url: { url: "https://x.test/a.png" } }];
    expect(pathOf({ messages: [{ role: "user", content }] })).toBe(MEDIA_PATH);
    expect(pathOf({ messages: [{ role: "user", content: [{ type: "text", text: "x" }] }] })).toBe(TEXT_PATH);
  });
});

describe("messages", () => {
  it("keeps roles, names, escapes and UTF-8, and joins text parts", () => {
    begin();
    const text = call("request", String.raw`{"messages":[{"role":"user","content":"a\u00e9\n\"\\ 你\ud83d\ude00","name":"n"}]}`);
    expect(text).toContain(String.raw`{"role":"user","content":"a\u00e9\n\"\\ 你\ud83d\ude00","name":"n"}`);
    const content = [
      { type: "text", text: "one" },
      { type: "text", text: "two" },
    ];
    expect(
      messages([
        { role: "developer", content: "sys" },
        { role: "user", content },
      ]),
    ).toEqual([
      { role: "system", content: "sys" },
      { role: "user", content: "one\ntwo" },
    ]);
  });

  it("keeps tool calls, results, prefixes and thoughts, and leaves OpenAI's own fields out", () => {
    const tool_calls = [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a":1.0}' } }];
    expect(
      messages([
        ...USER,
        { role: "assistant", content: null, tool_calls, audio: { id: "x" }, annotations: [], refusal: null },
        { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "r" }] },
        { role: "assistant", content: "be", partial: true, reasoning_content: "hm" },
      ]),
    ).toEqual([
      ...USER,
      { role: "assistant", content: "", tool_calls },
      { role: "tool", content: "r", tool_call_id: "c1" },
      { role: "assistant", content: "be", reasoning_content: "hm", partial: true },
    ]);
  });

  it("keeps a refusal as text and cache marks as parts", () => {
    const content = [{ type: "text", text: "long", cache_control: { type: "ephemeral" } }];
    expect(
      messages([
        { role: "user", content },
        { role: "assistant", content: null, refusal: "no" },
      ]),
    ).toEqual([
      { role: "user", content },
      { role: "assistant", content: "no" },
    ]);
  });

  it("reads the old function_call and function role", () => {
    expect(
      messages([
        ...USER,
        { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "r" },
      ]).slice(1),
    ).toEqual([
      { role: "assistant", content: "", tool_calls: [{ id: "call_f", type: "function", function: { name: "f", arguments: "{}" } }] },
      { role: "tool", content: "r", name: "f", tool_call_id: "call_f" },
    ]);
  });

  it.each([
    [{ messages: "x" }, "messages"],
    [{ messages: [] }, "messages"],
    [{ messages: undefined }, "messages"],
    [{ messages: [null] }, "messages[0]"],
    [{ messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    [{ messages: [...USER, { role: "user", content: 5 }] }, "messages[1].content"],
    [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].type"],
    [{ messages: [{ role: "user", content: [{ type: "text", text: "a" }, { type: "hologram" }] }] }, "messages[0].content[1].type"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });

  it("refuses what is no object", () => {
    begin();
    for (const body of ["[]", "5", '"x"']) expect(call("request", body)).toMatch(/^!\|/);
  });
});

describe("media", () => {
  const part = (content: object) => messages([{ role: "user", content: [content] }])[0].content[0];

  it.each([
    [{ type: "image_url", image_url: { url: "https://x.test/a.png", detail: "high" } }, { image: "https://x.test/a.png" }],
    [
      { type: "image_url", image_url: "data:image/png;base64,QQ==", min_pixels: 4 },
      { image: "data:image/png;base64,QQ==", min_pixels: 4 },
    ],
    [
      { type: "video_url", video_url: { url: "https://x.test/a.mp4" }, fps: 2 },
      { video: "https://x.test/a.mp4", fps: 2 },
    ],
    [
      { type: "video", video: ["https://x.test/1.png", "https://x.test/2.png"] },
      { video: ["https://x.test/1.png", "https://x.test/2.png"] },
    ],
    [{ type: "audio_url", audio_url: { url: "https://x.test/a.wav" } }, { audio: "https://x.test/a.wav" }],
    [{ type: "input_audio", input_audio: { data: "QQ==", format: "mp3" } }, { audio: "data:audio/mp3;base64,QQ==" }],
    [{ type: "input_audio", input_audio: { data: "QQ==" } }, { audio: "data:audio/wav;base64,QQ==" }],
    [{ type: "input_audio", input_audio: { data: "https://x.test/a.mp3" } }, { audio: "https://x.test/a.mp3" }],
    [
      { image: "oss://a.png", extra: [1] },
      { image: "oss://a.png", extra: [1] },
    ],
  ])("%j", (given, expected) => {
    expect(part(given)).toEqual(expected);
  });

  it("writes every message as a list beside a picture", () => {
    const content = [
      { type: "text", text: "see" },
      { type: "image_url", image_url: { url: "https://x.test/a.png" } },
    ];
    expect(
      messages([
        { role: "system", content: "s" },
        { role: "user", content },
        { role: "assistant", content: null },
      ]),
    ).toEqual([
      { role: "system", content: [{ text: "s" }] },
      { role: "user", content: [{ text: "see" }, { image: "https://x.test/a.png" }] },
      { role: "assistant", content: [{ text: "" }] },
    ]);
  });

  it.each([
    [{ type: "image_url" }, ".image_url"],
    [{ type: "image_url", image_url: { url: "" } }, ".image_url"],
    [{ type: "input_audio", input_audio: { data: "" } }, ".input_audio"],
    [{ type: "file", file: { file_id: "file-1" } }, ".type"],
  ])("refuses %j", (content, at) => {
    expect(refusal({ messages: [{ role: "user", content: [content] }] })).toBe(`messages[0].content[0]${at}`);
  });
});

describe("parameters", () => {
  it("keeps fields of the same name, their spelling and zeros", () => {
    const text = requestText({}).replace(/}$/, "");
    expect(text).toContain('"parameters":{"result_format":"message"}');
    begin();
    const full = call(
      "request",
      '{"messages":[{"role":"user","content":"x"}],"temperature":0,"top_p":0.10,"top_k":40,"seed":0,"stop":"END","presence_penalty":-1.50,"repetition_penalty":1.05,"n":2,"logprobs":true,"top_logprobs":3,"response_format":{"type":"json_object"},"parallel_tool_calls":true}',
    );
    expect(full).toContain(
      '"parameters":{"result_format":"message","temperature":0,"top_p":0.10,"top_k":40,"seed":0,"stop":"END","presence_penalty":-1.50,"repetition_penalty":1.05,"n":2,"logprobs":true,"top_logprobs":3,"response_format":{"type":"json_object"},"parallel_tool_calls":true}}',
    );
  });

  it("makes nothing up: an absent or null top_p stays absent", () => {
    expect(parameters({})).toEqual({});
    expect(parameters({ top_p: null, temperature: null, seed: null, stop: null, max_tokens: null, tools: null, n: null })).toEqual({});
    expect(parameters({ user: "u", store: true, metadata: {}, frequency_penalty: 1, logit_bias: {}, stream_options: {} })).toEqual({});
  });

  it.each([
    [{ temperature: 2 }, { temperature: 1.99 }],
    [{ temperature: 1.999 }, { temperature: 1.999 }],
    [{ temperature: 5e9 }, { temperature: 1.99 }],
    [{ temperature: -1 }, { temperature: -1 }],
    [{ temperature: "hot" }, { temperature: "hot" }],
    [{ top_p: 0 }, { top_p: 0.000001 }],
    [{ top_p: 1 }, { top_p: 0.999999 }],
    [{ top_p: 0.5 }, { top_p: 0.5 }],
    [{ seed: 2147483647 }, { seed: 2147483647 }],
    [{ seed: 2147483655 }, { seed: 7 }],
    [{ seed: -3 }, { seed: -3 }],
    [{ stop: ["a", "b"] }, { stop: ["a", "b"] }],
    [{ max_tokens: 5 }, { max_tokens: 5 }],
    [{ max_tokens: 5, max_completion_tokens: 7 }, { max_tokens: 7 }],
    [{ max_tokens: 5, max_completion_tokens: null }, { max_tokens: 5 }],
  ])("%j", (given, expected) => {
    expect(parameters(given)).toEqual(expected);
  });

  it("searches by the client's word, OpenAI's option or the operator's switch", () => {
    expect(parameters({ enable_search: true })).toEqual({ enable_search: true });
    expect(parameters({ web_search_options: {}, search_options: { forced_search: true } })).toEqual({
      search_options: { forced_search: true },
      enable_search: true,
    });
    expect(parameters({}, { search: true })).toEqual({ enable_search: true });
    expect(parameters({ enable_search: false }, { search: true })).toEqual({ enable_search: false });
  });

  it("thinks by enable_thinking, else by the effort", () => {
    expect(parameters({ enable_thinking: false, thinking_budget: 100 })).toEqual({ enable_thinking: false, thinking_budget: 100 });
    expect(parameters({ reasoning_effort: "low" })).toEqual({ enable_thinking: true });
    expect(parameters({ reasoning_effort: "none" })).toEqual({ enable_thinking: false });
    expect(parameters({ reasoning_effort: "high", enable_thinking: false })).toEqual({ enable_thinking: false });
    expect(parameters({ reasoning_effort: null })).toEqual({});
  });

  it("keeps DashScope's own fields", () => {
    const own = { vl_high_resolution_images: true, translation_options: { source_lang: "auto" }, asr_options: { language: "zh" } };
    expect(parameters(own)).toEqual(own);
  });
});

describe("tools", () => {
  const f = {
    type: "function",
    function: { name: "f", description: "d", parameters: { type: "object", properties: { a: { type: "string" } } } },
  };
  const g = { type: "function", function: { name: "g" } };
  const named = { type: "function", function: { name: "f" } };

  it("keeps them", () => {
    expect(parameters({ tools: [f, g] })).toEqual({ tools: [f, g] });
    expect(parameters({ functions: [f.function], function_call: { name: "f" } })).toEqual({ tools: [f], tool_choice: named });
  });

  it.each([
    [[f, g], "auto", "auto"],
    [[f, g], "none", "none"],
    [[f, g], "required", "auto"],
    [[f], "required", named],
    [[f, g], named, named],
    [[f, g], { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [named] } }, "auto"],
  ])("%j with tool_choice %j", (tools, tool_choice, expected) => {
    expect(parameters({ tools, tool_choice }).tool_choice).toEqual(expected);
  });

  it("sends no choice without tools", () => {
    expect(parameters({ tools: [], tool_choice: "auto" })).toEqual({});
    expect(parameters({ tool_choice: "required" })).toEqual({});
  });

  it.each([
    [{ tools: {} }, "tools"],
    [{ tools: [f, { type: "custom", custom: { name: "x" } }] }, "tools[1].type"],
    [{ tools: [null] }, "tools[0].type"],
    [{ tools: [f], tool_choice: 5 }, "tool_choice"],
    [{ tools: [f], tool_choice: { type: "function", function: {} } }, "tool_choice"],
    [{ tools: [f], tool_choice: "sometimes" }, "tool_choice"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });
});

describe("whole responses", () => {
  it.each([
    ["stop", "stop"],
    ["length", "length"],
    ["tool_calls", "tool_calls"],
    ["content_filter", "content_filter"],
    ["null", "stop"],
    [null, "stop"],
    ["new_one", "stop"],
  ])("%s -> %s", (given, expected) => {
    expect(firstChoice({ content: "x" }, given).finish_reason).toBe(expected);
  });

  it("reads the old text form", () => {
    const body = response({
      request_id: "r",
      output: { text: "h\u00e9\n", finish_reason: "length" },
      usage: { input_tokens: 3, output_tokens: 1 },
    });
    expect(body.choices).toEqual([{ index: 0, message: { role: "assistant", content: "h\u00e9\n" }, finish_reason: "length" }]);
    expect(body.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 });
  });

  it("reads choices beside an empty text, as the service writes both", () => {
    const body = { ...reply({ content: "x" }), output: { text: null, finish_reason: null, choices: [choice({ content: "x" })] } };
    expect(response(body).choices[0].message.content).toBe("x");
  });

  it("joins the texts of a multimodal response", () => {
    expect(firstChoice({ content: [{ text: "a" }, { box: "b" }, { text: "c" }] }).message.content).toBe("ac");
  });

  it("keeps tool calls, makes missing ids, gives null for no content", () => {
    const tool_calls = [
      { index: 0, id: "c1", type: "function", function: { name: "f", arguments: '{"a": 1.0}' } },
      { index: 1, id: "", type: "function", function: { name: "g", arguments: "" } },
      { index: 2, type: "function", function: { name: "h", arguments: { b: [1] } } },
    ];
    const given = firstChoice({ content: "", tool_calls }, "tool_calls");
    expect(given.message).toEqual({
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "c1", type: "function", function: { name: "f", arguments: '{"a": 1.0}' } },
        { id: "call_0000000000abcdef_1", type: "function", function: { name: "g", arguments: "" } },
        { id: "call_0000000000abcdef_2", type: "function", function: { name: "h", arguments: '{"b":[1]}' } },
      ],
    });
    expect(given.finish_reason).toBe("tool_calls");
    expect(firstChoice({ content: "", tool_calls }, "stop").finish_reason).toBe("tool_calls");
    expect(firstChoice({ content: "", tool_calls }, "length").finish_reason).toBe("length");
    expect(firstChoice({ content: "t", tool_calls: [] }).message).toEqual({ role: "assistant", content: "t" });
  });

  it("numbers several choices and keeps logprobs", () => {
    const logprobs = { content: [{ token: "a", logprob: -0.5, bytes: [97], top_logprobs: [] }] };
    const body = response({
      ...UP,
      output: { choices: [choice({ content: "a" }, "stop", { logprobs }), choice({ content: "b" }, "length")] },
    });
    expect(body.choices.map((one: any) => [one.index, one.message.content, one.finish_reason])).toEqual([
      [0, "a", "stop"],
      [1, "b", "length"],
    ]);
    expect(body.choices[0].logprobs).toEqual(logprobs);
  });

  it("counts cached, written, reasoning and image tokens", () => {
    const text = {
      input_tokens: 10,
      output_tokens: 6,
      total_tokens: 16,
      prompt_tokens_details: { cached_tokens: 4, cache_creation_input_tokens: 3 },
      output_tokens_details: { reasoning_tokens: 5 },
    };
    expect(response(reply({ content: "x" }, "stop", { usage: text })).usage).toMatchObject({
      prompt_tokens: 10,
      completion_tokens: 6,
      total_tokens: 16,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 5 },
    });
    const image = {
      input_tokens: 1277,
      output_tokens: 20,
      image_tokens: 1249,
      input_tokens_details: { text_tokens: 28, image_tokens: 1249, cached_tokens: 8 },
    };
    expect(response(reply({ content: "x" }, "stop", { usage: image })).usage).toMatchObject({
      prompt_tokens: 1277,
      completion_tokens: 20,
      total_tokens: 1297,
      prompt_tokens_details: { cached_tokens: 8 },
    });
    expect(
      response(reply({ content: "x" }, "stop", { usage: { input_tokens: 3, output_tokens: 1, cached_tokens: 2 } })).usage
        .prompt_tokens_details,
    ).toEqual({
      cached_tokens: 2,
    });
    expect(call("usage")).toBe("3,1,4,2,-1");
  });

  it("makes an id when there is none and leaves unknown usage out", () => {
    const body = response({ output: { choices: [choice({ content: "x" })] } });
    expect(body.id).toBe("chatcmpl-0000000000abcdef");
    expect(body).not.toHaveProperty("usage");
  });

  it("does not understand what is no response", () => {
    for (const body of [
      "",
      "[]",
      "{}",
      '{"code":"InvalidParameter","message":"m"}',
      '{"output":{}}',
      "<html>",
      '{"output":{"choices":[',
      '{"error":{"code":"x"}}',
    ]) {
      begin();
      expect(call("response", body), body).toBe("!");
    }
  });
});

describe("streams of increments", () => {
  it("gives one id, the role first, the finish last, usage when asked", () => {
    const chunks = stream(texts("你", "好", ""), { usage: true });
    expect(chunks[0]).toEqual({
      id: "rq",
      object: "chat.completion.chunk",
      created: 1700000000,
      model: "qx",
      choices: [{ index: 0, delta: { role: "assistant", content: "你" }, finish_reason: null }],
      usage: null,
    });
    expect(joined(chunks, "content")).toBe("你好");
    expect(finishes(chunks)).toEqual(["stop"]);
    expect(deltas(chunks).filter((delta) => delta.role)).toHaveLength(1);
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(["rq"]));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } });
    expect(stream(texts("a", "b")).every((chunk) => !("usage" in chunk))).toBe(true);
    expect(call("usage")).toBe("5,2,7,-1,-1");
  });

  it("takes the last running total", () => {
    const [first, last] = texts("a", "b");
    const chunks = stream([first, { ...last, usage: { input_tokens: 5, output_tokens: 9 } }], { usage: true });
    expect(chunks.at(-1).usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 9, total_tokens: 14 });
  });

  it("sends reasoning in each mode", () => {
    const events = [
      reply({ content: "", reasoning_content: "hm " }, "null"),
      reply({ content: "", reasoning_content: "ok" }, "null"),
      ...texts("ans", ""),
    ];
    expect(joined(stream(events), "reasoning_content")).toBe("hm ok");
    expect(joined(stream(events, { reasoning: CONCAT }), "content")).toBe("<think>hm ok</think>\nans");
    const ignored = stream(events, { reasoning: IGNORE });
    expect(JSON.stringify(ignored)).not.toContain("hm");
    expect(joined(ignored, "content")).toBe("ans");
  });

  it("closes the think tag when the response was cut or a call follows", () => {
    for (const last of [
      reply({ content: "" }, "length"),
      reply({ content: "", tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "{}" } }] }, "tool_calls"),
    ]) {
      const chunks = stream([reply({ content: "", reasoning_content: "hm" }, "null"), last], { reasoning: CONCAT });
      expect(joined(chunks, "content")).toBe("<think>hm</think>\n");
      expect(finishes(chunks)).toHaveLength(1);
    }
  });

  it("assembles parallel tool calls from pieces", () => {
    const piece = (index: number, id: string, name: string | undefined, args: string) => ({
      index,
      id,
      type: "function",
      function: { name, arguments: args },
    });
    const chunks = stream([
      reply({ content: "", tool_calls: [piece(0, "c1", "f", '{"a"')] }, "null"),
      reply({ content: "", tool_calls: [piece(0, "", undefined, ": 1}")] }, "null"),
      reply({ content: "", tool_calls: [piece(1, "c2", "g", "")] }, "null"),
      reply({ content: "", tool_calls: [piece(1, "", "", '{"b":'), piece(2, "", "h", "{}")] }, "null"),
      reply({ content: "", tool_calls: [piece(1, "", undefined, "2}")] }, "null"),
      reply({ content: "" }, "tool_calls"),
    ]);
    const calls: any[] = [];
    for (const delta of deltas(chunks)) {
      for (const one of delta.tool_calls ?? []) {
        const known = (calls[one.index] ??= { id: one.id, name: one.function.name, args: "" });
        expect(one.id === undefined || one.id === known.id).toBe(true);
        known.args += one.function.arguments ?? "";
      }
    }
    expect(calls).toEqual([
      { id: "c1", name: "f", args: '{"a": 1}' },
      { id: "c2", name: "g", args: '{"b":2}' },
      { id: "call_0000000000abcdef_2", name: "h", args: "{}" },
    ]);
    expect(finishes(chunks)).toEqual(["tool_calls"]);
    expect(deltas(chunks).filter((delta) => delta.role)).toHaveLength(1);
  });

  it("keeps an id that came before the name", () => {
    const early = { index: 0, id: "c9", type: "function", function: { arguments: '{"a"' } };
    const late = { index: 0, id: "", type: "function", function: { name: "f", arguments: ":1}" } };
    const chunks = stream([reply({ tool_calls: [early] }, "null"), reply({ tool_calls: [late] }, "tool_calls")]);
    const calls = deltas(chunks).flatMap((delta) => delta.tool_calls ?? []);
    expect(calls).toEqual([{ index: 0, id: "c9", type: "function", function: { name: "f", arguments: '{"a":1}' } }]);
  });

  it("reads multimodal parts and the old text form", () => {
    expect(
      joined(
        stream([reply({ content: [{ text: "a" }] }, "null"), reply({ content: [] }, "null"), reply({ content: [{ text: "b" }] }, "stop")]),
        "content",
      ),
    ).toBe("ab");
    const old = (text: string, finish_reason: string) => ({ request_id: "r", output: { text, finish_reason }, usage: UP.usage });
    const chunks = stream([old("a", "null"), old("b", "null"), old("", "stop")]);
    expect(joined(chunks, "content")).toBe("ab");
    expect(finishes(chunks)).toEqual(["stop"]);
  });

  it("keeps several choices apart and sums their output", () => {
    const of = (index: number, content: string, finish: string, output_tokens: number) => ({
      request_id: "r",
      output: { choices: [choice({ content }, finish, { index })] },
      usage: { input_tokens: 4, output_tokens },
    });
    const events = [of(0, "a", "null", 1), of(1, "x", "null", 1), of(1, "y", "stop", 2), of(0, "b", "length", 3)];
    const chunks = stream(events, { usage: true });
    const text = (index: number) =>
      chunks
        .filter((chunk) => chunk.choices[0]?.index === index)
        .map((chunk) => chunk.choices[0].delta.content ?? "")
        .join("");
    expect([text(0), text(1)]).toEqual(["ab", "xy"]);
    expect(chunks.at(-1).usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 5, total_tokens: 9 });
    expect(stream(events.slice(0, 3)).at(-1).error.code).toBe("stream_truncated");
  });

  it("gives the same bytes whole, with any line end, and cut at every size", () => {
    const events = [reply({ content: "", reasoning_content: "né" }, "null"), ...texts("你😀", "b", "c")];
    const whole = streamText(sse(events), { usage: true });
    expect(whole.endsWith("data: [DONE]\n\n")).toBe(true);
    for (let size = 1; size <= 64; size++) expect(streamText(sse(events), { usage: true }, size)).toBe(whole);
    expect(streamText(sse(events, "\r\n"), { usage: true }, 5)).toBe(whole);
  });

  it("says nothing after the finish, and survives a [DONE] of the upstream", () => {
    const chunks = stream([...texts("a", "b"), reply({ content: "late" }, "null"), "[DONE]"]);
    expect(joined(chunks, "content")).toBe("ab");
  });

  it("ends a truncated or empty stream with an error", () => {
    for (const events of [[], [reply({ content: "a" }, "null")], [{ ...UP, output: {} }]]) {
      expect(stream(events).at(-1).error).toMatchObject({ type: "upstream_error", code: "stream_truncated" });
    }
  });

  it("turns an error event into one error and stops", () => {
    const bad = { code: "DataInspectionFailed", message: 'Output "x" is bad.', request_id: "r" };
    const text =
      sse([reply({ content: "a" }, "null")]) + `id:2\nevent:error\n:HTTP_STATUS/400\ndata:${JSON.stringify(bad)}\n\n` + sse(texts("b"));
    const chunks = parse(streamText(text, { usage: true }));
    expect(chunks).toHaveLength(2);
    expect(chunks[1]).toEqual({
      error: { message: 'Output "x" is bad.', type: "invalid_request_error", param: null, code: "content_filter" },
    });
    expect(stream([{ error: { message: "m", code: "Throttling.RateQuota" } }]).at(-1).error).toMatchObject({
      type: "rate_limit_error",
      code: "rate_limit_exceeded",
    });
    expect(stream(["{broken"]).at(-1).error.code).toBe("invalid_event");
    const nameless = parse(streamText("event:error\ndata:{}\n\n"));
    expect(nameless.at(-1).error.type).toBe("server_error");
  });
});

describe("cumulative streams (a model that ignores incremental_output)", () => {
  const cumulative = (...pieces: string[]) => texts(...pieces.map((_, k) => pieces.slice(0, k + 1).join("")));

  it("sends each byte once", () => {
    const pieces = ["The ", "quick ", 'brown "fox"\n', "jumps 你", "😀", " over."];
    const chunks = stream(cumulative(...pieces));
    expect(joined(chunks, "content")).toBe(pieces.join(""));
    expect(chunks.length).toBeGreaterThan(3);
    expect(joined(stream(cumulative("Hello", " world")), "content")).toBe("Hello world");
  });

  it("loses nothing of increments that look alike", () => {
    for (const pieces of [
      ["ha", "ha", "ha", "!"],
      ["1", "10", " x"],
      [" ", " ", "a"],
      ["a", "a"],
      ["-", "--", "|"],
      ["no", "no, no", "no"],
    ]) {
      const chunks = stream(texts(...pieces));
      expect(joined(chunks, "content"), pieces.join("|")).toBe(pieces.join(""));
    }
  });

  it("goes back to increments when a text that grew begins anew", () => {
    expect(joined(stream(texts("a", "ab", "abc", "x", "xy")), "content")).toBe("abcxxy");
  });

  it("sends arguments that come whole each time once", () => {
    const calls = (...args: string[]) => ({
      content: "",
      tool_calls: args.map((text, index) => ({
        index,
        id: `c${index}`,
        type: "function",
        function: { name: `f${index}`, arguments: text },
      })),
    });
    const chunks = stream([
      reply(calls(""), "null"),
      reply(calls('{"a":'), "null"),
      reply(calls('{"a":1}'), "null"),
      reply(calls('{"a":1}', '{"b"'), "null"),
      reply(calls('{"a":1}', '{"b":2}'), "tool_calls"),
    ]);
    const args = ["", ""];
    const ids = new Set<string>();
    for (const delta of deltas(chunks)) {
      for (const one of delta.tool_calls ?? []) {
        args[one.index] += one.function.arguments ?? "";
        if (one.id) ids.add(one.id);
      }
    }
    expect(args).toEqual(['{"a":1}', '{"b":2}']);
    expect(ids).toEqual(new Set(["c0", "c1"]));
  });

  it("sends a text once that comes again beside a call", () => {
    const tool_calls = [{ index: 0, id: "c", type: "function", function: { name: "f", arguments: "{}" } }];
    const chunks = stream([reply({ content: "Let me look." }, "null"), reply({ content: "Let me look.", tool_calls }, "tool_calls")]);
    expect(joined(chunks, "content")).toBe("Let me look.");
  });

  it("gives the whole text for any increments without shared beginnings, and for any cumulation of them", () => {
    const word = fc.string({ minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 3, maxLength: 8 }), (words) => {
        const pieces = words.map((text, k) => `${String.fromCharCode(65 + k)}${text}`);
        expect(joined(stream(texts(...pieces)), "content")).toBe(pieces.join(""));
        expect(joined(stream(cumulative(...pieces)), "content")).toBe(pieces.join(""));
        units.exports.collect();
      }),
      { numRuns: 200 },
    );
  });
});

describe("errors", () => {
  const error = (status: number, body: unknown) => {
    begin();
    return JSON.parse(call("error", status, typeof body === "string" ? body : JSON.stringify(body))).error;
  };

  it.each([
    [400, "InvalidParameter", "invalid_request_error", "InvalidParameter"],
    [401, "InvalidApiKey", "authentication_error", "invalid_api_key"],
    [403, "AccessDenied", "permission_error", "AccessDenied"],
    [403, "Model.AccessDenied", "permission_error", "Model.AccessDenied"],
    [404, "ModelNotFound", "not_found_error", "model_not_found"],
    [429, "Throttling", "rate_limit_error", "rate_limit_exceeded"],
    [429, "Throttling.AllocationQuota", "rate_limit_error", "rate_limit_exceeded"],
    [400, "Arrearage", "invalid_request_error", "insufficient_quota"],
    [400, "DataInspectionFailed", "invalid_request_error", "content_filter"],
    [500, "InternalError.Timeout", "server_error", "InternalError.Timeout"],
    [503, "ModelServingError", "server_error", "ModelServingError"],
  ])("%i %s", (status, code, type, expected) => {
    const body = { code, message: `m "q" ${code}`, request_id: "r" };
    expect(error(status, body)).toEqual({ message: `m "q" ${code}`, type, param: null, code: expected });
  });

  it("reads the compatible endpoint's form, quotes what is no JSON, survives odd shapes", () => {
    expect(error(400, { error: { message: "m", code: "invalid_parameter_error", type: "t" }, request_id: "r" })).toMatchObject({
      message: "m",
      type: "invalid_request_error",
    });
    expect(error(502, "<html>Bad gateway</html>")).toMatchObject({ message: "<html>Bad gateway</html>", type: "server_error" });
    expect(error(500, "").message).toContain("500");
    expect(error(400, { code: "X\u0001 y" }).code).toBeNull();
    expect(error(400, { code: "x".repeat(200), message: "" }).message.length).toBeGreaterThan(5);
    expect(error(400, { code: 5 }).message).toBe('{"code":5}');
  });
});

describe("embeddings", () => {
  const embed = (body: object) => {
    begin({ model: "text-embedding-v4", embeddings: true });
    return call("request", JSON.stringify(body));
  };
  const item = (text_index: number, embedding: unknown) => ({ text_index, embedding });
  const answered = (list: object[], usage: object = { total_tokens: 6 }) =>
    JSON.parse(call("response", JSON.stringify({ request_id: "r", output: { embeddings: list }, usage })));

  it("asks the text-embedding service for one or many texts", () => {
    expect(JSON.parse(embed({ input: "a\n", dimensions: 256, user: "u" }))).toEqual({
      model: "text-embedding-v4",
      input: { texts: ["a\n"] },
      parameters: { dimension: 256 },
    });
    expect(call("path")).toBe("/api/v1/services/embeddings/text-embedding/text-embedding");
    expect(JSON.parse(embed({ input: ["a", "b"], text_type: "query" }))).toEqual({
      model: "text-embedding-v4",
      input: { texts: ["a", "b"] },
      parameters: { text_type: "query" },
    });
    expect(JSON.parse(embed({ input: ["a"] }))).toEqual({ model: "text-embedding-v4", input: { texts: ["a"] } });
  });

  it("answers in the order of the texts with the total as prompt", () => {
    embed({ input: ["a", "b"] });
    expect(answered([item(1, [3]), item(0, [0.5, -1e-3])])).toEqual({
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: [0.5, -0.001] },
        { object: "embedding", index: 1, embedding: [3] },
      ],
      model: "text-embedding-v4",
      usage: { prompt_tokens: 6, total_tokens: 6 },
    });
    expect(call("usage")).toBe("-1,-1,6,-1,-1");
    expect(call("seen")).toBe("text-embedding-v4|r");
    expect(answered([item(7, [1]), item(7, [2])]).data.map((one: any) => one.embedding)).toEqual([[1], [2]]);
  });

  it("packs base64 as OpenAI does", () => {
    embed({ input: "a", encoding_format: "base64" });
    const data = Buffer.from(answered([item(0, [0.5, -2, 1e-3])]).data[0].embedding, "base64");
    expect([data.readFloatLE(0), data.readFloatLE(4), data.readFloatLE(8)]).toEqual([0.5, -2, Math.fround(1e-3)]);
  });

  it("refuses tokens, nothing and other kinds; does not understand errors", () => {
    for (const [input, param] of [
      [[1, 2], "input[0]"],
      [["a", [1]], "input[1]"],
      [[], "input"],
      [undefined, "input"],
      [5, "input"],
    ] as const) {
      expect(embed({ input }).slice(1).split("|")[0]).toBe(param);
    }
    for (const body of ["{}", '{"code":"x","message":"m"}', "", '{"output":{"embeddings":5}}']) expect(call("response", body)).toBe("!");
    expect(JSON.parse(call("error", 400, '{"code":"InvalidParameter","message":"m"}')).error.message).toBe("m");
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
        const upstream = JSON.parse(call("request", String(init?.body)));
        const firstChoice = responses[sent.length];
        sent.push(upstream);
        if (typeof firstChoice === "string")
          return new Response(call("stream", firstChoice, 7), { headers: { "content-type": "text/event-stream" } });
        return new Response(call("response", JSON.stringify(firstChoice)), { headers: { "content-type": "application/json" } });
      },
    });

  it("runs a streamed tool loop", async () => {
    const sent: any[] = [];
    const piece = (id: string, args: string) =>
      reply({ content: "", tool_calls: [{ index: 0, id, type: "function", function: { name: id && "rate", arguments: args } }] }, "null");
    const openai = client(
      [sse([piece("c1", '{"pair":'), piece("", '"EURUSD"}'), reply({ content: "" }, "tool_calls")]), sse(texts("It is ", "1.1"))],
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
            function: async (args: { pair: string }) => `${args.pair} 1.10`,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe("It is 1.1");
    expect(sent[1].input.messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: expect.any(String),
        tool_calls: [{ id: "c1", type: "function", function: { name: "rate", arguments: '{"pair":"EURUSD"}' } }],
      },
      { role: "tool", tool_call_id: "c1", content: "EURUSD 1.10" },
    ]);
  });

  it("reads embeddings, which it asks for in base64", async () => {
    const openai = client([{ output: { embeddings: [{ text_index: 0, embedding: [0.5, -0.25] }] }, usage: { total_tokens: 1 } }], []);
    const { data } = await openai.embeddings.create({ model: "e", input: ["a"] });
    expect(data[0].embedding).toEqual([0.5, -0.25]);
  });
});

describe("robustness", () => {
  it("never traps and writes only JSON on 6,000 mutated inputs", () => {
    const asked = JSON.stringify({
      model: "q",
      n: 2,
      stop: ["a"],
      seed: 5,
      temperature: 2,
      top_p: 0,
      enable_thinking: true,
      web_search_options: {},
      reasoning_effort: "low",
      tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
      tool_choice: "required",
      functions: [{ name: "g" }],
      messages: [
        { role: "system", content: "s" },
        {
          role: "user",
          content: [
            { type: "text", text: "\u00e9", cache_control: {} },
            { type: "image_url", image_url: { url: "data:," } },
            { type: "input_audio", input_audio: { data: "QQ==" } },
          ],
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
          function_call: { name: "f" },
        },
        { role: "tool", tool_call_id: "a", content: "r" },
      ],
    });
    const toolCalls = [
      { index: 0, id: "c", type: "function", function: { name: "f", arguments: '{"a":' } },
      { index: 3, id: "", function: { arguments: { b: 1 } } },
    ];
    const answered = JSON.stringify({
      ...reply({ content: [{ text: "x" }, "y"], reasoning_content: "t", tool_calls: toolCalls }, "stop"),
      code: "",
      usage: {
        input_tokens: 1,
        output_tokens: 2,
        prompt_tokens_details: { cached_tokens: 1 },
        output_tokens_details: { reasoning_tokens: 1 },
      },
    });
    const part = JSON.stringify(reply({ content: "abc", tool_calls: toolCalls }, "null"));
    const failure = JSON.stringify({ code: "Throttling", message: "m", request_id: "r", error: { code: "x" } });
    const vectors = JSON.stringify({
      output: {
        embeddings: [
          { text_index: 1, embedding: [0.5, -1e-5] },
          { text_index: 0, embedding: [1] },
        ],
      },
      usage: { total_tokens: 2 },
    });
    const broken = new BrokenJson(4711, ["null"]);
    let understood = 0;
    for (let round = 0; round < 750; round++) {
      begin({ reasoning: round % 3, model: round % 2 ? "qwen-vl" : "qwen-plus" });
      const sent = call("request", broken.mutate(asked));
      if (!sent.startsWith("!")) expectJson(sent);
      const got = call("response", broken.mutate(answered));
      if (got !== "!") {
        understood++;
        expectJson(got);
      }
      expectJson(call("error", 400 + broken.below(200), broken.mutate(failure)));
      begin({ stream: true, usage: true, reasoning: round % 3 });
      const events =
        call("event", "result", broken.mutate(part)) +
        call("event", "result", broken.mutate(answered)) +
        call("event", "", broken.mutate(failure)) +
        call("end");
      for (const line of events.trimEnd().split("\n\n")) if (line !== "data: [DONE]") expectJson(line.slice(6));
      begin({ embeddings: true });
      call("request", broken.mutate('{"input":["a","b"],"encoding_format":"base64"}'));
      const list = call("response", broken.mutate(vectors));
      if (list !== "!") expectJson(list);
      units.exports.collect();
    }
    expect(understood).toBeGreaterThan(150);
  }, 60_000);

  it("takes deep and wide input without trapping", () => {
    begin();
    expect(call("request", '{"messages":' + "[".repeat(5000))).toContain("not valid JSON");
    const calls = Array.from({ length: 3000 }, (_, k) => ({
      index: k,
      id: `c${k}`,
      type: "function",
      function: { name: "f", arguments: "{}" },
    }));
    const chunks = stream([reply({ content: "", tool_calls: calls }, "tool_calls")]);
    expect(Math.max(...deltas(chunks).flatMap((delta) => (delta.tool_calls ?? []).map((one: any) => one.index)))).toBe(127);
    const wide = stream([{ ...UP, output: { choices: [choice({ content: "a" }, "stop", { index: 9007199254740991 })] } }]);
    expect(wide[0].choices[0].index).toBe(7);
  });
});
