// The Gemini dialect at unit level: request, response, stream, errors, embeddings; bytes in, bytes out.
import fc from "fast-check";
import OpenAI from "openai";
import { beforeAll, describe, expect, it } from "vitest";
import { BrokenJson, expectJson } from "./broken-json";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("gemini");
}, 90_000);

const PASS = 0;
const IGNORE = 1;
const CONCAT = 2;
const NO_BUDGET = -(2n ** 63n);

interface Options {
  model?: string;
  stream?: boolean;
  usage?: boolean;
  embeddings?: boolean;
  reasoning?: number;
  budget?: bigint;
  safety?: string[];
  version?: string;
  project?: string;
}

const call = (name: string, ...inputs: (string | Uint8Array | number)[]) =>
  units.text(units.exports[name](...inputs.map((input) => (typeof input === "number" ? input : units.put(input)))));

const begin = (o: Options = {}) => {
  const flags = (o.stream ? 1 : 0) | (o.usage ? 2 : 0) | (o.embeddings ? 4 : 0);
  const start = units.exports.begin as unknown as (f: number, m: number, r: number, b: bigint) => void;
  start(flags, units.put(o.model ?? "g"), o.reasoning ?? PASS, o.budget ?? NO_BUDGET);
  for (const text of o.safety ?? []) units.exports.addSafety(units.put(text));
  if (o.version) units.exports.setVersion(units.put(o.version));
  if (o.project) units.exports.setProject(units.put(o.project));
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
const pathOf = (options: Options) => {
  begin(options);
  return call("path");
};

const UP = { usageMetadata: { promptTokenCount: 6, candidatesTokenCount: 2, totalTokenCount: 8 }, responseId: "g-1", modelVersion: "g-up" };
const candidate = (parts: object[], finishReason?: string, extra: object = {}) => ({
  index: 0,
  content: { role: "model", parts },
  ...(finishReason ? { finishReason } : {}),
  ...extra,
});
const response = (body: object, options: Options = {}) => {
  begin(options);
  const text = call("response", JSON.stringify(body));
  if (text === "!") throw new Error("not understood");
  return JSON.parse(text);
};
const firstChoice = (parts: object[], finishReason = "STOP", options: Options = {}) =>
  response({ candidates: [candidate(parts, finishReason)], ...UP }, options).choices[0];

const sse = (events: (object | string)[], end = "\r\n\r\n") =>
  events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}${end}`).join("");
const streamText = (text: string, options: Options = {}, size = 1 << 20) => {
  begin({ stream: true, ...options });
  return call("stream", text, size);
};
const stream = (events: (object | string)[], options: Options = {}) => {
  const text = streamText(sse(events), options);
  const data = text
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

describe("GE cases", () => {
  it("GE-01, GE-02: the model is in the path, streams use alt=sse", () => {
    expect(pathOf({ model: "g-pro" })).toBe("/v1beta/models/g-pro:generateContent");
    expect(pathOf({ model: "g-pro", stream: true })).toBe("/v1beta/models/g-pro:streamGenerateContent?alt=sse");
  });

  it("GE-04: roles, system_instruction", () => {
    const messages = [
      { role: "system", content: "sys" },
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
    ];
    expect(request({ messages })).toEqual({
      contents: [
        { role: "user", parts: [{ text: "a" }] },
        { role: "model", parts: [{ text: "b" }] },
        { role: "user", parts: [{ text: "c" }] },
      ],
      system_instruction: { parts: [{ text: "sys" }] },
    });
  });

  it("GE-06: tools become function declarations", () => {
    const parameters = { type: "object", properties: { pair: { type: "string" } }, required: ["pair"] };
    const body = request({ tools: [{ type: "function", function: { name: "get_rate", description: "fx", parameters } }] });
    expect(body.tools).toEqual([{ function_declarations: [{ name: "get_rate", description: "fx", parameters }] }]);
    expect(body).not.toHaveProperty("toolConfig");
  });

  it("GE-08: an inline image", () => {
    const content = [{ type: "image_url", image_url: { url: "data:image/jpeg;base64,QUJD" } }];
    expect(request({ messages: [{ role: "user", content }] }).contents).toEqual([
      { role: "user", parts: [{ inlineData: { mimeType: "image/jpeg", data: "QUJD" } }] },
    ]);
  });

  it("GE-09: safety settings", () => {
    const body = request({}, { safety: ["HARM_CATEGORY_HARASSMENT", "BLOCK_NONE", "B", "C"] });
    expect(body.safetySettings).toEqual([
      { category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" },
      { category: "B", threshold: "C" },
    ]);
  });

  it("GE-10: the configured thinking budget", () => {
    expect(request({}, { model: "gemini-2.5-flash", budget: 512n })).toMatchObject({
      generationConfig: { thinkingConfig: { includeThoughts: true, thinkingBudget: 512 } },
    });
  });

  it("GE-12: a text response", () => {
    const body = response({ candidates: [candidate([{ text: "hi" }], "STOP")], ...UP });
    expect(body).toEqual({
      id: "g-1",
      object: "chat.completion",
      created: 1700000000,
      model: "g-up",
      choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
      usage: {
        prompt_tokens: 6,
        completion_tokens: 2,
        total_tokens: 8,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    expect(call("usage")).toBe("6,2,8,-1,-1");
    expect(call("seen")).toBe("g-up|g-1");
  });

  it.each([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["BLOCKLIST", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["SPII", "content_filter"],
    ["IMAGE_SAFETY", "content_filter"],
    ["MALFORMED_FUNCTION_CALL", "stop"],
    ["OTHER", "stop"],
    ["LANGUAGE", "stop"],
    ["NEW_ONE", "stop"],
  ])("GE-15: %s -> %s", (given, expected) => {
    expect(firstChoice([{ text: "x" }], given).finish_reason).toBe(expected);
    const chunks = stream([{ candidates: [candidate([{ text: "x" }], given)], ...UP }]);
    expect(chunks.at(-1).choices[0].finish_reason).toBe(expected);
  });

  it("GE-16: one id, the finish on the last content, [DONE]", () => {
    const chunks = stream([
      { candidates: [candidate([{ text: "你" }])], ...UP },
      { candidates: [candidate([{ text: "好" }], "STOP")], ...UP },
    ]);
    expect(chunks).toHaveLength(2);
    expect(chunks[0]).toMatchObject({
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta: { role: "assistant", content: "你" } }],
    });
    expect(chunks[0].choices[0].finish_reason).toBeNull();
    expect(chunks[1].choices).toEqual([{ index: 0, delta: { content: "好" }, finish_reason: "stop" }]);
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(["g-1"]));
    expect(call("usage")).toBe("6,2,8,-1,-1");
  });
});

describe("the path", () => {
  it("escapes the model, keeps one collection prefix, takes the configured version", () => {
    expect(pathOf({ model: "a/b?c d" })).toBe("/v1beta/models/a%2Fb%3Fc%20d:generateContent");
    expect(pathOf({ model: "models/g" })).toBe("/v1beta/models/g:generateContent");
    expect(pathOf({ model: "tunedModels/t-1" })).toBe("/v1beta/tunedModels/t-1:generateContent");
    expect(pathOf({ model: "g", version: "v1" })).toBe("/v1/models/g:generateContent");
  });
});

describe("messages", () => {
  it("collects every system and developer message", () => {
    const body = request({
      messages: [
        { role: "system", content: "one" },
        { role: "user", content: "u" },
        {
          role: "developer",
          content: [
            { type: "text", text: "two" },
            { type: "text", text: "three" },
          ],
        },
      ],
    });
    expect(body.system_instruction.parts).toEqual([{ text: "one" }, { text: "two" }, { text: "three" }]);
    expect(body.contents).toEqual([{ role: "user", parts: [{ text: "u" }] }]);
  });

  it("makes a system message that stands alone the prompt", () => {
    const body = request({ messages: [{ role: "system", content: "say hi" }] });
    expect(body).toEqual({ contents: [{ role: "user", parts: [{ text: "say hi" }] }] });
  });

  it("keeps escapes and UTF-8 byte for byte", () => {
    begin();
    const text = call("request", String.raw`{"messages":[{"role":"user","content":"a\u00e9\n\"\\ 你\ud83d\ude00"}]}`);
    expect(text).toBe(String.raw`{"contents":[{"role":"user","parts":[{"text":"a\u00e9\n\"\\ 你\ud83d\ude00"}]}]}`);
  });

  it("keeps an empty user turn, drops an empty assistant turn and empty text parts", () => {
    const body = request({
      messages: [
        { role: "user", content: "" },
        { role: "assistant", content: null },
        {
          role: "user",
          content: [
            { type: "text", text: "" },
            { type: "text", text: "x" },
          ],
        },
      ],
    });
    expect(body.contents).toEqual([
      { role: "user", parts: [{ text: "" }] },
      { role: "user", parts: [{ text: "x" }] },
    ]);
  });

  it("keeps a refusal in the history as text", () => {
    expect(request({ messages: [{ role: "assistant", content: null, refusal: "no" }, ...USER] }).contents[0]).toEqual({
      role: "model",
      parts: [{ text: "no" }],
    });
  });

  it.each([
    [{ messages: "x" }, "messages"],
    [{ messages: [] }, "messages"],
    [{ messages: [{ role: "assistant", content: "" }] }, "messages"],
    [{ messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    [{ messages: [null] }, "messages[0].role"],
    [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    [
      { messages: [...USER, { role: "user", content: [{ type: "text", text: "a" }, { type: "hologram" }] }] },
      "messages[1].content[1].type",
    ],
    [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0]"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });
});

describe("media", () => {
  const part = (content: object) => request({ messages: [{ role: "user", content: [content] }] }).contents[0].parts[0];
  const image = (url: unknown) => part({ type: "image_url", image_url: url as object });

  it.each([
    ["https://x.test/a/cat.png", "image/png"],
    ["https://x.test/cat.JPG?w=1.5#a.gif", "image/jpeg"],
    ["gs://bucket/film.mp4", "video/mp4"],
    ["http://x.test/doc.pdf#p2", "application/pdf"],
    ["https://x.test/picture", "image/jpeg"],
    ["https://x.test/v1.2/picture", "image/jpeg"],
  ])("%s is file data of type %s", (url, mimeType) => {
    expect(image({ url })).toEqual({ fileData: { mimeType, fileUri: url } });
  });

  it("guesses no type for addresses that know theirs, and takes a given one", () => {
    expect(image({ url: "https://api.test/v1beta/files/abc" })).toEqual({ fileData: { fileUri: "https://api.test/v1beta/files/abc" } });
    expect(image({ url: "https://x.test/a.png", format: "image/heic" })).toEqual({
      fileData: { mimeType: "image/heic", fileUri: "https://x.test/a.png" },
    });
  });

  it("reads a data URI with escaped slashes, with parameters, and as a bare string", () => {
    begin();
    const text = call(
      "request",
      String.raw`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image\/png;base64,QQ\/="}}]}]}`,
    );
    expect(JSON.parse(text).contents[0].parts).toEqual([{ inlineData: { mimeType: "image/png", data: "QQ/=" } }]);
    expect(image("data:image/webp;charset=x;base64,QQ==")).toEqual({ inlineData: { mimeType: "image/webp", data: "QQ==" } });
  });

  it("sends sound and files", () => {
    expect(part({ type: "input_audio", input_audio: { data: "QQ==", format: "WAV" } })).toEqual({
      inlineData: { mimeType: "audio/wav", data: "QQ==" },
    });
    expect(part({ type: "file", file: { filename: "a.csv", file_data: "QQ==" } })).toEqual({
      inlineData: { mimeType: "text/csv", data: "QQ==" },
    });
    expect(part({ type: "file", file: { file_data: "data:application/pdf;base64,QUI=" } })).toEqual({
      inlineData: { mimeType: "application/pdf", data: "QUI=" },
    });
    expect(part({ type: "file", file: { file_id: "gs://b/a.pdf" } })).toEqual({
      fileData: { mimeType: "application/pdf", fileUri: "gs://b/a.pdf" },
    });
  });

  it.each([
    [{ type: "image_url", image_url: { url: "ftp://x" } }, ".image_url"],
    [{ type: "image_url", image_url: { url: "data:image/png,raw" } }, ".image_url"],
    [{ type: "image_url", image_url: { url: "data:image/png;base64," } }, ".image_url"],
    [{ type: "image_url" }, ".image_url"],
    [{ type: "input_audio", input_audio: { data: "", format: "wav" } }, ".input_audio"],
    [{ type: "input_audio", input_audio: { data: "x", format: "w/v" } }, ".input_audio"],
    [{ type: "file", file: { file_id: "file-123" } }, ".file"],
  ])("refuses %j", (content, at) => {
    expect(refusal({ messages: [{ role: "user", content: [content] }] })).toBe(`messages[0].content[0]${at}`);
  });
});

describe("tools", () => {
  const declare = (parameters: unknown) =>
    request({ tools: [{ type: "function", function: { name: "f", parameters } }] }).tools[0].function_declarations[0];
  const object = (properties: object, extra: object = {}) => ({ type: "object", properties, ...extra });

  it.each([
    object(
      { a: { type: "string", enum: ["x", "y"], description: "d" }, b: { type: "array", items: { type: "integer", minimum: 0 } } },
      { required: ["a"] },
    ),
    object({ $ref: { type: "string" }, additionalProperties: { type: "number", nullable: true } }),
    object({ when: { type: "string", format: "date-time" }, v: { anyOf: [{ type: "string" }, { type: "number" }] } }),
  ])("parameters for the subset: %j", (schema) => {
    expect(declare(schema)).toEqual({ name: "f", parameters: schema });
  });

  it.each([
    object({ a: { type: "string" } }, { additionalProperties: false }),
    object({ a: { type: ["string", "null"] } }),
    object({ a: { $ref: "#/$defs/x" } }, { $defs: { x: { type: "string" } } }),
    object({ a: { type: "string", format: "uri" } }),
    object({ a: { enum: [1, 2] } }),
    object({ a: { type: "string", const: "x" } }),
    object({ a: { type: "object" } }),
    object({ a: { type: "array" } }),
    object({ a: object({ b: { oneOf: [{ type: "string" }] } }) }),
    { type: "object", additionalProperties: true },
    { anyOf: [object({ a: { type: "string" } })] },
  ])("parametersJsonSchema for more: %j", (schema) => {
    expect(declare(schema)).toEqual({ name: "f", parametersJsonSchema: schema });
  });

  it("leaves parameters out when there are none", () => {
    for (const none of [undefined, null, {}, object({}), object({}, { required: [], additionalProperties: false })]) {
      expect(declare(none)).toEqual({ name: "f" });
    }
  });

  it("passes Gemini's own tools on beside functions, and the old functions field", () => {
    const body = request({ tools: [{ google_search: {} }, { type: "function", function: { name: "f" } }], functions: [{ name: "g" }] });
    expect(body.tools).toEqual([{ function_declarations: [{ name: "f" }, { name: "g" }] }, { google_search: {} }]);
    const own = [
      { type: "google_search", google_search: { exclude_domains: ["a.test"] } },
      { type: "google_search" },
      { type: "enterprise_search" },
      { fileSearch: { fileSearchStoreNames: ["s"] } },
      { function: { name: "f" } },
    ];
    expect(request({ tools: own }).tools).toEqual([
      { function_declarations: [{ name: "f" }] },
      { google_search: { exclude_domains: ["a.test"] } },
      { google_search: {} },
      { enterpriseWebSearch: {} },
      { fileSearch: { fileSearchStoreNames: ["s"] } },
    ]);
  });

  it("gives models that take JSON Schema the schema as it is", () => {
    const parameters = { type: "object", properties: { a: { type: "string" } } };
    const declared = (model: string) =>
      request({ tools: [{ type: "function", function: { name: "f", parameters } }] }, { model }).tools[0].function_declarations[0];
    for (const model of ["gemini-2.5-pro", "gemini-3-flash", "gemini-flash-latest"])
      expect(declared(model)).toEqual({ name: "f", parametersJsonSchema: parameters });
    for (const model of ["gemini-2.0-flash", "g"]) expect(declared(model)).toEqual({ name: "f", parameters });
  });

  const tools = [
    { type: "function", function: { name: "f" } },
    { type: "function", function: { name: "g" } },
  ];
  it.each([
    ["auto", { mode: "AUTO" }],
    ["none", { mode: "NONE" }],
    ["required", { mode: "ANY" }],
    [
      { type: "function", function: { name: "f" } },
      { mode: "ANY", allowedFunctionNames: ["f"] },
    ],
    [
      { type: "allowed_tools", allowed_tools: { mode: "required", tools } },
      { mode: "ANY", allowedFunctionNames: ["f", "g"] },
    ],
    [
      { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [tools[0]] } },
      { mode: "VALIDATED", allowedFunctionNames: ["f"] },
    ],
  ])("tool_choice %j", (tool_choice, functionCallingConfig) => {
    expect(request({ tools, tool_choice }).toolConfig).toEqual({ functionCallingConfig });
  });

  it("sends no toolConfig without functions", () => {
    expect(request({ tools: [], tool_choice: "auto" })).toEqual({ contents: [{ role: "user", parts: [{ text: "ping" }] }] });
  });

  it.each([
    [{ tools: {} }, "tools"],
    [{ tools: [{ type: "custom", custom: { name: "x" } }] }, "tools[0].type"],
    [{ tools: [tools[0], { type: "function" }] }, "tools[1].function.name"],
    [{ tools, tool_choice: 5 }, "tool_choice"],
    [{ tools, tool_choice: {} }, "tool_choice.function.name"],
    [{ tools, tool_choice: { type: "allowed_tools", allowed_tools: { tools: [] } } }, "tool_choice.allowed_tools.tools"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });
});

describe("tool calls and results in the history", () => {
  const toolCall = (id: string, name: string, args: unknown, extra: object = {}) => ({
    id,
    type: "function",
    function: { name, arguments: args },
    ...extra,
  });
  const result = (tool_call_id: string, content: unknown) => ({ role: "tool", tool_call_id, content });
  const history = (tool_calls: object[], results: object[], options: Options = {}) =>
    request({ messages: [...USER, { role: "assistant", content: null, tool_calls }, ...results] }, options).contents;

  it("merges parallel results into one user content, in the order of the calls", () => {
    const contents = history(
      [toolCall("call_1", "w", '{"c":"A"}'), toolCall("call_2", "w", '{"c":"B"}'), toolCall("call_3", "t", "")],
      [result("call_3", '{"t":1.50}'), result("call_2", "rain"), result("call_1", "sun")],
    );
    expect(contents).toEqual([
      { role: "user", parts: [{ text: "ping" }] },
      {
        role: "model",
        parts: [
          { functionCall: { name: "w", args: { c: "A" } } },
          { functionCall: { name: "w", args: { c: "B" } } },
          { functionCall: { name: "t", args: {} } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { name: "w", response: { output: "sun" } } },
          { functionResponse: { name: "w", response: { output: "rain" } } },
          { functionResponse: { name: "t", response: { t: 1.5 } } },
        ],
      },
    ]);
  });

  it("keeps the spelling of arguments and results", () => {
    const text = requestText({
      messages: [
        ...USER,
        { role: "assistant", tool_calls: [toolCall("call_1", "f", '{"n":1.0,"big":12345678901234567890}')] },
        result("call_1", '{"x":1e2}'),
      ],
    });
    expect(text).toContain('"args":{"n":1.0,"big":12345678901234567890}');
    expect(text).toContain('"response":{"x":1e2}');
  });

  it.each([
    ["[1,2]", "[1,2]"],
    ["42", "42"],
    ['{"a":', '{"a":'],
    ['{"a":1} x', '{"a":1} x'],
    ["", ""],
    [null, ""],
    ['line\n"q"', 'line\n"q"'],
  ])("a result of %j becomes a result text", (content, text) => {
    expect(history([toolCall("call_1", "f", "{}")], [result("call_1", content)])[2].parts[0].functionResponse.response).toEqual({
      output: text,
    });
  });

  it("joins text parts of a result and puts images after the responses", () => {
    const content = [
      { type: "text", text: '{"a"' },
      { type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } },
      { type: "text", text: ":1}" },
    ];
    expect(
      history([toolCall("call_1", "f", "{}"), toolCall("call_2", "g", "{}")], [result("call_1", content), result("call_2", "x")])[2].parts,
    ).toEqual([
      { functionResponse: { name: "f", response: { a: 1 } } },
      { functionResponse: { name: "g", response: { output: "x" } } },
      { inlineData: { mimeType: "image/png", data: "QQ==" } },
    ]);
  });

  it("tells of a failed call under error, and gives thoughts back that came as parts", () => {
    expect(
      history([toolCall("call_1", "f", "{}")], [{ ...result("call_1", "boom"), is_error: true }])[2].parts[0].functionResponse.response,
    ).toEqual({ error: "boom" });
    const content = [
      { type: "thinking", text: "hm", signature: "s" },
      { type: "redacted_thinking", data: "E" },
      { type: "text", text: "a" },
      { type: "thinking", thinking: "so" },
    ];
    expect(request({ messages: [...USER, { role: "assistant", content }] }).contents[1].parts).toEqual([
      { text: "hm", thought: true },
      { text: "a" },
      { text: "so", thought: true },
    ]);
  });

  it("finds the latest call when an id is used again", () => {
    const messages = [
      ...USER,
      { role: "assistant", tool_calls: [toolCall("c0", "old", "{}")] },
      result("c0", "1"),
      { role: "assistant", content: "t", tool_calls: [toolCall("c0", "new", "{}")] },
      result("c0", "2"),
      { role: "user", content: "go" },
    ];
    const { contents } = request({ messages });
    expect(contents.map((content: any) => content.role)).toEqual(["user", "model", "user", "model", "user", "user"]);
    expect(contents[2].parts[0].functionResponse.name).toBe("old");
    expect(contents[4].parts[0].functionResponse.name).toBe("new");
    expect(contents[3].parts).toEqual([{ text: "t" }, { functionCall: { id: "c0", name: "new", args: {} } }]);
  });

  it("returns ids that Gemini gave, but not on Vertex and not ours", () => {
    const ids = (id: string, options: Options = {}) => {
      const contents = history([toolCall(id, "f", "{}")], [result(id, "x")], options);
      return [contents[1].parts[0].functionCall.id, contents[2].parts[0].functionResponse.id];
    };
    expect(ids("fc-77")).toEqual(["fc-77", "fc-77"]);
    expect(ids("call_77")).toEqual([undefined, undefined]);
    expect(ids("fc-77", { project: "p" })).toEqual([undefined, undefined]);
  });

  it("reads the old function_call and function role", () => {
    const messages = [
      ...USER,
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "r" },
    ];
    expect(request({ messages }).contents.slice(1)).toEqual([
      { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] },
      { role: "user", parts: [{ functionResponse: { name: "f", response: { output: "r" } } }] },
    ]);
  });

  it("keeps broken arguments readable", () => {
    expect(history([toolCall("call_1", "f", '{"a":')], [result("call_1", "x")])[1].parts[0].functionCall.args).toEqual({
      arguments: '{"a":',
    });
  });

  it("refuses a result without a call, a call without a name", () => {
    expect(refusal({ messages: [...USER, result("nope", "x")] })).toBe("messages[1].tool_call_id");
    expect(refusal({ messages: [...USER, { role: "assistant", tool_calls: [{ id: "a", function: {} }] }] })).toBe("messages[1].tool_calls");
    expect(request({ messages: [...USER, { ...result("nope", "x"), name: "f" }] }).contents[1].parts[0].functionResponse.name).toBe("f");
  });

  it("passes thought signatures back, on calls and on text", () => {
    const extra = (thought_signature: string) => ({ extra_content: { google: { thought_signature } } });
    expect(
      history([toolCall("call_1", "f", "{}", extra("S1+/=")), toolCall("call_2", "f", "{}")], [], { model: "gemini-3-pro" })[1].parts,
    ).toEqual([{ functionCall: { name: "f", args: {} }, thoughtSignature: "S1+/=" }, { functionCall: { name: "f", args: {} } }]);
    expect(request({ messages: [...USER, { role: "assistant", content: "t", ...extra("S2") }, ...USER] }).contents[1]).toEqual({
      role: "model",
      parts: [{ text: "t", thoughtSignature: "S2" }],
    });
    const litellm = { provider_specific_fields: { thought_signature: "S3" } };
    expect(history([toolCall("call_1", "f", "{}", litellm)], [])[1].parts[0].thoughtSignature).toBe("S3");
  });

  it("gives Gemini 3 the stand-in signature when the client lost the real one", () => {
    const parts = (model: string) =>
      history([toolCall("call_1", "f", "{}"), toolCall("call_2", "g", "{}")], [], { model })[1].parts.map(
        (part: any) => part.thoughtSignature,
      );
    expect(parts("gemini-3-pro-preview")).toEqual(["skip_thought_signature_validator", undefined]);
    expect(parts("gemini-flash-latest")).toEqual(["skip_thought_signature_validator", undefined]);
    expect(parts("gemini-2.5-pro")).toEqual([undefined, undefined]);
  });
});

describe("generationConfig", () => {
  const config = (body: object, options: Options = {}) => request(body, options).generationConfig;

  it("maps every field and keeps zeros and number spelling", () => {
    begin();
    const text = call(
      "request",
      '{"messages":[{"role":"user","content":"x"}],"max_tokens":5,"temperature":0,"top_p":0.10,"top_k":40,"n":2,"presence_penalty":0.0,"frequency_penalty":-1.5,"seed":0,"logprobs":true,"top_logprobs":3,"stop":"END"}',
    );
    expect(text).toContain(
      '"generationConfig":{"maxOutputTokens":5,"temperature":0,"topP":0.10,"topK":40,"candidateCount":2,"presencePenalty":0.0,"frequencyPenalty":-1.5,"seed":0,"stopSequences":["END"],"responseLogprobs":true,"logprobs":3}',
    );
  });

  it("prefers max_completion_tokens, skips nulls, writes nothing for nothing", () => {
    expect(config({ max_tokens: 5, max_completion_tokens: 0 })).toEqual({ maxOutputTokens: 0 });
    expect(config({ max_tokens: 5, max_completion_tokens: null })).toEqual({ maxOutputTokens: 5 });
    expect(
      request({ temperature: null, stop: null, seed: null, logprobs: false, top_logprobs: 2, user: "u", metadata: {}, store: true }),
    ).not.toHaveProperty("generationConfig");
  });

  it("cuts stop lists at five and folds wide seeds", () => {
    expect(config({ stop: ["a", "", "b", "c", 5, "d", "e", "f"] })).toEqual({ stopSequences: ["a", "b", "c", "d", "e"] });
    expect(config({ seed: 2147483648 + 7 })).toEqual({ seed: 7 });
    expect(config({ seed: 2147483647 })).toEqual({ seed: 2147483647 });
  });

  it("maps response formats and modalities", () => {
    expect(config({ response_format: { type: "json_object" } })).toEqual({ responseMimeType: "application/json" });
    const schema = { type: "object", properties: { a: { type: ["string", "null"] } }, additionalProperties: false };
    expect(config({ response_format: { type: "json_schema", json_schema: { name: "n", strict: true, schema } } })).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: schema,
    });
    expect(config({ response_format: { type: "text" } })).toEqual({ responseMimeType: "text/plain" });
    // Models before 2.5 know the OpenAPI subset only.
    const plain = { type: "object", properties: { a: { type: "string" } } };
    const format = (s: object) => ({ response_format: { type: "json_schema", json_schema: { name: "n", schema: s } } });
    expect(config(format(plain), { model: "gemini-1.5-pro" })).toEqual({ responseMimeType: "application/json", responseSchema: plain });
    expect(config(format(schema), { model: "gemini-1.5-pro" })).toHaveProperty("responseJsonSchema");
    expect(config(format(plain), { model: "gemini-2.5-flash" })).toHaveProperty("responseJsonSchema");
    expect(config({ modalities: ["text", "image"] })).toEqual({ responseModalities: ["TEXT", "IMAGE"] });
    expect(config({ modalities: ["text"] })).toBeUndefined();
  });

  it("takes guided_choice, guided_json and the extensions of Envoy AI Gateway", () => {
    expect(config({ guided_choice: ["a", "b"] })).toEqual({
      responseMimeType: "text/x.enum",
      responseSchema: { type: "STRING", enum: ["a", "b"] },
    });
    expect(config({ guided_json: { type: "object" } })).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: { type: "object" },
    });
    expect(config({ guided_choice: ["a"], response_format: { type: "json_object" } })).toEqual({ responseMimeType: "application/json" });
    expect(config({ generationConfig: { media_resolution: "MEDIA_RESOLUTION_LOW" } })).toEqual({ mediaResolution: "MEDIA_RESOLUTION_LOW" });
    const safetySettings = [{ category: "C", threshold: "T" }];
    expect(request({ safetySettings }, { safety: ["A", "B"] }).safetySettings).toEqual(safetySettings);
  });

  it.each([
    ["gemini-1.5-pro", { type: "enabled", budget_tokens: 1000, includeThoughts: true }, { includeThoughts: true, thinkingBudget: 1000 }],
    ["gemini-2.5-pro", { type: "enabled", budget_tokens: 1000, includeThoughts: false }, { includeThoughts: false, thinkingBudget: 1000 }],
    ["gemini-3-pro", { type: "adaptive" }, { includeThoughts: true }],
    ["gemini-2.5-flash", { type: "disabled" }, { thinkingBudget: 0 }],
    ["gemini-2.5-pro", { type: "disabled" }, { includeThoughts: true, thinkingBudget: 128 }],
    ["gemini-3-flash", { type: "disabled" }, { includeThoughts: true, thinkingLevel: "MINIMAL" }],
    ["gemini-1.5-pro", { type: "disabled" }, undefined],
  ])("%s with a thinking object %j", (model, thinking, thinkingConfig) => {
    expect(config({ thinking, reasoning_effort: "high" }, { model })?.thinkingConfig).toEqual(thinkingConfig);
  });

  const budget = (thinkingBudget: number) => ({ includeThoughts: true, thinkingBudget });
  const level = (thinkingLevel: string) => ({ includeThoughts: true, thinkingLevel });
  it.each([
    ["g", "low", budget(1024)],
    ["g", "minimal", budget(1024)],
    ["g", "medium", budget(8192)],
    ["g", "high", budget(24576)],
    ["g", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-pro", "none", budget(128)],
    ["gemini-2.0-flash", "high", undefined],
    ["gemini-pro", "low", undefined],
    ["gemini-2.5-flash-image", "low", undefined],
    ["gemini-3-pro-preview", "none", level("LOW")],
    ["gemini-3-pro-preview", "medium", level("HIGH")],
    ["gemini-3-flash", "minimal", level("MINIMAL")],
    ["gemini-3.7-flash", "minimal", level("LOW")],
    ["models/gemini-3.1-pro", "medium", level("MEDIUM")],
    ["g", "odd", undefined],
  ])("%s with effort %s", (model, reasoning_effort, thinkingConfig) => {
    expect(config({ reasoning_effort }, { model })?.thinkingConfig).toEqual(thinkingConfig);
  });

  it("sends the configured budget to models that think only, and the client's effort before it", () => {
    const sent = (model: string, amount: bigint, body: object = {}) => config(body, { model, budget: amount })?.thinkingConfig;
    expect(sent("gemini-2.5-pro", -1n)).toEqual(budget(-1));
    expect(sent("gemini-2.5-flash", 0n)).toEqual({ thinkingBudget: 0 });
    expect(sent("gemini-1.5-pro", 512n)).toBeUndefined();
    expect(sent("g", 512n)).toBeUndefined();
    expect(sent("gemini-2.5-flash", 512n, { reasoning_effort: "high" })).toEqual(budget(24576));
    expect(sent("g", 5n, { extra_body: { google: { thinking_config: { thinking_budget: 7 } } } })).toEqual({ thinking_budget: 7 });
  });

  it("passes cached content", () => {
    expect(request({ extra_body: { google: { cached_content: "cachedContents/1" } } }).cachedContent).toBe("cachedContents/1");
  });
});

describe("whole responses", () => {
  it("joins text parts, keeps thoughts apart in each mode", () => {
    const parts = [{ text: "hm ", thought: true }, { text: "a\n" }, { text: "ok", thought: true }, { text: "b" }];
    expect(firstChoice(parts).message).toEqual({ role: "assistant", content: "a\nb", reasoning_content: "hm ok" });
    expect(firstChoice(parts, "STOP", { reasoning: IGNORE }).message).toEqual({ role: "assistant", content: "a\nb" });
    expect(firstChoice(parts, "STOP", { reasoning: CONCAT }).message.content).toBe("<think>hm ok</think>\na\nb");
  });

  it("gives tool calls ids, arguments as text, the signature and finish tool_calls", () => {
    const choice = firstChoice([
      { text: "let me see" },
      { functionCall: { name: "f", args: { a: 1.0, s: 'q"' } }, thoughtSignature: "S" },
      { functionCall: { name: "g" } },
      { functionCall: { id: "fc1", name: "h", args: {} } },
    ]);
    expect(choice.finish_reason).toBe("tool_calls");
    expect(choice.message.content).toBe("let me see");
    expect(choice.message.tool_calls).toEqual([
      {
        id: "call_0000000000abcdef_0",
        type: "function",
        function: { name: "f", arguments: '{"a":1,"s":"q\\""}' },
        extra_content: { google: { thought_signature: "S" } },
      },
      { id: "call_0000000000abcdef_1", type: "function", function: { name: "g", arguments: "{}" } },
      { id: "fc1", type: "function", function: { name: "h", arguments: "{}" } },
    ]);
    expect(firstChoice([{ functionCall: { name: "f" } }]).message.content).toBeNull();
    expect(firstChoice([{ functionCall: { name: "f" } }], "MAX_TOKENS").finish_reason).toBe("length");
  });

  it("numbers tool calls over all choices", () => {
    const call = { functionCall: { name: "f" } };
    const body = response({ candidates: [candidate([call], "STOP"), candidate([call], "STOP", { index: 1 })], ...UP });
    expect(body.choices.map((choice: any) => choice.index)).toEqual([0, 1]);
    expect(new Set(body.choices.map((choice: any) => choice.message.tool_calls[0].id)).size).toBe(2);
  });

  it("answers a blocked prompt with content_filter", () => {
    const body = response({
      promptFeedback: { blockReason: "SAFETY" },
      usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 },
      responseId: "r",
    });
    expect(body.choices).toEqual([{ index: 0, message: { role: "assistant", content: null }, finish_reason: "content_filter" }]);
    expect(body.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 0, total_tokens: 4 });
    expect(body.model).toBe("g");
  });

  it("counts thoughts as completion, tool results as prompt, shows cached and reasoning", () => {
    const usageMetadata = {
      promptTokenCount: 10,
      toolUsePromptTokenCount: 3,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 7,
      cachedContentTokenCount: 4,
      totalTokenCount: 25,
    };
    expect(response({ candidates: [candidate([{ text: "x" }], "STOP")], usageMetadata }).usage).toEqual({
      prompt_tokens: 13,
      completion_tokens: 12,
      total_tokens: 25,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 7 },
    });
  });

  it("makes an id when there is none, keeps the model asked for, leaves unknown usage out", () => {
    const body = response({ candidates: [candidate([{ text: "x" }])] }, { model: "asked" });
    expect(body).toMatchObject({ id: "chatcmpl-0000000000abcdef", model: "asked", choices: [{ finish_reason: "stop" }] });
    expect(body).not.toHaveProperty("usage");
  });

  it("keeps images and the signature of a text", () => {
    const { message } = firstChoice([
      { text: "see", thoughtSignature: "T" },
      { inlineData: { mimeType: "image/png", data: "QQ==" } },
      { inlineData: { mimeType: "audio/wav", data: "QQ==" } },
    ]);
    expect(message).toEqual({
      role: "assistant",
      content: "see",
      images: [{ type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } }],
      extra_content: { google: { thought_signature: "T" } },
    });
  });

  it("gives safety ratings and grounding under names of their own", () => {
    const safetyRatings = [{ category: "C", probability: "LOW" }];
    const groundingMetadata = { webSearchQueries: ["q"] };
    const given = candidate([{ text: "x" }], "STOP", { safetyRatings, groundingMetadata });
    expect(response({ candidates: [given], ...UP }).choices[0].message).toEqual({
      role: "assistant",
      content: "x",
      safety_ratings: safetyRatings,
      grounding_metadata: groundingMetadata,
    });
    expect(
      response({ candidates: [candidate([{ text: "x" }], "STOP", { safetyRatings: [] })], ...UP }).choices[0].message,
    ).not.toHaveProperty("safety_ratings");
    expect(deltas(stream([{ candidates: [given], ...UP }]))[0]).toEqual({
      role: "assistant",
      content: "x",
      grounding_metadata: groundingMetadata,
    });
  });

  it("maps logprobs", () => {
    const logprobsResult = {
      chosenCandidates: [{ token: "a", tokenId: 1, logProbability: -0.5 }, { token: "b" }],
      topCandidates: [
        {
          candidates: [
            { token: "a", logProbability: -0.5 },
            { token: "z", logProbability: -2 },
          ],
        },
      ],
    };
    expect(response({ candidates: [candidate([{ text: "ab" }], "STOP", { logprobsResult })] }).choices[0].logprobs).toEqual({
      content: [
        {
          token: "a",
          logprob: -0.5,
          bytes: null,
          top_logprobs: [
            { token: "a", logprob: -0.5, bytes: null },
            { token: "z", logprob: -2, bytes: null },
          ],
        },
        { token: "b", logprob: 0, bytes: null, top_logprobs: [] },
      ],
      refusal: null,
    });
  });

  it("does not understand what is no response", () => {
    for (const body of ["", "[]", "{}", '{"error":{"code":500}}', "<html>", '{"candidates":[']) {
      begin();
      expect(call("response", body)).toBe("!");
    }
  });
});

describe("streams", () => {
  const event = (parts: object[], finishReason?: string, extra: object = {}) => ({
    candidates: [candidate(parts, finishReason, extra)],
    ...UP,
  });
  const weather = [
    event([{ text: "thinking", thought: true }]),
    event([{ functionCall: { name: "w", args: { c: "A" } }, thoughtSignature: "S" }, { functionCall: { name: "w", args: { c: "B" } } }]),
    event([{ functionCall: { name: "t" } }]),
    event([{ text: "" }], "STOP"),
  ];

  it("numbers tool calls over the events and derives tool_calls", () => {
    const chunks = stream(weather);
    expect(joined(chunks, "reasoning_content")).toBe("thinking");
    const calls = deltas(chunks).flatMap((delta) => delta.tool_calls ?? []);
    expect(calls.map((toolCall: any) => [toolCall.index, toolCall.function.name, toolCall.function.arguments])).toEqual([
      [0, "w", '{"c":"A"}'],
      [1, "w", '{"c":"B"}'],
      [2, "t", "{}"],
    ]);
    expect(new Set(calls.map((toolCall: any) => toolCall.id)).size).toBe(3);
    expect(calls[0].extra_content.google.thought_signature).toBe("S");
    expect(chunks.at(-1).choices[0].finish_reason).toBe("tool_calls");
    expect(deltas(chunks).filter((delta) => delta.role)).toHaveLength(1);
  });

  it("gives the same bytes whole, with any line end, and cut at every size", () => {
    const text = sse([...weather.slice(0, 3), event([{ text: "né你😀" }], "STOP")]);
    const whole = streamText(text, { usage: true });
    expect(whole.endsWith("data: [DONE]\n\n")).toBe(true);
    for (let size = 1; size <= 64; size++) expect(streamText(text, { usage: true }, size)).toBe(whole);
    expect(streamText(text.replaceAll("\r\n", "\n"), { usage: true })).toBe(whole);
    expect(streamText(text.replaceAll("\r\n", "\r"), { usage: true }, 3)).toBe(whole);
  });

  it("writes usage only when asked, once, from the last running total", () => {
    const last = {
      ...event([{ text: "b" }], "STOP"),
      usageMetadata: { promptTokenCount: 6, candidatesTokenCount: 9, thoughtsTokenCount: 1, totalTokenCount: 16 },
    };
    expect(stream([event([{ text: "a" }]), last]).every((chunk) => !("usage" in chunk))).toBe(true);
    const chunks = stream([event([{ text: "a" }]), last], { usage: true });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 6, completion_tokens: 10, total_tokens: 16 } });
  });

  it("keeps known counts when an event leaves them out", () => {
    stream([event([{ text: "a" }]), { candidates: [candidate([{ text: "b" }], "STOP")], usageMetadata: { trafficType: "ON_DEMAND" } }]);
    expect(call("usage")).toBe("6,2,8,-1,-1");
  });

  it("counts a first event of thoughts alone as zero text", () => {
    stream([
      {
        candidates: [candidate([{ text: "x" }], "STOP")],
        usageMetadata: { promptTokenCount: 9, thoughtsTokenCount: 4, totalTokenCount: 13 },
      },
    ]);
    expect(call("usage")).toBe("9,4,13,-1,4");
  });

  it("closes the think tag in mode concat, whatever comes after the thoughts", () => {
    const thought = { text: "hm", thought: true };
    const finishes = [
      [event([thought]), event([{ text: "a" }], "STOP")],
      [event([thought, { text: "a" }], "STOP")],
      [event([thought]), event([{ text: "a" }]), event([{ text: "" }], "STOP")],
    ];
    for (const events of finishes) expect(joined(stream(events, { reasoning: CONCAT }), "content")).toBe("<think>hm</think>\na");
    for (const events of [
      [event([thought], "MAX_TOKENS")],
      [event([thought]), event([], "MAX_TOKENS")],
      [event([thought]), event([{ functionCall: { name: "f" } }], "STOP")],
    ]) {
      const chunks = stream(events, { reasoning: CONCAT });
      expect(joined(chunks, "content")).toBe("<think>hm</think>\n");
      expect(chunks.filter((chunk) => chunk.choices[0].finish_reason)).toHaveLength(1);
    }
  });

  it("drops thoughts in mode ignore but opens the choice", () => {
    const chunks = stream([event([{ text: "hm", thought: true }]), event([{ text: "a" }], "STOP")], { reasoning: IGNORE });
    expect(JSON.stringify(chunks)).not.toContain("hm");
    expect(chunks.map((chunk) => chunk.choices[0].delta)).toEqual([{ role: "assistant", content: "" }, { content: "a" }]);
  });

  it("never writes a field twice in one delta", () => {
    for (const reasoning of [PASS, IGNORE, CONCAT]) {
      const text = streamText(
        sse([event([{ text: "t", thought: true }, { text: "a", thoughtSignature: "S" }, { functionCall: { name: "f" } }], "STOP")]),
        { reasoning },
      );
      for (const line of text.split("\n\n")) {
        const keys = [...line.matchAll(/"(role|content|reasoning_content|tool_calls)":/g)].map((match) => match[1]);
        expect(new Set(keys).size).toBe(keys.length);
      }
    }
  });

  it("interleaves choices by index and waits for all of them", () => {
    const of = (index: number, text: string, finishReason?: string) => candidate([{ text }], finishReason, { index });
    const chunks = stream([
      { candidates: [of(0, "a"), of(1, "x")], ...UP },
      { candidates: [of(1, "y", "MAX_TOKENS"), of(0, "b", "STOP")], ...UP },
    ]);
    const text = (index: number) =>
      chunks
        .map((chunk) => chunk.choices[0])
        .filter((choice) => choice.index === index)
        .map((choice) => choice.delta.content)
        .join("");
    expect([text(0), text(1)]).toEqual(["ab", "xy"]);
    const cut = stream([
      { candidates: [of(0, "a"), of(1, "x")], ...UP },
      { candidates: [of(0, "b", "STOP")], ...UP },
    ]);
    expect(cut.at(-1).error.code).toBe("stream_truncated");
  });

  it("tells STOP on every event (Gemini 1.x) without losing text or repeating empty finishes", () => {
    const chunks = stream([event([{ text: "a" }], "STOP"), event([{ text: "b" }], "STOP"), event([], "STOP")]);
    expect(joined(chunks, "content")).toBe("ab");
    expect(chunks).toHaveLength(2);
  });

  it("answers a blocked prompt with content_filter", () => {
    const chunks = stream([{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, ...UP }]);
    expect(deltas(chunks)[0]).toEqual({ role: "assistant", content: null });
    expect(chunks.at(-1).choices[0].finish_reason).toBe("content_filter");
  });

  it("ends a truncated or empty stream with an error", () => {
    for (const events of [[], [event([{ text: "a" }])], [{ ...UP }]])
      expect(stream(events).at(-1).error).toMatchObject({ type: "upstream_error", code: "stream_truncated" });
  });

  it("turns an error event into one error and stops", () => {
    const error = { error: { code: 503, message: 'The model is "overloaded".', status: "UNAVAILABLE" } };
    for (const bad of [error, [error]]) {
      const chunks = stream([event([{ text: "a" }]), bad, event([{ text: "b" }], "STOP")], { usage: true });
      expect(chunks).toHaveLength(2);
      expect(chunks[1]).toEqual({
        error: { message: 'The model is "overloaded".', type: "server_error", param: null, code: "unavailable" },
      });
    }
    expect(stream(["{broken"]).at(-1).error.code).toBe("invalid_event");
  });

  it("keeps a made id for the whole stream, also when one is given later", () => {
    const chunks = stream([{ candidates: [candidate([{ text: "a" }])] }, event([{ text: "b" }], "STOP")]);
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(["chatcmpl-0000000000abcdef"]));
  });

  it("puts logprobs, images and late signatures on chunks", () => {
    const chunks = stream([
      event([{ text: "a" }], undefined, { logprobsResult: { chosenCandidates: [{ token: "a", logProbability: -1 }] } }),
      event([{ inlineData: { mimeType: "image/png", data: "QQ==" } }]),
      event([{ text: "", thoughtSignature: "S" }], "STOP"),
    ]);
    expect(chunks[0].choices[0].logprobs.content[0].logprob).toBe(-1);
    expect(chunks[1].choices[0].delta.images[0].image_url.url).toBe("data:image/png;base64,QQ==");
    expect(chunks[2].choices[0]).toMatchObject({ delta: { extra_content: { google: { thought_signature: "S" } } }, finish_reason: "stop" });
  });
});

describe("errors", () => {
  const error = (status: number, body: unknown) => {
    begin();
    return JSON.parse(call("error", status, typeof body === "string" ? body : JSON.stringify(body))).error;
  };
  it.each([
    [400, "INVALID_ARGUMENT", "invalid_request_error", "invalid_argument"],
    [401, "UNAUTHENTICATED", "authentication_error", "unauthenticated"],
    [403, "PERMISSION_DENIED", "permission_error", "permission_denied"],
    [404, "NOT_FOUND", "not_found_error", "not_found"],
    [429, "RESOURCE_EXHAUSTED", "rate_limit_error", "rate_limit_exceeded"],
    [503, "UNAVAILABLE", "server_error", "unavailable"],
    [500, "SOMETHING", "server_error", null],
  ])("%i %s", (code, status, type, expected) => {
    const body = { error: { code, message: `m "q" ${status}`, status, details: [] } };
    expect(error(code, body)).toEqual({ message: `m "q" ${status}`, type, param: null, code: expected });
    expect(error(code, [body])).toEqual(error(code, body));
  });

  it("names a wrong key, quotes what is no JSON, survives odd shapes", () => {
    const details = [{ "@type": "t", reason: "API_KEY_INVALID" }];
    expect(error(400, { error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT", details } }).code).toBe(
      "invalid_api_key",
    );
    expect(error(502, "<html>Bad gateway</html>")).toMatchObject({ message: "<html>Bad gateway</html>", type: "server_error" });
    expect(error(500, "").message).toContain("500");
    expect(error(400, { error: "plain" }).message).toBe("plain");
    expect(error(400, { error: {} }).message.length).toBeGreaterThan(5);
  });
});

describe("embeddings", () => {
  const embed = (body: object, options: Options = {}) => {
    begin({ model: "text-embedding-004", embeddings: true, ...options });
    return call("request", JSON.stringify(body));
  };
  const reply = (body: object) => JSON.parse(call("response", JSON.stringify(body)));

  it("asks for one or many texts", () => {
    const item = (text: string, extra: object = {}) => ({ model: "models/text-embedding-004", content: { parts: [{ text }] }, ...extra });
    expect(JSON.parse(embed({ input: "a\n", dimensions: 256 }))).toEqual({ requests: [item("a\n", { outputDimensionality: 256 })] });
    expect(JSON.parse(embed({ input: ["a", "b"] }))).toEqual({ requests: [item("a"), item("b")] });
    expect(call("path")).toBe("/v1beta/models/text-embedding-004:batchEmbedContents");
  });

  it("answers a list with indexes, numbers as they are spelt, usage zero when absent", () => {
    embed({ input: ["a", "b"] });
    const text = call("response", '{"embeddings":[{"values":[0.10,-1e-3]},{"values":[3]}]}');
    expect(text).toContain('"embedding":[0.10,-1e-3]');
    expect(JSON.parse(text)).toEqual({
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: [0.1, -0.001] },
        { object: "embedding", index: 1, embedding: [3] },
      ],
      model: "text-embedding-004",
      usage: { prompt_tokens: 0, total_tokens: 0 },
    });
    expect(reply({ embedding: { values: [1] }, usageMetadata: { promptTokenCount: 4 } })).toMatchObject({
      data: [{ embedding: [1] }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  it("writes base64 as OpenAI does, for any numbers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }), { minLength: 1, maxLength: 9 }),
        (values) => {
          embed({ input: "a", encoding_format: "base64" });
          const data = Buffer.from(reply({ embeddings: [{ values }] }).data[0].embedding, "base64");
          const floats = Array.from({ length: data.length / 4 }, (_, k) => data.readFloatLE(k * 4));
          expect(floats).toHaveLength(values.length);
          floats.forEach((float, k) =>
            expect(Math.abs(float - Math.fround(values[k]))).toBeLessThanOrEqual(Math.abs(values[k]) * 1.2e-7 + 1e-45),
          );
        },
      ),
      { numRuns: 300 },
    );
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
  /** A fetch that is the translator with a canned upstream; what would be sent upstream is collected. */
  const client = (responses: ((sent: any) => object | string)[], sent: any[]) =>
    new OpenAI({
      apiKey: "k",
      baseURL: "http://gw.test/v1",
      maxRetries: 0,
      fetch: async (url, init) => {
        const body = JSON.parse(String(init?.body));
        const embeddings = String(url).endsWith("/embeddings");
        begin({ stream: body.stream, usage: body.stream_options?.include_usage, embeddings, model: "gemini-3-flash" });
        const upstream = JSON.parse(call("request", String(init?.body)));
        const firstChoice = responses[sent.length](upstream);
        sent.push(upstream);
        if (typeof firstChoice === "string")
          return new Response(call("stream", firstChoice, 7), { headers: { "content-type": "text/event-stream" } });
        return new Response(call("response", JSON.stringify(firstChoice)), { headers: { "content-type": "application/json" } });
      },
    });

  it("runs a streamed tool loop", async () => {
    const sent: any[] = [];
    const openai = client(
      [
        () =>
          sse([
            { candidates: [candidate([{ functionCall: { name: "rate", args: { pair: "EURUSD" } }, thoughtSignature: "SIG" }])], ...UP },
            { candidates: [candidate([{ text: "" }], "STOP")], ...UP },
          ]),
        () =>
          sse([
            { candidates: [candidate([{ text: "It is " }])], ...UP },
            { candidates: [candidate([{ text: "1.1" }], "STOP")], ...UP },
          ]),
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
    expect(sent[1].contents[1].parts[0].functionCall).toEqual({ name: "rate", args: { pair: "EURUSD" } });
    expect(sent[1].contents[1].parts[0].thoughtSignature).toMatch(/^(SIG|skip_thought_signature_validator)$/);
    expect(sent[1].contents[2].parts).toEqual([{ functionResponse: { name: "rate", response: { EURUSD: 1.1 } } }]);
  });

  it("reads embeddings, which it asks for in base64", async () => {
    const sent: any[] = [];
    const openai = client([() => ({ embeddings: [{ values: [0.5, -0.25] }, { values: [1, 2] }] })], sent);
    const { data } = await openai.embeddings.create({ model: "e", input: ["a", "b"] });
    expect(data.map((item) => item.embedding)).toEqual([
      [0.5, -0.25],
      [1, 2],
    ]);
  });
});

describe("robustness", () => {
  it("never traps and writes only JSON on 12,000 mutated inputs", () => {
    const request = JSON.stringify({
      model: "g",
      n: 2,
      stop: ["a"],
      seed: 5,
      tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: { a: { type: "string" } } } } }],
      tool_choice: { type: "function", function: { name: "f" } },
      response_format: { type: "json_schema", json_schema: { schema: {} } },
      messages: [
        { role: "system", content: "s" },
        {
          role: "user",
          content: [
            { type: "text", text: "\u00e9" },
            { type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } },
          ],
        },
        { role: "assistant", content: null, tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: '{"a":[1]}' } }] },
        { role: "tool", tool_call_id: "a", content: '{"b":2}' },
      ],
    });
    const reply = JSON.stringify({
      candidates: [
        candidate(
          [{ text: "x", thought: true }, { text: "y" }, { functionCall: { name: "f", args: { a: 1 } }, thoughtSignature: "s" }],
          "STOP",
          { logprobsResult: { chosenCandidates: [{ token: "a", logProbability: -1 }] } },
        ),
      ],
      ...UP,
    });
    const failure = JSON.stringify({ error: { code: 429, message: "m", status: "RESOURCE_EXHAUSTED", details: [{ reason: "r" }] } });
    const embedding = JSON.stringify({ embeddings: [{ values: [0.5, -1e-5, 1.2345678901234567e19] }] });
    const broken = new BrokenJson(12345);
    let understood = 0;
    for (let round = 0; round < 1500; round++) {
      begin({ reasoning: round % 3, model: round % 2 ? "gemini-3-pro" : "gemini-2.5-flash", budget: 5n });
      const sent = call("request", broken.mutate(request));
      if (!sent.startsWith("!")) expectJson(sent);
      const got = call("response", broken.mutate(reply));
      if (got !== "!") {
        understood++;
        expectJson(got);
      }
      expectJson(call("error", 400 + broken.below(200), broken.mutate(failure)));
      begin({ stream: true, usage: true, reasoning: round % 3 });
      const events =
        call("event", "", broken.mutate(reply)) +
        call("event", "", broken.mutate(failure)) +
        call("event", "", broken.mutate(reply)) +
        call("end");
      for (const line of events.trimEnd().split("\n\n")) if (line !== "data: [DONE]") expectJson(line.slice(6));
      begin({ embeddings: true });
      call("request", broken.mutate('{"input":["a","b"],"encoding_format":"base64"}'));
      const list = call("response", broken.mutate(embedding));
      if (list !== "!") expectJson(list);
    }
    expect(understood).toBeGreaterThan(300);
  }, 60_000);

  it("takes deep and wide input without trapping", () => {
    begin();
    expect(call("request", '{"messages":' + "[".repeat(5000))).toContain("not valid JSON");
    const deep = '{"type":"object","properties":{"a":'.repeat(300) + '{"type":"string"}' + "}}".repeat(300);
    const body = JSON.parse(
      call(
        "request",
        `{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":${deep}}}]}`,
      ),
    );
    expect(body.tools[0].function_declarations[0]).toHaveProperty("parameters");
    const calls = Array.from({ length: 3000 }, (_, k) => ({ id: `c${k}`, type: "function", function: { name: "f", arguments: "{}" } }));
    const results = calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: id })).reverse();
    const { contents } = JSON.parse(call("request", JSON.stringify({ messages: [{ role: "assistant", tool_calls: calls }, ...results] })));
    expect(contents[1].parts.map((part: any) => part.functionResponse.response.output)).toEqual(calls.map(({ id }) => id));
  });

  it("keeps index and counts in bounds whatever the upstream claims", () => {
    const chunks = stream([
      {
        candidates: [candidate([{ functionCall: { name: "f" } }], "STOP", { index: 9007199254740991 })],
        usageMetadata: { promptTokenCount: 1e16, totalTokenCount: -5 },
      },
    ]);
    expect(chunks[0].choices[0].index).toBe(63);
  });
});

describe("a number", () => {
  it.each([
    ...["0.95", "0.9499999999", "1.0000000001", "1e22", "1e-22", "123456789012345e-22", "-2.5E-3", "0e999", "0.000"],
    ...["1e999", "-1e999", "1e-999", `0.${"0".repeat(400)}1`, "9".repeat(400), `${"9".repeat(400)}e-400`],
  ])("is read as a double: %#", (text) => expect(units.exports.number(units.put(text))).toBe(Number(text)));
});
