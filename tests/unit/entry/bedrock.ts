// The Bedrock translator with a memory interface: options are set, then bytes go in and bytes come out.
import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { CachePointsField, ProviderField } from "../../../assembly/config/schema.gen";
import { Settings } from "../../../assembly/config/settings";
import { BedrockEmbeddings } from "../../../assembly/dialect/to-bedrock/embeddings";
import { BedrockTranslator } from "../../../assembly/dialect/to-bedrock/translator";
import { ReasoningMode } from "../../../assembly/model/reasoning-mode";
import { TranslateContext, Translator } from "../../../assembly/dialect/translator";
import { AwsEventSink, AwsEventStreamFramer, CORRUPT_STREAM } from "../../../assembly/sse/aws-event-stream";

/** Hands whole messages to the translator, as the pipeline does. */
class Events extends AwsEventSink {
  out: Buffer = new Buffer(256);

  onMessage(eventType: View, exceptionType: View, payload: View): void {
    translator.event(exceptionType.length > 0 ? exceptionType : eventType, payload, this.out);
  }

  onCorrupt(reason: string): void {
    const data = new Buffer(256);
    data.ascii('{"message":"');
    data.ascii(reason);
    data.ascii('"}');
    translator.event(View.utf8(CORRUPT_STREAM), data.toView(), this.out);
  }
}

let context = new TranslateContext();
let translator: Translator = new BedrockTranslator(context);
let framer = new AwsEventStreamFramer();
let events = new Events();

/** A fresh exchange. */
export function start(model: ArrayBuffer, stream: bool, includeUsage: bool, reasoningMode: i32, embeddings: bool): void {
  context = new TranslateContext();
  context.model = View.of(model).copy();
  context.stream = stream;
  context.includeUsage = includeUsage;
  context.now = 1700000000;
  context.nonce = 42;
  context.options.settings = new Settings();
  context.options.reasoningMode = <ReasoningMode>reasoningMode;
  translator = embeddings ? new BedrockEmbeddings(context) : new BedrockTranslator(context);
  framer = new AwsEventStreamFramer();
  events = new Events();
}

export function additional(raw: ArrayBuffer): void {
  context.options.settings.putText(ProviderField.BEDROCK_ADDITIONAL_FIELDS, View.of(raw).copy());
}

export function cache(retention: ArrayBuffer, system: bool, lastUser: bool, last: bool): void {
  const settings = context.options.settings;
  settings.putText(ProviderField.PROMPT_CACHE_RETENTION, View.of(retention).copy());
  settings.putText(ProviderField.BEDROCK_PROMPT_CACHE_POINT_POSITIONS, View.utf8("{}"));
  settings.putNumber(CachePointsField.SYSTEM_PROMPT, system ? 1 : 0);
  settings.putNumber(CachePointsField.LAST_USER_MESSAGE, lastUser ? 1 : 0);
  settings.putNumber(CachePointsField.LAST_MESSAGE, last ? 1 : 0);
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
  translator.end(events.out);
  return take(events.out);
}

/** input, output, total, cached, cache write, id, model. */
export function counts(): ArrayBuffer {
  const usage = translator.usage;
  return String.UTF8.encode(
    [usage.input, usage.output, usage.totalOrSum, usage.cachedInput, usage.cacheWrite].join(",") +
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
