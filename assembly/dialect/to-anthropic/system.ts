// System and developer messages, which Anthropic takes in a member of its own.

import { Ascii } from "../../bytes/ascii";
import { JsonDocument, NONE } from "../../json/document";
import { innerOf } from "../conversation/inner";
import { writeBlocks } from "./content";
import { Draft } from "../conversation/draft";
import { isBlankInner } from "../conversation/inner-text";
import { isSystem } from "../conversation/roles";

/**
 * Writes the `system` member: a string for one message with a string, else a list of text blocks in the order of the
 * messages, with their cache_control. Nothing when there is no text.
 */
export function writeSystem(draft: Draft, messages: i32): bool {
  const doc = draft.doc;
  const out = draft.out;
  const mark = out.length;
  const only = onlySystem(doc, messages);
  const text = doc.get(only, "content");
  if (doc.isString(text) && !doc.isSet(doc.get(only, "cache_control"))) {
    if (!isBlankInner(innerOf(doc, text))) draft.member("system", text);
    return true;
  }
  draft.key("system");
  out.byte(Ascii.LeftBracket);
  const start = out.length;
  let index = 0;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (isSystem(doc, message)) {
      draft.atMessage(index);
      if (!writeBlocks(draft, doc.get(message, "content"), message, false)) return false;
    }
    index++;
  }
  draft.atMessage(-1);
  if (out.length == start) out.truncate(mark);
  else out.byte(Ascii.RightBracket);
  return true;
}

/** The system message when there is exactly one, else NONE. */
function onlySystem(doc: JsonDocument, messages: i32): i32 {
  let only = NONE;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (!isSystem(doc, message)) continue;
    if (only != NONE) return NONE;
    only = message;
  }
  return only;
}
