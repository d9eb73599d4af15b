// Every way in which an exchange can end, once each and all at once: each leaves exactly one ai_log with its counters, and nothing
// in flight. (endings.test.ts has what a provider's response can do in every mode, trailers.test.ts what ends with trailers.)
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startLab, type Call, type Lab } from "../lab";
import { chat, claudeEvents, completion, openaiEvents } from "./payloads";
import { Peer } from "./peer";
import { expectNothingLeft } from "./traces";
import { waitFor } from "./watch";

const WORDS = ["one ", "two"];
const KEY = "gw-key-of-alice";
const consumers = [{ name: "alice", credential: KEY }];
const openai = { type: "openai", apiTokens: ["k"] };
const SETUPS = {
  openai: { provider: openai },
  claude: { provider: { type: "claude", apiTokens: ["k"] } },
  small: { provider: { ...openai, maxRequestBytes: 1000 } },
  keys: { provider: openai, consumers, limits: [{ name: "one", by: "consumer", requestsPerDay: 1 }] },
  keysOnly: { consumers, global_auth: true },
  broken: { _rules_: [{ _match_domain_: ["*"], activeProviderId: "nobody" }] },
  strict: { provider: openai, unknownApis: "refuse" },
} as const;
type Setup = keyof typeof SETUPS;
const NAMES = Object.keys(SETUPS) as Setup[];

let lab: Lab;
let peer: Peer;

beforeAll(async () => {
  peer = await Peer.start();
  const plugins = NAMES.map((name) => ({ config: SETUPS[name], idleTimeout: "2s" }));
  lab = await startLab({ upstreamPort: peer.port, plugins, websocket: true });
  peer.play = async (request, response) => {
    const way = String(request.headers["x-way"]);
    const events = request.url === "/v1/messages" ? claudeEvents(WORDS) : openaiEvents(WORDS);
    if (way === "reset") return response.socket.resetAndDestroy();
    if (way === "stall") return;
    if (way === "stream" || way === "slow") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of events) {
        response.write(event);
        if (way === "slow") await sleep(50);
      }
      return response.end();
    }
    if (way === "cut") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(events[0], () => setTimeout(() => response.socket.resetAndDestroy(), 20));
      return;
    }
    const status = Number(/^\d+$/.exec(way)?.[0] ?? 200);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(status === 204 || status === 304 ? undefined : JSON.stringify(completion("pong")));
  };
}, 60_000);

afterAll(async () => {
  await lab?.close();
  await peer?.close();
});

const key = { authorization: `Bearer ${KEY}` };
const plain = { body: chat("ping") };
const stream = { body: chat("ping", { stream: true }) };
const port = (setup: Setup) => lab.ports[NAMES.indexOf(setup)] ?? 0;

/** What each is called, where it is sent, as what, and what ai_log says of it: status, outcome, error. */
const CALLS: [string, Setup, Call & { way?: string }, string][] = [
  ["a whole answer", "openai", plain, "200 completed"],
  ["a stream", "openai", { ...stream, way: "stream" }, "200 completed"],
  ["a translated stream", "claude", { ...stream, way: "stream" }, "200 completed"],
  ["an error of the provider", "openai", { ...plain, way: "500" }, "500 error"],
  ["a translated error of the provider", "claude", { ...plain, way: "529" }, "529 error"],
  ["an answer without a body", "openai", { ...plain, way: "204" }, "204 completed"],
  ["a GET", "openai", { method: "GET", path: "/v1/models" }, "200 completed"],
  ["a HEAD", "openai", { method: "HEAD", path: "/v1/models" }, "200 completed"],
  ["an unknown path", "openai", { method: "GET", path: "/health" }, "200 completed"],
  ["a body that is no JSON", "openai", { body: "{", headers: { "content-type": "application/json" } }, "400 error invalid_json"],
  ["no model", "openai", { body: { messages: [] } }, "400 error missing_model"],
  [
    "an API that the provider lacks",
    "claude",
    { path: "/v1/images/generations", body: { model: "m", prompt: "p" } },
    "404 error unsupported_api",
  ],
  ["a body that is too large", "small", { body: chat("x".repeat(2000)) }, "413 error request_too_large"],
  [
    "a body that is too large and tells no length",
    "small",
    { body: [JSON.stringify(chat("x".repeat(2000)))] },
    "413 error request_too_large",
  ],
  ["no key", "keys", plain, "401 error invalid_api_key"],
  ["a key", "keys", { ...plain, headers: key }, "200 completed"],
  ["a limit that is used up", "keys", { ...plain, headers: key }, "429 error rate_limit_exceeded"],
  ["no key where there is no provider", "keysOnly", plain, "401 error invalid_api_key"],
  ["a key where there is no provider", "keysOnly", { ...plain, headers: key }, "200 completed"],
  ["an error where there is no provider", "keysOnly", { ...plain, headers: key, way: "503" }, "503 error"],
  ["a reset where there is no provider", "keysOnly", { ...plain, headers: key, way: "reset" }, "503 error"],
  ["a rule that is not valid", "broken", plain, "500 error invalid_configuration"],
  ["an unknown path that is refused", "strict", { method: "GET", path: "/health" }, "404 error unsupported_api"],
  ["a provider that resets", "openai", { ...plain, way: "reset" }, "502 error upstream_unreachable"],
  ["a provider that stalls", "openai", { ...plain, way: "stall" }, "504 error upstream_timeout"],
  ["a provider that breaks a stream off", "openai", { ...stream, way: "cut" }, "200 aborted"],
  ["a client that leaves a stream", "openai", { ...stream, way: "slow", abortAfterBytes: 10 }, "200 aborted"],
  ["a client that leaves a translated stream", "claude", { ...stream, way: "slow", abortAfterBytes: 10 }, "200 aborted"],
];

/** Requests that are not a call: bytes by hand, WebSockets. */
const OTHERS: [string, string, (id: string) => Promise<unknown>][] = [
  ["headers alone, then a reset", "0 aborted", (id) => leave(id, 0, true)],
  ["half a body, then a reset", "0 aborted", (id) => leave(id, 20, true)],
  ["half a body, then a close", "0 aborted", (id) => leave(id, 20, false)],
  ["half a body, then silence", "408|504 error|aborted", (id) => leave(id, 20, false, 4000)],
  ["a WebSocket that is refused", "426 error websocket_not_served", (id) => upgrade(id, "/v1/responses")],
  ["a WebSocket that the provider refuses", "200 completed", (id) => upgrade(id, "/v1/realtime?model=m")],
];

async function leave(id: string, bytes: number, isReset: boolean, afterMs = 200): Promise<void> {
  const body = JSON.stringify(chat("x".repeat(100)));
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-case: ${id}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  const socket = connect(port("openai"), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(head + body.slice(0, bytes));
  await sleep(afterMs);
  if (isReset) socket.resetAndDestroy();
  else socket.destroy();
}

async function upgrade(id: string, path: string): Promise<void> {
  const client = new WebSocket(`ws://127.0.0.1:${port("openai")}${path}`, { headers: { "x-case": id } });
  client.on("error", () => {});
  await once(client, "unexpected-response");
  client.terminate();
}

it("each leaves one ai_log with its counters, and nothing else", async () => {
  const ids: [string, string, string][] = [];
  const runs: (() => Promise<unknown>)[] = [];
  for (const [name, setup, { way = "", ...call }, wanted] of CALLS) {
    const id = `c${ids.length}`;
    ids.push([id, name, wanted]);
    runs.push(() => lab.call(NAMES.indexOf(setup), { ...call, headers: { ...call.headers, "x-case": id, "x-way": way } }).catch(() => {}));
  }
  for (const [name, wanted, run] of OTHERS) {
    const id = `c${ids.length}`;
    ids.push([id, name, wanted]);
    runs.push(() => run(id));
  }
  // The limit of one request a day has to be used in order; all others at once.
  const inOrder = CALLS.flatMap(([, setup], index) => (setup === "keys" ? [index] : []));
  for (const index of inOrder) await runs[index]();
  await Promise.all(runs.filter((_, index) => !inOrder.includes(index)).map((run) => run()));
  await waitFor(() => lab.logs().length >= ids.length);
  const said = ids.map(([id, name, wanted]) => {
    const found = lab.logs().filter((entry) => entry.case === id);
    const log = found[0]?.aiLog;
    const words = [log?.status, log?.outcome, log?.error].filter((word) => word !== undefined).join(" ");
    const isAsWanted = new RegExp(
      `^${wanted
        .split(" ")
        .map((word) => `(${word})`)
        .join(" ")}( .*)?$`,
    ).test(words);
    return `${name}: ${found.length} ${isAsWanted ? wanted : words}`;
  });
  expect(said).toEqual(ids.map(([, name, wanted]) => `${name}: 1 ${wanted}`));
  await expectNothingLeft(lab, ids.length);
  const counted = await lab.stats(/requests_total: \d+/);
  const total = counted.reduce((sum, line) => sum + Number(line.split(": ")[1]), 0);
  expect(total, counted.join("\n")).toBe(ids.length);
  const errors = await lab.stats(/errors_total: \d+/);
  const failed = lab.logs().filter((entry) => entry.aiLog?.outcome !== "completed").length;
  expect(
    errors.reduce((sum, line) => sum + Number(line.split(": ")[1]), 0),
    errors.join("\n"),
  ).toBe(failed);
}, 60_000);
