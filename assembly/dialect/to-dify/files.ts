// Parts of a message that are no text -> items of Dify's `files`, which are addresses or ids of files uploaded before.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerOf } from "../conversation/inner";

/** Appends the item for `part`, with a comma when one is due; false when it has no counterpart. */
export function writeFile(doc: JsonDocument, part: i32, out: Buffer): bool {
  const type = doc.get(part, "type");
  if (doc.textIs(type, "image_url")) return writeAddress(doc, doc.get(part, "image_url"), "image", out);
  if (doc.textIs(type, "audio_url")) return writeAddress(doc, doc.get(part, "audio_url"), "audio", out);
  if (doc.textIs(type, "video_url")) return writeAddress(doc, doc.get(part, "video_url"), "video", out);
  if (!doc.textIs(type, "file")) return false;
  const file = doc.get(part, "file");
  const id = doc.get(file, "file_id");
  if (!doc.isString(id)) return writeAddress(doc, doc.get(file, "file_data"), "document", out);
  writeItem("document", "local_file", "upload_file_id", innerOf(doc, id), out);
  return true;
}

/** Data URIs are refused: Dify takes no bytes here, and the proxy uploads nothing. */
function writeAddress(doc: JsonDocument, holder: i32, type: string, out: Buffer): bool {
  const url = innerOf(doc, doc.isString(holder) ? holder : doc.get(holder, "url"));
  if (!url.startsWithIgnoreCase("http:") && !url.startsWithIgnoreCase("https:")) return false;
  writeItem(type, "remote_url", "url", url, out);
  return true;
}

function writeItem(type: string, method: string, name: string, inner: View, out: Buffer): void {
  out.ascii(out.length != 0 ? ',{"type":"' : '{"type":"');
  out.ascii(type);
  out.ascii('","transfer_method":"');
  out.ascii(method);
  out.ascii('","');
  out.ascii(name);
  out.wrap('":"', inner, '"}');
}

/** Appends the items of the list `node` as they are: Dify's own `files`, which clients put beside OpenAI's fields. */
export function copyFiles(doc: JsonDocument, node: i32, out: Buffer): void {
  if (!doc.isArray(node)) return;
  for (let item = doc.first(node); item != NONE; item = doc.next(item)) {
    if (!doc.isObject(item)) continue;
    if (out.length != 0) out.byte(Ascii.Comma);
    out.view(doc.raw(item));
  }
}
