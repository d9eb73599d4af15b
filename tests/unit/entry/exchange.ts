// One exchange of any translator, bytes in and bytes out: what the dialects' test entries have in common. An entry exports all of
// this, and a `begin` of its own that makes a context and uses its translator.

import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { Settings } from "../../../assembly/config/settings";
import { TranslateContext, Translator } from "../../../assembly/dialect/translator";
import { HeaderList } from "../../../assembly/http/header-list";
import { EventCollector } from "../../../assembly/sse/collector";
import { SseFramer } from "../../../assembly/sse/framer";

let translator: Translator | null = null;

/** What the functions below ask from now on. */
export function use(next: Translator): void {
  translator = next;
}

function used(): Translator {
  return translator!;
}

/** The context of a new exchange: `flags` bit 0 stream, bit 1 include usage. */
export function contextOf(flags: i32, model: ArrayBuffer): TranslateContext {
  const context = new TranslateContext();
  context.stream = (flags & 1) != 0;
  context.includeUsage = (flags & 2) != 0;
  context.model = View.of(model).copy();
  context.now = 1700000000;
  context.nonce = 0xabcdef;
  context.options.settings = new Settings();
  return context;
}

export function bytesOf(out: Buffer): ArrayBuffer {
  const buffer = new ArrayBuffer(out.length);
  memory.copy(changetype<usize>(buffer), out.ptr, <usize>out.length);
  return buffer;
}

/** The upstream body, or `!param|problem`. */
export function request(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  if (used().request(View.of(body), out)) return bytesOf(out);
  return String.UTF8.encode("!" + used().problemParam + "|" + used().problem);
}

export function path(): ArrayBuffer {
  const out = new Buffer(256);
  used().path(out);
  return bytesOf(out);
}

export function host(): ArrayBuffer {
  const out = new Buffer(256);
  used().host(out);
  return bytesOf(out);
}

/** The headers beside content type and credentials, `name: value` a line. */
export function headers(): ArrayBuffer {
  const list = new HeaderList();
  used().headers(list);
  return linesOf(list);
}

export function linesOf(list: HeaderList): ArrayBuffer {
  const out = new Buffer(256);
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
  const out = new Buffer(256);
  return used().response(View.of(body), out) ? bytesOf(out) : String.UTF8.encode("!");
}

/** The client's stream for a whole upstream body, or `!`. */
export function wholeAsStream(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  return used().wholeAsStream(View.of(body), out) ? bytesOf(out) : String.UTF8.encode("!");
}

/** The status that the error in the last body deserves, 0 when there was none. */
export function failedStatus(): i32 {
  return used().failedStatus;
}

export function problem(): ArrayBuffer {
  return String.UTF8.encode(used().problem);
}

export function error(status: i32, body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  used().error(status, View.of(body), out);
  return bytesOf(out);
}

export function event(name: ArrayBuffer, data: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  used().event(View.of(name), View.of(data), out);
  return bytesOf(out);
}

export function end(): ArrayBuffer {
  const out = new Buffer(256);
  used().end(out);
  return bytesOf(out);
}

/** input,output,total,cached,reasoning */
export function usage(): ArrayBuffer {
  const u = used().usage;
  return String.UTF8.encode(`${u.input},${u.output},${u.total},${u.cachedInput},${u.reasoning}`);
}

/** What the logs are told: model and id. */
export function seen(): ArrayBuffer {
  return String.UTF8.encode(used().responseModel.toString() + "|" + used().responseId.toString());
}

/** Frees what earlier calls made; call between exchanges only. */
export function collect(): void {
  __collect();
}

/** Hands whole events to the translator, as the pipeline does. */
class Events extends EventCollector {
  out: Buffer = new Buffer(256);

  constructor() {
    super(1 << 20);
  }

  onEvent(name: View, data: View): void {
    used().event(name, data, this.out);
  }
}

/** A whole event stream of bytes, fed in pieces of `size` bytes (the last may be shorter), then ended. */
export function stream(bytes: ArrayBuffer, size: i32): ArrayBuffer {
  const sink = new Events();
  const framer = new SseFramer();
  const all = View.of(bytes);
  for (let here = 0; here < all.length; here += size) framer.feed(all.slice(here, here + size).copy(), sink);
  framer.finish(sink);
  used().end(sink.out);
  return bytesOf(sink.out);
}
