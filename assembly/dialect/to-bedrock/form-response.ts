// A whole Converse response in the conversation form: its blocks in order.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { innerMember, innerOf } from "../conversation/inner";
import { TurnWriter } from "../conversation/turn-writer";
import { citationsOf } from "./citations";
import { isServerTool } from "./tool-blocks";

/** Writes the blocks of the list `content`. Blocks of tools that Bedrock ran itself have no counterpart. */
export function writeBlocks(turn: TurnWriter, out: Buffer, doc: JsonDocument, content: i32): void {
  for (let block = doc.first(content); block != NONE; block = doc.next(block)) writeBlock(turn, out, doc, block);
}

function writeBlock(turn: TurnWriter, out: Buffer, doc: JsonDocument, block: i32): void {
  const text = doc.get(block, "text");
  const use = doc.get(block, "toolUse");
  const reasoning = doc.get(block, "reasoningContent");
  if (doc.isString(text)) turn.text(innerOf(doc, text));
  else if (doc.isObject(use)) {
    if (isServerTool(doc, use)) return;
    turn.beginCall(innerMember(doc, use, "toolUseId"), innerMember(doc, use, "name"));
    const input = doc.get(use, "input");
    if (doc.isSet(input)) writeInner(out, doc.raw(input));
    else out.ascii("{}");
    turn.endCall();
    turn.closeCall();
  } else if (doc.isObject(reasoning)) {
    const redacted = innerMember(doc, reasoning, "redactedContent");
    const thought = doc.get(reasoning, "reasoningText");
    if (redacted.length != 0) turn.redacted(redacted);
    else turn.thinking(innerMember(doc, thought, "text"), innerMember(doc, thought, "signature"));
  } else writeCited(turn, out, doc, doc.get(block, "citationsContent"));
}

/** Text with citations comes in a block of its own kind. */
function writeCited(turn: TurnWriter, out: Buffer, doc: JsonDocument, cited: i32): void {
  if (doc.first(doc.get(cited, "content")) == NONE) return;
  turn.beginPart();
  out.ascii('{"type":"text","text":"');
  for (let item = doc.first(doc.get(cited, "content")); item != NONE; item = doc.next(item)) out.view(innerMember(doc, item, "text"));
  out.byte(Ascii.Quote);
  const citations = citationsOf(doc, doc.first(doc.get(cited, "citations")));
  if (citations.length != 0) {
    out.put(',"citations":', citations);
  }
  out.byte(Ascii.RightBrace);
}

/** The value of `anthropic_message` for reasons that chat has no word for: `stop_sequence`, `model_context_window_exceeded`. */
export function ownReason(doc: JsonDocument): View {
  const reason = doc.root("stopReason");
  if (!doc.textIn(reason, "stop_sequence model_context_window_exceeded")) return View.empty();
  const sequence = doc.get(doc.root("additionalModelResponseFields"), "stop_sequence");
  const own = new Buffer(64);
  own.wrap('{"stop_reason":', doc.raw(reason), ',"stop_sequence":');
  if (doc.isString(sequence)) own.view(doc.raw(sequence));
  else own.ascii("null");
  own.ascii("}");
  return own.toView();
}
