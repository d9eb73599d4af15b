// Helpers for gemini-client.test.ts: one exchange through the compiled translator, and what a client makes of its answer.
import { loadUnits } from "./units";

export const units = loadUnits("gemini-client");

export interface Options {
  model?: string;
  stream?: boolean;
  /** 0 passthrough, 1 ignore, 2 concat. */
  reasoningMode?: number;
  list?: boolean;
  strict?: boolean;
  noAllowedTools?: boolean;
  budget?: boolean;
  noNone?: boolean;
  /** Another translator stands behind this one. */
  chained?: boolean;
  /** … and both know the conversation form. */
  form?: boolean;
}

type Bytes = string | Uint8Array;
type Json = any;

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
  const { list, strict, noAllowedTools, budget, noNone, chained, form } = options;
  const flags = [list, strict, noAllowedTools, budget, noNone, chained, form].reduce((sum, on, bit) => sum | (on ? 1 << bit : 0), 0);
  units.exports.begin(units.put(options.model ?? "up"), options.stream ? 1 : 0, options.reasoningMode ?? 0, flags);
}

/** Frees what finished exchanges left behind. */
export function collect(): void {
  units.exports.__collect();
}

export const requestText = (body: Bytes) => call("request", body);
export const responseText = (body: Bytes) => call("response", body);
export const wholeAsStream = (body: Bytes) => call("wholeAsStream", body);
export const errorText = (status: number, body: Bytes) => call("error", status, body);
export const event = (data: Bytes, name = "") => call("event", name, data);
export const end = () => call("end");
export const held = () => units.exports.held();

const PING = [{ role: "user", parts: [{ text: "ping" }] }];

/** The upstream body; `contents` is a ping unless given. */
export function request(body: Json, options: Options = {}): Json {
  begin(options);
  const text = requestText(JSON.stringify({ contents: PING, ...body }));
  if (text.startsWith("!")) throw new Error(text);
  return JSON.parse(text);
}

/** The upstream `messages` for contents. */
export const messages = (contents: Json, options: Options = {}) => request({ contents }, options).messages;

/** `param|problem` of a body that is refused. */
export function refusal(body: Json): string {
  begin();
  const text = requestText(JSON.stringify({ contents: PING, ...body }));
  if (!text.startsWith("!")) throw new Error("not refused: " + text);
  return text.slice(1);
}

/** The client's answer for one message; `body` is the client's request before it. */
export function answer(message: Json, finish: string | null = "stop", options: Options = {}, body: Json = {}): Json {
  request(body, options);
  const text = responseText(JSON.stringify({ id: "r", model: "m", choices: [{ index: 0, message, finish_reason: finish }] }));
  return text === "!" ? undefined : JSON.parse(text);
}

export const partsOf = (response: Json): Json[] => response.candidates[0].content.parts;

/** One chunk of a stream, as the object. */
export const chunk = (delta: Json, finish: string | null = null, extra: Json = {}): Json => ({
  id: "r",
  model: "m",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...extra,
});

/** The responses of a stream that was read as the client reads it; throws on bytes that are none. */
export function readStream(text: string, isList: boolean): Json[] {
  if (isList) return JSON.parse(text);
  if (text !== "" && !text.endsWith("\n\n")) throw new Error("the last event is not ended");
  return text
    .split("\n\n")
    .slice(0, -1)
    .map((part) => {
      if (!part.startsWith("data: ")) throw new Error("not an event: " + part);
      return JSON.parse(part.slice(6));
    });
}

/** What the client gets for chunks (objects, or texts as they are). */
export function stream(chunks: Json[], options: Options = {}, body: Json = {}): Json[] {
  request(body, { stream: true, ...options });
  const text = chunks.map((data) => event(typeof data === "string" ? data : JSON.stringify(data))).join("") + end();
  return readStream(text, options.list ?? false);
}

/** All parts of a stream's first candidate; neighbours of text and of thought are joined, and empty texts are left out. */
export function joined(responses: Json[]): Json[] {
  const parts: Json[] = [];
  for (const part of responses.flatMap((one) => one.candidates?.flatMap((candidate: Json) => candidate.content.parts) ?? [])) {
    const last = parts.at(-1);
    if (part.text === "" && part.thoughtSignature === undefined) continue;
    const goesOn = last !== undefined && last.text !== undefined && part.text !== undefined && last.thought === part.thought;
    if (goesOn && part.thoughtSignature === undefined) last.text += part.text;
    else parts.push({ ...part });
  }
  return parts;
}
