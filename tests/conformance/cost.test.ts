// What a request costs: the same amount, computed here from the parts of a usage with BigInt, must stand in ai_log to the last digit, in
// filter state and in the counter, whatever form the provider tells the usage in.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAiLog } from "../../tools/access-log.mjs";
import type { FixedClock, RequestInit } from "../../emulator/host";
import { loadPlugin } from "../../emulator/module";
import { event as awsEvent } from "../unit/aws-frames";

const RUNS = 500;
const json = { "content-type": "application/json" };
const sse = { "content-type": "text/event-stream" };
const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;

/** Tokens of a response, none of them in two parts. */
interface Parts {
  input: number;
  cachedInput: number;
  cacheWrite: number;
  cacheWrite1h: number;
  audioInput: number;
  imageInput: number;
  output: number;
  reasoning: number;
  audioOutput: number;
  imageOutput: number;
}
const PARTS: (keyof Parts)[] = [
  ...(["input", "cachedInput", "cacheWrite", "cacheWrite1h", "audioInput", "imageInput"] as const),
  ...(["output", "reasoning", "audioOutput", "imageOutput"] as const),
];
type Rates = Partial<Record<keyof Parts | "perRequest" | "perImage", string | number>>;

/** A decimal as a whole number of 10^-places. */
function scaled(text: string, places: number): bigint {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(places, "0"));
}

/** A whole number of 10^-12 as a decimal. */
function decimal(pico: bigint): string {
  const digits = String(pico).padStart(13, "0");
  const fraction = digits.slice(-12).replace(/0+$/, "");
  return digits.slice(0, -12) + (fraction === "" ? "" : `.${fraction}`);
}

const IN_PLACE: Partial<Record<keyof Parts, keyof Parts>> = {
  ...{ cachedInput: "input", cacheWrite: "input", cacheWrite1h: "cacheWrite", audioInput: "input", imageInput: "input" },
  ...{ reasoning: "output", audioOutput: "output", imageOutput: "output" },
};

function rateOf(rates: Rates, part: keyof Parts): bigint {
  const own = rates[part];
  const other = IN_PLACE[part];
  return own !== undefined ? scaled(String(own), 6) : other === undefined ? 0n : rateOf(rates, other);
}

/** In 10^-12. */
function costOf(rates: Rates, parts: Parts): bigint {
  const tokens = PARTS.reduce((sum, part) => sum + BigInt(parts[part]) * rateOf(rates, part), 0n);
  return tokens + scaled(String(rates.perRequest ?? "0"), 6) * 1_000_000n;
}

const inputOf = (one: Parts) => one.input + one.cachedInput + one.cacheWrite + one.cacheWrite1h + one.audioInput + one.imageInput;
const outputOf = (one: Parts) => one.output + one.reasoning + one.audioOutput + one.imageOutput;

const openai = (one: Parts) => ({
  prompt_tokens: inputOf(one),
  completion_tokens: outputOf(one),
  total_tokens: inputOf(one) + outputOf(one),
  prompt_tokens_details: {
    cached_tokens: one.cachedInput,
    cache_write_tokens: one.cacheWrite,
    audio_tokens: one.audioInput,
    image_tokens: one.imageInput,
  },
  completion_tokens_details: { reasoning_tokens: one.reasoning, audio_tokens: one.audioOutput, image_tokens: one.imageOutput },
});
const responses = (one: Parts) => ({
  input_tokens: inputOf(one),
  output_tokens: outputOf(one),
  total_tokens: inputOf(one) + outputOf(one),
  input_tokens_details: { cached_tokens: one.cachedInput, audio_tokens: one.audioInput, image_tokens: one.imageInput },
  output_tokens_details: { reasoning_tokens: one.reasoning, audio_tokens: one.audioOutput, image_tokens: one.imageOutput },
});
const anthropic = (one: Parts) => ({
  input_tokens: one.input,
  cache_creation_input_tokens: one.cacheWrite + one.cacheWrite1h,
  cache_read_input_tokens: one.cachedInput,
  cache_creation: { ephemeral_5m_input_tokens: one.cacheWrite, ephemeral_1h_input_tokens: one.cacheWrite1h },
  output_tokens: outputOf(one),
  output_tokens_details: { thinking_tokens: one.reasoning },
});
const bedrock = (one: Parts) => ({
  inputTokens: one.input,
  cacheReadInputTokens: one.cachedInput,
  cacheWriteInputTokens: one.cacheWrite + one.cacheWrite1h,
  cacheDetails: [
    { ttl: "5m", inputTokens: one.cacheWrite },
    { inputTokens: one.cacheWrite1h, ttl: "1h" },
  ],
  outputTokens: outputOf(one),
  totalTokens: inputOf(one) + outputOf(one),
});
/** What came from the cache was half sound, where there is any. */
const gemini = (one: Parts) => ({
  promptTokenCount: inputOf(one),
  cachedContentTokenCount: one.cachedInput,
  candidatesTokenCount: outputOf(one) - one.reasoning,
  thoughtsTokenCount: one.reasoning,
  totalTokenCount: inputOf(one) + outputOf(one),
  promptTokensDetails: [
    { modality: "TEXT", tokenCount: one.input + Math.ceil(one.cachedInput / 2) },
    { modality: "AUDIO", tokenCount: one.audioInput + Math.floor(one.cachedInput / 2) },
    { tokenCount: one.imageInput, modality: "IMAGE" },
  ],
  cacheTokensDetails: [
    { modality: "TEXT", tokenCount: Math.ceil(one.cachedInput / 2) },
    { modality: "AUDIO", tokenCount: Math.floor(one.cachedInput / 2) },
  ],
  candidatesTokensDetails: [
    { modality: "TEXT", tokenCount: one.output },
    { modality: "AUDIO", tokenCount: one.audioOutput },
    { modality: "IMAGE", tokenCount: one.imageOutput },
  ],
});

interface Way {
  provider: object;
  path: string;
  body?: object;
  type: Record<string, string>;
  /** The parts that this provider never has. */
  lacks: (keyof Parts)[];
  response: (parts: Parts) => string | Buffer;
}
const AUDIO: (keyof Parts)[] = ["audioInput", "imageInput", "audioOutput", "imageOutput"];
const choice = { index: 0, message: { role: "assistant", content: "pong" }, finish_reason: "stop" };
const message = { id: "m", type: "message", role: "assistant", model: "up", content: [{ type: "text", text: "pong" }] };
const candidates = [{ index: 0, content: { role: "model", parts: [{ text: "pong" }] }, finishReason: "STOP" }];
const converse = { output: { message: { role: "assistant", content: [{ text: "pong" }] } }, stopReason: "end_turn" };
const claude = { type: "claude", apiTokens: ["k"] };

const WAYS: Record<string, Way> = {
  "OpenAI, whole": {
    ...{ provider: { type: "openai" }, path: "/v1/chat/completions", type: json, lacks: ["cacheWrite1h"] },
    response: (parts) => JSON.stringify({ id: "c", model: "up", choices: [choice], usage: openai(parts) }),
  },
  "OpenAI, stream": {
    ...{ provider: { type: "openai" }, path: "/v1/chat/completions", body: { stream: true }, type: sse, lacks: ["cacheWrite1h"] },
    response: (parts) =>
      event({ id: "c", choices: [{ index: 0, delta: { content: "pong" } }] }) +
      event({ id: "c", choices: [], usage: openai(parts) }) +
      "data: [DONE]\n\n",
  },
  "OpenAI's Responses": {
    ...{ provider: { type: "openai" }, path: "/v1/responses", body: { input: "hi" }, type: json, lacks: ["cacheWrite", "cacheWrite1h"] },
    response: (parts) => JSON.stringify({ id: "r", object: "response", model: "up", output: [], usage: responses(parts) }),
  },
  "Anthropic, passed": {
    ...{ provider: claude, path: "/v1/messages", type: json, lacks: AUDIO },
    response: (parts) => JSON.stringify({ ...message, usage: anthropic(parts) }),
  },
  "Anthropic, translated stream": {
    ...{ provider: claude, path: "/v1/chat/completions", body: { stream: true }, type: sse, lacks: AUDIO },
    response: (parts) =>
      event({ type: "message_start", message: { ...message, content: [], usage: { ...anthropic(parts), output_tokens: 1 } } }) +
      event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }) +
      event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "pong" } }) +
      event({ type: "content_block_stop", index: 0 }) +
      event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: outputOf(parts) } }) +
      event({ type: "message_stop" }),
  },
  "Bedrock, translated": {
    ...{ provider: { type: "bedrock", awsRegion: "us-east-1" }, path: "/v1/chat/completions", type: json, lacks: [...AUDIO, "reasoning"] },
    response: (parts) => JSON.stringify({ ...converse, usage: bedrock(parts) }),
  },
  "Bedrock, translated stream": {
    ...{ provider: { type: "bedrock", awsRegion: "us-east-1" }, path: "/v1/chat/completions", body: { stream: true } },
    ...{ type: { "content-type": "application/vnd.amazon.eventstream" }, lacks: [...AUDIO, "reasoning"] },
    response: (parts) =>
      Buffer.concat([
        awsEvent("messageStart", { role: "assistant" }),
        awsEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "pong" } }),
        awsEvent("contentBlockStop", { contentBlockIndex: 0 }),
        awsEvent("messageStop", { stopReason: "end_turn" }),
        awsEvent("metadata", { usage: bedrock(parts) }),
      ]),
  },
  "Gemini, passed": {
    ...{ provider: { type: "gemini" }, path: "/v1beta/models/m:generateContent", type: json, lacks: ["cacheWrite", "cacheWrite1h"] },
    ...{ body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] } },
    response: (parts) => JSON.stringify({ candidates, modelVersion: "up", usageMetadata: gemini(parts) }),
  },
  "Gemini, translated": {
    ...{ provider: { type: "gemini" }, path: "/v1/chat/completions", type: json, lacks: ["cacheWrite", "cacheWrite1h"] },
    response: (parts) => JSON.stringify({ candidates, modelVersion: "up", usageMetadata: gemini(parts) }),
  },
};

const count = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 10_000_000 }));
const anyParts = fc.record(Object.fromEntries(PARTS.map((part) => [part, count])) as Record<keyof Parts, fc.Arbitrary<number>>);
/** As people write prices, and as nobody does. */
const rate = fc.oneof(
  fc.constantFrom("0", "2.5", "10.00", 0.075, 1.25, 15, "0.000001", 3e-6, "1e-5", "12345.678901"),
  fc.tuple(fc.nat(2000), fc.nat(999_999)).map(([whole, fraction]) => `${whole}.${String(fraction).padStart(6, "0")}`),
);
const anyRates: fc.Arbitrary<Rates> = fc
  .record(Object.fromEntries([...PARTS, "perRequest"].map((name) => [name, fc.option(rate, { nil: undefined, freq: 2 })])))
  .map((rates) => ({ input: "1", ...(JSON.parse(JSON.stringify(rates)) as Rates) }));
/** Without an exponent. */
const plain = (rates: Rates): Rates =>
  Object.fromEntries(Object.entries(rates).map(([name, value]) => [name, /e/i.test(String(value)) ? Number(value).toFixed(6) : value]));

async function start(config: object) {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify(config));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  return { host, plugin, clock: host.clock as FixedClock };
}
type Started = Awaited<ReturnType<typeof start>>;

const chat = (body: object = {}, init: RequestInit = {}): RequestInit => ({
  path: "/v1/chat/completions",
  headers: { ...json, authorization: "Bearer k" },
  body: JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }], ...body }),
  ...init,
});

/** What the counters say, in 10^-9. */
const counted = (host: Started["host"]) => host.metrics.exact(".cost_nano_total");

describe("the cost of a response", () => {
  it.each(Object.entries(WAYS))(
    `is exact, of ${Math.ceil(RUNS / Object.keys(WAYS).length)} random usages and prices: %s`,
    async (_name, way) => {
      await fc.assert(
        fc.asyncProperty(anyRates, fc.array(anyParts, { minLength: 4, maxLength: 4 }), async (rates, usages) => {
          const { host, plugin } = await start({
            ...{ currency: "USD", filterState: ["cost", "cost_micros"], prices: [{ models: ["m"], ...rates }] },
            provider: { apiTokens: ["k"], ...way.provider },
          });
          let sum = 0n;
          for (const any of usages) {
            const parts = { ...any, ...Object.fromEntries(way.lacks.map((part) => [part, 0])), output: any.output + 1 };
            const exchange = plugin.exchange(chat(way.body, { path: way.path }));
            exchange.respond({ headers: way.type, chunks: [way.response(parts)], endWithLastChunk: true });
            exchange.finish();
            const cost = costOf(plain(rates), parts);
            sum += cost;
            const log = parseAiLog(exchange.stateText("ai_log"));
            expect(log, JSON.stringify({ rates, parts })).toMatchObject({ cost: decimal(cost), currency: "USD", cost_source: "reported" });
            expect(exchange.stateText("ai_cost")).toBe(decimal(cost));
            const micros = (cost + 999_999n) / 1_000_000n;
            expect(exchange.stateText("ai_cost_micros")).toBe(String(micros > 1_000_000_000n ? 1_000_000_000n : micros));
          }
          const [[name, nano]] = counted(host);
          expect(name).toMatch(/\.~provider\.[a-z]+\.~currency\.USD\.cost_nano_total$/);
          expect(nano).toBe(sum / 1000n);
          expect(host.violations).toEqual([]);
        }),
        { seed: 18, numRuns: Math.ceil(RUNS / Object.keys(WAYS).length / 4) },
      );
    },
    60_000,
  );
});

const provider = { type: "openai", apiTokens: ["k"], modelMapping: { mini: "gpt-4o-mini", "*": "" } };
const usage = (input: number, output: number) => ({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output });
const answer = (input: number, output: number, more: object = {}) =>
  JSON.stringify({ id: "c", choices: [choice], usage: usage(input, output), ...more });

/** Sends a request and lets it be answered; what the log says. */
function run({ plugin }: Pick<Started, "plugin">, request: RequestInit, body = answer(1000, 100), status = 200) {
  const exchange = plugin.exchange(request);
  if (exchange.localReply === null) exchange.respond({ status, headers: json, chunks: [body], endWithLastChunk: true });
  exchange.finish();
  return { client: exchange.client, log: parseAiLog(exchange.stateText("ai_log")) as Record<string, unknown> };
}
const money = ({ log }: { log: Record<string, unknown> }) => [log.cost, log.currency, log.cost_source];

describe("the price that holds", () => {
  const row = (models: string[], input: number, more: object = {}) => ({ models, input, ...more });

  it.each([
    ["gpt-4o", "0.002"],
    ["gpt-4o-mini", "0.003"],
    ["gpt-4.1", "0.001"],
    ["o3-pro", "0.004"],
    ["claude", "0.005"],
  ])("is found as modelMapping finds names: %s", async (model, cost) => {
    const prices = [row(["~^o\\d"], 4), row(["gpt-*"], 1), row(["gpt-4o", "x"], 2), row(["gpt-4o-*"], 3), row(["*"], 5)];
    const started = await start({ currency: "USD", prices, provider });
    expect(money(run(started, chat({ model })))).toEqual([cost, "USD", "reported"]);
  });

  it("is that of the name which the provider is asked for, else of the client's name, and never of the name that it answers with", async () => {
    const started = await start({
      currency: "USD",
      prices: [row(["gpt-4o-mini", "plain"], 1), row(["mini", "alias"], 2)],
      provider: { ...provider, modelMapping: { mini: "gpt-4o-mini", alias: "arn:1", "*": "" } },
    });
    const ask = (model: string) => money(run(started, chat({ model }), answer(1000, 0, { model: "plain" })))[0];
    expect([ask("mini"), ask("alias"), ask("other")]).toEqual(["0.001", "0.002", undefined]);
  });

  it("is the rule's, else the provider's, else the top level's", async () => {
    const own = { ...provider, prices: [row(["b", "c"], 20, { currency: "EUR" })] };
    const started = await start({
      currency: "USD",
      prices: [row(["a", "b", "c"], 1)],
      provider,
      _rules_: [
        { _match_route_: ["r"], provider: own, prices: [row(["c"], 300)] },
        { _match_route_: ["s"], provider: own },
      ],
    });
    const ask = (model: string, route_name: string) => money(run(started, chat({ model }, { properties: { route_name } }))).slice(0, 2);
    expect([ask("a", "r"), ask("b", "r"), ask("c", "r"), ask("c", "s"), ask("c", "t")]).toEqual([
      ["0.001", "USD"],
      ["0.02", "EUR"],
      ["0.3", "USD"],
      ["0.02", "EUR"],
      ["0.001", "USD"],
    ]);
  });

  it("is told to be missing, where there are prices at all", async () => {
    const priced = await start({ currency: "USD", prices: [row(["a"], 1)], provider });
    const { log } = run(priced, chat({ model: "b" }));
    expect(log).toMatchObject({ cost_source: "no_price", usage_source: "reported" });
    expect(log).not.toHaveProperty("cost");
    expect(log).not.toHaveProperty("currency");
    const bare = run(await start({ provider }), chat());
    expect(Object.keys(bare.log).filter((name) => /cost|currency/.test(name))).toEqual([]);
    expect(counted(priced.host)).toEqual([]);
  });

  it("may be nothing", async () => {
    const started = await start({ currency: "USD", prices: [row(["*"], 0)], provider });
    expect(money(run(started, chat()))).toEqual(["0", "USD", "reported"]);
  });
});

describe("what is told of a cost", () => {
  const prices = [{ models: ["*"], input: 2, output: 8, perRequest: "0.01" }];
  const config = { currency: "USD", prices, provider };

  it("is cut where no i64 holds it, and traps nowhere", async () => {
    const started = await start({
      ...config,
      filterState: ["cost_micros"],
      prices: [{ models: ["*"], input: 1e9, output: 1e9, perRequest: 1e9 }],
    });
    expect(money(run(started, chat(), answer(2 ** 50, 2 ** 50)))[0]).toBe("9223372.036854775807");
    expect(money(run(started, chat(), answer(2 ** 50, 2 ** 50)))[0]).toBe("9223372.036854775807");
    expect(started.host.traps).toEqual([]);
  });

  it("is estimated with the usage, and partial with it", async () => {
    const started = await start(config);
    const silent = run(started, chat(), JSON.stringify({ id: "c", choices: [choice] }));
    expect(silent.log).toMatchObject({ usage_source: "estimate", cost_source: "estimate" });
    const { input_token, output_token } = silent.log as Record<string, number>;
    expect(silent.log.cost).toBe(decimal(BigInt(input_token) * 2_000_000n + BigInt(output_token) * 8_000_000n + 10_000_000_000n));
    const cut = started.plugin.exchange(chat({ model: "claude", stream: true }, { path: "/v1/messages" }));
    cut.abort();
    expect(parseAiLog(cut.stateText("ai_log"))).not.toHaveProperty("cost");
    const early = await start({ ...config, provider: { ...claude, estimateUsage: false } });
    const stream = early.plugin.exchange(chat({ stream: true }, { path: "/v1/messages" }));
    stream.respond({
      headers: sse,
      chunks: [event({ type: "message_start", message: { ...message, usage: { input_tokens: 500, output_tokens: 1 } } })],
      complete: false,
    });
    stream.abort();
    expect(parseAiLog(stream.stateText("ai_log"))).toMatchObject({ usage_source: "partial", cost: "0.011008", cost_source: "partial" });
  });

  it("is nothing where nothing is to be paid: an error, a refused request, a response that is read again", async () => {
    const started = await start({ ...config, limits: [{ requestsPerDay: 3 }] });
    expect(money(run(started, chat(), '{"error":{"message":"x"}}', 500))).toEqual([undefined, "USD", "none"]);
    expect(money(run(started, { method: "GET", path: "/v1/models", headers: json }))).toEqual([undefined, undefined, undefined]);
    run(started, chat());
    expect(money(run(started, chat()))).toEqual([undefined, undefined, undefined]);
  });

  it("counts requests and pictures without tokens", async () => {
    const pictures = { created: 1, data: [{ url: "https://a.test/1.png" }, { b64_json: "aGk=" }, { url: "https://a.test/3.png" }] };
    const image = (more: object) => ({
      path: "/v1/images/generations",
      headers: json,
      body: JSON.stringify({ model: "dall-e-3", prompt: "a cat", ...more }),
    });
    const each = await start({ ...config, prices: [{ models: ["dall-e-3"], perImage: "0.04", perRequest: 0.001 }] });
    expect(money(run(each, image({}), JSON.stringify(pictures)))).toEqual(["0.121", "USD", "reported"]);
    // Tokens have a price and were not told: what is known is not all.
    const tokens = await start({ ...config, prices: [{ models: ["*"], input: 1, perRequest: 0.001 }] });
    expect(money(run(tokens, image({}), JSON.stringify(pictures)))).toEqual(["0.001", "USD", "partial"]);
  });

  it("counts every currency and provider for itself, and loses no part of a billionth", async () => {
    const { host, plugin } = await start({
      ...config,
      prices: [
        { models: ["a"], input: "0.000001" },
        { models: ["b"], currency: "CNY", input: 1 },
      ],
    });
    for (let n = 0; n < 2500; n++) run({ plugin }, chat({ model: "a" }), answer(1, 0));
    run({ plugin }, chat({ model: "b" }), answer(7, 0));
    const values = Object.fromEntries(
      counted(host).map(([name, value]) => [/model\.(\w+)\..*currency\.(\w+)/.exec(name)?.slice(1).join(" "), value]),
    );
    expect(values).toEqual({ "a USD": 2n, "b CNY": 7000n });
  });
});

describe("the price of prices", () => {
  it.each([
    [
      "prices",
      {
        currency: "USD",
        prices: [
          { models: ["a", "gpt-*"], input: 1 },
          { models: ["m"], input: 2, output: 3 },
        ],
      },
    ],
    ["prices that the model has none of", { currency: "USD", prices: [{ models: ["a"], input: 1 }] }],
  ])("is no call of the host and no allocation more: %s", async (_name, config) => {
    const least = async (more: object) => {
      const { host, plugin } = await start({ provider, ...more });
      const runs = Array.from({ length: 6 }, () => {
        host.resetCounts();
        run({ plugin }, chat());
        return { calls: host.hostCallCount, allocations: host.allocations };
      }).slice(2);
      return { calls: Math.min(...runs.map((one) => one.calls)), allocations: Math.min(...runs.map((one) => one.allocations)) };
    };
    const [without, priced] = [await least({}), await least(config)];
    expect(priced.allocations).toBe(without.allocations);
    // A counter more, which goes to the host in batches.
    expect(priced.calls - without.calls).toBeLessThanOrEqual(_name === "prices" ? 1 : 0);
  });
});

describe("a budget", () => {
  const prices = [{ models: ["m*"], input: 1000, output: 2000 }];
  const BODY = JSON.stringify({ model: "m", max_tokens: 10, messages: [] });
  const ask = { path: "/v1/chat/completions", headers: json, body: BODY };
  /** What docs/cost.md promises to reserve: 0.001 for each four bytes, 0.002 for each token that may come. */
  const RESERVED = Math.ceil(BODY.length / 4) * 0.001 + 10 * 0.002;

  it("admits what fits, and says which one refused, when to try again and how much is left", async () => {
    const started = await start({ currency: "USD", prices, provider, limits: [{ name: "team a", by: "consumer", costPerDay: "0.5" }] });
    started.clock.advance(86_400_000 - Number((started.clock.now() / 1_000_000n) % 86_400_000n) + 500);
    const first = run(started, ask, answer(200, 100));
    expect(first.client.headers).toMatchObject({ "x-ratelimit-limit-cost": "0.5", "x-ratelimit-remaining-cost": String(0.5 - RESERVED) });
    expect(first.log.cost).toBe("0.4");
    const next = run(started, ask, answer(80, 0));
    expect([next.client.status, next.log.cost]).toEqual([200, "0.08"]);
    const refused = run(started, ask);
    expect(refused.client.status).toBe(429);
    expect(refused.client.json()).toEqual({
      error: {
        message: "Budget used up (team a): at most 0.5 USD per day for each consumer. Try again in 86400 s.",
        type: "cost",
        param: null,
        code: "budget_exceeded",
      },
    });
    expect(refused.client.headers).toMatchObject({
      "retry-after": "86400",
      "x-ratelimit-remaining-cost": "0.02",
      "x-ratelimit-reset-cost": "24h0m0s",
    });
    expect(refused.log).toMatchObject({ error: "budget_exceeded", status: 429, cost_source: "none" });
    started.clock.advance(86_400_000);
    expect(run(started, ask).client.status).toBe(200);
  });

  it("refuses a Messages client in its own form", async () => {
    const started = await start({ currency: "USD", prices, provider: claude, limits: [{ costPerHour: "0.000001" }] });
    run(started, { ...ask, path: "/v1/messages" }, JSON.stringify({ ...message, usage: { input_tokens: 1, output_tokens: 1 } }));
    const refused = run(started, { ...ask, path: "/v1/messages" });
    expect([refused.client.status, refused.client.json()]).toMatchObject([
      429,
      { type: "error", error: { type: "rate_limit_error", message: expect.stringContaining("0.000001 USD per hour") } },
    ]);
  });

  it("counts its own currency alone, and nothing of models without a price", async () => {
    const started = await start({
      ...{ currency: "USD", provider, limits: [{ currency: "CNY", costPerDay: 1 }] },
      prices: [...prices, { models: ["y"], currency: "CNY", input: 1e6 }],
    });
    for (let n = 0; n < 5; n++) expect(run(started, ask, answer(1e6, 0)).client.status).toBe(200);
    for (let n = 0; n < 5; n++) expect(run(started, chat({ model: "free" }), answer(1e6, 0)).client.status).toBe(200);
    expect(run(started, chat({ model: "y" }), answer(1, 0)).client.status).toBe(200);
    expect(run(started, chat({ model: "y" })).client.status).toBe(429);
  });

  it("keeps the reservation of a stream that was cut, unless it cost more", async () => {
    const left = (started: Started) =>
      Number(run(started, ask, '{"error":{}}', 500).client.headers["x-ratelimit-remaining-cost"]) + RESERVED;
    const started = await start({ currency: "USD", prices, provider, limits: [{ costPerDay: 100 }] });
    const body = JSON.stringify({ model: "m", max_tokens: 10, messages: [], stream: true });
    const cut = (chunks: string[]) => {
      const exchange = started.plugin.exchange({ ...ask, body });
      exchange.respond({ headers: sse, chunks, complete: false });
      exchange.abort();
    };
    const reserved = Math.ceil(body.length / 4) * 0.001 + 10 * 0.002;
    cut([event({ choices: [{ index: 0, delta: { content: "a" } }] })]);
    expect(left(started)).toBeCloseTo(100 - reserved, 9);
    cut([event({ choices: [], usage: usage(9000, 0) })]);
    expect(left(started)).toBeCloseTo(91 - reserved, 9);
  });
});

describe("a month", () => {
  const DAY = 86_400_000;
  it.each([
    ["2024-02-28T12:00:00Z", 1.5],
    ["2026-02-28T12:00:00Z", 0.5],
    ["2026-11-28T00:00:00Z", 3],
    ["2026-12-31T23:59:59Z", 1 / 86_400],
    ["2000-02-01T00:00:00Z", 29],
    ["2100-02-01T00:00:00Z", 28],
    ["2027-01-01T00:00:00Z", 31],
  ])("ends at its last midnight, UTC: %s", async (now, days) => {
    const started = await start({ provider, currency: "USD", prices: [{ models: ["*"], input: 1 }], limits: [{ requestsPerMonth: 1 }] });
    started.clock.advance(Date.parse(now) - Number(started.clock.now() / 1_000_000n));
    expect(run(started, chat()).client.status).toBe(200);
    expect(run(started, chat()).client.headers["retry-after"]).toBe(String(Math.round((days * DAY) / 1000)));
    started.clock.advance(days * DAY - 1000);
    expect(run(started, chat()).client.status).toBe(429);
    started.clock.advance(1000);
    expect(run(started, chat()).client.status).toBe(200);
  });

  it("holds for tokens and money too", async () => {
    for (const limit of [{ tokensPerMonth: 1000 }, { costPerMonth: "0.001" }]) {
      const started = await start({ provider, currency: "USD", prices: [{ models: ["*"], input: 1, output: 1 }], limits: [limit] });
      expect(run(started, chat(), answer(900, 99)).client.status).toBe(200);
      started.clock.advance(DAY);
      const isSame = new Date(Number(started.clock.now() / 1_000_000n)).getUTCDate() > 1;
      expect(run(started, chat()).client.status).toBe(isSame ? 429 : 200);
    }
  });
});

describe("prices that are wrong", () => {
  const problems = async (config: object) => {
    const host = await loadPlugin();
    const plugin = host.configure(JSON.stringify({ provider, ...config }));
    return { ok: plugin.ok, lines: plugin.logs.map((line) => line.text.replace("ai-proxy configuration: ", "")) };
  };
  const one = { currency: "USD", models: ["a"], input: 1 };

  it.each<[string, object, string]>([
    ["no currency", { prices: [{ models: ["a"], input: 1 }] }, '/prices/0: "currency" is missing; give it here or at the top level'],
    ["no currency of a budget", { limits: [{ costPerDay: 1 }] }, '/limits/0: "currency" is missing; give it here or at the top level'],
    [
      "two prices for a name",
      { prices: [one, { ...one, models: ["b", "a"] }] },
      '/prices/1/models/1: "a" has a price already, at /prices/0/models/0',
    ],
    [
      "two for a prefix",
      { prices: [{ ...one, models: ["a*", "a*"] }] },
      '/prices/0/models/1: "a*" has a price already, at /prices/0/models/0',
    ],
    [
      "two for an expression",
      {
        prices: [
          { ...one, models: ["~a"] },
          { ...one, models: ["~a"] },
        ],
      },
      '/prices/1/models/0: "~a" has a price already, at /prices/0/models/0',
    ],
    [
      "a float's digits",
      { prices: [{ ...one, input: 0.30000000000000004 }] },
      '/prices/0/input: must be an amount of 0 or more, at most 1000000000, with at most 6 decimals, such as 2.5 or "0.075"',
    ],
    [
      "a negative amount",
      { prices: [{ ...one, output: "-1" }] },
      '/prices/0/output: must be an amount of 0 or more, at most 1000000000, with at most 6 decimals, such as 2.5 or "0.075"',
    ],
    [
      "a budget of nothing",
      { limits: [{ currency: "USD", costPerDay: 0 }] },
      '/limits/0/costPerDay: must be an amount above 0, at most 1000000000, with at most 6 decimals, such as 2.5 or "0.075"',
    ],
    [
      "no amount",
      { prices: [{ currency: "USD", models: ["a"] }] },
      "/prices/0: the price has no amount; give input, output or another one (0 for a model that costs nothing)",
    ],
    ["no name", { prices: [{ currency: "USD", input: 1 }] }, '/prices/0: "models" is missing'],
    ["a currency that is none", { currency: "usd", prices: [one] }, "/currency: must be three capital letters such as USD"],
    [
      "a provider's",
      { provider: { ...provider, prices: [{ models: ["a"], input: 1 }] } },
      '/provider/prices/0: "currency" is missing; give it here or at the top level',
    ],
  ])("refuse the start: %s", async (_name, config, line) => {
    const found = await problems(config);
    expect(found.ok).toBe(false);
    expect(found.lines).toContain(line);
  });

  it("refuse an expression that is none, with its place", async () => {
    const found = await problems({ prices: [{ ...one, models: ["~("] }] });
    expect(found.ok).toBe(false);
    expect(found.lines[0]).toMatch(/^\/prices\/0\/models\/0: /);
  });

  it("isolate the rule or the provider that has them", async () => {
    const found = await problems({
      providers: [{ ...provider, id: "x", prices: [one, one] }],
      _rules_: [{ _match_route_: ["r"], provider, prices: [one, one] }],
    });
    expect(found.ok).toBe(true);
    expect(found.lines).toEqual([
      '/providers/0/prices/1/models/0: "a" has a price already, at /providers/0/prices/0/models/0',
      '/_rules_/0/prices/1/models/0: "a" has a price already, at /_rules_/0/prices/0/models/0',
    ]);
  });
});
