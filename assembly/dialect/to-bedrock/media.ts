// Images and files: base64 data URIs become bytes. Converse fetches nothing from the web.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { secondOf } from "../../bytes/pairs";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { registeredType } from "../../model/media-type";
import { EMPTY_DATA_URI, NOT_BASE64 } from "../conversation/sentences";
import { Place, Turns } from "./turns";

/** A document's name may have 200 bytes; room is left for a number. */
const MAX_NAME: i32 = 160;

/** Writes an image block (or a document's, for a PDF) for a part `image_url` with a data URI. */
export function writeImagePart(turns: Turns, place: Place, part: i32): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  // OpenAI: {"image_url":{"url":…}}; some clients send the address itself as the value.
  const holder = doc.get(part, "image_url");
  const url = doc.text(doc.isString(holder) ? holder : doc.get(holder, "url"));
  if (url.startsWithIgnoreCase("data:")) return writeDataUri(turns, place, url, View.empty(), ".image_url.url");
  return draft.refuse("This provider takes images as base64 data: URIs only, no addresses.", ".image_url.url");
}

/** Writes a document (or image) block for a part `file` with inline data; files by id live at OpenAI and are refused. */
export function writeFilePart(turns: Turns, place: Place, part: i32): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  const file = doc.get(part, "file");
  const data = doc.textOf(file, "file_data");
  const name = doc.textOf(file, "filename");
  if (data.startsWithIgnoreCase("data:")) return writeDataUri(turns, place, data, name, ".file.file_data");
  // Base64 of "%PDF-" without a data: head.
  if (data.startsWith("JVBERi0")) {
    writeDocument(turns, place, "pdf", name, data);
    return true;
  }
  return draft.refuse("A file must carry its content as a base64 data: URI.", ".file.file_data");
}

/**
 * Writes Anthropic's block `document` that asks for citations as Converse's own, which names them
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html, Nov 2026). False for any other block.
 */
export function writeCitedDocument(turns: Turns, place: Place, block: i32): bool {
  const draft = turns.draft;
  const doc = draft.doc;
  const out = draft.out;
  const source = doc.get(block, "source");
  const isPdf = doc.memberIs(source, "type", "base64");
  const isText = doc.memberIs(source, "type", "text");
  const content = doc.get(source, "content");
  if (!doc.isTrue(doc.get(doc.get(block, "citations"), "enabled")) || !(isPdf || isText || doc.isArray(content))) return false;
  beginDocument(turns, place, isPdf ? "pdf" : "txt", doc.textOf(block, "title"));
  out.ascii('","source":{');
  if (isPdf || isText) {
    out.ascii(isPdf ? '"bytes":' : '"text":');
    out.view(doc.raw(doc.get(source, "data")));
  } else {
    out.ascii('"content":[');
    for (let item = doc.first(content); item != NONE; item = doc.next(item)) {
      if (!doc.isString(doc.get(item, "text"))) continue;
      draft.separate();
      out.wrap('{"text":', doc.raw(doc.get(item, "text")), "}");
    }
    out.byte(Ascii.RightBracket);
  }
  out.byte(Ascii.RightBrace);
  draft.copyMember(block, "context");
  out.ascii(',"citations":{"enabled":true}}}');
  turns.cachePointOf(place, block);
  return true;
}

/** `data:<type>[;parameter…];base64,<data>`. */
function writeDataUri(turns: Turns, place: Place, uri: View, name: View, leaf: string): bool {
  const draft = turns.draft;
  const comma = uri.indexOf(Ascii.Comma);
  const head = uri.slice(5, comma < 0 ? 5 : comma);
  if (!head.slice(head.length - 7, head.length).equalsIgnoreCase(";base64")) {
    return draft.refuse(NOT_BASE64, leaf);
  }
  const type = registeredType(head.slice(0, head.indexOf(Ascii.Semicolon)));
  const data = uri.slice(comma + 1, uri.length);
  if (data.length == 0) return draft.refuse(EMPTY_DATA_URI, leaf);
  const image = secondOf(type, IMAGE_FORMATS);
  if (image.length != 0) {
    turns.begin(place);
    draft.out.ascii('{"image":{"format":"');
    draft.out.ascii(image);
    writeSource(draft.out, data);
    return true;
  }
  const format = secondOf(type, DOCUMENT_FORMATS);
  if (format.length == 0) return draft.refuse("This provider does not take files of this type.", leaf);
  writeDocument(turns, place, format, name, data);
  return true;
}

function writeSource(out: Buffer, data: View): void {
  out.ascii('","source":{"bytes":');
  writeString(out, data);
  out.ascii("}}}");
}

function writeDocument(turns: Turns, place: Place, format: string, name: View, data: View): void {
  beginDocument(turns, place, format, name);
  writeSource(turns.draft.out, data);
}

/** Writes a document up to its format, whose quote is still open. */
function beginDocument(turns: Turns, place: Place, format: string, name: View): void {
  const out = turns.draft.out;
  turns.begin(place);
  turns.documents++;
  out.ascii('{"document":{"name":"');
  writeName(out, name);
  if (turns.documents > 1) {
    out.byte(Ascii.Hyphen);
    out.integer(turns.documents);
  }
  out.ascii('","format":"');
  out.ascii(format);
}

/**
 * Appends the file name without its extension, in the characters that Bedrock takes: letters, digits, single spaces, hyphens,
 * parentheses and square brackets (its error message, seen Sep 2026). Runs of others become one hyphen.
 */
function writeName(out: Buffer, name: View): void {
  let end = name.length - 1;
  while (end > 0 && name.at(end) != Ascii.Dot) end--;
  if (end <= 0) end = name.length;
  if (end > MAX_NAME) end = MAX_NAME;
  const start = out.length;
  let letters = 0;
  for (let k = 0; k < end; k++) {
    const byte = name.at(k);
    const isLetter = <u32>((byte | 0x20) - Ascii.LowerA) < 26 || <u32>(byte - Ascii.Digit0) < 10;
    if (isLetter) letters++;
    const isBracket =
      byte == Ascii.LeftParenthesis || byte == Ascii.RightParenthesis || byte == Ascii.LeftBracket || byte == Ascii.RightBracket;
    const kept = isLetter || isBracket ? byte : byte == Ascii.Space || byte == Ascii.Tab ? Ascii.Space : Ascii.Hyphen;
    const last = out.length == start ? Ascii.Space : out.at(out.length - 1);
    if ((kept == Ascii.Space || kept == Ascii.Hyphen) && (last == kept || out.length == start)) continue;
    out.byte(kept);
  }
  if (out.at(out.length - 1) == Ascii.Space) out.truncate(out.length - 1);
  if (letters > 0) return;
  out.truncate(start);
  out.ascii("document");
}

/**
 * Converse's words for types of images
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html, Nov 2026).
 */
const IMAGE_FORMATS: string = "image/png png image/jpeg jpeg image/gif gif image/webp webp";

/** The same for documents ("DocumentBlock"). */
const DOCUMENT_FORMATS: string =
  "application/pdf pdf text/plain txt text/markdown md text/html html text/csv csv application/msword doc " +
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document docx application/vnd.ms-excel xls " +
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx";
