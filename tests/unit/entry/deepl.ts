// Test entry of the DeepL dialect: one exchange at a time, bytes in and bytes out.

import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { DeepLTranslator } from "../../../assembly/dialect/deepl/translator";
import { TranslateContext } from "../../../assembly/dialect/translator";
import { EventCollector } from "../../../assembly/sse/collector";
import { SseFramer } from "../../../assembly/sse/framer";

let context: TranslateContext = new TranslateContext();
let translator: DeepLTranslator = new DeepLTranslator(context);

function bytesOf(out: Buffer): ArrayBuffer {
  const buffer = new ArrayBuffer(out.length);
  memory.copy(changetype<usize>(buffer), out.ptr, <usize>out.length);
  return buffer;
}

/** A new exchange: `flags` bit 0 stream, bit 1 include usage; `setting` is the dialect's own one. */
export function begin(flags: i32, model: ArrayBuffer, setting: ArrayBuffer): void {
  context = new TranslateContext();
  context.stream = (flags & 1) != 0;
  context.includeUsage = (flags & 2) != 0;
  context.model = View.of(model).copy();
  context.now = 1700000000;
  context.nonce = 0xabcdef;
  translator = new DeepLTranslator(context);
  translator.targetLang = View.of(setting).copy();
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

/** The status that the error in the last body deserves, 0 when there was none. */
export function failedStatus(): i32 {
  return translator.failedStatus;
}

export function error(status: i32, body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  translator.error(status, View.of(body), out);
  return bytesOf(out);
}

/** input,output,total */
export function usage(): ArrayBuffer {
  const u = translator.usage;
  return String.UTF8.encode(`${u.input},${u.output},${u.total}`);
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

export function host(): ArrayBuffer {
  const out = new Buffer();
  translator.host(out);
  return bytesOf(out);
}

/** The client's stream for a whole upstream body, or `!`. */
export function wholeAsStream(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer();
  return translator.wholeAsStream(View.of(body), out) ? bytesOf(out) : String.UTF8.encode("!");
}
