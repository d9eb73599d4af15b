// Message content: OpenAI's string or list of parts as Anthropic's blocks. Blank text is dropped, Anthropic refuses it.

import { Ascii } from "../../bytes/ascii";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { Draft } from "../conversation/draft";
import { isBlankInner, trimEndInner } from "../conversation/inner-text";
import { UNKNOWN_PART, WRONG_CONTENT, WRONG_TEXT_PART } from "../conversation/sentences";
import { writeFilePart, writeImagePart } from "./media";
import { writeRedacted, writeThinking } from "./thinking-history";

/** Writes a text block for the string `text` unless it is blank; cache_control is taken from `holder`. */
function writeTextBlock(draft: Draft, text: i32, holder: i32, trim: bool): void {
  const inner = innerOf(draft.doc, text);
  if (isBlankInner(inner)) return;
  draft.separate();
  draft.out.ascii('{"type":"text"');
  draft.innerMember("text", trim ? trimEndInner(inner) : inner);
  if (draft.isConversation) draft.copyMember(holder, "citations");
  draft.copyMark(holder);
  draft.out.byte(Ascii.RightBrace);
}

/**
 * Writes the blocks of `content`, a string or a list of parts, behind whatever the open list holds. `holder` is the
 * message, whose own cache_control goes to a string's block. `trim` cuts the white space after the last text.
 */
export function writeBlocks(draft: Draft, content: i32, holder: i32, trim: bool): bool {
  const doc = draft.doc;
  if (doc.isString(content)) {
    writeTextBlock(draft, content, holder, trim);
    return true;
  }
  if (!doc.isSet(content)) return true;
  // A part without the list around it (Envoy AI Gateway's clients, Nov 2026).
  if (doc.isObject(content)) return writePart(draft, content, trim);
  if (!doc.isArray(content)) return draft.refuse(WRONG_CONTENT, ".content");
  const lastText = trim ? lastTextPart(doc, content) : NONE;
  let index = 0;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    draft.atItem(".content", index++);
    if (!writePart(draft, part, part == lastText)) return false;
  }
  draft.item = -1;
  return true;
}

/** Writes one part. Parts without a counterpart are refused: leaving one out would change what is asked. */
function writePart(draft: Draft, part: i32, trim: bool): bool {
  const doc = draft.doc;
  if (doc.isString(part)) {
    writeTextBlock(draft, part, NONE, trim);
    return true;
  }
  const type = doc.get(part, "type");
  if (doc.textIn(type, "text input_text")) {
    const text = doc.get(part, "text");
    if (!doc.isString(text)) return draft.refuse(WRONG_TEXT_PART, ".text");
    writeTextBlock(draft, text, part, trim);
    return true;
  }
  if (doc.textIs(type, "refusal")) {
    writeTextBlock(draft, doc.get(part, "refusal"), part, trim);
    return true;
  }
  if (doc.textIs(type, "thinking")) {
    const own = doc.get(part, "thinking");
    // `text` and `redactedContent` are Envoy AI Gateway's names. What has no signature is left out.
    writeThinking(draft, innerOf(doc, doc.isString(own) ? own : doc.get(part, "text")), doc.get(part, "signature"));
    return true;
  }
  if (doc.textIs(type, "redacted_thinking")) {
    const data = doc.get(part, "data");
    writeRedacted(draft, doc.isString(data) ? data : doc.get(part, "redactedContent"));
    return true;
  }
  if (doc.textIs(type, "image_url")) return writeImagePart(draft, part);
  if (doc.textIs(type, "file")) return writeFilePart(draft, part);
  if (isNativeBlock(doc, part, type) || (draft.isConversation && !isForeignPart(doc, type))) {
    writeNativeBlock(draft, part);
    return true;
  }
  return draft.refuse(UNKNOWN_PART, ".type");
}

/** A block as it is; its cache mark as the host takes it. */
function writeNativeBlock(draft: Draft, part: i32): void {
  const doc = draft.doc;
  draft.separate();
  if (!draft.isHosted || !doc.isSet(doc.get(part, "cache_control"))) {
    draft.out.view(doc.raw(part));
    return;
  }
  draft.out.byte(Ascii.LeftBrace);
  for (let member = doc.first(part); member != NONE; member = doc.next(member)) {
    if (!doc.keyIs(member, "cache_control")) draft.rawMember(member);
  }
  draft.copyMark(part);
  draft.out.byte(Ascii.RightBrace);
}

/** Chat's own kinds that Anthropic has no block for. */
function isForeignPart(doc: JsonDocument, type: i32): bool {
  return doc.textIn(type, "input_audio audio_url video_url");
}

/** Anthropic's own blocks, which some clients put into OpenAI messages: passed on byte for byte. */
function isNativeBlock(doc: JsonDocument, part: i32, type: i32): bool {
  if (doc.textIn(type, "image document")) return doc.isObject(doc.get(part, "source"));
  return doc.textIs(type, "search_result");
}

function lastTextPart(doc: JsonDocument, content: i32): i32 {
  let last = NONE;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    const isText = doc.isString(part) || doc.memberIs(part, "type", "text");
    const text = doc.isString(part) ? part : doc.get(part, "text");
    if (!isText) last = NONE;
    else if (!isBlankInner(innerOf(doc, text))) last = part;
  }
  return last;
}
