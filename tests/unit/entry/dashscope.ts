// Test entry of the DashScope dialect: one exchange at a time, bytes in and bytes out.

import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { DashScopeEmbeddings } from "../../../assembly/dialect/dashscope/embeddings";
import { DashScopeTranslator } from "../../../assembly/dialect/dashscope/translator";
import { TranslateContext, Translator } from "../../../assembly/dialect/translator";
import { HeaderList } from "../../../assembly/http/header-list";
import { EventCollector } from "../../../assembly/sse/collector";
import { SseFramer } from "../../../assembly/sse/framer";

let context: TranslateContext = new TranslateContext();
let translator: Translator = new DashScopeTranslator(context);

function bytesOf(out: Buffer): ArrayBuffer {
  const buffer = new ArrayBuffer(out.length);
  memory.copy(changetype<usize>(buffer), out.ptr, <usize>out.length);
  return buffer;
}

/** A new exchange: `flags` bit 0 stream, bit 1 include usage, bit 2 embeddings, bit 3 the operator's web search. */
export function begin(flags: i32, model: ArrayBuffer, reasoningMode: i32): void {
  context = new TranslateContext();
  context.stream = (flags & 1) != 0;
  context.includeUsage = (flags & 2) != 0;
  context.model = View.of(model).copy();
  context.now = 1700000000;
  context.nonce = 0xabcdef;
  context.options.reasoningMode = reasoningMode;
  context.options.enableSearch = (flags & 8) != 0;
  translator = (flags & 4) != 0 ? <Translator>new DashScopeEmbeddings(context) : <Translator>new DashScopeTranslator(context);
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

/** The headers beside content type and credentials, `name: value` a line. */
export function headers(): ArrayBuffer {
  const list = new HeaderList();
  translator.headers(list);
  return linesOf(list);
}

function linesOf(list: HeaderList): ArrayBuffer {
  const out = new Buffer();
  for (let k = 0; k < list.count; k++) {
    out.view(list.name(k));
    out.ascii(": ");
    out.view(list.value(k));
    out.byte(0x0a);
  }
  return bytesOf(out);
}

/** The client's body, or `!`. */
export function response(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  return translator.response(View.of(body), out) ? bytesOf(out) : String.UTF8.encode("!");
}

export function event(name: ArrayBuffer, data: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  translator.event(View.of(name), View.of(data), out);
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

/** Frees what earlier calls made; call between exchanges only. */
export function collect(): void {
  __collect();
}

/** Hands whole events to the translator, as the pipeline does. */
class Events extends EventCollector {
  out: Buffer = new Buffer();

  constructor() {
    super(1 << 20);
  }

  onEvent(name: View, data: View): void {
    translator.event(name, data, this.out);
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
