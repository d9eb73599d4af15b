// The same counts, told in every form that a provider has, on every way that a response can take: what ai_log says of them, and what
// a translated client is told, is computed here from the counts and must be the same on all ways, whole and in pieces.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAiLog } from "../../tools/access-log.mjs";
import { loadPlugin } from "../../emulator/module";
import { event as awsEvent } from "../unit/aws-frames";

const RUNS = 12;
const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";

/** What a response cost. */
interface Facts {
  fresh: number;
  read: number;
  written: number;
  said: number;
  thought: number;
}

type Counts = Record<string, unknown>;

/** A response: the usage of its whole body, and those of a stream's events in order. */
interface Report {
  whole: Counts;
  events: Counts[];
}

const inputOf = ({ fresh, read, written }: Facts) => fresh + read + written;
const outputOf = ({ said, thought }: Facts) => said + thought;

const count = (min: number) => fc.oneof(fc.integer({ min, max: 9 }), fc.integer({ min, max: 2 ** 31 }));
const facts: fc.Arbitrary<Facts> = fc.record({
  fresh: count(1),
  read: fc.oneof(fc.constant(0), count(0)),
  written: fc.oneof(fc.constant(0), count(0)),
  said: count(1),
  thought: fc.oneof(fc.constant(0), count(1)),
});
/** Members in any order. */
const shuffled = (counts: Counts) =>
  fc.shuffledSubarray(Object.entries(counts), { minLength: Object.keys(counts).length }).map((list) => Object.fromEntries(list) as Counts);
/** The same members, each number 0. */
const zeros = (counts: Counts): Counts => JSON.parse(JSON.stringify(counts, (_, value) => (typeof value === "number" ? 0 : value)));

// ---- forms: facts -> what a provider says --------------------------------------------------------------------------------

const openaiForms: Record<string, (one: Facts) => Counts> = {
  "OpenAI's": (one) => ({
    prompt_tokens: inputOf(one),
    completion_tokens: outputOf(one),
    total_tokens: inputOf(one) + outputOf(one),
    prompt_tokens_details: { cached_tokens: one.read, cache_write_tokens: one.written, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: one.thought, audio_tokens: 0 },
  }),
  "one without a total": (one) => ({
    prompt_tokens: inputOf(one),
    completion_tokens: outputOf(one),
    prompt_tokens_details: { cached_tokens: one.read, cache_creation_input_tokens: one.written },
    completion_tokens_details: { reasoning_tokens: one.thought },
  }),
  "one without the output": (one) => ({
    prompt_tokens: inputOf(one),
    total_tokens: inputOf(one) + outputOf(one),
    prompt_tokens_details: { cached_tokens: one.read, cached_creation_tokens: one.written },
    completion_tokens_details: { reasoning_tokens: one.thought },
  }),
  "xAI's, reasoning beside the completion": (one) => ({
    prompt_tokens: inputOf(one),
    completion_tokens: one.said,
    total_tokens: inputOf(one) + outputOf(one),
    prompt_tokens_details: { cached_tokens: one.read, cache_write_tokens: one.written },
    completion_tokens_details: { reasoning_tokens: one.thought },
  }),
  "new-api's, both spellings": (one) => ({
    prompt_tokens: inputOf(one),
    completion_tokens: outputOf(one),
    total_tokens: inputOf(one) + outputOf(one),
    prompt_tokens_details: { cached_tokens: one.read, cached_creation_tokens: one.written },
    completion_tokens_details: { reasoning_tokens: one.thought },
    input_tokens: 0,
    output_tokens: 0,
    input_tokens_details: null,
  }),
  "the same the other way round": (one) => ({
    prompt_tokens: 0,
    completion_tokens: 0,
    total_tokens: inputOf(one) + outputOf(one),
    prompt_tokens_details: { cached_tokens: 0 },
    input_tokens: inputOf(one),
    output_tokens: outputOf(one),
    input_tokens_details: { cached_tokens: one.read, cache_write_tokens: one.written },
    output_tokens_details: { reasoning_tokens: one.thought },
  }),
  "LiteLLM's, the cache told twice": (one) => ({
    prompt_tokens: inputOf(one),
    completion_tokens: outputOf(one),
    total_tokens: inputOf(one) + outputOf(one),
    prompt_tokens_details: { cached_tokens: one.read },
    completion_tokens_details: { reasoning_tokens: one.thought },
    cache_read_input_tokens: one.read,
    cache_creation_input_tokens: one.written,
  }),
};

const anthropic = (one: Facts): Counts => ({
  input_tokens: one.fresh,
  cache_read_input_tokens: one.read,
  cache_creation_input_tokens: one.written,
  output_tokens: outputOf(one),
  output_tokens_details: { thinking_tokens: one.thought },
});

/** Zeros are left out, as proto3 does. */
const gemini = (one: Facts): Counts =>
  Object.fromEntries(
    Object.entries({
      promptTokenCount: inputOf(one),
      cachedContentTokenCount: one.read,
      candidatesTokenCount: one.said,
      thoughtsTokenCount: one.thought,
      totalTokenCount: inputOf(one) + outputOf(one),
    }).filter(([, value]) => value > 0),
  );

const bedrock = (one: Facts): Counts => ({
  inputTokens: one.fresh,
  cacheReadInputTokens: one.read,
  cacheWriteInputTokens: one.written,
  outputTokens: outputOf(one),
  totalTokens: inputOf(one) + outputOf(one),
});

const cohere = (one: Facts): Counts => ({
  billed_units: { input_tokens: Math.min(one.fresh, 3), output_tokens: 1 },
  tokens: { input_tokens: inputOf(one), output_tokens: outputOf(one) },
  cached_tokens: one.read,
});

/** Of a stream: what is told before the last report, and zeros after it. */
const growing = (form: (one: Facts) => Counts, one: Facts): fc.Arbitrary<Report> =>
  fc
    .record({ whole: shuffled(form(one)), early: fc.option(fc.double({ min: 0, max: 1, noNaN: true })), late: fc.boolean() })
    .map(({ whole, early, late }) => {
      const part =
        early === null ? [] : [form({ ...one, said: Math.max(Math.floor(one.said * early), 1), thought: Math.floor(one.thought * early) })];
      return { whole, events: [...part, whole, ...(late ? [zeros(whole)] : [])] };
    });

// ---- answers -------------------------------------------------------------------------------------------------------------

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const named = (data: { type: string }) => `event: ${data.type}\n${event(data)}`;
const chunk = (choices: object[], rest: object = {}) =>
  event({ id: "c", object: "chat.completion.chunk", created: 1, model: "up", choices, ...rest });

const chatWhole = ({ whole }: Report) =>
  JSON.stringify({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "up",
    choices: [{ index: 0, message: { role: "assistant", content: "pong" }, finish_reason: "stop" }],
    usage: whole,
  });
const chatStream = ({ events }: Report) =>
  chunk([{ index: 0, delta: { role: "assistant", content: "pong" }, finish_reason: null }]) +
  chunk([{ index: 0, delta: {}, finish_reason: "stop" }]) +
  events.map((usage) => chunk([], { usage })).join("") +
  "data: [DONE]\n\n";

const message = (usage: Counts, content: object[]) => ({
  ...{ id: "msg_1", type: "message", role: "assistant", model: "claude-up", content, stop_reason: "end_turn", stop_sequence: null, usage },
});
const claudeWhole = ({ whole }: Report) => JSON.stringify(message(whole, [{ type: "text", text: "pong" }]));
const claudeStream = ({ events }: Report) =>
  named({ type: "message_start", message: message(events[0], []) } as never) +
  named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never) +
  named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "pong" } } as never) +
  named({ type: "content_block_stop", index: 0 } as never) +
  events
    .slice(1)
    .map((usage) => named({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage } as never))
    .join("") +
  named({ type: "message_stop" });

const candidate = (usageMetadata: Counts, finishReason?: string) => ({
  candidates: [{ content: { role: "model", parts: [{ text: "pong" }] }, finishReason, index: 0 }],
  ...{ usageMetadata, modelVersion: "gemini-up", responseId: "g" },
});
const geminiEvents = ({ events }: Report) =>
  events.map((usage, index) => candidate(usage, index === events.length - 1 ? "STOP" : undefined));
const geminiWhole = ({ whole }: Report) => JSON.stringify(candidate(whole, "STOP"));
const geminiStream = (report: Report) => geminiEvents(report).map(event).join("");
const geminiList = (report: Report) => JSON.stringify(geminiEvents(report));

const converseWhole = ({ whole }: Report) =>
  JSON.stringify({ output: { message: { role: "assistant", content: [{ text: "pong" }] } }, stopReason: "end_turn", usage: whole });
const converseStream = ({ whole }: Report) =>
  Buffer.concat([
    awsEvent("messageStart", { role: "assistant" }),
    awsEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "pong" } }),
    awsEvent("contentBlockStop", { contentBlockIndex: 0 }),
    awsEvent("messageStop", { stopReason: "end_turn" }),
    awsEvent("metadata", { usage: whole }),
  ]);

const cohereWhole = ({ whole }: Report) =>
  JSON.stringify({
    id: "co",
    finish_reason: "COMPLETE",
    message: { role: "assistant", content: [{ type: "text", text: "pong" }] },
    usage: whole,
  });
const cohereStream = ({ events }: Report) =>
  event({ type: "message-start", id: "co", delta: { message: { role: "assistant", content: [] } } }) +
  event({ type: "content-delta", index: 0, delta: { message: { content: { text: "pong" } } } }) +
  event({ type: "message-end", delta: { finish_reason: "COMPLETE", usage: events.at(-1) } });

// ---- ways ----------------------------------------------------------------------------------------------------------------

interface Way {
  provider: { type: string; [name: string]: unknown };
  path: string;
  model?: string;
  body?: object;
  response: (report: Report) => string | Buffer;
  type?: string;
}

const STREAM = { stream: true };
const AWS = "application/vnd.amazon.eventstream";
const PROMOTED = { promoteThinkingOnEmpty: true };

const openaiWays: Record<string, Way> = {
  "passed, whole": { provider: { type: "openai" }, path: CHAT, response: chatWhole },
  "passed, stream": {
    ...{ provider: { type: "openai" }, path: CHAT, response: chatStream },
    body: { ...STREAM, stream_options: { include_usage: true } },
  },
  "filtered stream": { provider: { type: "openai" }, path: CHAT, body: STREAM, response: chatStream },
  "edited, whole": { provider: { type: "mistral" }, path: CHAT, response: chatWhole },
  "edited, stream": { provider: { type: "mistral" }, path: CHAT, body: STREAM, response: chatStream },
  "promoted, whole": { provider: { type: "openai", ...PROMOTED }, path: CHAT, response: chatWhole },
  "promoted, stream": { provider: { type: "openai", ...PROMOTED }, path: CHAT, body: STREAM, response: chatStream },
  "Messages client, whole": { provider: { type: "openai" }, path: MESSAGES, response: chatWhole },
  "Messages client, stream": { provider: { type: "openai" }, path: MESSAGES, body: STREAM, response: chatStream },
  "Messages client, promoted, whole": { provider: { type: "openai", ...PROMOTED }, path: MESSAGES, response: chatWhole },
  "Messages client, promoted, stream": { provider: { type: "openai", ...PROMOTED }, path: MESSAGES, body: STREAM, response: chatStream },
};

/** Whole and stream, for a chat client, a Messages client, and both with promoted thinking. */
function translatedWays(
  provider: Way["provider"],
  model: string,
  whole: Way["response"],
  stream: Way["response"],
  type?: string,
): Record<string, Way> {
  const ways: Record<string, Way> = {};
  for (const [client, path] of [
    ["chat", CHAT],
    ["Messages", MESSAGES],
  ]) {
    for (const [how, extra] of [
      ["", {}],
      [", promoted", PROMOTED],
    ] as const) {
      const common = { provider: { ...provider, ...extra }, path, model };
      ways[`${provider.type}, ${client} client${how}, whole`] = { ...common, response: whole };
      ways[`${provider.type}, ${client} client${how}, stream`] = { ...common, body: STREAM, response: stream, type };
    }
  }
  return ways;
}

/** Claude's own type passes a Messages client's response on. */
const claudeWays = {
  ...translatedWays({ type: "claude" }, "claude-x", claudeWhole, claudeStream),
  ...translatedWays({ type: "vertex" }, "claude-x", claudeWhole, claudeStream),
};
const native = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };
const geminiWays: Record<string, Way> = {
  "passed, whole": { provider: { type: "gemini" }, path: "/v1beta/models/gemini-x:generateContent", body: native, response: geminiWhole },
  "passed, stream": {
    ...{ provider: { type: "gemini" }, path: "/v1beta/models/gemini-x:streamGenerateContent?alt=sse", body: native },
    response: geminiStream,
  },
  "passed, list": {
    provider: { type: "gemini" },
    path: "/v1beta/models/gemini-x:streamGenerateContent",
    body: native,
    response: geminiList,
  },
  ...translatedWays({ type: "gemini" }, "gemini-x", geminiWhole, geminiStream),
  ...translatedWays({ type: "vertex" }, "gemini-x", geminiWhole, geminiStream),
};
const bedrockWays = translatedWays({ type: "bedrock", awsRegion: "us-east-1" }, "m", converseWhole, converseStream, AWS);
const cohereWays = translatedWays({ type: "cohere" }, "command-x", cohereWhole, cohereStream);

/** Ready to take that way many times, the response in pieces of `size` bytes. */
async function senderOf(way: Way) {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify({ provider: { apiTokens: ["sk-1"], ...way.provider } }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  const body = JSON.stringify({ model: way.model ?? "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }], ...way.body });
  return (report: Report, size: number) => {
    const exchange = plugin.exchange({ method: "POST", path: way.path, headers: { "content-type": "application/json" }, body });
    expect(exchange.localReply).toBeNull();
    const bytes = Buffer.from(way.response(report));
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) => bytes.subarray(k * size, (k + 1) * size));
    const type = way.type ?? (/^(data|event):/.test(bytes.toString("latin1")) ? "text/event-stream" : "application/json");
    const client = exchange.respond({ status: 200, headers: { "content-type": type }, chunks: pieces });
    exchange.finish();
    expect([host.violations, host.traps]).toEqual([[], []]);
    return { log: parseAiLog(exchange.stateText("ai_log"))!, text: client.text, isTranslated: client.text !== bytes.toString() };
  };
}

/** The last usage object that a client was told. */
function toldUsage(text: string): Record<string, any> | undefined {
  const documents = text.startsWith("{") ? [text] : [...text.matchAll(/^data: (\{.*)$/gm)].map((match) => match[1]);
  return documents
    .map((document) => JSON.parse(document).usage)
    .filter(Boolean)
    .at(-1);
}

interface Expected {
  input: number;
  output: number;
  read?: number;
  written?: number;
  thought?: number;
}

function check(way: Way, seen: ReturnType<Awaited<ReturnType<typeof senderOf>>>, wanted: Expected): void {
  const { log, text, isTranslated } = seen;
  const { input, output, read, written, thought } = wanted;
  expect(log).toMatchObject({ usage_source: "reported", input_token: input, output_token: output, total_token: input + output });
  const details = { cached_tokens: read, cache_write_tokens: written, reasoning_tokens: thought };
  for (const [name, value] of Object.entries(details)) if (value !== undefined) expect(log[name] ?? 0, name).toBe(value);
  const told = isTranslated ? toldUsage(text) : undefined;
  if (told === undefined) return;
  if (way.path === CHAT && way.provider.type !== "openai" && way.provider.type !== "mistral") {
    expect(told).toMatchObject({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output });
  } else if (way.path === MESSAGES) {
    expect(told.input_tokens + told.cache_read_input_tokens + told.cache_creation_input_tokens).toBe(input);
    expect(told.output_tokens).toBe(output);
  }
}

async function checkAll(ways: Record<string, Way>, cases: fc.Arbitrary<{ report: Report; wanted: Expected }>, runs = RUNS): Promise<void> {
  const senders = await Promise.all(Object.entries(ways).map(async ([name, way]) => ({ name, way, send: await senderOf(way) })));
  fc.assert(
    fc.property(cases, fc.constantFrom(1 << 20, 1, 7, 64), ({ report, wanted }, size) => {
      for (const { name, way, send } of senders) {
        try {
          check(way, send(report, size), wanted);
        } catch (error) {
          throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
        }
      }
    }),
    { numRuns: runs },
  );
}

const wantedOf = (one: Facts): Expected => ({
  ...{ input: inputOf(one), output: outputOf(one), read: one.read, written: one.written, thought: one.thought },
});

describe("the same counts on every way", () => {
  it.each(Object.entries(openaiForms))("told in OpenAI's chat form: %s", async (_, form) => {
    const cases = facts.chain((one) => growing(form, one).map((report) => ({ report, wanted: wantedOf(one) })));
    await checkAll(openaiWays, cases);
  });

  it("told in the total alone, as output that is hidden", async () => {
    const form = (one: Facts): Counts => ({
      ...{ prompt_tokens: inputOf(one), completion_tokens: one.said, total_tokens: inputOf(one) + outputOf(one) },
    });
    const cases = facts.map((one) => ({
      report: { whole: form(one), events: [form(one)] },
      wanted: { input: inputOf(one), output: outputOf(one) },
    }));
    await checkAll(openaiWays, cases);
  });

  it("told in Anthropic's form, compactions and advisors beside it", async () => {
    const kinds = fc.constantFrom("compaction", "advisor_message", "message", "fallback_message");
    const entries = fc.array(fc.record({ type: kinds, one: facts }), { maxLength: 4 });
    const cases = fc
      .record({ one: facts, entries, early: fc.constantFrom("same", "zeros", "part"), late: fc.constantFrom("all", "zeros", "output") })
      .chain(({ one, entries, early, late }) => {
        const iterations = entries.map((entry) => ({ ...anthropic(entry.one), type: entry.type }));
        const whole: Counts = { ...anthropic(one), ...(entries.length > 0 ? { iterations } : {}) };
        // The input may be told first, last, or both.
        const first =
          early === "zeros" ? zeros(anthropic(one)) : { ...anthropic(one), output_tokens: early === "part" ? 1 : outputOf(one) };
        const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, ...rest } = whole;
        const last =
          late === "all" || early === "zeros"
            ? { ...rest, input_tokens, cache_read_input_tokens, cache_creation_input_tokens }
            : late === "output"
              ? rest
              : { ...rest, input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
        const apart = entries.filter(({ type }) => type === "compaction" || type === "advisor_message").map((entry) => entry.one);
        const sum = (pick: (part: Facts) => number) => [one, ...apart].reduce((total, part) => total + pick(part), 0);
        const wanted = {
          ...{ input: sum(inputOf), output: sum(outputOf), thought: one.thought },
          ...{ read: sum((part) => part.read), written: sum((part) => part.written) },
        };
        return shuffled(last).map((report) => ({ report: { whole, events: [first, report] }, wanted }));
      });
    await checkAll(claudeWays, cases, 20);
  });

  it("told in Gemini's form, events that restate or leave out", async () => {
    const cases = facts
      .map((one) => ({ ...one, written: 0 }))
      .chain((one) =>
        fc.record({ one: fc.constant(one), before: fc.array(facts, { maxLength: 2 }), whole: shuffled(gemini(one)), rest: fc.boolean() }),
      )
      .map(({ one, before, whole, rest }) => {
        const last = {
          promptTokenCount: inputOf(one),
          totalTokenCount: inputOf(one),
          ...(one.read > 0 ? { cachedContentTokenCount: one.read } : {}),
        };
        return { report: { whole, events: [...before.map(gemini), whole, ...(rest ? [last, { trafficType: "ON_DEMAND" }] : [])] }, one };
      })
      .map(({ report, one }) => ({ report, wanted: wantedOf(one) }));
    await checkAll(geminiWays, cases);
  });

  it("told in Bedrock's form", async () => {
    const cases = facts.chain((one) => growing(bedrock, one).map((report) => ({ report, wanted: { ...wantedOf(one), thought: 0 } })));
    await checkAll(bedrockWays, cases);
  });

  it("told in Cohere's form", async () => {
    const cases = facts.map((one) => ({
      report: { whole: cohere(one), events: [cohere(one)] },
      wanted: { ...wantedOf(one), written: 0, thought: 0 },
    }));
    await checkAll(cohereWays, cases);
  });
});
