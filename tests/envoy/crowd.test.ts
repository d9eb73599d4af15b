// Two hundred streams at once through one worker, of all pairs of a client API and a dialect: nothing of one may show up in another.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENTS, type Client } from "../dialects/clients";
import { DIALECTS, configFor, speakerAt, type Answer, type Dialect, type Json } from "../dialects";
import { ASKED } from "../matrix/asked";
import { randomOf } from "../unit/aws-frames";
import { startLab, type ClientResponse, type Lab, type Reply, type SeenRequest } from "./lab";

const STREAMS = 200;
const LIMIT_MS = 60_000;

interface Pair {
  client: Client;
  dialect: Dialect;
  listener: number;
}

const PAIRS: Pair[] = CLIENTS.flatMap((client) => DIALECTS.map((dialect, listener) => ({ client, dialect, listener })));
const pairOf = (index: number) => PAIRS[index % PAIRS.length];
/** Some clients go away in the middle. DeepL does not stream. */
const quits = (index: number) => index % 10 === 3 && pairOf(index).dialect.name !== "deepl";
/** These say nothing of tokens. */
const counts = (index: number) => !["triton", "deepl"].includes(pairOf(index).dialect.name);

/** Every word of a stream says whose it is. */
const marked = (index: number, words: number) => Array.from({ length: words }, (_, word) => `«${index}:${word}»文😀`).join(" ");
const answerOf = (index: number): Answer => ({
  thinking: { text: marked(index, 3), seal: Buffer.from(`seal of ${index}`).toString("base64") },
  text: marked(index, 12 + (index % 9)),
  ...(pairOf(index).dialect.name === "deepl" ? {} : { calls: [{ id: `call_${index}`, name: "look", arguments: { q: marked(index, 2) } }] }),
  usage: { input: 1000 + index, output: 5000 + index },
});

let lab: Lab;
beforeAll(async () => {
  // One provider each: with several, the first request tries the route out.
  const plugins = DIALECTS.map((dialect) => ({ config: { provider: configFor(dialect).provider } }));
  lab = await startLab({ plugins, concurrency: 1 });
}, 60_000);
afterAll(() => lab?.close());

/** Cuts a stream anywhere, in 20 to 40 pieces, so that events and characters of all streams are in pieces at once. */
function shred(bytes: Buffer, random: () => number): Buffer[] {
  const cuts = Array.from({ length: 20 + Math.floor(random() * 20) }, () => Math.floor(random() * bytes.length));
  const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end));
}

const indexIn = (text: string) => Number(/ask-(\d+)-/.exec(text)?.[1]);

/** Answers each request as the stream that it asks for. */
function script(): (request: SeenRequest) => Reply {
  const random = randomOf(7);
  return (request) => {
    const index = indexIn(request.text);
    const speaker = speakerAt(pairOf(index).dialect, request.path.split("?")[0]);
    const pieces = shred(speaker.stream(answerOf(index)), random);
    const reply = { headers: { "content-type": speaker.streamType }, gapMs: pieces.map(() => 5 + Math.floor(random() * 40)) };
    // One whose client goes away never ends by itself.
    return quits(index) ? { ...reply, pieces: pieces.slice(0, -3), end: "hang" } : { ...reply, pieces };
  };
}

/** Holds every request at the provider until all are there, so that all streams are open at once. */
function holdAll(): void {
  const { server } = lab.upstream;
  const [respond] = server.listeners("request");
  server.removeAllListeners("request");
  let waiting: (() => void)[] = [];
  server.on("request", (...request) => {
    waiting.push(() => respond?.apply(server, request));
    if (waiting.length < STREAMS) return;
    for (const go of waiting) go();
    waiting = [];
  });
}

function ask(index: number): Promise<ClientResponse> {
  const { client, dialect, listener } = pairOf(index);
  const tools = dialect.name === "deepl" ? {} : ASKED.find(({ name }) => name === "tools")!.of[client.name]!.more;
  const body = JSON.stringify(client.body(true, tools))
    .replace("Hello there.", `ask-${index}-`)
    .replace('"model":"m"', `"model":"m-${index}"`);
  const path = client.path(true).replace("/models/m:", `/models/m-${index}:`);
  return lab.call(listener, { path, body, ...(quits(index) ? { abortAfterBytes: 100 } : {}), timeoutMs: LIMIT_MS });
}

/** What is wrong with a stream as a client got it; empty when it is its own and whole. */
function faultsOf(index: number, { text, isComplete }: ClientResponse): string[] {
  const { client } = pairOf(index);
  const faults: string[] = [];
  const others = [...text.matchAll(/«(\d+):/g)].filter(([, whose]) => Number(whose) !== index);
  if (others.length > 0) faults.push(`words of ${others.map(([, whose]) => whose).join()}`);
  if (quits(index)) return faults;
  if (!isComplete) return [...faults, "not whole"];
  const response: Json = client.assemble(text);
  if (client.textOf(response) !== answerOf(index).text) faults.push(`text ${client.textOf(response)}`);
  const { input, output } = answerOf(index).usage!;
  if (counts(index) && client.tokensOf(response).join() !== [input, output].join())
    faults.push(`tokens ${client.tokensOf(response).join()}`);
  return faults;
}

describe("two hundred streams at once", () => {
  it(
    "keep their texts, calls and counts to themselves, at the clients and in the log",
    async () => {
      expect(STREAMS).toBeGreaterThan(2 * PAIRS.length);
      lab.upstream.reset(script());
      holdAll();
      const indexes = Array.from({ length: STREAMS }, (_, index) => index);
      const got = await Promise.all(indexes.map(ask));
      const faults = indexes.map((index) => ({
        index,
        pair: `${pairOf(index).client.name} ${pairOf(index).dialect.name}`,
        faults: faultsOf(index, got[index]),
      }));
      expect(faults.filter((one) => one.faults.length > 0)).toEqual([]);

      await expect.poll(() => lab.logs().length, { timeout: 5_000 }).toBe(STREAMS);
      const logged = new Map(lab.logs().map(({ aiLog }) => [aiLog?.request_model, aiLog]));
      for (const index of indexes) {
        const { input, output } = answerOf(index).usage!;
        const tokens = counts(index) && !quits(index) ? { input_token: input, output_token: output } : {};
        const wanted = { response_type: "stream", outcome: quits(index) ? "aborted" : "completed", ...tokens };
        expect(logged.get(`m-${index}`), `stream ${index}`).toMatchObject(wanted);
      }
    },
    LIMIT_MS,
  );
});
