// A whole Anthropic message in the conversation form: its blocks in order, and what its own members say.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { passMember } from "../../json/member";
import { writeInner } from "../../json/text";
import { FormResponse } from "../conversation/form-response";
import { innerMember } from "../conversation/inner";
import { TurnWriter } from "../conversation/turn-writer";

/** Writes the blocks of the list `content`. */
export function writeBlocks(writer: FormResponse, out: Buffer, doc: JsonDocument, content: i32): void {
  for (let block = doc.first(content); block != NONE; block = doc.next(block)) writeBlock(writer.turn, out, doc, block);
}

function writeBlock(turn: TurnWriter, out: Buffer, doc: JsonDocument, block: i32): void {
  const type = doc.get(block, "type");
  if (doc.textIs(type, "thinking")) turn.thinking(innerMember(doc, block, "thinking"), innerMember(doc, block, "signature"));
  else if (doc.textIs(type, "redacted_thinking")) turn.redacted(innerMember(doc, block, "data"));
  else if (!doc.textIs(type, "tool_use")) turn.part(doc.raw(block));
  else {
    turn.beginCall(innerMember(doc, block, "id"), innerMember(doc, block, "name"));
    const input = doc.get(block, "input");
    if (doc.isSet(input)) writeInner(out, doc.raw(input));
    else out.ascii("{}");
    turn.endCall();
    const caller = doc.get(block, "caller");
    if (doc.isSet(caller)) {
      out.put(',"caller":', doc.raw(caller));
    }
    turn.closeCall();
  }
}

/** Members of a message that stand elsewhere in the form. */
function isElsewhere(doc: JsonDocument, member: i32): bool {
  return doc.keyIn(member, "id type role model content delta");
}

/**
 * The value of `anthropic_message`: the members of `message`, and of `second` unless it is NONE, that chat has no place for, as
 * they are. Empty without any.
 */
export function ownMembers(doc: JsonDocument, message: i32, second: i32 = NONE): View {
  const raw = new Buffer(256);
  addMembers(raw, doc, message);
  if (second != NONE) addMembers(raw, doc, second);
  if (raw.length != 0) raw.byte(Ascii.RightBrace);
  return raw.toView();
}

function addMembers(raw: Buffer, doc: JsonDocument, message: i32): void {
  for (let member = doc.first(message); member != NONE; member = doc.next(member)) {
    if (isElsewhere(doc, member)) continue;
    raw.byte(raw.length == 0 ? Ascii.LeftBrace : Ascii.Comma);
    passMember(doc, member, raw);
  }
}
