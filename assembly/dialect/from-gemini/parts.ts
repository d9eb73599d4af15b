// The content of one chat message that is not the model's: a plain string when it is one text, else a list of parts.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { readBase64 } from "../../crypto/base64";
import { JsonDocument } from "../../json/document";
import { writeInner } from "../../json/text";
import { validUtf8 } from "../../json/code-point";
import { innerMember, innerOf } from "../conversation/inner";
import { memberOf } from "./names";

@final
export class PartWriter {
  /** Parts written since begin(). */
  count: i32 = 0;
  /** Why part() refused. */
  problem: string = "";
  private start: i32 = 0;
  /** The only part is this text, escaped. */
  private isPlain: bool = false;
  private plain: View = View.empty();

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
  ) {}

  begin(): void {
    this.count = 0;
    this.isPlain = false;
    this.start = this.out.length;
    this.out.byte(Ascii.LeftBracket);
  }

  end(): void {
    const out = this.out;
    if (this.count > 0 && !this.isPlain) {
      out.byte(Ascii.RightBracket);
      return;
    }
    out.truncate(this.start);
    out.byte(Ascii.Quote);
    if (this.isPlain) out.view(this.plain);
    out.byte(Ascii.Quote);
  }

  /** A text part, escaped inner bytes of the document; an empty one says nothing. */
  text(inner: View): void {
    if (inner.length == 0) return;
    this.open('"text","text":"');
    this.out.view(inner);
    this.out.ascii('"}');
    this.isPlain = this.count == 1;
    this.plain = inner;
  }

  /** Text and media of a part of Google's; kinds that have no counterpart are left out. False with `problem`. */
  part(part: i32): bool {
    const doc = this.doc;
    if (doc.isTrue(doc.get(part, "thought"))) return true;
    this.text(innerMember(doc, part, "text"));
    const data = memberOf(doc, part, "inlineData");
    if (doc.isObject(data)) return this.data(data);
    const file = memberOf(doc, part, "fileData");
    return !doc.isObject(file) || this.file(file);
  }

  private refuse(problem: string): bool {
    this.problem = problem;
    return false;
  }

  private open(typed: string): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
    this.isPlain = false;
    this.out.ascii('{"type":');
    this.out.ascii(typed);
  }

  /** inlineData {mimeType, data} */
  private data(blob: i32): bool {
    const doc = this.doc;
    const type = doc.text(memberOf(doc, blob, "mimeType"));
    const data = innerMember(doc, blob, "data");
    if (type.length == 0 || data.length == 0) return this.refuse("inlineData needs a mimeType and data.");
    if (type.startsWithIgnoreCase("text/")) return this.inlineText(data);
    if (type.startsWithIgnoreCase("audio/")) {
      this.open('"input_audio","input_audio":{"format":"');
      writeAudioFormat(type, this.out);
      this.out.ascii('","data":"');
      writeData(data, this.out);
      this.out.ascii('"}}');
      return true;
    }
    this.openMedia(type, memberOf(doc, blob, "displayName"));
    this.out.ascii("data:");
    writeInner(this.out, type);
    this.out.ascii(";base64,");
    writeData(data, this.out);
    this.out.ascii('"}}');
    return true;
  }

  /** Starts an image, a video or a file; its address or data URI follows, then `"}}`. */
  private openMedia(type: View, name: i32): void {
    if (type.startsWithIgnoreCase("image/")) this.open('"image_url","image_url":{"url":"');
    else if (type.startsWithIgnoreCase("video/")) this.open('"video_url","video_url":{"url":"');
    else {
      this.open('"file","file":{"filename":"');
      const given = innerOf(this.doc, name);
      if (given.length != 0) this.out.view(given);
      else this.out.ascii("document.pdf");
      this.out.ascii('","file_data":"');
    }
  }

  /** A text file is what it says. */
  private inlineText(data: View): bool {
    const bytes = new Buffer(data.length);
    if (!readBase64(data, bytes)) return this.refuse("The data of an inlineData is not base64.");
    this.open('"text","text":"');
    writeInner(this.out, validUtf8(bytes.toView()));
    this.out.ascii('"}');
    return true;
  }

  /** fileData {fileUri, mimeType} */
  private file(file: i32): bool {
    const doc = this.doc;
    const address = memberOf(doc, file, "fileUri");
    const uri = doc.text(address);
    if (!uri.startsWithIgnoreCase("http:") && !uri.startsWithIgnoreCase("https:"))
      return this.refuse("fileUri must be an http or https address: this provider does not read Google's storage.");
    if (isUpload(uri)) return this.refuse("This provider does not read files that were uploaded to Google. Send inlineData.");
    const type = doc.text(memberOf(doc, file, "mimeType"));
    const isKnown = type.length != 0 && type.indexOf(Ascii.Slash) > 0;
    this.openMedia(isKnown ? type : View.utf8("image/*"), memberOf(doc, file, "displayName"));
    this.out.view(innerOf(doc, address));
    this.out.ascii('"}}');
    return true;
  }
}

/** Files of Google's Files API have addresses of its own host. */
function isUpload(uri: View): bool {
  return uri.startsWithIgnoreCase("https://generativelanguage.googleapis.com/");
}

/** OpenAI's word for an audio type: mp3 and wav have several types, the others are called as their type. */
function writeAudioFormat(type: View, out: Buffer): void {
  let end = type.indexOf(Ascii.Semicolon);
  if (end < 0) end = type.length;
  const format = type.slice(6, end).trim();
  if (format.equalsIgnoreCase("mpeg") || format.equalsIgnoreCase("mpeg3") || format.equalsIgnoreCase("x-mpeg")) out.ascii("mp3");
  else if (format.equalsIgnoreCase("x-wav") || format.equalsIgnoreCase("wave") || format.equalsIgnoreCase("vnd.wave")) out.ascii("wav");
  else writeInner(out, format);
}

/** Base64 in the standard alphabet: Google's Python client sends the URL alphabet, which data URIs do not know. */
function writeData(data: View, out: Buffer): void {
  if (data.indexOf(Ascii.Hyphen) < 0 && data.indexOf(Ascii.Underscore) < 0) {
    out.view(data);
    return;
  }
  for (let k = 0; k < data.length; k++) {
    const byte = data.at(k);
    out.byte(byte == Ascii.Hyphen ? Ascii.Plus : byte == Ascii.Underscore ? Ascii.Slash : byte);
  }
  for (let k = data.length; (k & 3) != 0 && data.at(data.length - 1) != Ascii.Equals; k++) out.byte(Ascii.Equals);
}
