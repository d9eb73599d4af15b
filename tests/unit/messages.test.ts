// Anthropic Messages client -> OpenAI chat completions provider: the translator alone, in its compiled form.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  responseOf,
  begin,
  chunk,
  collect,
  conversation,
  end,
  errorText,
  event,
  ownError,
  readStream,
  refusal,
  request,
  requestText,
  response,
  responseText,
  seen,
  stream,
  streamParts,
  tool,
  units,
  upstreamPath,
  usageChunk,
} from "./messages-support";

const user = (content: unknown) => ({ role: "user", content });
const assistant = (content: unknown) => ({ role: "assistant", content });
const text = (value: string, more = {}) => ({ type: "text", text: value, ...more });
const use = (id: string, name: string, input: unknown) => ({ type: "tool_use", id, name, input });
const result = (id: string, content: unknown, more = {}) => ({ type: "tool_result", tool_use_id: id, content, ...more });
const mark = { cache_control: { type: "ephemeral" } };
const png = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } };

describe("request: the whole body", () => {
  it("becomes a chat completion (CC-01)", () => {
    expect(request({ messages: [user("hi")] })).toEqual({ model: "c", max_tokens: 64, messages: [user("hi")] });
    expect(upstreamPath()).toBe("/v1/chat/completions");
  });

  it("takes the mapped model name", () => {
    expect(request({ messages: [user("hi")] }, { model: 'gpt-"é' }).model).toBe('gpt-"é');
  });

  it("asks for usage in a stream (CC-10)", () => {
    const body = request({ messages: [user("hi")], stream: true, stream_options: { x: 1 } }, { stream: true });
    expect(body.stream).toBe(true);
    expect(body.stream_options).toEqual({ include_usage: true });
    expect(request({ stream: false }).stream).toBe(false);
    expect(request({ stream: false })).not.toHaveProperty("stream_options");
  });

  it("keeps numbers, escapes and unknown fields byte for byte", () => {
    begin();
    const body = `{"model":"c","max_tokens":9007199254740993,"temperature":0.0,"top_p":1e-1,"x_new":{"b":[1.50,null],"a":"\\u00e9\\/"},
      "messages":[{"role":"user","content":"\\ud83d\\ude00 \\u4f60\\n"}]}`;
    const out = requestText(body);
    expect(out).toContain('"max_tokens":9007199254740993');
    expect(out).toContain('"temperature":0.0,"top_p":1e-1');
    expect(out).toContain('"x_new":{"b":[1.50,null],"a":"\\u00e9\\/"}');
    expect(out).toContain('"content":"\\ud83d\\ude00 \\u4f60\\n"');
  });

  it("maps stop_sequences and metadata.user_id and drops what has no counterpart", () => {
    const body = request({
      stop_sequences: ["a", "b"],
      metadata: { user_id: "u1", other: 1 },
      top_k: 5,
      service_tier: "auto",
      container: "x",
      mcp_servers: [],
      context_management: {},
      cache_control: { type: "ephemeral" },
      inference_geo: "us",
      speed: "fast",
      betas: ["x"],
      top_p: 0.5,
      temperature: 0,
    });
    expect(body).toEqual({ model: "c", max_tokens: 64, messages: [], stop: ["a", "b"], user: "u1", top_p: 0.5, temperature: 0 });
  });

  it("writes no empty stop and no null user", () => {
    const body = request({ stop_sequences: [], metadata: { user_id: null } });
    expect(body).not.toHaveProperty("stop");
    expect(body).not.toHaveProperty("user");
  });

  it("lets a field under OpenAI's own name win, once", () => {
    begin();
    const out = requestText(
      '{"model":"c","messages":[],"stop":"x","stop_sequences":["y"],"reasoning_effort":"high","thinking":{"type":"enabled","budget_tokens":1024},"user":"a","metadata":{"user_id":"b"}}',
    );
    expect(JSON.parse(out)).toEqual({ model: "c", messages: [], stop: "x", reasoning_effort: "high", user: "a" });
    for (const key of ["stop", "reasoning_effort", "user"]) expect(out.split(`"${key}":`).length).toBe(2);
  });

  it.each([
    [1024, "low"],
    [4095, "low"],
    [4096, "medium"],
    [5000, "medium"],
    [16383, "medium"],
    [16384, "high"],
    [64000, "high"],
  ])("maps a thinking budget of %i to effort %s (CC-05)", (budget, effort) => {
    const body = request({ thinking: { type: "enabled", budget_tokens: budget } });
    expect(body.reasoning_effort).toBe(effort);
    expect(body).not.toHaveProperty("thinking");
  });

  it("sends no effort for disabled, absent or adaptive thinking", () => {
    expect(request({ thinking: { type: "disabled" }, output_config: { effort: "high" } })).not.toHaveProperty("reasoning_effort");
    expect(request({})).not.toHaveProperty("reasoning_effort");
    expect(request({ thinking: { type: "adaptive" } })).not.toHaveProperty("reasoning_effort");
  });

  it("maps output_config.effort and format", () => {
    const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };
    const body = request({ thinking: { type: "adaptive" }, output_config: { effort: "xhigh", format: { type: "json_schema", schema } } });
    expect(body.reasoning_effort).toBe("xhigh");
    expect(body.response_format).toEqual({ type: "json_schema", json_schema: { name: "response", strict: true, schema } });
    expect(body).not.toHaveProperty("output_config");
    expect(request({ output_format: { type: "json_schema", schema } }).response_format.json_schema.schema).toEqual(schema);
  });

  it("names the limit max_completion_tokens when the row asks for it", () => {
    const body = request({}, { maxCompletionTokens: true });
    expect(body.max_completion_tokens).toBe(64);
    expect(body).not.toHaveProperty("max_tokens");
  });

  it("reads keys that are spelt with escapes", () => {
    begin();
    expect(JSON.parse(requestText('{"mod\\u0065l":"c","mess\\u0061ges":[{"r\\u006fle":"user","content":"x"}]}'))).toEqual({
      model: "c",
      messages: [user("x")],
    });
  });

  it("refuses with the place and without the prompt", () => {
    expect(refusal({ messages: "x" })).toMatch(/^messages\|/);
    expect(refusal({ messages: [user("a"), { role: "tool", content: "secret" }] })).toMatch(/^messages\[1\]\.role\|(?!.*secret)/);
    expect(refusal({ messages: [user(5)] })).toMatch(/^messages\[0\]\.content\|/);
    expect(refusal({ messages: [5] })).toMatch(/^messages\[0\]/);
    expect(refusal({ messages: [user(["x"])] })).toMatch(/^messages\[0\]\.content\[0\]\|/);
    expect(refusal({ messages: [user([{ type: "tool_result" }])] })).toMatch(/tool_use_id\|/);
    expect(refusal({ messages: [user([text("a"), { type: "image", source: { type: "file", file_id: "f" } }])] })).toMatch(
      /^messages\[0\]\.content\[1\]\|/,
    );
    expect(refusal({ model: 5 })).toMatch(/^model\|/);
    expect(refusal({ system: 5 })).toMatch(/^system\|/);
    expect(refusal({ tools: {} })).toMatch(/^tools\|/);
    expect(refusal({ tools: [{ name: "f", input_schema: {} }], tool_choice: { type: "maybe" } })).toMatch(/^tool_choice\|/);
  });
});

describe("request: system", () => {
  it("is a leading system message (CC-03)", () => {
    expect(request({ system: "be", messages: [user("hi")] }).messages).toEqual([{ role: "system", content: "be" }, user("hi")]);
    expect(request({ system: [text("one"), text("two")] }).messages).toEqual([{ role: "system", content: [text("one"), text("two")] }]);
  });

  it("is a plain string for one text, a part when it bears cache_control", () => {
    expect(request({ system: [text("one")] }).messages[0].content).toBe("one");
    expect(request({ system: [text("one", mark)] }).messages[0].content).toEqual([text("one", mark)]);
    expect(request({ system: [text("one", mark)] }, { noCacheControl: true }).messages[0].content).toBe("one");
  });

  it("is left out when it says nothing, and may stand in the middle", () => {
    for (const system of ["", [], null]) expect(request({ system }).messages).toEqual([]);
    expect(conversation([user("a"), { role: "system", content: "b" }])[1]).toEqual({ role: "system", content: "b" });
  });
});

describe("request: content", () => {
  it("maps images", () => {
    const url = { type: "image", source: { type: "url", url: "https://x.test/a.png" } };
    expect(conversation([user([text("see"), png, url])])).toEqual([
      user([
        text("see"),
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
        { type: "image_url", image_url: { url: "https://x.test/a.png" } },
      ]),
    ]);
  });

  it("maps documents", () => {
    const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBE" } };
    const blocks = [
      pdf,
      { ...pdf, title: "a.pdf", ...mark },
      { type: "document", source: { type: "url", url: "https://x.test/a.pdf" } },
      { type: "document", source: { type: "file", file_id: "file_1" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "body" }, title: "T", context: "C" },
      { type: "document", source: { type: "content", content: [text("p1"), png] } },
      { type: "document", source: { type: "content", content: "p2" } },
    ];
    expect(conversation([user(blocks)])[0].content).toEqual([
      { type: "file", file: { filename: "document.pdf", file_data: "data:application/pdf;base64,JVBE" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" }, ...mark },
      { type: "file", file: { filename: "document.pdf", file_data: "https://x.test/a.pdf" } },
      { type: "file", file: { file_id: "file_1" } },
      text("T\n\nC\n\nbody"),
      text("p1"),
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
      text("p2"),
    ]);
  });

  it("maps a text document alone to a plain string and a search result to a text", () => {
    expect(conversation([user([{ type: "document", source: { type: "text", data: "b" } }])])).toEqual([user("b")]);
    const found = { type: "search_result", title: "T", source: "https://s.test", content: [text("x"), text("y")] };
    expect(conversation([user([found])])[0].content).toEqual([text("T\n\nhttps://s.test\n\nx\n\ny")]);
  });

  it("keeps the text of blocks it does not know and drops the others", () => {
    expect(
      conversation([
        user([
          { type: "new", text: "t" },
          { type: "container_upload", file_id: "f" },
        ]),
      ]),
    ).toEqual([user("t")]);
    expect(conversation([user([{ type: "container_upload", file_id: "f" }])])).toEqual([user("")]);
  });
});

describe("request: the tool loop (R-06)", () => {
  it("maps a call and its result", () => {
    const messages = [
      user("weather?"),
      assistant([text("let me see"), use("toolu_1", "get", { city: "北京", n: 1.0 })]),
      user([result("toolu_1", "sunny")]),
    ];
    expect(conversation(messages)).toEqual([
      user("weather?"),
      {
        role: "assistant",
        content: "let me see",
        tool_calls: [{ id: "toolu_1", type: "function", function: { name: "get", arguments: '{"city":"北京","n":1}' } }],
      },
      { role: "tool", tool_call_id: "toolu_1", content: "sunny" },
    ]);
  });

  it("keeps the spelling of the input inside the string", () => {
    begin();
    const out = requestText(
      '{"model":"c","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"a" : 1.00,\n"b":"x\\n\\u00e9"}}]}]}',
    );
    expect(JSON.parse(out).messages[0].tool_calls[0].function.arguments).toBe('{"a" : 1.00,\n"b":"x\\n\\u00e9"}');
  });

  it("writes null content beside calls and {} for no input", () => {
    expect(conversation([assistant([use("t", "f", undefined), use("u", "g", {})])])).toEqual([
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "t", type: "function", function: { name: "f", arguments: "{}" } },
          { id: "u", type: "function", function: { name: "g", arguments: "{}" } },
        ],
      },
    ]);
  });

  it("puts text beside results after all tool messages", () => {
    const blocks = [text("before"), result("a", "1"), text("between"), result("b", [text("2"), text("3")]), text("after", mark)];
    expect(conversation([user(blocks)])).toEqual([
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "tool", tool_call_id: "b", content: [text("2"), text("3")] },
      user([text("before"), text("between"), text("after", mark)]),
    ]);
  });

  it("moves media of results into a user message", () => {
    expect(conversation([user([result("a", [text("shot"), png]), result("b", [png]), text("and?")])])).toEqual([
      { role: "tool", tool_call_id: "a", content: "shot" },
      { role: "tool", tool_call_id: "b", content: "The result is in the next user message." },
      user([
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
        text("and?"),
      ]),
    ]);
  });

  it("keeps the words of a failed tool as they are", () => {
    const told = (content: unknown) => conversation([user([result("a", content, { is_error: true })])])[0].content;
    expect(told("no file")).toBe("no file");
    expect(told([text("x"), text("y")])).toEqual([text("x"), text("y")]);
    expect(told(undefined)).toBe("Error");
    expect(conversation([user([result("a", "x", { is_error: false })])])[0].content).toBe("x");
  });

  it("takes results without content, with an empty list, with search results", () => {
    expect(conversation([user([result("a", undefined)])])).toEqual([{ role: "tool", tool_call_id: "a", content: "" }]);
    expect(conversation([user([result("a", [])])])).toEqual([{ role: "tool", tool_call_id: "a", content: "" }]);
    const found = { type: "search_result", title: "T", source: "s", content: [text("x")] };
    expect(conversation([user([result("a", [found])])])[0].content).toEqual([text("T\n\ns\n\nx")]);
  });

  it("keeps the cache mark of a result on its last text", () => {
    expect(conversation([user([result("a", "x", mark)])])[0].content).toEqual([text("x", mark)]);
    expect(conversation([user([result("a", [text("x"), text("y")], mark)])])[0].content).toEqual([text("x"), text("y", mark)]);
    expect(conversation([user([result("a", "x", mark)])], { noCacheControl: true })[0].content).toBe("x");
  });

  it("keeps thinking of earlier turns; what another provider has signed is left out with its signature", () => {
    const turn = (signature: string) => [
      assistant([{ type: "thinking", thinking: "hm\n", signature }, { type: "redacted_thinking", data: "x" }, text("a")]),
    ];
    expect(conversation(turn(""))).toEqual([{ role: "assistant", content: "a", reasoning_content: "hm\n" }]);
    expect(conversation(turn("EqQB=="))).toEqual([{ role: "assistant", content: "a" }]);
    expect(conversation(turn(""), { noReasoning: true })).toEqual([{ role: "assistant", content: "a" }]);
  });

  it("drops server tool blocks of earlier turns", () => {
    const blocks = [
      text("a"),
      { type: "server_tool_use", id: "s", name: "web_search", input: {} },
      { type: "web_search_tool_result", tool_use_id: "s", content: [] },
      text("b"),
    ];
    expect(conversation([assistant(blocks)])).toEqual([assistant([text("a"), text("b")])]);
  });

  it("maps tools and every choice", () => {
    const schema = { type: "object", properties: { a: { type: "integer" } } };
    const tools = [
      { name: "f", description: "d", input_schema: schema, ...mark },
      { type: "custom", name: "g", input_schema: schema, strict: true },
    ];
    const body = request({ tools });
    expect(body.tools).toEqual([
      { type: "function", function: { name: "f", description: "d", parameters: schema } },
      { type: "function", function: { name: "g", parameters: schema, strict: true } },
    ]);
    expect(body).not.toHaveProperty("tool_choice");
    const choice = (tool_choice: unknown) => request({ tools, tool_choice }).tool_choice;
    expect(choice({ type: "auto" })).toBe("auto");
    expect(choice({ type: "any" })).toBe("required");
    expect(choice({ type: "none" })).toBe("none");
    expect(choice({ type: "tool", name: "g" })).toEqual({ type: "function", function: { name: "g" } });
  });

  it("maps disable_parallel_tool_use", () => {
    const tools = [{ name: "f", input_schema: {} }];
    expect(request({ tools, tool_choice: { type: "auto", disable_parallel_tool_use: true } }).parallel_tool_calls).toBe(false);
    expect(request({ tools, tool_choice: { type: "any", disable_parallel_tool_use: false } })).not.toHaveProperty("parallel_tool_calls");
  });

  it("drops server tools, and the choice with the last tool", () => {
    const web = { type: "web_search_20250305", name: "web_search", max_uses: 3 };
    const f = { name: "f", input_schema: { type: "object" } };
    expect(request({ tools: [web, f] }).tools).toEqual([{ type: "function", function: { name: "f", parameters: { type: "object" } } }]);
    const body = request({ tools: [web], tool_choice: { type: "any", disable_parallel_tool_use: true } });
    for (const key of ["tools", "tool_choice", "parallel_tool_calls"]) expect(body).not.toHaveProperty(key);
    expect(request({ tools: [web, f], tool_choice: { type: "tool", name: "web_search" } })).not.toHaveProperty("tool_choice");
  });
});

describe("response", () => {
  it("is a message with Anthropic's counts (CC-08)", () => {
    const usage = { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10, prompt_tokens_details: { cached_tokens: 3 } };
    const choices = [{ index: 0, message: { role: "assistant", content: "yo" }, finish_reason: "length" }];
    expect(response({ id: "r1", object: "chat.completion", model: "m-up", choices, usage })).toEqual({
      id: "r1",
      type: "message",
      role: "assistant",
      model: "m-up",
      content: [text("yo")],
      stop_reason: "max_tokens",
      stop_sequence: null,
      usage: { input_tokens: 5, output_tokens: 2, cache_creation_input_tokens: 0, cache_read_input_tokens: 3 },
    });
    expect(seen()).toEqual({ input: 8, output: 2, total: 10, cached: 3, written: -1, reasoning: -1, model: "m-up", id: "r1" });
  });

  it.each([
    ["stop", "end_turn"],
    ["length", "max_tokens"],
    ["tool_calls", "tool_use"],
    ["function_call", "tool_use"],
    ["content_filter", "refusal"],
    [null, "end_turn"],
    ["", "end_turn"],
    ["eos", "end_turn"],
    ["model_length", "max_tokens"],
    ["sensitive", "refusal"],
  ])("maps finish_reason %s to %s", (finish, reason) => {
    expect(responseOf({ content: "x" }, finish).stop_reason).toBe(reason);
  });

  it("has no stop reason for a response that broke off", () => {
    for (const finish of ["error", "network_error", "insufficient_system_resource"])
      expect(responseOf({ content: "x" }, finish)).toBeUndefined();
  });

  it("puts thinking first, under either name, once", () => {
    const thought = { type: "thinking", thinking: "hm", signature: "" };
    expect(responseOf({ content: "x", reasoning_content: "hm" }).content).toEqual([thought, text("x")]);
    expect(responseOf({ content: "x", reasoning: "hm" }).content).toEqual([thought, text("x")]);
    expect(responseOf({ content: "x", reasoning: "hm", reasoning_content: "hm" }).content).toEqual([thought, text("x")]);
    expect(responseOf({ content: "x", reasoning_content: "hm", reasoning_signature: "s" }).content[0].signature).toBe("s");
  });

  it("gives the signed blocks of another gateway back as blocks", () => {
    const blocks = [
      { type: "thinking", thinking: "hm", signature: "s" },
      { type: "redacted_thinking", data: "E" },
    ];
    const told = (message: object) => responseOf({ content: "a", ...message }).content;
    expect(told({ reasoning_content: "hm", thinking_blocks: blocks })).toEqual([...blocks, text("a")]);
    expect(told({ reasoning_content: "hm", thinking_blocks: [{ type: "thinking", signature: "s" }] })).toEqual([blocks[0], text("a")]);
    expect(told({ reasoning_content: "hm", thinking_blocks: [] })).toEqual([{ ...blocks[0], signature: "" }, text("a")]);
  });

  it("drops or tags thinking as configured", () => {
    const message = { content: "x", reasoning_content: "hm" };
    expect(responseOf(message, "stop", { reasoningMode: 1 }).content).toEqual([text("x")]);
    expect(responseOf(message, "stop", { reasoningMode: 2 }).content).toEqual([text("<think>hm</think>\n"), text("x")]);
  });

  it("maps tool calls, whatever the finish reason says", () => {
    const call = (id: string, args: unknown) => ({ id, type: "function", function: { name: "f", arguments: args } });
    const told = responseOf({ content: null, tool_calls: [call("a", '{"x": 1.0, "y":"\\u00e9"}'), call("b", "")] }, "stop");
    expect(told.content).toEqual([use("a", "f", { x: 1, y: "é" }), use("b", "f", {})]);
    expect(told.stop_reason).toBe("tool_use");
    expect(responseOf({ tool_calls: [call("a", "{}")] }, "length").stop_reason).toBe("max_tokens");
  });

  it("keeps arguments that are no object as text", () => {
    const input = (args: unknown) => responseOf({ tool_calls: [{ id: "a", function: { name: "f", arguments: args } }] }).content[0].input;
    expect(input('{"a":')).toEqual({ _raw: '{"a":' });
    expect(input("[1]")).toEqual({ _raw: "[1]" });
    expect(input('{} "x"\n')).toEqual({ _raw: '{} "x"\n' });
    expect(input("null")).toEqual({});
    expect(input(null)).toEqual({});
    expect(input(undefined)).toEqual({});
    expect(input({ a: 1 })).toEqual({ a: 1 });
    expect(input(" { } ")).toEqual({});
  });

  it("makes ids that are missing", () => {
    const told = response(
      { choices: [{ message: { tool_calls: [{ function: { name: "f" } }, { id: "", function: { name: "g" } }] } }] },
      { model: "mm" },
    );
    expect(told.id).toBe("msg_42");
    expect(told.model).toBe("mm");
    expect(told.content.map((block: { id: string }) => block.id)).toEqual(["toolu_42_0", "toolu_42_1"]);
  });

  it("takes the old function_call, lists of parts and refusals", () => {
    expect(responseOf({ content: null, function_call: { name: "f", arguments: "{}" } }, "function_call").content[0]).toMatchObject({
      type: "tool_use",
      name: "f",
    });
    const parts = [{ type: "thinking", thinking: [text("h"), text("m")] }, text("a"), text("")];
    expect(responseOf({ content: parts }).content).toEqual([
      { type: "thinking", thinking: "h", signature: "" },
      { type: "thinking", thinking: "m", signature: "" },
      text("a"),
    ]);
    const refused = responseOf({ content: null, refusal: "I cannot" });
    expect(refused.content).toEqual([text("I cannot")]);
    expect(refused.stop_reason).toBe("refusal");
  });

  it("tells the first choice only, and an empty response as an empty list", () => {
    const told = response({ choices: [{ message: { content: "a" } }, { message: { content: "b" } }] });
    expect(told.content).toEqual([text("a")]);
    expect(responseOf({ content: "" }).content).toEqual([]);
    expect(responseOf({ content: null }).usage).toEqual({
      input_tokens: 0,
      output_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    });
  });

  it("is false for what is no completion", () => {
    for (const body of [
      "",
      "{",
      "[]",
      "5",
      "{}",
      '{"choices":[]}',
      '{"choices":[{}]}',
      '{"choices":{"message":{}}}',
      '{"error":{"message":"x"}}',
    ]) {
      begin();
      expect(responseText(body)).toBe("!");
    }
  });

  it("reads the counts of every dialect of usage", () => {
    const counts = (usage: unknown) => {
      const told = response({ choices: [{ message: { content: "a" } }], usage });
      return [told.usage, seen()];
    };
    expect(counts({ prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 4 })[0]).toMatchObject({
      input_tokens: 6,
      cache_read_input_tokens: 4,
    });
    expect(counts({ prompt_tokens: 10, completion_tokens: 5, cached_tokens: 4 })[0]).toMatchObject({ input_tokens: 6 });
    const [written, known] = counts({
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 4 },
    });
    expect(written).toEqual({
      input_tokens: 5,
      output_tokens: 5,
      cache_creation_input_tokens: 3,
      cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 0 },
      cache_read_input_tokens: 2,
      output_tokens_details: { thinking_tokens: 4 },
    });
    expect(known).toMatchObject({ input: 10, output: 5, cached: 2, written: 3, reasoning: 4 });
    // A server whose cached count is beside the prompt's must not make a negative number.
    expect(counts({ prompt_tokens: 1, completion_tokens: 5, cached_tokens: 4 })[0]).toMatchObject({
      input_tokens: 0,
      cache_read_input_tokens: 4,
    });
    expect(counts({ prompt_tokens: -1, completion_tokens: 1.5, total_tokens: "x" })[1]).toMatchObject({ input: -1, output: -1, total: -1 });
  });
});

const TEXT_STREAM = [
  chunk({ role: "assistant", content: "" }),
  chunk({ content: "你" }),
  chunk({ content: "好" }),
  chunk({}, "stop"),
  usageChunk(7, 2, { total_tokens: 9 }),
  "[DONE]",
];
const INTERLEAVED = [
  chunk({ role: "assistant", content: null }),
  chunk({ content: "so" }),
  chunk(tool(0, "a", "f", "")),
  chunk(tool(1, "b", "g", "")),
  chunk(tool(0, undefined, undefined, '{"x"')),
  chunk(tool(1, undefined, undefined, '{"y":"}')),
  chunk(tool(0, undefined, undefined, ":1}")),
  chunk(tool(1, undefined, undefined, '\\""}')),
  chunk(tool(2, "c", "h", "{}")),
  chunk({}, "tool_calls", { usage: { prompt_tokens: 5, completion_tokens: 6 } }),
  "[DONE]",
];
const REASONED = [
  chunk({ role: "assistant", content: "", reasoning_content: "" }),
  chunk({ reasoning_content: "h" }),
  chunk({ reasoning_content: "m", content: null }),
  chunk({ content: "a" }),
  chunk({ reasoning: "again" }),
  chunk({ content: "b" }),
  chunk(tool(0, "t", "f", '{"q":[1,{"z":"\\"{"}]}')),
  chunk({}, "stop"),
  usageChunk(1, 2),
  "[DONE]",
];
const NO_DONE = [chunk({ content: "a" }), chunk({ content: "b" }, "length", { usage: { prompt_tokens: 1, completion_tokens: 2 } })];
const STREAMS = { TEXT_STREAM, INTERLEAVED, REASONED, NO_DONE };

describe("stream", () => {
  it("has the events of CC-10 in order", () => {
    const told = stream(TEXT_STREAM);
    expect(told.names).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(told.events[2]).toEqual({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "你" } });
    expect(told.message).toMatchObject({
      id: "r",
      model: "m",
      content: [text("你好")],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 7, output_tokens: 2 },
    });
    expect(seen()).toMatchObject({ input: 7, output: 2, total: 9, model: "m", id: "r" });
    expect(streamParts(TEXT_STREAM).join("")).not.toContain("[DONE]");
  });

  it("does not end early when usage is in every chunk (CC-13)", () => {
    const usage = (n: number) => ({ usage: { prompt_tokens: 4, completion_tokens: n } });
    const told = stream([
      chunk({ content: "a" }, null, usage(1)),
      chunk({ content: "b" }, null, usage(2)),
      chunk({}, "stop", usage(2)),
      "[DONE]",
    ]);
    expect(told.message.content).toEqual([text("ab")]);
    expect(told.events[0].message.usage.input_tokens).toBe(4);
    expect(told.message.usage).toMatchObject({ input_tokens: 4, output_tokens: 2 });
    expect(told.names.filter((name) => name === "message_stop").length).toBe(1);
  });

  it("waits for usage after the finish, wherever it is told", () => {
    for (const last of [
      usageChunk(3, 1),
      { choices: [], x_groq: { usage: { prompt_tokens: 3, completion_tokens: 1 } } },
      { choices: [{ index: 0, delta: {}, usage: { prompt_tokens: 3, completion_tokens: 1 } }] },
    ]) {
      expect(stream([chunk({ content: "a" }), chunk({}, "stop"), last, "[DONE]"]).message.usage).toMatchObject({
        input_tokens: 3,
        output_tokens: 1,
      });
    }
    expect(stream([chunk({ content: "a" }), chunk({}, "stop"), "[DONE]"]).message.usage).toMatchObject({
      input_tokens: 0,
      output_tokens: 0,
    });
    expect(stream([chunk({ content: "a" }), chunk({}, "stop", { usage: null }), "[DONE]"]).message.usage.output_tokens).toBe(0);
  });

  it("ends properly without [DONE] when a finish reason came, and with [DONE] when none came", () => {
    expect(stream(NO_DONE).message).toMatchObject({ stop_reason: "max_tokens", content: [text("ab")] });
    expect(stream([chunk({ content: "a" }), "[DONE]"]).message.stop_reason).toBe("end_turn");
  });

  it("writes nothing after the end", () => {
    const parts = streamParts([...TEXT_STREAM, chunk({ content: "late" }), "[DONE]"]);
    expect(parts.slice(-3)).toEqual(["", "", ""]);
  });

  it("makes one tool call out of its pieces", () => {
    const told = stream([
      chunk(tool(0, "call_1", "get", "")),
      chunk(tool(0, undefined, undefined, '{"a":')),
      chunk(tool(0, undefined, undefined, "1}")),
      chunk({}, "tool_calls"),
      "[DONE]",
    ]);
    expect(told.message.content).toEqual([use("call_1", "get", '{"a":1}')]);
    expect(told.message.stop_reason).toBe("tool_use");
    expect(told.events[1]).toEqual({ type: "content_block_start", index: 0, content_block: use("call_1", "get", {}) });
  });

  it("streams calls that follow one another as they come", () => {
    const parts = streamParts([
      chunk(tool(0, "a", "f", '{"x":1}')),
      chunk(tool(1, "b", "g", "")),
      chunk(tool(1, undefined, undefined, '{"y')),
      chunk({}, "tool_calls"),
      "[DONE]",
    ]);
    expect(parts[1]).toContain('"id":"b"');
    expect(parts[2]).toContain('\\"y');
    // Escapes, brackets in strings and nesting do not hide the end of the first call.
    const tricky = JSON.stringify({ a: 'x\\"}{', b: [{ c: "]" }] });
    expect(streamParts([chunk(tool(0, "a", "f", tricky)), chunk(tool(1, "b", "g", ""))])[1]).toContain('"id":"b"');
    expect(streamParts([chunk(tool(0, "a", "f", tricky.slice(0, -1))), chunk(tool(1, "b", "g", ""))])[1]).toBe("");
  });

  it("never interleaves blocks when the upstream does", () => {
    const told = stream(INTERLEAVED);
    expect(told.message.content).toEqual([text("so"), use("a", "f", '{"x":1}'), use("b", "g", '{"y":"}\\""}'), use("c", "h", "{}")]);
  });

  it("holds text that comes inside a call", () => {
    const told = stream([
      chunk(tool(0, "a", "f", '{"x"')),
      chunk({ content: "mid" }),
      chunk({ content: "dle" }),
      chunk(tool(0, undefined, undefined, ":1}")),
      chunk({}, "tool_calls"),
      "[DONE]",
    ]);
    expect(told.message.content).toEqual([use("a", "f", '{"x":1}'), text("middle")]);
  });

  it("takes whole calls in one delta, with and without index, and one index for all", () => {
    const call = (index: number | undefined, id: string) => ({
      index,
      id,
      type: "function",
      function: { name: "f" + id, arguments: `{"i":"${id}"}` },
    });
    const expected = [use("a", "fa", '{"i":"a"}'), use("b", "fb", '{"i":"b"}')];
    for (const [first, second] of [
      [0, 1],
      [undefined, undefined],
      [0, 0],
    ]) {
      const both = { tool_calls: [call(first, "a"), call(second, "b")] };
      expect(stream([chunk(both), chunk({}, "tool_calls"), "[DONE]"]).message.content).toEqual(expected);
      const apart = [chunk({ tool_calls: [call(first, "a")] }), chunk({ tool_calls: [call(second, "b")] }), chunk({}, "stop"), "[DONE]"];
      expect(stream(apart).message).toMatchObject({ content: expected, stop_reason: "tool_use" });
    }
  });

  it("takes repeated ids and names, late names, object arguments, calls without arguments", () => {
    const told = stream([
      chunk(tool(0, "a", "", "")),
      chunk(tool(0, "a", "f", '{"x"')),
      chunk(tool(0, "a", "f", ":1}")),
      chunk({ tool_calls: [{ index: 1, id: "b", function: { name: "g", arguments: { y: 2 } } }] }),
      chunk(tool(2, undefined, "h")),
      chunk({}, "tool_calls"),
      "[DONE]",
    ]);
    expect(told.message.content).toEqual([use("a", "f", '{"x":1}'), use("b", "g", '{"y":2}'), use("toolu_42_2", "h", "")]);
  });

  it("ignores white space after the end of a call's arguments", () => {
    const told = stream([
      chunk(tool(0, "a", "f", "{}")),
      chunk(tool(1, "b", "g", "{}")),
      chunk(tool(0, undefined, undefined, "\n")),
      chunk({}, "tool_calls"),
      "[DONE]",
    ]);
    expect(told.message.content).toEqual([use("a", "f", "{}"), use("b", "g", "{}")]);
  });

  it("takes the old function_call", () => {
    const told = stream([
      chunk({ function_call: { name: "f", arguments: "" } }),
      chunk({ function_call: { arguments: "{}" } }),
      chunk({}, "function_call"),
      "[DONE]",
    ]);
    expect(told.message.content).toEqual([use("toolu_42_0", "f", "{}")]);
  });

  it("makes blocks of thinking and text in their order", () => {
    const thought = (thinking: string) => ({ type: "thinking", thinking, signature: "" });
    const told = stream(REASONED);
    expect(told.message.content).toEqual([thought("hm"), text("a"), thought("again"), text("b"), use("t", "f", '{"q":[1,{"z":"\\"{"}]}')]);
    expect(told.message.stop_reason).toBe("tool_use");
  });

  it("passes a signature before the end of its block", () => {
    const told = stream([
      chunk({ reasoning_content: "h" }),
      chunk({ reasoning_signature: "sig" }),
      chunk({ content: "a" }),
      chunk({}, "stop"),
      "[DONE]",
    ]);
    expect(told.message.content).toEqual([{ type: "thinking", thinking: "h", signature: "sig" }, text("a")]);
  });

  it("takes signatures and redacted thoughts from thinking_blocks, and their text once", () => {
    const signed = { type: "thinking", thinking: "hm", signature: "s" };
    const redacted = { type: "redacted_thinking", data: "E" };
    const told = (chunks: object[], options = {}) =>
      stream([...chunks.map((delta) => chunk(delta)), chunk({}, "stop"), "[DONE]"], options).message.content;
    const pieces = [{ reasoning_content: "h" }, { reasoning_content: "m" }];
    // As this plugin streams Claude: the whole blocks ride on the chunk after them.
    expect(
      told([
        ...pieces,
        {
          thinking_blocks: [
            { index: 0, ...signed },
            { index: 1, ...redacted },
          ],
          content: "a",
        },
      ]),
    ).toEqual([signed, redacted, text("a")]);
    expect(
      told([...pieces, { thinking_blocks: [signed] }, ...pieces, { thinking_blocks: [{ ...signed, signature: "t" }] }, { content: "a" }]),
    ).toEqual([signed, { type: "thinking", thinking: "hm", signature: "t" }, text("a")]);
    expect(told([{ thinking_blocks: [signed] }, { content: "a" }])).toEqual([signed, text("a")]);
    expect(told([{ thinking_blocks: [{ type: "thinking", signature: "s" }] }, { content: "a" }])).toEqual([
      { ...signed, thinking: "" },
      text("a"),
    ]);
    expect(told([...pieces, { thinking_blocks: [signed, redacted], content: "a" }], { reasoningMode: 1 })).toEqual([text("a")]);
  });

  it("drops or tags thinking as configured", () => {
    expect(stream(REASONED, { reasoningMode: 1 }).message.content.slice(0, 1)).toEqual([text("ab")]);
    expect(stream(REASONED, { reasoningMode: 2 }).message.content.slice(0, 1)).toEqual([
      text("<think>hm</think>\na<think>again</think>\nb"),
    ]);
    const only = [chunk({ reasoning: "h" }), chunk({}, "stop"), "[DONE]"];
    expect(stream(only, { reasoningMode: 2 }).message.content).toEqual([text("<think>h</think>\n")]);
    expect(stream(only, { reasoningMode: 1 }).message.content).toEqual([]);
  });

  it("takes lists of parts and refusals", () => {
    const told = stream([
      chunk({ content: [{ type: "thinking", thinking: [text("h")] }] }),
      chunk({ content: [text("a")] }),
      chunk({}, "stop"),
      "[DONE]",
    ]);
    expect(told.message.content).toEqual([{ type: "thinking", thinking: "h", signature: "" }, text("a")]);
    const refused = stream([chunk({ refusal: "I " }), chunk({ refusal: "cannot" }), chunk({}, "stop"), "[DONE]"]);
    expect(refused.message).toMatchObject({ content: [text("I cannot")], stop_reason: "refusal" });
  });

  it("passes empty deltas, role chunks, filter chunks and keep-alives over", () => {
    const told = stream([
      { id: "", model: "", choices: [], prompt_filter_results: [] },
      chunk({ role: "assistant" }),
      chunk({ content: "" }),
      "",
      "ping",
      chunk({ content: null }),
      chunk({ content: "a" }, ""),
      chunk({ tool_calls: [] }),
      chunk({ tool_calls: null, refusal: null, reasoning_content: null }),
      chunk({ content: "" }, "stop"),
      "  [DONE] ",
    ]);
    expect(told.names.length).toBe(6);
    expect(told.message).toMatchObject({ id: "r", content: [text("a")], stop_reason: "end_turn" });
  });

  it("keeps the first of several choices", () => {
    const both = (a: string, b: string) => ({
      choices: [
        { index: 1, delta: { content: b } },
        { index: 0, delta: { content: a } },
      ],
    });
    expect(stream([both("a", "x"), both("b", "y"), chunk({}, "stop"), "[DONE]"]).message.content).toEqual([text("ab")]);
  });

  it("takes a whole completion as its one event", () => {
    const whole = {
      id: "w",
      model: "m",
      choices: [
        { index: 0, message: { content: "a", tool_calls: [{ id: "t", function: { name: "f", arguments: "{}" } }] }, finish_reason: "stop" },
      ],
    };
    expect(stream([whole, "[DONE]"]).message).toMatchObject({
      id: "w",
      content: [text("a"), use("t", "f", "{}")],
      stop_reason: "tool_use",
    });
  });

  it("copies escapes as they are spelt", () => {
    begin({ stream: true });
    const out =
      event('{"choices":[{"delta":{"content":"\\u4f60\\/\\ud83d"}}]}') +
      event('{"choices":[{"delta":{"content":"\\ude00"},"finish_reason":"stop"}]}') +
      end();
    expect(out).toContain('"text":"\\u4f60\\/\\ud83d"');
    expect(readStream(out).message.content).toEqual([text("你/😀")]);
  });
});

describe("stream: errors", () => {
  it("turns an error chunk into an error event with the right type", () => {
    const told = (error: unknown, more = {}) => stream([chunk({ content: "a" }), { error, ...more }, chunk({ content: "b" }), "[DONE]"]);
    expect(told({ message: "slow\ndown", code: 429 }).error).toEqual({ type: "rate_limit_error", message: "slow\ndown" });
    expect(told({ message: "x", code: "503" }).error.type).toBe("overloaded_error");
    expect(told({ message: "x", type: "insufficient_quota" }).error.type).toBe("rate_limit_error");
    expect(told({ message: "x", type: "server_error" }).error.type).toBe("api_error");
    expect(told("plain").error).toEqual({ type: "api_error", message: "plain" });
    expect(told({}).error.type).toBe("api_error");
    expect(told({ message: "x" }).names).toEqual(["message_start", "content_block_start", "content_block_delta", "error"]);
    expect(stream([{ object: "error", message: "vllm", code: 400 }]).error).toEqual({ type: "invalid_request_error", message: "vllm" });
    begin({ stream: true });
    expect(readStream(event('{"message":"named"}', "error") + end()).error.message).toBe("named");
  });

  it("reports the error and what it stands for beside the bytes", () => {
    const reported = (error: unknown) => {
      stream([chunk({ content: "a" }), { error }]);
      return [units.exports.errorEvents(), units.exports.fault()];
    };
    expect(reported({ message: "x", code: 429 })).toEqual([1, 429]);
    expect(reported({ message: "x", type: "server_error" })).toEqual([1, 500]);
    stream([chunk({ content: "a" }, "stop"), "[DONE]"]);
    expect(units.exports.errorEvents()).toBe(0);
    stream([chunk({ content: "a" })]);
    expect([units.exports.errorEvents(), units.exports.fault()]).toEqual([1, -1]);
  });

  it("ignores an error that is null", () => {
    expect(stream([chunk({ content: "a" }, "stop", { error: null }), "[DONE]"]).message.content).toEqual([text("a")]);
  });

  it("tells of a stream that stops in the middle", () => {
    for (const chunks of [[], [chunk({ content: "a" })], [chunk(tool(0, "a", "f", '{"x"'))], [usageChunk(1, 1)]]) {
      const told = stream(chunks);
      expect(told.error.type).toBe("api_error");
      expect(told.names).not.toContain("message_stop");
    }
    expect(stream(["[DONE]"]).error.message).toContain("without an answer");
    expect(stream([chunk({ content: "a" }, "insufficient_system_resource"), "[DONE]"]).error.type).toBe("api_error");
  });

  it("tells of a broken chunk", () => {
    expect(stream([chunk({ content: "a" }), '{"choices":[{"delta":{"content":"b', "[DONE]"]).error.message).toContain("not valid JSON");
  });

  it("bounds what it holds", () => {
    const big = "x".repeat(200_000);
    const flood = [chunk(tool(0, "a", "f", '{"')), ...Array.from({ length: 8 }, () => chunk(tool(1, "b", "g", big)))];
    expect(stream([...flood, chunk({}, "tool_calls"), "[DONE]"]).error.message).toContain("than can be held");
    const many = Array.from({ length: 400 }, (_, index) => chunk(tool(index, "i" + index, "f", "{")));
    expect(stream([...many, chunk({}, "tool_calls"), "[DONE]"]).error).toBeDefined();
    const flips = Array.from({ length: 600 }, (_, index) => chunk(index % 2 ? { content: "a" } : { reasoning: "b" }));
    expect(stream([chunk(tool(0, "a", "f", "{")), ...flips, "[DONE]"]).error).toBeDefined();
    collect();
  });
});

describe("stream: splits", () => {
  it.each(Object.entries(STREAMS))("%s tells the same whatever was told before, and ends well wherever it is cut", (_name, chunks) => {
    const whole = streamParts(chunks).join("");
    const finished = chunks.findIndex(
      (data) => data === "[DONE]" || (data as { choices: { finish_reason: string }[] }).choices[0]?.finish_reason,
    );
    for (let cut = 0; cut <= chunks.length; cut++) {
      const parts = streamParts(chunks.slice(0, cut));
      const told = readStream(parts.join(""));
      // What was written before the cut is the beginning of the whole stream.
      expect(whole.startsWith(parts.slice(0, cut).join(""))).toBe(true);
      expect(told.error !== undefined).toBe(cut <= finished);
    }
  });

  it.each(Object.entries(STREAMS))("%s puts together to the same message when every text is split in two", (_name, chunks) => {
    const expected = stream(chunks).message;
    for (let cut = 1; cut < 4; cut++) {
      const split = chunks.flatMap((data) => (typeof data === "string" ? [data] : splitChunk(data, cut)));
      expect(stream(split).message).toEqual(expected);
    }
  });

  it("loses nothing in any order of pieces", () => {
    // Pieces of up to three calls and some text, in any order that keeps each call's own pieces in order.
    const inputs = fc.array(fc.record({ a: fc.string(), n: fc.jsonValue({ maxDepth: 2 }) }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(inputs, fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }), fc.nat(5), (values, order, size) => {
        const texts = values.map((value) => JSON.stringify(value));
        const at = texts.map(() => 0);
        const chunks: unknown[] = [];
        let said = "";
        const piece = (k: number) => {
          const first = at[k] === 0;
          const part = texts[k].slice(at[k], at[k] + size + 1);
          at[k] += part.length;
          if (first || part) chunks.push(chunk(tool(k, first ? "id" + k : undefined, first ? "f" + k : undefined, part)));
        };
        for (const k of order) {
          if (k < texts.length) piece(k);
          else {
            said += "é" + k;
            chunks.push(chunk({ content: "é" + k }));
          }
        }
        texts.forEach((whole, k) => {
          while (at[k] < whole.length) piece(k);
        });
        const { content } = stream([...chunks, chunk({}, "tool_calls"), "[DONE]"]).message;
        const calls = content.filter((block: { type: string }) => block.type === "tool_use");
        expect(content.map((block: { text?: string }) => block.text ?? "").join("")).toBe(said);
        expect(Object.fromEntries(calls.map((block: { id: string; input: string }) => [block.id, block.input]))).toEqual(
          Object.fromEntries(texts.map((whole, k) => ["id" + k, whole])),
        );
      }),
      { numRuns: 150 },
    );
    collect();
  });
});

/** A chunk as two: the first `size` characters of each text, then the rest with the finish reason. */
function splitChunk(data: unknown, size: number): unknown[] {
  const [choice] = (data as { choices: { delta: Record<string, unknown>; finish_reason: string | null }[] }).choices;
  if (!choice) return [data];
  const head: Record<string, unknown> = {};
  const tail: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(choice.delta)) {
    if (key === "tool_calls") {
      const [call] = value as { index: number; function: { arguments?: string } }[];
      const args = call.function.arguments ?? "";
      head[key] = [{ ...call, function: { ...call.function, arguments: args.slice(0, size) } }];
      tail[key] = [{ index: call.index, function: { arguments: args.slice(size) } }];
    } else if (typeof value === "string" && key !== "role") {
      head[key] = value.slice(0, size);
      tail[key] = value.slice(size);
    } else head[key] = value;
  }
  return [
    { ...(data as object), choices: [{ ...choice, delta: head, finish_reason: null }], usage: null },
    { ...(data as object), choices: [{ ...choice, delta: tail }] },
  ];
}

describe("errors", () => {
  const told = (status: number, body: unknown) => JSON.parse(errorText(status, typeof body === "string" ? body : JSON.stringify(body)));

  it("has Anthropic's shape with the upstream's words (CC-16)", () => {
    expect(told(429, { error: { message: "no quota", type: "insufficient_quota" } })).toEqual({
      type: "error",
      error: { type: "rate_limit_error", message: "no quota" },
    });
  });

  it.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "billing_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [413, "request_too_large"],
    [422, "invalid_request_error"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [502, "api_error"],
    [503, "overloaded_error"],
    [504, "timeout_error"],
    [529, "overloaded_error"],
  ])("names status %i %s", (status, type) => {
    expect(told(status, { error: { message: "m" } }).error).toEqual({ type, message: "m" });
    expect(JSON.parse(ownError(status, 'o"é\n', false))).toEqual({ type: "error", error: { type, message: 'o"é\n' } });
  });

  it("finds the message wherever compatible servers put it", () => {
    for (const body of [
      { error: "m" },
      { message: "m" },
      { detail: "m" },
      { error_code: 1, error_msg: "m" },
      { error: { message: null }, message: "m" },
    ]) {
      expect(told(400, body).error.message).toBe("m");
    }
  });

  it("quotes other text, never HTML, never bytes that are not UTF-8", () => {
    expect(told(502, "bad gateway").error.message).toBe("bad gateway");
    expect(told(502, "").error.message).toBe("The upstream answered with status 502.");
    expect(told(502, "<html><body>x</body></html>").error.message).toBe("The upstream answered with status 502.");
    expect(told(500, { code: 5 }).error.message).toBe('{"code":5}');
    expect(JSON.parse(errorText(500, Uint8Array.from([0x61, 0xff, 0xc3, 0x62, 0xed, 0xa0, 0x80, 0xc3, 0xa9, 1]))).error.message).toBe(
      "a??b???é\u0001",
    );
    expect(told(500, "é".repeat(2000)).error.message).toBe("é".repeat(256));
    expect(told(500, "a" + "é".repeat(2000)).error.message).toBe("a" + "é".repeat(255) + "?");
  });

  it("writes our own failure as a stream event", () => {
    expect(readStream(ownError(504, "late", true)).error).toEqual({ type: "timeout_error", message: "late" });
  });
});

describe("hostile input", () => {
  const seeds: unknown[] = [
    {
      model: "c",
      max_tokens: 5,
      system: [text("s", mark)],
      stream: true,
      thinking: { type: "enabled", budget_tokens: 5 },
      tool_choice: { type: "tool", name: "f" },
      tools: [
        { name: "f", input_schema: { type: "object" } },
        { type: "web_search_20250305", name: "w" },
      ],
      metadata: { user_id: "u" },
      stop_sequences: ["x"],
      output_config: { effort: "low", format: { type: "json_schema", schema: {} } },
      messages: [
        user([text("a"), png, { type: "document", title: "t", source: { type: "content", content: [text("x"), png] } }]),
        assistant([{ type: "thinking", thinking: "h", signature: "s" }, text("b"), use("t", "f", { a: [1, { b: null }] })]),
        user([
          result("t", [text("c"), png, { type: "search_result", title: "t", source: "s", content: [text("y")] }], {
            is_error: true,
            ...mark,
          }),
          text("d"),
        ]),
      ],
    },
    {
      id: "i",
      model: "m",
      usage: { prompt_tokens: 1, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } },
      choices: [
        {
          finish_reason: "stop",
          message: {
            content: [text("a")],
            reasoning: "r",
            refusal: "n",
            tool_calls: [{ id: "a", function: { name: "f", arguments: '{"a":"\\u00e9"}' } }],
          },
        },
      ],
    },
    { error: { message: "m", type: "t", code: "429" } },
  ];
  const events = [...INTERLEAVED, ...REASONED, { error: { message: "x", code: 1 } }].filter((data) => data !== "[DONE]");

  /** Replaces one value somewhere in a copy of `value` by another. */
  function mutate(value: unknown, random: () => number): unknown {
    const others = [null, 0, -1, 1e300, "", '\u0000"\\', [], {}, [[]], { type: "text" }, true, "tool_use", [{}], { text: 5 }];
    if (value === null || typeof value !== "object" || random() < 0.15) return others[Math.floor(random() * others.length)];
    const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    const keys = Object.keys(copy);
    if (keys.length === 0) return others[Math.floor(random() * others.length)];
    const key = keys[Math.floor(random() * keys.length)];
    if (random() < 0.1 && !Array.isArray(copy)) delete copy[key];
    else copy[key] = mutate(copy[key], random);
    return copy;
  }

  /** Changes, drops or repeats a few bytes. */
  function damage(bytes: Uint8Array, random: () => number): Uint8Array {
    let data = Array.from(bytes);
    for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
      const at = Math.floor(random() * data.length);
      const size = Math.floor(random() * 8);
      const kind = random();
      if (kind < 0.3) data[at] = Math.floor(random() * 256);
      else if (kind < 0.5) data.splice(at, size);
      else if (kind < 0.7) data = [...data.slice(0, at), ...data.slice(at, at + size), ...data.slice(at)];
      else if (kind < 0.8) data = data.slice(0, at);
      else data.splice(at, 0, '{}[]",:\\'.charCodeAt(Math.floor(random() * 8)));
    }
    return Uint8Array.from(data);
  }

  function generator(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
  }

  it("never traps and never answers with anything but JSON, 6,000 mutated bodies", () => {
    const random = generator(1);
    const encoder = new TextEncoder();
    let accepted = 0;
    for (let round = 0; round < 6000; round++) {
      let value = seeds[round % seeds.length];
      for (let times = 1 + Math.floor(random() * 3); times > 0; times--) value = mutate(value, random);
      const json = encoder.encode(JSON.stringify(value) ?? "");
      const body = random() < 0.4 ? damage(json, random) : json;
      begin();
      const outs = [requestText(body.slice()), responseText(body.slice()), errorText(500, body.slice())];
      if (!outs[0].startsWith("!")) accepted++;
      for (const out of outs) if (!out.startsWith("!")) JSON.parse(out);
      if (round % 500 === 0) collect();
    }
    // The mutations must not be so wild that nothing gets past the first check.
    expect(accepted).toBeGreaterThan(500);
  });

  it("never traps and keeps the order of events, 1,500 mutated streams", () => {
    const random = generator(2);
    const encoder = new TextEncoder();
    let proper = 0;
    for (let round = 0; round < 1500; round++) {
      begin({ stream: true, reasoningMode: round % 3 });
      let out = "";
      for (let count = Math.floor(random() * 12); count > 0; count--) {
        let value: unknown = events[Math.floor(random() * events.length)];
        if (random() < 0.4) value = mutate(value, random);
        const json = encoder.encode(JSON.stringify(value) ?? "");
        out += event(random() < 0.05 ? damage(json, random) : json);
      }
      if (random() < 0.5) out += event("[DONE]");
      out += end();
      if (readStream(out).error === undefined) proper++;
      if (round % 500 === 0) collect();
    }
    expect(proper).toBeGreaterThan(300);
  });

  it("takes deep nesting and long lists", () => {
    begin();
    expect(requestText('{"model":"c","messages":' + "[".repeat(100_000))).toMatch(/^!\|.*nested/);
    const deep = "[".repeat(900) + "]".repeat(900);
    expect(
      requestText(`{"model":"c","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":${deep}}]}]}`),
    ).toContain(deep);
    expect(conversation(Array.from({ length: 5000 }, () => user([text("a"), text("b")]))).length).toBe(5000);
    const calls = Array.from({ length: 2000 }, (_, k) => ({ id: "i" + k, function: { name: "f", arguments: "[".repeat(2000) } }));
    expect(responseOf({ tool_calls: calls }).content.length).toBe(2000);
    collect();
  });
});
