// New configurations while streams run and requests come: nothing may be lost, on one worker or on four.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { sseData, startLab, type ClientResponse, type Lab, type PluginSetup } from "../lab";
import { chat, claudeEvents, completion, message, openaiEvents, told } from "./payloads";
import { Peer } from "./peer";
import { expectNothingLeft } from "./traces";

const STREAMS = 40;
const UPDATES = 4;
const WORDS = 12;
const WORD_MS = 150;

/** What the tests have started; they run at the same time, as most of their time is waiting. */
const started: (Lab | Peer)[] = [];

afterAll(async () => {
  for (const one of started.reverse()) await one.close();
});

/** The configurations before and after each update tell themselves by their token. */
const plugins = (round: number): PluginSetup[] =>
  ["openai", "claude"].map((type) => ({
    config: { provider: { type, apiTokens: [`key-${round}`], modelMapping: { "*": `model-${round}` } } },
  }));

const wordsOf = (id: string) => Array.from({ length: WORDS }, (_, index) => `${id}.${index} `);

it.concurrent.each([1, 4])(
  "loses no stream and no request: %i worker(s)",
  async (concurrency) => {
    const tokens: string[] = [];
    const peer = await Peer.start();
    started.push(peer);
    peer.play = async (request, response, body) => {
      const { stream, messages, model } = JSON.parse(body.toString());
      const isClaude = request.url === "/v1/messages";
      const token = String(isClaude ? request.headers["x-api-key"] : request.headers.authorization?.slice("Bearer ".length));
      // Token and model are of one configuration, never of two.
      expect(model).toBe(token.replace("key", "model"));
      tokens.push(token);
      const content = messages[0].content;
      const id = typeof content === "string" ? content : content[0].text;
      if (!stream) {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(isClaude ? message(id) : completion(id)));
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of isClaude ? claudeEvents(wordsOf(id)) : openaiEvents(wordsOf(id))) {
        response.write(event);
        await sleep(WORD_MS);
      }
      response.end();
    };
    const running = await startLab({ upstreamPort: peer.port, isDynamic: true, concurrency, plugins: plugins(0) });
    started.push(running);

    let sent = 0;
    const ask = (id: string, extra: object) => {
      sent++;
      return running.call(sent % 2, { body: chat(id, extra) });
    };
    const streams = Array.from({ length: STREAMS }, (_, index) => ask(`s${index}`, { stream: true }));
    const short: Promise<ClientResponse>[] = [];
    let isUpdating = true;
    const sendShort = async () => {
      for (let index = 0; isUpdating; index++) {
        short.push(ask(`r${index}`, {}));
        await sleep(25);
      }
    };
    const sender = sendShort();
    for (let round = 1; round <= UPDATES; round++) {
      await sleep(200);
      await running.update(plugins(round));
    }
    isUpdating = false;
    await sender;
    const last = await Promise.all([ask("last", {}), ask("last", {})]);

    const streamed = await Promise.all(streams);
    const answered = await Promise.all(short);
    const wholeStreams = streamed.filter(
      (reply, index) => told(sseData(reply.body)).text === wordsOf(`s${index}`).join("") && reply.isComplete,
    );
    expect({ streams: wholeStreams.length, short: answered.filter((reply) => reply.status === 200).length }).toEqual({
      streams: STREAMS,
      short: answered.length,
    });
    answered.forEach((reply, index) => expect(reply.json().choices[0].message.content).toBe(`r${index}`));
    expect(last.map((reply) => reply.status)).toEqual([200, 200]);
    expect(tokens).toHaveLength(sent);
    expect(tokens.slice(-2)).toEqual([`key-${UPDATES}`, `key-${UPDATES}`]);
    expect(new Set(tokens).size).toBeGreaterThan(2);
    await expectNothingLeft(running, sent);
  },
  60_000,
);
