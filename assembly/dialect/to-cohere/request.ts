// A chat completion body -> the body of POST /v2/chat. The table of fields is docs/translation-cohere.md.

import { Ascii } from "../../bytes/ascii";
import { NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Draft } from "../conversation/draft";
import { TranslateContext } from "../translator";
import { NO_MESSAGES, REQUEST_TOO_LARGE } from "../conversation/sentences";
import { writeMessages } from "./messages";
import { neverThinks } from "./model";
import { writeSettings } from "./settings";
import { writeTools } from "./tools";

/** Writes the body for the parsed document in `draft`. False when refused; the draft says why. */
export function writeRequest(draft: Draft, context: TranslateContext): bool {
  const doc = draft.doc;
  const out = draft.out;
  const messages = doc.root("messages");
  if (!doc.isArray(messages) || doc.first(messages) == NONE) return draft.refuse(NO_MESSAGES, "messages");
  const thinks = !neverThinks(context.model);
  out.ascii('{"model":');
  writeString(out, context.model);
  out.ascii(context.stream ? ',"stream":true' : ',"stream":false');
  if (!writeMessages(draft, messages, thinks) || !writeTools(draft)) return false;
  writeSettings(draft, thinks);
  out.byte(Ascii.RightBrace);
  return !out.overflow || draft.refuse(REQUEST_TOO_LARGE, "messages");
}
