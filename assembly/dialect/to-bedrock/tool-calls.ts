// Tool calls of earlier responses as toolUse blocks, and the ids that tie results to them.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { writeHex } from "../../bytes/hex";
import { writeSafeId } from "../conversation/ids";
import { argumentsObject } from "../conversation/arguments";
import { innerOf } from "../conversation/inner";
import { CALL_WITHOUT_ID, FUNCTION_CALLS_ONLY, UNNAMED_CALL, WRONG_ARGUMENTS } from "../conversation/sentences";
import { Place, Turns } from "./turns";

/**
 * Bytes that Bedrock takes for a toolUseId, of `[a-zA-Z0-9_-]`
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html, Nov 2026; lately also `.` and
 * `:`).
 */
const MAX_ID: i32 = 64;

/**
 * Appends a tool call id in the characters and the length that Bedrock takes; ids from other providers have others (`call.0:x`,
 * signatures of several kilobytes). The same id always gives the same result, so calls and results still meet.
 */
export function writeToolUseId(out: Buffer, inner: View): void {
  if (inner.length <= MAX_ID) {
    writeSafeId(out, inner);
    return;
  }
  const hash = inner.hash();
  const bytes = new Buffer(16);
  for (let shift = 24; shift >= 0; shift -= 8) bytes.byte(<i32>((hash >> (<u32>shift)) & 0xff));
  writeSafeId(out, inner.slice(0, MAX_ID - 9));
  out.byte(Ascii.Underscore);
  writeHex(out, bytes.toView());
}

/** `function_call` and role `function` have no ids: both sides make the same one from the name. */
export function writeNamedId(out: Buffer, name: View): void {
  out.ascii("call_");
  writeSafeId(out, name.slice(0, MAX_ID - 5));
}

/** Writes the toolUse blocks of an assistant message's `tool_calls`, or of its older `function_call`. */
export function writeToolUses(turns: Turns, message: i32): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  const calls = doc.get(message, "tool_calls");
  let index = 0;
  for (let call = doc.first(calls); call != NONE; call = doc.next(call)) {
    draft.atItem(".tool_calls", index++);
    const named = doc.get(call, "function");
    if (!doc.isObject(named)) return draft.refuse(FUNCTION_CALLS_ONLY, "");
    const id = doc.get(call, "id");
    if (innerOf(doc, id).length == 0) return draft.refuse(CALL_WITHOUT_ID, ".id");
    if (!writeToolUse(turns, named, id, ".function")) return false;
  }
  draft.item = -1;
  const legacy = doc.get(message, "function_call");
  return index > 0 || !doc.isObject(legacy) || writeToolUse(turns, legacy, NONE, ".function_call");
}

/** Writes a toolUse block for `{"name","arguments"}`; `id` NONE makes one from the name. */
function writeToolUse(turns: Turns, named: i32, id: i32, leaf: string): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  const out = draft.out;
  const name = doc.get(named, "name");
  if (!doc.isString(name)) return draft.refuse(UNNAMED_CALL, leaf + ".name");
  const input = argumentsObject(doc, doc.get(named, "arguments"));
  if (input.length == 0) return draft.refuse(WRONG_ARGUMENTS, leaf + ".arguments");
  turns.begin(Place.Assistant);
  out.ascii('{"toolUse":{"toolUseId":"');
  if (id == NONE) writeNamedId(out, innerOf(doc, name));
  else writeToolUseId(out, innerOf(doc, id));
  out.wrap('","name":', doc.raw(name), ',"input":');
  out.view(input);
  out.ascii("}}");
  return true;
}
