// Writes the `content` of one chat message out of the content parts of the Responses API: a plain string when it is one text
// without a mark, else a list of parts. Escaped strings are copied as they are, so an image is copied once.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { writeGoogleSeal } from "./reasoning-history";

@final
export class ContentWriter {
  /** Parts written since begin(). */
  count: i32 = 0;
  private start: i32 = 0;
  /** The only part is a text that can be a plain string: the escaped bytes of `inner`. */
  private isPlain: bool = false;
  private inner: View = View.empty();

  /** `keepMarks`: cache breakpoints are kept, as `cache_control`. */
  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private keepMarks: bool,
  ) {}

  begin(): void {
    this.count = 0;
    this.isPlain = false;
    this.start = this.out.length;
    this.out.byte(Ascii.LeftBracket);
  }

  /** Ends the list; no parts at all become `empty`, a JSON value. */
  end(empty: string): void {
    const out = this.out;
    if (this.count > 0 && !this.isPlain) {
      out.byte(Ascii.RightBracket);
      return;
    }
    out.truncate(this.start);
    if (this.count == 0) {
      out.ascii(empty);
      return;
    }
    out.byte(Ascii.Quote);
    out.view(this.inner);
    out.byte(Ascii.Quote);
  }

  /** A text part, escaped inner bytes; `part` may carry a cache breakpoint. */
  text(inner: View, part: i32): void {
    this.open('"text","text":"');
    this.out.view(inner);
    this.out.byte(Ascii.Quote);
    this.inner = inner;
    const isMarked = this.close(part);
    this.isPlain = this.count == 1 && !isMarked;
  }

  /** A text with Google's signature (decoded UTF-8). */
  signed(inner: View, signature: View): void {
    this.open('"text","text":"');
    this.out.view(inner);
    this.out.ascii('","extra_content":');
    writeGoogleSeal(signature, this.out);
    this.out.byte(Ascii.RightBrace);
  }

  /**
   * A string, or every part of a list; `media` false leaves out what is no text. `seal`: Google's signature of the first text (decoded
   * UTF-8), or empty.
   */
  parts(content: i32, media: bool, seal: View = View.empty()): void {
    const doc = this.doc;
    const first = doc.get(doc.isArray(content) ? doc.first(content) : NONE, "text");
    if (seal.length != 0 && doc.isString(first)) {
      this.signed(innerOf(doc, first), seal);
      for (let part = doc.next(doc.first(content)); part != NONE; part = doc.next(part)) this.part(part);
      return;
    }
    if (doc.isString(content)) {
      this.text(innerOf(doc, content), NONE);
      return;
    }
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      if (media || !isMedia(doc, part)) this.part(part);
    }
  }

  /** The images, files and sounds of a list. */
  media(content: i32): void {
    const doc = this.doc;
    if (!doc.isArray(content)) return;
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) if (isMedia(doc, part)) this.part(part);
  }

  /** A part that has a counterpart; one of a type that is not known keeps its text, if any. */
  private part(part: i32): void {
    const doc = this.doc;
    const type = doc.get(part, "type");
    if (doc.textIs(type, "input_image")) this.image(part);
    else if (doc.textIs(type, "input_file")) this.file(part);
    else if (doc.textIs(type, "input_audio")) {
      this.open('"input_audio","input_audio":');
      this.out.view(doc.raw(doc.get(part, "input_audio")));
      this.close(part);
    } else if (doc.isString(doc.get(part, "text"))) this.text(innerMember(doc, part, "text"), part);
    else if (doc.isString(doc.get(part, "refusal"))) this.text(innerMember(doc, part, "refusal"), part);
  }

  /** input_image -> image_url; chat's `detail` is auto, low or high. */
  private image(part: i32): void {
    const doc = this.doc;
    this.open('"image_url","image_url":{"url":"');
    this.out.view(innerMember(doc, part, "image_url"));
    this.out.byte(Ascii.Quote);
    const detail = doc.get(part, "detail");
    if (doc.textIn(detail, "low high")) {
      this.out.put(',"detail":', doc.raw(detail));
    }
    this.out.byte(Ascii.RightBrace);
    this.close(part);
  }

  /** A picture that a tool of the service made earlier: base64 of a PNG. */
  generated(base64: View): void {
    this.open('"image_url","image_url":{"url":"data:image/png;base64,');
    this.out.view(base64);
    this.out.ascii('"}');
    this.close(NONE);
  }

  /** input_file -> file. OpenAI's chat knows data and ids; OpenRouter takes a URL in place of data (Nov 2026), others refuse aloud. */
  private file(part: i32): void {
    const doc = this.doc;
    const out = this.out;
    this.open('"file","file":{');
    const id = doc.get(part, "file_id");
    if (doc.isString(id)) {
      out.put('"file_id":', doc.raw(id));
    } else {
      const name = doc.get(part, "filename");
      const data = doc.get(part, "file_data");
      out.ascii('"filename":"');
      if (doc.isString(name)) out.view(innerOf(doc, name));
      else out.ascii("document.pdf");
      out.wrap('","file_data":"', innerOf(doc, doc.isString(data) ? data : doc.get(part, "file_url")), '"');
    }
    out.byte(Ascii.RightBrace);
    this.close(part);
  }

  /** Starts a part; `typed` is what follows `"type":`. */
  private open(typed: string): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
    this.isPlain = false;
    this.out.ascii('{"type":');
    this.out.ascii(typed);
  }

  /** Ends it; true when it has a cache breakpoint, which Anthropic and Bedrock have as well. */
  private close(part: i32): bool {
    const isMarked = this.keepMarks && this.doc.isObject(this.doc.get(part, "prompt_cache_breakpoint"));
    if (isMarked) this.out.ascii(',"cache_control":{"type":"ephemeral"}');
    this.out.byte(Ascii.RightBrace);
    return isMarked;
  }
}

/** True for parts that are no text. */
function isMedia(doc: JsonDocument, part: i32): bool {
  const type = doc.get(part, "type");
  return doc.textIn(type, "input_image input_file input_audio");
}

/** The first image of a content list that is given by the id of a stored file alone, or NONE. */
export function storedImage(doc: JsonDocument, content: i32): i32 {
  if (!doc.isArray(content)) return NONE;
  for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
    if (doc.memberIs(part, "type", "input_image") && !doc.isString(doc.get(part, "image_url"))) return part;
  }
  return NONE;
}
