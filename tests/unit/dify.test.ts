// The Dify dialect at unit level: requests for each kind of application, responses, streams, errors; bytes in, bytes out.
import OpenAI from "openai";
import { beforeAll, describe, expect, it } from "vitest";
import { BrokenJson, expectJson } from "./broken-json";
import { loadUnits, type Units } from "./units";

let units: Units;
beforeAll(() => {
  units = loadUnits("dify");
}, 90_000);

const IGNORE = 1;
const CONCAT = 2;

interface Options {
  bot?: string;
  stream?: boolean;
  usage?: boolean;
  reasoning?: number;
  input?: string;
  output?: string;
  base?: string;
  conversation?: string;
}

const call = (name: string, ...inputs: (string | number)[]) =>
  units.text(units.exports[name](...inputs.map((input) => (typeof input === "number" ? input : units.put(input)))));

const begin = (o: Options = {}) => {
  units.exports.begin((o.stream ? 1 : 0) | (o.usage ? 2 : 0), units.put("app"), o.reasoning ?? 0);
  units.exports.configure(...[o.bot ?? "Chat", o.input ?? "", o.output ?? "", o.base ?? ""].map((text) => units.put(text)));
  if (o.conversation) units.exports.setConversation(units.put(o.conversation));
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

const response = (body: object | string, options: Options = {}) => {
  begin(options);
  const text = call("response", typeof body === "string" ? body : JSON.stringify(body));
  if (text === "!") throw new Error(`not understood: ${call("problem")}`);
  return JSON.parse(text);
};
const refused = (body: object | string, options: Options = {}) => {
  begin(options);
  expect(call("response", typeof body === "string" ? body : JSON.stringify(body))).toBe("!");
  return call("problem");
};

const sse = (events: (object | string)[]) =>
  events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
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
const joined = (chunks: any[], field = "content") =>
  deltas(chunks)
    .map((delta) => delta[field] ?? "")
    .join("");
const finishes = (chunks: any[]) =>
  chunks
    .flatMap((chunk) => chunk.choices ?? [])
    .map((choice: any) => choice.finish_reason)
    .filter(Boolean);

const IDS = { task_id: "task-1", message_id: "msg-1", conversation_id: "conv-1", created_at: 1705395332 };
const USAGE = { prompt_tokens: 33, prompt_price: "0.001", completion_tokens: 7, total_tokens: 40, currency: "USD", latency: 1.5 };
const message = (answer: string) => ({ event: "message", ...IDS, answer });
const agentMessage = (answer: string) => ({ event: "agent_message", ...IDS, answer });
const thought = (id: string, text: string, extra: object = {}) => ({
  event: "agent_thought",
  ...IDS,
  id,
  position: 1,
  thought: text,
  observation: "",
  tool: "",
  tool_input: "",
  ...extra,
});
const end = { event: "message_end", ...IDS, metadata: { usage: USAGE, retriever_resources: [] } };
const RUN = { task_id: "task-1", workflow_run_id: "run-1" };
const started = { event: "workflow_started", ...RUN, data: { id: "run-1", workflow_id: "wf", inputs: { query: "q" } } };
const node = { event: "node_finished", ...RUN, data: { node_id: "n", status: "succeeded", outputs: { answer: "inner", text: "inner" } } };
const chunk = (text: string) => ({ event: "text_chunk", ...RUN, data: { text, from_variable_selector: ["n", "text"] } });
const reasoning = (text: string, extra: object = {}) => ({
  event: "reasoning_chunk",
  ...RUN,
  data: { reasoning: text, node_id: "n", ...extra },
});
const finished = (outputs: object | null, status = "succeeded", error: string | null = null) => ({
  event: "workflow_finished",
  ...RUN,
  data: { id: "run-1", workflow_id: "wf", status, outputs, error, total_tokens: 50, total_steps: 3 },
});

describe("the request of a chat application", () => {
  it("takes a lone message as it is", () => {
    expect(request({})).toEqual({
      inputs: {},
      query: "ping",
      auto_generate_name: false,
      conversation_id: "",
      response_mode: "blocking",
      user: "api-user",
    });
    expect(request({ user: "u1" }, { stream: true })).toMatchObject({ response_mode: "streaming", user: "u1" });
    expect(request({ safety_identifier: "s1" }).user).toBe("s1");
  });

  it("makes a transcript of several, in Higress' form", () => {
    const messages = [
      { role: "system", content: "be kind" },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      { role: "assistant", content: "c" },
      { role: "assistant", content: null, tool_calls: [] },
      { role: "tool", tool_call_id: "x", content: "d" },
      { role: "user", content: "e" },
    ];
    expect(request({ messages }).query).toBe("SYSTEM: \nbe kind\nUSER: \na\nb\nASSISTANT: \nc\nTOOL: \nd\nUSER: \ne\n");
  });

  it("keeps escapes and UTF-8 byte for byte", () => {
    begin();
    expect(call("request", String.raw`{"messages":[{"role":"user","content":"a\u00e9\n\"\\ 你\ud83d\ude00"}]}`)).toContain(
      String.raw`"query":"a\u00e9\n\"\\ 你\ud83d\ude00"`,
    );
  });

  it("continues a conversation with what follows the last response", () => {
    const messages = [
      { role: "system", content: "s" },
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
    ];
    expect(request({ messages }, { conversation: "conv-9" })).toMatchObject({ conversation_id: "conv-9", query: "c" });
    expect(request({ messages, conversation_id: "conv-8" })).toMatchObject({ conversation_id: "conv-8", query: "c" });
    expect(request({ messages, conversation_id: "conv-8" }, { conversation: "conv-9" }).conversation_id).toBe("conv-9");
    expect(request({ messages: messages.slice(0, 3) }, { conversation: "conv-9" }).query).toBe("SYSTEM: \ns\nUSER: \na\nASSISTANT: \nb\n");
    expect(request({ messages: messages.slice(0, 2) }, { conversation: "conv-9" }).query).toBe("SYSTEM: \ns\nUSER: \na\n");
  });

  it("sends files by address or upload id", () => {
    const content = [
      { type: "text", text: "see" },
      { type: "image_url", image_url: { url: "https://x.test/a.png" } },
      { type: "image_url", image_url: "http://x.test/b" },
      { type: "audio_url", audio_url: { url: "https://x.test/c.mp3" } },
      { type: "video_url", video_url: { url: "https://x.test/d.mp4" } },
      { type: "file", file: { file_id: "up-1" } },
      { type: "file", file: { file_data: "https://x.test/e.pdf" } },
    ];
    const own = { type: "custom", transfer_method: "local_file", upload_file_id: "up-2" };
    const remote = (type: string, url: string) => ({ type, transfer_method: "remote_url", url });
    expect(request({ messages: [{ role: "user", content }], files: [own, 5] })).toMatchObject({
      query: "see",
      files: [
        remote("image", "https://x.test/a.png"),
        remote("image", "http://x.test/b"),
        remote("audio", "https://x.test/c.mp3"),
        remote("video", "https://x.test/d.mp4"),
        { type: "document", transfer_method: "local_file", upload_file_id: "up-1" },
        remote("document", "https://x.test/e.pdf"),
        own,
      ],
    });
    expect(request({ messages: [{ role: "user", content: content.slice(1, 2) }] })).toMatchObject({
      query: "",
      files: [remote("image", "https://x.test/a.png")],
    });
  });

  it("passes the client's inputs on and drops what belongs to the application", () => {
    const body = request({
      inputs: { city: "Bonn", n: 1.5 },
      temperature: 0.3,
      tools: [{ type: "function", function: { name: "f" } }],
      tool_choice: "auto",
      response_format: { type: "json_object" },
      n: 2,
      stop: ["x"],
    });
    expect(body).toEqual({
      inputs: { city: "Bonn", n: 1.5 },
      query: "ping",
      auto_generate_name: false,
      conversation_id: "",
      response_mode: "blocking",
      user: "api-user",
    });
  });

  it("asks an agent for a stream whatever the client wants: it answers in no other way", () => {
    expect(request({}, { bot: "Agent" }).response_mode).toBe("streaming");
    expect(request({}, { bot: "Agent" }).query).toBe("ping");
  });

  it.each([
    [{ messages: "x" }, "messages"],
    [{ messages: [] }, "messages"],
    [{ messages: [{ role: "user", content: "" }] }, "messages"],
    [{ messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    [{ messages: [null] }, "messages[0].role"],
    [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    [
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "a" },
              { type: "image_url", image_url: { url: "data:image/png;base64,QQ==" } },
            ],
          },
        ],
      },
      "messages[0].content[1]",
    ],
    [
      { messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "QQ==", format: "wav" } }] }] },
      "messages[0].content[0]",
    ],
    [{ tool_choice: "required" }, "tool_choice"],
    [{ tool_choice: { type: "function", function: { name: "f" } } }, "tool_choice"],
  ])("refuses %j", (body, param) => {
    expect(refusal(body)).toBe(param);
  });
});

describe("the other applications", () => {
  it("text generators take the text in the input `query`, or in the one that is configured", () => {
    expect(request({}, { bot: "Completion" })).toEqual({ inputs: { query: "ping" }, response_mode: "blocking", user: "api-user" });
    expect(request({ inputs: { a: 1, topic: "old" } }, { bot: "Completion", input: "topic" }).inputs).toEqual({ topic: "ping", a: 1 });
  });

  it("workflows take it in inputVariable, and have no conversation", () => {
    expect(request({ conversation_id: "c" }, { bot: "Workflow", input: 'in"put', stream: true, conversation: "conv-9" })).toEqual({
      inputs: { 'in"put': "ping" },
      response_mode: "streaming",
      user: "api-user",
    });
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
    ];
    expect(request({ messages }, { bot: "Workflow", conversation: "conv-9" }).inputs.query).toBe("USER: \na\nASSISTANT: \nb\nUSER: \nc\n");
  });

  it.each([
    ["Chat", "", "/v1/chat-messages"],
    ["", "", "/v1/chat-messages"],
    ["Agent", "", "/v1/chat-messages"],
    ["Completion", "/", "/v1/completion-messages"],
    ["Workflow", "/dify/v1/", "/dify/v1/workflows/run"],
  ])("a %s under %j is called at %s", (bot, base, path) => {
    begin({ bot, base });
    expect(call("path")).toBe(path);
  });
});

describe("blocking responses", () => {
  const body = { event: "message", mode: "chat", id: "b01", ...IDS, answer: "hi\n", metadata: { usage: USAGE } };

  it("a chat response: usage, and the conversation's id", () => {
    expect(response(body)).toEqual({
      id: "conv-1",
      object: "chat.completion",
      created: 1700000000,
      model: "app",
      choices: [{ index: 0, message: { role: "assistant", content: "hi\n" }, finish_reason: "stop" }],
      usage: expect.objectContaining({ prompt_tokens: 33, completion_tokens: 7, total_tokens: 40 }),
    });
    expect([call("usage"), call("seen"), call("conversation")]).toEqual(["33,7,40,-1,-1", "app|conv-1", "conv-1"]);
  });

  it("a text generator's response has the message's id", () => {
    expect(response({ ...body, conversation_id: undefined }, { bot: "Completion" })).toMatchObject({
      id: "msg-1",
      choices: [{ message: { content: "hi\n" } }],
    });
    expect(response({ answer: "x" })).toMatchObject({ id: "chatcmpl-0000000000abcdef", choices: [{ message: { content: "x" } }] });
    expect(response({ answer: "x" })).not.toHaveProperty("usage");
  });

  const workflow = (outputs: object | null, output = "", extra: object = {}) =>
    response(
      { ...RUN, data: { id: "run-1", workflow_id: "wf", status: "succeeded", outputs, error: null, total_tokens: 150, ...extra } },
      { bot: "Workflow", output },
    );
  it.each([
    [{ result: "a\n" }, "result", "a\n"],
    [{ result: "a", other: "b" }, "other", "b"],
    [{ result: "a" }, "absent", ""],
    [{ only: "a" }, "", "a"],
    [{ a: "x", b: 1 }, "", '{"a":"x","b":1}'],
    [{ result: { k: ['"'] } }, "result", '{"k":["\\""]}'],
    [{ result: null }, "result", ""],
    [{}, "", "{}"],
    [null, "", ""],
  ])("of a workflow's outputs %j, variable %j, %j is the response", (outputs, output, content) => {
    const answer = workflow(outputs, output);
    expect(answer.choices[0]).toEqual({ index: 0, message: { role: "assistant", content }, finish_reason: "stop" });
    expect(answer).toMatchObject({ id: "run-1", usage: { total_tokens: 150 } });
  });

  it("says why a workflow has no response", () => {
    const run = (status: string, error: string | null) => refused({ ...RUN, data: { status, outputs: null, error } }, { bot: "Workflow" });
    expect(run("failed", "node 3: no credentials")).toBe("node 3: no credentials");
    expect(run("stopped", null)).toBe("");
    expect(run("paused", null)).toBe("");
    expect(refused({ event: "workflow_paused", ...IDS, data: { status: "paused" } })).toBe("");
    expect(run("failed", "x".repeat(5000))).toHaveLength(512);
  });

  it("does not understand what is no response", () => {
    for (const text of ["", "[]", "{}", '{"code":"bad","message":"m","status":400}', "<html>", '{"answer":', '{"data":{}}']) refused(text);
  });
});

describe("a stream that is gathered for a client that wants none", () => {
  const gathered = (events: (object | string)[], options: Options = {}) => response(sse(events), { bot: "Agent", ...options });

  it("joins an agent's messages and takes the closing one for the whole", () => {
    expect(gathered([thought("t1", ""), agentMessage("a"), '{"event":"ping"}', agentMessage("b"), message("ab"), end])).toMatchObject({
      id: "conv-1",
      choices: [{ message: { content: "ab" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 33, completion_tokens: 7 },
    });
    expect(call("conversation")).toBe("conv-1");
  });

  it("puts a replaced text in the place of the first", () => {
    expect(gathered([agentMessage("bad"), { event: "message_replace", ...IDS, answer: "removed" }, end]).choices[0]).toMatchObject({
      message: { content: "removed" },
      finish_reason: "content_filter",
    });
  });

  it("keeps reasoning and pictures", () => {
    const file = { event: "message_file", ...IDS, id: "f", type: "image", belongs_to: "assistant", url: "https://x.test/cat.png" };
    const choice = gathered([thought("t1", "hm"), file, agentMessage("see"), end]).choices[0];
    expect(choice.message).toEqual({
      role: "assistant",
      content: "see",
      reasoning_content: "hm",
      images: [{ type: "image_url", image_url: { url: "https://x.test/cat.png" } }],
    });
    expect(gathered([thought("t1", "hm"), agentMessage("see"), end], { reasoning: CONCAT }).choices[0].message.content).toBe(
      "<think>hm</think>\nsee",
    );
  });

  it("is no response when it was cut off or failed", () => {
    expect(refused(sse([agentMessage("a")]), { bot: "Agent" })).toBe("");
    expect(refused(sse([agentMessage("a"), { event: "error", status: 400, code: "c", message: 'said "no"' }]), { bot: "Agent" })).toBe(
      'said "no"',
    );
  });

  it("reads events of more than a mebibyte and any line end", () => {
    const long = "y".repeat(1_200_000);
    expect(gathered([agentMessage(long), end]).choices[0].message.content).toBe(long);
    expect(response(sse([agentMessage("a"), end]).replaceAll("\n", "\r\n"), { bot: "Agent" }).choices[0].message.content).toBe("a");
  });
});

describe("streams of chats", () => {
  it("has one id, the role first, the finish last, whoever pings", () => {
    const chunks = stream(['{"event":"ping"}', message("你"), message(""), message("好"), end]);
    expect(chunks.map((item) => item.choices[0])).toEqual([
      { index: 0, delta: { role: "assistant", content: "" }, finish_reason: null },
      { index: 0, delta: { content: "你" }, finish_reason: null },
      { index: 0, delta: { content: "好" }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: "stop" },
    ]);
    expect(new Set(chunks.map((item) => item.id))).toEqual(new Set(["conv-1"]));
    expect([call("seen"), call("conversation")]).toEqual(["app|conv-1", "conv-1"]);
  });

  it("skips pings without data, which is how they come, and gives the same bytes cut at every size", () => {
    const text = `${sse([message("né")])}event: ping\n\n${sse([message("你😀"), end])}`;
    const whole = streamText(text, { usage: true });
    expect(whole).not.toContain("error");
    for (let size = 1; size <= 40; size++) expect(streamText(text, { usage: true }, size)).toBe(whole);
  });

  it("writes usage only when asked, once", () => {
    expect(stream([message("a"), end]).every((item) => !("usage" in item))).toBe(true);
    expect(call("usage")).toBe("33,7,40,-1,-1");
    const chunks = stream([message("a"), end], { usage: true });
    expect(chunks.slice(0, -1).every((item) => item.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 33, completion_tokens: 7, total_tokens: 40 } });
  });

  it("streams an agent's text once, though its thoughts and the closing message repeat it", () => {
    const chunks = stream(
      [
        thought("t1", ""),
        agentMessage("I will "),
        agentMessage("look."),
        thought("t1", "I will look.", { tool: "search", tool_input: "{}" }),
        thought("t1", "I will look.", { observation: "found" }),
        thought("t2", ""),
        agentMessage("Done."),
        thought("t2", "Done."),
        message("Done."),
        end,
      ],
      { bot: "Agent" },
    );
    expect(joined(chunks)).toBe("I will look.Done.");
    expect(joined(chunks, "reasoning_content")).toBe("");
    expect(JSON.stringify(chunks)).not.toMatch(/search|found|tool_calls/);
  });

  it("tells thoughts that are no part of the text as reasoning, each part once", () => {
    const events = [
      thought("t1", "First"),
      thought("t1", "First, look"),
      agentMessage("Hi"),
      thought("t1", "First, look"),
      thought("t2", "Then"),
      end,
    ];
    expect(joined(stream(events, { bot: "Agent" }), "reasoning_content")).toBe("First, look\n\nThen");
    expect(joined(stream(events, { bot: "Agent", reasoning: CONCAT }))).toBe("<think>First, look</think>\nHi<think>\n\nThen</think>\n");
    expect(JSON.stringify(stream(events, { bot: "Agent", reasoning: IGNORE }))).not.toContain("look");
  });

  it("appends a replaced text, which cannot be taken back, and names the reason", () => {
    const replace = (answer: string) => ({ event: "message_replace", ...IDS, answer, reason: "output_moderation" });
    const chunks = stream([message("bad"), replace("removed"), end]);
    expect([joined(chunks), finishes(chunks)]).toEqual(["bad\n\nremoved", ["content_filter"]]);
    expect(joined(stream([replace("removed"), end]))).toBe("removed");
    expect(joined(stream([message("bad"), replace(""), end]))).toBe("bad");
  });

  it("carries pictures on the next chunk, and no other files", () => {
    const file = (type: string, belongs_to: string) => ({
      event: "message_file",
      ...IDS,
      id: "f",
      type,
      belongs_to,
      url: "https://x.test/f",
    });
    const chunks = stream([message("a"), file("image", "assistant"), file("image", "user"), file("document", "assistant"), end]);
    expect(deltas(chunks).at(-1)).toEqual({ images: [{ type: "image_url", image_url: { url: "https://x.test/f" } }] });
  });

  it("ends a chatflow at message_end, on whichever side of workflow_finished it stands", () => {
    const flow = [{ ...started, ...IDS }, node, reasoning("hm"), reasoning("", { is_final: true }), message("a")];
    for (const tail of [
      [end, finished({ answer: "a" })],
      [finished({ answer: "a" }), end],
    ]) {
      const chunks = stream([...flow, ...tail], { usage: true });
      expect([joined(chunks), joined(chunks, "reasoning_content"), finishes(chunks)]).toEqual(["a", "hm", ["stop"]]);
    }
    expect(stream([...flow, finished(null, "failed", "node 2"), { event: "error", message: "again" }]).at(-1).error).toMatchObject({
      message: "node 2",
      code: "workflow_failed",
    });
    expect(finishes(stream([...flow, finished(null, "stopped"), end]))).toEqual(["stop"]);
  });

  it("ends a run that waits for a person with an error", () => {
    const paused = { event: "workflow_paused", ...RUN, data: { status: "paused", reasons: [] } };
    const chunks = stream([started, { event: "human_input_required", ...RUN, data: { form_token: "t" } }, paused]);
    expect(chunks.at(-1).error).toMatchObject({ type: "upstream_error", code: "workflow_paused" });
  });

  it("turns an error event into one error and stops", () => {
    const failed = stream(
      [message("a"), { event: "error", ...IDS, status: 400, code: "provider_quota_exceeded", message: 'no "quota"' }, message("b"), end],
      { usage: true },
    );
    expect(failed.at(-1)).toEqual({
      error: { message: 'no "quota"', type: "invalid_request_error", param: null, code: "insufficient_quota" },
    });
    expect(JSON.stringify(failed)).not.toContain('"b"');
    expect(stream([{ event: "error" }]).at(-1).error).toMatchObject({ type: "server_error", code: null });
    expect(stream([message("a"), "{broken"]).at(-1).error.code).toBe("invalid_event");
  });

  it("ends a truncated or empty stream with an error, not as a finish", () => {
    for (const events of [[], [message("a")], [started, chunk("a")], [message("a"), finished({}), "[DONE]"]]) {
      const chunks = stream(events, { usage: true });
      expect(chunks.at(-1).error).toMatchObject({ type: "upstream_error", code: "stream_truncated" });
      expect(finishes(chunks)).toEqual([]);
    }
  });

  it("ignores what comes after the end", () => {
    expect(stream([message("a"), end, message("late"), { event: "tts_message_end", audio: "" }, { event: "error", message: "x" }])).toEqual(
      stream([message("a"), end]),
    );
  });
});

describe("streams of workflows", () => {
  const run = (events: (object | string)[], options: Options = {}) => stream(events, { bot: "Workflow", output: "answer", ...options });

  it("streams the text chunks, and the output only when there were none", () => {
    const streamed = run([started, chunk("a"), node, chunk("b"), finished({ answer: "ab" })]);
    expect([joined(streamed), finishes(streamed), streamed[0].id]).toEqual(["ab", ["stop"], "run-1"]);
    const whole = run([started, node, finished({ answer: "ab", other: "x" })]);
    expect([joined(whole), finishes(whole)]).toEqual(["ab", ["stop"]]);
    expect(joined(run([started, finished({ x: 1 })], { output: "" }))).toBe("1");
  });

  it("counts the total alone, which is all that is reported", () => {
    const chunks = run([started, finished({ answer: "a" })], { usage: true });
    expect(chunks.at(-1).usage.total_tokens).toBe(50);
    expect(call("usage")).toBe("-1,-1,50,-1,-1");
  });

  it.each([
    ["succeeded", null],
    ["partial-succeeded", null],
    ["failed", "workflow_failed"],
    ["stopped", "workflow_stopped"],
    ["paused", "workflow_paused"],
    ["new-word", null],
  ])("status %s ends as %j", (status, code) => {
    const chunks = run([started, chunk("a"), finished({ answer: "a" }, status)]);
    if (code === null) expect(finishes(chunks)).toEqual(["stop"]);
    else {
      expect(chunks.at(-1).error).toMatchObject({ type: "upstream_error", code });
      expect(chunks.at(-1).error.message.length).toBeGreaterThan(10);
      expect(finishes(chunks)).toEqual([]);
    }
  });
});

describe("errors", () => {
  const error = (status: number, body: unknown) => {
    begin();
    return JSON.parse(call("error", status, typeof body === "string" ? body : JSON.stringify(body))).error;
  };
  it.each([
    [400, "invalid_param", "invalid_request_error", "invalid_param"],
    [401, "unauthorized", "authentication_error", "invalid_api_key"],
    [403, "forbidden", "permission_error", "forbidden"],
    [404, "not_found", "not_found_error", "not_found"],
    [429, "too_many_requests", "rate_limit_error", "rate_limit_exceeded"],
    [429, "rate_limit_error", "rate_limit_error", "insufficient_quota"],
    [400, "provider_quota_exceeded", "invalid_request_error", "insufficient_quota"],
    [500, "internal_server_error", "server_error", "internal_server_error"],
    [400, 'odd "code"', "invalid_request_error", null],
  ])("%i %s", (status, code, type, expected) => {
    expect(error(status, { status, code, message: `m "q" ${status}` })).toEqual({
      message: `m "q" ${status}`,
      type,
      param: null,
      code: expected,
    });
  });

  it("quotes what is no JSON and survives odd shapes", () => {
    expect(error(502, "<html>Bad gateway</html>")).toMatchObject({ message: "<html>Bad gateway</html>", type: "server_error" });
    expect(error(500, "").message).toContain("500");
    expect(error(400, { code: "invalid_param", params: "user", message: { user: "missing" } }).message).toBe('{"user":"missing"}');
    expect(error(400, { code: "x", message: null }).message.length).toBeGreaterThan(5);
  });
});

describe("the official openai client", () => {
  const client = (options: Options, answer: string, sent: any[]) =>
    new OpenAI({
      apiKey: "k",
      baseURL: "http://gw.test/v1",
      maxRetries: 0,
      fetch: async (_url, init) => {
        const body = JSON.parse(String(init?.body));
        begin({ stream: body.stream, usage: body.stream_options?.include_usage, ...options });
        sent.push(JSON.parse(call("request", String(init?.body))));
        if (body.stream) return new Response(call("stream", answer, 7), { headers: { "content-type": "text/event-stream" } });
        return new Response(call("response", answer), { headers: { "content-type": "application/json" } });
      },
    });

  it("streams from an agent, and gets one response from it when it wants one", async () => {
    const sent: any[] = [];
    const openai = client({ bot: "Agent" }, sse([agentMessage("It is "), agentMessage("1.1"), end]), sent);
    const streamed = openai.chat.completions.stream({
      model: "m",
      messages: [{ role: "user", content: "EURUSD?" }],
      stream_options: { include_usage: true },
    });
    expect(await streamed.finalContent()).toBe("It is 1.1");
    expect((await streamed.totalUsage()).total_tokens).toBe(40);
    const whole = await openai.chat.completions.create({ model: "m", messages: [{ role: "user", content: "EURUSD?" }] });
    expect(whole.choices[0].message.content).toBe("It is 1.1");
    expect(sent.map((body) => body.response_mode)).toEqual(["streaming", "streaming"]);
  });
});

describe("robustness", () => {
  it("never traps and writes only JSON on 9,000 mutated inputs", () => {
    const body = JSON.stringify({
      model: "c",
      user: "u",
      inputs: { a: 1, query: "x" },
      files: [{ type: "image" }],
      conversation_id: "c",
      tool_choice: "auto",
      messages: [
        { role: "system", content: "s" },
        {
          role: "user",
          content: [
            { type: "text", text: "\u00e9" },
            { type: "image_url", image_url: { url: "https://x.test/a" } },
            { type: "file", file: { file_id: "f" } },
          ],
        },
        { role: "assistant", content: "c" },
        { role: "tool", tool_call_id: "a", content: '{"b":2}' },
      ],
    });
    const replies = [
      JSON.stringify({ ...IDS, answer: "a", metadata: { usage: USAGE } }),
      JSON.stringify({ ...RUN, data: { status: "succeeded", outputs: { answer: { a: [1] } }, total_tokens: 5 } }),
      sse([thought("t", "x"), agentMessage("a"), end]),
    ];
    const events = [
      started,
      node,
      thought("t1", "hm"),
      agentMessage("a"),
      thought("t1", "a"),
      reasoning("r"),
      chunk("x"),
      { event: "message_file", type: "image", url: "u" },
      { event: "message_replace", answer: "z" },
      message("a"),
      finished({ answer: 1 }),
      end,
    ].map((event) => JSON.stringify(event));
    const broken = new BrokenJson(4321, ["message_end"]);
    const bots = ["Chat", "Agent", "Completion", "Workflow"];
    let understood = 0;
    for (let round = 0; round < 1000; round++) {
      const options = { bot: bots[round % 4], output: round % 3 ? "answer" : "", reasoning: round % 3 };
      begin({ ...options, conversation: round % 2 ? "conv" : "" });
      const sent = call("request", broken.mutate(body));
      if (!sent.startsWith("!")) expectJson(sent);
      for (const reply of replies) {
        begin(options);
        const got = call("response", broken.mutate(reply));
        if (got === "!") continue;
        understood++;
        expectJson(got);
      }
      expectJson(call("error", 400 + broken.below(200), broken.mutate('{"code":"c","message":"m","status":400}')));
      begin({ ...options, stream: true, usage: true });
      let written = "";
      for (const event of events) written += call("event", "", broken.below(3) ? event : broken.reshape(event));
      written += call("event", "", broken.mutate(events[broken.below(events.length)])) + call("end");
      for (const line of written.trimEnd().split("\n\n")) if (line !== "data: [DONE]") expectJson(line.slice(6));
      units.exports.collect();
    }
    expect(understood).toBeGreaterThan(500);
  }, 60_000);

  it("takes deep input, long thoughts and many pictures without trapping", () => {
    begin();
    expect(call("request", '{"messages":' + "[".repeat(5000))).toContain("not valid JSON");
    const long = "z".repeat(100_000);
    const chunks = stream([agentMessage(long), agentMessage(long), thought("t", long + long), thought("t", long + long + "more"), end], {
      bot: "Agent",
    });
    expect(joined(chunks, "reasoning_content")).toBe("more");
    const file = { event: "message_file", type: "image", belongs_to: "assistant", url: "u" };
    expect(deltas(stream([...Array.from({ length: 2000 }, () => file), message("a"), end]))[0].images).toHaveLength(2000);
  });
});
