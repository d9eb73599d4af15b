// Client of Gemini's API -> OpenAI chat completions provider: the translator alone, in its compiled form.
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  answer,
  begin,
  chunk,
  collect,
  end,
  errorText,
  event,
  held,
  joined,
  messages,
  partsOf,
  readStream,
  refusal,
  request,
  requestText,
  responseText,
  stream,
  wholeAsStream,
} from "./gemini-client-support";

const user = (...parts: object[]) => ({ role: "user", parts });
const model = (...parts: object[]) => ({ role: "model", parts });
const call = (name: string, args?: object, more: object = {}) => ({ functionCall: { name, args, ...more } });
const result = (name: string, response: object, more: object = {}) => ({ functionResponse: { name, response, ...more } });
const TOOLS = { tools: [{ functionDeclarations: [{ name: "f" }] }] };

afterEach(collect);

describe("request: the whole body", () => {
  it("keeps numbers and escapes byte for byte, under either spelling of a name", () => {
    begin();
    const out = requestText(
      `{"contents":[{"parts":[{"text":"\\ud83d\\ude00 \\u4f60\\n"}]}],"generation_config":{"top_p":1e-1,"temperature":0.0,"max_output_tokens":9007199254740993}}`,
    );
    expect(out).toContain('"content":"\\ud83d\\ude00 \\u4f60\\n"');
    expect(out).toContain('"max_tokens":9007199254740993,"temperature":0.0,"top_p":1e-1');
  });

  it("takes a single value for a list of one, as Google's own examples do", () => {
    const body = request({ contents: { parts: { text: "a" } }, system_instruction: { parts: { text: "s" } } });
    expect(body.messages).toEqual([
      { role: "system", content: "s" },
      { role: "user", content: "a" },
    ]);
    expect(request({ tools: { functionDeclarations: { name: "f" } } }).tools).toHaveLength(1);
  });

  it("asks for usage in a stream and for nothing else", () => {
    expect(request({}, { stream: true })).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(Object.keys(request({}))).toEqual(["model", "messages"]);
  });

  it.each([
    [{ thinkingLevel: "HIGH" }, { reasoning_effort: "high" }],
    [{ thinkingLevel: "MINIMAL", includeThoughts: true }, { reasoning_effort: "minimal" }],
    [{ thinkingLevel: "THINKING_LEVEL_UNSPECIFIED" }, {}],
    [{ thinkingBudget: -1 }, {}],
    [{ thinkingBudget: 0 }, { reasoning_effort: "none" }],
    [{ thinking_budget: 1024 }, { reasoning_effort: "low" }],
    [{ thinkingBudget: 8192 }, { reasoning_effort: "medium" }],
    [{ thinkingBudget: 24576 }, { reasoning_effort: "high" }],
  ])("thinkingConfig %j becomes %j", (thinkingConfig, wanted) => {
    const { model: _model, messages: _messages, ...rest } = request({ generationConfig: { thinkingConfig } });
    expect(rest).toEqual(wanted);
  });

  it("gives the budget in tokens, and no effort none, where the provider's row says so", () => {
    expect(request({ generationConfig: { thinkingConfig: { thinkingBudget: 5000 } } }, { budget: true })).toMatchObject({
      reasoning_max_tokens: 5000,
      reasoning_effort: "medium",
    });
    const none = { generationConfig: { thinkingConfig: { thinkingBudget: 0 }, topK: 4 } };
    expect(Object.keys(request(none, { noNone: true, strict: true }))).toEqual(["model", "messages"]);
  });

  it.each([
    [{ responseMimeType: "application/json" }, { response_format: { type: "json_object" } }],
    [
      { responseMimeType: "application/json", responseJsonSchema: { type: "object", title: "T" } },
      { response_format: { type: "json_schema", json_schema: { name: "response", schema: { type: "object", title: "T" } } } },
    ],
    [{ responseMimeType: "text/plain" }, {}],
    [{ responseModalities: ["TEXT"] }, {}],
    [{ responseModalities: ["TEXT", "IMAGE"] }, { modalities: ["text", "image"] }],
    [
      { candidateCount: 3, stopSequences: ["a"] },
      { n: 3, stop: ["a"] },
    ],
    [{ candidateCount: 1, stopSequences: [] }, {}],
    [
      { responseLogprobs: true, logprobs: 2 },
      { logprobs: true, top_logprobs: 2 },
    ],
    [{ logprobs: 2, speechConfig: {}, mediaResolution: "LOW" }, {}],
  ])("generationConfig %j becomes %j", (generationConfig, wanted) => {
    const { model: _model, messages: _messages, ...rest } = request({ generationConfig });
    expect(rest).toEqual(wanted);
  });

  it("refuses what cannot be said, and says where", () => {
    expect(refusal({ cachedContent: "cachedContents/a" })).toMatch(/^cachedContent\|.*cachedContent/);
    expect(refusal({ contents: [] })).toMatch(/^contents\|/);
    expect(refusal({ contents: undefined })).toMatch(/^contents\|/);
    expect(refusal({ contents: ["a"] })).toMatch(/^contents\[0\]\|/);
    expect(refusal({ contents: [user({ text: "a" }), { role: "assistant", parts: [] }] })).toMatch(/^contents\[1\]\.role\|/);
    expect(refusal({ contents: [user({ text: "a" }, { inlineData: { mimeType: "image/png" } })] })).toMatch(/^contents\[0\]\.parts\[1\]\|/);
    expect(refusal({ contents: [user({ fileData: { fileUri: "gs://b/a" } })] })).toMatch(/^contents\[0\]\.parts\[0\]\|/);
    expect(refusal({ contents: [user({ inlineData: { mimeType: "text/plain", data: "*" } })] })).toMatch(/base64/);
  });
});

describe("request: tools", () => {
  const names = ["a", "b"].map((name) => ({ name }));

  it.each([
    [{ mode: "AUTO" }, undefined],
    [{ mode: "VALIDATED" }, undefined],
    [{ mode: "ANY" }, "required"],
    [{ mode: "NONE" }, "none"],
    [
      { mode: "ANY", allowedFunctionNames: ["a"] },
      { type: "function", function: { name: "a" } },
    ],
    [
      { mode: "VALIDATED", allowedFunctionNames: ["a"] },
      { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "a" } }] } },
    ],
  ])("functionCallingConfig %j becomes %j", (functionCallingConfig, wanted) => {
    const body = request({ tools: [{ functionDeclarations: names }], toolConfig: { functionCallingConfig } });
    expect(body.tools).toHaveLength(2);
    expect(body.tool_choice).toEqual(wanted);
  });

  it("leaves out what is not allowed where allowed_tools may be unknown", () => {
    const toolConfig = { functionCallingConfig: { mode: "AUTO", allowedFunctionNames: ["b"] } };
    const body = request({ tools: [{ functionDeclarations: names }], toolConfig }, { noAllowedTools: true });
    expect(body.tools.map((tool: any) => tool.function.name)).toEqual(["b"]);
    expect(body).not.toHaveProperty("tool_choice");
  });

  it("says nothing of tools when only Google's own are asked for", () => {
    const body = request({ tools: [{ googleSearch: {} }, { codeExecution: {} }], toolConfig: { functionCallingConfig: { mode: "ANY" } } });
    expect(Object.keys(body)).toEqual(["model", "messages"]);
  });

  /** Google's Schema and the JSON Schema that says the same. */
  const { schema } = fc.letrec<{ schema: [any, any] }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4 },
      fc
        .tuple(fc.constantFrom("STRING", "NUMBER", "INTEGER", "BOOLEAN"), fc.boolean(), fc.boolean())
        .map(([type, nullable, isShort]): [any, any] => [
          { type, ...(nullable ? { nullable } : {}), ...(isShort ? { maxLength: "9" } : { description: 'type "x"' }) },
          {
            type: nullable ? [type.toLowerCase(), "null"] : type.toLowerCase(),
            ...(isShort ? { maxLength: 9 } : { description: 'type "x"' }),
          },
        ]),
      tie("schema").map(([from, to]): [any, any] => [
        { type: "ARRAY", items: from, minItems: "2" },
        { type: "array", items: to, minItems: 2 },
      ]),
      fc
        .array(tie("schema"), { maxLength: 3 })
        .map((list): [any, any] => [{ any_of: list.map(([a]) => a) }, { anyOf: list.map(([, b]) => b) }]),
      fc
        .dictionary(fc.constantFrom("type", "properties", "items", "nullable", "a\\b"), tie("schema"), { maxKeys: 3 })
        .map((map): [any, any] => {
          const keys = Object.keys(map);
          return [
            {
              type: "OBJECT",
              properties: Object.fromEntries(keys.map((key) => [key, map[key][0]])),
              propertyOrdering: keys,
              required: keys,
            },
            { type: "object", properties: Object.fromEntries(keys.map((key) => [key, map[key][1]])), required: keys },
          ];
        }),
    ),
  }));

  it("says Google's schema as JSON Schema, whatever its members are called", () => {
    fc.assert(
      fc.property(schema, ([from, to]) => {
        const body = request({ tools: [{ functionDeclarations: [{ name: "f", parameters: from }] }] });
        expect(body.tools[0].function.parameters).toEqual(to);
      }),
      { numRuns: 300 },
    );
  });
});

describe("request: contents", () => {
  it("makes one message of the pieces of a turn", () => {
    const contents = [
      user({ text: "a" }),
      model({ text: "b" }),
      model({ text: "c" }, call("f")),
      user(result("f", { output: "d" })),
      user({ text: "e" }),
    ];
    expect(messages(contents)).toEqual([
      { role: "user", content: "a" },
      { role: "assistant", content: "bc", tool_calls: [{ id: "call_0", type: "function", function: { name: "f", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "call_0", content: "d" },
      { role: "user", content: "e" },
    ]);
  });

  it("writes code that Google ran as text, and leaves out a turn of thoughts alone", () => {
    const code = model(
      { executableCode: { language: "PYTHON", code: "1+1" } },
      { codeExecutionResult: { outcome: "OUTCOME_OK", output: "2" } },
    );
    expect(messages([user({ text: "a" }), code])[1].content).toBe("\n```\n1+1\n```\n\n```\n2\n```\n");
    expect(messages([user({ text: "a" }), model({ text: "hm", thought: true })])).toHaveLength(1);
  });

  it("gives thoughts that came back to the providers that want them, and to no strict server", () => {
    const contents = [model({ text: "hm", thought: true }, call("f"))];
    expect(messages(contents)[0].reasoning_content).toBe("hm");
    expect(messages(contents, { strict: true })[0]).not.toHaveProperty("reasoning_content");
  });

  it("keeps Google's own signature for a model of Google behind a compatible API", () => {
    const contents = [model({ ...call("f"), thoughtSignature: "QUJD" })];
    expect(messages(contents)[0].tool_calls[0].extra_content).toEqual({ google: { thought_signature: "QUJD" } });
    expect(messages(contents, { strict: true })[0].tool_calls[0]).not.toHaveProperty("extra_content");
  });

  it.each([
    [{ output: "a" }, "a"],
    [{ output: { b: 1 } }, '{"b":1}'],
    [{ output: "a", more: 1 }, '{"output":"a","more":1}'],
    [{ error: "e" }, '{"error":"e"}'],
    [{}, "{}"],
  ])("the response %j becomes the text %j", (response, wanted) => {
    expect(messages([model(call("f")), user(result("f", response))])[1].content).toBe(wanted);
  });

  it("matches a response of another id by its name, and keeps the id of one that answers nothing", () => {
    const contents = [
      model(call("f", {}, { id: "a" }), call("f", {}, { id: "b" })),
      user(result("f", {}, { id: "b" }), result("f", {}, { id: "z" })),
    ];
    expect(
      messages(contents)
        .slice(1)
        .map((one: any) => one.tool_call_id),
    ).toEqual(["b", "a"]);
    expect(messages([user(result("g", {}, { id: "x" }), result("g", {}))]).map((one: any) => one.tool_call_id)).toEqual(["x", "call_g"]);
  });

  it("calls and responses meet, with ids or without, in whatever order the results come", () => {
    const turn = fc.array(fc.tuple(fc.constantFrom("f", "g", "h"), fc.boolean()), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 3 }), fc.infiniteStream(fc.nat()), (turns, chance) => {
        let ordinal = 0;
        const random = () => chance.next().value as number;
        const expected: string[] = [];
        const contents = turns.flatMap((calls, at) => {
          const made = calls.map(([name, hasId], k) => ({
            name,
            id: hasId ? `${at}-${k}` : undefined,
            shown: hasId ? `${at}-${k}` : `call_${ordinal + k}`,
          }));
          ordinal += calls.length;
          // Results of one name without ids stay in order; names may come in any order.
          const order = [...new Set(made.map((one) => one.name))].sort(() => (random() % 2 === 0 ? 1 : -1));
          const answers = order.flatMap((name) => made.filter((one) => one.name === name));
          expected.push(...answers.map((one) => one.shown));
          return [
            model(...made.map(({ name, id }) => call(name, {}, id ? { id } : {}))),
            user(...answers.map(({ name, id }) => result(name, { output: "x" }, id ? { id } : {}))),
          ];
        });
        const out = messages(contents);
        expect(out.filter((one: any) => one.role === "tool").map((one: any) => one.tool_call_id)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});

describe("response", () => {
  it("is a candidate for each choice", () => {
    request({});
    const choices = [0, 1].map((index) => ({ index, message: { content: `t${index}` }, finish_reason: "stop" }));
    expect(JSON.parse(responseText(JSON.stringify({ choices })))).toEqual({
      candidates: [0, 1].map((index) => ({ content: { role: "model", parts: [{ text: `t${index}` }] }, finishReason: "STOP", index })),
      modelVersion: "up",
    });
  });

  it.each([
    ["stop", "STOP"],
    ["tool_calls", "STOP"],
    ["length", "MAX_TOKENS"],
    ["content_filter", "SAFETY"],
    ["new_reason", "STOP"],
    [null, "STOP"],
  ])("%s is %s", (finish, wanted) => {
    expect(answer({ content: "a" }, finish).candidates[0].finishReason).toBe(wanted);
  });

  it("says that a prompt was blocked when nothing else came", () => {
    expect(answer({ content: null }, "content_filter")).toMatchObject({
      candidates: [{ finishReason: "SAFETY" }],
      promptFeedback: { blockReason: "SAFETY" },
    });
    expect(answer({ content: "a" }, "content_filter")).not.toHaveProperty("promptFeedback");
  });

  it.each([
    ["", {}],
    ["null", {}],
    ['{"a":1.0}', { a: 1 }],
    ["[1]", { _raw: "[1]" }],
    ['{"a"', { _raw: '{"a"' }],
  ])("arguments %j are %j", (text, args) => {
    const parts = partsOf(answer({ tool_calls: [{ id: "a", function: { name: "f", arguments: text } }] }));
    expect(parts).toEqual([{ functionCall: { id: "a", name: "f", args } }]);
  });

  it("shows thoughts unless the client asks for none, in the form of the provider's mode", () => {
    const message = { reasoning: "hm", content: "a" };
    expect(partsOf(answer(message))).toEqual([{ text: "hm", thought: true }, { text: "a" }]);
    const none = { generationConfig: { thinkingConfig: { includeThoughts: false } } };
    expect(partsOf(answer(message, "stop", {}, none))).toEqual([{ text: "a" }]);
    expect(partsOf(answer(message, "stop", { reasoningMode: 1 }))).toEqual([{ text: "a" }]);
    const tagged = partsOf(answer(message, "stop", { reasoningMode: 2 }));
    expect(tagged.map((part) => part.text).join("")).toBe("<think>hm</think>\na");
  });

  it("carries images that a model made", () => {
    const images = [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } }, { image_url: { url: "https://x.test/a" } }];
    expect(partsOf(answer({ content: null, images }))).toEqual([{ inlineData: { mimeType: "image/png", data: "iVBO" } }]);
  });

  it("is none when the provider broke off, or answered something else", () => {
    expect(answer({ content: "a" }, "error")).toBeUndefined();
    request({});
    for (const body of ["{}", "[]", '{"choices":[]}', '{"choices":[{}]}', "x"]) expect(responseText(body)).toBe("!");
  });
});

const inner = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.constantFrom("", "a", '"\\\n', "你好 😀"));
const args = fc.dictionary(fc.constantFrom("a", "b"), fc.oneof(inner, fc.nat(), fc.constant(null)), { maxKeys: 2 });
const message = fc.record(
  {
    reasoning_content: inner,
    content: inner,
    calls: fc.array(fc.tuple(fc.constantFrom("f", "g"), args), { maxLength: 3 }),
  },
  { requiredKeys: ["content", "calls"] },
);

/** The message as the provider sends it, with its ids. */
function told({ calls, ...rest }: { calls: [string, object][]; content: string; reasoning_content?: string }): any {
  const tools = calls.map(([name, value], k) => ({ id: `c${k}`, type: "function", function: { name, arguments: JSON.stringify(value) } }));
  return { ...rest, ...(tools.length > 0 ? { tool_calls: tools } : {}) };
}

/** Its deltas, cut by characters. */
function deltas(from: any, sizes: () => number): any[] {
  const pieces = (text: string, wrap: (piece: string) => object): object[] => {
    const list: object[] = [];
    const units = [...text];
    for (let at = 0; at < units.length;) {
      const size = 1 + (sizes() % 4);
      list.push(wrap(units.slice(at, at + size).join("")));
      at += size;
    }
    return list;
  };
  const calls = (from.tool_calls ?? []).flatMap((one: any, index: number) => [
    { tool_calls: [{ index, id: one.id, function: { name: one.function.name, arguments: "" } }] },
    ...pieces(one.function.arguments, (piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ]);
  return [
    ...pieces(from.reasoning_content ?? "", (piece) => ({ reasoning_content: piece })),
    ...pieces(from.content ?? "", (piece) => ({ content: piece })),
    ...calls,
  ];
}

describe("stream", () => {
  it("tells the same as the whole response, however it is cut, as events and as a list", () => {
    fc.assert(
      fc.property(message, fc.boolean(), fc.infiniteStream(fc.nat()), (from, list, chance) => {
        const sent = told(from);
        const whole = answer(sent, "stop", {}, TOOLS);
        const chunks = deltas(sent, () => chance.next().value as number).map((delta) => chunk(delta));
        const usage = { usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } };
        const responses = stream([...chunks, chunk({}, "stop"), { id: "r", model: "m", choices: [], ...usage }, "[DONE]"], { list }, TOOLS);
        expect(joined(responses)).toEqual(joined([whole]));
        const last = responses.at(-1);
        expect(last).toMatchObject({
          candidates: [{ finishReason: "STOP" }],
          usageMetadata: { totalTokenCount: 5 },
          responseId: "r",
          modelVersion: "m",
        });
        expect(responses.filter((one) => one.usageMetadata || one.candidates[0].finishReason)).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it("tells a whole answer as a stream", () => {
    request(TOOLS, { stream: true });
    const body = {
      id: "r",
      model: "m",
      choices: [{ index: 0, message: told({ content: "a", calls: [["f", {}]] }), finish_reason: "tool_calls" }],
    };
    const responses = readStream(wholeAsStream(JSON.stringify(body)), false);
    expect(joined(responses)).toEqual([{ text: "a" }, { functionCall: { id: "c0", name: "f", args: {} } }]);
  });

  it("keeps candidates apart", () => {
    const piece = (index: number, content: string, finish: string | null = null) => ({
      choices: [{ index, delta: { content }, finish_reason: finish }],
    });
    const responses = stream([piece(1, "b"), piece(0, "a"), piece(1, "B", "length"), piece(0, "A", "stop"), piece(9, "x"), "[DONE]"]);
    const text = (index: number) =>
      responses.flatMap((one) => one.candidates.filter((candidate: any) => candidate.index === index)).map((one: any) => one.content.parts[0].text).join(""); // prettier-ignore
    expect([text(0), text(1)]).toEqual(["aA", "bB"]);
    expect(responses.at(-1).candidates.map((one: any) => one.finishReason)).toEqual(["STOP", "MAX_TOKENS"]);
  });

  it("tells calls apart that have one index but other ids", () => {
    const one = (id: string) => chunk({ tool_calls: [{ index: 0, id, function: { name: "f", arguments: "{}" } }] });
    expect(joined(stream([one("a"), one("b"), chunk({}, "tool_calls"), "[DONE]"]))).toHaveLength(2);
  });

  it.each([
    [["{", "[DONE]"], 502, "UNAVAILABLE"],
    [[chunk({ content: "a" })], 502, "UNAVAILABLE"],
    [["[DONE]"], 502, "UNAVAILABLE"],
    [[chunk({ content: "a" }, "error"), "[DONE]"], 502, "UNAVAILABLE"],
    [[chunk({ content: "a" }), { error: { message: "m", code: 429 } }, chunk({}, "stop")], 429, "RESOURCE_EXHAUSTED"],
    [[{ error: { message: "m", type: "invalid_request_error" } }], 400, "INVALID_ARGUMENT"],
    [[{ error: "m" }], 502, "UNAVAILABLE"],
  ])("ends %j in one error", (chunks, code, status) => {
    for (const list of [false, true]) {
      const responses = stream(chunks as any[], { list });
      expect(responses.at(-1).error).toMatchObject({ code, status });
      expect(responses.filter((one) => one.error)).toHaveLength(1);
    }
  });

  it("holds calls back, counts them, and ends beyond a mebibyte", () => {
    request(TOOLS, { stream: true });
    const piece = "x".repeat(200_000);
    event(JSON.stringify(chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: '{"a":"' } }] })));
    let text = "";
    for (let k = 0; k < 6 && text === ""; k++) {
      text = event(JSON.stringify(chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] })));
      if (k === 0) expect(held()).toBe(200_009);
    }
    expect(JSON.parse(text.slice(6)).error.status).toBe("UNAVAILABLE");
    expect(held()).toBe(0);
    expect(end()).toBe("");
  });

  it("passes over keep-alives and empty fields", () => {
    const responses = stream([
      ": ping",
      "ping",
      chunk({ content: "a", function_call: { name: "", arguments: "" } }),
      chunk({}, ""),
      chunk({}, "stop"),
      "[DONE]",
    ]);
    expect(joined(responses)).toEqual([{ text: "a" }]);
  });
});

describe("the law of the round trip", () => {
  const block = fc.oneof(
    fc.record({ type: fc.constant("thinking"), thinking: inner, signature: fc.base64String({ minLength: 1, maxLength: 12 }) }),
    fc.record({ type: fc.constant("redacted_thinking"), data: fc.base64String({ minLength: 1, maxLength: 12 }) }),
  );

  /** The client's next request: the parts as they came, without thoughts and with an id that Gemini CLI has marked, when it does so. */
  const nextTurn = (parts: any[], isCli: boolean) => {
    const kept = parts
      .filter((part) => !isCli || !part.thought)
      .map((part) =>
        isCli && part.functionCall
          ? { ...part, functionCall: { ...part.functionCall, id: `${part.functionCall.name}__${part.functionCall.id}` } }
          : part,
      );
    return [user({ text: "ping" }), model(...kept)];
  };

  it("signed thinking comes back as it was, whole or streamed, from a client that drops thoughts as from one that keeps them", () => {
    fc.assert(
      fc.property(message, fc.array(block, { minLength: 1, maxLength: 3 }), fc.boolean(), fc.boolean(), (from, blocks, isCli, isStream) => {
        const sent = { ...told(from), thinking_blocks: blocks, reasoning_content: undefined };
        const responses = isStream
          ? stream(
              [chunk({ thinking_blocks: blocks }), ...deltas(sent, () => 1).map((delta) => chunk(delta)), chunk({}, "stop"), "[DONE]"],
              {},
              TOOLS,
            )
          : [answer(sent, "stop", {}, TOOLS)];
        const parts = responses.flatMap((one) => partsOf(one));
        const [, back] = messages(nextTurn(parts, isCli));
        expect(back.thinking_blocks).toEqual(blocks);
        expect(back.content ?? "").toBe(sent.content);
        expect(back.tool_calls).toEqual(sent.tool_calls);
      }),
      { numRuns: 300 },
    );
  });

  it("reasoning that nobody signs comes back with the calls that follow it", () => {
    fc.assert(
      fc.property(message, fc.boolean(), (from, isCli) => {
        fc.pre(from.calls.length > 0 && (from.reasoning_content ?? "") !== "");
        const sent = told(from);
        const [, back] = messages(nextTurn(partsOf(answer(sent, "stop", {}, TOOLS)), isCli));
        expect(back.reasoning_content).toBe(sent.reasoning_content);
      }),
      { numRuns: 200 },
    );
  });

  it("a seal goes back to the dialect that made it, and to no other", () => {
    const blocks = [{ type: "thinking", thinking: "hm", signature: "SIG" }];
    const sent = { content: "a", thinking_blocks: blocks };
    const seals = [false, true].map((chained) => partsOf(answer(sent, "stop", { chained }))[1].thoughtSignature);
    const back = (seal: string, chained: boolean) =>
      messages([model({ text: "a", thoughtSignature: seal })], { chained })[0].thinking_blocks;
    expect(back(seals[0], false)).toEqual(blocks);
    expect(back(seals[1], true)).toEqual(blocks);
    expect([back(seals[0], true), back(seals[1], false)]).toEqual([undefined, undefined]);
  });

  it("OpenRouter's reasoning_details come back as the items that they were, whose pieces are joined", () => {
    const text = (piece: string, more: object = {}) => ({ type: "reasoning.text", text: piece, format: "x-1", index: 0, ...more });
    const summary = { type: "reasoning.summary", summary: "sum", format: "x-1", index: 1 };
    const encrypted = { type: "reasoning.encrypted", data: "ENC", id: "e1", format: "x-1", index: 2 };
    const chunks = [[text("h")], [text("m", { signature: "SIG" })], [summary, encrypted]].map((reasoning_details) =>
      chunk({ reasoning: "x", reasoning_details }),
    );
    const responses = stream([...chunks, chunk({ content: "a" }), chunk({}, "stop"), "[DONE]"]);
    const parts = responses.flatMap((one) => partsOf(one)).filter((part) => !part.thought && part.text !== "");
    const [back] = messages([model(...parts)]);
    expect(back.reasoning_details).toEqual([text("hm", { signature: "SIG" }), summary, encrypted]);
    expect(back).not.toHaveProperty("reasoning_content");
    const whole = partsOf(answer({ content: "a", reasoning: "x", reasoning_details: [text("hm"), encrypted] }));
    expect(messages([model(...whole)])[0].reasoning_details).toEqual([text("hm"), encrypted]);
  });

  it("thinking that a block repeats is shown once", () => {
    const blocks = [{ type: "thinking", thinking: "hm", signature: "SIG" }];
    const responses = stream([
      chunk({ reasoning_content: "h" }),
      chunk({ reasoning_content: "m" }),
      chunk({ thinking_blocks: blocks, content: "a" }),
      chunk({}, "stop"),
      "[DONE]",
    ]);
    const thoughts = responses.flatMap((one) => partsOf(one)).filter((part) => part.thought);
    expect(thoughts.map((part) => part.text)).toEqual(["h", "m"]);
  });

  describe("in the conversation form", () => {
    const FORM = { chained: true, form: true };
    const kinds = fc.oneof(
      block.map((value) => ({ thinking_blocks: value })),
      inner.filter((text) => text !== "").map((text) => ({ content: { type: "text", text } })),
      args.map((value) => ({ tool_calls: { type: "function", function: { name: "f", arguments: JSON.stringify(value) } } })),
    );
    const ORDER = ["thinking_blocks", "content", "tool_calls"];

    /** The blocks as messages, by the rule of docs/conversation-form.md. */
    function inMessages(blocks: any[]): any[] {
      const list: any[] = [];
      let stage = 9;
      blocks.forEach((one, k) => {
        const [kind] = Object.keys(one);
        const at = ORDER.indexOf(kind);
        if (at < stage) list.push({ role: "assistant" });
        stage = at;
        const value = kind === "tool_calls" ? { id: `c${k}`, ...one[kind] } : one[kind];
        (list.at(-1)[kind] ??= []).push(value);
      });
      return list;
    }

    /** The blocks of messages; neighbouring texts joined, as clients join them. */
    function blocksOf(list: any[]): any[] {
      const blocks = list.flatMap((one) => ORDER.flatMap((kind) => (one[kind] ?? []).map((value: any) => [kind, value])));
      return blocks.reduce((joinedBlocks, [kind, value]) => {
        const last = joinedBlocks.at(-1);
        if (kind === "content" && last?.[0] === "content") last[1] = { type: "text", text: last[1].text + value.text };
        else joinedBlocks.push([kind, value]);
        return joinedBlocks;
      }, [] as any[]);
    }

    /** The messages as deltas of a stream. */
    const asDeltas = (list: any[]) => {
      let index = -1;
      return blocksOf(list).flatMap(([kind, value]): any[] => {
        if (kind === "content") return [{ content: value.text.slice(0, 1) }, { content: value.text.slice(1) }];
        if (kind === "tool_calls") {
          index++;
          const { name, arguments: text } = value.function;
          return [
            { tool_calls: [{ index, id: value.id, function: { name, arguments: text.slice(0, 2) } }] },
            { tool_calls: [{ index, function: { arguments: text.slice(2) } }] },
          ];
        }
        if (value.type === "redacted_thinking") return [{ thinking_blocks: [value] }];
        return [{ reasoning_content: value.thinking }, { thinking_blocks: [{ ...value, thinking: "" }] }];
      });
    };

    it("every block comes back at its place, whole or streamed", () => {
      fc.assert(
        fc.property(fc.array(kinds, { minLength: 1, maxLength: 6 }), fc.boolean(), fc.boolean(), (blocks, isCli, isStream) => {
          const list = inMessages(blocks);
          request(TOOLS, { ...FORM, stream: isStream });
          const responses = isStream
            ? stream([...asDeltas(list).map((delta) => chunk(delta)), chunk({}, "stop"), "[DONE]"], FORM, TOOLS)
            : [JSON.parse(responseText(JSON.stringify({ choices: [{ index: 0, messages: list, finish_reason: "stop" }] })))];
          const parts = responses.flatMap((one) => partsOf(one));
          const [, ...back] = messages(nextTurn(parts, isCli), FORM);
          expect(blocksOf(back)).toEqual(blocksOf(list));
        }),
        { numRuns: 400 },
      );
    });

    it("results hold their media and say that they failed", () => {
      const media = { inlineData: { mimeType: "image/png", data: "iVBO" } };
      const contents = [model(call("f"), call("g")), user(result("f", { output: "a" }, { parts: [media] }), result("g", { error: "e" }))];
      expect(messages(contents, FORM).slice(1)).toEqual([
        {
          role: "tool",
          tool_call_id: "call_0",
          content: [
            { type: "text", text: "a" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBO" } },
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: '{"error":"e"}', is_error: true },
      ]);
    });
  });

  it("a seal survives Google's Python client, which spells base64 in the URL alphabet", () => {
    const blocks = [{ type: "thinking", thinking: "?>?>", signature: "~~~???>>>" }];
    const parts = partsOf(answer({ content: "a", thinking_blocks: blocks }));
    const thoughtSignature = parts[1].thoughtSignature.replaceAll("+", "-").replaceAll("/", "_");
    const [back] = messages([model({ ...parts[1], thoughtSignature })]);
    expect(back.thinking_blocks).toEqual(blocks);
  });

  it("a seal that was altered, shortened or made up is no seal, and goes nowhere", () => {
    const blocks = [{ type: "thinking", thinking: "hm", signature: "SIG" }];
    const seal: string = partsOf(answer({ content: "a", thinking_blocks: blocks }))[1].thoughtSignature;
    for (let at = 0; at < seal.length; at++) {
      for (const altered of [seal.slice(0, at), seal.slice(0, at) + (seal[at] === "A" ? "B" : "A") + seal.slice(at + 1)]) {
        // Without its padding it holds the same bytes.
        if (Buffer.from(altered, "base64").equals(Buffer.from(seal, "base64"))) continue;
        const [back] = messages([model({ text: "a", thoughtSignature: altered })]);
        if (back.thinking_blocks !== undefined) throw new Error(`${altered} became ${JSON.stringify(back.thinking_blocks)}`);
      }
    }
  });
});

describe("errors", () => {
  it.each([
    [400, '{"error":{"message":"m"}}', { code: 400, message: "m", status: "INVALID_ARGUMENT" }],
    [401, '{"error":"m"}', { code: 401, message: "m", status: "UNAUTHENTICATED" }],
    [403, '{"message":"m"}', { code: 403, message: "m", status: "PERMISSION_DENIED" }],
    [404, '{"detail":"m"}', { code: 404, message: "m", status: "NOT_FOUND" }],
    [500, "<html>", { code: 500, message: "The upstream answered with status 500.", status: "INTERNAL" }],
    [503, "busy", { code: 503, message: "busy", status: "UNAVAILABLE" }],
    [504, "", { code: 504, message: "The upstream answered with status 504.", status: "DEADLINE_EXCEEDED" }],
  ])("%i %s", (status, body, wanted) => {
    expect(JSON.parse(errorText(status, body))).toEqual({ error: wanted });
  });
});

describe("bytes that are no request, no response, no chunk", () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.json({ maxDepth: 4 }),
    fc.constantFrom(
      '{"contents":{"parts":{"functionCall":{}}}}',
      '{"contents":[{"parts":[{"functionResponse":{}},{"inlineData":{}},null,1]}]}',
    ),
  );

  it("never trap", () => {
    fc.assert(
      fc.property(noise, noise, (one, other) => {
        begin({ stream: true });
        requestText(one);
        event(other);
        end();
        begin();
        responseText(one);
        expect(JSON.parse(errorText(500, other))).toHaveProperty("error.code", 500);
      }),
      { numRuns: 500 },
    );
  });
});
