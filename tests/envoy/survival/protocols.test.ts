// HTTP/1.1 and HTTP/2 on either side, with whole responses and streams, passed on and translated, with trailers and
// informational answers.
import http2, { type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sseData, startLab, type Lab, type PluginSetup } from "../lab";
import { chat, claudeEvents, completion, message, openaiEvents, told } from "./payloads";
import { Peer } from "./peer";
import { expectNothingLeft } from "./traces";

const WORDS = ["one ", "two ", "three"];
const TEXT = WORDS.join("");
/** Exchanges of each kind, all at once. */
const EACH = 5;

interface Got {
  status: number;
  text: string;
  trailers: Record<string, unknown>;
  informational: number[];
}

const setup = (type: string, http2Upstream: boolean): PluginSetup => ({
  config: { provider: { type, apiTokens: ["secret"] } },
  http2Upstream,
  cluster: http2Upstream ? "h2" : "h1",
});

let lab: Lab;
let peer: Peer;
let sent = 0;

/** One lab for each version of the provider's side: 0 passes on, 1 translates. */
async function open(isHttp2: boolean): Promise<void> {
  sent = 0;
  peer = await Peer.start(isHttp2);
  lab = await startLab({ upstreamPort: peer.port, plugins: [setup("openai", isHttp2), setup("claude", isHttp2)], informational: true });
}

async function close(): Promise<void> {
  await lab?.close();
  await peer?.close();
}

function overHttp2(session: ClientHttp2Session, body: string, headers: IncomingHttpHeaders = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": "/v1/chat/completions", "content-type": "application/json", ...headers });
    const got: Got = { status: 0, text: "", trailers: {}, informational: [] };
    stream.on("headers", (early) => got.informational.push(Number(early[":status"])));
    stream.on("continue", () => got.informational.push(100));
    stream.on("response", (reply) => (got.status = Number(reply[":status"])));
    stream.on("trailers", (trailers) => (got.trailers = trailers));
    stream.on("data", (bytes) => (got.text += bytes));
    stream.on("error", reject);
    stream.on("end", () => resolve(got));
    if (headers.expect === undefined) stream.end(body);
    else stream.once("continue", () => stream.end(body));
  });
}

function overHttp1(port: number, body: string, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const all = { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers };
    const request = httpRequest({ port, method: "POST", path: "/v1/chat/completions", headers: all, agent: false });
    const got: Got = { status: 0, text: "", trailers: {}, informational: [] };
    request.on("information", ({ statusCode }) => void (statusCode !== 100 && got.informational.push(statusCode)));
    request.on("continue", () => got.informational.push(100));
    request.on("error", reject);
    request.on("response", (response) => {
      got.status = response.statusCode ?? 0;
      response.on("data", (bytes) => (got.text += bytes));
      response.on("end", () => resolve({ ...got, trailers: response.trailers }));
      response.on("error", reject);
    });
    if (headers.expect === undefined) request.end(body);
    else request.once("continue", () => request.end(body));
  });
}

/** Answers as the provider behind the listener does; what the client says decides whether as a stream. */
function playResponse(withTrailers: boolean): void {
  peer.play = (request, response, body) => {
    const isClaude = request.url === "/v1/messages";
    const isStream = JSON.parse(body.toString()).stream === true;
    const whole = JSON.stringify(isClaude ? message(TEXT) : completion(TEXT));
    const pieces = isStream ? (isClaude ? claudeEvents(WORDS) : openaiEvents(WORDS)) : [whole.slice(0, 50), whole.slice(50)];
    expect(request.headers[isClaude ? "x-api-key" : "authorization"]).toBe(isClaude ? "secret" : "Bearer secret");
    response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
    for (const piece of pieces) response.write(piece);
    if (withTrailers) response.addTrailers({ "x-checksum": "abc" });
    response.end();
  };
}

function judge(got: Got, isStream: boolean): void {
  expect(got.status, got.text).toBe(200);
  if (!isStream) expect(JSON.parse(got.text).choices[0].message.content).toBe(TEXT);
  else expect(told(sseData(got.text))).toEqual({ text: TEXT, isDone: true, error: null });
}

describe.each([
  ["HTTP/1.1", false],
  ["HTTP/2", true],
])("a provider over %s", (_name, isHttp2) => {
  beforeAll(() => open(isHttp2), 60_000);
  afterAll(close);

  it.each([
    ["HTTP/1.1", false, false],
    ["HTTP/1.1, with trailers", false, true],
    ["HTTP/2", true, false],
    ["HTTP/2, with trailers", true, true],
  ])("and clients over %s get every response whole", async (_client, isHttp2Client, withTrailers) => {
    playResponse(withTrailers);
    for (const listener of [0, 1]) {
      const port = lab.ports[listener] ?? 0;
      const session = isHttp2Client ? http2.connect(`http://127.0.0.1:${port}`) : null;
      const kinds = [false, true].flatMap((isStream) => Array(EACH).fill(isStream) as boolean[]);
      const send = (isStream: boolean) => {
        const body = JSON.stringify(chat("ping", isStream ? { stream: true } : {}));
        return session ? overHttp2(session, body) : overHttp1(port, body);
      };
      const responses = await Promise.all(kinds.map(send));
      sent += kinds.length;
      session?.close();
      responses.forEach((got, index) => {
        judge(got, kinds[index]);
        // Envoy drops trailers where a side speaks HTTP/1.1.
        expect(got.trailers["x-checksum"]).toBe(withTrailers && isHttp2 && isHttp2Client ? "abc" : undefined);
      });
    }
    expect(peer.count).toBe(sent);
  });

  it("tells a client that waits for it to go on, and passes early hints or drops them, but never loses the response", async () => {
    peer.play = (_request, response) => {
      response.writeEarlyHints({ link: "</a>; rel=preload" });
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(completion(TEXT)));
    };
    const body = JSON.stringify(chat("ping"));
    const session = http2.connect(`http://127.0.0.1:${lab.ports[0]}`);
    const got = await Promise.all([overHttp1(lab.ports[0] ?? 0, body), overHttp2(session, body)]);
    sent += got.length;
    session.close();
    got.forEach((one) => judge(one, false));
  });

  it("leaves nothing behind", () => expectNothingLeft(lab, sent), 20_000);
});

describe("a client that says Expect: 100-continue", () => {
  beforeAll(async () => {
    sent = 0;
    peer = await Peer.start();
    lab = await startLab({ upstreamPort: peer.port, plugins: [setup("openai", false), setup("claude", false)] });
  }, 60_000);
  afterAll(close);

  it("is told to go on by the gateway, since the body is read there", async () => {
    playResponse(false);
    for (const listener of [0, 1]) {
      const got = await overHttp1(lab.ports[listener] ?? 0, JSON.stringify(chat("ping")), { expect: "100-continue" });
      sent++;
      expect(got.informational).toEqual([100]);
      judge(got, false);
    }
    await expectNothingLeft(lab, sent);
  }, 20_000);
});
