// A gateway without `allow_on_headers_stop_iteration`: requests with a body hang, and the plugin says why.
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startLab, type Lab } from "../lab";
import { chat } from "./payloads";
import { expectNothingLeft } from "./traces";
import { waitFor } from "./watch";

const SETTING = "allow_on_headers_stop_iteration: true";
const provider = { type: "openai", apiTokens: ["k"] };
let wrong: Lab;
let right: Lab;

beforeAll(async () => {
  wrong = await startLab({ plugins: [{ config: { provider } }], stopsOnHeaders: false, idleTimeout: "1s", concurrency: 1 });
  right = await startLab({ plugins: [{ config: { provider } }], idleTimeout: "1s", concurrency: 1 });
}, 60_000);

afterAll(async () => {
  await wrong?.close();
  await right?.close();
});

const told = (lab: Lab) => lab.envoyLog().split(SETTING).length - 1;

/** Sends headers and the first bytes of a body, and leaves after `ms`. */
async function leave(lab: Lab, body: string, ms: number): Promise<void> {
  const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
  const socket = connect(lab.ports[0] ?? 0, "127.0.0.1");
  socket.on("error", () => {});
  await new Promise((resolve) => socket.write(head + body, resolve));
  await new Promise((resolve) => setTimeout(resolve, ms));
  socket.destroy();
}

it("logs once what is missing, and each request as an error", async () => {
  const responses = await Promise.all([0, 1].map(() => wrong.call(0, { body: chat("ping") })));
  for (const response of responses) {
    expect(response.status).toBe(500);
    expect(response.json()).toMatchObject({ error: { type: "server_error", code: "body_withheld" } });
    expect((await wrong.log(response)).aiLog).toMatchObject({ status: 500, outcome: "error", error: "body_withheld" });
  }
  expect(told(wrong)).toBe(1);
  expect(wrong.upstream.seen).toEqual([]);
});

it("tells it of clients that gave up, too, and not of one that never sent a body", async () => {
  await leave(wrong, '{"model":', 200);
  await leave(wrong, "", 200);
  await waitFor(() => wrong.logs().length === 4);
  const logs = wrong.logs().slice(2);
  expect(logs.map((entry) => [entry.aiLog?.outcome, entry.aiLog?.error])).toEqual([
    ["error", "body_withheld"],
    ["aborted", undefined],
  ]);
  expect(told(wrong)).toBe(1);
  const response = await wrong.call(0, { method: "GET", path: "/v1/models" });
  expect(response.status).toBe(200);
  await expectNothingLeft(wrong, 5);
});

it("says nothing where the gateway is set up rightly, whatever the client does", async () => {
  await leave(right, '{"model":', 100);
  await leave(right, "", 100);
  await leave(right, '{"model":', 1500);
  await leave(right, "", 1500);
  const response = await right.call(0, { body: chat("ping") });
  expect(response.status).toBe(200);
  await expectNothingLeft(right, 5);
  expect(told(right)).toBe(0);
  expect(right.logs().filter((entry) => entry.aiLog?.error === "body_withheld")).toEqual([]);
});
