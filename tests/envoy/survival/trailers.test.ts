// A provider over HTTP/2 that ends its responses with trailers: no byte can be added to a response then, so what ends the client's
// stream has to be there before. Every dialect, from the cases; clients over HTTP/1.1 and HTTP/2; requests with trailers, too.
import http2 from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { responseBytes, responseHeaders, isStream, loadCases, requestOf, streamPieces, type Case } from "../../cases/case";
import { compare } from "../../cases/compare";
import { startLab, type Lab } from "../lab";
import { Peer } from "./peer";
import { expectNothingLeft } from "./traces";
import { waitFor } from "./watch";

/** Nothing but their close ends these (tests/conformance/cases.test.ts). */
const CLOSED_BY_END = ["triton/stream"];

/**
 * How Envoy logs a request that was a trial of its route (assembly/pipeline/route-trial.ts). Its response comes by a side call and takes
 * the place of a local one, to which Proxy-Wasm can add no trailers: docs/operations.md says that they are lost.
 */
const TRIAL = "ai_proxy.route_trial";

const cases = loadCases().filter(
  (one) =>
    one.only === undefined &&
    one.pending === undefined &&
    one.request !== undefined &&
    one.provider !== undefined &&
    one.provider.ends === undefined &&
    one.provider.local === undefined &&
    one.expect.upstream !== "none" &&
    one.expect.log?.outcome !== "error" &&
    one.authority === undefined &&
    one.expect.response?.status === undefined &&
    responseBytes(one).length > 1 &&
    // The error event of a stream that was cut cannot be added either.
    !JSON.stringify(one.expect).includes("stream_truncated") &&
    !CLOSED_BY_END.includes(one.name),
);

let lab: Lab;
let peer: Peer;
/** Cases whose request was a trial. */
const tried: string[] = [];

beforeAll(async () => {
  peer = await Peer.start(true);
  const plugins = cases.map((one) => ({ config: one.config, route: one.route ?? "r0", cluster: one.cluster ?? "c0", http2Upstream: true }));
  lab = await startLab({ upstreamPort: peer.port, plugins });
}, 60_000);

afterAll(async () => {
  await lab?.close();
  await peer?.close();
});

interface Got {
  status: number;
  headers: Record<string, string>;
  text: string;
  trailers: Record<string, unknown>;
}

function send(port: number, one: Case, name: string, withTrailers: boolean): Promise<Got> {
  const { method, path, headers, body } = requestOf(one);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  return new Promise<Got>((resolve, reject) => {
    const all = { ...headers, ":method": method, ":path": path, ":authority": "gw.test", "x-case": name };
    const stream = session.request(all, { waitForTrailers: withTrailers, endStream: body === undefined });
    const got: Got = { status: 0, headers: {}, text: "", trailers: {} };
    stream.setEncoding("utf8");
    stream.on("response", (reply) => {
      got.status = Number(reply[":status"]);
      got.headers = Object.fromEntries(Object.entries(reply).map(([key, value]) => [key, String(value)]));
    });
    stream.on("trailers", (trailers) => (got.trailers = trailers));
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-client-checksum": "1" }));
    stream.on("data", (text) => (got.text += text));
    stream.on("error", reject);
    stream.on("end", () => resolve(got));
    if (body !== undefined) stream.end(body);
  }).finally(() => session.close());
}

describe("trailers at the end of a response", () => {
  it.each([
    ["in pieces", true, false],
    ["at once", false, false],
    ["at once, and at the end of the request", false, true],
  ])(
    "%s change nothing for any case",
    async (name, inPieces, withTrailers) => {
      expect(cases.filter(isStream).length).toBeGreaterThan(40);
      const byId = new Map(cases.map((one) => [`${name} ${one.name}`, one]));
      peer.play = async (request, response) => {
        const one = byId.get(String(request.headers["x-case"]))!;
        response.writeHead(one.provider?.status ?? 200, responseHeaders(one));
        const pieces = isStream(one) ? streamPieces(one) : [responseBytes(one)];
        for (const piece of inPieces ? pieces : [Buffer.concat(pieces)]) {
          response.write(piece);
          if (inPieces) await new Promise((resolve) => setTimeout(resolve, 2));
        }
        response.addTrailers({ "x-checksum": "abc" });
        response.end();
      };
      const before = lab.logs().length;
      const wrong: string[] = [];
      for (const [index, one] of cases.entries()) {
        const id = `${name} ${one.name}`;
        const got = await send(lab.ports[index] ?? 0, one, id, withTrailers && requestOf(one).body !== undefined);
        await waitFor(() => lab.logs().some((entry) => entry.case === id));
        const entry = lab.logs().find((entry) => entry.case === id);
        const log = entry?.aiLog ?? null;
        const reply = { status: got.status, headers: got.headers, body: got.text, isComplete: true };
        const upstream = { method: "", host: "", path: "", headers: {}, body: "" };
        const differences = compare({ ...one, expect: { ...one.expect, upstream: undefined } }, { upstream, response: reply, log });
        wrong.push(...differences.map((difference) => `${id}: ${difference}`));
        if (entry?.details === TRIAL) tried.push(one.name);
        else if (got.trailers["x-checksum"] !== "abc") wrong.push(`${id}: no trailers`);
      }
      expect(wrong).toEqual([]);
      expect(lab.logs()).toHaveLength(before + cases.length);
    },
    120_000,
  );

  it("are lost to the trials of a route alone, of which one is enough", () => {
    expect(tried).toEqual([...new Set(tried)]);
    expect(tried.length).toBeLessThan(cases.length / 20);
  });

  it("leave nothing behind", () => expectNothingLeft(lab, cases.length * 3), 20_000);
});
