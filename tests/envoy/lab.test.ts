// The lab itself, judged with the probe: what e2e tests of the plugin rely on.
import { existsSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sseData, startLab, validateConfig, type Lab } from "./lab";
import { probeWasm } from "./probe";

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({
    wasm: probeWasm(),
    plugins: [{ config: {} }, { config: { other: 1 }, route: "r1", cluster: "c1" }],
    idleTimeout: "2s",
  });
}, 60_000);

afterAll(() => lab?.close());

beforeEach(() => lab.upstream.reset());

describe("calls", () => {
  it("reach the upstream with path, headers and exact bytes", async () => {
    const body = '{"model":"m", "n":12345678901234567890, "t":"\\u00e9ü"}';
    const response = await lab.call(0, { path: "/v1/x?a=1", body, headers: { "x-test": "Yes" }, host: "a.example" });
    expect(response.json().choices[0].message.content).toBe("pong");
    expect(lab.upstream.seen).toHaveLength(1);
    expect(lab.upstream.seen[0]).toMatchObject({
      method: "POST",
      path: "/v1/x?a=1",
      text: body,
      headers: { "x-test": "Yes", host: "a.example" },
    });
  });

  it("send a list of pieces chunked, and the whole arrives", async () => {
    await lab.call(0, { body: ['{"a":', "1}"] });
    expect(lab.upstream.seen[0]?.json).toEqual({ a: 1 });
    expect(lab.upstream.seen[0]?.headers["content-length"]).toBeUndefined();
  });

  it("go to the listener that was asked, each with its own ports", async () => {
    const responses = await Promise.all([lab.call(0), lab.call(1), lab.call(1)]);
    const listeners = await Promise.all(responses.map(async (response) => (await lab.log(response)).listener));
    expect(listeners).toEqual(["l0", "l1", "l1"]);
    expect(new Set(lab.ports).size).toBe(2);
  });

  it("have a log line with ai_log parsed", async () => {
    const entry = await lab.log(await lab.call(0));
    expect(entry).toMatchObject({ status: 200, details: "via_upstream", aiLog: { model: "gpt-4o", total_token: 7 } });
  });
});

describe("the scripted upstream", () => {
  it("answers one reply per request, the last again and again", async () => {
    lab.upstream.reset([
      { status: 500, body: "no" },
      { status: 201, body: "yes" },
    ]);
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await lab.call(0)).status);
    expect(statuses).toEqual([500, 201, 201]);
  });

  it("answers by a function of the request", async () => {
    lab.upstream.reset((request, index) => ({ body: `${index} ${request.path}` }));
    expect((await lab.call(0, { path: "/p" })).text).toBe("0 /p");
  });

  it("sends pieces one by one, with their bytes intact", async () => {
    const pieces = ['data: {"a":', "1}\r", "\n\r\ndata: ü", Buffer.from([0xc3]), Buffer.from([0xbc]), "\n\ndata: [DONE]\n\n"];
    lab.upstream.reset({ pieces, gapMs: 30 });
    const response = await lab.call(0);
    expect(response.headers["content-type"]).toBe("text/event-stream");
    expect(response.body).toEqual(Buffer.concat(pieces.map((piece) => Buffer.from(piece as string))));
    expect(response.pieces.length).toBeGreaterThanOrEqual(5);
    expect(sseData(response.body)).toEqual(['{"a":1}', "üü", "[DONE]"]);
  });

  it.each(["cut", "reset"] as const)("can end a stream by %s, which the client and the log see", async (end) => {
    lab.upstream.reset({ pieces: ["data: 1\n\n"], end });
    const response = await lab.call(0);
    expect(response).toMatchObject({ status: 200, isComplete: false, text: "data: 1\n\n" });
    expect((await lab.log(response)).flags).toBe("UPE");
  });

  it("can cut a whole response half way", async () => {
    lab.upstream.reset({ body: "0123456789", end: "cut" });
    expect(await lab.call(0)).toMatchObject({ isComplete: false, text: "01234" });
  });

  it("can hang until Envoy gives up", async () => {
    lab.upstream.reset({ pieces: ["data: 1\n\n"], end: "hang" });
    const response = await lab.call(0);
    expect(response.isComplete).toBe(false);
    expect((await lab.log(response)).details).toContain("idle_timeout");
  });

  it("can delay, and can answer with something that is not HTTP", async () => {
    lab.upstream.reset([{ delayMs: 200 }, { raw: "garbage\r\n\r\n" }]);
    const started = Date.now();
    await lab.call(0);
    expect(Date.now() - started).toBeGreaterThanOrEqual(195);
    const response = await lab.call(0);
    expect(response.status).toBe(502);
  });
});

describe("an impatient client", () => {
  it("can leave after some bytes", async () => {
    lab.upstream.reset({ pieces: ["12345", "67890", "abcde"], gapMs: 100 });
    const response = await lab.call(0, { abortAfterBytes: 5 });
    expect(response).toMatchObject({ status: 200, isComplete: false, text: "12345" });
    expect((await lab.log(response)).flags).toBe("DC");
  });

  it("can leave before the response", async () => {
    lab.upstream.reset({ delayMs: 1000 });
    const response = await lab.call(0, { abortAfterMs: 100 });
    expect(response).toMatchObject({ status: 0, isComplete: false });
    expect((await lab.log(response)).flags).toBe("DC");
  });
});

describe("configuration", () => {
  it("is judged without serving", () => {
    expect(validateConfig({}, probeWasm()).isAccepted).toBe(true);
    const refused = validateConfig("refuse", probeWasm());
    expect(refused.isAccepted).toBe(false);
    expect(refused.log).toContain("Unable to create Wasm plugin");
  });

  it("that is refused makes startLab fail with Envoy's words", async () => {
    await expect(startLab({ wasm: probeWasm(), plugins: [{ config: "refuse" }] })).rejects.toThrow("Unable to create Wasm plugin plugin0");
  });

  it("of the statistics turns names into labels", async () => {
    await lab.call(0);
    expect(await lab.stats(/metric\.input_token/)).toHaveLength(1);
    expect(await lab.prometheus()).toMatch(/^route_upstream_model_consumer_metric_input_token\{ai_route="r%2E0",ai_cluster="llm",/m);
  });
});

it("ends its Envoy on close and leaves no files", async () => {
  const other = await startLab({ wasm: probeWasm(), plugins: [{ config: {} }], concurrency: 2 });
  const pid = other.envoy.process.pid ?? 0;
  expect((await other.call(0)).status).toBe(200);
  await other.close();
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(existsSync(other.envoy.logPath)).toBe(false);
});
