// A model provider for trying things out: `node tools/mock-provider.mjs [PORT]` (or PORT, HOST in the environment). It speaks
// OpenAI (chat, Responses, embeddings, models), Anthropic messages and Gemini generateContent, whole and streamed, counts tokens, and
// repeats what it was asked. A model named error-<status> answers with that status, error-cut breaks the stream off. One line per request
// goes to standard output. No imports outside Node, so that an image needs this one file.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const GAP_MS = 20;
const MAX_BODY_BYTES = 64 << 20;
const MODELS = ["mock-large", "mock-small", "mock-embedding"];
const ERROR_TYPES = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
};

// ---------------------------------------------------------------- what is answered

/** The text of a message's content: a string, or the text parts of a list. */
function textOf(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => part?.text ?? "")
    .join(" ")
    .trim();
}

/** The response as words and what it costs: four bytes a token, which is near enough for a demo. */
function responseTo(request) {
  const turns = request.messages ?? request.contents ?? request.input ?? [];
  const last = Array.isArray(turns) ? turns.at(-1) : { content: turns };
  const question = textOf(last?.content ?? last?.parts).slice(0, 400) || "nothing";
  const text = `You said: ${question} This answer comes from the mock provider.`;
  const input = Math.ceil(Buffer.byteLength(JSON.stringify(turns)) / 4);
  const words = text.match(/\S+\s*/g) ?? [];
  return { text, words, input, output: words.length };
}

/** A reply: a whole JSON body, or events as [name, data] pairs that are sent GAP_MS apart. */
const whole = (body, status = 200, headers = {}) => ({ status, headers, body });
const stream = (events, last = "") => ({ status: 200, headers: {}, events, last, isCut: false });

// ---------------------------------------------------------------- OpenAI

function openaiUsage({ input, output }) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

function openaiChat(request, id) {
  const response = responseTo(request);
  const head = { id: `chatcmpl-mock-${id}`, created: Math.floor(Date.now() / 1000), model: request.model };
  if (!request.stream) {
    const message = { role: "assistant", content: response.text, refusal: null };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: "stop" }];
    return whole({ ...head, object: "chat.completion", choices, usage: openaiUsage(response) });
  }
  const asksUsage = request.stream_options?.include_usage === true;
  const chunk = (choices, usage = null) => {
    const event = { ...head, object: "chat.completion.chunk", choices };
    return [null, asksUsage ? { ...event, usage } : event];
  };
  const delta = (value, reason = null) => chunk([{ index: 0, delta: value, logprobs: null, finish_reason: reason }]);
  const events = [delta({ role: "assistant", content: "" }), ...response.words.map((word) => delta({ content: word }))];
  if (request.model === "error-cut") return { ...stream(events), isCut: true };
  events.push(delta({}, "stop"));
  if (asksUsage) events.push(chunk([], openaiUsage(response)));
  return stream(events, "data: [DONE]\n\n");
}

function openaiEmbeddings(request) {
  const inputs = Array.isArray(request.input) ? request.input : [request.input ?? ""];
  const data = inputs.map((_, index) => ({ object: "embedding", index, embedding: [0.1, -0.2, 0.3] }));
  const tokens = Math.ceil(Buffer.byteLength(JSON.stringify(inputs)) / 4);
  return whole({ object: "list", data, model: request.model, usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

function openaiModels() {
  return whole({ object: "list", data: MODELS.map((id) => ({ id, object: "model", created: 0, owned_by: "mock" })) });
}

/** The events of the Responses API that its clients wait for, around the deltas of one text. */
function openaiResponse(request, id) {
  const { text, words, input, output } = responseTo(request);
  const usage = {
    ...{ input_tokens: input, input_tokens_details: { cached_tokens: 0 } },
    ...{ output_tokens: output, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: input + output },
  };
  const created = { id: `resp_mock_${id}`, object: "response", created_at: Math.floor(Date.now() / 1000), model: request.model };
  const settings = {
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    metadata: {},
    parallel_tool_calls: true,
  };
  const open = { ...created, ...settings, status: "in_progress", output: [], tool_choice: "auto", tools: [], usage: null };
  const part = (value) => ({ type: "output_text", text: value, annotations: [], logprobs: [] });
  const item = (status, content) => ({ id: `msg_mock_${id}`, type: "message", role: "assistant", status, content });
  const done = item("completed", [part(text)]);
  const closed = { ...open, status: "completed", output: [done], usage };
  if (!request.stream) return whole(closed);
  const where = { item_id: done.id, output_index: 0, content_index: 0 };
  const events = [
    { type: "response.created", response: open },
    { type: "response.in_progress", response: open },
    { type: "response.output_item.added", output_index: 0, item: item("in_progress", []) },
    { type: "response.content_part.added", ...where, part: part("") },
    ...words.map((delta) => ({ type: "response.output_text.delta", ...where, delta, logprobs: [] })),
    { type: "response.output_text.done", ...where, text, logprobs: [] },
    { type: "response.content_part.done", ...where, part: part(text) },
    { type: "response.output_item.done", output_index: 0, item: done },
    { type: "response.completed", response: closed },
  ];
  return stream(events.map((event, sequence_number) => [event.type, { ...event, sequence_number }]));
}

// ---------------------------------------------------------------- Anthropic and Gemini

function anthropicMessages(request, id) {
  const response = responseTo(request);
  const message = { id: `msg_mock_${id}`, type: "message", role: "assistant", model: request.model, stop_sequence: null };
  if (!request.stream) {
    const usage = { input_tokens: response.input, output_tokens: response.output };
    return whole({ ...message, content: [{ type: "text", text: response.text }], stop_reason: "end_turn", usage });
  }
  const event = (type, fields) => [type, { type, ...fields }];
  const start = { ...message, content: [], stop_reason: null, usage: { input_tokens: response.input, output_tokens: 1 } };
  return stream([
    event("message_start", { message: start }),
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    ...response.words.map((text) => event("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
    event("content_block_stop", { index: 0 }),
    event("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: response.output } }),
    event("message_stop", {}),
  ]);
}

function geminiGenerate(request, model, isStream) {
  const response = responseTo(request);
  const usageMetadata = {
    promptTokenCount: response.input,
    candidatesTokenCount: response.output,
    totalTokenCount: response.input + response.output,
  };
  const part = (text, finishReason) => ({
    candidates: [{ index: 0, content: { role: "model", parts: [{ text }] }, ...(finishReason && { finishReason }) }],
    modelVersion: model,
    usageMetadata,
  });
  if (!isStream) return whole(part(response.text, "STOP"));
  const last = response.words.length - 1;
  return stream(response.words.map((word, index) => [null, part(word, index === last ? "STOP" : undefined)]));
}

function geminiEmbeddings(request) {
  const values = [0.1, -0.2, 0.3];
  return whole(request.requests ? { embeddings: request.requests.map(() => ({ values })) } : { embedding: { values } });
}

// ---------------------------------------------------------------- server

function failure(status, message) {
  const type = ERROR_TYPES[status] ?? "server_error";
  return whole({ error: { message, type, param: null, code: null } }, status, status === 429 ? { "retry-after": "1" } : {});
}

/** Ends of paths, and who answers a POST there. */
const SERVED = [
  ["/chat/completions", openaiChat],
  ["/responses", openaiResponse],
  ["/responses/input_tokens", (request) => whole({ object: "response.input_tokens", input_tokens: responseTo(request).input })],
  ["/embeddings", openaiEmbeddings],
  ["/messages", anthropicMessages],
  ["/messages/count_tokens", (request) => whole({ input_tokens: responseTo(request).input })],
  [":generateContent", (request, _id, model) => geminiGenerate(request, model, false)],
  [":streamGenerateContent", (request, _id, model) => geminiGenerate(request, model, true)],
  [":countTokens", (request) => whole({ totalTokens: responseTo(request).input })],
  [":embedContent", geminiEmbeddings],
  [":batchEmbedContents", geminiEmbeddings],
];

/** The reply for one request; `model` is the body's or, for Gemini, the path's. */
export function replyFor(method, path, request, model, id) {
  const forced = /^error-([45]\d\d)$/.exec(model ?? "");
  if (forced) return failure(Number(forced[1]), `mock error for model ${model}`);
  if (method === "GET" && path.endsWith("/models")) return openaiModels();
  if (method !== "POST") return failure(404, `no ${method} ${path} here`);
  const found = SERVED.find(([end]) => path.endsWith(end));
  return found ? found[1](request, id, model) : failure(404, `no ${method} ${path} here`);
}

/** The body as an object; null when it is no JSON object or too large. An absent body is {}. */
async function readJson(incoming) {
  const parts = [];
  let size = 0;
  for await (const part of incoming) {
    size += part.length;
    if (size <= MAX_BODY_BYTES) parts.push(part);
  }
  if (size === 0) return {};
  try {
    const parsed = size > MAX_BODY_BYTES ? null : JSON.parse(Buffer.concat(parts).toString());
    return typeof parsed === "object" && !Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

export function eventText(name, data) {
  return `${name ? `event: ${name}\n` : ""}data: ${JSON.stringify(data)}\n\n`;
}

async function send(outgoing, reply) {
  if (!reply.events) {
    const body = JSON.stringify(reply.body);
    outgoing.writeHead(reply.status, { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...reply.headers });
    outgoing.end(body);
    return;
  }
  outgoing.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  for (const [name, data] of reply.events) {
    if (outgoing.destroyed) return;
    outgoing.write(eventText(name, data));
    await sleep(GAP_MS);
  }
  if (reply.isCut) outgoing.destroy();
  else outgoing.end(reply.last);
}

/**
 * Starts the mock and resolves once it listens. `close()` ends it together with its connections.
 * @param {{ port?: number, host?: string, log?: (line: string) => void }} options port 0 takes a free one
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 */
export async function startMock({ port = 9080, host = "127.0.0.1", log = console.log } = {}) {
  let count = 0;
  const server = createServer(async (incoming, outgoing) => {
    const started = Date.now();
    const id = ++count;
    const path = new URL(incoming.url, "http://mock").pathname;
    try {
      const request = await readJson(incoming);
      const model = request?.model ?? /\/models\/([^/:]+):/.exec(path)?.[1];
      const reply = request ? replyFor(incoming.method, path, request, model, id) : failure(400, "the body is not a JSON object");
      outgoing.once("close", () => {
        const what = `model=${model ?? "-"} stream=${reply.events !== undefined} ${reply.status}`;
        log(`mock: ${incoming.method} ${path} ${what} ${Date.now() - started} ms${outgoing.writableFinished ? "" : " (cut off)"}`);
      });
      await send(outgoing, reply);
    } catch (error) {
      log(`mock: ${incoming.method} ${path} failed: ${error.message}`);
      outgoing.destroy();
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: server.address().port, close };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.argv[2] ?? process.env.PORT ?? 9080);
  const mock = await startMock({ port, host: process.env.HOST ?? "127.0.0.1" });
  console.log(`mock: listening on port ${mock.port}`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => mock.close().then(() => process.exit(0)));
}
