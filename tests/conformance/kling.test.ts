// What cases cannot say of type kling and of logUpstreamErrorResponseBody: the signed token over time, and Envoy's log.
import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";

const SECRET = "made-up-secret";
const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());

it("signs a token as Kling wants it, keeps it, and replaces it ahead of its end", async () => {
  const host = await loadPlugin();
  const keys = { klingAccessKey: ' ak-"1" ', klingSecretKey: `${SECRET}\n`, klingTokenRefreshAhead: 300 };
  const plugin = host.configure(JSON.stringify({ provider: { type: "kling", apiTokens: ["k"], ...keys } }));
  const token = () => {
    const exchange = plugin.exchange({ path: "/v1/videos/1", method: "GET" });
    exchange.finish();
    return String(exchange.upstream?.headers.authorization);
  };
  const first = token();
  const [header = "", payload = "", signature = ""] = first.replace(/^Bearer /, "").split(".");
  expect(decoded(header)).toEqual({ alg: "HS256", typ: "JWT" });
  expect(signature).toBe(createHmac("sha256", SECRET).update(`${header}.${payload}`).digest("base64url"));
  const { iss, exp, nbf } = decoded(payload);
  expect({ iss, life: exp - nbf }).toEqual({ iss: 'ak-"1"', life: 1805 });
  expect(host.logs.map((line) => line.text).join("\n")).not.toContain(SECRET);
  host.clock.advance!(1499_000);
  expect(token()).toBe(first);
  host.clock.advance!(2_000);
  expect(decoded(token().split(".")[1] ?? "").exp).toBe(exp + 1501);
});

it("writes the beginning of a provider's error to Envoy's log, without the key in it", async () => {
  const host = await loadPlugin();
  const plugin = host.configure(
    JSON.stringify({ provider: { type: "openai", apiTokens: ["sk-made-up"], logUpstreamErrorResponseBody: true } }),
  );
  const run = (status: number, body: string, local?: string) => {
    const exchange = plugin.exchange({
      path: "/v1/chat/completions",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [] }),
    });
    exchange.respond({ status, local, headers: { "content-type": "application/json" }, chunks: [body, "later"] });
    exchange.finish();
  };
  run(200, "good");
  run(401, '{"error":"Incorrect API key\nsk-made-up."}');
  run(500, "x".repeat(5000));
  const lines = host.logs.map((line) => line.text).filter((line) => line.includes("error of the provider"));
  const head = "ai-proxy: error of the provider: provider=openai api=openai/v1/chatcompletions";
  expect(lines).toEqual([
    `${head} status=401 model=m body={"error":"Incorrect API key ***."}`,
    `${head} status=500 model=m body=${"x".repeat(4096)}`,
  ]);
});
