// Sequences at which a model stops: OpenAI takes one or a list, others a list alone.

import { Ascii } from "../../bytes/ascii";
import { NONE } from "../../json/document";
import { Draft } from "./draft";
import { innerOf } from "./inner";
import { isBlankInner } from "./inner-text";

/** Writes `stop` as the list `name`, without empty ones, and without blank ones where `refusesBlank`; nothing when none is left. */
export function writeStopList(draft: Draft, name: string, refusesBlank: bool): void {
  const doc = draft.doc;
  const out = draft.out;
  const stop = doc.root("stop");
  const mark = out.length;
  draft.key(name);
  out.byte(Ascii.LeftBracket);
  const start = out.length;
  let item = doc.isArray(stop) ? doc.first(stop) : stop;
  while (item != NONE) {
    const inner = innerOf(doc, item);
    if (inner.length != 0 && !(refusesBlank && isBlankInner(inner))) {
      draft.separate();
      out.view(doc.raw(item));
    }
    item = item == stop ? NONE : doc.next(item);
  }
  if (out.length == start) out.truncate(mark);
  else out.byte(Ascii.RightBracket);
}
