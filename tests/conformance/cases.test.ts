// Every case through build/plugin.wasm in the strict in-process host: as it stands, and with its bytes cut at every
// position, which must make no difference to the client or to the counts.
import { describe, expect, it } from "vitest";
import { responseBytes, isStream, loadCases, requestOf, type Case } from "../cases/case";
import { compare, compareLogLines, type Observed } from "../cases/compare";
import { randomOf } from "../unit/aws-frames";
import { cutAt, loadCase, runCase, type Cuts, type Loaded } from "./run";

const RANDOM_CUTS = 10;
const REQUEST_CUTS = 4;
/** Each cut is its own: with eight in a run, the places are still an eighth of the response apart. */
const CUTS_OF_A_RUN = 8;

const cases = loadCases().filter((one) => one.only?.runner !== "envoy");
const withRequest = cases.filter((one) => one.request !== undefined);
const withResponse = withRequest.filter((one) => one.provider !== undefined && responseBytes(one).length > 1);

/** The host saw nothing that Envoy forbids, and no trap. */
function expectSound({ host }: Loaded, context: string): void {
  expect(host.traps, context).toEqual([]);
  expect(host.violations, context).toEqual([]);
}

/** `count` runs of random cuts, the same in every run of the tests. */
function* randomCuts(bytes: Buffer, count: number): Generator<Buffer[]> {
  const random = randomOf(bytes.length);
  for (let run = 0; run < count; run++) {
    const offsets = new Set<number>();
    const wanted = 2 + Math.floor(random() * 12);
    for (let k = 0; k < wanted; k++) offsets.add(Math.floor(random() * bytes.length));
    yield cutAt(bytes, ...[...offsets].sort((one, other) => one - other));
  }
}

/** Bytes of the client and ai_log: what must not depend on cuts. Ids made from chance are not compared. */
function essence(seen: Observed): object {
  const made = /(chatcmpl|call|msg|toolu)[-_][0-9a-zA-Z_]{6,}/g;
  const { llm_first_token_duration: _first, llm_service_duration: _whole, ...log } = seen.log ?? {};
  return JSON.parse(JSON.stringify({ response: seen.response, upstream: seen.upstream?.body, log }).replace(made, "$1-made"));
}

/** Runs the case with each of the cuts; all must look like `expected`. */
function expectSame(loaded: Loaded, one: Case, expected: object, cuts: Cuts, context: string): void {
  const seen = essence(runCase(loaded, one, cuts));
  // A plain comparison first: toEqual for 100,000 runs would take minutes.
  if (JSON.stringify(seen) !== JSON.stringify(expected)) expect(seen, context).toEqual(expected);
}

/** One test for each case; those whose defect is known must fail. */
function eachCase(list: Case[], what: "case" | "cuts" | "request", run: (one: Case) => Promise<void>): void {
  for (const one of list) {
    const test = one.pending?.what === what ? it.fails : it;
    test(one.name, () => run(one));
  }
}

describe("cases in the in-process host", () => {
  eachCase(cases, "case", async (one) => {
    const loaded = await loadCase(one);
    const { start, logLines } = one.expect;
    expect(loaded.plugin.ok).toBe(start !== "refused");
    if (one.request !== undefined) expect(compare(one, runCase(loaded, one))).toEqual([]);
    if (logLines)
      expect(
        compareLogLines(
          one,
          loaded.host.logs.map((line) => line.text),
        ),
      ).toEqual([]);
    for (const [name, value] of Object.entries(one.expect.metrics ?? {})) expect(loaded.host.metrics.value(name), name).toBe(value);
    expectSound(loaded, one.name);
  });
});

describe("a response cut anywhere is the same to the client and in the log", () => {
  eachCase(withResponse, "cuts", async (one) => {
    const loaded = await loadCase(one);
    const bytes = responseBytes(one);
    const expected = essence(runCase(loaded, one));
    expectSame(loaded, one, expected, { response: [bytes], endWithLastChunk: true }, "in one piece with the end");
    // Every byte of a stream is a place of a cut; a run has several of them, far from each other.
    const step = isStream(one) ? 1 : 7;
    const apart = Math.ceil(bytes.length / CUTS_OF_A_RUN);
    for (let at = 1; at <= apart; at += step) {
      const places = Array.from({ length: CUTS_OF_A_RUN }, (_, k) => at + k * apart).filter((place) => place < bytes.length);
      expectSame(loaded, one, expected, { response: cutAt(bytes, ...places) }, `cut at ${places.join(", ")}`);
    }
    for (const response of randomCuts(bytes, RANDOM_CUTS)) {
      expectSame(loaded, one, expected, { response, endWithLastChunk: true }, `cut into ${response.map((piece) => piece.length)}`);
    }
    expectSame(loaded, one, expected, { response: [...bytes].map((byte) => Buffer.from([byte])) }, "byte by byte");
    expectSound(loaded, one.name);
  });
});

/** Streams that nothing but their close ends: what ends the client's cannot be written any more when trailers have come. */
const CLOSED_BY_END = ["triton/stream"];

describe("a response that trailers end is the same to the client and in the log", () => {
  const withEnd = withResponse.filter((one) => one.provider?.ends === undefined);
  eachCase(withEnd, "cuts", async (one) => {
    const loaded = await loadCase(one);
    const plain = runCase(loaded, one);
    const expected = essence(plain);
    if (plain.log?.outcome === "error" || CLOSED_BY_END.includes(one.name)) {
      // No error event can be added either: the log tells.
      expect(runCase(loaded, one, { trailers: true }).log).toMatchObject({ status: plain.response.status, outcome: "error" });
      expectSound(loaded, one.name);
      return;
    }
    const bytes = responseBytes(one);
    expectSame(loaded, one, expected, { trailers: true }, "event by event");
    expectSame(loaded, one, expected, { response: [bytes], trailers: true }, "in one piece");
    for (const response of randomCuts(bytes, RANDOM_CUTS)) {
      expectSame(loaded, one, expected, { response, trailers: true }, `cut into ${response.map((piece) => piece.length)}`);
    }
    expectSound(loaded, one.name);
  });
});

describe("a request cut anywhere leaves and is refused the same", () => {
  const withBody = withRequest.filter((one) => (requestOf(one).body ?? "").length > 1);
  eachCase(withBody, "request", async (one) => {
    const loaded = await loadCase(one);
    const bytes = Buffer.from(requestOf(one).body ?? "");
    const expected = essence(runCase(loaded, one));
    for (const request of randomCuts(bytes, REQUEST_CUTS)) {
      expectSame(loaded, one, expected, { request }, `cut into ${request.map((piece) => piece.length)}`);
      expectSame(
        loaded,
        one,
        expected,
        { request, endWithLastChunk: true },
        `cut into ${request.map((piece) => piece.length)}, end with data`,
      );
    }
    expectSound(loaded, one.name);
  });
});
