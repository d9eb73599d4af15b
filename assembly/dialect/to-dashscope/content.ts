// Message content: OpenAI's string or list of parts as DashScope's string (text service) or list (multimodal service).

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { writeInner } from "../../json/text";
import { innerMember, innerOf } from "../conversation/inner";
import { NO_ADDRESS, UNKNOWN_PART, WRONG_CONTENT, WRONG_TEXT_PART } from "../conversation/sentences";

@final
export class ContentWriter {
  problem: string = "";
  /** Where in the message the problem lies: `.content[1].type`. */
  problemAt: string = "";
  private count: i32 = 0;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
  ) {}

  private refuse(problem: string, at: string): bool {
    this.problem = problem;
    this.problemAt = ".content" + at;
    return false;
  }

  /** True when the content holds anything but text: it needs the multimodal service. */
  static hasMedia(doc: JsonDocument, content: i32): bool {
    if (!doc.isArray(content)) return false;
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      if (!isTextPart(doc, part)) return true;
    }
    return false;
  }

  /** Writes the value of `content` for the text service, where it is one string; parts are joined with line feeds. */
  writeText(content: i32): bool {
    const doc = this.doc;
    const out = this.out;
    if (doc.isString(content)) {
      out.view(doc.raw(content));
      return true;
    }
    if (doc.isSet(content) && !doc.isArray(content)) return this.refuse(WRONG_CONTENT, "");
    if (hasCacheMark(doc, content)) return this.writeMarked(content);
    out.byte(Ascii.Quote);
    let index = 0;
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      if (!isTextPart(doc, part)) return this.refuse(WRONG_TEXT_PART, "[" + index.toString() + "]");
      if (index > 0) out.ascii("\\n");
      out.view(textOf(doc, part));
      index++;
    }
    out.byte(Ascii.Quote);
    return true;
  }

  /** Explicit cache marks live on parts, which the text service takes as a list then (SDK samples, Jul 2026). */
  private writeMarked(content: i32): bool {
    const doc = this.doc;
    const out = this.out;
    out.byte(Ascii.LeftBracket);
    let index = 0;
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      if (!isTextPart(doc, part)) return this.refuse(WRONG_TEXT_PART, "[" + index.toString() + "]");
      out.ascii(index > 0 ? ',{"type":"text","text":"' : '{"type":"text","text":"');
      out.view(textOf(doc, part));
      out.byte(Ascii.Quote);
      this.copyMember(part, "cache_control");
      out.byte(Ascii.RightBrace);
      index++;
    }
    out.byte(Ascii.RightBracket);
    return true;
  }

  /** Writes the value of `content` for the multimodal service: always a list; empty content is one empty text. */
  writeParts(content: i32): bool {
    const doc = this.doc;
    const out = this.out;
    this.count = 0;
    out.byte(Ascii.LeftBracket);
    if (doc.isString(content)) this.part("text", innerOf(doc, content), NONE);
    else if (doc.isArray(content)) {
      let index = 0;
      for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
        if (!this.writePart(part, "[" + index.toString() + "]")) return false;
        index++;
      }
    } else if (doc.isSet(content)) return this.refuse(WRONG_CONTENT, "");
    if (this.count == 0) this.part("text", View.empty(), NONE);
    out.byte(Ascii.RightBracket);
    return true;
  }

  private writePart(part: i32, at: string): bool {
    const doc = this.doc;
    if (isTextPart(doc, part)) {
      this.part("text", textOf(doc, part), part);
      return true;
    }
    const type = doc.get(part, "type");
    if (doc.textIs(type, "image_url")) return this.address(part, "image_url", "image", at);
    if (doc.textIs(type, "video_url")) return this.address(part, "video_url", "video", at);
    if (doc.textIs(type, "audio_url")) return this.address(part, "audio_url", "audio", at);
    if (doc.textIs(type, "input_audio")) return this.audio(doc.get(part, "input_audio"), at);
    // A video as a list of frames, the form of DashScope's own compatible endpoint.
    if (doc.textIs(type, "video") && doc.isArray(doc.get(part, "video"))) {
      this.raw("video", doc.raw(doc.get(part, "video")), part);
      return true;
    }
    if (isNativePart(doc, part)) {
      this.separate();
      this.out.view(doc.raw(part));
      return true;
    }
    return this.refuse(UNKNOWN_PART, at + ".type");
  }

  /** A part with an address or data URI, which may stand alone or in an object with `url`. */
  private address(part: i32, name: string, kind: string, at: string): bool {
    const doc = this.doc;
    const holder = doc.get(part, name);
    const url = doc.isString(holder) ? holder : doc.get(holder, "url");
    if (!doc.isString(url) || doc.textIs(url, "")) return this.refuse(NO_ADDRESS, at + "." + name);
    this.part(kind, innerOf(doc, url), part);
    return true;
  }

  /** OpenAI's audio is bare base64, DashScope's a data URI; addresses and data URIs are taken as they are. */
  private audio(holder: i32, at: string): bool {
    const doc = this.doc;
    const data = innerMember(doc, holder, "data");
    if (data.length == 0) return this.refuse("The part needs sound as base64.", at + ".input_audio");
    if (data.startsWithOneOf("http: https: data: oss:")) {
      this.part("audio", data, NONE);
      return true;
    }
    const uri = new Buffer(data.length + 40);
    uri.ascii("data:audio/");
    const format = doc.textOf(holder, "format");
    if (format.length == 0) uri.ascii("wav");
    else writeInner(uri, format);
    uri.put(";base64,", data);
    this.part("audio", uri.toView(), NONE);
    return true;
  }

  private separate(): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
  }

  /** `{"<kind>":"<inner>"}`, with the settings that DashScope reads beside it taken from `holder`. */
  private part(kind: string, inner: View, holder: i32): void {
    const quoted = new Buffer(inner.length + 2);
    quoted.byte(Ascii.Quote);
    quoted.view(inner);
    quoted.byte(Ascii.Quote);
    this.raw(kind, quoted.toView(), holder);
  }

  private raw(kind: string, value: View, holder: i32): void {
    const out = this.out;
    this.separate();
    out.ascii('{"');
    out.ascii(kind);
    out.put('":', value);
    this.copyMember(holder, "min_pixels");
    this.copyMember(holder, "max_pixels");
    this.copyMember(holder, "total_pixels");
    this.copyMember(holder, "fps");
    this.copyMember(holder, "max_frames");
    this.copyMember(holder, "cache_control");
    out.byte(Ascii.RightBrace);
  }

  private copyMember(holder: i32, name: string): void {
    const node = this.doc.get(holder, name);
    if (!this.doc.isSet(node)) return;
    this.out.ascii(',"');
    this.out.ascii(name);
    this.out.put('":', this.doc.raw(node));
  }
}

function isTextPart(doc: JsonDocument, part: i32): bool {
  if (doc.isString(part)) return true;
  const type = doc.get(part, "type");
  if (doc.textIs(type, "refusal")) return doc.isString(doc.get(part, "refusal"));
  return doc.textIn(type, "text input_text") && doc.isString(doc.get(part, "text"));
}

function textOf(doc: JsonDocument, part: i32): View {
  if (doc.isString(part)) return innerOf(doc, part);
  const text = doc.get(part, "text");
  return innerOf(doc, doc.isString(text) ? text : doc.get(part, "refusal"));
}

/** DashScope's own form `{"image": …}`: passed on byte for byte. */
function isNativePart(doc: JsonDocument, part: i32): bool {
  if (doc.isSet(doc.get(part, "type"))) return false;
  return (
    doc.isString(doc.get(part, "text")) ||
    doc.isString(doc.get(part, "image")) ||
    doc.isSet(doc.get(part, "video")) ||
    doc.isString(doc.get(part, "audio"))
  );
}

function hasCacheMark(doc: JsonDocument, content: i32): bool {
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    if (doc.isSet(doc.get(part, "cache_control"))) return true;
  }
  return false;
}
