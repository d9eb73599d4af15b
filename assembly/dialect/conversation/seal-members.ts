// Members of a chat's messages in which APIs keep what they have sealed. A seal goes back only to the API that made it
// (docs/conversation-form.md).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonCursor } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { passMember } from "../../json/member";

/** Anthropic's, OpenRouter's, OpenAI's, and Google's, which stand in calls, too. */
export const SEAL_MEMBERS: StaticArray<string> = ["thinking_blocks", "reasoning_details", "reasoning_items", "extra_content"];

/** True when the cursor is at one of SEAL_MEMBERS. */
export function isAtSeal(cursor: JsonCursor): bool {
  for (let k = 0; k < SEAL_MEMBERS.length; k++) if (cursor.keyIs(SEAL_MEMBERS[k])) return true;
  return false;
}

/** Appends the list `tool_calls`, any other value as it is, without Google's seals. */
export function writeUnsealedCalls(doc: JsonDocument, calls: i32, out: Buffer): void {
  if (!doc.isArray(calls)) return out.view(doc.raw(calls));
  out.byte(Ascii.LeftBracket);
  for (let call = doc.first(calls); call != NONE; call = doc.next(call)) {
    if (out.at(out.length - 1) == Ascii.RightBrace) out.byte(Ascii.Comma);
    out.byte(Ascii.LeftBrace);
    for (let member = doc.first(call); member != NONE; member = doc.next(member)) {
      if (doc.keyIs(member, "extra_content")) continue;
      if (out.at(out.length - 1) != Ascii.LeftBrace) out.byte(Ascii.Comma);
      passMember(doc, member, out);
    }
    out.byte(Ascii.RightBrace);
  }
  out.byte(Ascii.RightBracket);
}
