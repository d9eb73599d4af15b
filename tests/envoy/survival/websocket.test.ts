// A realtime session: the upgrade gets the provider's host, path and key; what is said afterwards is nobody else's business.
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { startLab, type Lab } from "../lab";
import { waitFor } from "./watch";

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
    // Nothing in it is read: not what looks like a usage chunk, nor what looks like a broken one.
    const texts = ['{"type":"session.update"}', 'data: {"usage":{"total_tokens":9}}\n\n', "data: {", "文😀"];
    for (const text of texts) expect(await echo(client, text)).toBe(text);
    const audio = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) & 0xff));
    expect(await echo(client, audio)).toEqual(audio);
    client.send("close 4001");
    const [code, reason] = (await once(client, "close")) as [number, Buffer];
    expect([code, String(reason)]).toEqual([4001, "asked"]);
    await waitFor(() => lab.logs().some((entry) => entry.listener === `l${listener}`));
    const logs = lab.logs().filter((entry) => entry.listener === `l${listener}`);
    expect(logs.map((entry) => entry.status)).toEqual([101]);
    expect(logs[0].aiLog).toMatchObject({ api: "openai/v1/realtime", provider: type, status: 101 });
  },
  20_000,
);
