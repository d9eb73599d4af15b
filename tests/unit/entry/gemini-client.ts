// Test entry: the translator for clients of Gemini's API behind functions that take and return ArrayBuffers.

import "../../../assembly/host/abort";
import { Buffer } from "../../../assembly/bytes/buffer";
import { View } from "../../../assembly/bytes/view";
import { GeminiClientTranslator } from "../../../assembly/dialect/from-gemini/translator";
import { TranslateContext } from "../../../assembly/dialect/translator";
import { ReasoningMode } from "../../../assembly/model/reasoning-mode";

let context: TranslateContext = new TranslateContext();
let current: GeminiClientTranslator = new GeminiClientTranslator(context);

/** Starts an exchange. flags: 1 stream as a list, 2 strict server, 4 no allowed_tools, 8 takes a budget, 16 takes no effort none, 32 chained, 64 in the conversation form. */
export function begin(model: ArrayBuffer, stream: bool, reasoningMode: i32, flags: i32): void {
  context = new TranslateContext();
  context.model = View.of(model);
  context.stream = stream;
  context.nonce = 84;
  context.options.reasoningMode = <ReasoningMode>reasoningMode;
  context.isConversation = (flags & 64) != 0;
  current = new GeminiClientTranslator(context);
  current.settings.streamsList = (flags & 1) != 0;
  current.settings.keepExtras = (flags & 2) == 0;
  current.settings.keepReasoning = (flags & 2) == 0;
  current.settings.takesAllowedTools = (flags & 4) == 0;
  current.settings.takesBudget = (flags & 8) != 0;
  current.settings.isChat = (flags & 32) == 0;
  current.settings.takesNoEffort = (flags & 16) == 0;
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

/** The client's answer, or `!`. */
export function response(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  const done = current.response(View.of(body), out);
  spoil(body);
  return done ? bytes(out) : String.UTF8.encode("!");
}

/** The client's stream for a whole answer, or `!`. */
export function wholeAsStream(body: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  return current.wholeAsStream(View.of(body), out) ? bytes(out) : String.UTF8.encode("!");
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

export function held(): i32 {
  return current.heldBytes;
}
