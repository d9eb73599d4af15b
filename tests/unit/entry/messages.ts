// Test entry: the Anthropic -> OpenAI translator behind functions that take and return ArrayBuffers.

import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { ReasoningMode } from "../../../assembly/model/reasoning-mode";
import { TranslateContext } from "../../../assembly/dialect/translator";
import { writeAnthropicError, writeAnthropicErrorEvent } from "../../../assembly/dialect/from-messages/error";
import { MessagesTranslator } from "../../../assembly/dialect/from-messages/translator";

let context: TranslateContext = new TranslateContext();
let current: MessagesTranslator = new MessagesTranslator(context);

/** Starts an exchange. flags: 1 no cache_control, 2 no reasoning in history, 4 max_completion_tokens. */
export function begin(model: ArrayBuffer, stream: bool, reasoningMode: i32, flags: i32): void {
  context = new TranslateContext();
  context.model = View.of(model);
  context.stream = stream;
  context.nonce = 84;
  context.options.reasoningMode = <ReasoningMode>reasoningMode;
  current = new MessagesTranslator(context);
  current.settings.keepCacheControl = (flags & 1) == 0;
  current.settings.keepReasoning = (flags & 2) == 0;
  current.settings.maxCompletionTokens = (flags & 4) != 0;
}

function bytes(out: Buffer): ArrayBuffer {
  return out.toView().copy().owner as ArrayBuffer;
}

/** The input as the host gives it: overwritten when the call is over, so that a view that is kept too long shows. */
function spoil(input: ArrayBuffer): void {
  memory.fill(changetype<usize>(input), 0xaa, input.byteLength);
}

/** The upstream body, or `!param|problem`. */
export function request(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  const done = current.request(View.of(body), out);
  if (!done) return String.UTF8.encode("!" + current.problemParam + "|" + current.problem);
  spoil(body);
  return bytes(out);
}

/** The client's response, or `!`. */
export function response(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  const done = current.response(View.of(body), out);
  spoil(body);
  return done ? bytes(out) : String.UTF8.encode("!");
}

export function event(name: ArrayBuffer, data: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  current.event(View.of(name), View.of(data), out);
  spoil(data);
  return bytes(out);
}

export function end(): ArrayBuffer {
  const out = new Buffer(256);
  current.end(out);
  return bytes(out);
}

export function error(status: i32, body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  current.error(status, View.of(body), out);
  return bytes(out);
}

export function ownError(status: i32, message: ArrayBuffer, asEvent: bool): ArrayBuffer {
  const out = new Buffer(256);
  const text = View.of(message).toString();
  if (asEvent) writeAnthropicErrorEvent(status, text, context.effects, out);
  else writeAnthropicError(status, text, out);
  return bytes(out);
}

/** Error events that the exchange's stream has told so far. */
export function errorEvents(): i32 {
  return context.effects.errorEvents;
}

/** What the last of them stands for. */
export function fault(): i32 {
  return context.effects.fault;
}

export function path(): ArrayBuffer {
  const out = new Buffer(256);
  current.path(out);
  return bytes(out);
}

/** Usage and names as JSON for the test. */
export function seen(): ArrayBuffer {
  const usage = current.usage;
  return String.UTF8.encode(
    `{"input":${usage.input},"output":${usage.output},"total":${usage.total},"cached":${usage.cachedInput},` +
      `"written":${usage.cacheWrite},"reasoning":${usage.reasoning},"model":"${current.responseModel.toString()}",` +
      `"id":"${current.responseId.toString()}"}`,
  );
}
