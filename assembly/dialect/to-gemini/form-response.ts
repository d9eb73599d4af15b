// A candidate in the conversation form: its parts in order, each with its seal.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { ChunkWriter } from "../conversation/chunk-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { TurnWriter, writeGoogleSeal } from "../conversation/turn-writer";
import { imageOf } from "./candidate";
import { googleSeal } from "./signature";
import { CallIds } from "./tool-calls";

/** Writes the parts of a whole candidate. Code and its results have no place in the clients' APIs. */
export function writeParts(turn: TurnWriter, out: Buffer, doc: JsonDocument, candidate: i32, ids: CallIds, model: View): void {
  const parts = doc.get(doc.get(candidate, "content"), "parts");
  for (let part = doc.first(parts); part != NONE; part = doc.next(part)) {
    const seal = googleSeal(signature(doc, part), model);
    const call = doc.get(part, "functionCall");
    if (doc.isObject(call)) {
      const name = innerMember(doc, call, "name");
      if (name.length == 0) continue;
      turn.beginCall(callId(doc, call, ids), name);
      writeArguments(doc, call, out);
      turn.endCall(seal);
      turn.closeCall();
      continue;
    }
    const image = imageOf(doc, doc.get(part, "inlineData"));
    if (image.length != 0) turn.sealed("images", image);
    const text = innerMember(doc, part, "text");
    if (text.length == 0 && seal.length == 0) continue;
    if (doc.isTrue(doc.get(part, "thought"))) turn.thinking(text, View.empty(), seal);
    else turn.text(text, seal);
  }
}

/** Appends the chunks for the parts of one event's candidate; returns how many calls they hold. `index`: the next call's. */
export function streamParts(
  chunks: ChunkWriter,
  out: Buffer,
  doc: JsonDocument,
  candidate: i32,
  index: i32,
  ids: CallIds,
  model: View,
): i32 {
  let calls = 0;
  const parts = doc.get(doc.get(candidate, "content"), "parts");
  for (let part = doc.first(parts); part != NONE; part = doc.next(part)) {
    const seal = googleSeal(signature(doc, part), model);
    const call = doc.get(part, "functionCall");
    if (doc.isObject(call)) {
      if (innerMember(doc, call, "name").length == 0) continue;
      putMember(chunks, "tool_calls", streamedCall(doc, call, index + calls, ids, seal), out);
      calls++;
      continue;
    }
    const image = imageOf(doc, doc.get(part, "inlineData"));
    if (image.length != 0) putMember(chunks, "images", listOf(image), out);
    const text = innerMember(doc, part, "text");
    const isThought = doc.isTrue(doc.get(part, "thought"));
    if (text.length != 0 && isThought) chunks.reasoning(out, text);
    else if (text.length != 0) chunks.content(out, text);
    if (seal.length != 0) putSeal(chunks, seal, isThought, out);
  }
  return calls;
}

/** The seal of a thought ends its block; that of a text stands by itself, as the text has been told. */
function putSeal(chunks: ChunkWriter, seal: View, isThought: bool, out: Buffer): void {
  const raw = new Buffer(seal.length + 64);
  if (isThought) {
    raw.ascii('[{"type":"thinking"');
    writeGoogleSeal(raw, seal);
    raw.ascii("}]");
    putMember(chunks, "thinking_blocks", raw.toView(), out);
    return;
  }
  raw.wrap('{"google":', seal, "}");
  putMember(chunks, "extra_content", raw.toView(), out);
}

function listOf(item: View): View {
  const list = new Buffer(item.length + 2);
  list.byte(Ascii.LeftBracket);
  list.view(item);
  list.byte(Ascii.RightBracket);
  return list.toView();
}

function putMember(chunks: ChunkWriter, name: string, raw: View, out: Buffer): void {
  chunks.open(out);
  chunks.putRole(out);
  chunks.putRaw(out, name, raw);
  chunks.close(out, "");
}

function streamedCall(doc: JsonDocument, call: i32, index: i32, ids: CallIds, seal: View): View {
  const raw = new Buffer(doc.raw(call).length + seal.length + 160);
  raw.ascii('[{"index":');
  raw.integer(index);
  raw.wrap(',"id":"', callId(doc, call, ids), '","type":"function","function":{"name":"');
  raw.view(innerMember(doc, call, "name"));
  raw.ascii('","arguments":"');
  writeArguments(doc, call, raw);
  raw.ascii('"}');
  writeGoogleSeal(raw, seal);
  raw.ascii("}]");
  return raw.toView();
}

function signature(doc: JsonDocument, part: i32): View {
  const node = doc.get(part, "thoughtSignature");
  return innerOf(doc, node).length != 0 ? doc.raw(node) : View.empty();
}

/** The call's id, escaped inner bytes: Gemini's, or one of ours. */
function callId(doc: JsonDocument, call: i32, ids: CallIds): View {
  const given = innerMember(doc, call, "id");
  if (given.length != 0) return given;
  const made = new Buffer(32);
  ids.append(made);
  return made.toView();
}

function writeArguments(doc: JsonDocument, call: i32, out: Buffer): void {
  const args = doc.get(call, "args");
  if (doc.isObject(args)) writeInner(out, doc.raw(args));
  else out.ascii("{}");
}
