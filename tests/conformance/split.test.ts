// Splits by weight: the parts hold within binomial bounds, and who is known keeps a side on every gateway.
import { describe, expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";
import type { Plugin } from "../../cli/plugin";

const config = (splitBy: string, weights: number[]) =>
  JSON.stringify({
    providers: weights.map((_, index) => ({ id: `p${index}`, type: "openai", apiTokens: [`t${index}`], cluster: "c0" })),
    consumers: Array.from({ length: 400 }, (_, n) => ({ name: `consumer-${n}`, credential: `key-${n}` })),
    global_auth: false,
    _rules_: [{ _match_model_: ["gpt-*"], splitBy, split: weights.map((weight, index) => ({ activeProviderId: `p${index}`, weight })) }],
  });
const BODY = JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "Hi" }] });

/** One gateway. */
async function gateway(text: string): Promise<(headers?: [string, string][]) => string> {
  const plugin: Plugin = (await loadPlugin()).configure(text);
  return (headers = []) => {
    const all: [string, string][] = [["content-type", "application/json"], ...headers];
    const exchange = plugin.exchange({ method: "POST", path: "/v1/chat/completions", authority: "gw.test", headers: all, body: BODY });
    const side = exchange.upstream?.headerList.find(([name]) => name === "x-ai-proxy-provider")?.[1] ?? "none";
    exchange.abort();
    return side;
  };
}

function bounds(seen: string[], side: string, part: number): void {
  const count = seen.filter((one) => one === side).length;
  expect(Math.abs(count - part * seen.length), `${side}: ${count} of ${seen.length}`).toBeLessThan(
    4 * Math.sqrt(seen.length * part * (1 - part)),
  );
}

describe("a split", () => {
  it("of 90/10 holds by chance", async () => {
    const send = await gateway(config("request", [90, 10]));
    const seen = Array.from({ length: 4000 }, () => send());
    bounds(seen, "p0", 0.9);
    bounds(seen, "p1", 0.1);
  }, 60_000);

  const SENDERS: Record<string, (n: number) => [string, string][]> = {
    consumer: (n) => [["authorization", `Bearer key-${n}`]],
    session: (n) => [["x-agent-session", `session ${n}`]],
    "header:X-User": (n) => [["x-user", String(n)]],
  };
  it.each(Object.keys(SENDERS))(
    "by %s sticks, the same on two gateways, and few move when a weight changes",
    async (by) => {
      const [one, other, later] = await Promise.all([
        gateway(config(by, [70, 20, 10])),
        gateway(config(by, [70, 20, 10])),
        gateway(config(by, [70, 10, 20])),
      ]);
      const numbers = Array.from({ length: 400 }, (_, n) => n);
      const first = numbers.map((n) => one(SENDERS[by](n)));
      expect(numbers.map((n) => other(SENDERS[by](n)))).toEqual(first);
      expect(numbers.map((n) => one(SENDERS[by](n)))).toEqual(first);
      [0.7, 0.2, 0.1].forEach((part, index) => bounds(first, `p${index}`, part));
      const moved = numbers.filter((n) => later(SENDERS[by](n)) !== first[n]);
      expect(moved.every((n) => first[n] === "p1")).toBe(true);
      bounds(
        numbers.map((n) => String(moved.includes(n))),
        "true",
        0.1,
      );
    },
    60_000,
  );

  it("by consumer gives who is unknown a side by chance", async () => {
    const send = await gateway(config("consumer", [50, 50]));
    bounds(
      Array.from({ length: 1000 }, () => send()),
      "p0",
      0.5,
    );
  }, 60_000);
});
