// A wrong catalogue entry in a real Envoy: it starts, what names the entry is refused, and the gauge shows it in all workers as one
// number, until an update mends it. An update that breaks the active provider is refused, and the configuration before goes on.
import { afterAll, beforeAll, expect, it } from "vitest";
import { startLab, type Lab } from "./lab";

const GOOD = { id: "a", type: "openai", apiTokens: ["sk-a"] };
const config = (b: object, active = "a") => ({
  providers: [GOOD, b],
  activeProviderId: active,
  _rules_: [{ _match_domain_: ["b.test"], activeProviderId: "b" }],
});
const BROKEN = { id: "b", type: "acme-llm", apiTokens: ["sk-b"] };
const MENDED = { id: "b", type: "deepseek", apiTokens: ["sk-b"] };

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ plugins: [{ config: config(BROKEN) }], concurrency: 2, isDynamic: true });
}, 60_000);
afterAll(async () => lab?.close());

const gauge = async () => (await lab.stats(/ai_proxy\.isolated_parts/)).map((line) => line.split(": ")[1]);

async function ask(authority: string): Promise<{ status: number; token: string }> {
  lab.upstream.reset({ status: 200, headers: { "content-type": "application/json" }, pieces: ["{}"] });
  const call = { path: "/v1/chat/completions", host: authority, body: { model: "m", messages: [{ role: "user", content: "Hi" }] } };
  const { status } = await lab.call(0, call);
  return { status, token: String(lab.upstream.seen[0]?.headers.authorization ?? "") };
}

it("starts, serves the rest, and counts what is isolated", async () => {
  expect(await ask("a.test")).toEqual({ status: 200, token: "Bearer sk-a" });
  expect(await ask("b.test")).toEqual({ status: 500, token: "" });
  // The entry, and the rule that names it.
  expect(await gauge()).toEqual(["2"]);
});

it("keeps the configuration when an update breaks the active provider, and counts nothing after it is mended", async () => {
  const rejected = async () => (await lab.stats(/^listener_manager\.lds\.update_rejected/))[0]?.split(": ")[1];
  await Promise.race([lab.update([{ config: config(BROKEN, "b") }]).catch(() => {}), expect.poll(rejected, { timeout: 10_000 }).toBe("1")]);
  expect(await ask("a.test")).toEqual({ status: 200, token: "Bearer sk-a" });
  await lab.update([{ config: config(MENDED) }]);
  await expect.poll(async () => (await ask("b.test")).token, { timeout: 10_000 }).toBe("Bearer sk-b");
  await expect.poll(gauge, { timeout: 20_000 }).toEqual(["0"]);
});
