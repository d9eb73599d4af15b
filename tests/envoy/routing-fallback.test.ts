// Routing by model, a canary by weight and retries at providers of other dialects, as deploy/envoy/routing-fallback.yaml sets them up.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { send, type Call } from "./client";
import { FourProviders, NAMES, REPLIES, type Name } from "./four-providers";
import type { Reply } from "./upstream";

let lab: FourProviders;

beforeAll(async () => {
  lab = await FourProviders.start("deploy/envoy/routing-fallback.yaml");
}, 60_000);
afterAll(() => lab?.close());
beforeEach(() => NAMES.forEach((name) => lab.upstreams[name].reset(REPLIES[name])));

const KEYS: Record<Name, string[]> = { openai: ["sk-openai"], claude: ["sk-ant-claude"], gemini: ["gemini-key"], bedrock: ["bedrock-key"] };
const messages = [{ role: "user", content: "Hello" }];
const chat = (model: string, extra: Call & { stream?: boolean } = {}) => {
  const { stream, ...call } = extra;
  return send(lab.port, { body: { model, messages, ...(stream ? { stream } : {}) }, ...call });
};
const arrived = () => NAMES.filter((name) => lab.upstreams[name].seen.length > 0);

/** Ways to fail before the first byte. */
const FAILURES: Record<string, Reply> = {
  "503": { status: 503, body: { error: { message: "overloaded" } } },
  "429": { status: 429, body: { error: { message: "slow down" } } },
  "401": { status: 401, body: { error: { message: "who are you" } } },
  "a reset": { body: "x", end: "reset" },
};

describe("deploy/envoy/routing-fallback.yaml", () => {
  it.each(Object.keys(FAILURES))(
    "%s of the first two providers: the third answers, in the client's dialect",
    async (name) => {
      for (const first of ["claude", "bedrock"] as const) lab.upstreams[first].reset(FAILURES[name]);
      const whole = await chat("claude-sonnet-4-5");
      expect([whole.status, whole.json().choices[0].message.content]).toEqual([200, "openai"]);
      expect(lab.upstreams.openai.seen[0].json.model).toBe("gpt-4o");
      const stream = await chat("claude-sonnet-4-5", { path: "/v1/messages", stream: true });
      expect([stream.status, stream.text]).toEqual([200, expect.stringMatching(/message_start[^]*openai[^]*message_stop/)]);
      expect(arrived().sort()).toEqual(["bedrock", "claude", "openai"]);
      expect(lab.wrong(KEYS)).toEqual([]);
    },
    60_000,
  );

  it("when all have failed, the client gets an error in its own shape", async () => {
    for (const name of NAMES) lab.upstreams[name].reset(FAILURES["503"]);
    const { status, text } = await chat("gemini-2.5-pro");
    expect([status, JSON.parse(text)]).toEqual([503, { error: expect.anything() }]);
    expect(arrived().length).toBe(4);
    expect(lab.wrong(KEYS)).toEqual([]);
  }, 60_000);

  it("a provider that fails after the first byte of a stream ends it: nobody else is asked, and the client can tell", async () => {
    const piece = `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text: "gem" }] } }] })}\n\n`;
    lab.upstreams.gemini.reset({ pieces: [piece, piece], gapMs: 50, end: "cut" });
    const response = await chat("gemini-2.5-pro", { stream: true });
    expect(response.status).toBe(200);
    expect(response.text).toContain("gem");
    expect(response.text).not.toContain("[DONE]");
    expect(arrived()).toEqual(["gemini"]);
  }, 60_000);

  it("a whole response that breaks off before it reaches the client is asked for elsewhere", async () => {
    lab.upstreams.gemini.reset({ body: "", end: "reset" });
    expect((await chat("gemini-2.5-flash")).json().choices[0].message.content).toBe("openai");
  }, 60_000);

  it("the split holds by weight, sticks to the user, and is told in the log, in filter state and in metrics", async () => {
    const chosen = () => lab.logs().filter((line) => typeof line.side === "string");
    const USERS = 300;
    const sides = new Map<string, Set<string>>();
    const one = async (user: string) => {
      const { status, text } = await chat("gpt-4o", { headers: { "x-user": user } });
      expect(status).toBe(200);
      const side = text.includes('"claude"') ? "canary" : "stable";
      sides.set(user, (sides.get(user) ?? new Set()).add(side));
    };
    for (let round = 0; round < 2; round++)
      for (let n = 0; n < USERS; n += 10) await Promise.all(Array.from({ length: 10 }, (_, k) => one(`user-${n + k}`)));
    expect([...sides.values()].filter((of) => of.size > 1)).toEqual([]);
    const canary = [...sides.values()].filter((of) => of.has("canary")).length;
    // 0.1 ± 4 standard deviations.
    expect(Math.abs(canary - 0.1 * USERS)).toBeLessThan(4 * Math.sqrt(USERS * 0.09));
    await expect.poll(() => chosen().length).toBe(2 * USERS);
    const lines = chosen();
    expect(lines.filter((line) => line.side !== line.ai?.split)).toEqual([]);
    expect(lines.filter((line) => line.side === "canary").length).toBe(2 * canary);
    expect(lines.filter((line) => line.ai.provider !== (line.side === "canary" ? "claude" : "openai"))).toEqual([]);
    const total = async () => {
      const text = await lab.envoy.admin("/stats?filter=split_requests_total");
      return Number(/~split\.canary\.~status\.2xx\.split_requests_total: (\d+)/.exec(text)?.[1] ?? 0);
    };
    await expect.poll(total).toBe(2 * canary);
    expect(lab.wrong(KEYS)).toEqual([]);
  }, 120_000);

  it("a model of no rule goes nowhere", async () => {
    const { status, text } = await chat("mistral-large", { headers: { "x-ai-proxy-cluster": "openai-first" } });
    expect([status, JSON.parse(text).error.code, arrived()]).toEqual([404, "model_not_found", []]);
  }, 60_000);
});
