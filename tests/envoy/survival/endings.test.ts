// Responses that end badly or come in a wrong dress, and clients that leave, in a real Envoy: what each client is told, that
// every exchange is logged once, and that nothing of it is left in the worker.
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sseData, startLab, type ClientResponse, type Lab } from "../lab";
import { ENDINGS } from "./endings";
import { chat, claudeEvents, completion, message, openaiEvents, told } from "./payloads";
import { Peer } from "./peer";
import { expectNothingLeft } from "./traces";
import { pluginStat, waitFor } from "./watch";

const ROUNDS = 2;
const WORDS = ["one ", "two ", "three"];
const TEXT = WORDS.join("");
const ASKED = { stream: true, stream_options: { include_usage: true } };
/** Listener, and what the request says. */
const MODES = {
  whole: { listener: 0, extra: {} },
  metered: { listener: 0, extra: ASKED },
  filtered: { listener: 0, extra: { stream: true } },
  translated: { listener: 1, extra: {} },
  "translated stream": { listener: 1, extra: ASKED },
};
type Mode = keyof typeof MODES;

const UNREACHABLE = "502 whole error upstream_unreachable";
const TIMEOUT = "504 whole error upstream_timeout";
const NOT_UNDERSTOOD = "502 whole error bad_upstream_response";
const CUT = "200 cut aborted";
const FINE = "200 whole completed";
/** Status, whether the client got a proper end, outcome and error of the log; for all modes, and for those that differ. */
const EXPECTED: Record<keyof typeof ENDINGS, [string, Partial<Record<Mode, string>>]> = {
  "reset before the headers": [UNREACHABLE, {}],
  "closed before the headers": [UNREACHABLE, {}],
  "reset after the headers": [CUT, { translated: UNREACHABLE }],
  "closed after the headers": [CUT, { translated: UNREACHABLE }],
  "reset half way": [CUT, { translated: UNREACHABLE }],
  "closed half way": [CUT, { translated: UNREACHABLE }],
  "stalled before the headers": [TIMEOUT, {}],
  "stalled half way": [CUT, { translated: TIMEOUT }],
  "half a frame, then the proper end": [FINE, { translated: NOT_UNDERSTOOD, "translated stream": "200 whole error" }],
  "HTML under status 200": [FINE, { translated: NOT_UNDERSTOOD, "translated stream": "200 whole error" }],
  "as text/plain": [FINE, {}],
  "without a content type": [FINE, {}],
  gzip: [FINE, { translated: NOT_UNDERSTOOD, "translated stream": NOT_UNDERSTOOD }],
  brotli: [FINE, { translated: NOT_UNDERSTOOD, "translated stream": NOT_UNDERSTOOD }],
  "103 before it": [FINE, {}],
  "trailers after it": [FINE, {}],
};

const provider = (type: string, idleTimeout: string) => ({ config: { provider: { type, apiTokens: ["k"] } }, idleTimeout });
const isStall = (ending: string) => ending.startsWith("stalled");
const eventsOf = (mode: Mode) => (MODES[mode].listener === 1 ? claudeEvents(WORDS) : openaiEvents(WORDS));
const wholeOf = (mode: Mode) => JSON.stringify(MODES[mode].listener === 1 ? message(TEXT) : completion(TEXT));

let lab: Lab;
let peer: Peer;
let sent = 0;

beforeAll(async () => {
  peer = await Peer.start();
  // Those that stall have listeners of their own: a slow machine must not look like a provider that stalls.
  const plugins = ["15s", "2s"].flatMap((limit) => [provider("openai", limit), provider("claude", limit)]);
  lab = await startLab({ upstreamPort: peer.port, plugins });
}, 60_000);

afterAll(async () => {
  await lab?.close();
  await peer?.close();
});

function call(mode: Mode, ending: string): Promise<ClientResponse & { id: string }> {
  const id = String(sent++);
  const { listener, extra } = MODES[mode];
  const headers = { "x-ending": ending, "x-mode": mode, "x-case": id };
  return lab.call(listener + (isStall(ending) ? 2 : 0), { body: chat("ping", extra), headers }).then((reply) => ({ ...reply, id }));
}

async function verdict(reply: ClientResponse & { id: string }): Promise<string> {
  const find = () => lab.logs().find((entry) => entry.case === reply.id);
  await waitFor(() => find() !== undefined);
  const aiLog = find()?.aiLog;
  const words = [reply.status, reply.isComplete ? "whole" : "cut", aiLog?.outcome, aiLog?.error];
  return words.filter((word) => word !== undefined).join(" ");
}

describe("a response", () => {
  it(`of every kind, ${ROUNDS} times in every mode, all at once`, async () => {
    peer.play = (request, response) => {
      const mode = request.headers["x-mode"] as Mode;
      const material = { events: mode.includes("ed") && mode !== "translated" ? eventsOf(mode) : null, whole: wholeOf(mode) };
      ENDINGS[String(request.headers["x-ending"])](response, material, request);
    };
    const cases = Object.keys(EXPECTED).flatMap((ending) =>
      (Object.keys(MODES) as Mode[]).flatMap((mode) => Array(ROUNDS).fill({ ending, mode }) as { ending: string; mode: Mode }[]),
    );
    const run = (some: typeof cases) =>
      Promise.all(
        some.map(async ({ ending, mode }) => {
          const reply = await call(mode, ending);
          return { ending, mode, reply, verdict: await verdict(reply) };
        }),
      );
    cases.sort((one, other) => Number(isStall(one.ending)) - Number(isStall(other.ending)));
    const stalled = cases.findIndex((one) => isStall(one.ending));
    const results = [...(await run(cases.slice(0, stalled))), ...(await run(cases.slice(stalled)))];
    const got = results.map((one) => `${one.ending} / ${one.mode}: ${one.verdict}`);
    const wanted = cases.map(({ ending, mode }) => `${ending} / ${mode}: ${EXPECTED[ending][1][mode] ?? EXPECTED[ending][0]}`);
    expect(got).toEqual(wanted);
    expect(peer.count).toBe(cases.length);
    for (const { ending, mode, reply } of results) judgeContent(ending, mode, reply);
  }, 30_000);

  it("leaves nothing behind", () => expectNothingLeft(lab, sent), 20_000);
});

/** What has come is exact: all of it, or its beginning. */
function judgeContent(ending: string, mode: Mode, reply: ClientResponse): void {
  const where = `${ending} / ${mode}`;
  const isCoded = ending === "gzip" || ending === "brotli";
  if (reply.status !== 200) {
    // Envoy itself answers for a held response that broke off, and asks no filter then.
    if (mode === "translated" && !/before|gzip|brotli|HTML|frame/.test(ending)) return;
    expect(reply.json().error.type, where).toBe("upstream_error");
    return;
  }
  if (ending.startsWith("HTML")) {
    if (mode === "translated stream") expect(told(sseData(reply.body)).error, where).toBe("stream_truncated");
    else expect(reply.text, where).toContain("maintenance");
  } else if (isCoded) expect(reply.headers["content-encoding"], where).toBe(ending === "gzip" ? "gzip" : "br");
  else if (mode === "whole") expect(wholeOf(mode).startsWith(reply.text), where).toBe(true);
  else if (mode === "metered") expect(eventsOf(mode).join("").startsWith(reply.text), where).toBe(true);
  else if (mode === "translated") expect(reply.json().choices[0].message.content, where).toBe(TEXT);
  else {
    const { text, isDone } = told(sseData(reply.text));
    expect(TEXT.startsWith(text), where).toBe(true);
    const isEnded = reply.isComplete && !(mode === "filtered" && ending.startsWith("half a frame"));
    expect([isDone, isEnded ? text : TEXT], where).toEqual([isEnded, TEXT]);
    const hasUsage = isDone && mode !== "filtered" && !ending.startsWith("half a frame");
    expect(reply.text.includes('"usage":{'), where).toBe(hasUsage);
  }
}

describe("a coded request", () => {
  it("is refused, for what it says can be neither mapped nor counted", async () => {
    const bodies: Buffer[] = [];
    peer.play = (_request, response, body) => {
      bodies.push(body);
      response.writeHead(200, { "content-type": "application/json" }).end(wholeOf("whole"));
    };
    const body = gzipSync(JSON.stringify(chat("ping")));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const responses = await Promise.all([0, 1].map((listener) => lab.call(listener, { body, headers })));
    sent += 2;
    expect(responses.map((reply) => reply.status)).toEqual([415, 415]);
    expect(bodies).toEqual([]);
  });
});

describe("a client that leaves", () => {
  /** Sends a request, or half of its body, and leaves by FIN or reset once `isTime`. */
  const leave = async (listener: number, share: number, isReset: boolean, isTime: () => boolean | Promise<boolean>) => {
    const body = JSON.stringify(chat("x".repeat(200_000), { stream: true }));
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    const socket = connect(lab.ports[listener] ?? 0, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(head + body.slice(0, body.length * share));
    expect(await waitFor(isTime)).toBe(true);
    if (isReset) socket.resetAndDestroy();
    else socket.destroy();
  };

  it.each([
    ["openai", 0],
    ["claude", 1],
  ])(
    "at any moment is logged once and holds nothing: %s",
    async (_name, listener) => {
      const events = listener === 1 ? claudeEvents(WORDS) : openaiEvents(WORDS);
      let came = 0;
      peer.play = async (request, response) => {
        came++;
        if (request.headers["x-wait"] === undefined) return;
        response.writeHead(200, { "content-type": "text/event-stream" });
        for (const event of events) {
          response.write(event);
          await sleep(60);
        }
        response.end();
      };
      const stream = { body: chat("ping", { stream: true }), headers: { "x-wait": "1" } };
      const before = sent;
      await waitFor(() => lab.logs().length === before);
      let bothCame = false;
      const bodiesCame = async () => {
        if ((await pluginStat(lab, "ai_proxy.requests_in_flight")) === 2) bothCame = true;
        return bothCame;
      };
      await Promise.all([false, true].map((isReset) => leave(listener, 0.5, isReset, bodiesCame)));
      await Promise.all([
        leave(listener, 1, false, () => came > 0),
        lab.call(listener, { ...stream, abortAfterBytes: 1 }),
        lab.call(listener, { ...stream, abortAfterBytes: 400 }),
      ]);
      sent += 5;
      await expectNothingLeft(lab, sent);
      const logs = lab.logs().slice(before);
      expect(logs.map((entry) => entry.aiLog?.outcome)).toEqual(Array(5).fill("aborted"));
      // The two that left while sending, and the one that left before a response, were told nothing.
      expect(logs.filter((entry) => entry.aiLog?.status === 0 || entry.aiLog?.status === undefined)).toHaveLength(3);
    },
    20_000,
  );
});
