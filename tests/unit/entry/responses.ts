// Test entry: the translator for clients of the Responses API behind functions that take and return ArrayBuffers.

import { View } from "../../../assembly/bytes/view";
import { ReasoningMode } from "../../../assembly/model/reasoning-mode";
import { ResponsesTranslator } from "../../../assembly/dialect/from-responses/translator";
import { SealKind, writeSeal } from "../../../assembly/dialect/conversation/seal";
import { Buffer } from "../../../assembly/bytes/buffer";
import { bytesOf, contextOf, use } from "./exchange";
export { collect, end, error, event, path, request, response, seen, stream, usage, wholeAsStream } from "./exchange";

let current: ResponsesTranslator | null = null;

/** Starts an exchange. flags: 1 stream, 4 conversation form, 8 extras, 16 no reasoning in history, 32 max_completion_tokens. */
export function begin(model: ArrayBuffer, flags: i32, reasoningMode: i32): void {
  const context = contextOf(flags & 3, model);
  context.options.reasoningMode = <ReasoningMode>reasoningMode;
  const made = new ResponsesTranslator(context);
  context.isConversation = (flags & 4) != 0;
  made.settings.keepExtras = (flags & 8) != 0;
  made.settings.keepReasoning = (flags & 16) == 0;
  made.settings.maxCompletionTokens = (flags & 32) != 0;
  current = made;
  use(made);
}

/** Bytes that the translator says it keeps. */
export function heldBytes(): i32 {
  const made = current;
  return made === null ? 0 : made.heldBytes;
}

/** An envelope for `payload`. */
export function seal(kind: i32, payload: ArrayBuffer): ArrayBuffer {
  const out = new Buffer(256);
  out.ascii('"');
  writeSeal(<SealKind>kind, View.of(payload), out);
  out.ascii('"');
  return bytesOf(out);
}
