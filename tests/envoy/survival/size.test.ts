// Much at once: prompts of 10 MB in every mode, and a thousand streams that must not see each other.
import http2 from "node:http2";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sseData, startLab, type Lab } from "../lab";
import { chat, claudeEvents, completion, message, openaiEvents, told } from "./payloads";
import { Peer, type PeerResponse } from "./peer";
import { expectNothingLeft } from "./traces";
import { pluginStat, waitFor } from "./watch";

const BIG = 10 << 20;
const STREAMS = 1000;
const SESSIONS = 20;
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

let lab: Lab;
let peer: Peer;
let sent = 0;

beforeAll(async () => {
  peer = await Peer.start(true);
  const provider = (type: string) => ({
    config: { provider: { type, apiTokens: ["k"], modelMapping: { "*": "mapped" } } },
    http2Upstream: true,
  });
  lab = await startLab({ upstreamPort: peer.port, idleTimeout: "60s", plugins: ["openai", "claude", "gemini"].map(provider) });
}, 60_000);

afterAll(async () => {
  await lab?.close();
  await peer?.close();
});

describe("a prompt of 10 MB", () => {
  // Escapes, quotes and characters of all lengths, so that nothing passes by luck.
  const unit = 'Line "one"\n\tü文😀 \\u0041 {"model":"not this"} ';
  const prompt = unit.repeat(Math.ceil(BIG / Buffer.byteLength(JSON.stringify(unit))));
  const messages = [{ role: "user", content: prompt }];
  const ways: [string, number, object, (body: any) => string][] = [
    ["passed on, its model at the front", 0, { model: "m", messages }, (body) => body.messages[0].content],
    ["passed on, its model at the end", 0, { messages, model: "m" }, (body) => body.messages[0].content],
    ["translated to Claude", 1, { model: "m", messages }, (body) => body.messages[0].content[0]?.text ?? body.messages[0].content],
    ["translated to Gemini", 2, { model: "m", messages }, (body) => body.contents[0].parts[0].text],
  ];

  it("arrives whole in every mode, and memory is flat from the second round on", async () => {
    const sizes: number[] = [];
    const gemini = {
      candidates: [{ content: { parts: [{ text: "pong" }] }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 1 },
    };
    const responses = [completion("pong"), message("pong"), gemini];
    for (let round = 0; round < 3; round++) {
      for (const [name, listener, body, promptOf] of ways) {
        const got: { prompt: string; model: unknown; path: string }[] = [];
        peer.play = (request, response, bytes) => {
          const parsed = JSON.parse(bytes.toString());
          got.push({ prompt: hash(promptOf(parsed)), model: parsed.model, path: String(request.url) });
          response.writeHead(200, { "content-type": "application/json" });
          response.end(JSON.stringify(responses[listener]));
        };
        const reply = await lab.call(listener, { body });
        sent++;
        expect(reply.json().choices[0].message.content, name).toBe("pong");
        expect(got, name).toEqual([{ prompt: hash(prompt), model: listener === 2 ? undefined : "mapped", path: expect.any(String) }]);
        if (listener === 2) expect(got[0].path).toContain("/mapped:");
      }
      sizes.push(lab.residentBytes());
    }
    // Envoy's own buffers come and go with the allocator's mood; a body that stayed would be 10 MB each.
    expect(sizes[2] - sizes[1]).toBeLessThan(2 * BIG);
    await expectNothingLeft(lab, sent);
  }, 60_000);
});

describe(`${STREAMS} streams at once`, () => {
  const wordsOf = (id: string) => Array.from({ length: 5 }, (_, index) => `${id}:${index} `);

  it("get each their own words, and give back what they held", async () => {
    const waiting: { response: PeerResponse; id: string; isClaude: boolean }[] = [];
    peer.play = (request, response, body) => {
      const content = JSON.parse(body.toString()).messages[0].content;
      const id = typeof content === "string" ? content : content[0].text;
      response.writeHead(200, { "content-type": "text/event-stream" });
      waiting.push({ response, id, isClaude: request.url === "/v1/messages" });
    };
    const sessions = Array.from({ length: SESSIONS }, (_, index) => http2.connect(`http://127.0.0.1:${lab.ports[index % 2]}`));
    const ask = (index: number) =>
      new Promise<string>((resolve, reject) => {
        const head = { ":method": "POST", ":path": "/v1/chat/completions", "content-type": "application/json" };
        const stream = sessions[index % SESSIONS].request(head);
        let text = "";
        stream.on("data", (bytes) => (text += bytes));
        stream.on("error", reject);
        stream.on("end", () => resolve(text));
        stream.end(JSON.stringify(chat(`s${index}`, { stream: true })));
      });
    const responses = Array.from({ length: STREAMS }, (_, index) => ask(index));
    expect(await waitFor(() => waiting.length === STREAMS, 30_000)).toBe(true);
    sent += STREAMS;
    expect(await waitFor(async () => (await pluginStat(lab, "ai_proxy.requests_in_flight")) === STREAMS)).toBe(true);
    // 8 KiB are counted for each, shown in steps of 1 MiB.
    const holdsAll = async () => (await pluginStat(lab, "ai_proxy.held_bytes")) > (STREAMS - 200) * 8192;
    expect(await waitFor(holdsAll)).toBe(true);
    const held = await pluginStat(lab, "ai_proxy.held_bytes");
    expect(held).toBeLessThan(STREAMS * 16384);
    // Word by word, so that all of them are under way all the time; frames cut in the middle.
    const plans = waiting.map(({ id, isClaude }) => (isClaude ? claudeEvents(wordsOf(id)) : openaiEvents(wordsOf(id))).join(""));
    const step = Math.ceil(Math.max(...plans.map((plan) => plan.length)) / 7);
    for (let at = 0; at < step * 7; at += step) {
      waiting.forEach(({ response }, index) => response.write(plans[index].slice(at, at + step)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    waiting.forEach(({ response }) => response.end());
    const texts = await Promise.all(responses);
    sessions.forEach((session) => session.close());
    const wrong = texts
      .map((text) => told(sseData(text)))
      .filter(({ text, isDone }, index) => !isDone || text !== wordsOf(`s${index}`).join(""));
    expect(wrong).toEqual([]);
    await expectNothingLeft(lab, sent);
  }, 60_000);
});
