// What the Bedrock tests share: requests, responses and streams through the compiled translator.
import { expect } from "vitest";
import { event, exception } from "./aws-frames";
import { loadUnits, type Units } from "./units";

let units: Units;

/** Each test file compiles an entry of its own: files run side by side and must not write one module. */
export const load = (entry: "bedrock" | "bedrock-request") => {
  units = loadUnits(entry);
  return units;
};

export interface Options {
  model?: string;
  stream?: boolean;
  usage?: boolean;
  /** 0 pass, 1 ignore, 2 concat. */
  reasoning?: number;
  embeddings?: boolean;
  additional?: string;
  cache?: [retention: string, system: boolean, lastUser: boolean, last: boolean];
}

export const CLAUDE = "anthropic.claude-3-7-sonnet-20250219-v1:0";

export const start = ({ model = "m.x", stream = false, usage = false, reasoning = 0, embeddings = false, ...more }: Options = {}) => {
  units.exports.start(units.put(model), Number(stream), Number(usage), reasoning, Number(embeddings));
  if (more.additional !== undefined) units.exports.additional(units.put(more.additional));
  if (more.cache) units.exports.cache(units.put(more.cache[0]), ...more.cache.slice(1).map(Number));
};

export const text = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));

export const requestText = (body: unknown, options: Options = {}) => {
  start(options);
  return units.text(units.exports.request(units.put(text(body))));
};

/** The upstream body for a chat request; messages and model are filled in. */
export const request = (body: Record<string, unknown> = {}, options: Options = {}) => {
  const out = requestText({ model: "client", messages: [{ role: "user", content: "ping" }], ...body }, options);
  if (out.startsWith("!")) throw new Error(`refused: ${out}`);
  return JSON.parse(out);
};

/** The parameter that a refusal names. */
export const refusal = (body: Record<string, unknown>, options: Options = {}) => {
  const out = requestText({ messages: [{ role: "user", content: "ping" }], ...body }, options);
  expect(out[0]).toBe("!");
  const [problem, param] = out.slice(1).split("|");
  expect(problem.length).toBeGreaterThan(10);
  return param;
};

export const messages = (list: unknown[], options: Options = {}) => request({ messages: list }, options).messages;

/** The refused parameter for one user message with this content. */
export const refusedContent = (content: unknown) => refusal({ messages: [{ role: "user", content }] });

export const path = (options: Options, body: unknown = { messages: [{ role: "user", content: "x" }] }) => {
  requestText(body, options);
  return units.text(units.exports.path());
};

export const converseResponse = (content: unknown, more: Record<string, unknown> = {}) => ({
  output: { message: { role: "assistant", content } },
  stopReason: "end_turn",
  usage: { inputTokens: 9, outputTokens: 3, totalTokens: 12 },
  metrics: { latencyMs: 5 },
  ...more,
});

export const responseText = (body: unknown, options: Options = {}) => {
  start(options);
  return units.text(units.exports.response(units.put(text(body))));
};

export const response = (body: unknown, options: Options = {}) => {
  const out = responseText(body, options);
  if (out === "!") throw new Error("not understood");
  return JSON.parse(out);
};

export const error = (status: number, body: unknown) => {
  start();
  return JSON.parse(units.text(units.exports.error(status, units.put(text(body))))).error;
};

/** input, output, total, cached, cache write, id, model. */
export const counts = () => units.text(units.exports.counts()).split(",");

export type Event = [type: string, data: unknown];

export const frames = (events: Event[]) =>
  Buffer.concat(events.map(([type, data]) => (type.endsWith("Exception") ? exception(type, data) : event(type, data))));

/** The whole client stream for upstream bytes that arrive in the given pieces. */
export const streamBytes = (pieces: Uint8Array[], options: Options = {}) => {
  start({ stream: true, usage: true, ...options });
  let out = "";
  const decoder = new TextDecoder();
  const add = (pointer: number) => (out += decoder.decode(units.get(pointer), { stream: true }));
  for (const piece of pieces) add(units.exports.chunk(units.put(piece)));
  add(units.exports.end());
  return out;
};

export const parse = (out: string) =>
  out
    .split("\n\n")
    .slice(0, -1)
    .map((block) => {
      expect(block.startsWith("data: ")).toBe(true);
      return block === "data: [DONE]" ? "[DONE]" : JSON.parse(block.slice(6));
    });

export const stream = (events: Event[], options: Options = {}) => parse(streamBytes([frames(events)], options));

/** The deltas of a parsed stream that hold something. */
export const deltas = (chunks: any[]) =>
  chunks.flatMap((chunk) => (chunk.choices ?? []).map((choice: any) => choice.delta)).filter((delta) => Object.keys(delta).length > 0);

export const reasons = (chunks: any[]) =>
  chunks.flatMap((chunk) => (chunk.choices ?? []).map((choice: any) => choice.finish_reason)).filter(Boolean);

export const messageStart: Event = ["messageStart", { role: "assistant" }];
export const blockStart = (contentBlockIndex: number, start: unknown): Event => ["contentBlockStart", { contentBlockIndex, start }];
export const delta = (contentBlockIndex: number, value: unknown): Event => ["contentBlockDelta", { contentBlockIndex, delta: value }];
export const blockStop = (contentBlockIndex: number): Event => ["contentBlockStop", { contentBlockIndex }];
export const messageStop = (stopReason: string): Event => ["messageStop", { stopReason }];
export const metadata = (usage: unknown = { inputTokens: 7, outputTokens: 1, totalTokens: 8 }): Event => [
  "metadata",
  { usage, metrics: { latencyMs: 5 } },
];
export const toolStart = (index: number, toolUseId: string, name: string): Event => blockStart(index, { toolUse: { toolUseId, name } });
export const toolInput = (index: number, input: string): Event => delta(index, { toolUse: { input } });
export const reasoning = (index: number, value: unknown): Event => delta(index, { reasoningContent: value });
