// The provider of the race, a process of its own: answers chat completions and Anthropic messages, whole or streamed, with
// prepared bytes. `x-race-chunks` and `x-race-gap` say how a stream comes. The response's header `x-race-seen` says what model
// and what credentials arrived. Prints its port.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const TEXT = "The gateway takes a request, picks a provider and streams the answer back. ".repeat(4);
const ID = "chatcmpl-9f0e1d2c3b4a59687746352413021a0b";
const CREATED = 1764000000;
const MODEL = "raced-model-2026-11-01";

const chatUsage = {
  ...{ prompt_tokens: 120, completion_tokens: 98, total_tokens: 218 },
  ...{ prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0 } },
};
const chatWhole = JSON.stringify({
  ...{ id: ID, object: "chat.completion", created: CREATED, model: MODEL },
  choices: [{ index: 0, message: { role: "assistant", content: TEXT, refusal: null }, logprobs: null, finish_reason: "stop" }],
  ...{ usage: chatUsage, system_fingerprint: "fp_0123456789" },
});
const messageHead = { id: "msg_01ABCDEFGHIJKLMNOPQRSTUV", type: "message", role: "assistant", model: MODEL };
const messageUsage = { input_tokens: 120, output_tokens: 98 };
const messageWhole = JSON.stringify({
  ...{ ...messageHead, content: [{ type: "text", text: TEXT }] },
  ...{ stop_reason: "end_turn", stop_sequence: null, usage: messageUsage },
});

// OpenAI pads chunks with `obfuscation`, so that their sizes say nothing of the words in them.
function chatChunk(choices, usage = null, rest = {}) {
  const head = { id: ID, object: "chat.completion.chunk", created: CREATED, model: MODEL, system_fingerprint: "fp_0123456789" };
  return `data: ${JSON.stringify({ ...head, choices, usage, ...rest })}\n\n`;
}
function chatDelta(delta, finish = null) {
  const padding = { obfuscation: "aZ3kQ9xTn1Lr".slice((delta.content ?? "").length) };
  return chatChunk([{ index: 0, delta, logprobs: null, finish_reason: finish }], null, padding);
}
const words = TEXT.trim().split(/(?= )/);
const ofText = (chunks, make) => Array.from({ length: chunks }, (_, k) => make(words[k % words.length]));
const event = (value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;

/** The pieces of a stream with so many pieces of text. */
function chatStream(chunks) {
  const head = chatDelta({ role: "assistant", content: "", refusal: null });
  const end = [chatDelta({}, "stop"), chatChunk([], chatUsage), "data: [DONE]\n\n"];
  return [head, ...ofText(chunks, (content) => chatDelta({ content })), ...end];
}

function messageStream(chunks) {
  const delta = (text) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
  const end = { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 98 } };
  return [
    event({ type: "message_start", message: { ...messageHead, content: [], stop_reason: null, usage: messageUsage } }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ...ofText(chunks, delta),
    event({ type: "content_block_stop", index: 0 }),
    event({ type: "message_delta", ...end }),
    event({ type: "message_stop" }),
  ];
}

const streams = new Map();
function streamOf(isMessages, chunks) {
  const key = `${isMessages} ${chunks}`;
  if (!streams.has(key))
    streams.set(
      key,
      (isMessages ? messageStream : chatStream)(chunks).map((piece) => Buffer.from(piece)),
    );
  return streams.get(key);
}

async function sendStream(pieces, gapMs, response) {
  for (const piece of pieces) {
    if (gapMs > 0) await sleep(gapMs);
    if (response.destroyed) return;
    // Not held back when the client is slow: the longest stream is half a megabyte.
    response.write(piece);
  }
  response.end();
}

function respond(request, body, response) {
  const isMessages = request.url.includes("/messages");
  const model = /"model":\s*"([^"]*)"/.exec(body.length > 4096 ? body.toString("latin1") : body)?.[1];
  const seen = `${model} ${request.headers.authorization ?? request.headers["x-api-key"]}`;
  const headers = { "x-request-id": "req_0123456789abcdef", "x-race-seen": seen };
  // Without a filter the mock sees what Gemini clients send: they name the stream in the path.
  if (!body.includes('"stream":true') && !request.url.includes(":stream")) {
    const text = isMessages ? messageWhole : chatWhole;
    response.writeHead(200, { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
    return;
  }
  response.writeHead(200, { ...headers, "content-type": "text/event-stream", "cache-control": "no-cache" });
  const pieces = streamOf(isMessages, Number(request.headers["x-race-chunks"] ?? 1));
  void sendStream(pieces, Number(request.headers["x-race-gap"] ?? 0), response);
}

const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => respond(request, Buffer.concat(pieces), response));
});
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
