import { beforeAll, describe, expect, it } from "vitest";
import { CLAUDE, load, messages, path, refusal, refusedContent, request, requestText } from "./bedrock-support";
import { randomOf } from "./aws-frames";
import type { Units } from "./units";

let units: Units;
beforeAll(() => {
  units = load("bedrock-request");
}, 60_000);

const PNG = "data:image/png;base64,QUJD";
const call = (id: string, name = "f", args: unknown = "{}") => ({ id, type: "function", function: { name, arguments: args } });
const tool = (name: string, more: Record<string, unknown> = {}) => ({ type: "function", function: { name, ...more } });
const user = (content: unknown) => ({ role: "user", content });

describe("the path", () => {
  it("BR-01 escapes the model as one segment", () => {
    expect(path({ model: "anthropic.claude-x-v1:0" })).toBe("/model/anthropic.claude-x-v1%3A0/converse");
  });

  it("BR-02 streams at converse-stream", () => {
    expect(path({ model: "m.x", stream: true })).toBe("/model/m.x/converse-stream");
  });

  it("escapes slashes of an ARN, spaces and other bytes", () => {
    expect(path({ model: "arn:aws:bedrock:eu-west-1:123:inference-profile/eu.x-v1:0" })).toBe(
      "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123%3Ainference-profile%2Feu.x-v1%3A0/converse",
    );
    expect(path({ model: "../a b?é" })).toBe("/model/..%2Fa%20b%3F%C3%A9/converse");
  });

  it("leaves an id alone that is escaped already, and only such", () => {
    expect(path({ model: "a%3A0" })).toBe("/model/a%3A0/converse");
    expect(path({ model: "a%3A0/b" })).toBe("/model/a%253A0%2Fb/converse");
    expect(path({ model: "a%3" })).toBe("/model/a%253/converse");
    expect(path({ model: "a%" })).toBe("/model/a%25/converse");
  });

  it("takes the model of the body when there is no other, and refuses to go without", () => {
    expect(path({ model: "" }, { model: "b:1", messages: [{ role: "user", content: "x" }] })).toBe("/model/b%3A1/converse");
    expect(refusal({}, { model: "" })).toBe("model");
  });
});

describe("the request: conversation", () => {
  it("BR-01 sends the text as a block, and nothing else", () => {
    expect(request()).toEqual({ messages: [{ role: "user", content: [{ text: "ping" }] }] });
  });

  it("copies text as it is spelt", () => {
    const out = requestText('{"messages":[{"role":"user","content":"\\u00e9\\/ \\ud83d\\ude00 \\"q\\" \\\\"}]}');
    expect(out).toContain('{"text":"\\u00e9\\/ \\ud83d\\ude00 \\"q\\" \\\\"}');
  });

  it("keeps every system and developer message in order, wherever it stands", () => {
    const body = request({
      messages: [
        { role: "system", content: "a" },
        user("hi"),
        { role: "developer", content: [{ type: "text", text: "b" }, { type: "text", text: " " }, "c"] },
      ],
    });
    expect(body.system).toEqual([{ text: "a" }, { text: "b" }, { text: "c" }]);
    expect(body.messages).toEqual([{ role: "user", content: [{ text: "hi" }] }]);
  });

  it("asks with the system text when there is nothing else", () => {
    expect(request({ messages: [{ role: "system", content: "say hi" }] })).toEqual({
      messages: [{ role: "user", content: [{ text: "say hi" }] }],
    });
  });

  it("leaves out a blank system", () => {
    expect(request({ messages: [{ role: "system", content: " \n" }, user("x")] }).system).toBeUndefined();
  });

  it("joins neighbours of one role: turns must alternate", () => {
    expect(
      messages([
        user("a"),
        user([{ type: "text", text: "b" }]),
        { role: "assistant", content: "c" },
        { role: "assistant", content: "d" },
        user("e"),
      ]),
    ).toEqual([
      { role: "user", content: [{ text: "a" }, { text: "b" }] },
      { role: "assistant", content: [{ text: "c" }, { text: "d" }] },
      { role: "user", content: [{ text: "e" }] },
    ]);
  });

  it("joins across a message that turns out empty", () => {
    expect(messages([user("a"), { role: "assistant", content: " \n" }, user(""), user("b")])).toEqual([
      { role: "user", content: [{ text: "a" }, { text: "b" }] },
    ]);
  });

  it("cuts white space at the end of an assistant message to be continued, and nowhere else", () => {
    const list = [{ role: "assistant", content: "one \n" }, user("go "), { role: "assistant", content: "two \\n\n " }];
    expect(messages([user("x"), ...list]).map((m: any) => m.content[0].text)).toEqual(["x", "one \n", "go ", "two \\n"]);
  });

  it("cuts the last of several parts alone", () => {
    const list = messages([
      user("x"),
      { role: "assistant", content: ["a ", { type: "text", text: "b " }, { type: "refusal", refusal: "c " }] },
    ]);
    expect(list[1].content).toEqual([{ text: "a " }, { text: "b " }, { text: "c" }]);
  });

  it("puts tool calls behind the text, arguments as an object with its spelling", () => {
    const out = requestText({
      messages: [
        user("rate?"),
        { role: "assistant", content: "looking", tool_calls: [call("tc_1", "get_rate", '{"big": 12345678901234567890, "é": 1.0}')] },
        { role: "tool", tool_call_id: "tc_1", content: "1.09" },
      ],
    });
    expect(out).toContain('{"toolUse":{"toolUseId":"tc_1","name":"get_rate","input":{"big": 12345678901234567890, "é": 1.0}}}');
    expect(JSON.parse(out).messages).toMatchObject([
      { role: "user" },
      { role: "assistant", content: [{ text: "looking" }, { toolUse: { toolUseId: "tc_1" } }] },
      { role: "user", content: [{ toolResult: { toolUseId: "tc_1", content: [{ text: "1.09" }] } }] },
    ]);
  });

  it("merges all results of a turn in one user message, before any text", () => {
    const list = messages([
      user("go"),
      { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
      { role: "tool", tool_call_id: "a", content: "1" },
      user("and?"),
      {
        role: "tool",
        tool_call_id: "b",
        content: [
          { type: "text", text: "2" },
          { type: "image_url", image_url: { url: PNG } },
        ],
      },
    ]);
    expect(list).toHaveLength(3);
    expect(list[2]).toEqual({
      role: "user",
      content: [
        { toolResult: { toolUseId: "a", content: [{ text: "1" }] } },
        { toolResult: { toolUseId: "b", content: [{ text: "2" }, { image: { format: "png", source: { bytes: "QUJD" } } }] } },
        { text: "and?" },
      ],
    });
  });

  it("marks failed tools, and gives empty results something to say", () => {
    const list = messages([
      user("go"),
      { role: "assistant", tool_calls: [call("a"), call("b", "g", ""), call("c", "h", { x: 1 })] },
      { role: "tool", tool_call_id: "a", content: "", is_error: true },
      { role: "tool", tool_call_id: "b" },
    ]);
    expect(list[1].content.map((b: any) => b.toolUse.input)).toEqual([{}, {}, { x: 1 }]);
    expect(list[2].content).toEqual([
      { toolResult: { toolUseId: "a", content: [{ text: "(empty)" }], status: "error" } },
      { toolResult: { toolUseId: "b", content: [{ text: "(empty)" }] } },
    ]);
  });

  it("makes ids that Bedrock takes, the same on both sides and different for different ids", () => {
    const long = (end: string) => "x".repeat(300) + end;
    const list = messages([
      user("go"),
      { role: "assistant", tool_calls: [call("functions.f:0"), call(long("1")), call(long("2"))] },
      { role: "tool", tool_call_id: "functions.f:0", content: "1" },
      { role: "tool", tool_call_id: long("1"), content: "1" },
      { role: "tool", tool_call_id: long("2"), content: "1" },
    ]);
    const used = list[1].content.map((b: any) => b.toolUse.toolUseId);
    expect(used[0]).toBe("functions_f_0");
    expect(used[1]).toMatch(/^x{55}_[0-9a-f]{8}$/);
    expect(new Set(used).size).toBe(3);
    expect(list[2].content.map((b: any) => b.toolResult.toolUseId)).toEqual(used);
  });

  it("takes the older function_call with its result", () => {
    const list = messages([
      user("go"),
      { role: "assistant", content: null, function_call: { name: "f", arguments: '{"a":1}' } },
      { role: "function", name: "f", content: "r" },
    ]);
    expect(list[1].content).toEqual([{ toolUse: { toolUseId: "call_f", name: "f", input: { a: 1 } } }]);
    expect(list[2].content[0].toolResult.toolUseId).toBe("call_f");
  });

  it("gives signed thinking back first, byte for byte, and leaves unsigned thinking out", () => {
    const out = requestText({
      messages: [
        user("q"),
        {
          role: "assistant",
          content: "a",
          reasoning_content: "so",
          thinking_blocks: [
            { type: "thinking", thinking: "so \u00e9", signature: "sig/+==" },
            { type: "thinking", thinking: "unsigned" },
            { type: "redacted_thinking", data: "ENC=" },
          ],
        },
        user("r"),
      ],
    });
    expect(JSON.parse(out).messages[1].content).toEqual([
      { reasoningContent: { reasoningText: { text: "so é", signature: "sig/+==" } } },
      { reasoningContent: { redactedContent: "ENC=" } },
      { text: "a" },
    ]);
  });

  it("finds signed thinking in the other places that clients put it", () => {
    const of = (message: Record<string, unknown>) =>
      messages([user("q"), { role: "assistant", content: "a", ...message }, user("r")])[1].content[0];
    const block = (text: string) => ({ reasoningContent: { reasoningText: { text, signature: "s" } } });
    expect(of({ reasoning_content: "t", signature: "s" })).toEqual(block("t"));
    expect(of({ reasoning: "t", reasoning_signature: "s" })).toEqual(block("t"));
    expect(of({ reasoning_details: [{ type: "reasoning.text", text: "t", signature: "s" }] })).toEqual(block("t"));
    expect(
      of({
        content: [
          { type: "thinking", thinking: "t", signature: "s" },
          { type: "text", text: "a" },
        ],
      }),
    ).toEqual(block("t"));
    expect(of({ reasoning_content: "t", thinking_blocks: [{ type: "thinking", thinking: "", signature: "s" }] })).toEqual(block("t"));
    expect(of({ reasoning_content: "t" })).toEqual({ text: "a" });
  });

  it("refuses what it cannot say, naming the place", () => {
    expect(refusal({ messages: [] })).toBe("messages");
    expect(refusal({ messages: "x" })).toBe("messages");
    expect(refusal({ messages: [user(" ")] })).toBe("messages");
    expect(refusal({ messages: [{ role: "robot", content: "x" }] })).toBe("messages[0].role");
    expect(refusal({ messages: [user({ text: "x" })] })).toBe("messages[0].content");
    expect(refusedContent([{ type: "text" }])).toBe("messages[0].content[0].text");
    expect(refusedContent(["a", { type: "input_audio", input_audio: {} }])).toBe("messages[0].content[1].type");
    expect(refusal({ messages: [user("a"), { role: "tool", content: "x" }] })).toBe("messages[1].tool_call_id");
    expect(refusal({ messages: [user("a"), { role: "assistant", tool_calls: [{ id: "", function: { name: "f" } }] }] })).toBe(
      "messages[1].tool_calls[0].id",
    );
    expect(refusal({ messages: [user("a"), { role: "assistant", tool_calls: [call("x"), call("a", "f", "[1]")] }] })).toBe(
      "messages[1].tool_calls[1].function.arguments",
    );
    expect(refusal({ messages: [user("a"), { role: "assistant", tool_calls: [{ id: "x", type: "custom" }] }] })).toBe(
      "messages[1].tool_calls[0]",
    );
    expect(refusal({ messages: [{ role: "system", content: [{ type: "image_url", image_url: { url: PNG } }] }, user("a")] })).toBe(
      "messages[0].content[0].type",
    );
    expect(requestText("[]")[0]).toBe("!");
    expect(requestText("{")[0]).toBe("!");
  });
});

describe("the request: media", () => {
  const content = (part: unknown) => messages([user(["look", part])])[0].content[1];
  const image = (url: string) => content({ type: "image_url", image_url: { url } });
  const file = (filename: string | undefined, type = "application/pdf") =>
    content({ type: "file", file: { filename, file_data: `data:${type};base64,QUJD` } }).document;

  it("sends images of the four formats as bytes", () => {
    for (const [type, format] of [
      ["png", "png"],
      ["jpeg", "jpeg"],
      ["JPG", "jpeg"],
      ["gif", "gif"],
      ["webp", "webp"],
    ]) {
      expect(image(`data:image/${type};base64,QUJD`)).toEqual({ image: { format, source: { bytes: "QUJD" } } });
    }
    expect(content({ type: "image_url", image_url: PNG })).toEqual({ image: { format: "png", source: { bytes: "QUJD" } } });
  });

  it("reads escaped slashes in a data URI", () => {
    const out = requestText(
      '{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image\\/png;base64,QU\\/D"}}]}]}',
    );
    expect(JSON.parse(out).messages[0].content[0]).toEqual({ image: { format: "png", source: { bytes: "QU/D" } } });
  });

  it("refuses addresses and types that Bedrock does not take", () => {
    const refused = (url: string) => refusedContent([{ type: "image_url", image_url: { url } }]);
    for (const url of [
      "https://x/y.png",
      "http://x/y.png",
      "data:image/bmp;base64,QQ==",
      "data:image/png,abc",
      "data:image/png;base64,",
      "data:",
      "x",
    ]) {
      expect(refused(url), url).toBe("messages[0].content[0].image_url.url");
    }
    expect(refusedContent([{ type: "file", file: { file_id: "f" } }])).toBe("messages[0].content[0].file.file_data");
  });

  it("sends documents under names that Bedrock takes", () => {
    expect(file("Q1 report.final.pdf")).toEqual({ name: "Q1 report-final", format: "pdf", source: { bytes: "QUJD" } });
    expect(file("John's  résumé, (v2) [a].pdf").name).toBe("John-s r-sum- (v2) [a]");
    expect(file("分기.pdf").name).toBe("document");
    expect(file(undefined).name).toBe("document");
    expect(file(".pdf").name).toBe("pdf");
    expect(file("a".repeat(500)).name).toHaveLength(160);
    expect(file("x", "text/csv").format).toBe("csv");
    expect(file("x", "application/vnd.openxmlformats-officedocument.wordprocessingml.document").format).toBe("docx");
  });

  it("numbers documents, as two of one name are refused", () => {
    const part = { type: "file", file: { filename: "a.pdf", file_data: "JVBERi0xLjQ=" } };
    const [{ content }] = messages([user(["read", part, part, part])]);
    expect(content.slice(1).map((b: any) => b.document.name)).toEqual(["a", "a-2", "a-3"]);
  });

  it("passes Converse's own blocks", () => {
    for (const block of [
      { guardContent: { text: { text: "g" } } },
      { video: { format: "mp4", source: { s3Location: { uri: "s3://x" } } } },
    ]) {
      expect(content(block)).toEqual(block);
    }
  });
});

describe("the request: tools", () => {
  const tools = [
    tool("get_rate", { description: "d", parameters: { type: "object", properties: { pair: { type: "string" } } }, strict: true }),
    tool("now"),
  ];
  const config = (body: Record<string, unknown>, model = "m.x") => request({ tools, ...body }, { model }).toolConfig;
  const history = [
    user("go"),
    { role: "assistant", tool_calls: [call("a", "get_rate"), call("b", "now"), call("c", "now")] },
    { role: "tool", tool_call_id: "a", content: "1" },
  ];

  it("defines functions, with a schema even where there is none", () => {
    expect(config({})).toEqual({
      tools: [
        {
          toolSpec: {
            name: "get_rate",
            description: "d",
            inputSchema: { json: { type: "object", properties: { pair: { type: "string" } } } },
          },
        },
        { toolSpec: { name: "now", inputSchema: { json: { type: "object", properties: {} } } } },
      ],
    });
  });

  it("adds the type that a schema lacks, and drops an empty description", () => {
    const { tools } = config({ tools: [tool("f", { description: "", parameters: { properties: {} } })] });
    expect(tools).toEqual([{ toolSpec: { name: "f", inputSchema: { json: { type: "object", properties: {} } } } }]);
  });

  it("says every choice", () => {
    expect(config({ tool_choice: "auto" }).toolChoice).toEqual({ auto: {} });
    expect(config({ tool_choice: "required" }).toolChoice).toEqual({ any: {} });
    expect(config({ tool_choice: { type: "function", function: { name: "now" } } }).toolChoice).toEqual({ tool: { name: "now" } });
    expect(config({ tool_choice: { type: "any" } }).toolChoice).toEqual({ any: {} });
    const allowed = {
      type: "allowed_tools",
      allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "now" } }] },
    };
    expect(config({ tool_choice: allowed })).toEqual({
      tools: [{ toolSpec: expect.objectContaining({ name: "now" }) }],
      toolChoice: { any: {} },
    });
    expect(config({ function_call: { name: "now" } }).toolChoice).toEqual({ tool: { name: "now" } });
    for (const tool_choice of [
      null,
      "weird",
      7,
      {},
      { type: {} },
      { type: "allowed_tools" },
      { type: "allowed_tools", allowed_tools: { mode: { type: "any" } } },
    ]) {
      expect(config({ tool_choice }).toolChoice).toBeUndefined();
    }
  });

  it("leaves auto out for models that know no choice", () => {
    expect(config({ tool_choice: "auto" }, "meta.llama3-1-70b").toolChoice).toBeUndefined();
    expect(config({ tool_choice: "required" }, "meta.llama3-1-70b").toolChoice).toEqual({ any: {} });
  });

  it("leaves the tools out for none, which Converse does not know", () => {
    expect(config({ tool_choice: "none" })).toBeUndefined();
    expect(config({ tool_choice: "none" }, CLAUDE)).toBeUndefined();
  });

  it("keeps them for none when earlier calls need them; Claude is told in its own field", () => {
    const body = { messages: history, tool_choice: "none" };
    expect(config(body)).toMatchObject({ tools: [{ toolSpec: { name: "get_rate" } }, { toolSpec: { name: "now" } }] });
    expect(config(body).toolChoice).toBeUndefined();
    const claude = request({ tools, ...body }, { model: CLAUDE });
    expect(claude.toolConfig.toolChoice).toBeUndefined();
    expect(claude.additionalModelRequestFields).toEqual({ tool_choice: { type: "none" } });
  });

  it("defines the functions of earlier calls when the request names none", () => {
    expect(request({ messages: history }).toolConfig).toEqual({
      tools: ["get_rate", "now"].map((name) => ({ toolSpec: { name, inputSchema: { json: { type: "object" } } } })),
    });
    expect(request({ messages: [user("x"), { role: "tool", tool_call_id: "a", content: "1" }] }).toolConfig.tools).toHaveLength(1);
  });

  it("asks Claude for one call at a time in its own field", () => {
    const fields = (body: Record<string, unknown>) => {
      const out = request({ tools, parallel_tool_calls: false, ...body }, { model: CLAUDE });
      expect(out.toolConfig.toolChoice).toBeUndefined();
      return out.additionalModelRequestFields.tool_choice;
    };
    expect(fields({})).toEqual({ type: "auto", disable_parallel_tool_use: true });
    expect(fields({ tool_choice: "required" })).toEqual({ type: "any", disable_parallel_tool_use: true });
    expect(fields({ tool_choice: { type: "function", function: { name: "now" } } })).toEqual({
      type: "tool",
      name: "now",
      disable_parallel_tool_use: true,
    });
    expect(request({ tools, parallel_tool_calls: false }).additionalModelRequestFields).toBeUndefined();
    expect(request({ parallel_tool_calls: false }, { model: CLAUDE }).additionalModelRequestFields).toBeUndefined();
  });

  it("takes the older functions, Converse's own tools and cache points", () => {
    expect(request({ functions: [{ name: "f" }] }).toolConfig.tools[0].toolSpec.name).toBe("f");
    const own = { systemTool: { name: "nova_grounding" } };
    const mixed = [{ ...tool("f"), cache_control: { type: "ephemeral" } }, own];
    expect(config({ tools: mixed }).tools.slice(1)).toEqual([{ cachePoint: { type: "default" } }, own]);
  });

  it("refuses tools without a counterpart", () => {
    expect(refusal({ tools: [tool("a"), { type: "web_search" }] })).toBe("tools[1].type");
    expect(refusal({ tools: [{ type: "function", function: {} }] })).toBe("tools[0].function.name");
  });
});

describe("the request: settings", () => {
  const inference = (body: Record<string, unknown>, model = "m.x") => request(body, { model }).inferenceConfig;
  const fields = (body: Record<string, unknown>, model: string, additional?: string) =>
    request(body, { model, additional }).additionalModelRequestFields;

  it("maps lengths, sampling and stops, numbers as they are spelt", () => {
    const out = requestText(
      '{"messages":[{"role":"user","content":"x"}],"max_tokens":50,"temperature":0.70,"top_p":9e-1,"stop":["\\n","","END"]}',
    );
    expect(out).toContain('"inferenceConfig":{"maxTokens":50,"temperature":0.70,"topP":9e-1,"stopSequences":["\\n","END"]}');
    expect(inference({ max_tokens: 5, max_completion_tokens: 7, stop: "x" })).toEqual({ maxTokens: 7, stopSequences: ["x"] });
    expect(inference({ max_tokens: null, temperature: "hot", stop: [1, null, ""] })).toBeUndefined();
    expect(refusal({ max_tokens: "9" })).toBe("max_tokens");
  });

  it("keeps a temperature of 0 and clamps those above 1", () => {
    expect(inference({ temperature: 0 })).toEqual({ temperature: 0 });
    expect(inference({ temperature: 1.7 })).toEqual({ temperature: 1 });
    expect(inference({ temperature: -1 })).toEqual({ temperature: 0 });
  });

  it("sends Claude what its version takes", () => {
    expect(inference({ temperature: 0.5, top_p: 0.5, stop: [" ", "x"] }, CLAUDE)).toEqual({
      temperature: 0.5,
      topP: 0.5,
      stopSequences: ["x"],
    });
    expect(inference({ temperature: 0.5, top_p: 0.5 }, "us.anthropic.claude-sonnet-4-5-20250929-v1:0")).toEqual({ temperature: 0.5 });
    expect(inference({ temperature: 0.5, top_p: 0.5 }, "anthropic.claude-opus-4-7-v1")).toBeUndefined();
    expect(fields({ top_k: 40 }, CLAUDE)).toEqual({ top_k: 40 });
    expect(fields({ top_k: 40 }, "m.x")).toBeUndefined();
  });

  it("turns an effort into Claude's budget, which fits below the client's limit", () => {
    const body = { reasoning_effort: "high", max_tokens: 3000, temperature: 0.2, tools: [tool("f")], tool_choice: "required" };
    const out = request(body, { model: CLAUDE });
    expect(out.additionalModelRequestFields).toEqual({ thinking: { type: "enabled", budget_tokens: 1500 } });
    expect(out.inferenceConfig).toEqual({ maxTokens: 3000 });
    expect(out.toolConfig.toolChoice).toEqual({ auto: {} });
    expect(inference({ reasoning_effort: "high", max_tokens: 20000 }, CLAUDE)).toEqual({ maxTokens: 20000 });
    expect(inference({ reasoning_effort: "high" }, CLAUDE)).toBeUndefined();
    expect(request({ reasoning_effort: "low", max_tokens: 100 }, { model: CLAUDE })).not.toHaveProperty("additionalModelRequestFields");
    expect(request({ reasoning_effort: "none" }, { model: CLAUDE }).additionalModelRequestFields).toBeUndefined();
  });

  it("speaks of effort to newer Claudes, to Nova 2 and to OpenAI's models in their words", () => {
    expect(fields({ reasoning_effort: "high" }, "global.anthropic.claude-opus-4-7-v1")).toEqual({
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "high" },
    });
    expect(fields({ reasoning_effort: "low" }, "us.amazon.nova-2-lite-v1:0")).toEqual({
      reasoningConfig: { type: "enabled", maxReasoningEffort: "low" },
    });
    expect(fields({ reasoning_effort: "xhigh" }, "openai.gpt-oss-120b-1:0")).toEqual({ reasoning_effort: "high" });
    expect(fields({ reasoning_effort: "high" }, "amazon.nova-pro-v1:0")).toBeUndefined();
    expect(fields({ reasoning_effort: "high" }, "deepseek.r1-v1:0")).toBeUndefined();
  });

  it("gives Nova 2 no limits at high effort: it refuses them", () => {
    const body = { reasoning_effort: "high", max_tokens: 10, temperature: 0.1, top_p: 0.2, stop: "x" };
    expect(inference(body, "amazon.nova-2-lite-v1:0")).toEqual({ stopSequences: ["x"] });
    expect(inference({ ...body, reasoning_effort: "low" }, "amazon.nova-2-lite-v1:0")).toMatchObject({ maxTokens: 10, temperature: 0.1 });
  });

  it("leaves limits alone when the client sets Nova's reasoning itself", () => {
    const own = { reasoningConfig: { type: "disabled" } };
    const body = { reasoning_effort: "high", max_tokens: 10, additionalModelRequestFields: own };
    const out = request(body, { model: "amazon.nova-2-lite-v1:0" });
    expect(out).toMatchObject({ inferenceConfig: { maxTokens: 10 }, additionalModelRequestFields: own });
  });

  it("drops a top_p that thinking does not take", () => {
    expect(inference({ reasoning_effort: "low", top_p: 0.5 }, CLAUDE)).toBeUndefined();
    expect(inference({ reasoning_effort: "low", top_p: 0.97 }, CLAUDE)).toEqual({ topP: 0.97 });
  });

  it("passes a client's own thinking object", () => {
    const thinking = { type: "enabled", budget_tokens: 2000 };
    expect(fields({ thinking }, CLAUDE)).toEqual({ thinking });
    expect(fields({ thinking }, "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc")).toEqual({ thinking });
    expect(inference({ thinking, temperature: 0.3 }, CLAUDE)).toBeUndefined();
    expect(inference({ thinking: { type: "disabled" }, temperature: 0.3 }, CLAUDE)).toEqual({ temperature: 0.3 });
  });

  it("merges additional fields, each key once: configured, the client's, derived", () => {
    const body = { reasoning_effort: "low", top_k: 3, additionalModelRequestFields: { a: 2, b: 2, "\u0074op_k": 9 } };
    const out = requestText({ messages: [user("x")], ...body }, { model: CLAUDE, additional: '{"a":1.0,"thinking":{"type":"disabled"}}' });
    expect(out).toContain('"additionalModelRequestFields":{"a":1.0,"thinking":{"type":"disabled"},"b":2,"top_k":9}');
    expect(fields({ additional_model_request_fields: { c: 1 } }, "m.x")).toEqual({ c: 1 });
    for (const broken of ["", "[]", "[1]", '"x"', "{"]) expect(fields({}, "m.x", broken)).toBeUndefined();
    expect(fields({}, "m.x", "{}")).toBeUndefined();
  });

  it("knows configured thinking when it chooses sampling and tools", () => {
    const additional = '{"thinking":{"type":"enabled","budget_tokens":1024}}';
    const out = request({ temperature: 0.2, tools: [tool("f")], tool_choice: "required" }, { model: CLAUDE, additional });
    expect(out.inferenceConfig).toBeUndefined();
    expect(out.toolConfig.toolChoice).toEqual({ auto: {} });
  });

  it("sends a JSON schema as text", () => {
    const schema = { type: "object", properties: { 'a"b': { type: "string" } } };
    const body = { response_format: { type: "json_schema", json_schema: { name: "n", description: "d", strict: true, schema } } };
    const { structure, type } = request(body).outputConfig.textFormat;
    expect(type).toBe("json_schema");
    expect(structure.jsonSchema).toEqual({ schema: JSON.stringify(schema), name: "n", description: "d" });
    expect(request({ response_format: { type: "json_object" } }).outputConfig).toBeUndefined();
  });

  it("passes Bedrock's own members and the service tier", () => {
    const passed = {
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
      performanceConfig: { latency: "optimized" },
      requestMetadata: { team: "a" },
      promptVariables: { v: { text: "x" } },
      additionalModelResponseFieldPaths: ["/a"],
    };
    expect(request({ ...passed, service_tier: "priority" })).toMatchObject({ ...passed, serviceTier: { type: "priority" } });
    expect(request({ guardrail_config: passed.guardrailConfig }).guardrailConfig).toEqual(passed.guardrailConfig);
    expect(
      Object.keys(request({ service_tier: "auto", guardrailConfig: "x", user: "u", n: 2, seed: 1, logit_bias: {}, metadata: {} })),
    ).toEqual(["messages"]);
  });
});

describe("the request: cache points", () => {
  const point = { cachePoint: { type: "default" } };
  const talk = [{ role: "system", content: "s" }, user("a"), { role: "assistant", content: "b" }, user("c")];

  it("sets none without retention, nor for models that do not cache", () => {
    expect(JSON.stringify(request({ messages: talk }, { model: CLAUDE }))).not.toContain("cachePoint");
    expect(JSON.stringify(request({ messages: talk }, { model: "m.x", cache: ["24h", true, true, true] }))).not.toContain("cachePoint");
    expect(JSON.stringify(request({ messages: talk }, { model: CLAUDE, cache: ["1h", true, true, true] }))).not.toContain("cachePoint");
  });

  it("sets them where configured", () => {
    const system = request({ messages: talk }, { model: CLAUDE, cache: ["in_memory", true, false, false] });
    expect(system.system).toEqual([{ text: "s" }, point]);
    expect(system.messages.at(-1).content).toEqual([{ text: "c" }]);
    const last = request({ messages: talk }, { model: "amazon.nova-pro-v1:0", cache: ["24h", false, true, true] });
    expect(last.system).toEqual([{ text: "s" }]);
    expect(last.messages.at(-1).content).toEqual([{ text: "c" }, { cachePoint: { type: "default", ttl: "1h" } }]);
  });

  it("tells the last user message from the last message", () => {
    const open = [...talk, { role: "assistant", content: "d" }];
    const both = request({ messages: open }, { model: CLAUDE, cache: ["in_memory", false, true, true] }).messages;
    expect(both.at(-2).content).toEqual([{ text: "c" }, point]);
    expect(both.at(-1).content).toEqual([{ text: "d" }, point]);
    expect(both[0].content).toEqual([{ text: "a" }]);
  });

  it("lets the request choose the retention", () => {
    const cached = request({ messages: talk, prompt_cache_retention: "24h" }, { model: CLAUDE });
    expect(cached.system.at(-1)).toEqual({ cachePoint: { type: "default", ttl: "1h" } });
  });

  it("sets no point before the first text", () => {
    const blank = { type: "text", text: " ", cache_control: { type: "ephemeral" } };
    const body = request({ messages: [{ role: "system", content: [blank, "s"] }, user([blank, "a"])] });
    expect(body.system).toEqual([{ text: "s" }]);
    expect(body.messages[0].content).toEqual([{ text: "a" }]);
  });

  it("sets a point where the client marks one, never with nothing before it", () => {
    const mark = { cache_control: { type: "ephemeral" } };
    const body = request({
      messages: [
        {
          role: "system",
          content: [
            { type: "text", text: "s", ...mark },
            { type: "text", text: " ", ...mark },
          ],
        },
        {
          role: "user",
          content: [
            { type: "text", text: "", ...mark },
            { type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } },
          ],
        },
        { role: "assistant", content: " ", ...mark },
        { role: "assistant", content: null, tool_calls: [call("x")], ...mark },
        { role: "tool", tool_call_id: "x", content: [{ type: "text", text: "r", ...mark }], ...mark },
      ],
    });
    expect(body.system).toEqual([{ text: "s" }, point, point]);
    expect(body.messages.map((m: any) => m.content.map((b: any) => Object.keys(b)[0]))).toEqual([
      ["text", "cachePoint"],
      ["toolUse", "cachePoint"],
      ["toolResult", "cachePoint"],
    ]);
    expect(body.messages[0].content[1]).toEqual({ cachePoint: { type: "default", ttl: "1h" } });
    expect(body.messages[2].content[0].toolResult.content).toEqual([{ text: "r" }]);
  });
});

describe("any request", () => {
  it("gives valid JSON or a refusal for 5,000 mutated bodies, and never traps", () => {
    const whole = JSON.stringify({
      model: "m",
      messages: [
        { role: "system", content: [{ type: "text", text: "s", cache_control: { ttl: "1h" } }] },
        user([
          { type: "text", text: "é\n" },
          { type: "image_url", image_url: { url: PNG } },
          { type: "file", file: { filename: "a b.pdf", file_data: "data:application/pdf;base64,QQ==" } },
        ]),
        {
          role: "assistant",
          content: "x ",
          thinking_blocks: [{ type: "thinking", thinking: "t", signature: "s" }],
          tool_calls: [call("a", "f", '{"a":[1,{}]}')],
        },
        { role: "tool", tool_call_id: "a", content: [{ type: "text", text: "r" }] },
      ],
      tools: [tool("f", { parameters: { type: "object" } })],
      tool_choice: { type: "function", function: { name: "f" } },
      parallel_tool_calls: false,
      max_tokens: 5,
      temperature: 0.5,
      top_p: 1e-1,
      stop: ["a", "b"],
      reasoning_effort: "low",
      response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } },
      additionalModelRequestFields: { a: 1 },
    });
    const random = randomOf(5);
    const pieces = ['"', "{", "}", "[", "]", ",", ":", "\\", "null", "1e9", '""', "{}", "[]", "\u0000", "é", "x"];
    let accepted = 0;
    for (let round = 0; round < 5000; round++) {
      let body = whole;
      for (let change = Math.floor(random() * 3); change >= 0; change--) {
        const at = Math.floor(random() * body.length);
        const mode = random();
        if (mode < 0.3) body = body.slice(0, at) + pieces[Math.floor(random() * pieces.length)] + body.slice(at + 1);
        else if (mode < 0.6) {
          // Swaps whole values, so that many bodies stay valid and reach the writers.
          const values = [...body.matchAll(/"[a-z0-9_ ]*"(?!:)|\d+(\.\d+)?|\{\}|\[\]/g)];
          const value = values[Math.floor(random() * values.length)];
          const other = values[Math.floor(random() * values.length)];
          if (value && other) body = body.slice(0, value.index) + other[0] + body.slice(value.index! + value[0].length);
        } else if (mode < 0.9) {
          const values = [...body.matchAll(/"[a-z0-9_ ]*"(?!:)|\d+(\.\d+)?/g)];
          const value = values[Math.floor(random() * values.length)];
          const other = ["null", "{}", "[]", '""', "true", "-1", '"none"', '"auto"', "[null]", '[{"type":"text"}]'][
            Math.floor(random() * 10)
          ];
          if (value) body = body.slice(0, value.index) + other + body.slice(value.index! + value[0].length);
        } else body = body.slice(0, at);
      }
      const model = ["m.x", CLAUDE, "amazon.nova-2-lite-v1:0", "openai.gpt-oss-20b-1:0"][round & 3];
      const out = requestText(body, { model, cache: ["24h", true, true, true], additional: '{"k":[]}' });
      if (out.startsWith("!")) continue;
      accepted++;
      expect(() => JSON.parse(out), body).not.toThrow();
      if (round % 100 === 0) units.exports.collect();
    }
    expect(accepted).toBeGreaterThan(1000);
  }, 60_000);
});
