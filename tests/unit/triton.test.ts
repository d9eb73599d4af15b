// The Triton dialect at unit level: request, response, stream, errors; bytes in, bytes out.
import { beforeAll, describe, expect, it } from "vitest";
import { Dialect, finishes, joined, sse } from "./plain-chat-support";

let triton: Dialect;
beforeAll(() => {
  triton = new Dialect("triton", { model: "llama" });
}, 90_000);

const piece = (text_output: unknown, extra: object = {}) => ({ model_name: "llama", model_version: "1", text_output, ...extra });

describe("requests to Triton", () => {
  it("carry model, version and kind of response in the path", () => {
    expect(triton.path()).toBe("/v2/models/llama/generate");
    expect(triton.path({ stream: true })).toBe("/v2/models/llama/generate_stream");
    expect(triton.path({ setting: "3" })).toBe("/v2/models/llama/versions/3/generate");
    expect(triton.path({ stream: true, setting: "3" })).toBe("/v2/models/llama/versions/3/generate_stream");
    expect(triton.path({ model: "a/b?c" })).toBe("/v2/models/a%2Fb%3Fc/generate");
  });

  it("send one message as it is", () => {
    expect(triton.request({})).toEqual({ text_input: "ping", parameters: { stream: false, exclude_input_in_output: true } });
    expect(
      triton.request({
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: 'a "b"' },
              { type: "text", text: "c" },
            ],
          },
        ],
      }).text_input,
    ).toBe('a "b"\nc');
  });

  it("flatten several messages into a transcript that the model goes on with", () => {
    const messages = [
      { role: "system", content: "be brief" },
      { role: "user", content: "hi" },
      { role: "assistant", content: "hello" },
      { role: "tool", content: "42" },
      { content: "bye" },
    ];
    expect(triton.request({ messages }).text_input).toBe(
      "System: be brief\n\nUser: hi\n\nAssistant: hello\n\nTool: 42\n\nUser: bye\n\nAssistant:",
    );
    expect(triton.request({ messages: messages.slice(0, 3) }).text_input).toBe("System: be brief\n\nUser: hi\n\nAssistant: hello");
  });

  it("carry parameters as they are spelt, and no lists or objects", () => {
    const own = {
      temperature: 0,
      top_p: 0.5,
      top_k: 40,
      seed: 7,
      presence_penalty: -1,
      frequency_penalty: 0.5,
      n: 2,
      return_finish_reason: true,
    };
    const { parameters } = triton.request({ ...own, max_tokens: 5, stop: ["a", "b"], logit_bias: { 1: 2 }, tools: [] }, { stream: true });
    expect(parameters).toEqual({ stream: true, max_tokens: 5, ...own, stop: "a" });
    expect(triton.request({ max_completion_tokens: 6, max_tokens: 5, stop: "x", top_p: [1], temperature: null }).parameters).toEqual({
      stream: false,
      max_tokens: 6,
      stop: "x",
      exclude_input_in_output: true,
    });
    expect(triton.request({ exclude_input_in_output: false }).parameters.exclude_input_in_output).toBe(false);
  });

  it("are refused when they hold more than text", () => {
    expect(triton.refusal({ messages: [] })).toBe("messages");
    expect(
      triton.refusal({
        messages: [
          { role: "user", content: "x" },
          { role: "user", content: [{ type: "image_url", image_url: {} }] },
        ],
      }),
    ).toBe("messages[1].content");
  });
});

describe("whole responses of Triton", () => {
  it("become a completion", () => {
    expect(triton.response(piece('x "y"', { id: "42" }))).toEqual({
      id: "42",
      object: "chat.completion",
      created: 1700000000,
      model: "llama",
      choices: [{ index: 0, message: { role: "assistant", content: 'x "y"' }, finish_reason: "stop" }],
    });
    expect(triton.response({ text_output: "x" })).toMatchObject({ id: "chatcmpl-0000000000abcdef", model: "llama" });
  });

  it("take lists, finish reasons and counts", () => {
    const response = triton.response(
      piece(["a", "b"], { finish_reason: ["length", "stop"], num_input_tokens: 6, num_output_tokens: [2, 3] }),
    );
    expect(response.choices.map((choice: any) => [choice.message.content, choice.finish_reason])).toEqual([
      ["a", "length"],
      ["b", "stop"],
    ]);
    expect(response.usage).toMatchObject({ prompt_tokens: 6, completion_tokens: 5, total_tokens: 11 });
  });

  it("are not understood without text", () => {
    triton.begin();
    for (const body of ["{}", "[]", '{"text_output":1}', "<html>"]) expect(triton.call("response", body)).toBe("!");
  });
});

describe("streams of Triton", () => {
  const TEXT = sse(piece("I "), piece("am \u00e9"), piece(""));

  it("become deltas that finish when the server closes", () => {
    const chunks = triton.stream(TEXT);
    expect(chunks.map((chunk) => chunk.choices[0].delta)).toEqual([{ role: "assistant", content: "I " }, { content: "am \u00e9" }, {}]);
    expect(finishes(chunks)).toEqual(["stop"]);
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(["chatcmpl-0000000000abcdef"]));
  });

  it("are the same however they are cut", () => {
    const once = triton.streamText(TEXT);
    for (let size = 1; size < 40; size++) expect(triton.streamText(TEXT, {}, size)).toBe(once);
  });

  it("take the finish reason when the model tells it, and its absence for a cut then", () => {
    const told = triton.stream(sse(piece("a", { finish_reason: "None" }), piece("b", { finish_reason: "length" })));
    expect(finishes(told)).toEqual(["length"]);
    const cut = triton.stream(sse(piece("a", { finish_reason: "None" })));
    expect(finishes(cut)).toEqual([]);
    expect(cut.at(-1).error.code).toBe("stream_truncated");
    expect(triton.stream("").at(-1).error.code).toBe("stream_truncated");
  });

  it("sum up counts and bring them only when they are asked for", () => {
    const counted = sse(
      piece("a", { num_input_tokens: 6, num_output_tokens: 1 }),
      piece("b", { num_input_tokens: 6, num_output_tokens: [2] }),
    );
    expect(triton.stream(counted, { usage: true }).at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 6, completion_tokens: 3, total_tokens: 9 },
    });
    expect(JSON.stringify(triton.stream(counted))).not.toContain("usage");
    expect(triton.stream(TEXT, { usage: true }).at(-1).choices).toHaveLength(1);
  });

  it("keep choices apart", () => {
    const chunks = triton.stream(sse(piece(["a", "x"]), piece(["b", "y"])));
    expect([joined(chunks, 0), joined(chunks, 1)]).toEqual(["ab", "xy"]);
    expect(finishes(chunks)).toEqual(["stop", "stop"]);
  });

  it("end at an error event", () => {
    const chunks = triton.stream(sse(piece("a"), { error: 'out of "memory"' }, piece("b")));
    expect(joined(chunks)).toBe("a");
    expect(chunks.at(-1).error).toEqual({ message: 'out of "memory"', type: "server_error", param: null, code: null });
    expect(finishes(chunks)).toEqual([]);
  });
});

describe("errors of Triton", () => {
  it("become OpenAI's", () => {
    expect(triton.error(400, { error: "Request for unknown model: 'x'" })).toEqual({
      message: "Request for unknown model: 'x'",
      type: "invalid_request_error",
      param: null,
      code: null,
    });
    expect(triton.error(503, "Service Unavailable")).toMatchObject({ message: "Service Unavailable", type: "server_error" });
    expect(triton.failedStatus({ error: "x" })).toBe(502);
    expect(triton.failedStatus(piece("x"))).toBe(0);
  });

  it("and mutated input never trap", () => {
    triton.fuzz({
      request: {
        model: "x",
        temperature: 0,
        stop: ["a"],
        messages: [
          { role: "system", content: "a" },
          { role: "user", content: [{ type: "text", text: "\u00e9" }] },
        ],
      },
      response: piece(["x", "y"], { finish_reason: ["stop", "None"], num_output_tokens: [1, 2] }),
      failure: { error: "m" },
      events: [piece("a"), piece(["b", "c"], { finish_reason: "None", num_output_tokens: 1 }), piece("d", { finish_reason: "stop" })],
    });
  }, 60_000);
});
