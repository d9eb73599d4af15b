// Responses, streams, errors and embeddings of Bedrock; requests are in bedrock-request.test.ts.
import { beforeAll, describe, expect, it } from "vitest";
import { event, message, randomOf } from "./aws-frames";
import * as bedrock from "./bedrock-support";
import {
  converseResponse,
  blockStart,
  blockStop,
  counts,
  delta,
  deltas,
  error,
  frames,
  load,
  messageStart,
  messageStop,
  metadata,
  parse,
  reasoning,
} from "./bedrock-support";
import {
  reasons,
  refusal,
  request,
  response,
  responseText,
  start,
  stream,
  streamBytes,
  toolInput,
  toolStart,
  type Event,
} from "./bedrock-support";
import type { Units } from "./units";

let units: Units;
beforeAll(() => {
  units = load("bedrock");
}, 60_000);

const TRUNCATED = { error: { type: "upstream_error", code: "stream_truncated" } };

/** BR-06 of the shared cases: four messages in one chunk. */
const BR_06 = Buffer.from(
  "AAAAdgAAAFKW1freCzpldmVudC10eXBlBwAMbWVzc2FnZVN0YXJ0DTpjb250ZW50LXR5cGUHABBhcHBsaWNhdGlvbi9qc29uDTptZXNzYWdlLXR5cGUHAAVldmVudHsi" +
    "cm9sZSI6ImFzc2lzdGFudCJ9b6jFmQAAAJQAAABXtKua7gs6ZXZlbnQtdHlwZQcAEWNvbnRlbnRCbG9ja0RlbHRhDTpjb250ZW50LXR5cGUHABBhcHBsaWNhdGlvbi9q" +
    "c29uDTptZXNzYWdlLXR5cGUHAAVldmVudHsiY29udGVudEJsb2NrSW5kZXgiOjAsImRlbHRhIjp7InRleHQiOiJoaSJ9fd5VaVMAAAB6AAAAUcosRmULOmV2ZW50LXR5" +
    "cGUHAAttZXNzYWdlU3RvcA06Y29udGVudC10eXBlBwAQYXBwbGljYXRpb24vanNvbg06bWVzc2FnZS10eXBlBwAFZXZlbnR7InN0b3BSZWFzb24iOiJlbmRfdHVybiJ9" +
    "X78J/AAAALQAAABOEQEdKgs6ZXZlbnQtdHlwZQcACG1ldGFkYXRhDTpjb250ZW50LXR5cGUHABBhcHBsaWNhdGlvbi9qc29uDTptZXNzYWdlLXR5cGUHAAVldmVudHsi" +
    "dXNhZ2UiOnsiaW5wdXRUb2tlbnMiOjcsIm91dHB1dFRva2VucyI6MSwidG90YWxUb2tlbnMiOjh9LCJtZXRyaWNzIjp7ImxhdGVuY3lNcyI6NX19wgcYlg==",
  "base64",
);
const BR_06_SSE = [
  { choices: [{ delta: { role: "assistant" } }] },
  { choices: [{ delta: { content: "hi" } }] },
  { choices: [{ finish_reason: "stop" }] },
  { choices: [], usage: { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 } },
];

describe("a whole response", () => {
  it("BR-05 gives text and tool use", () => {
    const use = { toolUse: { toolUseId: "tu1", name: "get_rate", input: { pair: "X" } } };
    const out = response(converseResponse([{ text: "ok" }, use], { stopReason: "tool_use" }));
    expect(out).toMatchObject({
      object: "chat.completion",
      model: "m.x",
      created: 1700000000,
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "ok",
            tool_calls: [{ id: "tu1", type: "function", function: { name: "get_rate", arguments: '{"pair":"X"}' } }],
          },
          finish_reason: "tool_calls",
        },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
    });
    expect(out.id).toBe("chatcmpl-42");
    expect(counts()).toEqual(["9", "3", "12", "-1", "-1", "chatcmpl-42", "m.x"]);
  });

  it("joins text blocks, cited ones too, and copies escapes", () => {
    const text =
      '{"output":{"message":{"content":[{"text":"a\\u00e9\\n"},{"citationsContent":{"content":[{"text":"b"},{"x":1}],"citations":[{"title":"t"}]}},{"text":"c"}]}}}';
    expect(responseText(text)).toContain('"content":"a\\u00e9\\nbc"');
    expect(response(text).choices[0].finish_reason).toBe("stop");
  });

  it("has null content beside tool calls only, and an empty string otherwise", () => {
    expect(response(converseResponse([{ toolUse: { toolUseId: "t", name: "f", input: {} } }])).choices[0].message).toMatchObject({
      content: null,
      tool_calls: [{ function: { arguments: "{}" } }],
    });
    expect(response(converseResponse([])).choices[0].message).toEqual({ role: "assistant", content: "" });
    expect(response(converseResponse(null)).choices[0].message.content).toBe("");
  });

  it("maps every stop reason", () => {
    const reason = (stopReason: unknown) => response(converseResponse([{ text: "x" }], { stopReason })).choices[0].finish_reason;
    for (const [from, to] of [
      ["end_turn", "stop"],
      ["stop_sequence", "stop"],
      // Of text alone: there is no call that a client could run.
      ["tool_use", "stop"],
      ["max_tokens", "length"],
      ["model_context_window_exceeded", "length"],
      ["guardrail_intervened", "content_filter"],
      ["content_filtered", "content_filter"],
      ["malformed_model_output", "stop"],
      ["malformed_tool_use", "stop"],
      ["something_new", "stop"],
      [null, "stop"],
      [7, "stop"],
    ]) {
      expect(reason(from), String(from)).toBe(to);
    }
  });

  it("tells a tool turn that ends as end_turn", () => {
    const use = [{ toolUse: { toolUseId: "t", name: "f", input: {} } }];
    expect(response(converseResponse(use)).choices[0].finish_reason).toBe("tool_calls");
    expect(response(converseResponse(use, { stopReason: "tool_use" })).choices[0].finish_reason).toBe("tool_calls");
    expect(response(converseResponse(use, { stopReason: "stop_sequence" })).choices[0].finish_reason).toBe("stop");
    expect(response(converseResponse(use, { stopReason: "max_tokens" })).choices[0].finish_reason).toBe("length");
  });

  const thoughtful = converseResponse([
    { reasoningContent: { reasoningText: { text: "so ", signature: "sig/+==" } } },
    { reasoningContent: { redactedContent: "RU5D" } },
    { reasoningContent: { reasoningText: { text: "on" } } },
    { text: "ok" },
  ]);

  it("gives reasoning in its own field, with the blocks to give back", () => {
    expect(response(thoughtful).choices[0].message).toEqual({
      role: "assistant",
      content: "ok",
      reasoning_content: "so on",
      thinking_blocks: [
        { type: "thinking", thinking: "so ", signature: "sig/+==" },
        { type: "redacted_thinking", data: "RU5D" },
      ],
    });
  });

  it("drops or joins reasoning in the other modes", () => {
    expect(response(thoughtful, { reasoning: 1 }).choices[0].message).toEqual({ role: "assistant", content: "ok" });
    expect(response(thoughtful, { reasoning: 2 }).choices[0].message).toEqual({ role: "assistant", content: "<think>so on</think>\nok" });
  });

  it("takes a response's message back as it gave it", () => {
    const given = response(thoughtful).choices[0].message;
    const { messages } = request({ messages: [{ role: "user", content: "q" }, given, { role: "user", content: "r" }] });
    expect(messages[1].content).toEqual([thoughtful.output.message.content as any].flat().filter((_: unknown, k: number) => k !== 2));
  });

  it("adds cached tokens to the prompt", () => {
    const usage = { inputTokens: 4, outputTokens: 3, totalTokens: 7, cacheReadInputTokens: 100, cacheWriteInputTokens: 20 };
    expect(response(converseResponse([], { usage })).usage).toEqual({
      prompt_tokens: 124,
      completion_tokens: 3,
      total_tokens: 127,
      prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 20, cache_creation_input_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
    expect(response(converseResponse([], { usage: { ...usage, cacheReadInputTokens: 0, cacheWriteInputTokens: 0 } })).usage).toEqual({
      prompt_tokens: 4,
      completion_tokens: 3,
      total_tokens: 7,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
  });

  it("has no usage when none is reported", () => {
    expect(response(converseResponse([], { usage: undefined }))).not.toHaveProperty("usage");
    expect(response(converseResponse([], { usage: { totalTokens: 5 } })).usage.total_tokens).toBe(5);
  });

  it("does not take anything else for a response", () => {
    for (const body of ["", "{", "[]", "{}", '{"message":"x"}', '{"output":{}}', '{"output":{"message":"x"}}', "<html>"]) {
      expect(responseText(body), body).toBe("!");
    }
  });

  it("never traps on 5,000 mutated responses", () => {
    const whole = JSON.stringify(thoughtful);
    const random = randomOf(3);
    for (let round = 0; round < 5000; round++) {
      const bytes = Buffer.from(whole);
      for (let change = 0; change <= round % 3; change++)
        bytes[Math.floor(random() * bytes.length)] = '"{}[],:\\ea0'.charCodeAt(Math.floor(random() * 11));
      const out = responseText(bytes.toString("latin1"));
      if (out !== "!") expect(() => JSON.parse(out), bytes.toString()).not.toThrow();
      if (round % 100 === 0) units.exports.collect();
    }
  }, 60_000);
});

describe("a stream", () => {
  const text: Event[] = [
    messageStart,
    delta(0, { text: "你好" }),
    delta(0, { text: ' "w"\n' }),
    blockStop(0),
    messageStop("end_turn"),
    metadata(),
  ];
  const tools: Event[] = [
    messageStart,
    blockStart(0, {}),
    delta(0, { text: "let me" }),
    blockStop(0),
    toolStart(1, "tu_9", "get_rate"),
    toolInput(1, '{"pair":'),
    toolInput(1, '"X"}'),
    blockStop(1),
    toolStart(2, "tu_10", "now"),
    toolInput(2, ""),
    blockStop(2),
    messageStop("tool_use"),
    metadata({ inputTokens: 67, outputTokens: 70, totalTokens: 137 }),
  ];
  const thoughts: Event[] = [
    messageStart,
    reasoning(0, { text: "so " }),
    reasoning(0, { text: "on" }),
    reasoning(0, { text: "" }),
    reasoning(0, { signature: "sig/+==" }),
    blockStop(0),
    reasoning(1, { redactedContent: "RU5D" }),
    blockStop(1),
    delta(2, { text: "ok" }),
    blockStop(2),
    messageStop("end_turn"),
    metadata({ inputTokens: 5, outputTokens: 30, totalTokens: 142, cacheReadInputTokens: 100, cacheWriteInputTokens: 7 }),
  ];

  it("BR-06 gives exactly role, text, finish, usage and [DONE]", () => {
    const chunks = parse(streamBytes([BR_06]));
    expect(chunks).toHaveLength(5);
    expect(chunks.slice(0, 4)).toMatchObject(BR_06_SSE);
    expect(chunks[0].choices[0]).toEqual({ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null });
    expect(chunks[2].choices[0]).toEqual({ index: 0, delta: {}, finish_reason: "stop" });
    expect(chunks[4]).toBe("[DONE]");
    expect(new Set(chunks.slice(0, 4).map((c: any) => [c.id, c.model, c.created, c.object].join()))).toEqual(
      new Set(["chatcmpl-42,m.x,1700000000,chat.completion.chunk"]),
    );
  });

  for (const [name, bytes] of [
    ["BR-06", BR_06],
    ["text", frames(text)],
    ["tools", frames(tools)],
    ["thinking", frames(thoughts)],
  ] as const) {
    it(`is the same with a cut at every byte: ${name}`, () => {
      const whole = streamBytes([bytes]);
      for (let cut = 1; cut < bytes.length; cut++) {
        expect(streamBytes([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut ${cut}`).toBe(whole);
        if (cut % 100 === 0) units.exports.collect();
      }
      expect(streamBytes([...bytes].map((byte) => Uint8Array.of(byte)))).toBe(whole);
    });
  }

  it("copies text as it is spelt", () => {
    const out = streamBytes([
      Buffer.concat([message({ ":event-type": "contentBlockDelta", ":message-type": "event" }, '{"delta":{"text":"\\u00e9\\/"}}')]),
    ]);
    expect(out).toContain('"content":"\\u00e9\\/"');
    expect(
      deltas(stream(text))
        .map((d: any) => d.content ?? "")
        .join(""),
    ).toBe('你好 "w"\n');
  });

  it("counts tool calls, not blocks, and gives {} to a call without arguments", () => {
    const chunks = stream(tools);
    expect(deltas(chunks).slice(1)).toEqual([
      { content: "let me" },
      { tool_calls: [{ index: 0, id: "tu_9", type: "function", function: { name: "get_rate", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"pair":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '"X"}' } }] },
      { tool_calls: [{ index: 1, id: "tu_10", type: "function", function: { name: "now", arguments: "" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
    ]);
    expect(reasons(chunks)).toEqual(["tool_calls"]);
    expect(chunks.at(-2).usage).toMatchObject({ prompt_tokens: 67, completion_tokens: 70, total_tokens: 137 });
  });

  it("keeps interleaved calls apart, and closes those that are left open", () => {
    const chunks = stream([
      messageStart,
      toolStart(4, "a", "f"),
      toolStart(7, "b", "g"),
      toolInput(7, "{2}"),
      toolInput(4, "{1}"),
      toolStart(9, "c", "h"),
      toolInput(5, "nobody"),
      messageStop("end_turn"),
    ]);
    const calls = ["", "", ""];
    for (const d of deltas(chunks)) for (const c of d.tool_calls ?? []) calls[c.index] += c.function.arguments;
    expect(calls).toEqual(["{1}", "{2}", "{}"]);
    expect(reasons(chunks)).toEqual(["tool_calls"]);
  });

  it("does not announce calls that never came", () => {
    expect(reasons(stream([messageStart, delta(0, { text: "x" }), messageStop("tool_use")]))).toEqual(["stop"]);
  });

  it("gives reasoning pieces, and the signed blocks on the chunk after them", () => {
    const chunks = stream(thoughts);
    const all = deltas(chunks);
    expect(all.map((d: any) => d.reasoning_content ?? "").join("")).toBe("so on");
    expect(all.map((d: any) => d.content ?? "").join("")).toBe("ok");
    expect(all.find((d: any) => d.thinking_blocks).thinking_blocks).toEqual([
      { index: 0, type: "thinking", thinking: "so on", signature: "sig/+==" },
      { index: 1, type: "redacted_thinking", data: "RU5D" },
    ]);
    expect(chunks.at(-2).usage).toEqual({
      prompt_tokens: 112,
      completion_tokens: 30,
      total_tokens: 142,
      prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 7, cache_creation_input_tokens: 7 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
  });

  it("drops or joins reasoning in the other modes", () => {
    const joined = (mode: number) =>
      deltas(stream(thoughts, { reasoning: mode }))
        .map((d: any) => d.content ?? "")
        .join("");
    expect(joined(1)).toBe("ok");
    expect(joined(2)).toBe("<think>so on</think>\nok");
    expect(JSON.stringify(stream(thoughts, { reasoning: 1 }))).not.toContain("thinking_blocks");
  });

  it("keeps only the signature of very long thinking", () => {
    const long: Event[] = [
      messageStart,
      ...Array.from({ length: 20 }, () => reasoning(0, { text: "x".repeat(10_000) })),
      reasoning(0, { text: "end" }),
      reasoning(0, { signature: "s" }),
    ];
    const chunks = stream([...long, blockStop(0), delta(1, { text: "ok" }), messageStop("end_turn")]);
    expect(deltas(chunks).find((d: any) => d.thinking_blocks).thinking_blocks).toEqual([
      { index: 0, type: "thinking", thinking: "", signature: "s" },
    ]);
    expect(
      deltas(chunks)
        .map((d: any) => d.reasoning_content ?? "")
        .join(""),
    ).toHaveLength(200_003);
  });

  it("gives a signed block back that was never closed", () => {
    const chunks = stream([messageStart, reasoning(0, { text: "t" }), reasoning(0, { signature: "s" }), messageStop("end_turn")]);
    const blocks = deltas(chunks).find((d: any) => d.thinking_blocks)?.thinking_blocks;
    expect(blocks).toEqual([{ index: 0, type: "thinking", thinking: "t", signature: "s" }]);
  });

  it("writes usage after the finish, wherever the counts come", () => {
    for (const events of [text, [messageStart, metadata(), delta(0, { text: "x" }), messageStop("end_turn")], [...text, metadata()]]) {
      const chunks = stream(events as Event[]);
      expect(chunks.filter((c: any) => c.usage)).toHaveLength(1);
      expect(chunks.at(-2)).toMatchObject({ choices: [], usage: { prompt_tokens: 7 } });
      expect(chunks.at(-3).choices[0].finish_reason).toBe("stop");
    }
  });

  it("keeps the counts to itself when nobody asked", () => {
    const chunks = stream(text, { usage: false });
    expect(chunks.at(-2).choices[0].finish_reason).toBe("stop");
    expect(JSON.stringify(chunks)).not.toContain("usage");
    expect(counts().slice(0, 3)).toEqual(["7", "1", "8"]);
  });

  it("finishes without counts when none come", () => {
    const chunks = stream(text.slice(0, -1));
    expect(chunks.at(-2).choices[0].finish_reason).toBe("stop");
    expect(chunks.at(-1)).toBe("[DONE]");
  });

  it("has one role chunk, also when messageStart is missing", () => {
    for (const events of [text, text.slice(1), [messageStart, ...text]]) {
      expect(
        stream(events)
          .flatMap((c: any) => c.choices ?? [])
          .filter((c: any) => c.delta.role),
      ).toHaveLength(1);
    }
  });

  it("ends as an error when the stream stops before messageStop, wherever that is", () => {
    const bytes = frames(text);
    const whole = bytes.length - frames([metadata()]).length;
    for (let cut = 0; cut < bytes.length; cut++) {
      const chunks = parse(streamBytes([bytes.subarray(0, cut)]));
      expect(chunks.at(-1)).toBe("[DONE]");
      if (cut < whole) expect(chunks.at(-2), `cut ${cut}`).toMatchObject(TRUNCATED);
      expect(reasons(chunks), `cut ${cut}`).toEqual(cut < whole ? [] : ["stop"]);
    }
  });

  it("turns exceptions inside the 200 into an error event and ends", () => {
    for (const [name, type, code] of [
      ["throttlingException", "rate_limit_error", "throttling_exception"],
      ["modelStreamErrorException", "server_error", "model_stream_error"],
      ["internalServerException", "server_error", "internal_server_exception"],
      ["validationException", "invalid_request_error", "validation_exception"],
      ["serviceUnavailableException", "server_error", "service_unavailable"],
      ["ThrottlingException", "rate_limit_error", "throttling_exception"],
      ["someNewException", "upstream_error", "upstream_exception"],
    ]) {
      const chunks = stream([
        messageStart,
        delta(0, { text: "x" }),
        [name, { message: 'too "many"' }],
        delta(0, { text: "never" }),
        messageStop("end_turn"),
      ]);
      expect(chunks.at(-1)).toBe("[DONE]");
      expect(chunks.filter((c) => c === "[DONE]")).toHaveLength(1);
      expect(chunks.at(-2), name).toEqual({ error: { message: 'too "many"', type, param: null, code } });
      expect(JSON.stringify(chunks)).not.toContain("never");
      expect(reasons(chunks)).toEqual([]);
    }
  });

  it("quotes the model's own words, and does without a message", () => {
    const original = { message: "Model Stream Error", originalStatusCode: 500, originalMessage: "It broke." };
    expect(stream([["modelStreamErrorException", original]])[0].error.message).toBe("Model Stream Error: It broke.");
    for (const data of [{}, [], { message: 5 }]) {
      expect(stream([["throttlingException", data]])[0].error).toMatchObject({
        type: "rate_limit_error",
        message: expect.stringMatching(/error/),
      });
    }
    const plain = message({ ":message-type": "error", ":error-code": "InternalError", ":error-message": "plain text" });
    expect(parse(streamBytes([plain]))[0].error.code).toBe("upstream_exception");
  });

  it("ends as an error on a broken frame, and ignores what follows", () => {
    const broken = frames([delta(0, { text: "bad" })]);
    broken[broken.length - 2] ^= 4;
    const chunks = parse(streamBytes([frames([messageStart, delta(0, { text: "good" })]), broken, frames(text)]));
    expect(
      deltas(chunks)
        .map((d: any) => d.content ?? "")
        .join(""),
    ).toBe("good");
    expect(chunks.at(-2)).toMatchObject({
      error: { type: "upstream_error", code: "stream_corrupted", message: "The checksum of a message is wrong." },
    });
    expect(chunks.at(-1)).toBe("[DONE]");
  });

  it("ends as an error on a payload that is no JSON object", () => {
    for (const payload of ["{", "[]", "x", '{"a":1} x']) {
      const chunks = parse(streamBytes([message({ ":event-type": "contentBlockDelta", ":message-type": "event" }, payload)]));
      expect(chunks, payload).toMatchObject([{ error: { code: "invalid_event" } }, "[DONE]"]);
    }
  });

  it("skips events and deltas that it does not know", () => {
    const chunks = stream([
      ["initial-response", {}],
      messageStart,
      ["newThing", { a: 1 }],
      delta(0, { citation: { title: "t" } }),
      delta(0, null),
      blockStart(1, null),
      blockStop(99),
      delta(0, { text: "ok" }),
      messageStop("end_turn"),
    ]);
    expect(deltas(chunks)).toEqual([{ role: "assistant", content: "" }, { content: "ok" }]);
  });

  it("takes nothing after messageStop but counts", () => {
    const late = stream([
      messageStart,
      messageStop("end_turn"),
      delta(0, { text: "late" }),
      toolStart(1, "t", "f"),
      blockStop(1),
      messageStop("max_tokens"),
      metadata(),
    ]);
    expect(reasons(late)).toEqual(["stop"]);
    expect(JSON.stringify(late)).not.toContain("late");
    expect(JSON.stringify(late)).not.toContain("tool_calls");
  });

  it("bounds the number of calls", () => {
    const many = stream([
      messageStart,
      ...Array.from({ length: 200 }, (_, k): Event => toolStart(k, `t${k}`, "f")),
      messageStop("tool_use"),
    ]);
    const opened = deltas(many)
      .flatMap((d: any) => d.tool_calls ?? [])
      .filter((c: any) => c.id);
    expect(opened).toHaveLength(128);
    expect(many.at(-1)).toBe("[DONE]");
  });

  it("never traps on 5,000 mutated streams, and always ends once", () => {
    const random = randomOf(9);
    const sources = [text, tools, thoughts];
    for (let round = 0; round < 5000; round++) {
      const events = sources[round % 3].map((e) => {
        let data = JSON.stringify(e[1]);
        if (random() < 0.15) {
          const at = Math.floor(random() * data.length);
          data =
            data.slice(0, at) +
            ['"', "{", "}", "null", "-1", "9e99", "[]", "\\"][Math.floor(random() * 8)] +
            data.slice(at + Math.floor(random() * 3));
        }
        const name = random() < 0.05 ? sources[0][Math.floor(random() * 6)][0] : e[0];
        return message({ ":event-type": name, ":message-type": random() < 0.01 ? "exception" : "event" }, data);
      });
      if (random() < 0.3) events.sort(() => random() - 0.5);
      const bytes = Buffer.concat(events);
      if (random() < 0.2) bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
      const cut = Math.floor(random() * bytes.length);
      const out = streamBytes([bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(out.endsWith("data: [DONE]\n\n")).toBe(true);
      expect(out.split("[DONE]")).toHaveLength(2);
      for (const chunk of parse(out)) expect(chunk).toBeTruthy();
      if (round % 100 === 0) units.exports.collect();
    }
  }, 60_000);
});

describe("an error response", () => {
  it("keeps the message and derives the type from the status", () => {
    for (const [status, type] of [
      [400, "invalid_request_error"],
      [401, "authentication_error"],
      [403, "permission_error"],
      [404, "not_found_error"],
      [408, "server_error"],
      [424, "server_error"],
      [429, "rate_limit_error"],
      [500, "server_error"],
      [503, "server_error"],
    ] as const) {
      expect(error(status, { message: 'no "way" é' })).toEqual({ message: 'no "way" é', type, param: null, code: null });
    }
  });

  it("reads the other spellings", () => {
    expect(error(403, { Message: "Signature expired" }).message).toBe("Signature expired");
    expect(error(400, { error: { message: "nested" } }).message).toBe("nested");
    expect(error(400, { error: "plain" }).message).toBe("plain");
  });

  it("knows the kind where the body names it", () => {
    expect(error(400, { __type: "com.amazon.coral.service#ThrottlingException:http://x", message: "m" })).toMatchObject({
      type: "rate_limit_error",
      code: "throttling_exception",
    });
    expect(error(400, { __type: "x#UnknownException", message: "m" })).toMatchObject({ type: "invalid_request_error", code: null });
  });

  it("quotes bodies that are not JSON, shortened", () => {
    expect(error(502, "<html>bad gateway</html>")).toMatchObject({ message: "<html>bad gateway</html>", type: "server_error" });
    expect(error(503, "").message).toContain("503");
    expect(error(500, "x".repeat(5000)).message.length).toBeLessThan(600);
    expect(error(500, { unknown: 1 }).message).toContain("unknown");
  });
});

describe("embeddings", () => {
  const TITAN = { model: "amazon.titan-embed-text-v2:0", embeddings: true };
  const COHERE = { model: "cohere.embed-multilingual-v3", embeddings: true };
  const embed = (body: unknown, options = TITAN) => JSON.parse(bedrock.requestText(body, options));

  it("asks Titan for one text", () => {
    expect(embed({ model: "m", input: "héllo\n" })).toEqual({ inputText: "héllo\n" });
    expect(embed({ input: ["a"], dimensions: 256, encoding_format: "float" })).toEqual({ inputText: "a", dimensions: 256 });
    expect(bedrock.path(TITAN, { input: "a" })).toBe("/model/amazon.titan-embed-text-v2%3A0/invoke");
  });

  it("asks Cohere for a list", () => {
    expect(embed({ input: ["a", "b"] }, COHERE)).toEqual({ texts: ["a", "b"], input_type: "search_document" });
    expect(embed({ input: "a", input_type: "search_query", truncate: "END", dimensions: 512 }, COHERE)).toEqual({
      texts: ["a"],
      input_type: "search_query",
      truncate: "END",
      output_dimension: 512,
    });
  });

  it("refuses what cannot be asked", () => {
    expect(refusal({ input: ["a", "b"] }, TITAN)).toBe("input");
    expect(refusal({ input: [] }, TITAN)).toBe("input");
    expect(refusal({ input: 5 }, COHERE)).toBe("input");
    expect(refusal({ input: [1, 2] }, COHERE)).toBe("input[0]");
    expect(refusal({ input: ["a", [1]] }, COHERE)).toBe("input[1]");
    expect(refusal({}, TITAN)).toBe("input");
    expect(refusal({ input: "a" }, { ...TITAN, model: "" })).toBe("model");
  });

  it("reads Titan's response", () => {
    expect(response({ embedding: [0.5, -1e-3], inputTextTokenCount: 4, embeddingsByType: {} }, TITAN)).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.5, -0.001] }],
      model: TITAN.model,
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
    expect(counts().slice(0, 1)).toEqual(["4"]);
  });

  it("reads both of Cohere's forms", () => {
    for (const embeddings of [[[1], [2]], { float: [[1], [2]] }]) {
      expect(response({ embeddings, id: "x", response_type: "embeddings_floats" }, COHERE).data).toEqual([
        { object: "embedding", index: 0, embedding: [1] },
        { object: "embedding", index: 1, embedding: [2] },
      ]);
    }
  });

  it("writes base64 when asked", () => {
    embed({ input: "a", encoding_format: "base64" });
    const out = JSON.parse(units.text(units.exports.response(units.put('{"embedding":[0.5,-2],"inputTextTokenCount":1}'))));
    const bytes = Buffer.from(out.data[0].embedding, "base64");
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([0.5, -2]);
  });

  it("does not take anything else for a response, and errors keep their shape", () => {
    for (const body of ["", "{", "[]", '{"message":"x"}', '{"embeddings":{"int8":[]}}']) expect(responseText(body, TITAN)).toBe("!");
    start(TITAN);
    expect(JSON.parse(units.text(units.exports.error(429, units.put('{"message":"slow"}')))).error).toMatchObject({
      type: "rate_limit_error",
      message: "slow",
    });
    expect(units.text(units.exports.chunk(units.put(event("metadata", {}))))).toBe("");
    expect(units.text(units.exports.end())).toBe("");
  });
});
