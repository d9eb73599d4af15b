// Helpers for responses.test.ts: one exchange through the compiled translator, and a reader of a response's stream that refuses every
// event that a client of OpenAI's could not take at that place.
import { expect } from "vitest";
import { loadUnits } from "./units";

export const units = loadUnits("responses");
type Json = any;

export interface Options {
  model?: string;
  stream?: boolean;
  /** 0 passthrough, 1 ignore, 2 concat. */
  reasoningMode?: number;
  isConversation?: boolean;
  keepExtras?: boolean;
  noReasoning?: boolean;
  maxCompletionTokens?: boolean;
}

function call(name: string, ...args: (number | string | Uint8Array)[]): string {
  const pins: number[] = [];
  const raw = args.map((arg) => {
    if (typeof arg === "number") return arg;
    pins.push(units.put(arg));
    return pins[pins.length - 1];
  });
  const text = units.text(units.exports[name](...raw));
  for (const pin of pins) units.exports.__unpin(pin);
  return text;
}

export function begin(options: Options = {}): void {
  const flags =
    (options.stream ? 1 : 0) |
    (options.isConversation ? 4 : 0) |
    (options.keepExtras || options.isConversation ? 8 : 0) |
    (options.noReasoning ? 16 : 0) |
    (options.maxCompletionTokens ? 32 : 0);
  const model = units.put(options.model ?? "up");
  units.exports.begin(model, flags, options.reasoningMode ?? 0);
  units.exports.__unpin(model);
}

/** The upstream body as text, or `!param|problem`; the exchange begins with it. */
export function requestText(body: Json, options: Options = {}): string {
  begin(options);
  return call("request", typeof body === "string" ? body : JSON.stringify({ model: "c", input: "hi", ...body }));
}

/** The upstream body. */
export function request(body: Json, options: Options = {}): Json {
  const text = requestText(body, options);
  expect(text[0], text).toBe("{");
  return JSON.parse(text);
}

/** The upstream `messages` for items. */
export const conversation = (input: Json, options: Options = {}): Json => request({ input }, options).messages;

/** `param|problem` of a body that is refused. */
export function refusal(body: Json, options: Options = {}): string {
  const text = requestText(body, options);
  expect(text).toMatch(/^!.*\|[A-Za-z][^|]{10,}\.$/);
  return text.slice(1);
}

/** The response for a chat completion, or undefined. */
export function response(completion: Json, body: Json = {}, options: Options = {}): Json {
  request(body, options);
  const text = call("response", typeof completion === "string" ? completion : JSON.stringify(completion));
  return text === "!" ? undefined : JSON.parse(text);
}

/** The response for one choice. */
export const answer = (message: Json, finish: string | null = "stop", body: Json = {}, options: Options = {}): Json =>
  response({ id: "r", model: "m", choices: [{ index: 0, message, finish_reason: finish }] }, body, options);

export const errorText = (status: number, body: string): string => call("error", status, body);
export const upstreamPath = (): string => call("path");
export const seen = (): string => call("seen");
export const usageSeen = (): string => call("usage");
export const heldBytes = (): number => units.exports.heldBytes();
/** An envelope of a kind (conversation/seal.ts): 1 Anthropic, 2 Google, 3 of an empty text, 4 of a thought. */
export const seal = (kind: number, payload: string): string => JSON.parse(call("seal", kind, payload));

/** One chunk of a chat stream. */
export const chunk = (delta: Json, finish: string | null = null, extra: Json = {}): Json => ({
  id: "r",
  object: "chat.completion.chunk",
  model: "m",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...extra,
});

export const usageChunk = (prompt: number, completion: number, extra: Json = {}): Json => ({
  id: "r",
  model: "m",
  choices: [],
  usage: { prompt_tokens: prompt, completion_tokens: completion, ...extra },
});

export const tool = (
  index: number | undefined,
  id: string | undefined,
  name: string | undefined,
  args?: string,
  more: Json = {},
): Json => ({
  tool_calls: [{ index, id, type: "function", function: { name, arguments: args }, ...more }],
});

/** Chunks as the bytes of a stream. */
export const sse = (chunks: Json[]): string =>
  chunks.map((data) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`).join("");

/** The client's stream for bytes that come in pieces of `size`. */
export function streamText(bytes: string, size: number, body: Json = {}, options: Options = {}): string {
  request({ stream: true, ...body }, { stream: true, ...options });
  return call("stream", bytes, size);
}

export const stream = (chunks: Json[], body: Json = {}, options: Options = {}): Told =>
  readStream(streamText(sse(chunks), 1 << 20, body, options));

/** The client's stream for a whole upstream body. */
export function wholeAsStream(completion: Json, body: Json = {}): Told {
  request({ stream: true, ...body }, { stream: true });
  return readStream(call("wholeAsStream", JSON.stringify(completion)));
}

export interface Told {
  names: string[];
  events: Json[];
  /** The response of the last event. */
  response: Json;
  error: Json;
}

const need: (condition: boolean, what: string) => asserts condition = (condition, what) => {
  if (!condition) throw new Error(what);
};

/** How the text events of a part are called, its index, and the member that holds its text. */
const TEXTS: Record<string, [string, string, string]> = {
  output_text: ["output_text", "content_index", "text"],
  refusal: ["refusal", "content_index", "refusal"],
  summary_text: ["reasoning_summary_text", "summary_index", "text"],
  reasoning_text: ["reasoning_text", "content_index", "text"],
};
const CALLS: Record<string, [string, string]> = {
  function_call: ["function_call_arguments", "arguments"],
  custom_tool_call: ["custom_tool_call_input", "input"],
};

interface Track {
  item: Json;
  parts: Json[];
  open: Json;
  text: string;
  isDone: boolean;
  annotations: Json[];
}

/** Where the parts of an item stand in it. */
const partsOf = (item: Json): Json[] => (item.type === "reasoning" ? (item.content ?? item.summary) : item.content);

/** Puts a stream together; throws on any event that is out of place or says another thing than those before it. */
export function readStream(text: string): Told {
  const told: Told = { names: [], events: [], response: undefined, error: undefined };
  const tracks: Track[] = [];
  let last = "";
  need(text.endsWith("\n\n"), "the last event is not ended");
  for (const part of text.split("\n\n").slice(0, -1)) {
    const match = /^event: ([\w.]+)\ndata: (\{.*\})$/.exec(part);
    need(match !== null, "not an event: " + part);
    const data = JSON.parse(match[2]);
    need(data.type === match[1], "name and type differ: " + part);
    need(data.sequence_number === told.events.length, "the number is not the next one: " + part);
    need(!/^response\.(completed|incomplete|failed)$/.test(last), "an event after the end: " + part);
    const name = (last = data.type.replace(/^error$/, "response.error"));
    told.names.push(name.replace("response.", ""));
    told.events.push(data);
    readEvent(told, tracks, data, part);
  }
  need(/^response\.(completed|incomplete|failed)$/.test(last), "the stream has no end: " + told.names.join());
  return told;
}

function readEvent(told: Told, tracks: Track[], data: Json, part: string): void {
  const count = told.events.length;
  if (data.type === "response.created" || data.type === "response.in_progress") {
    need(count === (data.type === "response.created" ? 1 : 2), "out of place: " + part);
    need(data.response.status === "in_progress" && data.response.output.length === 0, "it holds something: " + part);
    told.response = data.response;
    return;
  }
  need(count > 2, "before response.in_progress: " + part);
  if (data.type === "error") {
    need(typeof data.message === "string" && data.param === null, "no error: " + part);
    told.error = data;
    return;
  }
  if (/^response\.(completed|incomplete|failed)$/.test(data.type)) {
    need(data.type === "response." + data.response.status, "status and name differ: " + part);
    if (data.response.status !== "failed")
      need(
        tracks.every((track) => track.isDone),
        "an item is not done: " + part,
      );
    expect(data.response.output).toEqual(tracks.filter((track) => track.isDone).map((track) => track.item));
    const { output: _output, status: _status, usage: _usage, error: _error, incomplete_details: _details, ...rest } = data.response;
    expect(told.response).toMatchObject(rest);
    told.response = data.response;
    return;
  }
  if (data.type === "response.output_item.added") {
    need(data.output_index === tracks.length, "an item out of place: " + part);
    need(
      tracks.every((track) => track.item.id !== data.item.id),
      "an id twice: " + part,
    );
    tracks.push({ item: data.item, parts: [], open: undefined, text: "", isDone: false, annotations: [] });
    return;
  }
  const track = tracks[data.output_index];
  need(track !== undefined && !track.isDone, "no such item: " + part);
  if (data.type === "response.output_item.done") finishItem(track, data.item, part);
  else {
    need(data.item_id === track.item.id, "another item's id: " + part);
    if (track.item.call_id !== undefined) readCallEvent(track, data, part);
    else readPartEvent(track, data, part);
  }
}

function finishItem(track: Track, item: Json, part: string): void {
  need(track.open === undefined, "a part is open: " + part);
  need(item.id === track.item.id && item.type === track.item.type && item.call_id === track.item.call_id, "another item: " + part);
  if (item.call_id === undefined) expect(partsOf(item)).toEqual(track.parts);
  else if (CALLS[item.type]) expect(item[CALLS[item.type][1]]).toBe(track.text);
  track.item = item;
  track.isDone = true;
}

function readCallEvent(track: Track, data: Json, part: string): void {
  const [stem, member] = CALLS[track.item.type] ?? [];
  if (data.type === `response.${stem}.delta`) track.text += data.delta;
  else {
    need(data.type === `response.${stem}.done`, "not an event of this call: " + part);
    expect(data[member]).toBe(track.text);
  }
}

function readPartEvent(track: Track, data: Json, part: string): void {
  const isSummary = data.type.includes("summary");
  need(data[isSummary ? "summary_index" : "content_index"] === track.parts.length, "another part's index: " + part);
  if (/part\.added$/.test(data.type)) {
    need(track.open === undefined && TEXTS[data.part.type] !== undefined, "a part out of place: " + part);
    need((data.part.type === "summary_text") === isSummary, "a part's event of another kind: " + part);
    track.open = data.part;
    track.text = "";
    track.annotations = [];
    return;
  }
  need(track.open !== undefined, "no part is open: " + part);
  const [stem, index, member] = TEXTS[track.open.type];
  need(data[index] !== undefined, "no index: " + part);
  if (data.type === `response.${stem}.delta`) track.text += data.delta;
  else if (data.type === `response.${stem}.done`) expect(data[member]).toBe(track.text);
  else if (data.type === "response.output_text.annotation.added") {
    need(data.annotation_index === track.annotations.length, "an annotation out of place: " + part);
    track.annotations.push(data.annotation);
  } else {
    need(/part\.done$/.test(data.type), "not an event of this part: " + part);
    need(data.part.type === track.open.type && data.part[member] === track.text, "another text: " + part);
    expect(data.part.annotations ?? []).toEqual(track.annotations);
    track.parts.push(data.part);
    track.open = undefined;
  }
}
