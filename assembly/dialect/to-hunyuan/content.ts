// Message content: OpenAI's string or list of parts as Hunyuan's `Content` (text) or `Contents` (text and pictures).

import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { Draft } from "../conversation/draft";
import { innerOf } from "../conversation/inner";
import { NO_ADDRESS, UNKNOWN_PART, WRONG_CONTENT, WRONG_TEXT_PART } from "../conversation/sentences";

/** True when the content holds a picture: the message then needs `Contents`. */
export function holdsImage(doc: JsonDocument, content: i32): bool {
  if (!doc.isArray(content)) return false;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    if (doc.memberIs(part, "type", "image_url")) return true;
  }
  return false;
}

/** The text node of a text part (or a string among the parts); NONE for other parts. */
function textOf(doc: JsonDocument, part: i32): i32 {
  if (doc.isString(part)) return part;
  const type = doc.get(part, "type");
  if (doc.textIn(type, "text input_text")) return doc.get(part, "text");
  return doc.textIs(type, "refusal") ? doc.get(part, "refusal") : NONE;
}

/** Appends the content's texts, escaped inner bytes, joined with line feeds. Anything but text is refused. */
export function writeTexts(draft: Draft, content: i32): bool {
  const doc = draft.doc;
  if (doc.isString(content)) {
    draft.out.view(innerOf(doc, content));
    return true;
  }
  if (!checkKind(draft, content)) return false;
  let index = 0;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    draft.atItem(".content", index);
    const text = textOf(doc, part);
    if (!doc.isString(text)) return refusePart(draft, part);
    if (index > 0) draft.out.ascii("\\n");
    draft.out.view(innerOf(doc, text));
    index++;
  }
  draft.item = -1;
  return true;
}

/** Appends the items of `Contents` for a string or a list of parts. */
export function writeParts(draft: Draft, content: i32): bool {
  const doc = draft.doc;
  if (doc.isString(content)) {
    writeText(draft, innerOf(doc, content));
    return true;
  }
  if (!checkKind(draft, content)) return false;
  let index = 0;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    draft.atItem(".content", index++);
    const text = textOf(doc, part);
    if (doc.isString(text)) writeText(draft, innerOf(doc, text));
    else if (!doc.memberIs(part, "type", "image_url")) return refusePart(draft, part);
    else if (!writeImage(draft, doc.get(part, "image_url"))) return false;
  }
  draft.item = -1;
  return true;
}

function checkKind(draft: Draft, content: i32): bool {
  if (!draft.doc.isSet(content) || draft.doc.isArray(content)) return true;
  return draft.refuse(WRONG_CONTENT, ".content");
}

function refusePart(draft: Draft, part: i32): bool {
  const isText = draft.doc.memberIs(part, "type", "text");
  if (isText) return draft.refuse(WRONG_TEXT_PART, ".text");
  return draft.refuse(UNKNOWN_PART, ".type");
}

function writeText(draft: Draft, inner: View): void {
  draft.separate();
  draft.out.wrap('{"Type":"text","Text":"', inner, '"}');
}

/** An address or a data URI, which may stand alone or in an object with `url`. */
function writeImage(draft: Draft, holder: i32): bool {
  const doc = draft.doc;
  const url = doc.isString(holder) ? holder : doc.get(holder, "url");
  if (!doc.isString(url) || doc.textIs(url, "")) return draft.refuse(NO_ADDRESS, ".image_url");
  draft.separate();
  draft.out.ascii('{"Type":"image_url","ImageUrl":{');
  draft.member("Url", url);
  draft.out.ascii("}}");
  return true;
}
