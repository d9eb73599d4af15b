// Message content: OpenAI's string or list of parts as Cohere's string or list of blocks.

import { Ascii } from "../../bytes/ascii";
import { NONE } from "../../json/document";
import { Draft } from "../conversation/draft";
import { innerOf } from "../conversation/inner";
import { textOf } from "../conversation/parts";
import { NO_ADDRESS, UNKNOWN_PART, WRONG_CONTENT } from "../conversation/sentences";

/** Whose content it is: images are a user's, documents a tool's, thoughts those of an assistant that takes them back. */
export const enum Place {
  System,
  User,
  Assistant,
  Thinker,
  Tool,
}

/**
 * Writes the `content` member: a string as it is, a list as blocks, nothing for what holds no text unless `always`. Cohere
 * demands the member of all but assistants.
 */
export function writeContent(draft: Draft, content: i32, place: Place, always: bool): bool {
  const doc = draft.doc;
  const out = draft.out;
  if (doc.isString(content)) {
    if (always || !doc.textIs(content, "")) draft.member("content", content);
    return true;
  }
  const mark = out.length;
  draft.key("content");
  out.byte(Ascii.LeftBracket);
  const start = out.length;
  if (!writeParts(draft, content, place)) return false;
  if (out.length > start) out.byte(Ascii.RightBracket);
  else {
    out.truncate(mark);
    if (always) draft.innerMember("content", doc.view.slice(0, 0));
  }
  return true;
}

/** Writes the blocks for a string or a list of parts, commas included; empty texts are dropped. */
export function writeParts(draft: Draft, content: i32, place: Place): bool {
  const doc = draft.doc;
  if (doc.isString(content)) {
    writeText(draft, content);
    return true;
  }
  // A part without the list around it (Envoy AI Gateway's clients, Nov 2026).
  if (doc.isObject(content)) return writePart(draft, content, place);
  if (doc.isSet(content) && !doc.isArray(content)) {
    return draft.refuse(WRONG_CONTENT, ".content");
  }
  let index = 0;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    draft.atItem(".content", index++);
    if (!writePart(draft, part, place)) return false;
  }
  draft.item = -1;
  return true;
}

function writeText(draft: Draft, text: i32): void {
  if (innerOf(draft.doc, text).length == 0) return;
  draft.separate();
  draft.out.ascii('{"type":"text"');
  draft.member("text", text);
  draft.out.byte(Ascii.RightBrace);
}

function writePart(draft: Draft, part: i32, place: Place): bool {
  const doc = draft.doc;
  const type = doc.get(part, "type");
  const text = textOf(doc, part, type);
  if (text != NONE) {
    writeText(draft, text);
    return true;
  }
  if (place == Place.User && doc.textIs(type, "image_url")) return writeImage(draft, part);
  // Cohere's own block: what citations point at.
  if (place == Place.Tool && doc.textIs(type, "document") && doc.isObject(doc.get(part, "document"))) {
    draft.separate();
    draft.out.view(doc.raw(part));
    return true;
  }
  if (place == Place.Assistant || place == Place.Thinker) {
    if (doc.textIs(type, "redacted_thinking")) return true;
    if (doc.textIs(type, "thinking")) {
      if (place == Place.Thinker) writeThought(draft, doc.get(part, "thinking"));
      return true;
    }
  }
  return draft.refuse(UNKNOWN_PART, ".type");
}

/** Writes a thinking block for the string `thoughts` unless it is empty. */
export function writeThought(draft: Draft, thoughts: i32): void {
  if (innerOf(draft.doc, thoughts).length == 0) return;
  draft.separate();
  draft.out.ascii('{"type":"thinking"');
  draft.member("thinking", thoughts);
  draft.out.byte(Ascii.RightBrace);
}

/** Cohere's block is OpenAI's; only members that it knows are sent. */
function writeImage(draft: Draft, part: i32): bool {
  const doc = draft.doc;
  const holder = doc.get(part, "image_url");
  const url = doc.isString(holder) ? holder : doc.get(holder, "url");
  if (innerOf(doc, url).length == 0) return draft.refuse(NO_ADDRESS, ".image_url");
  draft.separate();
  draft.out.ascii('{"type":"image_url","image_url":{');
  draft.member("url", url);
  draft.copyMember(holder, "detail");
  draft.out.ascii("}}");
  return true;
}
