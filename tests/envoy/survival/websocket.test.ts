// WebSocket sessions: the upgrade gets the provider's host, path and key; what is said afterwards passes as it is, and what the
// server's messages tell of tokens is counted.
import { once } from "node:events";
import http2 from "node:http2";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { startLab, type Lab } from "../lab";
import { pluginStat, waitFor } from "./watch";

let lab: Lab;
let server: WebSocketServer;
const upgrades: IncomingMessage[] = [];

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (socket, request) => {
    upgrades.push(request);
    // Text and binary come back as they came; the session is closed with the code that the client asks for.
    socket.on("message", (bytes, isBinary) => {
      const text = String(bytes);
      if (!isBinary && text.startsWith("close ")) socket.close(Number(text.slice(6)), "asked");
      else socket.send(bytes, { binary: isBinary });
    });
  });
  const azureServiceUrl = "https://res.openai.azure.com/openai/deployments/rt?api-version=2025-04-01-preview";
  lab = await startLab({
    upstreamPort: (server.address() as AddressInfo).port,
    websocket: true,
    plugins: [
      { config: { provider: { type: "openai", apiTokens: ["sk-secret"], modelMapping: { "*": "other" } } } },
      { config: { provider: { type: "azure", apiTokens: ["azure-secret"], azureServiceUrl } } },
      { config: { provider: { type: "openai", apiTokens: ["sk-secret"], webSockets: "forward" } } },
    ],
  });
}, 60_000);

afterAll(async () => {
  await lab?.close();
  server?.close();
});

async function session(listener: number, path: string): Promise<WebSocket> {
  const headers = { authorization: "Bearer caller", "x-api-key": "caller" };
  const client = new WebSocket(`ws://127.0.0.1:${lab.ports[listener]}${path}`, { headers });
  await once(client, "open");
  return client;
}

async function echo(client: WebSocket, bytes: Buffer | string): Promise<Buffer | string> {
  client.send(bytes);
  const [back, isBinary] = (await once(client, "message")) as [Buffer, boolean];
  return isBinary ? back : back.toString();
}

it.each([
  ["openai", 0, "/v1/realtime?model=gpt-realtime", { host: "api.openai.com", authorization: "Bearer sk-secret" }],
  ["azure", 1, "/v1/realtime?model=gpt-realtime", { host: "res.openai.azure.com", "api-key": "azure-secret" }],
])(
  "%s: a session of text and binary frames, with its own end",
  async (type, listener, path, wanted) => {
    const client = await session(listener, path);
    const { headers, url } = upgrades.at(-1)!;
    expect(headers).toMatchObject(wanted);
    expect(JSON.stringify(headers)).not.toContain("caller");
    if (type === "openai") expect(url).toBe(path);
    else expect(url).toMatch(/^\/openai\/.*realtime\?.*api-version=2025-04-01-preview/);
    // Nothing in it is changed; of the server's messages those count that tell tokens, and none else.
    const usage = { total_tokens: 9, input_tokens: 5, output_tokens: 4 };
    const done = JSON.stringify({ type: "response.done", response: { status: "completed", usage } });
    const texts = [
      '{"type":"session.update"}',
      'data: {"usage":{"total_tokens":9}}\n\n',
      "data: {",
      "文😀",
      done,
      "x".repeat(70_000),
      done,
    ];
    for (const text of texts) expect(await echo(client, text)).toBe(text);
    const audio = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) & 0xff));
    expect(await echo(client, audio)).toEqual(audio);
    client.send("close 4001");
    const [code, reason] = (await once(client, "close")) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4001, "asked"]);
    await waitFor(() => lab.logs().some((entry) => entry.listener === `l${listener}`));
    const logs = lab.logs().filter((entry) => entry.listener === `l${listener}`);
    expect(logs.map((entry) => entry.status)).toEqual([101]);
    const tokens = { input_token: 10, output_token: 8, total_token: 18, usage_source: "reported" };
    expect(logs[0].aiLog).toMatchObject({ api: "openai/v1/realtime", provider: type, status: 101, outcome: "completed", ...tokens });
  },
  20_000,
);

/** What the gateway answers to an upgrade over HTTP/1.1, and over HTTP/2 (RFC 8441). */
async function refusal(listener: number, path: string): Promise<[number, string]> {
  const client = new WebSocket(`ws://127.0.0.1:${lab.ports[listener]}${path}`);
  client.on("error", () => {});
  const [, response] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
  let text = "";
  for await (const part of response) text += part;
  return [response.statusCode ?? 0, JSON.parse(text).error.code];
}

it("sessions of the Responses API are refused with 426 unless they are to be forwarded, and logged once each", async () => {
  const before = lab.logs().length;
  expect(await refusal(0, "/v1/responses")).toEqual([426, "websocket_not_served"]);
  const client = await session(2, "/v1/responses");
  expect(upgrades.at(-1)?.url).toBe("/v1/responses");
  expect(await echo(client, '{"type":"response.create"}')).toBe('{"type":"response.create"}');
  client.close(1000);
  await once(client, "close");
  await waitFor(() => lab.logs().length === before + 2);
  const logs = lab.logs().slice(before);
  expect(logs.map((entry) => [entry.status, entry.aiLog?.status, entry.aiLog?.outcome, entry.aiLog?.error])).toEqual([
    [426, 426, "error", "websocket_not_served"],
    [101, 101, "completed", undefined],
  ]);
  expect(await pluginStat(lab, "ai_proxy.requests_in_flight")).toBe(0);
});

it("a session over HTTP/2 is the same", async () => {
  const before = lab.logs().length;
  const open = async (path: string) => {
    const client = http2.connect(`http://127.0.0.1:${lab.ports[0]}`);
    await once(client, "remoteSettings");
    const stream = client.request({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":path": path,
      ":authority": "gw.test",
      "sec-websocket-version": "13",
      // Envoy passes it on to a server over HTTP/1.1 and makes none itself.
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      authorization: "Bearer caller",
    });
    const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders & { ":status"?: number }];
    stream.on("error", () => {});
    stream.close();
    client.destroy();
    return headers[":status"];
  };
  expect(await open("/v1/responses")).toBe(426);
  expect(await open("/v1/realtime?model=gpt-realtime")).toBe(200);
  expect(upgrades.at(-1)?.headers).toMatchObject({ host: "api.openai.com", authorization: "Bearer sk-secret" });
  await waitFor(() => lab.logs().length === before + 2);
  expect(
    lab
      .logs()
      .slice(before)
      .map((entry) => entry.aiLog?.api),
  ).toEqual(["openai/v1/responses", "openai/v1/realtime"]);
});
