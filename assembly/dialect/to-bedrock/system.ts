// System and developer messages, which Converse takes in a list of its own.

import { Ascii } from "../../bytes/ascii";
import { NONE } from "../../json/document";
import { isSystem } from "../conversation/roles";
import { CachePlan } from "./cache";
import { writeContent } from "./content";
import { Place, Turns } from "./turns";

/** Writes the `system` member: a text block for every part, wherever the messages stood; nothing when there is no text. */
export function writeSystem(turns: Turns, messages: i32, cache: CachePlan): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  const out = draft.out;
  const mark = out.length;
  draft.key("system");
  out.byte(Ascii.LeftBracket);
  const start = out.length;
  let index = 0;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (isSystem(doc, message)) {
      draft.atMessage(index);
      if (!writeContent(turns, Place.System, doc.get(message, "content"), false)) return false;
      turns.cachePointOf(Place.System, message);
    }
    index++;
  }
  draft.atMessage(-1);
  if (out.length == start) {
    out.truncate(mark);
    return true;
  }
  if (cache.system) turns.cachePoint(Place.System, cache.ttl);
  out.byte(Ascii.RightBracket);
  return true;
}
