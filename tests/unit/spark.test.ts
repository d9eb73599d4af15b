// The Spark dialect at unit level: request, response, stream, errors; bytes in, bytes out.
import { beforeAll, describe, expect, it } from "vitest";
import { Dialect, finishes, joined, parseStream, sse } from "./plain-chat-support";

let spark: Dialect;
beforeAll(() => {
  spark = new Dialect("spark", { model: "generalv3.5" });
}, 90_000);

const USAGE = { prompt_tokens: 6, completion_tokens: 3, total_tokens: 9 };
const OK = { code: 0, message: "Success", sid: "cha1@dx" };
const whole = (message: object, extra: object = {}) => ({
  ...OK,
  choices: [{ message: { role: "assistant", ...message }, index: 0, ...extra }],
  usage: USAGE,
});
const event = (delta: object, extra: object = {}, beside: object = {}) => ({
  ...OK,
  id: "cha1@dx",
  created: 5,
  choices: [{ delta, index: 0, ...beside }],
  ...extra,
});
const CALL = { type: "function", function: { name: "weather", arguments: '{"city":"Shanghai"}' } };
const TOOLS = [{ type: "function", function: { name: "weather", parameters: {} } }];

describe("requests to Spark", () => {
  it("go to the OpenAI path", () => {
    expect(spark.path()).toBe("/v1/chat/completions");
  });

  it("keep the client's bytes but for the model", () => {
    spark.begin();
    expect(
      spark.call(
        "request",
        '{ "messages":[{"role":"user","content":"\\u00e9"}],"temperature":0.0, "model":"x","top_k":4,"own":{"a":[1e2]} }',
      ),
    ).toBe('{ "messages":[{"role":"user","content":"\\u00e9"}],"temperature":0.0, "model":"generalv3.5","top_k":4,"own":{"a":[1e2]} }');
  });

  it("say max_tokens for max_completion_tokens", () => {
    const body = spark.request({ max_completion_tokens: 7, max_tokens: 9 });
    expect(body.max_tokens).toBe(7);
    expect(body).not.toHaveProperty("max_completion_tokens");
    expect(spark.request({ max_tokens: 9 }).max_tokens).toBe(9);
  });

  it("ask for tool calls as a list, unless the client decided", () => {
    expect(spark.request({ tools: TOOLS }).tool_calls_switch).toBe(true);
    expect(spark.request({ tools: TOOLS, tool_calls_switch: false }).tool_calls_switch).toBe(false);
    expect(spark.request({ tools: [] })).not.toHaveProperty("tool_calls_switch");
  });

  it("turn developer into system and lists of texts into strings, and leave other parts alone", () => {
    const image = [
      { type: "text", text: "a" },
      { type: "image_url", image_url: { url: "u" } },
    ];
    const { messages } = spark.request({
      messages: [
        { role: "developer", content: "be brief" },
        {
          role: "user",
          content: [
            { type: "text", text: 'say "a"' },
            { type: "text", text: "b" },
          ],
        },
        { role: "user", content: image },
        { role: "assistant", content: null, tool_calls: [{ id: "1", ...CALL }] },
      ],
    });
    expect(messages).toEqual([
      { role: "system", content: "be brief" },
      { role: "user", content: 'say "a"\nb' },
      { role: "user", content: image },
      { role: "assistant", content: null, tool_calls: [{ id: "1", ...CALL }] },
    ]);
  });

  it("are refused without messages", () => {
    expect(spark.refusal({ messages: [] })).toBe("messages");
    expect(spark.refusal({ messages: "x" })).toBe("messages");
  });
});

describe("whole responses of Spark", () => {
  it("become a completion with a finish reason and usage", () => {
    expect(spark.response(whole({ content: 'hi "there"\n' }))).toMatchObject({
      id: "cha1@dx",
      object: "chat.completion",
      created: 1700000000,
      model: "generalv3.5",
      choices: [{ index: 0, message: { role: "assistant", content: 'hi "there"\n' }, finish_reason: "stop" }],
      usage: USAGE,
    });
    expect(spark.call("usage")).toBe("6,3,9,-1,-1");
    expect(spark.call("seen")).toBe("generalv3.5|cha1@dx");
  });

  it("keep the finish reason that is given and the reasoning", () => {
    for (const reason of ["stop", "length", "content_filter"]) {
      expect(spark.response(whole({ content: "x" }, { finish_reason: reason })).choices[0].finish_reason).toBe(reason);
    }
    expect(spark.response(whole({ content: "x", reasoning_content: "hm" })).choices[0].message.reasoning_content).toBe("hm");
  });

  it("keep a tool call, be it an object or in a list", () => {
    const expected = { id: "call_0000000000abcdef_0", ...CALL };
    const [alone] = spark.response(whole({ content: "", tool_calls: CALL })).choices;
    expect(alone).toMatchObject({ message: { content: null, tool_calls: [expected] }, finish_reason: "tool_calls" });
    const [listed] = spark.response(whole({ content: "", tool_calls: [{ id: "c9", ...CALL }, CALL] })).choices;
    expect(listed.message.tool_calls).toEqual([
      { ...CALL, id: "c9" },
      { ...CALL, id: "call_0000000000abcdef_1" },
    ]);
  });

  it("make an id when there is none and leave usage out when it is unknown", () => {
    const response = spark.response({ choices: [{ message: { content: "x" } }] });
    expect(response.id).toBe("chatcmpl-0000000000abcdef");
    expect(response).not.toHaveProperty("usage");
  });

  it("are not understood without choices", () => {
    spark.begin();
    expect(spark.call("response", JSON.stringify(OK))).toBe("!");
    expect(spark.call("response", "[]")).toBe("!");
    expect(spark.call("response", "<html>")).toBe("!");
  });
});

describe("streams of Spark", () => {
  const TEXT = sse(
    event({ role: "assistant", content: "a" }),
    event({ role: "assistant", content: "b\u00e9" }),
    event({ content: "" }, { usage: USAGE }),
    "[DONE]",
  );

  it("become chunks that finish at [DONE]", () => {
    const chunks = spark.stream(TEXT);
    expect(chunks[0]).toEqual({
      id: "cha1@dx",
      object: "chat.completion.chunk",
      created: 1700000000,
      model: "generalv3.5",
      choices: [{ index: 0, delta: { role: "assistant", content: "a" }, finish_reason: null }],
    });
    expect(joined(chunks)).toBe("ab\u00e9");
    expect(finishes(chunks)).toEqual(["stop"]);
    expect(chunks.filter((chunk) => chunk.choices[0].delta.role)).toHaveLength(1);
    expect(JSON.stringify(chunks)).not.toContain("usage");
    expect(spark.call("usage")).toBe("6,3,9,-1,-1");
  });

  it("bring the usage chunk when it is asked for", () => {
    const chunks = spark.stream(TEXT, { usage: true });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: USAGE });
    expect(chunks[0].usage).toBeNull();
  });

  it("are the same however they are cut", () => {
    const once = spark.streamText(TEXT);
    for (let size = 1; size < 40; size++) expect(spark.streamText(TEXT, {}, size)).toBe(once);
  });

  it("keep reasoning, finish reasons and tool calls", () => {
    const chunks = spark.stream(
      sse(
        event({ role: "assistant", content: "", reasoning_content: "hm" }),
        event({ content: "", tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "f", arguments: "" } }] }),
        event({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
        event({
          tool_calls: [
            { index: 0, function: { arguments: "1}" } },
            { index: 1, ...CALL },
          ],
        }),
        event({ content: "" }, { usage: USAGE }, { finish_reason: "tool_calls" }),
        "[DONE]",
      ),
    );
    const deltas = chunks.map((chunk) => chunk.choices[0].delta);
    expect(deltas[0]).toEqual({ role: "assistant", content: "" });
    expect(deltas[1]).toEqual({ reasoning_content: "hm" });
    const calls = deltas.flatMap((delta) => delta.tool_calls ?? []);
    expect(calls[0]).toEqual({ index: 0, id: "c1", type: "function", function: { name: "f", arguments: "" } });
    expect(
      calls
        .filter((call) => call.index === 0)
        .map((call) => call.function.arguments)
        .join(""),
    ).toBe('{"a":1}');
    expect(calls.at(-1)).toEqual({ index: 1, id: "call_0000000000abcdef_1", ...CALL });
    expect(finishes(chunks)).toEqual(["tool_calls"]);
  });

  it("take a tool call that is an object and has no finish reason", () => {
    const chunks = spark.stream(sse(event({ role: "assistant", content: "", tool_calls: CALL }), "[DONE]"));
    expect(chunks[1].choices[0].delta.tool_calls).toEqual([{ index: 0, id: "call_0000000000abcdef_0", ...CALL }]);
    expect(finishes(chunks)).toEqual(["tool_calls"]);
  });

  it("end in an error when they are cut, and when nothing came", () => {
    expect(spark.stream(sse(event({ content: "a" }))).at(-1).error.code).toBe("stream_truncated");
    expect(spark.stream("").at(-1).error.code).toBe("stream_truncated");
    expect(spark.stream(sse("[DONE]")).at(-1).error.code).toBe("stream_truncated");
  });

  it("end at an error event", () => {
    const chunks = spark.stream(
      sse(event({ content: "a" }), { code: 10014, message: "sensitive", sid: "s" }, event({ content: "b" }), "[DONE]"),
    );
    expect(joined(chunks)).toBe("a");
    expect(chunks.at(-1).error).toEqual({ message: "sensitive", type: "invalid_request_error", param: null, code: "content_filter" });
    expect(parseStream(spark.streamText("data: {\n\n")).at(-1).error.code).toBe("invalid_event");
  });
});

describe("errors of Spark", () => {
  it("hide behind status 200 and are given the status that they mean", () => {
    const statuses = { 10013: 400, 10005: 400, 11200: 403, 10404: 404, 11202: 429, 10008: 503, 10012: 502 };
    for (const [code, status] of Object.entries(statuses))
      expect(spark.failedStatus({ code: Number(code), message: "m", sid: "s" })).toBe(status);
    expect(spark.failedStatus({ error: { message: "m", code: "11202" } })).toBe(429);
    expect(spark.failedStatus(whole({ content: "x" }))).toBe(0);
    expect(spark.failedStatus({ ...whole({ content: "x" }), code: 10012 })).toBe(502);
  });

  it("become OpenAI's, whichever form they have", () => {
    expect(spark.error(200, { code: 11202, message: 'slow "down"', sid: "s" })).toEqual({
      message: 'slow "down"',
      type: "rate_limit_error",
      param: null,
      code: "rate_limit_exceeded",
    });
    expect(spark.error(500, { error: { message: "AppIdNoAuthError", type: "api_error", code: "11200" } })).toEqual({
      message: "AppIdNoAuthError",
      type: "permission_error",
      param: null,
      code: "11200",
    });
    expect(spark.error(401, { error: { message: "bad", code: null } })).toMatchObject({ type: "authentication_error", code: null });
    expect(spark.error(401, { error: { message: "bad", code: "no_key" } })).toMatchObject({ type: "authentication_error", code: "no_key" });
    expect(spark.error(400, { code: 10907, message: "long" }).code).toBe("context_length_exceeded");
    expect(spark.error(502, "<html>bad gateway</html>").message).toContain("bad gateway");
    expect(spark.error(500, { code: 10012 }).message).not.toBe("");
  });

  it("and mutated input never trap", () => {
    spark.fuzz({
      request: {
        model: "x",
        max_completion_tokens: 3,
        tools: TOOLS,
        messages: [
          { role: "developer", content: [{ type: "text", text: "a" }] },
          { role: "user", content: "\u00e9" },
        ],
      },
      response: whole({ content: "x", reasoning_content: "y", tool_calls: [{ id: "c", ...CALL }] }),
      failure: { code: 10013, message: "m", sid: "s" },
      events: [
        event({ role: "assistant", content: "a" }),
        event({ reasoning_content: "b", tool_calls: [{ index: 1, ...CALL }] }),
        event({ tool_calls: CALL }, { usage: USAGE }, { finish_reason: "stop" }),
      ],
    });
  }, 60_000);
});
