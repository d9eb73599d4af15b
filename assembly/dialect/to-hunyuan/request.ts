// A chat completion body -> ChatCompletions. The table of fields is docs/translation-hunyuan.md.

import { Ascii } from "../../bytes/ascii";
import { NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { Draft } from "../conversation/draft";
import { TranslateContext } from "../translator";
import { NO_MESSAGES, REQUEST_TOO_LARGE } from "../conversation/sentences";
import { writeMessages } from "./messages";
import { writeSettings } from "./settings";
import { writeTools } from "./tools";

/** Writes the request for the parsed body in `draft`; false when refused, the draft says why. */
export function writeRequest(draft: Draft, context: TranslateContext): bool {
  const doc = draft.doc;
  const out = draft.out;
  const messages = doc.root("messages");
  if (!doc.isArray(messages) || doc.first(messages) == NONE) return draft.refuse(NO_MESSAGES, "messages");
  out.ascii('{"Model":');
  writeString(out, context.model);
  if (!writeMessages(draft, messages)) return false;
  if (context.stream) out.ascii(',"Stream":true');
  writeSettings(draft);
  if (!writeTools(draft)) return false;
  out.byte(Ascii.RightBrace);
  return !out.overflow || draft.refuse(REQUEST_TOO_LARGE, "messages");
}
