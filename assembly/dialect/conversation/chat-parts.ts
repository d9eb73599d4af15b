// Writes the `content` of one chat message from blocks of the Messages API, for servers and translators that know no others: a plain
// string when it is one text without a cache mark, else a list of parts. Escaped strings are copied as they are; data goes straight
// into the body, so an image is copied once.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "./inner";
import { withoutCch } from "./billing-header";

@final
export class PartWriter {
  /** Parts written since begin(). */
  count: i32 = 0;
  private start: i32 = 0;
  /** True while the only part is a text that could be a plain string: the escaped bytes of `inner`. */
  private plain: bool = false;
  private inner: View = View.empty();

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private keepCacheControl: bool,
  ) {}

  begin(): void {
    this.count = 0;
    this.plain = false;
    this.start = this.out.length;
    this.out.byte(Ascii.LeftBracket);
  }

  /** Ends the list; no parts at all become `empty`, a JSON value. */
  end(empty: string): void {
    const out = this.out;
    if (this.count == 0) {
      out.truncate(this.start);
      out.ascii(empty);
    } else if (this.plain) {
      out.truncate(this.start);
      out.byte(Ascii.Quote);
      out.view(this.inner);
      out.byte(Ascii.Quote);
    } else out.byte(Ascii.RightBracket);
  }

  /** The `cache_control` of a block, NONE when there is none or it is not to be kept. */
  cacheMark(block: i32): i32 {
    const mark = this.keepCacheControl ? this.doc.get(block, "cache_control") : NONE;
    return this.doc.isObject(mark) ? mark : NONE;
  }

  /** A text part: the escaped bytes of `inner`. */
  text(inner: View, mark: i32): void {
    this.open('"text","text":"');
    this.out.view(inner);
    this.out.byte(Ascii.Quote);
    this.plain = this.count == 1 && mark == NONE;
    this.inner = inner;
    this.close(mark);
  }

  /** Any user block that has a counterpart as a part; the others (and blocks of types unknown here) are left out. */
  block(block: i32): void {
    const doc = this.doc;
    const type = doc.get(block, "type");
    if (doc.textIs(type, "image")) this.image(block);
    else if (doc.textIs(type, "document")) this.document(block);
    else if (doc.textIs(type, "search_result")) this.searchResult(block);
    else if (doc.isString(doc.get(block, "tool_name"))) this.text(innerMember(doc, block, "tool_name"), this.cacheMark(block));
    // A type of tomorrow that holds a text keeps it.
    else if (doc.isString(doc.get(block, "text"))) this.text(withoutCch(innerMember(doc, block, "text")), this.cacheMark(block));
  }

  /** image {source: base64 | url} -> image_url. An image by file id has no counterpart (see docs). */
  image(block: i32): void {
    const doc = this.doc;
    const source = doc.get(block, "source");
    const type = doc.get(source, "type");
    const isData = doc.textIs(type, "base64");
    if (!isData && !doc.textIs(type, "url")) return;
    this.open('"image_url","image_url":{"url":"');
    if (isData) this.dataUri(source, "image/png");
    else this.out.view(innerMember(doc, source, "url"));
    this.out.ascii('"}');
    this.close(this.cacheMark(block));
  }

  /** document -> a file part for PDF (base64, url, file id), text parts for text and for content lists. */
  document(block: i32): void {
    const doc = this.doc;
    const source = doc.get(block, "source");
    const type = doc.get(source, "type");
    if (doc.textIs(type, "text")) this.titled(block, doc.get(source, "data"));
    else if (doc.textIs(type, "content")) this.documentContent(block, doc.get(source, "content"));
    else if (doc.textIn(type, "base64 url")) {
      this.open('"file","file":{"filename":"');
      const title = innerMember(doc, block, "title");
      if (title.length != 0) this.out.view(title);
      else this.out.ascii("document.pdf");
      this.out.ascii('","file_data":"');
      if (doc.textIs(type, "base64")) this.dataUri(source, "application/pdf");
      // OpenAI's reference knows data only; OpenRouter takes a URL in the same field (Nov 2026), others refuse aloud.
      else this.out.view(innerMember(doc, source, "url"));
      this.out.ascii('"}');
      this.close(this.cacheMark(block));
    } else if (doc.textIs(type, "file")) {
      this.open('"file","file":{"file_id":"');
      this.out.view(innerMember(doc, source, "file_id"));
      this.out.ascii('"}');
      this.close(this.cacheMark(block));
    }
  }

  private documentContent(block: i32, content: i32): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      this.titled(block, content);
      return;
    }
    for (let child = doc.first(content); child != NONE; child = doc.next(child)) {
      const type = doc.get(child, "type");
      if (doc.textIs(type, "image")) this.image(child);
      else if (doc.textIs(type, "text")) this.text(innerMember(doc, child, "text"), this.cacheMark(child));
    }
  }

  /** A text document: its title and context stand above the text, as the model would see them. */
  private titled(block: i32, data: i32): void {
    const doc = this.doc;
    const title = innerMember(doc, block, "title");
    const context = innerMember(doc, block, "context");
    if (title.length == 0 && context.length == 0) {
      this.text(innerOf(doc, data), this.cacheMark(block));
      return;
    }
    this.open('"text","text":"');
    this.paragraph(title);
    this.paragraph(context);
    this.out.view(innerOf(doc, data));
    this.out.byte(Ascii.Quote);
    this.close(this.cacheMark(block));
  }

  /** search_result -> one text part: title, source, texts. */
  private searchResult(block: i32): void {
    const doc = this.doc;
    this.open('"text","text":"');
    this.paragraph(innerMember(doc, block, "title"));
    this.paragraph(innerMember(doc, block, "source"));
    let first = true;
    for (let child = doc.first(doc.get(block, "content")); child != NONE; child = doc.next(child)) {
      if (!first) this.out.ascii("\\n\\n");
      first = false;
      this.out.view(innerMember(doc, child, "text"));
    }
    this.out.byte(Ascii.Quote);
    this.close(this.cacheMark(block));
  }

  private paragraph(inner: View): void {
    if (inner.length == 0) return;
    this.out.view(inner);
    this.out.ascii("\\n\\n");
  }

  private dataUri(source: i32, mediaType: string): void {
    const doc = this.doc;
    const given = innerMember(doc, source, "media_type");
    this.out.ascii("data:");
    if (given.length != 0) this.out.view(given);
    else this.out.ascii(mediaType);
    this.out.put(";base64,", innerMember(doc, source, "data"));
  }

  /** Starts a part; `typed` is what follows `"type":`. */
  private open(typed: string): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
    this.plain = false;
    this.out.ascii('{"type":');
    this.out.ascii(typed);
  }

  private close(mark: i32): void {
    if (mark != NONE) {
      this.out.put(',"cache_control":', this.doc.raw(mark));
    }
    this.out.byte(Ascii.RightBrace);
  }
}

/**
 * The content of a chat message (string or list) for a block of the Messages API that stands in the conversation form; `[]` for
 * one that chat has nothing for. Null for an image by file id, which lives at Anthropic.
 */
export function chatContent(doc: JsonDocument, block: i32): JsonDocument | null {
  const isImage = doc.memberIs(block, "type", "image");
  if (isImage && doc.memberIs(doc.get(block, "source"), "type", "file")) return null;
  const out = new Buffer(doc.raw(block).length + 128);
  const parts = new PartWriter(doc, out, true);
  parts.begin();
  // A server tool's words are not the model's.
  const isServers = doc.memberIs(block, "type", "server_tool_use") || doc.textOf(block, "type").endsWith("_tool_result");
  if (!isServers) parts.block(block);
  parts.end("[]");
  const content = new JsonDocument();
  return content.parse(out.toView()) ? content : null;
}

export const FILE_IMAGE: string = "An image given by file id cannot be sent to this provider.";
