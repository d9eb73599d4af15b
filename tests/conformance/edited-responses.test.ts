// Chat responses that are edited on their way (mistral's forms, reasoningContentMode): random ones, whole and streamed, are read by a
// reader of the test's own before and after, in every mode. What a client understands must be what the provider said, what
// is not edited keeps its bytes, and neither the client's bytes nor ai_log depend on cuts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";

const MODES = ["passthrough", "ignore", "concat"] as const;
type Mode = (typeof MODES)[number];
type Json = any;

const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, prompt_tokens_details: { cached_tokens: 1 } };
const EDITED = ["content", "reasoning_content", "reasoning", "reasoning_details", "thinking_blocks", "role", "tool_calls"];

const word = fc.constantFrom("", "a", " word", '"q"', "漢字", "\n\t", "\\u0041", "🙂", "</think>", "<think>", "x".repeat(70));
const thinking = fc.oneof(
  word,
  word.map((text) => [{ type: "text", text }]),
  fc.constant([]),
);
const part = fc.oneof(
  word.map((text) => ({ type: "text", text })),
  thinking.map((inner) => ({ type: "thinking", thinking: inner })),
  fc.constant({ type: "reference", reference_ids: [1] }),
);
const content = fc.oneof(fc.constant(null), word, word, fc.array(part, { maxLength: 3 }));
const call = fc.record(
  {
    id: fc.constantFrom("a", "b", "c", "null", ""),
    type: fc.constantFrom("function", null),
    function: fc.record({ name: fc.constantFrom("f", "g"), arguments: fc.constantFrom("", "{}", '{"a":1.0}') }),
  },
  { requiredKeys: ["function"] },
);
/** Members of a message or a delta, in any order of the optional ones. */
const said = fc.record(
  {
    content,
    reasoning_content: fc.oneof(fc.constant(null), word),
    reasoning: fc.oneof(fc.constant(null), word),
    reasoning_details: fc.constant([{ type: "reasoning.text", text: "secret" }]),
    refusal: fc.constantFrom(null, "", "no"),
    tool_calls: fc.oneof(fc.constant(null), fc.array(call, { minLength: 1, maxLength: 2 })),
    new_field: fc.constant({ content: [], n: 1 }),
  },
  { requiredKeys: [] },
);
const delta = fc
  .tuple(fc.option(fc.constantFrom("assistant", null), { nil: undefined, freq: 3 }), said)
  .map(([role, rest]) => ({ ...(role === undefined ? {} : { role }), ...rest }));
const chunk = fc
  .tuple(delta, fc.integer({ min: 0, max: 1 }), fc.constantFrom(null, null, null, "", "stop"), fc.integer({ min: 0, max: 6 }))
  .map(([one, index, finish_reason, kind]) => {
    const choice = { index, delta: one, finish_reason, ...(kind === 0 ? { usage: USAGE } : {}) };
    const top: { usage?: object | null } = {};
    return {
      ...top,
      id: "c",
      model: "up",
      choices: [choice],
      ...(kind === 1 ? { usage: null } : kind === 2 ? { usage: USAGE } : {}),
      n: 1e21,
    };
  });

const joined = (inner: Json): string => (typeof inner === "string" ? inner : (inner ?? []).map((item: Json) => item.text).join(""));
const partsOf = (value: Json, type: string): Json[] => (Array.isArray(value) ? value.filter((item) => item.type === type) : []);
const textOf = (value: Json): string =>
  typeof value === "string"
    ? value
    : partsOf(value, "text")
        .map((item) => item.text)
        .join("");
const thoughtOf = (message: Json, withDetails = false): string =>
  (message.reasoning_content || message.reasoning || (withDetails && message.reasoning_details?.[0].text) || "") +
  partsOf(message.content, "thinking")
    .map((item) => joined(item.thinking))
    .join("");

/** The text that the client is to read in `events`, by choice, and in modes other than concat the thought. */
function expected(messages: { index: number; message: Json; ends: boolean }[], mode: Mode, isWhole: boolean) {
  const text: string[] = ["", ""];
  const thought: string[] = ["", ""];
  const open = [false, false];
  for (const { index, message, ends } of messages) {
    const mine = thoughtOf(message, mode === "concat");
    if (mode === "passthrough") thought[index] += mine;
    if (mode === "concat" && mine !== "") {
      text[index] += (open[index] ? "" : "<think>") + mine;
      open[index] = true;
    }
    const said = textOf(message.content);
    if (open[index] && (said !== "" || ends || isWhole)) {
      text[index] += "</think>\n";
      open[index] = false;
    }
    text[index] += said;
  }
  return { text, thought };
}

const messagesOf = (chunks: Json[]) =>
  chunks.flatMap(({ choices }) =>
    choices.map(({ index, delta: message, finish_reason }: Json) => ({
      index,
      message,
      ends: Boolean(finish_reason) || Array.isArray(message.tool_calls) || Boolean(message.refusal),
    })),
  );

/** All that no edit may change. */
function rest(value: Json, key: "delta" | "message"): Json {
  const { usage: _usage, choices, ...top } = value;
  return {
    ...top,
    choices: choices.map(({ usage: _inner, [key]: message, ...choice }: Json) => ({
      ...choice,
      message: Object.fromEntries(Object.entries(message).filter(([name]) => !EDITED.includes(name))),
    })),
  };
}

/** Calls as a client joins them: by index, the names and arguments one after the other. */
function expectCalls(before: Json[], after: Json[]): void {
  expect(after.length).toBe(before.length);
  after.forEach((one, k) => {
    expect(Number.isInteger(one.index)).toBe(true);
    expect(one.type).toBe("function");
    expect({ ...one, index: 0, type: 0 }).toEqual({ ...before[k], index: 0, type: 0 });
  });
}

async function gateway(mode: Mode, type = "mistral") {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify({ provider: { type, apiTokens: ["k"], reasoningContentMode: mode } }));
  expect(plugin.ok).toBe(true);
  const send = (stream: boolean, contentType: string, chunks: Buffer[]) => {
    const exchange = plugin.exchange({
      method: "POST",
      path: "/v1/chat/completions",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "Hi" }] }),
    });
    const client = exchange.respond({ status: 200, headers: { "content-type": contentType }, chunks });
    exchange.finish();
    const { llm_first_token_duration: _first, llm_service_duration: _whole, ...log } = JSON.parse(exchange.stateText("ai_log")!);
    return { text: client.text, log };
  };
  return { host, send };
}

const bytewise = (text: string) => [...Buffer.from(text)].map((byte) => Buffer.from([byte]));

describe.each(MODES)("edited responses in mode %s", (mode) => {
  it("streams say the same, and cuts make no difference", async () => {
    const { host, send } = await gateway(mode);
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 6 }), fc.boolean(), (chunks, isCrlf) => {
        const line = isCrlf ? "\r\n" : "\n";
        const source = chunks.map((one) => `data: ${JSON.stringify(one)}${line}${line}`).join("") + `data: [DONE]${line}${line}`;
        const seen = send(true, "text/event-stream", [Buffer.from(source)]);
        expect(send(true, "text/event-stream", bytewise(source))).toEqual(seen);
        const lines = seen.text.split(`${line}${line}`).filter((one) => one !== "");
        expect(lines.pop()).toBe("data: [DONE]");
        const after = lines.map((one) => JSON.parse(one.slice(6)));
        expect(after.map((one) => rest(one, "delta"))).toEqual(chunks.map((one) => rest(one, "delta")));
        const wanted = expected(messagesOf(chunks), mode, false);
        const read = messagesOf(after);
        for (const index of [0, 1]) {
          const own = read.filter((one) => one.index === index);
          expect(own.map(({ message }) => message.content ?? "").join("")).toBe(wanted.text[index]);
          if (mode !== "passthrough") expect(own.map(({ message }) => thoughtOf(message)).join("")).toBe("");
          else expect(own.map(({ message }) => thoughtOf(message)).join("")).toBe(wanted.thought[index]);
          if (own.length > 0) expect(own[0].message.role).toBe("assistant");
          const calls = (list: typeof own) => list.flatMap(({ message }) => message.tool_calls ?? []);
          expectCalls(calls(messagesOf(chunks).filter((one) => one.index === index)), calls(own));
        }
        chunks.forEach((one, k) => {
          const inner = one.choices[0].usage;
          expect(after[k].usage ?? null).toEqual(one.usage ?? inner ?? null);
          // What means the same is spelt the same.
          if (JSON.stringify(after[k]) === JSON.stringify(one)) expect(lines[k]).toBe(`data: ${JSON.stringify(one)}`);
        });
        const reports = chunks.some((one) => one.usage ?? one.choices[0].usage);
        expect(seen.log.usage_source === "reported").toBe(reports);
        if (reports) expect(seen.log).toMatchObject({ input_token: 3, output_token: 4 });
      }),
      { numRuns: 150 },
    );
    expect([host.traps, host.violations]).toEqual([[], []]);
  });

  it("whole responses say the same", async () => {
    const { host, send } = await gateway(mode);
    fc.assert(
      fc.property(said, said, (one, other) => {
        const body = {
          id: "c",
          choices: [one, other].map((message, index) => ({ index, message: { role: "assistant", ...message }, finish_reason: "stop" })),
          usage: USAGE,
        };
        const source = JSON.stringify(body);
        const seen = send(false, "application/json", [Buffer.from(source)]);
        expect(send(false, "application/json", bytewise(source))).toEqual(seen);
        const after = JSON.parse(seen.text);
        expect(rest(after, "message")).toEqual(rest(body, "message"));
        body.choices.forEach(({ message }, index) => {
          const wanted = expected([{ index: 0, message, ends: true }], mode, true);
          const read = after.choices[index].message;
          expect(read.content ?? "").toBe(wanted.text[0]);
          expect(Array.isArray(read.content)).toBe(false);
          expect(thoughtOf(read)).toBe(wanted.thought[0]);
          for (const made of read.tool_calls ?? []) expect(made.type).toBe("function");
        });
        expect(seen.log).toMatchObject({ input_token: 3, output_token: 4, usage_source: "reported" });
      }),
      { numRuns: 150 },
    );
    expect([host.traps, host.violations]).toEqual([[], []]);
  });
});
