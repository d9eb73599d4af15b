// Client of the Responses API -> chat completions provider: the translator alone, in its compiled form.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  answer,
  chunk,
  conversation,
  errorText,
  heldBytes,
  readStream,
  refusal,
  request,
  requestText,
  response,
  seal,
  seen,
  sse,
  stream,
  streamText,
  tool,
  upstreamPath,
  usageChunk,
  usageSeen,
  wholeAsStream,
} from "./responses-support";

const message = (role: string, ...content: object[]) => ({ type: "message", role, content });
const text = (value: string, more = {}) => ({ type: "input_text", text: value, ...more });
const said = (value: string) => ({ type: "message", role: "assistant", content: [{ type: "output_text", text: value, annotations: [] }] });
const call = (id: string, name: string, args = "{}", more = {}) => ({ type: "function_call", call_id: id, name, arguments: args, ...more });
const output = (id: string, value: unknown) => ({ type: "function_call_output", call_id: id, output: value });
const thought = (value: string, more = {}) => ({ type: "reasoning", summary: [{ type: "summary_text", text: value }], ...more });
const chatCall = (id: string, name: string, args: string, more = {}) => ({
  id,
  type: "function",
  function: { name, arguments: args },
  ...more,
});
const fn = (name: string, more = {}) => ({ type: "function", name, parameters: { type: "object" }, ...more });
const user = (content: unknown) => ({ role: "user", content });
const image = { type: "input_image", image_url: "data:image/png;base64,iVBO", detail: "high" };

describe("request: the whole body", () => {
  it("becomes a chat completion", () => {
    expect(request({ input: "hi", instructions: "be brief" })).toEqual({
      model: "up",
      messages: [{ role: "system", content: "be brief" }, user("hi")],
    });
    expect(upstreamPath()).toBe("/v1/chat/completions");
  });

  it("keeps numbers, escapes and unknown fields byte for byte", () => {
    const body = String.raw`{"model":"c","temperature":0.0,"top_p":1e-1,"x_new":{"b":[1.50,null],"a":"\u00e9\/"},"input":"\ud83d\ude00 \u4f60\n"}`;
    const out = requestText(body);
    expect(out).toContain('"temperature":0.0,"top_p":1e-1,"x_new":{"b":[1.50,null],"a":"\\u00e9\\/"}');
    expect(out).toContain(String.raw`"content":"\ud83d\ude00 \u4f60\n"`);
  });

  it("asks for usage in a stream", () => {
    const body = request({ stream: true, stream_options: { include_obfuscation: false } }, { stream: true });
    expect([body.stream, body.stream_options]).toEqual([true, { include_usage: true }]);
    expect(request({ stream: false })).not.toHaveProperty("stream");
  });

  it("maps limits, effort and logprobs", () => {
    const given = { max_output_tokens: 9, reasoning: { effort: "high", summary: "auto" }, top_logprobs: 2 };
    expect(request(given)).toMatchObject({ max_tokens: 9, reasoning_effort: "high", logprobs: true, top_logprobs: 2 });
    expect(request(given, { maxCompletionTokens: true })).toMatchObject({ max_completion_tokens: 9 });
    expect(request({ include: ["message.output_text.logprobs"] })).toMatchObject({ logprobs: true });
    expect(request({ reasoning: { effort: null } })).not.toHaveProperty("reasoning_effort");
  });

  it("maps text.format", () => {
    const format = { type: "json_schema", name: "n", schema: { type: "object" }, strict: true, description: null };
    expect(request({ text: { format } }).response_format).toEqual({
      type: "json_schema",
      json_schema: { name: "n", schema: { type: "object" }, strict: true },
    });
    expect(request({ text: { format: { type: "json_object" } } }).response_format).toEqual({ type: "json_object" });
    expect(request({ text: { format: { type: "text" } } })).not.toHaveProperty("response_format");
  });

  it("drops what chat servers do not know, and keeps it for translators", () => {
    const extras = {
      prompt_cache_key: "k",
      safety_identifier: "s",
      text: { verbosity: "low" },
      tools: [{ type: "web_search", search_context_size: "low" }],
    };
    const rest = {
      store: false,
      include: ["reasoning.encrypted_content"],
      metadata: { a: "b" },
      truncation: "auto",
      service_tier: "auto",
      client_metadata: {},
      user: "u",
    };
    expect(request({ ...extras, ...rest })).toEqual({ model: "up", messages: [user("hi")], user: "u" });
    expect(request({ ...extras, ...rest }, { keepExtras: true })).toEqual({
      model: "up",
      messages: [user("hi")],
      user: "u",
      prompt_cache_key: "k",
      safety_identifier: "s",
      verbosity: "low",
      web_search_options: { search_context_size: "low" },
    });
  });

  it.each([
    [{ previous_response_id: "resp_1" }, "previous_response_id"],
    [{ conversation: "conv_1" }, "conversation"],
    [{ prompt: { id: "p" } }, "prompt"],
    [{ moderation: { model: "m" } }, "moderation"],
    [{ background: true }, "background"],
    [{ input: [{ type: "item_reference", id: "i" }] }, "input[0]"],
    [{ input: [{ id: "i" }] }, "input[0]"],
    [{ input: [{ type: "compaction", encrypted_content: "x" }] }, "input[0]"],
    [{ input: [text("a"), { type: "computer_call_output", call_id: "c", output: {} }] }, "input[1]"],
    [{ input: [message("user", { type: "input_image", file_id: "f" })] }, "input[0]"],
    [{ input: [{ type: "function_call_output", output: "x" }] }, "input[0].call_id"],
    [{ input: [{ role: "user" }] }, "input[0].content"],
    [{ input: ["x"] }, "input[0]"],
    [{ input: 1 }, "input"],
    [{ input: null }, "input"],
    [{ tools: {} }, "tools"],
    [{ tools: [fn("f")], tool_choice: { type: "function", name: "g" } }, "tool_choice"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body).split("|")[0]).toBe(param);
  });

  it("takes nulls for nothing", () => {
    const nulls = {
      previous_response_id: null,
      conversation: null,
      background: false,
      tools: null,
      reasoning: null,
      text: null,
      temperature: null,
    };
    expect(request(nulls)).toEqual({ model: "up", messages: [user("hi")] });
  });
});

describe("request: the conversation", () => {
  it("joins instructions and leading system messages", () => {
    const body = {
      instructions: "a",
      input: [
        message("developer", text("b"), text("c")),
        { role: "system", content: "d" },
        { role: "user", content: "e" },
        message("developer", text("f")),
      ],
    };
    const texts = ["a", "b", "c", "d"].map((value) => ({ type: "text", text: value }));
    expect(request(body).messages).toEqual([{ role: "system", content: texts }, user("e"), { role: "system", content: "f" }]);
  });

  it("maps parts", () => {
    const file = { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AA" };
    const parts = [
      text("t"),
      image,
      file,
      { type: "input_file", file_id: "f" },
      { type: "input_file", file_url: "https://x/y.pdf" },
      { type: "input_audio", input_audio: { data: "AA", format: "wav" } },
    ];
    expect(conversation([message("user", ...parts)])).toEqual([
      user([
        { type: "text", text: "t" },
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBO", detail: "high" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AA" } },
        { type: "file", file: { file_id: "f" } },
        { type: "file", file: { filename: "document.pdf", file_data: "https://x/y.pdf" } },
        { type: "input_audio", input_audio: { data: "AA", format: "wav" } },
      ]),
    ]);
  });

  it("makes one message of what the model wrote in a row, with results behind it", () => {
    const items = [
      user("q"),
      thought("hm"),
      said("let me see"),
      call("c1", "f", '{"a":1}'),
      call("c2", "g"),
      output("c2", "two"),
      message("user", text("stop")),
      output("c1", "one"),
      said("done"),
    ];
    expect(conversation(items)).toEqual([
      user("q"),
      {
        role: "assistant",
        content: "let me see",
        reasoning_content: "hm",
        tool_calls: [chatCall("c1", "f", '{"a":1}'), chatCall("c2", "g", "{}")],
      },
      { role: "tool", tool_call_id: "c2", content: "two" },
      { role: "tool", tool_call_id: "c1", content: "one" },
      user("stop"),
      { role: "assistant", content: "done" },
    ]);
  });

  it("knows a type however it is spelt", () => {
    const items = String.raw`[{"type":"function\u005fcall","call_id":"c","name":"f","arguments":"{}"},{"type":"un\u0020known"}]`;
    expect(JSON.parse(requestText(`{"model":"m","input":${items}}`)).messages[0].tool_calls).toEqual([chatCall("c", "f", "{}")]);
  });

  it("parts turns at results", () => {
    const items = [call("c1", "f"), output("c1", "1"), call("c2", "f"), output("c2", "2")];
    expect(conversation(items).map((m: any) => m.role)).toEqual(["assistant", "tool", "assistant", "tool"]);
  });

  it("puts a result's pictures behind the results, or leaves them inside for a translator", () => {
    const items = [call("c1", "f"), output("c1", [text("seen"), image]), output("c2", [image])];
    const picture = { type: "image_url", image_url: { url: "data:image/png;base64,iVBO", detail: "high" } };
    expect(conversation(items).slice(1)).toEqual([
      { role: "tool", tool_call_id: "c1", content: "seen" },
      { role: "tool", tool_call_id: "c2", content: "The result is in the next user message." },
      user([picture, picture]),
    ]);
    expect(conversation(items, { isConversation: true }).slice(1)).toEqual([
      { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "seen" }, picture] },
      { role: "tool", tool_call_id: "c2", content: [picture] },
    ]);
  });

  it("shows pictures that the model had made, and leaves other server tools out", () => {
    const items = [
      { type: "web_search_call", id: "ws", status: "completed", action: {} },
      { type: "image_generation_call", id: "ig", result: "AAAA" },
      said("there"),
      user("more"),
      { type: "from_tomorrow" },
    ];
    expect(conversation(items)).toEqual([
      { role: "assistant", content: "there" },
      user([{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }]),
      user("more"),
    ]);
  });

  it("turns calls of all tools into functions' calls", () => {
    const items = [
      { type: "custom_tool_call", call_id: "c1", name: "patch", input: 'a "b"\n' },
      call("c2", "spawn", "{}", { namespace: "agents" }),
      { type: "local_shell_call", id: "c3", call_id: "c3", action: { type: "exec", command: ["ls"] } },
      { type: "shell_call", call_id: "c4", action: { commands: ["ls"] } },
      { type: "apply_patch_call", call_id: "c5", operation: { type: "delete_file", path: "a" } },
      { type: "tool_search_call", call_id: "c6", execution: "client", arguments: { query: "q" } },
      { type: "custom_tool_call_output", call_id: "c1", output: "ok" },
      { type: "local_shell_call_output", id: "c3", output: "files" },
      { type: "shell_call_output", call_id: "c4", output: [{ stdout: "x", stderr: "", outcome: { type: "exit", exit_code: 0 } }] },
      { type: "apply_patch_call_output", call_id: "c5", status: "failed" },
      { type: "tool_search_output", call_id: "c6", tools: [fn("found")] },
    ];
    const body = request({ input: items });
    expect(body.messages[0].tool_calls).toEqual([
      chatCall("c1", "patch", JSON.stringify({ input: 'a "b"\n' })),
      chatCall("c2", "agents__spawn", "{}"),
      chatCall("c3", "local_shell", '{"type":"exec","command":["ls"]}'),
      chatCall("c4", "shell", '{"commands":["ls"]}'),
      chatCall("c5", "apply_patch", '{"type":"delete_file","path":"a"}'),
      chatCall("c6", "tool_search", '{"query":"q"}'),
    ]);
    expect(body.messages.slice(1).map((m: any) => [m.tool_call_id, m.content])).toEqual([
      ["c1", "ok"],
      ["c3", "files"],
      ["c4", '[{"stdout":"x","stderr":"","outcome":{"type":"exit","exit_code":0}}]'],
      ["c5", "failed"],
      ["c6", '[{"type":"function","name":"found","parameters":{"type":"object"}}]'],
    ]);
    expect(body.tools).toEqual([{ type: "function", function: { name: "found", parameters: { type: "object" } } }]);
  });

  it("gives plain chat only thinking that nobody sealed", () => {
    const sealed = thought("theirs", { encrypted_content: "gAAAA" });
    expect(conversation([thought("a"), { ...thought("no"), content: [{ type: "reasoning_text", text: "b" }] }, sealed, said("x")])).toEqual(
      [{ role: "assistant", content: "x", reasoning_content: "a\n\nb" }],
    );
    expect(conversation([thought("a"), said("x")], { noReasoning: true })).toEqual([{ role: "assistant", content: "x" }]);
    expect(conversation([sealed])).toEqual([]);
  });

  it("tells a translator the order of blocks, with what their providers sealed", () => {
    const block = { type: "thinking", thinking: "é\\n", signature: "SIG+/=" };
    const items = [
      thought("é", { encrypted_content: seal(1, JSON.stringify([block])) }),
      call("c1", "f"),
      thought("own words"),
      thought("g", { encrypted_content: seal(4, "R0c=") }),
      said("between"),
      { type: "reasoning", summary: [], encrypted_content: seal(3, "VFQ=") },
      { type: "reasoning", summary: [], encrypted_content: seal(2, "Q0M=") },
      call("c2", "g"),
      thought("dropped", { encrypted_content: "gAAAA" }),
    ];
    const google = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
    expect(conversation(items, { isConversation: true })).toEqual([
      { role: "assistant", content: null, thinking_blocks: [block], tool_calls: [chatCall("c1", "f", "{}")] },
      {
        role: "assistant",
        content: [
          { type: "text", text: "between" },
          { type: "text", text: "", ...google("VFQ=") },
        ],
        thinking_blocks: [
          { type: "thinking", thinking: "own words" },
          { type: "thinking", thinking: "g", ...google("R0c=") },
        ],
      },
      { role: "assistant", content: null, tool_calls: [chatCall("c2", "g", "{}", google("Q0M="))] },
    ]);
  });

  it("drops an envelope that was altered, with its thinking", () => {
    const whole = seal(1, '[{"type":"thinking","thinking":"t","signature":"S"}]');
    for (const broken of [whole.slice(0, -1), whole.replace('"S"', '"T"'), whole.replace("anthropic", "google")]) {
      expect(conversation([thought("t", { encrypted_content: broken }), said("x")], { isConversation: true })).toEqual([
        { role: "assistant", content: "x" },
      ]);
    }
  });
});

describe("request: tools", () => {
  const names = (body: object) => request(body).tools.map((t: any) => t.function.name);

  it("keeps schemas byte for byte", () => {
    const raw =
      '{"model":"c","input":"hi","tools":[{"type":"function","name":"f","description":"d","strict":true,"parameters":{"type" : "object","x":1.0}}]}';
    expect(requestText(raw)).toContain(
      '"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type" : "object","x":1.0},"strict":true}}]',
    );
  });

  it("makes functions of custom tools and those that the client runs", () => {
    const custom = { type: "custom", name: "patch", description: "d", format: { type: "grammar", syntax: "lark", definition: "start: x" } };
    const tools = [
      custom,
      { type: "local_shell" },
      { type: "shell" },
      { type: "apply_patch" },
      { type: "tool_search", execution: "client", description: "s", parameters: { type: "object" } },
    ];
    const made = request({ tools }).tools;
    expect(made.map((t: any) => t.function.name)).toEqual(["patch", "local_shell", "shell", "apply_patch", "tool_search"]);
    expect(made[0].function.parameters.required).toEqual(["input"]);
    expect(made[0].function.description).toBe("d\n\nGrammar of the input (lark):\nstart: x");
    expect(made[4].function).toEqual({ name: "tool_search", description: "s", parameters: { type: "object" } });
  });

  it("names the tools of a namespace, and leaves out those of servers", () => {
    const tools = [
      {
        type: "namespace",
        name: "mcp__a__",
        description: "All of a.",
        tools: [fn("x", { description: "X." }), fn("y"), fn("z".repeat(70))],
      },
      { type: "namespace", name: "b.c", tools: [fn("x")] },
      { type: "mcp", server_label: "s" },
      { type: "file_search" },
    ];
    const made = request({ tools }).tools;
    expect(made.map((t: any) => t.function.name)).toEqual([
      "mcp__a__x",
      "mcp__a__y",
      expect.stringMatching(/^mcp__a__z{45}_\d{1,10}$/),
      "b_c__x",
    ]);
    expect(made[0].function.description).toBe("All of a.\n\nX.");
    expect(made[1].function).not.toHaveProperty("description");
  });

  it("takes a name once, and tools that items bring", () => {
    const input = [{ type: "additional_tools", role: "developer", tools: [fn("f"), fn("h")] }, user("hi")];
    expect(names({ tools: [fn("f"), { type: "custom", name: "f" }, fn("g")], input })).toEqual(["f", "g", "h"]);
    expect(refusal({ tools: Array.from({ length: 1025 }, (_, k) => fn("f" + k)) })).toMatch(/^tools\|.*1024/);
  });

  it("maps the choice", () => {
    const tools = [fn("f"), { type: "custom", name: "c" }, { type: "namespace", name: "n", tools: [fn("x")] }, { type: "shell" }];
    const choice = (tool_choice: unknown) => request({ tools, tool_choice }).tool_choice;
    const named = (name: string) => ({ type: "function", function: { name } });
    expect(["auto", "none", "required"].map(choice)).toEqual(["auto", "none", "required"]);
    expect(choice({ type: "function", name: "f" })).toEqual(named("f"));
    expect(choice({ type: "custom", name: "c" })).toEqual(named("c"));
    expect(choice({ type: "function", name: "x", namespace: "n" })).toEqual(named("n__x"));
    expect(choice({ type: "shell" })).toEqual(named("shell"));
    expect(choice({ type: "web_search_preview" })).toBeUndefined();
    const allowed = request({
      tools: [fn("f"), fn("g")],
      tool_choice: { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "g" }] },
      parallel_tool_calls: false,
    });
    expect([allowed.tools.length, allowed.tools[0].function.name, allowed.tool_choice, allowed.parallel_tool_calls]).toEqual([
      1,
      "g",
      "required",
      false,
    ]);
  });

  it("says nothing of a choice without tools", () => {
    expect(request({ tools: [{ type: "web_search" }], tool_choice: "auto", parallel_tool_calls: true })).toEqual({
      model: "up",
      messages: [user("hi")],
    });
  });
});

describe("response", () => {
  it("is whole", () => {
    const usage = {
      prompt_tokens: 9,
      completion_tokens: 5,
      total_tokens: 14,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 2 },
    };
    const body = {
      instructions: "i",
      temperature: 0.5,
      tools: [fn("f")],
      metadata: { a: "b" },
      text: { verbosity: "low" },
      max_output_tokens: 7,
    };
    const made = response(
      { id: "chatcmpl-1", model: "m-1", choices: [{ index: 0, message: { content: "hello" }, finish_reason: "stop" }], usage },
      body,
    );
    expect(made).toEqual({
      id: expect.stringMatching(/^resp_1$/),
      object: "response",
      created_at: 1700000000,
      status: "completed",
      background: false,
      error: null,
      incomplete_details: null,
      instructions: "i",
      max_output_tokens: 7,
      max_tool_calls: null,
      model: "m-1",
      output: [
        {
          id: expect.stringMatching(/^msg_1_0$/),
          type: "message",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", annotations: [], logprobs: [], text: "hello" }],
        },
      ],
      parallel_tool_calls: true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      store: false,
      temperature: 0.5,
      text: { format: { type: "text" }, verbosity: "low" },
      tool_choice: "auto",
      tools: [fn("f")],
      top_logprobs: 0,
      top_p: null,
      truncation: "disabled",
      usage: {
        input_tokens: 9,
        input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 14,
      },
      user: null,
      metadata: { a: "b" },
    });
    expect([seen(), usageSeen()]).toEqual(["m-1|chatcmpl-1", "9,5,14,4,2"]);
  });

  it("says null for counts that nobody told", () => {
    expect(answer({ content: "x" }).usage).toBeNull();
  });

  it("tells reasoning, refusals, calls and citations as items", () => {
    const url = { start_index: 0, end_index: 1, url: "https://x", title: "X" };
    const parts = {
      reasoning_content: "hm",
      content: "a",
      refusal: "no",
      annotations: [{ type: "url_citation", url_citation: url }],
      tool_calls: [chatCall("c1", "f", '{"a":1}'), chatCall("c2", "f", "{}")],
    };
    const made = answer(parts, "tool_calls").output;
    expect(made.map((item: any) => item.type)).toEqual(["reasoning", "message", "function_call", "function_call"]);
    expect(made[0]).toEqual({
      id: expect.stringMatching(/^rs_/),
      type: "reasoning",
      summary: [],
      content: [{ type: "reasoning_text", text: "hm" }],
    });
    expect(made[1].content).toEqual([
      { type: "output_text", annotations: [{ type: "url_citation", ...url }], logprobs: [], text: "a" },
      { type: "refusal", refusal: "no" },
    ]);
    expect(made[2]).toEqual({
      id: expect.stringMatching(/^fc_/),
      type: "function_call",
      status: "completed",
      call_id: "c1",
      name: "f",
      arguments: '{"a":1}',
    });
    expect(answer(parts, "tool_calls", { reasoning: { summary: "auto" } }).output[0]).toMatchObject({
      summary: [{ type: "summary_text", text: "hm" }],
    });
  });

  it("tells calls in the form of their tools", () => {
    const tools = [
      { type: "custom", name: "patch" },
      { type: "namespace", name: "ns", tools: [fn("x")] },
      { type: "local_shell" },
      { type: "shell" },
      { type: "apply_patch" },
      { type: "tool_search", execution: "client" },
    ];
    const calls = [
      chatCall("c1", "patch", '{"input":"a \\"b\\"\\n"}'),
      chatCall("c2", "ns__x", "{}"),
      chatCall("c3", "local_shell", '{"command":["ls"],"timeout_ms":5}'),
      chatCall("c4", "shell", '{"commands":["ls"]}'),
      chatCall("c5", "apply_patch", '{"type":"delete_file","path":"a"}'),
      chatCall("c6", "tool_search", '{"query":"q"}'),
      chatCall("c7", "unknown", "{}"),
      chatCall("c8", "patch", "bare words"),
    ];
    const made = answer({ content: null, tool_calls: calls }, "tool_calls", { tools }).output.map(
      ({ id: _id, status: _status, ...item }: any) => item,
    );
    expect(made).toEqual([
      { type: "custom_tool_call", call_id: "c1", name: "patch", input: 'a "b"\n' },
      { type: "function_call", call_id: "c2", name: "x", namespace: "ns", arguments: "{}" },
      { type: "local_shell_call", call_id: "c3", action: { type: "exec", env: {}, command: ["ls"], timeout_ms: 5 } },
      { type: "shell_call", call_id: "c4", action: { commands: ["ls"] } },
      { type: "apply_patch_call", call_id: "c5", operation: { type: "delete_file", path: "a" } },
      { type: "tool_search_call", call_id: "c6", execution: "client", arguments: { query: "q" } },
      { type: "function_call", call_id: "c7", name: "unknown", arguments: "{}" },
      { type: "custom_tool_call", call_id: "c8", name: "patch", input: "bare words" },
    ]);
  });

  it.each([
    ["length", "incomplete", { reason: "max_output_tokens" }],
    ["content_filter", "incomplete", { reason: "content_filter" }],
    ["tool_calls", "completed", null],
    [null, "completed", null],
  ])("finish_reason %s is status %s", (finish, status, details) => {
    const made = answer({ content: "x" }, finish);
    expect([made.status, made.incomplete_details, made.output[0].status]).toEqual([status, details, status]);
  });

  it("is none without an answer", () => {
    expect([response({ error: { message: "x" } }), response({ choices: [] }), answer({ content: "x" }, "error")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("carries what a provider sealed, so that the next turn has it byte for byte", () => {
    const blocks = [
      { type: "thinking", thinking: "hm", signature: "S1+/==" },
      { type: "redacted_thinking", data: "D" },
    ];
    const google = { extra_content: { google: { thought_signature: "R0c=" } } };
    const first = answer(
      { content: "t", reasoning_content: "hm", thinking_blocks: blocks, tool_calls: [chatCall("c1", "f", "{}", google)] },
      "tool_calls",
    ).output;
    expect(first.map((item: any) => item.type)).toEqual(["reasoning", "reasoning", "message", "reasoning", "function_call"]);
    expect(conversation([...first, output("c1", "r")], { isConversation: true })).toEqual([
      { role: "assistant", content: "t", thinking_blocks: blocks },
      { role: "assistant", content: null, tool_calls: [chatCall("c1", "f", "{}", google)] },
      { role: "tool", tool_call_id: "c1", content: "r" },
    ]);
    expect(conversation([...first, output("c1", "r")])[0]).toEqual({
      role: "assistant",
      content: "t",
      tool_calls: [chatCall("c1", "f", "{}")],
    });
  });

  it("reads the conversation form: several messages, and texts apart", () => {
    const google = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
    const block = { type: "thinking", thinking: "t", signature: "S" };
    const messages = [
      { thinking_blocks: [block], tool_calls: [chatCall("", "f", "{}")] },
      {
        content: [
          { type: "text", text: "a", ...google("R0c=") },
          { type: "server_tool_use", id: "s" },
        ],
        tool_calls: [chatCall("", "f", '{"b":1}')],
      },
    ];
    const form = { id: "r", model: "m", choices: [{ index: 0, messages, finish_reason: "tool_calls" }] };
    const output = response(form, {}, { isConversation: true }).output;
    expect(output.map((item: any) => item.type)).toEqual(["reasoning", "function_call", "reasoning", "message", "function_call"]);
    expect(conversation([...output], { isConversation: true })).toEqual([
      { role: "assistant", content: null, thinking_blocks: [block], tool_calls: [chatCall("call_r_1", "f", "{}")] },
      { role: "assistant", content: [{ type: "text", text: "a", ...google("R0c=") }], tool_calls: [chatCall("call_r_4", "f", '{"b":1}')] },
    ]);
    const told = stream([chunk({ content: "a" }), chunk({ content: "b", content_end: true }), chunk({}, "stop")]);
    expect(told.response.output[0].content.map((part: any) => part.text)).toEqual(["a", "b"]);
  });
});

const done = ["[DONE]"];
const STREAMS: Record<string, any[]> = {
  text: [
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "hé" }),
    chunk({ content: 'l"lo' }),
    chunk({}, "stop"),
    usageChunk(9, 5),
    ...done,
  ],
  reasoning: [
    chunk({ reasoning_content: "h" }),
    chunk({ reasoning: "m" }),
    chunk({ content: "a" }),
    chunk({ reasoning_content: "again" }),
    chunk({ content: "b" }, "stop"),
    ...done,
  ],
  refusal: [chunk({ content: "a" }), chunk({ refusal: "n" }), chunk({ refusal: "o" }), chunk({}, "stop"), ...done],
  calls: [
    chunk({ content: "see" }),
    chunk(tool(0, "c1", "f", "")),
    chunk(tool(0, undefined, undefined, '{"a"')),
    chunk(tool(0, undefined, undefined, ":1}")),
    chunk(tool(1, "c2", "g", "{}")),
    chunk({}, "tool_calls"),
    usageChunk(1, 2),
    ...done,
  ],
  interleaved: [
    chunk(tool(0, "c1", "f", '{"a"')),
    chunk(tool(1, "c2", "g", '{"b"')),
    chunk(tool(0, undefined, undefined, ":1}")),
    chunk(tool(1, undefined, undefined, ":2}")),
    chunk({}, "tool_calls"),
    ...done,
  ],
  late: [chunk(tool(0, "c1", undefined, '{"a"')), chunk(tool(0, undefined, "f", ":1}")), chunk({}, "tool_calls"), ...done],
  custom: [chunk(tool(0, "c1", "patch", '{"inp')), chunk(tool(0, undefined, undefined, 'ut":"x\\ny"}')), chunk({}, "tool_calls"), ...done],
  sealed: [
    chunk({ reasoning_content: "hm" }),
    chunk({ thinking_blocks: [{ index: 0, type: "thinking", thinking: "hm", signature: "S" }], content: "a" }),
    chunk({ ...tool(0, "c1", "f", "{}", { extra_content: { google: { thought_signature: "R0c=" } } }) }),
    chunk({ extra_content: { google: { thought_signature: "VFQ=" } } }, "stop"),
    ...done,
  ],
  cited: [
    chunk({ content: "a" }),
    chunk({ annotations: [{ type: "url_citation", url_citation: { url: "https://x" } }] }),
    chunk({ content: "b" }),
    chunk({}, "stop"),
    ...done,
  ],
  cut: [chunk({ content: "a" }), chunk(tool(0, "c1", "f", '{"a"')), chunk({}, "length"), ...done],
  unnamed: [chunk({ tool_calls: [{ function: { name: "f", arguments: "{}" } }] }), chunk({}, "stop"), ...done],
};
const BODY = { tools: [{ type: "custom", name: "patch" }, fn("f"), fn("g")] };

describe("stream", () => {
  it("tells a text", () => {
    const told = stream(STREAMS.text);
    expect(told.names).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ]);
    expect(told.response.output[0].content[0].text).toBe('hél"lo');
    expect(told.response.usage).toMatchObject({ input_tokens: 9, output_tokens: 5, total_tokens: 14 });
    expect(told.response.model).toBe("m");
  });

  it("tells calls, each done when the next begins", () => {
    const told = stream(STREAMS.calls, BODY);
    expect(told.names.slice(8, -1)).toEqual([
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
    ]);
    expect(told.response.output.slice(1).map((item: any) => [item.call_id, item.name, item.arguments])).toEqual([
      ["c1", "f", '{"a":1}'],
      ["c2", "g", "{}"],
    ]);
  });

  it("tells calls that the upstream tells in turn", () => {
    expect(stream(STREAMS.interleaved).response.output.map((item: any) => item.arguments)).toEqual(['{"a":1}', '{"b":2}']);
    expect(stream(STREAMS.late).response.output[0]).toMatchObject({ name: "f", call_id: "c1", arguments: '{"a":1}' });
    expect(stream(STREAMS.unnamed).response.output[0]).toMatchObject({ name: "f", call_id: expect.stringMatching(/^call_r_0$/) });
  });

  it("tells a custom tool's input", () => {
    const told = stream(STREAMS.custom, BODY);
    expect(told.events.find((event) => event.type === "response.custom_tool_call_input.done").input).toBe("x\ny");
    expect(told.response.output[0]).toMatchObject({ type: "custom_tool_call", name: "patch", input: "x\ny" });
  });

  it("tells thinking as summary when one was asked for", () => {
    const told = stream(STREAMS.reasoning, { reasoning: { summary: "auto" } });
    expect(told.names).toContain("reasoning_summary_text.delta");
    expect(told.response.output.map((item: any) => item.type)).toEqual(["reasoning", "message", "reasoning", "message"]);
    expect(told.response.output[0].summary).toEqual([{ type: "summary_text", text: "hm" }]);
    expect(stream(STREAMS.reasoning).names).toContain("reasoning_text.delta");
  });

  it("follows reasoningContentMode", () => {
    const ignored = stream(STREAMS.reasoning, {}, { reasoningMode: 1 }).response.output;
    expect(ignored.map((item: any) => item.content.map((part: any) => part.text))).toEqual([["ab"]]);
    const concat = stream(STREAMS.reasoning, {}, { reasoningMode: 2 }).response.output;
    expect(concat[0].content[0].text).toBe("<think>hm</think>\na<think>again</think>\nb");
  });

  it("carries logprobs", () => {
    const logprobs = { content: [{ token: "a", logprob: -0.5, bytes: [97], top_logprobs: [] }] };
    const told = stream([{ choices: [{ index: 0, delta: { content: "a" }, logprobs, finish_reason: null }] }, chunk({}, "stop"), ...done]);
    expect(told.events.find((event) => event.type === "response.output_text.delta").logprobs).toEqual(logprobs.content);
    expect(told.response.output[0].content[0].logprobs).toEqual(logprobs.content);
  });

  it("is incomplete at the limit", () => {
    const told = stream(STREAMS.cut);
    expect([told.response.status, told.response.incomplete_details]).toEqual(["incomplete", { reason: "max_output_tokens" }]);
    expect(told.response.output.map((item: any) => item.status)).toEqual(["completed", "incomplete"]);
  });

  it.each(Object.keys(STREAMS))("of %s is the same wherever the bytes are cut, and as a whole response", (name) => {
    const bytes = sse(STREAMS[name]);
    const whole = streamText(bytes, 1 << 20, BODY);
    readStream(whole);
    for (let size = 1; size < bytes.length; size += size < 40 ? 1 : 37)
      expect(streamText(bytes, size, BODY), `pieces of ${size}`).toBe(whole);
  });

  it.each(Object.entries(STREAMS))("of %s fails when the upstream stops before its finish", (_name, chunks) => {
    const finished = chunks.findIndex((data) => data.choices?.[0]?.finish_reason);
    for (let cut = 0; cut <= finished; cut++) {
      const told = stream(chunks.slice(0, cut), BODY);
      expect(told.response.error).toEqual({ code: "server_error", message: expect.stringMatching(/^The upstream/) });
      expect(told.error.code).toBe("server_error");
    }
    expect(stream(chunks.slice(0, finished + 1), BODY).error).toBeUndefined();
  });

  it.each([
    [{ error: { message: "too fast", type: "x", code: "rate_limit_exceeded" } }, "rate_limit_exceeded", "too fast"],
    [{ error: { message: "busy", code: 429 } }, "rate_limit_exceeded", "busy"],
    [{ error: { message: "long", code: "context_length_exceeded" } }, "context_length_exceeded", "long"],
    [{ error: { message: "bad", type: "invalid_request_error" } }, "invalid_prompt", "bad"],
    [{ error: "words" }, "server_error", "words"],
    [{ object: "error", message: "vllm" }, "server_error", "vllm"],
    ["{broken", "server_error", "The upstream sent an event that is not valid JSON."],
  ])("tells the error %j", (data, code, words) => {
    const told = stream([chunk({ content: "a" }), data]);
    expect(told.response.status).toBe("failed");
    expect(told.response.error).toEqual({ code, message: words });
    expect(told.names.slice(-2)).toEqual(["error", "failed"]);
  });

  it("passes keep-alives over", () => {
    expect(stream(["ping", ...STREAMS.text]).response.status).toBe("completed");
  });

  it("counts what it keeps, and ends when that is too much", () => {
    const big = chunk({ content: "x".repeat(900_000) });
    const told = stream([big, big, big, big, big, chunk({}, "stop")]);
    expect(told.response.error.message).toContain("longer than the gateway can repeat");
    expect(heldBytes()).toBeGreaterThan(4 << 20);
    stream(STREAMS.text);
    expect(heldBytes()).toBeLessThan(2000);
  });

  it("is made of a whole completion", () => {
    const completion = {
      id: "r",
      model: "m",
      choices: [{ index: 0, message: { content: "hi", tool_calls: [chatCall("c1", "f", "{}")] }, finish_reason: "tool_calls" }],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    };
    const told = wholeAsStream(completion, BODY);
    expect(told.response.output.map((item: any) => item.type)).toEqual(["message", "function_call"]);
    expect(told.response.usage.total_tokens).toBe(3);
  });
});

describe("errors", () => {
  it("are OpenAI's, or become so", () => {
    const own = '{"error": {"message":"m","type":"t","code":"c","param":null}}';
    expect(errorText(429, own)).toBe(own);
    expect(JSON.parse(errorText(503, '{"detail":"busy"}'))).toEqual({
      error: { message: "busy", type: "server_error", param: null, code: null },
    });
    expect(JSON.parse(errorText(502, "")).error.message).toBe("The upstream answered with status 502.");
  });
});

describe("whatever comes", () => {
  const TYPES = [
    ..."message reasoning function_call custom_tool_call local_shell_call shell_call apply_patch_call tool_search_call".split(" "),
    ..."function_call_output shell_call_output apply_patch_call_output tool_search_output image_generation_call".split(" "),
    ..."additional_tools item_reference web_search_call input_text input_image input_file output_text refusal".split(" "),
    ..."summary_text reasoning_text function custom namespace local_shell apply_patch tool_search allowed_tools json_schema".split(" "),
  ];
  const NAMES = [
    ..."type role content output call_id id name namespace arguments input action operation summary encrypted_content".split(" "),
    ..."text image_url file_id file_data tools tool_choice mode parameters description format definition result status".split(" "),
  ];
  const ROLES = ["user", "assistant", "system", "developer"];
  const leaf = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom(...TYPES, ...ROLES),
    fc.constantFrom(null, true, 0, 1.5, "{}", '{"input":"x"}'),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.array(tie("json"), { maxLength: 4 }),
      fc
        .tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...NAMES), tie("json"), { maxKeys: 5 }))
        .map(([type, rest]) => ({ type, ...rest })),
    ),
  }));
  const FIELDS = [
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "reasoning",
    "text",
    "include",
    "max_output_tokens",
    "top_logprobs",
    "stream",
  ];
  const DELTAS = [
    ..."content reasoning_content refusal tool_calls function_call thinking_blocks annotations extra_content images".split(" "),
  ];

  it("a request becomes JSON or is refused with a reason", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...FIELDS), json, { maxKeys: 6 }), fc.boolean(), (body, isConversation) => {
        const text = requestText(body, { isConversation });
        if (text.startsWith("!")) expect(text).toMatch(/\|[A-Za-z].{10,}\.$/);
        else expect(Array.isArray(JSON.parse(text).messages)).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it("an upstream's chunks become a stream that a client can read", () => {
    const call = fc.record(
      {
        index: fc.nat(3),
        id: leaf,
        function: fc.record({ name: leaf, arguments: fc.oneof(leaf, json) }, { requiredKeys: [] }),
        extra_content: json,
      },
      { requiredKeys: [] },
    );
    const delta = fc.oneof(
      fc.dictionary(fc.constantFrom(...DELTAS), json, { maxKeys: 3 }),
      fc.record({ tool_calls: fc.array(call, { maxLength: 3 }) }),
    );
    const chunks = fc.array(fc.tuple(delta, fc.constantFrom(null, null, null, "stop", "length", "tool_calls", 7)), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, fc.boolean(), (list, isConversation) => {
        const told = stream([...list.map(([value, finish]) => chunk(value, finish as string)), ...done], BODY, { isConversation });
        expect(["completed", "incomplete", "failed"]).toContain(told.response.status);
      }),
      { numRuns: 1500 },
    );
  });
});
