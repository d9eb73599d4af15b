import OpenAI from "openai";
import { beforeAll, describe, expect, it } from "vitest";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("anthropic");
}, 60_000);

interface Options {
  model?: string;
  stream?: boolean;
  usage?: boolean;
  /** 0 pass, 1 ignore, 2 concat. */
  reasoning?: number;
}

const start = ({ model = "c", stream = false, usage = false, reasoning = 0 }: Options = {}) =>
  units.exports.start(units.put(model), stream ? 1 : 0, usage ? 1 : 0, reasoning);

const requestText = (body: unknown, options: Options = {}) => {
  start(options);
  return units.text(units.exports.request(units.put(typeof body === "string" ? body : JSON.stringify(body))));
};

/** The upstream body for a chat request; messages and model are filled in. */
const request = (body: Record<string, unknown>, options: Options = {}) => {
  const text = requestText({ model: "client", messages: [{ role: "user", content: "ping" }], ...body }, options);
  if (text.startsWith("!")) throw new Error(`refused: ${text}`);
  return JSON.parse(text);
};

const refusal = (body: Record<string, unknown>) => {
  const text = requestText({ messages: [{ role: "user", content: "ping" }], ...body });
  expect(text[0]).toBe("!");
  const [problem, param] = text.slice(1).split("|");
  expect(problem.length).toBeGreaterThan(10);
  return param;
};

const messages = (list: unknown[], options: Options = {}) => request({ messages: list }, options).messages;

const message = (content: unknown, more: Record<string, unknown> = {}) => ({
  id: "msg_7",
  type: "message",
  role: "assistant",
  model: "c-up",
  content,
  stop_reason: "end_turn",
  usage: { input_tokens: 11, output_tokens: 4 },
  ...more,
});

const response = (body: unknown, options: Options = {}) => {
  start(options);
  const text = units.text(units.exports.response(units.put(typeof body === "string" ? body : JSON.stringify(body))));
  if (text === "!") throw new Error("not understood");
  return JSON.parse(text);
};

/** The usage object that clients get: both details objects are always there. */
const usageOf = (input: number, output: number, cached = 0, reasoning = 0) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: reasoning },
});

const counts = () => units.text(units.exports.counts()).split(",");

const event = (data: Record<string, unknown>, end = "\n") => `event: ${data.type}${end}data: ${JSON.stringify(data)}${end}${end}`;
const messageStart = (usage: Record<string, unknown> = { input_tokens: 20, output_tokens: 1 }) => ({
  type: "message_start",
  message: { id: "msg_s1", type: "message", role: "assistant", model: "c-up", content: [], usage },
});
const blockStart = (index: number, content_block: unknown) => ({ type: "content_block_start", index, content_block });
const delta = (index: number, type: string, more: Record<string, unknown>) => ({
  type: "content_block_delta",
  index,
  delta: { type, ...more },
});
const blockStop = (index: number) => ({ type: "content_block_stop", index });
const messageDelta = (stop_reason: string | null, usage: unknown = { output_tokens: 6 }) => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence: null },
  usage,
});
const messageStop = { type: "message_stop" };
const ping = { type: "ping" };

const textStream = [
  messageStart(),
  blockStart(0, { type: "text", text: "" }),
  ping,
  delta(0, "text_delta", { text: "你好" }),
  delta(0, "text_delta", { text: " world" }),
  blockStop(0),
  messageDelta("end_turn"),
  messageStop,
];
const toolStream = [
  messageStart(),
  blockStart(0, { type: "text", text: "" }),
  delta(0, "text_delta", { text: "let me" }),
  blockStop(0),
  blockStart(1, { type: "tool_use", id: "tu_9", name: "get_rate", input: {} }),
  delta(1, "input_json_delta", { partial_json: "" }),
  delta(1, "input_json_delta", { partial_json: '{"pair":' }),
  delta(1, "input_json_delta", { partial_json: '"EURUSD"}' }),
  blockStop(1),
  blockStart(2, { type: "tool_use", id: "tu_10", name: "now", input: {} }),
  blockStop(2),
  messageDelta("tool_use", { output_tokens: 9 }),
  messageStop,
];
const thinkingStream = [
  messageStart({ input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 7, output_tokens: 1 }),
  blockStart(0, { type: "thinking", thinking: "", signature: "" }),
  delta(0, "thinking_delta", { thinking: 'so "it' }),
  delta(0, "thinking_delta", { thinking: '"\n…' }),
  delta(0, "signature_delta", { signature: "sig/+==" }),
  blockStop(0),
  blockStart(1, { type: "redacted_thinking", data: "ENC" }),
  blockStop(1),
  blockStart(2, { type: "text", text: "" }),
  delta(2, "text_delta", { text: "ok" }),
  blockStop(2),
  messageDelta("end_turn", { output_tokens: 30, output_tokens_details: { thinking_tokens: 21 } }),
  messageStop,
];

/** The whole client stream for upstream bytes that arrive in the given pieces. */
const streamBytes = (pieces: (string | Uint8Array)[], options: Options = {}) => {
  start({ stream: true, usage: true, ...options });
  let out = "";
  const decoder = new TextDecoder();
  const add = (pointer: number) => (out += decoder.decode(units.get(pointer), { stream: true }));
  for (const piece of pieces) add(units.exports.chunk(units.put(piece)));
  add(units.exports.end());
  return out;
};

const parse = (out: string) =>
  out
    .split("\n\n")
    .slice(0, -1)
    .map((block) => {
      expect(block.startsWith("data: ")).toBe(true);
      return block === "data: [DONE]" ? "[DONE]" : JSON.parse(block.slice(6));
    });

const stream = (events: Record<string, unknown>[], options: Options = {}) =>
  parse(streamBytes([events.map((e) => event(e)).join("")], options));

const TRUNCATED = { error: { type: "upstream_error", code: "stream_truncated" } };

describe("the request: conversation", () => {
  it("CL-02 moves one system message to the system string", () => {
    const body = request({
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "hi" },
      ],
    });
    expect(body.system).toBe("be brief");
    expect(body.messages).toEqual([{ role: "user", content: "hi" }]);
  });

  it("keeps every system and developer message, wherever it stands, with cache_control", () => {
    const body = request({
      messages: [
        {
          role: "system",
          content: [
            { type: "text", text: "a", cache_control: { type: "ephemeral" } },
            { type: "text", text: "b" },
          ],
        },
        { role: "user", content: "hi" },
        { role: "developer", content: "c", cache_control: { type: "ephemeral", ttl: "1h" } },
      ],
    });
    expect(body.system).toEqual([
      { type: "text", text: "a", cache_control: { type: "ephemeral" } },
      { type: "text", text: "b" },
      { type: "text", text: "c", cache_control: { type: "ephemeral", ttl: "1h" } },
    ]);
    expect(body.messages).toEqual([{ role: "user", content: "hi" }]);
  });

  it("asks with the system text when there is nothing else", () => {
    const body = request({ messages: [{ role: "system", content: "say hi" }] });
    expect(body.system).toBeUndefined();
    expect(body.messages).toEqual([{ role: "user", content: "say hi" }]);
  });

  it("leaves out a blank system message", () => {
    expect(
      request({
        messages: [
          { role: "system", content: " \n\t" },
          { role: "user", content: "x" },
        ],
      }).system,
    ).toBeUndefined();
  });

  it("drops blank text, and messages that hold nothing else", () => {
    expect(
      messages([
        {
          role: "user",
          content: [
            { type: "text", text: "" },
            { type: "text", text: "x" },
          ],
        },
        { role: "assistant", content: "\u000b\n " },
        { role: "user", content: "" },
        { role: "user", content: "y" },
      ]),
    ).toEqual([
      { role: "user", content: [{ type: "text", text: "x" }] },
      { role: "user", content: "y" },
    ]);
  });

  it("refuses a conversation without content", () => {
    expect(refusal({ messages: [{ role: "user", content: " " }] })).toBe("messages");
    expect(refusal({ messages: [] })).toBe("messages");
    expect(refusal({ messages: "x" })).toBe("messages");
    expect(refusal({ messages: { role: "user" } })).toBe("messages");
  });

  it("copies text as it is spelt", () => {
    const text = requestText('{"messages":[{"role":"user","content":"\\u00e9\\/ \\ud83d\\ude00 \\"q\\" \\\\"}]}');
    expect(text).toContain('"content":"\\u00e9\\/ \\ud83d\\ude00 \\"q\\" \\\\"');
  });

  it("CL-13 puts tool calls behind the text, arguments as an object", () => {
    expect(
      messages([
        { role: "user", content: "rate?" },
        {
          role: "assistant",
          content: "looking",
          tool_calls: [{ id: "tc_1", type: "function", function: { name: "get_rate", arguments: '{"pair":"EURUSD"}' } }],
        },
        { role: "tool", tool_call_id: "tc_1", content: "1.09" },
      ]),
    ).toEqual([
      { role: "user", content: "rate?" },
      {
        role: "assistant",
        content: [
          { type: "text", text: "looking" },
          { type: "tool_use", id: "tc_1", name: "get_rate", input: { pair: "EURUSD" } },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "tc_1", content: "1.09" }] },
    ]);
  });

  const call = (id: string, args: unknown = "{}") => ({ id, type: "function", function: { name: "f", arguments: args } });

  it("merges all results of a turn in one user message before any text", () => {
    const result = messages([
      { role: "user", content: "go" },
      { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "user", content: "and?" },
      { role: "system", content: "s" },
      {
        role: "tool",
        tool_call_id: "b",
        content: [
          { type: "text", text: "2" },
          { type: "text", text: " " },
        ],
      },
    ]);
    expect(result.slice(2)).toEqual([
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "1" },
          { type: "tool_result", tool_use_id: "b", content: [{ type: "text", text: "2" }] },
        ],
      },
      { role: "user", content: "and?" },
    ]);
  });

  it("keeps results of two turns apart", () => {
    const result = messages([
      { role: "user", content: "go" },
      { role: "assistant", tool_calls: [call("a")] },
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "assistant", tool_calls: [call("b")] },
      { role: "tool", tool_call_id: "b", content: "2" },
    ]);
    expect(result.map((m: { role: string }) => m.role)).toEqual(["user", "assistant", "user", "assistant", "user"]);
  });

  it("marks failed tools and takes images in results", () => {
    const [, , { content }] = messages([
      { role: "user", content: "go" },
      { role: "assistant", tool_calls: [call("a")] },
      {
        role: "tool",
        tool_call_id: "a",
        is_error: true,
        cache_control: { type: "ephemeral" },
        content: [{ type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } }],
      },
    ]);
    expect(content).toEqual([
      {
        type: "tool_result",
        tool_use_id: "a",
        content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "QQ==" } }],
        is_error: true,
        cache_control: { type: "ephemeral" },
      },
    ]);
  });

  it("reads a failure out of a result that is an object with an error", () => {
    const marked = (content: unknown, more = {}) =>
      messages([
        { role: "assistant", tool_calls: [call("a")] },
        { role: "tool", tool_call_id: "a", content, ...more },
      ])[1].content[0].is_error;
    expect(marked('{"error":"city not found"}')).toBe(true);
    expect(marked(' {"a":[1],"err\\u006fr":{"code":5}} ')).toBe(true);
    for (const fine of ['{"error":null,"a":1}', '{"error":false}', '{"a":{"error":1}}', "error", '{"error":1', "[]", "", '{"error":1} x'])
      expect(marked(fine), fine).toBeUndefined();
    expect(marked('{"error":"x"}', { is_error: false })).toBeUndefined();
  });

  it("puts cache marks where Anthropic takes them: on results and calls themselves", () => {
    const mark = { cache_control: { type: "ephemeral" } };
    const [, assistant, results] = messages([
      { role: "user", content: "go" },
      { role: "assistant", content: "ok", tool_calls: [{ ...call("a"), ...mark }, call("b")] },
      {
        role: "tool",
        tool_call_id: "a",
        content: [
          { type: "text", text: "1", ...mark },
          { type: "text", text: "2", cache_control: null },
        ],
      },
      { role: "tool", tool_call_id: "b", content: [{ type: "text", text: "3", cache_control: { type: "" } }] },
    ]);
    expect(assistant.content).toEqual([
      { type: "text", text: "ok" },
      { type: "tool_use", id: "a", name: "f", input: {}, ...mark },
      { type: "tool_use", id: "b", name: "f", input: {} },
    ]);
    expect(results.content).toEqual([
      {
        type: "tool_result",
        tool_use_id: "a",
        content: [
          { type: "text", text: "1" },
          { type: "text", text: "2" },
        ],
        ...mark,
      },
      { type: "tool_result", tool_use_id: "b", content: [{ type: "text", text: "3" }] },
    ]);
  });

  it("takes thinking as content parts, under Anthropic's and Envoy AI Gateway's names, and one part without a list", () => {
    const content = (value: unknown) =>
      messages([
        { role: "user", content: "q" },
        { role: "assistant", content: value },
        { role: "user", content: "r" },
      ])[1].content;
    const text = { type: "text", text: "t" };
    expect(
      content([
        { type: "thinking", text: "hm", signature: "s" },
        { type: "thinking", thinking: "so", signature: "s2", index: 4 },
        { type: "thinking", text: "unsigned" },
        { type: "redacted_thinking", redactedContent: "E" },
        { type: "redacted_thinking", data: "F" },
        text,
      ]),
    ).toEqual([
      { type: "thinking", thinking: "hm", signature: "s" },
      { type: "thinking", thinking: "so", signature: "s2" },
      { type: "redacted_thinking", data: "E" },
      { type: "redacted_thinking", data: "F" },
      text,
    ]);
    expect(content({ type: "refusal", refusal: "no" })).toEqual([{ type: "text", text: "no" }]);
  });

  it("makes ids that Anthropic accepts, the same on both sides", () => {
    const result = messages([
      { role: "user", content: "go" },
      { role: "assistant", tool_calls: [call("functions.f:0")] },
      { role: "tool", tool_call_id: "functions.f:0", content: "1" },
    ]);
    expect(result[1].content[0].id).toBe("functions_f_0");
    expect(result[2].content[0].tool_use_id).toBe("functions_f_0");
  });

  it("takes empty arguments as {}, objects as they are, and keeps numbers spelt", () => {
    for (const empty of ["", " ", null]) {
      expect(
        messages([
          { role: "user", content: "x" },
          { role: "assistant", tool_calls: [call("a", empty)] },
        ])[1].content[0].input,
      ).toEqual({});
    }
    expect(
      messages([
        { role: "user", content: "x" },
        { role: "assistant", tool_calls: [call("a", { k: 1 })] },
      ])[1].content[0].input,
    ).toEqual({ k: 1 });
    const text = requestText({
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", tool_calls: [call("a", '{"n":12345678901234567890,"f":1.50,"s":"\\u00e9\\n"}')] },
      ],
    });
    expect(text).toContain('"input":{"n":12345678901234567890,"f":1.50,"s":"\\u00e9\\n"}');
  });

  it("refuses arguments that are no JSON object and says where", () => {
    for (const bad of ['{"a":', "[1]", "nope", '{"a":1} x', 7]) {
      const list = [
        { role: "user", content: "x" },
        { role: "assistant", tool_calls: [call("a"), call("b", bad)] },
      ];
      expect(refusal({ messages: list })).toBe("messages[1].tool_calls[1].function.arguments");
    }
  });

  it("speaks the older function_call form", () => {
    expect(
      messages([
        { role: "user", content: "x" },
        { role: "assistant", content: null, function_call: { name: "f", arguments: '{"a":1}' } },
        { role: "function", name: "f", content: "r" },
      ]).slice(1),
    ).toEqual([
      { role: "assistant", content: [{ type: "tool_use", id: "call_f", name: "f", input: { a: 1 } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_f", content: "r" }] },
    ]);
  });

  it("cuts white space at the end of a final assistant message only", () => {
    expect(
      messages([
        { role: "assistant", content: "a \n" },
        { role: "user", content: "x" },
        { role: "assistant", content: "b\\n \n\t" },
      ]),
    ).toEqual([
      { role: "assistant", content: "a \n" },
      { role: "user", content: "x" },
      { role: "assistant", content: "b\\n" },
    ]);
    expect(
      messages([
        { role: "user", content: "x" },
        {
          role: "assistant",
          content: [
            { type: "text", text: "a " },
            { type: "text", text: "b " },
            { type: "text", text: " " },
          ],
        },
      ])[1].content,
    ).toEqual([
      { type: "text", text: "a " },
      { type: "text", text: "b" },
    ]);
  });

  it("cuts it behind thinking too", () => {
    const last = { role: "assistant", content: "b\n", reasoning_content: "t", signature: "s" };
    expect(messages([{ role: "user", content: "x" }, last])[1].content).toEqual([
      { type: "thinking", thinking: "t", signature: "s" },
      { type: "text", text: "b" },
    ]);
  });

  it("keeps visible characters that look like the end of an escape", () => {
    for (const content of ["Sum", "turn", "tab t", "x0020", "5", "é", "c:\\new\\n"]) {
      expect(
        messages([
          { role: "user", content: "x" },
          { role: "assistant", content },
        ])[1].content,
      ).toBe(content);
    }
    const text = requestText('{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"a\\u000a\\u0020"}]}');
    expect(JSON.parse(text).messages[1].content).toBe("a");
  });

  it("gives an earlier refusal back as text", () => {
    expect(
      messages([
        { role: "user", content: "x" },
        { role: "assistant", content: null, refusal: "no." },
        { role: "user", content: "y" },
      ])[1],
    ).toEqual({
      role: "assistant",
      content: [{ type: "text", text: "no." }],
    });
  });

  it("refuses unknown roles, parts and calls without id, by place", () => {
    expect(
      refusal({
        messages: [
          { role: "user", content: "x" },
          { role: "critic", content: "x" },
        ],
      }),
    ).toBe("messages[1].role");
    expect(refusal({ messages: [{ content: "x" }] })).toBe("messages[0].role");
    expect(refusal({ messages: [7] })).toBe("messages[0].role");
    expect(
      refusal({
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "a" },
              { type: "input_audio", input_audio: {} },
            ],
          },
        ],
      }),
    ).toBe("messages[0].content[1].type");
    expect(refusal({ messages: [{ role: "user", content: 7 }] })).toBe("messages[0].content");
    expect(refusal({ messages: [{ role: "assistant", tool_calls: [{ type: "function", function: { name: "f" } }] }] })).toBe(
      "messages[0].tool_calls[0].id",
    );
    expect(refusal({ messages: [{ role: "tool", content: "x" }] })).toBe("messages[0].tool_call_id");
    expect(
      refusal({
        messages: [
          { role: "system", content: [{ type: "image" }] },
          { role: "user", content: "x" },
        ],
      }),
    ).toBe("messages[0].content[0].type");
  });

  it("refuses what is no JSON object", () => {
    for (const body of ["", "[]", "null", '{"messages":', "\u0000"]) expect(requestText(body)[0]).toBe("!");
  });
});

describe("the request: images and files", () => {
  const parts = (...content: unknown[]) => messages([{ role: "user", content }])[0].content;
  const url = (value: string) => ({ type: "image_url", image_url: { url: value, detail: "high" } });

  it("CL-15 takes inline images as base64", () => {
    expect(parts({ type: "text", text: "what" }, url("data:image/png;base64,QUJD"))).toEqual([
      { type: "text", text: "what" },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "QUJD" } },
    ]);
  });

  it("CL-16 takes remote images as urls", () => {
    expect(parts(url("https://img.test/a.png"))).toEqual([{ type: "image", source: { type: "url", url: "https://img.test/a.png" } }]);
  });

  it("keeps cache_control of parts, takes image/jpg as jpeg, parameters and escaped slashes", () => {
    expect(parts({ ...url("data:image/jpg;charset=x;base64,QQ"), cache_control: { type: "ephemeral" } })).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "QQ" }, cache_control: { type: "ephemeral" } },
    ]);
    const text = requestText(
      '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image\\/png;base64,a\\/b"}}]}]}',
    );
    expect(JSON.parse(text).messages[0].content[0].source).toEqual({ type: "base64", media_type: "image/png", data: "a/b" });
  });

  it("takes a PDF as a document with its name", () => {
    const source = { type: "base64", media_type: "application/pdf", data: "JVBERi0x" };
    expect(parts({ type: "file", file: { filename: "a b.pdf", file_data: "data:application/pdf;base64,JVBERi0x" } })).toEqual([
      { type: "document", source, title: "a b.pdf" },
    ]);
    expect(parts({ type: "file", file: { file_data: "JVBERi0x" } })).toEqual([{ type: "document", source }]);
    expect(parts(url("data:application/pdf;base64,JVBERi0x"))).toEqual([{ type: "document", source }]);
    expect(parts(url("https://x.test/a.PDF?x=1.png"))[0].type).toBe("document");
  });

  it("passes Anthropic's own blocks", () => {
    const block = { type: "document", source: { type: "text", media_type: "text/plain", data: "x" }, citations: { enabled: true } };
    expect(parts(block)).toEqual([block]);
  });

  it("refuses what it cannot send", () => {
    const place = (part: unknown) => refusal({ messages: [{ role: "user", content: [part] }] });
    expect(place(url("ftp://x/y"))).toBe("messages[0].content[0].image_url.url");
    expect(place(url("data:image/png,abc"))).toBe("messages[0].content[0]");
    expect(place(url("data:text/html;base64,QQ"))).toBe("messages[0].content[0]");
    expect(place(url("data:image/png;base64,"))).toBe("messages[0].content[0]");
    expect(place(url("data:"))).toBe("messages[0].content[0]");
    expect(place({ type: "file", file: { file_id: "file-1" } })).toBe("messages[0].content[0].file.file_data");
  });
});

describe("the request: tools", () => {
  const tools = [
    {
      type: "function",
      function: {
        name: "get_rate",
        description: "fx",
        strict: true,
        parameters: { type: "object", properties: { pair: { type: "string" } }, required: ["pair"] },
      },
    },
  ];

  it("CL-09 renames parameters to input_schema and keeps strict", () => {
    expect(request({ tools }).tools).toEqual([
      {
        name: "get_rate",
        description: "fx",
        strict: true,
        input_schema: { type: "object", properties: { pair: { type: "string" } }, required: ["pair"] },
      },
    ]);
  });

  it("fills in a schema that is missing or has no type", () => {
    const schema = (parameters?: unknown) =>
      request({ tools: [{ type: "function", function: { name: "f", strict: false, parameters } }] }).tools[0];
    const empty = { name: "f", input_schema: { type: "object", properties: {} } };
    expect(schema()).toEqual(empty);
    expect(schema({})).toEqual(empty);
    expect(schema(null)).toEqual(empty);
    expect(schema({ properties: { a: {} } }).input_schema).toEqual({ type: "object", properties: { a: {} } });
  });

  it("keeps cache_control, passes Anthropic's own tools, takes `functions`", () => {
    const search = { type: "web_search_20250305", name: "web_search", max_uses: 3 };
    const body = request({ tools: [{ ...tools[0], cache_control: { type: "ephemeral" } }, search] });
    expect(body.tools[0].cache_control).toEqual({ type: "ephemeral" });
    expect(body.tools[1]).toEqual(search);
    expect(request({ functions: [{ name: "g" }], function_call: { name: "g" } })).toMatchObject({
      tools: [{ name: "g" }],
      tool_choice: { type: "tool", name: "g" },
    });
    expect(refusal({ tools: [{ type: "custom", custom: { name: "x" } }] })).toBe("tools[0].type");
    expect(refusal({ tools: [tools[0], { type: "function", function: {} }] })).toBe("tools[1].function.name");
  });

  it("CL-12 maps every tool_choice", () => {
    const choice = (tool_choice: unknown, more = {}) => request({ tools, tool_choice, ...more }).tool_choice;
    expect(choice("none")).toEqual({ type: "none" });
    expect(choice("auto")).toEqual({ type: "auto" });
    expect(choice("required")).toEqual({ type: "any" });
    expect(choice({ type: "function", function: { name: "get_rate" } })).toEqual({ type: "tool", name: "get_rate" });
    expect(choice(undefined)).toBeUndefined();
    expect(request({ tool_choice: "required" }).tool_choice).toBeUndefined();
  });

  it("offers the allowed tools only", () => {
    const allowed = (names: string[], flat = false) => {
      const list = names.map((name) => (flat ? { type: "function", name } : { type: "function", function: { name } }));
      const tool_choice = {
        type: "allowed_tools",
        ...(flat ? { mode: "auto", tools: list } : { allowed_tools: { mode: "required", tools: list } }),
      };
      return { tools: [...tools, { type: "web_search_20250305", name: "web_search" }], tool_choice };
    };
    const names = (body: any) => body.tools.map((tool: any) => tool.name);
    const one = request(allowed(["get_rate", "unknown"]));
    expect([names(one), one.tool_choice]).toEqual([["get_rate"], { type: "any" }]);
    const flat = request(allowed(["web_search"], true));
    expect([names(flat), flat.tool_choice]).toEqual([["web_search"], { type: "auto" }]);
    for (const list of [[], ["unknown"]]) expect(refusal(allowed(list))).toBe("tool_choice");
    expect(names(request({ tools, tool_choice: { type: "allowed_tools" } }))).toEqual(tools.map((tool) => tool.function.name));
  });

  it("says when calls must not be parallel", () => {
    const choice = (tool_choice: unknown, parallel_tool_calls: boolean) => request({ tools, tool_choice, parallel_tool_calls }).tool_choice;
    expect(choice(undefined, false)).toEqual({ type: "auto", disable_parallel_tool_use: true });
    expect(choice("required", false)).toEqual({ type: "any", disable_parallel_tool_use: true });
    expect(choice("none", false)).toEqual({ type: "none" });
    expect(choice(undefined, true)).toBeUndefined();
    expect(choice("auto", true)).toEqual({ type: "auto", disable_parallel_tool_use: false });
  });

  it("does not force a tool while the model thinks", () => {
    expect(request({ tools, tool_choice: "required", reasoning_effort: "low" }).tool_choice).toEqual({ type: "auto" });
    expect(request({ tools, tool_choice: "none", reasoning_effort: "low" }).tool_choice).toEqual({ type: "none" });
  });
});

describe("the request: settings", () => {
  it("CL-04 CL-05 sends max_tokens always", () => {
    expect(request({}).max_tokens).toBe(4096);
    expect(request({ max_tokens: 10 }).max_tokens).toBe(10);
    expect(request({ max_tokens: 10, max_completion_tokens: 20 }).max_tokens).toBe(20);
    expect(request({ max_tokens: 0, max_completion_tokens: null }).max_tokens).toBe(0);
    expect(refusal({ max_tokens: "9" })).toBe("max_tokens");
  });

  it("CL-07 passes stop sequences, string or list, without blank ones", () => {
    expect(request({ stop: ["A", "B"] }).stop_sequences).toEqual(["A", "B"]);
    expect(request({ stop: "A" }).stop_sequences).toEqual(["A"]);
    expect(request({ stop: ["", "\n", "END "] }).stop_sequences).toEqual(["END "]);
    for (const stop of [null, "", [], [" "], 7, {}]) expect(request({ stop }).stop_sequences).toBeUndefined();
  });

  it("CL-08 keeps zeros and spelling, clamps temperature", () => {
    expect(request({ temperature: 0, top_p: 0, top_k: 0 })).toMatchObject({ temperature: 0, top_p: 0, top_k: 0 });
    const text = requestText('{"messages":[{"role":"user","content":"x"}],"temperature":0.70,"top_p":9e-1}');
    expect(text).toContain('"temperature":0.70');
    expect(text).toContain('"top_p":9e-1');
    expect(request({ temperature: 1.7 }).temperature).toBe(1);
    expect(request({ temperature: -1 }).temperature).toBe(0);
    expect(request({ temperature: 1 }).temperature).toBe(1);
    expect(request({ temperature: null })).not.toHaveProperty("temperature");
  });

  it("CL-17 turns effort into a budget", () => {
    const thinking = (reasoning_effort: unknown, more = {}) => request({ reasoning_effort, ...more });
    expect(thinking("medium", { max_tokens: 9000 })).toMatchObject({
      max_tokens: 9000,
      thinking: { type: "enabled", budget_tokens: 8192 },
    });
    expect(thinking("low").thinking).toEqual({ type: "enabled", budget_tokens: 1024 });
    expect(thinking("high").thinking).toEqual({ type: "enabled", budget_tokens: 16384 });
    for (const none of ["none", "minimal", null]) expect(thinking(none)).not.toHaveProperty("thinking");
    expect(request({ reasoning: { max_tokens: 2000 } }).thinking.budget_tokens).toBe(2000);
    expect(request({ reasoning_max_tokens: 5 }).thinking.budget_tokens).toBe(1024);
  });

  it("keeps the client's limit, below which the budget has to fit", () => {
    const settings = (body: Record<string, unknown>) => {
      const { max_tokens, thinking, temperature } = request({ temperature: 0.5, ...body });
      return { max_tokens, thinking, temperature };
    };
    const enabled = (budget_tokens: number) => ({ type: "enabled", budget_tokens });
    expect(settings({ reasoning_effort: "high" })).toEqual({ max_tokens: 16384 + 4096, thinking: enabled(16384) });
    expect(settings({ reasoning_effort: "medium", max_tokens: 8193 })).toEqual({ max_tokens: 8193, thinking: enabled(8192) });
    expect(settings({ reasoning_effort: "medium", max_tokens: 8192 })).toEqual({ max_tokens: 8192, thinking: enabled(4096) });
    expect(settings({ reasoning_effort: "high", max_completion_tokens: 1025 })).toEqual({ max_tokens: 1025, thinking: enabled(1024) });
    expect(settings({ reasoning_effort: "low", max_tokens: 1024 })).toEqual({ max_tokens: 1024, temperature: 0.5 });
    const own = { type: "enabled", budget_tokens: 5000, display: "omitted" };
    expect(settings({ thinking: own, max_tokens: 100 })).toEqual({ max_tokens: 100, temperature: 0.5 });
    expect(settings({ thinking: own, max_tokens: 5000 })).toEqual({ max_tokens: 5000, thinking: { ...own, budget_tokens: 2500 } });
    expect(settings({ thinking: own, max_tokens: 5001 })).toEqual({ max_tokens: 5001, thinking: own });
  });

  it("leaves out sampling while the model thinks", () => {
    const body = request({ reasoning_effort: "low", temperature: 0.2, top_k: 5, top_p: 0.5 });
    for (const name of ["temperature", "top_k", "top_p"]) expect(body).not.toHaveProperty(name);
    expect(request({ reasoning_effort: "low", top_p: 0.97 }).top_p).toBe(0.97);
    expect(request({ thinking: { type: "disabled" }, temperature: 0.2 })).toMatchObject({
      thinking: { type: "disabled" },
      temperature: 0.2,
    });
  });

  it("passes a thinking object as it is", () => {
    const text = requestText('{"messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens": 2048, "x":1}}');
    expect(text).toContain('"thinking":{"type":"enabled","budget_tokens": 2048, "x":1}');
  });

  it("speaks the adaptive form to models that know no budget", () => {
    for (const model of ["claude-opus-4-7", "anthropic/claude-opus-4.8", "claude-sonnet-5", "claude-haiku-5-5", "claude-mythos-preview"]) {
      const body = request({ reasoning_effort: "xhigh", temperature: 0.5, top_p: 0.9, top_k: 4 }, { model });
      expect(body.thinking, model).toEqual({ type: "adaptive", display: "summarized" });
      expect(body.output_config).toEqual({ effort: "xhigh" });
      for (const name of ["temperature", "top_p", "top_k"]) expect(body).not.toHaveProperty(name);
    }
    for (const model of ["claude-3-5-sonnet-20241022", "claude-opus-4-20250514", "anthropic.claude-opus-4-5-20251101-v1:0", "my-model"]) {
      expect(request({ reasoning_effort: "low" }, { model }).thinking, model).toEqual({ type: "enabled", budget_tokens: 1024 });
    }
  });

  it("sends an effort where the model takes one, with a budget or adaptively", () => {
    const sent = (model: string, more: Record<string, unknown>) => {
      const { thinking, output_config, max_tokens } = request(more, { model });
      return [thinking?.type, thinking?.budget_tokens, output_config?.effort, max_tokens];
    };
    const high = { reasoning_effort: "high" };
    expect(sent("claude-opus-4-6-20260205", high)).toEqual(["adaptive", undefined, "high", 20480]);
    expect(sent("claude-sonnet-4-6", { reasoning_effort: "xhigh" })[2]).toBe("max");
    expect(sent("claude-opus-4-5-20251101", high)).toEqual(["enabled", 16384, "high", 20480]);
    expect(sent("claude-opus-4-5", { reasoning_effort: "max" })[2]).toBe("high");
    expect(sent("claude-sonnet-4-5", high)).toEqual(["enabled", 16384, undefined, 20480]);
    // A budget that the client states is kept where the model knows budgets.
    expect(sent("claude-opus-4-6", { reasoning: { max_tokens: 2000 } })).toEqual(["enabled", 2000, undefined, 6096]);
    expect(sent("claude-opus-4-7", { reasoning_max_tokens: 2000 })).toEqual(["adaptive", undefined, "medium", 20480]);
    expect(sent("claude-opus-4-7", { thinking: { type: "adaptive" }, ...high })).toEqual(["adaptive", undefined, "high", 20480]);
    expect(sent("claude-opus-4-7", { reasoning_effort: "none" })).toEqual([undefined, undefined, undefined, 4096]);
  });

  it("sends one sampler to models that take one", () => {
    const both = { temperature: 0.5, top_p: 0.9 };
    expect(request(both, { model: "claude-sonnet-4-5" })).not.toHaveProperty("top_p");
    expect(request(both, { model: "claude-3-haiku-20240307" })).toMatchObject(both);
    expect(request({ top_p: 0.9 }, { model: "claude-opus-4-1" }).top_p).toBe(0.9);
  });

  it("goes on without thinking in a tool loop that lost its thinking block", () => {
    const loop = (more: object) => [
      { role: "user", content: "x" },
      { role: "assistant", tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }], ...more },
      { role: "tool", tool_call_id: "a", content: "1" },
    ];
    expect(request({ reasoning_effort: "low", messages: loop({}) })).not.toHaveProperty("thinking");
    const signed = { thinking_blocks: [{ type: "thinking", thinking: "t", signature: "s" }] };
    expect(request({ reasoning_effort: "low", messages: loop(signed) }).thinking.budget_tokens).toBe(1024);
    expect(request({ reasoning_effort: "low", messages: [...loop({}), { role: "user", content: "y" }] }).thinking.budget_tokens).toBe(1024);
  });

  it("gives thinking back byte for byte, first in its turn", () => {
    const blocks = (more: object) =>
      messages([
        { role: "user", content: "x" },
        { role: "assistant", content: "hi", ...more },
        { role: "user", content: "y" },
      ])[1].content;
    const thinking = { type: "thinking", thinking: 'a "b"\n', signature: "s/+=" };
    const text = { type: "text", text: "hi" };
    expect(
      blocks({
        thinking_blocks: [
          { index: 0, ...thinking },
          { type: "redacted_thinking", data: "E" },
        ],
      }),
    ).toEqual([thinking, { type: "redacted_thinking", data: "E" }, text]);
    expect(blocks({ reasoning_content: 'a "b"\n', signature: "s/+=" })).toEqual([thinking, text]);
    expect(blocks({ reasoning_content: 'a "b"\n', thinking_blocks: [{ type: "thinking", thinking: "", signature: "s/+=" }] })).toEqual([
      thinking,
      text,
    ]);
    expect(
      blocks({
        reasoning_details: [
          { type: "reasoning.text", text: 'a "b"\n', signature: "s/+=" },
          { type: "reasoning.encrypted", data: "E" },
        ],
      }),
    ).toEqual([thinking, { type: "redacted_thinking", data: "E" }, text]);
    expect(blocks({ reasoning_content: "unsigned" })).toBe("hi");
    const raw = requestText(
      '{"messages":[{"role":"assistant","content":"h","thinking_blocks":[{"type":"thinking","thinking":"\\u00e9\\/","signature":"a\\/b="}]},{"role":"user","content":"y"}]}',
    );
    expect(raw).toContain('{"type":"thinking","thinking":"\\u00e9\\/","signature":"a\\/b="}');
  });

  it("asks for structured output by output_config.format; bare JSON mode is dropped", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
    const format = { type: "json_schema", json_schema: { name: "x", strict: true, schema } };
    expect(request({ response_format: format }).output_config).toEqual({ format: { type: "json_schema", schema } });
    expect(request({ response_format: format, reasoning_effort: "low" }, { model: "claude-opus-5" }).output_config).toEqual({
      effort: "low",
      format: { type: "json_schema", schema },
    });
    expect(request({ response_format: { type: "json_object" } })).not.toHaveProperty("output_config");
    expect(request({ output_config: { effort: "max" }, response_format: format }).output_config).toEqual({ effort: "max" });
  });

  it("names the user, the tier, the stream", () => {
    expect(request({ user: "u1" }).metadata).toEqual({ user_id: "u1" });
    expect(request({ user: "u1", metadata: { user_id: "u2", other: "x" } }).metadata).toEqual({ user_id: "u2" });
    expect(request({ safety_identifier: "h" }).metadata).toEqual({ user_id: "h" });
    expect(request({ metadata: { a: "b" } })).not.toHaveProperty("metadata");
    expect(request({ service_tier: "default" }).service_tier).toBe("standard_only");
    expect(request({ service_tier: "auto" }).service_tier).toBe("auto");
    expect(request({ service_tier: "flex" })).not.toHaveProperty("service_tier");
    expect(request({}, { stream: true }).stream).toBe(true);
    expect(request({ stream: false })).not.toHaveProperty("stream");
  });

  it("drops what has no counterpart, and nothing else appears", () => {
    const body = request({
      n: 2,
      seed: 1,
      logit_bias: { 1: 2 },
      logprobs: true,
      top_logprobs: 2,
      presence_penalty: 1,
      frequency_penalty: 1,
      store: true,
      modalities: ["text"],
      prediction: {},
      verbosity: "low",
      stream_options: { include_usage: true },
      foo: 1,
    });
    expect(body).toEqual({ model: "c", max_tokens: 4096, messages: [{ role: "user", content: "ping" }] });
  });

  it("leaves the model to the path for hosts that want it there", () => {
    start();
    units.exports.bodyVersion(units.put("vertex-2023-10-16"));
    const text = units.text(units.exports.request(units.put('{"model":"m","messages":[{"role":"user","content":"x"}]}')));
    expect(JSON.parse(text)).toEqual({
      anthropic_version: "vertex-2023-10-16",
      max_tokens: 4096,
      messages: [{ role: "user", content: "x" }],
    });
    expect(units.text(units.exports.path())).toBe("/v1/messages");
  });
});

describe("the response", () => {
  it("CL-21 is a chat completion with usage", () => {
    expect(response(message([{ type: "text", text: "hello" }]))).toEqual({
      id: "msg_7",
      object: "chat.completion",
      created: 1700000000,
      model: "c-up",
      choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
      usage: usageOf(11, 4),
    });
    expect(counts()).toEqual(["11", "4", "15", "-1", "-1", "-1", "msg_7", "c-up"]);
  });

  it("joins text blocks and leaves out server tools", () => {
    const body = message([
      { type: "text", text: "a\n" },
      { type: "server_tool_use", id: "s", name: "web_search", input: { q: 1 } },
      { type: "web_search_tool_result", tool_use_id: "s", content: [] },
      { type: "text", text: "b", citations: [] },
    ]);
    expect(response(body).choices[0].message).toEqual({ role: "assistant", content: "a\nb" });
  });

  it("CL-23 gives tool calls with arguments as text, content null", () => {
    const body = message(
      [
        { type: "tool_use", id: "tu_1", name: "get_rate", input: { pair: 'EUR"USD' } },
        { type: "tool_use", id: "tu_2", name: "now" },
      ],
      {
        stop_reason: "tool_use",
      },
    );
    expect(response(body).choices[0]).toEqual({
      index: 0,
      message: {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "tu_1", type: "function", function: { name: "get_rate", arguments: '{"pair":"EUR\\"USD"}' } },
          { id: "tu_2", type: "function", function: { name: "now", arguments: "{}" } },
        ],
      },
      finish_reason: "tool_calls",
    });
  });

  it("has null content when all text beside tool calls is empty", () => {
    const { message: told } = response(
      message(
        [
          { type: "text", text: "" },
          { type: "tool_use", id: "t", name: "f", input: {} },
        ],
        { stop_reason: "tool_use" },
      ),
    ).choices[0];
    expect(told.content).toBeNull();
    expect(told.tool_calls[0].function.arguments).toBe("{}");
  });

  it("CL-24 gives thinking as reasoning_content with its blocks, or not, or in tags", () => {
    const body = message([
      { type: "thinking", thinking: "hm\nm", signature: "s/+" },
      { type: "redacted_thinking", data: "E" },
      { type: "text", text: "ok" },
    ]);
    expect(response(body).choices[0].message).toEqual({
      role: "assistant",
      content: "ok",
      reasoning_content: "hm\nm",
      thinking_blocks: [
        { type: "thinking", thinking: "hm\nm", signature: "s/+" },
        { type: "redacted_thinking", data: "E" },
      ],
    });
    expect(response(body, { reasoning: 1 }).choices[0].message).toEqual({ role: "assistant", content: "ok" });
    expect(response(body, { reasoning: 2 }).choices[0].message).toEqual({ role: "assistant", content: "<think>hm\nm</think>\nok" });
  });

  it("what it answers can be sent back", () => {
    const content = [
      { type: "thinking", thinking: "é\u2028", signature: "s" },
      { type: "text", text: "t" },
      { type: "tool_use", id: "a", name: "f", input: { x: [1, null] } },
    ];
    const reply = response(message(content)).choices[0].message;
    expect(messages([{ role: "user", content: "x" }, reply, { role: "tool", tool_call_id: "a", content: "r" }])[1]).toEqual({
      role: "assistant",
      content,
    });
  });

  it("maps every stop reason, unknown ones to stop", () => {
    const reason = (stop_reason: unknown) => response(message([{ type: "text", text: "x" }], { stop_reason })).choices[0].finish_reason;
    const table = {
      end_turn: "stop",
      stop_sequence: "stop",
      pause_turn: "stop",
      max_tokens: "length",
      model_context_window_exceeded: "length",
      tool_use: "tool_calls",
      refusal: "content_filter",
      brand_new: "stop",
    };
    for (const [from, to] of Object.entries(table)) expect(reason(from), from).toBe(to);
    expect(reason(null)).toBe("stop");
  });

  it("gives the explanation of a refusal", () => {
    const body = message([], { stop_reason: "refusal", stop_details: { type: "refusal", category: "cyber", explanation: "no" } });
    expect(response(body).choices[0]).toEqual({
      index: 0,
      message: { role: "assistant", content: null, refusal: "no" },
      finish_reason: "content_filter",
    });
  });

  it("counts cached tokens as input", () => {
    const usage = {
      input_tokens: 5,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 7,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 3 },
    };
    expect(response(message([], { usage })).usage).toEqual({
      ...usageOf(112, 9, 100, 3),
      prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 7, cache_creation_input_tokens: 7 },
    });
    expect(response(message([], { usage: { input_tokens: 1, cache_read_input_tokens: null, output_tokens: 2 } })).usage).toEqual(
      usageOf(1, 2),
    );
    expect(response(message([], { usage: undefined }))).not.toHaveProperty("usage");
  });

  it("names itself when the upstream does not", () => {
    expect(response({ content: [] })).toMatchObject({ id: "chatcmpl-42", model: "c", choices: [{ message: { content: "" } }] });
  });

  it("says so when it cannot be understood", () => {
    for (const body of ["", "<html>", "[]", "{}", '{"content":"x"}', '{"content":['])
      expect(() => response(body)).toThrow("not understood");
  });
});

describe("the stream", () => {
  it("CL-28 is role, text, finish, usage, DONE", () => {
    const head = { id: "msg_s1", object: "chat.completion.chunk", created: 1700000000, model: "c-up" };
    const chunk = (d: object, finish_reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta: d, finish_reason }],
      usage: null,
    });
    expect(stream(textStream)).toEqual([
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "你好" }),
      chunk({ content: " world" }),
      chunk({}, "stop"),
      { ...head, choices: [], usage: usageOf(20, 6) },
      "[DONE]",
    ]);
    expect(counts()).toEqual(["20", "6", "26", "-1", "-1", "-1", "msg_s1", "c-up"]);
  });

  it("has no usage anywhere unless asked, but counts", () => {
    const out = stream(textStream, { usage: false });
    expect(out).toHaveLength(5);
    expect(JSON.stringify(out)).not.toContain("usage");
    expect(counts()[1]).toBe("6");
  });

  it("CL-31 numbers tools by themselves; a tool without arguments gets {}", () => {
    const calls = stream(toolStream).flatMap((c) => c.choices?.[0]?.delta?.tool_calls ?? []);
    expect(calls).toEqual([
      { index: 0, id: "tu_9", type: "function", function: { name: "get_rate", arguments: "" } },
      { index: 0, function: { arguments: '{"pair":' } },
      { index: 0, function: { arguments: '"EURUSD"}' } },
      { index: 1, id: "tu_10", type: "function", function: { name: "now", arguments: "" } },
      { index: 1, function: { arguments: "{}" } },
    ]);
    expect(stream(toolStream).at(-3).choices[0].finish_reason).toBe("tool_calls");
  });

  it("CL-34 accepts CRLF and any cut", () => {
    const whole = streamBytes([textStream.map((e) => event(e)).join("")]);
    expect(streamBytes([textStream.map((e) => event(e, "\r\n")).join("")])).toBe(whole);
  });

  it.each([
    ["text", textStream],
    ["tools", toolStream],
    ["thinking", thinkingStream],
  ])("gives the same at every cut: %s", (_name, events) => {
    for (const end of ["\n", "\r\n"]) {
      const bytes = new TextEncoder().encode(events.map((e) => event(e as Record<string, unknown>, end)).join(""));
      const whole = streamBytes([bytes]);
      expect(whole.endsWith("data: [DONE]\n\n")).toBe(true);
      for (let cut = 1; cut < bytes.length; cut++) expect(streamBytes([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(whole);
      expect(streamBytes(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe(whole);
      units.exports.collect();
    }
  });

  it("gives thinking as reasoning_content; signed blocks ride on the next chunk", () => {
    const deltas = stream(thinkingStream)
      .map((c) => c.choices?.[0]?.delta)
      .filter((d) => d);
    expect(deltas).toEqual([
      { role: "assistant", content: "" },
      { reasoning_content: 'so "it' },
      { reasoning_content: '"\n…' },
      {
        thinking_blocks: [
          { index: 0, type: "thinking", thinking: 'so "it"\n…', signature: "sig/+==" },
          { index: 1, type: "redacted_thinking", data: "ENC" },
        ],
        content: "ok",
      },
      {},
    ]);
    expect(counts().slice(0, 6)).toEqual(["112", "30", "142", "100", "7", "21"]);
  });

  it("drops thinking or puts it in tags when told to", () => {
    const deltas = (reasoning: number, events = thinkingStream) =>
      stream(events, { reasoning })
        .map((c) => c.choices?.[0]?.delta?.content)
        .filter((d) => d !== undefined);
    expect(deltas(1)).toEqual(["", "ok"]);
    expect(deltas(2)).toEqual(["", '<think>so "it', '"\n…', "</think>\nok"]);
    const noText = [...thinkingStream.slice(0, 6), ...thinkingStream.slice(-2)];
    expect(deltas(2, noText)).toEqual(["", '<think>so "it', '"\n…', "</think>\n"]);
    const tool = [...thinkingStream.slice(0, 6), ...toolStream.slice(4)];
    expect(deltas(2, tool).at(-1)).toBe("</think>\n");
  });

  it("copies text without decoding it", () => {
    const out = streamBytes([
      'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\u00e9\\/\\ud83d"}}\n\n',
    ]);
    expect(out).toContain('"content":"\\u00e9\\/\\ud83d"}');
  });

  it("takes text and input that come with the start of a block", () => {
    const out = stream([
      messageStart(),
      blockStart(0, { type: "text", text: "pre" }),
      blockStop(0),
      blockStart(1, { type: "tool_use", id: "a", name: "f", input: { x: '"' } }),
      blockStop(1),
      messageDelta("tool_use"),
      messageStop,
    ]);
    expect(out[1].choices[0].delta).toEqual({ content: "pre" });
    expect(out[3].choices[0].delta.tool_calls[0].function.arguments).toBe('{"x":"\\""}');
  });

  it("numbers tools by themselves when other blocks stand between", () => {
    const tool = (index: number, id: string) => [
      blockStart(index, { type: "tool_use", id, name: "f", input: {} }),
      delta(index, "input_json_delta", { partial_json: `{"at":${index}}` }),
      blockStop(index),
    ];
    const text = (index: number) => [
      blockStart(index, { type: "text", text: "" }),
      delta(index, "text_delta", { text: "x" }),
      blockStop(index),
    ];
    const out = stream([
      messageStart(),
      ...text(0),
      ...text(1),
      ...tool(2, "a"),
      ...text(3),
      ...tool(4, "b"),
      messageDelta("tool_use"),
      messageStop,
    ]);
    const calls = out.flatMap((c) => c.choices?.[0]?.delta?.tool_calls ?? []);
    expect(calls.map((c) => [c.index, c.id, c.function.arguments])).toEqual([
      [0, "a", ""],
      [0, undefined, '{"at":2}'],
      [1, "b", ""],
      [1, undefined, '{"at":4}'],
    ]);
  });

  it("leaves out server tools and citations", () => {
    const out = stream([
      messageStart(),
      blockStart(0, { type: "server_tool_use", id: "s", name: "web_search", input: {} }),
      delta(0, "input_json_delta", { partial_json: '{"q":1}' }),
      blockStop(0),
      blockStart(1, { type: "web_search_tool_result", tool_use_id: "s", content: [] }),
      blockStop(1),
      blockStart(2, { type: "text", text: "" }),
      delta(2, "citations_delta", { citation: {} }),
      delta(2, "text_delta", { text: "x" }),
      blockStop(2),
      { type: "brand_new", a: 1 },
      messageDelta("end_turn"),
      messageStop,
    ]);
    expect(out.map((c) => c.choices?.[0]?.delta)).toEqual([{ role: "assistant", content: "" }, { content: "x" }, {}, undefined, undefined]);
  });

  it("keeps the last cumulative usage, restated input included", () => {
    const end = (usage: unknown) =>
      stream([
        messageStart({ input_tokens: 3, output_tokens: 7 }),
        messageDelta(null, { output_tokens: 8 }),
        messageDelta("end_turn", usage),
        messageStop,
      ]).at(-2).usage;
    expect(end({ output_tokens: 9 })).toEqual(usageOf(3, 9));
    expect(end({ input_tokens: 4, cache_read_input_tokens: 10, output_tokens: 9 })).toMatchObject({
      prompt_tokens: 14,
      total_tokens: 23,
      prompt_tokens_details: { cached_tokens: 10 },
    });
    expect(end({ input_tokens: 0, output_tokens: 9 }).prompt_tokens).toBe(3);
    expect(end(null).completion_tokens).toBe(8);
  });

  it("ends a truncated stream as an error, then DONE, never with a finish", () => {
    for (let count = 0; count < textStream.length; count++) {
      const out = stream(textStream.slice(0, count));
      expect(out.at(-1)).toBe("[DONE]");
      expect(out.at(-2)).toMatchObject(TRUNCATED);
      expect(out.filter((c) => c.choices?.[0]?.finish_reason)).toEqual([]);
    }
  });

  it("ends at an error event and ignores what follows", () => {
    const out = stream([
      ...textStream.slice(0, 4),
      { type: "error", error: { type: "overloaded_error", message: 'Over"loaded' } },
      ...textStream.slice(4),
    ]);
    expect(out.slice(2)).toEqual([{ error: { message: 'Over"loaded', type: "overloaded_error", param: null, code: null } }, "[DONE]"]);
  });

  it("ends with an error at an event that is no JSON", () => {
    const out = parse(streamBytes([event(messageStart()) + 'data: {"type":"content_block_delta",\n\n' + event(messageStop)]));
    expect(out.slice(1)).toMatchObject([{ error: { code: "invalid_event" } }, "[DONE]"]);
  });

  it("takes a [DONE] of compatible servers as the end once a reason was given", () => {
    const all = textStream
      .slice(0, -1)
      .map((e) => event(e))
      .join("");
    expect(parse(streamBytes([all + "data: [DONE]\n\n"])).slice(-3)).toMatchObject([
      { choices: [{ finish_reason: "stop" }] },
      { choices: [] },
      "[DONE]",
    ]);
    expect(parse(streamBytes(["data: [DONE]\n\n"])).slice(-2)).toMatchObject([TRUNCATED, "[DONE]"]);
  });

  it("writes the role once even when message_start is missing", () => {
    const out = stream(textStream.slice(1));
    expect(out[0]).toMatchObject({ id: "chatcmpl-42", model: "c", choices: [{ delta: { role: "assistant" } }] });
    expect(out.filter((c) => c.choices?.[0]?.delta?.role)).toHaveLength(1);
  });

  it("keeps only the signature of a thinking block that is too long to repeat", () => {
    const piece = "y".repeat(60_000);
    const events = [
      messageStart(),
      blockStart(0, { type: "thinking", thinking: "" }),
      ...Array.from({ length: 4 }, () => delta(0, "thinking_delta", { thinking: piece })),
    ];
    const out = stream([...events, delta(0, "signature_delta", { signature: "s" }), blockStop(0), messageDelta("end_turn"), messageStop]);
    expect(out.filter((c) => c.choices?.[0]?.delta?.reasoning_content).length).toBe(4);
    expect(out.at(-3).choices[0].delta.thinking_blocks).toEqual([{ index: 0, type: "thinking", thinking: "", signature: "s" }]);
  });

  it("is read by the official client, tools and text", async () => {
    const client = new OpenAI({
      apiKey: "k",
      baseURL: "http://gw.test/v1",
      fetch: async () =>
        new Response(streamBytes([toolStream.map((e) => event(e)).join("")]), { headers: { "content-type": "text/event-stream" } }),
    });
    const final = await client.chat.completions
      .stream({ model: "c", messages: [{ role: "user", content: "x" }], stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(final.choices[0].message.content).toBe("let me");
    expect(final.choices[0].message.tool_calls?.map((c) => [c.id, c.type === "function" && c.function.arguments])).toEqual([
      ["tu_9", '{"pair":"EURUSD"}'],
      ["tu_10", "{}"],
    ]);
    expect(final.usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 });
  });
});

describe("the error body", () => {
  const error = (status: number, body: unknown) => {
    start();
    return JSON.parse(units.text(units.exports.error(status, units.put(typeof body === "string" ? body : JSON.stringify(body))))).error;
  };
  const anthropic = (type: string) => ({ type: "error", error: { type, message: 'm "q"' }, request_id: "req_1" });

  it("keeps the message and maps the type", () => {
    expect(error(429, anthropic("rate_limit_error"))).toEqual({ message: 'm "q"', type: "rate_limit_error", param: null, code: null });
    expect(error(400, anthropic("invalid_request_error")).type).toBe("invalid_request_error");
    expect(error(401, anthropic("authentication_error")).type).toBe("authentication_error");
    expect(error(529, anthropic("overloaded_error")).type).toBe("overloaded_error");
    expect(error(500, anthropic("api_error"))).toMatchObject({ type: "server_error", code: "api_error" });
    expect(error(413, anthropic("request_too_large"))).toMatchObject({ type: "invalid_request_error", code: "request_too_large" });
    expect(error(503, anthropic("brand_new")).type).toBe("server_error");
  });

  it("takes other shapes, and quotes what is no JSON, shortened", () => {
    expect(error(404, { message: "no route" })).toMatchObject({ message: "no route", type: "not_found_error" });
    expect(error(502, { error: "bad gateway" }).message).toBe("bad gateway");
    expect(error(502, "<html>\n502</html>")).toMatchObject({ message: "<html>\n502</html>", type: "server_error" });
    expect(error(502, "").message).toContain("502");
    const long = error(500, "é".repeat(2000)).message;
    expect(long.length).toBe(256);
    expect(long).not.toContain("\ufffd");
  });
});

describe("any input", () => {
  /** A small generator with a seed: failures can be repeated. */
  const random = (seed: number) => () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const corpus = {
    request: [
      JSON.stringify({
        model: "m",
        stop: ["a", " "],
        temperature: 1.5,
        top_p: 0.96,
        max_tokens: 9,
        reasoning_effort: "high",
        tool_choice: { function: { name: "f" } },
        parallel_tool_calls: false,
        tools: [{ type: "function", function: { name: "f", parameters: { a: 1 } } }],
        user: "u",
        messages: [
          { role: "system", content: "s" },
          {
            role: "user",
            content: [
              { type: "text", text: "t\\n\u00e9" },
              { type: "image_url", image_url: { url: "data:image/png;base64,QQ" } },
            ],
          },
          {
            role: "assistant",
            content: "x \n",
            thinking_blocks: [{ type: "thinking", thinking: "t", signature: "s" }],
            tool_calls: [{ id: "a:b", function: { name: "f", arguments: '{"a":[1,{"b":null}]}' } }],
          },
          { role: "tool", tool_call_id: "a:b", content: "r" },
          { role: "user", content: [{ type: "file", file: { file_data: "data:application/pdf;base64,QQ" } }] },
        ],
      }),
    ],
    response: [
      JSON.stringify(
        message([
          { type: "thinking", thinking: "t", signature: "s" },
          { type: "text", text: "x\\u12" },
          { type: "tool_use", id: "a", name: "f", input: { a: 1 } },
        ]),
      ),
    ],
    stream: [textStream, toolStream, thinkingStream].map((events) => events.map((e) => event(e as Record<string, unknown>)).join("")),
  };
  const junk = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\0",
    "null",
    "-1e999",
    "\\ud800",
    "9".repeat(400),
    "data:",
    "\n\n",
    "[".repeat(2000),
  ];

  const mutate = (text: string, next: () => number) => {
    let bytes = Buffer.from(text);
    for (let rounds = 1 + Math.floor(next() * 3); rounds > 0; rounds--) {
      const at = Math.floor(next() * bytes.length);
      const size = Math.floor(next() * 12);
      const kind = next();
      if (kind < 0.25)
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(junk[Math.floor(next() * junk.length)]), bytes.subarray(at)]);
      else if (kind < 0.5) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
      else if (kind < 0.7) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + size), bytes.subarray(at)]);
      else if (kind < 0.9 && bytes.length) bytes[at] = Math.floor(next() * 256);
      else {
        // A whole value replaced: well-formed JSON of the wrong shape.
        const replaced = bytes
          .toString("latin1")
          .replace(/"[a-z_]+"(?=[,}\]])|\{[^{}]*\}|\[[^[\]]*\]/g, (m) =>
            next() < 0.1 ? ["null", "7", "[]", "{}", '""', "true"][Math.floor(next() * 6)] : m,
          );
        bytes = Buffer.from(replaced, "latin1");
      }
    }
    return bytes;
  };

  it("never traps on 6000 mutated inputs, and what it writes is JSON", () => {
    const next = random(20261124);
    const models = ["c", "claude-opus-4-7", "claude-3-5-sonnet", ""];
    let accepted = 0;
    for (let round = 0; round < 6000; round++) {
      const options = { model: models[round % 4], usage: round % 2 === 0, reasoning: round % 3 };
      const kind = ["request", "response", "stream"][round % 3] as keyof typeof corpus;
      const input = mutate(corpus[kind][Math.floor(next() * corpus[kind].length)], next);
      if (kind === "stream") {
        const cut = Math.floor(next() * input.length);
        const out = parse(streamBytes([input.subarray(0, cut), input.subarray(cut)], options));
        expect(out.filter((c) => c === "[DONE]")).toHaveLength(1);
        expect(out.at(-1)).toBe("[DONE]");
      } else {
        start(options);
        const text = units.text(units.exports[kind](units.put(input)));
        if (!text.startsWith("!")) {
          accepted++;
          JSON.parse(text);
        }
        JSON.parse(units.text(units.exports.error(round % 600, units.put(input))));
      }
      if (round % 200 === 0) units.exports.collect();
    }
    expect(accepted).toBeGreaterThan(200);
  }, 60_000);
});
