// Images and files: data URIs become base64 sources, web addresses become url sources.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { JsonDocument } from "../../json/document";
import { isType, registeredType } from "../../model/media-type";
import { innerMember, innerOf } from "../conversation/inner";
import { Draft } from "../conversation/draft";
import { EMPTY_DATA_URI, NOT_BASE64 } from "../conversation/sentences";

/** Writes an image or document block for a part `image_url`, and the part's cache_control. */
export function writeImagePart(draft: Draft, part: i32): bool {
  const doc = draft.doc;
  // OpenAI: {"image_url":{"url":…}}; some clients send the address itself as the value.
  const holder = doc.get(part, "image_url");
  const url = innerOf(doc, doc.isString(holder) ? holder : doc.get(holder, "url"));
  if (isWebAddress(url)) {
    draft.separate();
    draft.out.ascii(isPdfAddress(url) ? '{"type":"document","source":{"type":"url"' : '{"type":"image","source":{"type":"url"');
    draft.innerMember("url", url);
    draft.out.byte(Ascii.RightBrace);
    draft.copyMark(part);
    draft.out.byte(Ascii.RightBrace);
    return true;
  }
  if (url.startsWithIgnoreCase("data:")) return writeDataUri(draft, url, part, View.empty());
  return draft.refuse("An image must be a data: URI or an http(s) URL.", ".image_url.url");
}

/** Writes a document (or image) block for a part `file` with inline data; files by id live at OpenAI and are refused. */
export function writeFilePart(draft: Draft, part: i32): bool {
  const doc: JsonDocument = draft.doc;
  const file = doc.get(part, "file");
  const data = innerMember(doc, file, "file_data");
  const name = innerMember(doc, file, "filename");
  if (data.startsWithIgnoreCase("data:")) return writeDataUri(draft, data, part, name);
  if (isWebAddress(data)) {
    draft.separate();
    draft.out.ascii('{"type":"document","source":{"type":"url"');
    draft.innerMember("url", data);
    endDocument(draft, part, name);
    return true;
  }
  // Base64 of "%PDF-" without a data: head.
  if (data.startsWith("JVBERi0")) {
    writeDocument(draft, part, name, data);
    return true;
  }
  return draft.refuse("A file must carry its content as a data: URI of type application/pdf.", ".file.file_data");
}

/** `data:<type>[;parameter…];base64,<data>`, escaped inner bytes: slashes may be written `\/`, and stay so. */
function writeDataUri(draft: Draft, uri: View, part: i32, name: View): bool {
  const comma = uri.indexOf(Ascii.Comma);
  const head = uri.slice(5, comma < 0 ? 5 : comma);
  if (!head.endsWith(";base64")) return draft.refuse(NOT_BASE64, "");
  const type = registeredType(head.slice(0, head.indexOf(Ascii.Semicolon)));
  const data = uri.slice(comma + 1, uri.length);
  if (data.length == 0) return draft.refuse(EMPTY_DATA_URI, "");
  if (isType(type, "application/pdf")) {
    writeDocument(draft, part, name, data);
    return true;
  }
  if (!type.startsWithIgnoreCase("image/") && !type.startsWithIgnoreCase("image\\/")) {
    return draft.refuse("Only images and PDF documents can be sent to this provider.", "");
  }
  draft.separate();
  draft.out.ascii('{"type":"image","source":{"type":"base64"');
  draft.innerMember("media_type", type);
  draft.innerMember("data", data);
  draft.out.byte(Ascii.RightBrace);
  draft.copyMark(part);
  draft.out.byte(Ascii.RightBrace);
  return true;
}

function writeDocument(draft: Draft, part: i32, name: View, data: View): void {
  draft.separate();
  draft.out.ascii('{"type":"document","source":{"type":"base64","media_type":"application/pdf"');
  draft.innerMember("data", data);
  endDocument(draft, part, name);
}

function endDocument(draft: Draft, part: i32, name: View): void {
  draft.out.byte(Ascii.RightBrace);
  if (name.length != 0) draft.innerMember("title", name);
  draft.copyMark(part);
  draft.out.byte(Ascii.RightBrace);
}

function isWebAddress(inner: View): bool {
  return (
    inner.startsWithIgnoreCase("https:/") ||
    inner.startsWithIgnoreCase("http:/") ||
    inner.startsWithIgnoreCase("https:\\/") ||
    inner.startsWithIgnoreCase("http:\\/")
  );
}

/** An address whose path ends in .pdf. */
function isPdfAddress(inner: View): bool {
  let end = inner.indexOf(Ascii.QuestionMark);
  if (end < 0) end = inner.length;
  return inner.slice(end - 4, end).equalsIgnoreCase(".pdf");
}
