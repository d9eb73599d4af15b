// Limits over several gateways with the real envoyproxy/ratelimit and Redis: what two Envoys admit together, what streams are
// charged, and what holds when Redis, the service or the provider goes down while requests run.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasGo } from "../../tools/go-tool.mjs";
import { installRedis } from "../../tools/ratelimit.mjs";
import type { ClientResponse } from "../envoy/client";
import type { Reply } from "../envoy/upstream";
import { RateLimitLab, until, type Gateway } from "./ratelimit-lab";

/** Of 300 requests, how many a limit admits. */
const ALLOWED = 100;
const TOKENS_EACH = 70;
/** Requests that came while a part was down must not have waited for Node's own limit. */
const HANG_MS = 8_000;

const missing = [hasGo() ? "" : "Go is not installed", installRedis()].filter((one) => one !== "").join(", ");
const isUsable = missing === "" || process.env.CI !== undefined;

const chunk = (content: string) => `data: ${JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, delta: { content } }] })}\n\n`;
const usage = (total: number) => ({ prompt_tokens: total - 10, completion_tokens: 10, total_tokens: total });
const lastChunk = (total: number) =>
  `data: ${JSON.stringify({ id: "c", model: "m", choices: [], usage: usage(total) })}\n\ndata: [DONE]\n\n`;
const stream = (total = TOKENS_EACH): Reply => ({ pieces: [chunk("pong"), lastChunk(total)] });
const whole = (total = TOKENS_EACH): Reply => ({
  body: { id: "c", model: "m", choices: [{ index: 0, message: { role: "assistant", content: "pong" } }], usage: usage(total) },
});
const statuses = (responses: ClientResponse[]) => {
  const counts: Record<number, number> = {};
  for (const response of responses) counts[response.status] = (counts[response.status] ?? 0) + 1;
  return counts;
};

describe.skipIf(!isUsable)(`several gateways${isUsable ? "" : ` (${missing})`}`, { timeout: 60_000 }, () => {
  const lab = new RateLimitLab();
  let both: Gateway[];
  let denying: Gateway;

  beforeAll(async () => {
    if (missing !== "") throw new Error(missing);
    await lab.start(
      {
        exact: { requests: ALLOWED },
        spender: { tokens: 1_000 },
        payer: { cost: 1_000 },
        modeler: { modelTokens: 100 },
        retried: { requests: 3, tokens: 1_000 },
        redis: { requests: 30 },
        service: { requests: 30 },
      },
      [{}, {}, { failureModeDeny: true }, { asUpstreamFilter: true }],
    );
    both = lab.gateways.slice(0, 2);
    denying = lab.gateways[2]!;
  }, 180_000);

  beforeEach(() => lab.upstream.reset(whole()));
  afterAll(() => lab.close(), 30_000);

  /** So many requests, in turn to the first two gateways, all at once. */
  const many = (count: number, consumer: string, body: object = {}) =>
    Promise.all(Array.from({ length: count }, (_, n) => both[n % 2]!.chat(consumer, body)));
  /** What the logs say that answers have cost. */
  const logged = async (responses: ClientResponse[], from = both) => {
    let sum = 0;
    for (const [n, response] of responses.entries()) {
      const { ai_log } = await from[n % from.length]!.log(response);
      expect(ai_log, response.text).toMatchObject({ total_token: expect.any(Number) });
      sum += ai_log.total_token;
    }
    return sum;
  };
  const charged = (consumer: string, tokens: number) =>
    expect.poll(() => lab.redis.count("tokens", consumer), { timeout: 10_000, interval: 100 }).toBe(tokens);
  /** What Prometheus' counters say. */
  const metered = async (consumer: string, gateways = both) => {
    let sum = 0;
    for (const gateway of gateways) sum += await gateway.stat(new RegExp(`consumer\\.${consumer}\\.metric\\.total_token:`));
    return sum;
  };

  it(`admit exactly ${ALLOWED} of 300 requests together`, async () => {
    const responses = await many(300, "exact");
    expect(statuses(responses)).toEqual({ 200: ALLOWED, 429: 200 });
    expect(lab.upstream.seen).toHaveLength(ALLOWED);
    for (const half of [0, 1]) expect(responses.filter((one, n) => n % 2 === half && one.status === 200).length).toBeGreaterThan(0);
    expect(lab.redis.count("requests", "exact")).toBe(300);
    // Those that were refused cost nothing.
    await charged("exact", ALLOWED * TOKENS_EACH);
  });

  it("tell a client that is refused what its API tells, and log it", async () => {
    const response = await both[0]!.chat("exact");
    expect(response.status).toBe(429);
    expect(response.json()).toEqual({
      error: { message: expect.stringContaining("Rate limit"), type: "requests", param: null, code: "rate_limit_exceeded" },
    });
    expect(response.headers).toMatchObject({
      "content-type": "application/json",
      "x-ratelimit-limit": expect.stringMatching(/^100, /),
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": expect.stringMatching(/^[1-9]\d*$/),
    });
    expect(response.headers["retry-after"]).toBe(response.headers["x-ratelimit-reset"]);
    expect(await both[0]!.log(response)).toMatchObject({
      response_flags: "RL",
      response_code_details: "request_rate_limited",
      ai_log: { consumer: "exact", status: 429, outcome: "error", error: "rate_limit_exceeded", usage_source: "none" },
    });
    const anthropic = await both[1]!.chat("exact", { max_tokens: 9 }, { path: "/v1/messages" });
    expect([anthropic.status, anthropic.json()]).toMatchObject([429, { type: "error", error: { type: "rate_limit_error" } }]);
  });

  it("spend a budget of money together, then refuse", async () => {
    // 60 tokens of input at 2.5 and 10 of output at 10 for a million: 250 millionths.
    const responses: ClientResponse[] = [];
    while (responses.at(-1)?.status !== 429 && responses.length < 10) {
      const response = await both[responses.length % 2]!.chat("payer");
      responses.push(response);
      if (response.status !== 200) continue;
      expect((await both[(responses.length - 1) % 2]!.log(response)).ai_log).toMatchObject({ cost: "0.00025", currency: "USD" });
      await expect.poll(() => lab.redis.count("cost", "payer"), { timeout: 10_000, interval: 100 }).toBe(responses.length * 250);
    }
    // Four cost all of it; one more is let in, as the service refuses only above its limit.
    expect(statuses(responses)).toEqual({ 200: 5, 429: 1 });
    expect(responses.at(-1)!.json().error).toMatchObject({ type: "cost", code: "budget_exceeded" });
    for (const half of [0, 1]) expect(responses.filter((one, n) => n % 2 === half && one.status === 200).length).toBeGreaterThan(1);
  });

  it("spend a budget of tokens together, then refuse", async () => {
    lab.upstream.reset(stream());
    const responses: ClientResponse[] = [];
    while (responses.at(-1)?.status !== 429 && responses.length < 30) {
      const response = await both[responses.length % 2]!.chat("spender", { stream: responses.length % 3 > 0 });
      responses.push(response);
      // Streams are counted when they have ended, a moment after the client has the last byte.
      if (response.status === 200) await charged("spender", responses.length * TOKENS_EACH);
    }
    // 14 × 70 is less than 1,000, so the 15th was still let in.
    expect(statuses(responses)).toEqual({ 200: 15, 429: 1 });
    expect(responses.at(-1)!.json().error.type).toBe("tokens");
    expect(await logged(responses.slice(0, -1))).toBe(15 * TOKENS_EACH);
    await expect.poll(() => metered("spender"), { timeout: 5_000 }).toBe(15 * TOKENS_EACH);
    expect(statuses(await many(10, "spender"))).toEqual({ 429: 10 });
    await charged("spender", 15 * TOKENS_EACH);
  });

  it("count the tokens of a model apart", async () => {
    const model = { model: "gpt-4o" };
    expect(statuses([await both[0]!.chat("modeler", model), await both[1]!.chat("modeler", { model: "m" })])).toEqual({ 200: 2 });
    await until("tokens of gpt-4o", () => lab.redis.count("model-tokens", "modeler", "gpt-4o") === TOKENS_EACH);
    expect((await both[1]!.chat("modeler", model)).status).toBe(200);
    await until("tokens of gpt-4o", () => lab.redis.count("model-tokens", "modeler", "gpt-4o") === 2 * TOKENS_EACH);
    expect((await both[0]!.chat("modeler", model)).json()).toMatchObject({ error: { type: "tokens" } });
    expect((await both[0]!.chat("modeler", { model: "m" })).status).toBe(200);
  });

  it("count with the plugin as an upstream filter, too", async () => {
    const gateway = lab.gateways[3]!;
    let used = 0;
    for (const reply of [whole(), stream(), whole(0)]) {
      lab.upstream.reset(reply);
      const response = await gateway.chat("retried", { stream: reply.pieces !== undefined });
      expect(response.status).toBe(200);
      used += (await gateway.log(response)).ai_log.total_token;
    }
    // Zeros beside a text are no report: what the last one used is estimated.
    expect(used).toBeGreaterThan(2 * TOKENS_EACH);
    await charged("retried", used);
    const refused = await gateway.chat("retried");
    expect([refused.status, refused.json().error.code]).toEqual([429, "rate_limit_exceeded"]);
  });

  it("leave no key and no response of the plugin's own in Redis", async () => {
    const before = lab.redis.ask("DBSIZE");
    expect((await both[0]!.chat("nobody")).status).toBe(401);
    expect((await both[0]!.chat("exact", { messages: undefined }, { body: "{" })).status).toBe(400);
    expect(lab.redis.ask("DBSIZE")).toBe(before);
    const keys = lab.redis.ask("KEYS", "*");
    expect(keys).toContain("ai_limit_tokens_consumer_spender_");
    expect(keys).not.toMatch(/gw-|sk-/);
  });

  it("charge what was counted of streams that the provider or the client breaks off", async () => {
    lab.upstream.reset({ pieces: Array(20).fill(chunk("some words of an answer ")), end: "cut" });
    const cut = await both[0]!.chat("broken", { stream: true });
    expect(cut.isComplete).toBe(false);
    const cutTokens = (await both[0]!.log(cut)).ai_log.total_token;
    expect(cutTokens).toBeGreaterThan(20);
    await charged("broken", cutTokens);
    lab.upstream.reset({ pieces: Array(200).fill(chunk("some words of an answer ")), gapMs: 20 });
    const left = await both[1]!.chat("left", { stream: true }, { abortAfterBytes: 600 });
    const { ai_log } = await both[1]!.log(left);
    expect(ai_log).toMatchObject({ outcome: "aborted", usage_source: "estimate" });
    await charged("left", ai_log.total_token);
    await expect.poll(() => metered("left"), { timeout: 5_000 }).toBe(ai_log.total_token);
  });

  describe("when a part goes down", () => {
    let release: () => void;
    let running: Promise<ClientResponse>[];

    /** Ten streams that have begun and go on when `release` is called. */
    async function begin(consumer: string, end: Reply = stream()): Promise<void> {
      const hold = new Promise<void>((resolve) => (release = resolve));
      lab.upstream.reset({ ...end, hold });
      running = Array.from({ length: 10 }, (_, n) => both[n % 2]!.chat(consumer, { stream: true }));
      await until("ten streams", () => lab.upstream.seen.length === 10);
      lab.upstream.script = stream();
    }

    async function finish(): Promise<ClientResponse[]> {
      release();
      return Promise.all(running);
    }

    /** Sends requests while a part is down; none may hang. */
    async function whileDown(consumer: string): Promise<void> {
      const started = Date.now();
      expect(statuses(await many(10, consumer, { stream: true }))).toEqual({ 200: 10 });
      const refused = await denying.chat(consumer);
      expect(Date.now() - started).toBeLessThan(HANG_MS);
      expect([refused.status, refused.json().error]).toMatchObject([503, { code: "rate_limiter_unavailable" }]);
      expect(await denying.log(refused)).toMatchObject({ response_flags: "RLSE", ai_log: { error: "rate_limiter_unavailable" } });
    }

    /** The limit of 30 requests is there again: 10 are spent, 20 are left. Returns how many were. */
    async function afterwards(consumer: string): Promise<number> {
      await until("the service answers", async () => (await denying.chat("frozen")).status === 200);
      const left = 30 - lab.redis.count("requests", consumer);
      // The service may still count a request that Envoy no longer waited for.
      expect(left).toBeLessThanOrEqual(20);
      expect(left).toBeGreaterThan(20 - 11);
      expect(statuses(await many(40, consumer))).toEqual({ 200: left, 429: 40 - left });
      return left;
    }

    afterEach(() => release());

    it("Redis: streams keep their accounting, nothing hangs, and the limit holds again afterwards", async () => {
      await begin("redis");
      expect(lab.redis.count("requests", "redis")).toBe(10);
      await lab.redis.signal("SIGKILL");
      await whileDown("redis");
      const responses = await finish();
      expect(responses.every((one) => one.isComplete && one.text.includes("[DONE]"))).toBe(true);
      expect(await logged(responses)).toBe(10 * TOKENS_EACH);
      await expect.poll(() => metered("redis"), { timeout: 5_000 }).toBe(20 * TOKENS_EACH);
      await lab.redis.restart();
      expect(lab.redis.count("requests", "redis")).toBe(10);
      const admitted = await afterwards("redis");
      // Of the 20 streams that ended meanwhile the service may still count some, none twice; those after it all.
      await expect.poll(() => lab.redis.count("tokens", "redis"), { timeout: 10_000 }).toBeGreaterThanOrEqual(admitted * TOKENS_EACH);
      expect(lab.redis.count("tokens", "redis")).toBeLessThanOrEqual((admitted + 20) * TOKENS_EACH);
    });

    it("the service: the same, and streams that end after its return are charged", async () => {
      await begin("service");
      await lab.service.signal("SIGKILL");
      await whileDown("service");
      await lab.service.restart();
      await until("the service is asked again", async () => (await denying.chat("frozen")).status === 200);
      const responses = await finish();
      expect(responses.every((one) => one.isComplete)).toBe(true);
      expect(await logged(responses)).toBe(10 * TOKENS_EACH);
      await charged("service", 10 * TOKENS_EACH);
      await expect.poll(() => metered("service"), { timeout: 5_000 }).toBe(20 * TOKENS_EACH);
      await afterwards("service");
    });

    it("the service without a word: requests wait for its time limit and no longer", async () => {
      await lab.service.signal("SIGSTOP");
      await whileDown("frozen").finally(() => lab.service.signal("SIGCONT"));
      await until("the service is asked again", async () => (await denying.chat("frozen")).status === 200);
    });

    it("the provider, in the middle of streams: what came is logged, metered and charged", async () => {
      const pieces = [chunk("some words of an answer "), chunk("and some more ")];
      // The connections are closed, as by the kernel of a process that was killed.
      await begin("broken", { pieces, end: "cut" });
      const [before, metersBefore] = [lab.redis.count("tokens", "broken"), await metered("broken")];
      const responses = await finish();
      expect(responses.every((one) => !one.isComplete && one.status === 200)).toBe(true);
      const sum = await logged(responses);
      expect(sum).toBeGreaterThan(10 * 5);
      await charged("broken", before + sum);
      await expect.poll(() => metered("broken"), { timeout: 5_000 }).toBe(metersBefore + sum);
    });
  });

  it("have nothing left in flight, and no VM has trapped", async () => {
    for (const gateway of lab.gateways) {
      await until("requests in flight are 0", async () => (await gateway.stat(/requests_in_flight:/)) === 0);
      expect(gateway.envoy.log()).not.toMatch(/abort:|unreachable|assert failure|panic/);
    }
  });
});
