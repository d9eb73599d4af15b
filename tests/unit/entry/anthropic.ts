// The Anthropic translator with a memory interface: options are set, then bytes go in and bytes come out.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { AnthropicTranslator } from "../../../assembly/dialect/to-anthropic/translator";
import { ReasoningMode } from "../../../assembly/model/reasoning-mode";
import { TranslateContext } from "../../../assembly/dialect/translator";
import { SseFramer, SseSink } from "../../../assembly/sse/framer";

/** Hands whole events to the translator, as the pipeline does. */
class Events extends SseSink {
  out: Buffer = new Buffer(256);
  private gathered: Buffer = new Buffer(256);
  private name: Buffer = new Buffer(256);

  data(view: View, start: i32, end: i32): void {
    this.gathered.range(view, start, end);
  }

  dataBreak(): void {
    this.gathered.byte(0x0a);
  }

  eventNameStart(): void {
    this.name.clear();
  }

  eventName(view: View, start: i32, end: i32): void {
    this.name.range(view, start, end);
  }

  eventEnd(offset: i32): void {
    translator.event(this.name.toView(), this.gathered.toView(), this.out);
    this.blockEnd(offset);
  }

  blockEnd(offset: i32): void {
    this.gathered.clear();
    this.name.clear();
  }
}

let context = new TranslateContext();
let translator = new AnthropicTranslator(context);
let framer = new SseFramer();
let events = new Events();

/** A fresh exchange. */
export function start(model: ArrayBuffer, stream: bool, includeUsage: bool, reasoningMode: i32): void {
  context = new TranslateContext();
  context.model = View.of(model).copy();
  context.stream = stream;
  context.includeUsage = includeUsage;
  context.now = 1700000000;
  context.nonce = 42;
  context.options.reasoningMode = <ReasoningMode>reasoningMode;
  translator = new AnthropicTranslator(context);
  framer = new SseFramer();
  events = new Events();
}

export function bodyVersion(text: ArrayBuffer): void {
  translator.bodyVersion = View.of(text).toString();
}

function take(out: Buffer): ArrayBuffer {
  const bytes = out.toView();
  const copy = new ArrayBuffer(bytes.length);
  memory.copy(changetype<usize>(copy), bytes.ptr, <usize>bytes.length);
  return copy;
}

/** The upstream body, or `!problem|param` when it was refused. */
export function request(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  if (translator.request(View.of(body), out)) return take(out);
  return String.UTF8.encode("!" + translator.problem + "|" + translator.problemParam);
}

/** The client's body, or `!`. */
export function response(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  return translator.response(View.of(body), out) ? take(out) : String.UTF8.encode("!");
}

export function error(status: i32, body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  translator.error(status, View.of(body), out);
  return take(out);
}

export function path(): ArrayBuffer {
  const out = new Buffer(256);
  translator.path(out);
  return take(out);
}

export function event(name: ArrayBuffer, data: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  translator.event(View.of(name), View.of(data), out);
  return take(out);
}

/** One piece of the upstream stream, cut anywhere. */
export function chunk(bytes: ArrayBuffer): ArrayBuffer {
  events.out.clear();
  framer.feed(View.of(bytes), events);
  return take(events.out);
}

export function end(): ArrayBuffer {
  events.out.clear();
  framer.finish(events);
  translator.end(events.out);
  return take(events.out);
}

/** input, output, total, cached, cache write, reasoning, id, model. */
export function counts(): ArrayBuffer {
  const usage = translator.usage;
  return String.UTF8.encode(
    [usage.input, usage.output, usage.totalOrSum, usage.cachedInput, usage.cacheWrite, usage.reasoning].join(",") +
      "," +
      translator.responseId.toString() +
      "," +
      translator.responseModel.toString(),
  );
}

/** Frees everything unreachable; called when nothing is on the stack. */
export function collect(): void {
  __collect();
}
