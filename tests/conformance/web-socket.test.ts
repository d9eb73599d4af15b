// Frames of a WebSocket session through the in-process host: what the server's messages tell of tokens, whatever the cut.
import { describe, expect, it } from "vitest";
import { loadPlugin } from "../../emulator/module";
import { randomOf } from "../unit/aws-frames";

interface FrameOptions {
  opcode?: number;
  fin?: boolean;
  rsv?: number;
  mask?: boolean;
  /** Bytes of the length field, where more than are needed. */
  lengthBytes?: 0 | 2 | 8;
}

function frame(payload: string | Buffer, { opcode = 1, fin = true, rsv = 0, mask = false, lengthBytes }: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(payload as string);
  const wide = lengthBytes ?? (bytes.length < 126 ? 0 : bytes.length < 65536 ? 2 : 8);
  const head = Buffer.alloc(2 + wide + (mask ? 4 : 0));
  head[0] = (fin ? 0x80 : 0) | rsv | opcode;
  head[1] = (mask ? 0x80 : 0) | (wide === 0 ? bytes.length : wide === 2 ? 126 : 127);
  if (wide === 2) head.writeUInt16BE(bytes.length, 2);
  if (wide === 8) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head, bytes]);
}

const done = (input: number, output: number, cached = 0) =>
  JSON.stringify({
    type: "response.done",
    response: {
      id: "resp_1",
      status: "completed",
      output: [{ content: [{ type: "audio", transcript: '{"usage":{"total_tokens":999}}' }] }],
      usage: { total_tokens: input + output, input_tokens: input, output_tokens: output, input_token_details: { cached_tokens: cached } },
    },
  });
const CLOSE = frame(Buffer.from([0x03, 0xe8]), { opcode: 8 });

async function start(provider: object = {}, more: object = {}) {
  const host = await loadPlugin();
  const plugin = host.configure(JSON.stringify({ provider: { type: "openai", apiTokens: ["k"], ...provider }, ...more }));
  expect(plugin.ok, JSON.stringify(plugin.logs)).toBe(true);
  const open = (path: string, headers: Record<string, string> = {}) =>
    plugin.exchange({
      method: "GET",
      path,
      headers: {
        connection: "upgrade",
        upgrade: "WebSocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
      requestChunks: [],
    });
  /** One session of the given bytes; its log. */
  const session = (chunks: Buffer[], complete = true, path = "/v1/realtime?model=gpt-realtime") => {
    const exchange = open(path);
    exchange.respond({ status: 101, headers: { upgrade: "websocket" }, chunks, complete });
    exchange.finish();
    expect(host.violations).toEqual([]);
    expect(Buffer.concat([exchange.client.body])).toEqual(Buffer.concat(chunks));
    return JSON.parse(exchange.stateText("ai_log")!);
  };
  return { host, plugin, open, session };
}

/** All ways to cut: whole, byte by byte, and at random. */
function* cuts(bytes: Buffer): Generator<Buffer[]> {
  yield [bytes];
  yield [...bytes].map((byte) => Buffer.from([byte]));
  const random = randomOf(bytes.length);
  for (let run = 0; run < 20; run++) {
    const ends = [...Array.from({ length: 6 }, () => Math.floor(random() * bytes.length)), bytes.length].sort((one, other) => one - other);
    yield ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end)).filter((piece) => piece.length > 0);
  }
}

describe("a session that is served", () => {
  it.each<[string, Buffer[], object]>([
    [
      "one answer",
      [frame('{"type":"session.created"}'), frame(done(10, 4, 3)), CLOSE],
      { input_token: 10, output_token: 4, total_token: 14, cached_tokens: 3 },
    ],
    [
      "several answers: their sum",
      [frame(done(10, 4)), frame(done(20, 5, 8)), frame(done(1, 1)), CLOSE],
      { input_token: 31, output_token: 10, total_token: 41, cached_tokens: 8 },
    ],
    [
      "a message in fragments with a ping between",
      [
        frame(done(7, 2).slice(0, 40), { fin: false }),
        frame("ping", { opcode: 9 }),
        frame(done(7, 2).slice(40, 41), { opcode: 0, fin: false }),
        frame("", { opcode: 0, fin: false }),
        frame(done(7, 2).slice(41), { opcode: 0 }),
        CLOSE,
      ],
      { input_token: 7, output_token: 2, total_token: 9 },
    ],
    [
      "lengths of every width",
      [frame(done(1, 1), { lengthBytes: 8 }), frame(done(1, 1), { lengthBytes: 2 }), frame("", { lengthBytes: 8 }), CLOSE],
      { total_token: 4 },
    ],
    [
      "the Responses API's events",
      [frame(JSON.stringify({ type: "response.created", response: { usage: null } })), frame(done(5, 5)), CLOSE],
      { total_token: 10 },
    ],
    ["text beside that is no JSON", [frame("not json {"), frame(done(2, 2)), frame("{"), CLOSE], { total_token: 4 }],
    [
      "a long message without usage",
      [frame(JSON.stringify({ type: "x", delta: "a".repeat(70_000) })), frame(done(2, 3)), CLOSE],
      { total_token: 5 },
    ],
  ])("counts %s, whatever the cut", async (_name, frames, wanted) => {
    const { session } = await start();
    for (const chunks of cuts(Buffer.concat(frames))) {
      expect(session(chunks)).toMatchObject({
        status: 101,
        outcome: "completed",
        usage_source: "reported",
        api: "openai/v1/realtime",
        request_model: "gpt-realtime",
        ...wanted,
      });
    }
  });

  it.each<[string, Buffer[]]>([
    ["binary messages", [frame(done(9, 9), { opcode: 2 }), CLOSE]],
    ["masked ones", [frame(done(9, 9), { mask: true }), CLOSE]],
    ["coded ones", [frame(done(9, 9), { rsv: 0x40 }), CLOSE]],
    ["a message that never ends", [frame(done(9, 9), { fin: false })]],
    ["half a frame", [frame(done(9, 9)).subarray(0, 60)]],
    ["half a head", [Buffer.from([0x81])]],
    ["a length below zero", [Buffer.from([0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), frame(done(9, 9))]],
    ["noise", [Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 131 + (n >> 3)) & 0xff))]],
  ])("does not count %s", async (_name, frames) => {
    const { host, session } = await start();
    for (const chunks of cuts(Buffer.concat(frames))) expect(session(chunks)).toMatchObject({ status: 101, usage_source: "none" });
    expect(host.traps).toEqual([]);
  });

  it("charges limits of tokens, and says when it broke off", async () => {
    const { session, open } = await start({}, { limits: [{ name: "ws", tokensPerDay: 20 }] });
    expect(session([frame(done(10, 15))], false)).toMatchObject({ outcome: "aborted", usage_source: "partial", total_token: 25 });
    expect(open("/v1/realtime?model=m").localReply?.status).toBe(429);
  });

  it("is asked for without extensions, and without the client's keys", async () => {
    const { open } = await start();
    const upstream = open("/v1/realtime?model=m", {
      "sec-websocket-extensions": "permessage-deflate",
      "sec-websocket-protocol": "realtime, openai-insecure-api-key.sk-own, openai-organization.org-x,openai-beta.realtime-v1",
    }).upstream!;
    expect(upstream.headers).not.toHaveProperty("sec-websocket-extensions");
    expect(upstream.headers["sec-websocket-protocol"]).toBe("realtime, openai-beta.realtime-v1");
    expect(upstream.headers.authorization).toBe("Bearer k");
    const alone = open("/v1/realtime?model=m", { "sec-websocket-protocol": "openai-insecure-api-key.sk-own" }).upstream!;
    expect(alone.headers).not.toHaveProperty("sec-websocket-protocol");
    const kept = await start({ forwardHeaders: ["sec-websocket-protocol"] });
    const sent = kept.open("/v1/realtime?model=m", { "sec-websocket-protocol": "realtime, openai-organization.org-x" }).upstream!;
    expect(sent.headers["sec-websocket-protocol"]).toBe("realtime, openai-organization.org-x");
  });
});

describe("which sessions are served", () => {
  const paths = ["/v1/realtime?model=m", "/v1/responses", "/v1/chat/completions", "/ws/live"];
  it.each<[string, object, number[]]>([
    ["by default realtime and unknown paths", {}, [0, 426, 426, 0]],
    ["with forward all", { webSockets: "forward" }, [0, 0, 0, 0]],
    ["with refuse none", { webSockets: "refuse" }, [426, 426, 426, 426]],
    ["with protocol original all: nothing would be changed", { protocol: "original" }, [0, 0, 0, 0]],
  ])("%s", async (_name, provider, wanted) => {
    const { host, open } = await start(provider);
    const exchanges = paths.map((path) => open(path));
    expect(exchanges.map((one) => one.localReply?.status ?? 0)).toEqual(wanted);
    for (const one of exchanges.filter((exchange) => exchange.localReply !== null)) {
      expect(one.localReply!.json()).toMatchObject({ error: { type: "invalid_request_error", code: "websocket_not_served" } });
      one.finish();
      expect(JSON.parse(one.stateText("ai_log")!)).toMatchObject({ status: 426, outcome: "error", error: "websocket_not_served" });
    }
    expect(host.violations).toEqual([]);
  });

  it("leaves other upgrades alone", async () => {
    const { open } = await start();
    expect(open("/v1/models", { upgrade: "h2c" }).localReply).toBeNull();
  });
});
