// Message content: OpenAI's string or list of parts as Converse's blocks. Blank text is dropped, Bedrock refuses it ("The
// text field in the ContentBlock object is blank").

import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { isBlankInner, trimEndInner } from "../conversation/inner-text";
import { FILE_IMAGE, chatContent } from "../conversation/chat-parts";
import { innerOf } from "../conversation/inner";
import { UNKNOWN_PART, WRONG_CONTENT, WRONG_TEXT_PART } from "../conversation/sentences";
import { writeCitedDocument, writeFilePart, writeImagePart } from "./media";
import { Place, Turns } from "./turns";

/** Writes a text block unless `inner`, escaped inner bytes, is blank. */
function writeText(turns: Turns, place: Place, inner: View): void {
  if (isBlankInner(inner)) return;
  turns.begin(place);
  turns.draft.out.wrap('{"text":"', inner, '"}');
}

/**
 * Writes the blocks of `content`, a string or a list of parts. `trim` cuts the white space after the last text: models refuse
 * it at the end of an assistant message that they shall go on with.
 */
export function writeContent(turns: Turns, place: Place, content: i32, trim: bool): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  if (doc.isString(content)) {
    const inner = innerOf(doc, content);
    writeText(turns, place, trim ? trimEndInner(inner) : inner);
    return true;
  }
  if (!doc.isSet(content)) return true;
  if (!doc.isArray(content)) return draft.refuse(WRONG_CONTENT, ".content");
  let index = 0;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    draft.atItem(".content", index++);
    if (!writePart(turns, place, part, trim && doc.next(part) == NONE)) return false;
  }
  draft.item = -1;
  return true;
}

/** Writes one part. Parts without a counterpart are refused: leaving one out would change what is asked. */
function writePart(turns: Turns, place: Place, part: i32, trim: bool): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  if (doc.isString(part)) {
    writeText(turns, place, trim ? trimEndInner(innerOf(doc, part)) : innerOf(doc, part));
    return true;
  }
  const type = doc.get(part, "type");
  let text = NONE;
  if (doc.textIn(type, "text input_text")) {
    text = doc.get(part, "text");
    if (!doc.isString(text)) return draft.refuse(WRONG_TEXT_PART, ".text");
  } else if (doc.textIs(type, "refusal")) text = doc.get(part, "refusal");
  if (text != NONE) {
    writeText(turns, place, trim ? trimEndInner(innerOf(doc, text)) : innerOf(doc, text));
    turns.cachePointOf(place, part);
    return true;
  }
  // Thinking in the content is history that writeReasoning() gives back.
  if (doc.textIn(type, "thinking redacted_thinking")) return true;
  if (isConverseBlock(doc, part, type)) {
    turns.begin(place);
    draft.out.view(doc.raw(part));
    return true;
  }
  let written = false;
  const isChat = doc.textIn(type, "image_url file");
  if (draft.isConversation && !isChat && !isMedia(doc, type)) return writeNative(turns, place, part);
  if (place == Place.System) return draft.refuse("A system message can hold text only.", ".type");
  if (doc.textIs(type, "image_url")) written = writeImagePart(turns, place, part);
  else if (doc.textIs(type, "file")) written = writeFilePart(turns, place, part);
  else return draft.refuse(UNKNOWN_PART, ".type");
  if (written) turns.cachePointOf(place, part);
  return written;
}

/** Chat's own kinds that Converse has no block for. */
function isMedia(doc: JsonDocument, type: i32): bool {
  return doc.textIn(type, "input_audio audio_url video_url");
}

/** A block of the Messages API, by way of chat's parts. */
function writeNative(turns: Turns, place: Place, part: i32): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  if (writeCitedDocument(turns, place, part)) return true;
  const content = chatContent(doc, part);
  if (content === null) return draft.refuse(FILE_IMAGE, ".source");
  draft.doc = content;
  const written = writeContent(turns, place, 0, false);
  draft.doc = doc;
  return written;
}

/** Converse's own blocks, which have no `type` and one member: passed on byte for byte. */
function isConverseBlock(doc: JsonDocument, part: i32, type: i32): bool {
  if (type != NONE) return false;
  return (
    doc.isObject(doc.get(part, "guardContent")) ||
    doc.isObject(doc.get(part, "cachePoint")) ||
    doc.isObject(doc.get(part, "image")) ||
    doc.isObject(doc.get(part, "document")) ||
    doc.isObject(doc.get(part, "video"))
  );
}
