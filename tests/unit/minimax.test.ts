// The MiniMax Pro dialect at unit level: request, response, stream, errors; bytes in, bytes out.
import { beforeAll, describe, expect, it } from "vitest";
import { Dialect, finishes, joined, sse } from "./plain-chat-support";

let minimax: Dialect;
beforeAll(() => {
  minimax = new Dialect("minimax", { model: "abab6.5s-chat", setting: "g-1" });
}, 90_000);

const BOT = "MM智能助理";
const USAGE = { total_tokens: 187 };
const OK = { base_resp: { status_code: 0, status_msg: "" } };
const bot = (text: string, extra: object = {}) => ({ sender_type: "BOT", sender_name: BOT, text, ...extra });
const whole = (messages: object[], extra: object = {}, finish_reason = "stop") => ({
  created: 1689747645,
  model: "abab6.5s-chat",
  reply: "",
  choices: [{ finish_reason, messages }],
  usage: USAGE,
  id: "0106",
  ...OK,
  ...extra,
});
const piece = (text: string, extra: object = {}) => ({
  created: 1689747645,
  model: "abab6.5s-chat",
  reply: "",
  choices: [{ messages: [bot(text, extra)] }],
  output_sensitive: false,
});
const last = (text: string, extra: object = {}, finish_reason = "stop") => whole([bot(text, extra)], { reply: text }, finish_reason);
const FUNCTION = { name: "f", description: "d", parameters: { type: "object", properties: {} } };
const CALL = { name: "f", arguments: '{"a":1}' };
const toolCall = (id: string) => ({ id, type: "function", function: CALL });

describe("requests to MiniMax Pro", () => {
  it("carry the group in the path", () => {
    expect(minimax.path()).toBe("/v1/text/chatcompletion_pro?GroupId=g-1");
    expect(minimax.path({ setting: "a&b=c/d" })).toBe("/v1/text/chatcompletion_pro?GroupId=a%26b%3Dc%2Fd");
  });

  it("name a bot and a user even when the client names none", () => {
    expect(minimax.request({})).toEqual({
      model: "abab6.5s-chat",
      bot_setting: [{ bot_name: BOT, content: BOT }],
      reply_constraints: { sender_type: "BOT", sender_name: BOT },
      messages: [{ sender_type: "USER", sender_name: "小明", text: "ping" }],
      mask_sensitive_info: true,
    });
  });

  it("describe the bot by the system messages and answer in its name", () => {
    const body = minimax.request({
      messages: [
        { role: "system", content: "be brief" },
        {
          role: "developer",
          content: [
            { type: "text", text: "and" },
            { type: "text", text: "kind" },
          ],
        },
        { role: "user", name: "Ann", content: "hi" },
        { role: "assistant", content: "hello" },
        { role: "assistant", name: "Eve", content: null },
        { role: "user", content: "bye" },
      ],
    });
    expect(body.bot_setting).toEqual([{ bot_name: BOT, content: "be brief\n\nand\nkind" }]);
    expect(body.messages).toEqual([
      { sender_type: "USER", sender_name: "Ann", text: "hi" },
      bot("hello"),
      { ...bot(""), sender_name: "Eve" },
      { sender_type: "USER", sender_name: "小明", text: "bye" },
    ]);
    const two = minimax.request({
      messages: [
        { role: "system", name: "A", content: "a" },
        { role: "system", name: 'B"', content: "b" },
        { role: "assistant", content: "x" },
        { role: "user", content: "y" },
      ],
    });
    expect(two.bot_setting).toEqual([
      { bot_name: "A", content: "a" },
      { bot_name: 'B"', content: "b" },
    ]);
    expect(two.reply_constraints.sender_name).toBe('B"');
    expect(two.messages[0].sender_name).toBe('B"');
  });

  it("map limits, cut shares to what MiniMax takes and ask for a stream", () => {
    const body = minimax.request({ max_tokens: 5, temperature: 0, top_p: 0.5, n: 2, stop: "x", seed: 1 }, { stream: true });
    expect(body).toMatchObject({ stream: true, tokens_to_generate: 5, temperature: 0.01, top_p: 0.5 });
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(["n"]));
    expect(minimax.request({ max_completion_tokens: 7, max_tokens: 5, temperature: 1.7, top_p: -1 })).toMatchObject({
      tokens_to_generate: 7,
      temperature: 1,
      top_p: 0.01,
    });
    expect(minimax.request({ mask_sensitive_info: false, sample_messages: [{ a: 1 }] })).toMatchObject({
      mask_sensitive_info: false,
      sample_messages: [{ a: 1 }],
    });
  });

  it("carry functions and the choice of one", () => {
    const tools = [{ type: "function", function: FUNCTION }];
    expect(minimax.request({ tools }).functions).toEqual([FUNCTION]);
    expect(minimax.request({ tools })).not.toHaveProperty("function_call");
    expect(minimax.request({ tools, tool_choice: "auto" })).not.toHaveProperty("function_call");
    expect(minimax.request({ tools, tool_choice: "none" }).function_call).toEqual({ type: "none" });
    expect(minimax.request({ tools, tool_choice: "required" }).function_call).toEqual({ type: "specific", name: "f" });
    expect(minimax.request({ tools: [...tools, ...tools], tool_choice: "required" })).not.toHaveProperty("function_call");
    expect(
      minimax.request({ tools: [...tools, ...tools], tool_choice: { type: "function", function: { name: "f" } } }).function_call,
    ).toEqual({ type: "specific", name: "f" });
    expect(minimax.request({ functions: [FUNCTION], function_call: { name: "f" } })).toMatchObject({
      functions: [FUNCTION],
      function_call: { type: "specific", name: "f" },
    });
    expect(minimax.request({ tool_choice: "none" })).not.toHaveProperty("function_call");
  });

  it("carry calls and results, several calls of one message each before its result", () => {
    const one = minimax.request({
      messages: [
        { role: "user", content: "q" },
        { role: "assistant", content: null, tool_calls: [toolCall("1")] },
        { role: "tool", tool_call_id: "1", content: "r" },
      ],
    });
    expect(one.messages.slice(1)).toEqual([bot("", { function_call: CALL }), { ...bot("r"), sender_type: "FUNCTION" }]);
    const two = minimax.request({
      messages: [
        { role: "user", content: "q" },
        { role: "assistant", content: "wait", tool_calls: [toolCall("1"), { ...toolCall("2"), function: { name: "g", arguments: "{}" } }] },
        { role: "tool", tool_call_id: "2", content: "r2" },
        { role: "tool", tool_call_id: "1", content: "r1" },
      ],
    });
    expect(two.messages.slice(1)).toEqual([
      bot("wait"),
      bot("", { function_call: { name: "g", arguments: "{}" } }),
      { ...bot("r2"), sender_type: "FUNCTION" },
      bot("", { function_call: CALL }),
      { ...bot("r1"), sender_type: "FUNCTION" },
    ]);
    const old = minimax.request({
      messages: [
        { role: "user", content: "q" },
        { role: "assistant", content: null, function_call: CALL },
        { role: "function", name: "f", content: "r" },
      ],
    });
    expect(old.messages.slice(1)).toEqual([bot("", { function_call: CALL }), { ...bot("r"), sender_type: "FUNCTION" }]);
  });

  it("are refused when they cannot be said", () => {
    expect(minimax.refusal({ messages: [] })).toBe("messages");
    expect(
      minimax.refusal({
        messages: [
          { role: "user", content: "a" },
          { role: "user", content: [{ type: "image_url", image_url: { url: "u" } }] },
        ],
      }),
    ).toBe("messages[1].content");
    expect(minimax.refusal({ messages: [{ role: "system", content: [{ type: "image_url" }] }] })).toBe("messages[0].content");
    expect(minimax.refusal({ messages: [{ role: "king", content: "a" }] })).toBe("messages[0].role");
    expect(minimax.refusal({ tools: [{ type: "web_search" }] })).toBe("tools[0].type");
  });
});

describe("whole responses of MiniMax Pro", () => {
  it("become a completion", () => {
    expect(minimax.response(last('hi "there"'))).toMatchObject({
      id: "0106",
      object: "chat.completion",
      created: 1700000000,
      model: "abab6.5s-chat",
      choices: [{ index: 0, message: { role: "assistant", content: 'hi "there"' }, finish_reason: "stop" }],
      usage: { total_tokens: 187 },
    });
    expect(minimax.call("usage")).toBe("-1,-1,187,-1,-1");
    minimax.response(whole([bot("x")], { usage: { total_tokens: 9, prompt_tokens: 6, completion_tokens: 3 } }));
    expect(minimax.call("usage")).toBe("6,3,9,-1,-1");
  });

  it("map finish reasons", () => {
    const reasonOf = (reason: string, extra: object = {}) => minimax.response(whole([bot("x")], extra, reason)).choices[0].finish_reason;
    expect(["stop", "length", "max_output", "new"].map((reason) => reasonOf(reason))).toEqual(["stop", "length", "length", "stop"]);
    const refused = { created: 1, model: "m", reply: "", choices: null, input_sensitive: true, input_sensitive_type: 2, ...OK };
    expect(minimax.response(refused).choices).toMatchObject([{ message: { content: null }, finish_reason: "content_filter" }]);
  });

  it("turn a call into a tool call and leave out calls that MiniMax answered itself", () => {
    const [choice] = minimax.response(whole([bot("", { function_call: CALL })], { function_call: CALL })).choices;
    expect(choice).toMatchObject({
      message: { content: null, tool_calls: [{ id: "call_0000000000abcdef_0", type: "function", function: CALL }] },
      finish_reason: "tool_calls",
    });
    const [answered] = minimax.response(
      whole([bot("", { function_call: CALL }), { sender_type: "FUNCTION", text: "raw" }, bot("done")]),
    ).choices;
    expect(answered).toMatchObject({ message: { content: "done" }, finish_reason: "stop" });
    expect(answered.message).not.toHaveProperty("tool_calls");
  });

  it("take the reply when there are no choices, and are not understood without both", () => {
    expect(minimax.response({ reply: "r", ...OK }).choices[0].message.content).toBe("r");
    minimax.begin();
    expect(minimax.call("response", JSON.stringify(OK))).toBe("!");
    expect(minimax.call("response", "null")).toBe("!");
  });
});

describe("streams of MiniMax Pro", () => {
  const TEXT = sse(piece("I am "), piece("from \u00e9"), last("I am from \u00e9"));

  it("become deltas, without the text that the last event repeats", () => {
    const chunks = minimax.stream(TEXT);
    expect(chunks.map((chunk) => chunk.choices[0].delta)).toEqual([
      { role: "assistant", content: "I am " },
      { content: "from \u00e9" },
      {},
    ]);
    expect(finishes(chunks)).toEqual(["stop"]);
    expect(chunks[0]).toMatchObject({ object: "chat.completion.chunk", created: 1700000000, model: "abab6.5s-chat" });
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(minimax.call("usage")).toBe("-1,-1,187,-1,-1");
  });

  it("send the rest when the last event has more than was sent, and all of it when it is alone", () => {
    expect(joined(minimax.stream(sse(piece("I am "), last("I am here"))))).toBe("I am here");
    expect(joined(minimax.stream(sse(last("alone"))))).toBe("alone");
    expect(joined(minimax.stream(sse(piece("I am "), whole([bot("I am here")]))))).toBe("I am here");
    expect(joined(minimax.stream(sse(whole([bot("")], { reply: "alone" }))))).toBe("alone");
    expect(joined(minimax.stream(sse(piece("ha"), piece("ha"), last("haha"))))).toBe("haha");
  });

  it("go by the reply when the last message is empty or new", () => {
    expect(joined(minimax.stream(sse(piece("a"), whole([bot("")], { reply: "ab" }))))).toBe("ab");
    expect(joined(minimax.stream(sse(piece("a"), whole([bot("zzz")], { reply: "a" }))))).toBe("a");
    expect(joined(minimax.stream(sse(piece("a"), whole([bot("b")]))))).toBe("ab");
  });

  it("bring the usage chunk only when it is asked for", () => {
    expect(minimax.stream(TEXT, { usage: true }).at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 187 } });
    expect(JSON.stringify(minimax.stream(TEXT))).not.toContain("usage");
  });

  it("are the same however they are cut", () => {
    const once = minimax.streamText(TEXT);
    for (let size = 1; size < 40; size++) expect(minimax.streamText(TEXT, {}, size)).toBe(once);
  });

  it("bring a call once, in pieces or whole", () => {
    const argumentsOf = (chunks: any[]) => chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
    const call = (text: string) => ({ function_call: { name: "f", arguments: text } });
    const pieces = minimax.stream(sse(piece("", call('{"a"')), piece("", call(":1}")), last("", call('{"a":1}'))));
    const calls = argumentsOf(pieces);
    expect(calls[0]).toMatchObject({ index: 0, id: "call_0000000000abcdef_0", type: "function", function: { name: "f" } });
    expect(calls.map((one) => one.function.arguments).join("")).toBe('{"a":1}');
    expect(finishes(pieces)).toEqual(["tool_calls"]);
    expect(argumentsOf(minimax.stream(sse(last("", call('{"a":1}')))))).toHaveLength(1);
    expect(argumentsOf(minimax.stream(sse(piece("", call('{"a":1}')), last("", call('{"a":1}')))))).toHaveLength(1);
  });

  it("map length and end in an error when they are cut", () => {
    expect(finishes(minimax.stream(sse(piece("a"), last("a", {}, "max_output"))))).toEqual(["length"]);
    expect(minimax.stream(sse(piece("a"))).at(-1).error.code).toBe("stream_truncated");
    expect(minimax.stream("").at(-1).error.code).toBe("stream_truncated");
  });

  it("end at an error event", () => {
    const chunks = minimax.stream(sse(piece("a"), { base_resp: { status_code: 1027, status_msg: "no" } }, piece("b"), last("ab")));
    expect(joined(chunks)).toBe("a");
    expect(chunks.at(-1).error).toEqual({ message: "no", type: "invalid_request_error", param: null, code: "content_filter" });
    expect(minimax.stream("data: {x\n\n").at(-1).error.code).toBe("invalid_event");
  });
});

describe("errors of MiniMax Pro", () => {
  const failed = (code: number) => ({ created: 0, model: "", reply: "", choices: null, base_resp: { status_code: code, status_msg: "m" } });

  it("hide behind status 200 and are given the status that they mean", () => {
    const statuses = {
      1000: 500,
      1001: 504,
      1002: 429,
      1004: 401,
      1008: 429,
      1013: 500,
      1027: 400,
      1039: 429,
      2013: 400,
      2049: 401,
      77: 502,
    };
    for (const [code, status] of Object.entries(statuses)) expect(minimax.failedStatus(failed(Number(code)))).toBe(status);
    expect(minimax.failedStatus(last("x"))).toBe(0);
  });

  it("become OpenAI's", () => {
    const codeOf = (code: number) => minimax.error(200, failed(code));
    expect(codeOf(1004)).toEqual({ message: "m", type: "authentication_error", param: null, code: "invalid_api_key" });
    expect(codeOf(1008).code).toBe("insufficient_quota");
    expect(codeOf(1002)).toMatchObject({ type: "rate_limit_error", code: "rate_limit_exceeded" });
    expect(codeOf(2013)).toMatchObject({ type: "invalid_request_error", code: "2013" });
    expect(minimax.error(503, { error: { message: "gateway" } })).toMatchObject({ message: "gateway", type: "server_error" });
    expect(minimax.error(502, "down").message).toBe("down");
  });

  it("and mutated input never trap", () => {
    minimax.fuzz({
      request: {
        model: "x",
        temperature: 0.5,
        max_tokens: 3,
        tools: [{ type: "function", function: FUNCTION }],
        tool_choice: "required",
        messages: [
          { role: "system", name: "A", content: "a" },
          { role: "user", content: [{ type: "text", text: "\u00e9" }] },
          { role: "assistant", tool_calls: [toolCall("1"), toolCall("2")] },
          { role: "tool", tool_call_id: "1", content: "r" },
        ],
      },
      response: whole([bot("x", { function_call: CALL })], { reply: "x" }),
      failure: failed(1002),
      events: [piece("a"), piece("b", { function_call: CALL }), last("ab", { function_call: CALL })],
    });
  }, 60_000);
});
