// The four client APIs: the smallest request of each, and what a client makes of a response.
import type { Json } from "./answer";

export type ClientName = "chat" | "responses" | "messages" | "gemini";

export interface Client {
  name: ClientName;
  /** As people call the API. */
  title: string;
  path(isStream: boolean): string;
  /** The smallest request; `more` is laid over it, objects into objects. */
  body(isStream: boolean, more?: Json): Json;
  /** Puts the events of a stream together to what a whole response holds. */
  assemble(stream: string): Json;
  /** The body of the next turn, when the client sends back what it got, and a result for each call. */
  next(response: Json, more?: Json): Json;
  textOf(response: Json): string;
  /** Tokens of input and output. */
  tokensOf(response: Json): number[];
}

/** Objects are merged, anything else is replaced. */
export function laidOver(below: Json, above: Json): Json {
  const isObject = (value: Json) => value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isObject(below) || !isObject(above)) return above;
  const out = { ...below };
  for (const [key, value] of Object.entries(above)) out[key] = key in out ? laidOver(out[key], value) : value;
  return out;
}

export const eventsOf = (stream: string): Json[] =>
  stream
    .split(/\r?\n\r?\n/)
    .flatMap((event) => event.split(/\r?\n/).filter((line) => line.startsWith("data:")))
    .map((line) => line.slice(5).trim())
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data));

const HELLO = "Hello there.";
const RESULT = "result-of-the-call";

// ---- chat -------------------------------------------------------------------------------------------------------------

const joined = (before: Json, after: Json) => (typeof after === "string" ? (before ?? "") + after : after);

/** A list of OpenRouter's: pieces with one index are one item. */
function joinDetails(list: Json[], pieces: Json[]): void {
  for (const piece of pieces) {
    const known = list.find((one) => one.index === piece.index);
    if (!known) list.push({ ...piece });
    else
      for (const [key, value] of Object.entries(piece)) known[key] = ["text", "summary"].includes(key) ? joined(known[key], value) : value;
  }
}

function addCalls(message: Json, pieces: Json[]): void {
  message.tool_calls ??= [];
  for (const { index, function: named, ...rest } of pieces) {
    const call = (message.tool_calls[index] ??= { function: { name: "", arguments: "" } });
    for (const [key, value] of Object.entries(rest)) call[key] = value;
    for (const [key, value] of Object.entries(named ?? {})) call.function[key] = joined(call.function[key], value);
  }
}

function assembleChat(stream: string): Json {
  const message: Json = {};
  const choice: Json = { index: 0, message };
  const whole: Json = { choices: [choice] };
  for (const { choices = [], ...rest } of eventsOf(stream)) {
    Object.assign(whole, JSON.parse(JSON.stringify(rest)));
    for (const { delta = {}, finish_reason, logprobs } of choices) {
      if (finish_reason) choice.finish_reason = finish_reason;
      if (logprobs) choice.logprobs = logprobs;
      for (const [key, value] of Object.entries<Json>(delta)) {
        if (key === "tool_calls") addCalls(message, value);
        else if (key === "reasoning_details") joinDetails((message[key] ??= []), value);
        else if (Array.isArray(value)) message[key] = [...(Array.isArray(message[key]) ? message[key] : []), ...value];
        else if (key === "role") message[key] = value;
        else if (value !== null) message[key] = joined(message[key], value);
      }
    }
  }
  return whole;
}

const chat: Client = {
  name: "chat",
  title: "Chat completions",
  path: () => "/v1/chat/completions",
  body: (stream, more = {}) =>
    laidOver(
      { model: "m", messages: [{ role: "user", content: HELLO }], ...(stream ? { stream, stream_options: { include_usage: true } } : {}) },
      more,
    ),
  assemble: assembleChat,
  next: ({ choices: [choice] }, more = {}) => {
    const message = { role: "assistant", ...choice.message };
    const results = (message.tool_calls ?? []).map(({ id }: Json) => ({ role: "tool", tool_call_id: id, content: RESULT }));
    const ask = { role: "user", content: HELLO };
    return laidOver(chat.body(false, { messages: [ask, message, ...(results.length > 0 ? results : [ask])] }), more);
  },
  textOf: ({ choices }) => (typeof choices[0]?.message.content === "string" ? choices[0].message.content : ""),
  tokensOf: ({ usage }) => [usage?.prompt_tokens, usage?.completion_tokens],
};

// ---- Responses --------------------------------------------------------------------------------------------------------

const responses: Client = {
  name: "responses",
  title: "Responses",
  path: () => "/v1/responses",
  body: (stream, more = {}) => laidOver({ model: "m", input: HELLO, store: false, ...(stream ? { stream } : {}) }, more),
  assemble: (stream) => eventsOf(stream).findLast(({ response }) => response)?.response ?? {},
  next: ({ output }, more = {}) => {
    const calls = output.filter(({ type }: Json) => type === "function_call");
    const results = calls.map(({ call_id }: Json) => ({ type: "function_call_output", call_id, output: RESULT }));
    const ask = { role: "user", content: HELLO };
    return laidOver(responses.body(false, { input: [ask, ...output, ...(results.length > 0 ? results : [ask])] }), more);
  },
  textOf: ({ output = [] }) =>
    output
      .filter(({ type }: Json) => type === "message")
      .flatMap(({ content }: Json) => content)
      .map(({ text = "" }: Json) => text)
      .join(""),
  tokensOf: ({ usage }) => [usage?.input_tokens, usage?.output_tokens],
};

// ---- Messages ---------------------------------------------------------------------------------------------------------

function assembleMessages(stream: string): Json {
  let message: Json = {};
  const texts: string[] = [];
  for (const event of eventsOf(stream)) {
    if (event.type === "error") return event;
    if (event.type === "message_start") message = { ...event.message, content: [] };
    if (event.type === "content_block_start") message.content[event.index] = { ...event.content_block };
    if (event.type === "message_delta") message = { ...message, ...event.delta, usage: { ...message.usage, ...event.usage } };
    const block = message.content?.[event.index];
    if (event.type === "content_block_stop" && texts[event.index]) block.input = JSON.parse(texts[event.index]);
    if (event.type !== "content_block_delta") continue;
    const { type: _type, partial_json, citation, ...rest } = event.delta;
    if (partial_json !== undefined) texts[event.index] = (texts[event.index] ?? "") + partial_json;
    if (citation !== undefined) block.citations = [...(block.citations ?? []), citation];
    for (const [key, value] of Object.entries(rest)) block[key] = joined(block[key], value);
  }
  return message;
}

const messages: Client = {
  name: "messages",
  title: "Messages",
  path: () => "/v1/messages",
  body: (stream, more = {}) =>
    laidOver({ model: "m", max_tokens: 9000, messages: [{ role: "user", content: HELLO }], ...(stream ? { stream } : {}) }, more),
  assemble: assembleMessages,
  next: ({ content }, more = {}) => {
    const calls = content.filter(({ type }: Json) => type === "tool_use");
    const results = calls.map(({ id }: Json) => ({ type: "tool_result", tool_use_id: id, content: RESULT }));
    const ask = { role: "user", content: HELLO };
    const turns = [ask, { role: "assistant", content }, { role: "user", content: results.length > 0 ? results : HELLO }];
    return laidOver(messages.body(false, { messages: turns }), more);
  },
  textOf: ({ content = [] }) => content.map(({ text = "" }: Json) => text).join(""),
  tokensOf: ({ usage }) => [usage?.input_tokens, usage?.output_tokens],
};

// ---- Gemini -----------------------------------------------------------------------------------------------------------

/** Pieces of one text are one text, as in Gemini CLI's history; a part with a signature stands for itself. */
function addPart(parts: Json[], part: Json): void {
  const last = parts.at(-1);
  const isPiece = typeof part.text === "string" && typeof last?.text === "string" && !part.thought === !last.thought;
  if (isPiece && [part, last].every(({ thoughtSignature }) => thoughtSignature === undefined))
    Object.assign(last, part, { text: last.text + part.text });
  else parts.push({ ...part });
}

function assembleGemini(stream: string): Json {
  const whole: Json = {};
  for (const { candidates, ...rest } of eventsOf(stream)) {
    Object.assign(whole, rest);
    for (const { content, ...more } of candidates ?? []) {
      whole.candidates ??= [{ content: { role: "model", parts: [] } }];
      for (const part of content?.parts ?? []) addPart(whole.candidates[0].content.parts, part);
      Object.assign(whole.candidates[0], more);
    }
  }
  return whole;
}

const gemini: Client = {
  name: "gemini",
  title: "Gemini",
  path: (isStream) => `/v1beta/models/m:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  body: (_stream, more = {}) => laidOver({ contents: [{ role: "user", parts: [{ text: HELLO }] }] }, more),
  assemble: assembleGemini,
  next: ({ candidates: [{ content }] }, more = {}) => {
    const calls = content.parts.filter(({ functionCall }: Json) => functionCall);
    const results = calls.map(({ functionCall: { id, name } }: Json) => ({ functionResponse: { id, name, response: { output: RESULT } } }));
    const ask = { role: "user", parts: [{ text: HELLO }] };
    return laidOver({ contents: [ask, content, { role: "user", parts: results.length > 0 ? results : ask.parts }] }, more);
  },
  textOf: ({ candidates = [] }) =>
    (candidates[0]?.content?.parts ?? []).map(({ text = "", thought }: Json) => (thought ? "" : text)).join(""),
  tokensOf: ({ usageMetadata }) => [usageMetadata?.promptTokenCount, usageMetadata?.candidatesTokenCount],
};

export const CLIENTS: Client[] = [chat, responses, messages, gemini];
