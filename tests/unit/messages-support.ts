// Helpers for messages.test.ts: one exchange through the compiled translator, and a reader of Messages streams that
// refuses every event that a client of Anthropic's could not take at that place.
import { loadUnits } from "./units";

export const units = loadUnits("messages");

export interface Options {
  model?: string;
  stream?: boolean;
  /** 0 passthrough, 1 ignore, 2 concat. */
  reasoningMode?: number;
  noCacheControl?: boolean;
  noReasoning?: boolean;
  maxCompletionTokens?: boolean;
}

type Bytes = string | Uint8Array;

function call(name: string, ...args: (number | Bytes)[]): string {
  const pins: number[] = [];
  const raw = args.map((arg) => {
    if (typeof arg === "number") return arg;
    const pointer = units.put(arg);
    pins.push(pointer);
    return pointer;
  });
  const text = units.text(units.exports[name](...raw));
  for (const pin of pins) units.exports.__unpin(pin);
  return text;
}

export function begin(options: Options = {}): void {
  const flags = (options.noCacheControl ? 1 : 0) | (options.noReasoning ? 2 : 0) | (options.maxCompletionTokens ? 4 : 0);
  const model = units.put(options.model ?? "");
  units.exports.begin(model, options.stream ? 1 : 0, options.reasoningMode ?? 0, flags);
}

/** Frees what finished exchanges left behind. */
export function collect(): void {
  units.exports.__collect();
}

/** The upstream body as text, or `!param|problem`. */
export function requestText(body: Bytes): string {
  return call("request", body);
}

type Json = any;

/** The upstream body for an Anthropic body with model and max_tokens filled in. */
export function request(body: Json, options: Options = {}): Json {
  begin(options);
  const text = requestText(JSON.stringify({ model: "c", max_tokens: 64, messages: [], ...body }));
  if (text.startsWith("!")) throw new Error(text);
  return JSON.parse(text);
}

/** The upstream `messages` for Anthropic messages. */
export function conversation(messages: Json, options: Options = {}): Json {
  return request({ messages }, options).messages;
}

/** `param|problem` of a body that is refused. */
export function refusal(body: Json): string {
  begin();
  const text = requestText(JSON.stringify({ model: "c", max_tokens: 64, messages: [], ...body }));
  if (!text.startsWith("!")) throw new Error("not refused: " + text);
  return text.slice(1);
}

export function responseText(body: Bytes): string {
  return call("response", body);
}

export function response(body: Json, options: Options = {}): Json {
  begin(options);
  const text = responseText(JSON.stringify(body));
  return text === "!" ? undefined : JSON.parse(text);
}

/** The response for one choice. */
export function responseOf(message: Json, finish: string | null = "stop", options: Options = {}): Json {
  return response({ id: "r", model: "m", choices: [{ index: 0, message, finish_reason: finish }] }, options);
}

export function errorText(status: number, body: Bytes): string {
  return call("error", status, body);
}

export function ownError(status: number, message: string, asEvent: boolean): string {
  return call("ownError", status, message, asEvent ? 1 : 0);
}

export function upstreamPath(): string {
  return call("path");
}

export function seen(): Json {
  return JSON.parse(call("seen"));
}

export function event(data: Bytes, name = ""): string {
  return call("event", name, data);
}

export function end(): string {
  return call("end");
}

/** One chunk of a stream, as the object. */
export function chunk(delta: Json, finish: string | null = null, extra: Json = {}): Json {
  return { id: "r", object: "chat.completion.chunk", model: "m", choices: [{ index: 0, delta, finish_reason: finish }], ...extra };
}

export function usageChunk(prompt: number, completion: number, extra: Json = {}): Json {
  return { id: "r", model: "m", choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion, ...extra } };
}

export function tool(index: number | undefined, id: string | undefined, name: string | undefined, args?: string): Json {
  return { tool_calls: [{ index, id, type: "function", function: { name, arguments: args } }] };
}

/** What the client gets for chunks (objects, or texts as they are), each event's bytes apart. */
export function streamParts(chunks: Json[], options: Options = {}): string[] {
  begin({ stream: true, ...options });
  const parts = chunks.map((data) => event(typeof data === "string" ? data : JSON.stringify(data)));
  parts.push(end());
  return parts;
}

export interface Told {
  names: string[];
  events: Json[];
  /** The message as a client puts it together; content blocks with their whole text or input text. */
  message: Json;
  error: Json;
}

export function stream(chunks: Json[], options: Options = {}): Told {
  return readStream(streamParts(chunks, options).join(""));
}

function need(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

const DELTA_OF: Record<string, string> = { text: "text_delta", thinking: "thinking_delta", tool_use: "input_json_delta" };

/** Puts a stream together; throws on any event that is out of place. */
export function readStream(text: string): Told {
  const told: Told = { names: [], events: [], message: undefined, error: undefined };
  let open: Json;
  let isEnded = false;
  let hasDelta = false;
  need(text === "" || text.endsWith("\n\n"), "the last event is not ended");
  for (const part of text.split("\n\n").slice(0, -1)) {
    const match = /^event: (\w+)\ndata: (\{.*\})$/.exec(part);
    need(match !== null, "not an event: " + part);
    const [, name, json] = match as unknown as string[];
    const data = JSON.parse(json);
    need(data.type === name, "name and type differ: " + part);
    need(!isEnded, "an event after the end: " + part);
    told.names.push(name);
    told.events.push(data);
    if (name === "error") {
      told.error = data.error;
      isEnded = true;
      continue;
    }
    if (name === "message_start") {
      need(told.message === undefined, "message_start twice");
      need(data.message.content.length === 0 && data.message.usage.input_tokens >= 0, "message_start is not empty");
      told.message = data.message;
      continue;
    }
    need(told.message !== undefined, "before message_start: " + part);
    const content = told.message.content;
    if (name === "content_block_start") {
      need(open === undefined && !hasDelta && data.index === content.length, "block starts out of place: " + part);
      open = { ...data.content_block };
      if (open.type === "tool_use") open.input = "";
      content.push(open);
    } else if (name === "content_block_delta") {
      need(open !== undefined && data.index === content.length - 1, "delta out of place: " + part);
      if (data.delta.type === "signature_delta") {
        need(open.type === "thinking", "signature outside thinking");
        open.signature = data.delta.signature;
        continue;
      }
      need(data.delta.type === DELTA_OF[open.type], "delta of another kind: " + part);
      if (open.type === "text") open.text += data.delta.text;
      else if (open.type === "thinking") open.thinking += data.delta.thinking;
      else open.input += data.delta.partial_json;
    } else if (name === "content_block_stop") {
      need(open !== undefined && data.index === content.length - 1, "stop out of place: " + part);
      open = undefined;
    } else if (name === "message_delta") {
      need(open === undefined && !hasDelta, "message_delta out of place: " + part);
      hasDelta = true;
      Object.assign(told.message, data.delta, { usage: data.usage });
    } else if (name === "message_stop") {
      need(hasDelta, "message_stop without message_delta");
      isEnded = true;
    } else throw new Error("unknown event " + name);
  }
  need(isEnded, "the stream has no end: " + told.names.join());
  return told;
}
