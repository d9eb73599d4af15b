// Test entry of the Gemini dialect: one exchange at a time, bytes in and bytes out.

import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { GeminiEmbeddings } from "../../../assembly/dialect/gemini/embeddings";
import { GeminiTranslator } from "../../../assembly/dialect/gemini/translator";
import { parseNumber } from "../../../assembly/dialect/gemini/vector";
import { TranslateContext, Translator } from "../../../assembly/dialect/translator";
import { SseFramer, SseSink } from "../../../assembly/sse/framer";

let context: TranslateContext = new TranslateContext();
let translator: Translator = new GeminiTranslator(context);

function bytesOf(out: Buffer): ArrayBuffer {
  const buffer = new ArrayBuffer(out.length);
  memory.copy(changetype<usize>(buffer), out.ptr, <usize>out.length);
  return buffer;
}

/** A new exchange: `flags` bit 0 stream, bit 1 include usage, bit 2 embeddings. */
export function begin(flags: i32, model: ArrayBuffer, reasoningMode: i32, thinkingBudget: i64): void {
  context = new TranslateContext();
  context.stream = (flags & 1) != 0;
  context.includeUsage = (flags & 2) != 0;
  context.model = View.of(model).copy();
  context.now = 1700000000;
  context.nonce = 0xabcdef;
  context.options.reasoningMode = reasoningMode;
  context.options.thinkingBudget = thinkingBudget;
  translator = (flags & 4) != 0 ? <Translator>new GeminiEmbeddings(context) : <Translator>new GeminiTranslator(context);
}

export function addSafety(text: ArrayBuffer): void {
  context.options.safetySettings.push(View.of(text).copy());
}

export function setVersion(text: ArrayBuffer): void {
  context.options.apiVersion = View.of(text).copy();
}

export function setProject(text: ArrayBuffer): void {
  context.options.projectId = View.of(text).copy();
}

/** The upstream body, or `!param|problem`. */
export function request(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  if (translator.request(View.of(body), out)) return bytesOf(out);
  return String.UTF8.encode("!" + translator.problemParam + "|" + translator.problem);
}

export function path(): ArrayBuffer {
  const out = new Buffer();
  translator.path(out);
  return bytesOf(out);
}

/** The client's body, or `!`. */
export function response(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  return translator.response(View.of(body), out) ? bytesOf(out) : String.UTF8.encode("!");
}

export function event(data: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  translator.event(View.empty(), View.of(data), out);
  return bytesOf(out);
}

export function end(): ArrayBuffer {
  const out = new Buffer();
  translator.end(out);
  return bytesOf(out);
}

export function error(status: i32, body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  translator.error(status, View.of(body), out);
  return bytesOf(out);
}

/** input,output,total,cached,reasoning */
export function usage(): ArrayBuffer {
  const u = translator.usage;
  return String.UTF8.encode(`${u.input},${u.output},${u.total},${u.cachedInput},${u.reasoning}`);
}

/** What the logs are told: model and id. */
export function seen(): ArrayBuffer {
  return String.UTF8.encode(translator.responseModel.toString() + "|" + translator.responseId.toString());
}

export function number(text: ArrayBuffer): f64 {
  return parseNumber(View.of(text));
}

/** Frees what earlier calls made; call between exchanges only. */
export function collect(): void {
  __collect();
}

/** Hands whole events to the translator, as the pipeline does. */
class Events extends SseSink {
  out: Buffer = new Buffer();
  private gathered: Buffer = new Buffer();

  data(view: View, start: i32, end: i32): void {
    this.gathered.range(view, start, end);
  }

  dataBreak(): void {
    this.gathered.byte(0x0a);
  }

  eventName(view: View, start: i32, end: i32): void {}

  eventEnd(offset: i32): void {
    translator.event(View.empty(), this.gathered.toView(), this.out);
    this.gathered.clear();
  }

  blockEnd(offset: i32): void {
    this.gathered.clear();
  }
}

/** A whole event stream of bytes, fed in pieces of `size` bytes (the last may be shorter), then ended. */
export function stream(bytes: ArrayBuffer, size: i32): ArrayBuffer {
  const sink = new Events();
  const framer = new SseFramer();
  const all = View.of(bytes);
  for (let here = 0; here < all.length; here += size) framer.feed(all.slice(here, here + size).copy(), sink);
  framer.finish(sink);
  translator.end(sink.out);
  return bytesOf(sink.out);
}
