// Writes the parts of one Gemini content from OpenAI message content: text, images, sound, files.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { FILE_IMAGE, chatContent } from "../conversation/chat-parts";
import { innerOf } from "../conversation/inner";
import { UNKNOWN_PART, WRONG_CONTENT, WRONG_TEXT_PART } from "../conversation/sentences";
import { signatureOf } from "./signature";
import { typeOfExtension, writeAudioType, writeInlineData, writeMedia } from "./media";

@final
export class PartWriter {
  /** Parts written since begin(). */
  count: i32 = 0;
  /** Why the last call refused, and the path inside the message (`.content[2]`). */
  problem: string = "";
  problemAt: string = "";
  private lastIsText: bool = false;

  constructor(
    private doc: JsonDocument,
    public out: Buffer,
    /** The content is of the conversation form. */
    private isConversation: bool = false,
  ) {}

  /** Starts a content's list of parts. */
  begin(): void {
    this.count = 0;
    this.lastIsText = false;
  }

  private refuse(problem: string, at: string): bool {
    this.problem = problem;
    this.problemAt = at;
    return false;
  }

  /** A comma before each part but the first. */
  next(): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
    this.lastIsText = false;
  }

  /** A text part, escaped inner bytes. */
  text(inner: View): void {
    this.next();
    this.out.wrap('{"text":"', inner, '"}');
    this.lastIsText = true;
  }

  /** True when the last part written is a text, to which a signature can be added. */
  get endsWithText(): bool {
    return this.lastIsText;
  }

  /** Adds `"thoughtSignature"` (raw JSON string) to the part that was written last. */
  sign(raw: View): void {
    this.out.truncate(this.out.length - 1);
    this.out.wrap(',"thoughtSignature":', raw, "}");
  }

  /**
   * The parts of a message's `content`: a string or a list. Empty texts are left out (Gemini refuses a part without data).
   * `mediaOnly` skips texts, for tool results whose text is written elsewhere. False with `problem`.
   */
  content(content: i32, mediaOnly: bool = false): bool {
    const doc = this.doc;
    if (!doc.isSet(content)) return true;
    if (doc.isString(content)) {
      if (!mediaOnly && !doc.textIs(content, "")) this.text(innerOf(doc, content));
      return true;
    }
    if (!doc.isArray(content)) return this.refuse(WRONG_CONTENT, ".content");
    let index = 0;
    for (let part = doc.first(content); part != NONE; part = doc.next(part)) {
      if (!this.part(part, mediaOnly, ".content[" + index.toString() + "]")) return false;
      index++;
    }
    return true;
  }

  private part(part: i32, mediaOnly: bool, at: string): bool {
    const doc = this.doc;
    const type = doc.get(part, "type");
    if (doc.textIn(type, "text refusal")) {
      const text = doc.get(part, doc.textIs(type, "text") ? "text" : "refusal");
      if (!doc.isString(text)) return this.refuse(WRONG_TEXT_PART, at);
      const signature = this.isConversation ? signatureOf(doc, part) : View.empty();
      if (!mediaOnly && (!doc.textIs(text, "") || signature.length != 0)) {
        this.text(innerOf(doc, text));
        if (signature.length != 0) this.sign(signature);
      }
      return true;
    }
    if (doc.textIn(type, "thinking redacted_thinking")) {
      this.thought(part);
      return true;
    }
    if (doc.textIs(type, "image_url")) return this.media(doc.get(part, "image_url"), "image/jpeg", at + ".image_url");
    if (doc.textIs(type, "video_url")) return this.media(doc.get(part, "video_url"), "video/mp4", at + ".video_url");
    if (doc.textIs(type, "audio_url")) return this.media(doc.get(part, "audio_url"), "audio/mp3", at + ".audio_url");
    if (doc.textIs(type, "input_audio")) return this.audio(doc.get(part, "input_audio"), at + ".input_audio");
    if (doc.textIs(type, "file")) return this.file(doc.get(part, "file"), at + ".file");
    if (this.isConversation) return this.native(part, mediaOnly, at);
    return this.refuse(UNKNOWN_PART, at + ".type");
  }

  /** A block of the Messages API, by way of chat's parts. */
  private native(part: i32, mediaOnly: bool, at: string): bool {
    const doc = this.doc;
    const content = chatContent(doc, part);
    if (content === null) return this.refuse(FILE_IMAGE, at + ".source");
    this.doc = content;
    const written = this.content(0, mediaOnly);
    this.doc = doc;
    return written;
  }

  /**
   * A thought that a client gives back as a part (`thinking` or Envoy AI Gateway's `text`); signatures may be Claude's. False
   * for one without text, which is left out.
   */
  thought(part: i32): bool {
    const doc = this.doc;
    const own = doc.get(part, "thinking");
    const inner = innerOf(doc, doc.isString(own) ? own : doc.get(part, "text"));
    if (inner.length == 0) return false;
    this.text(inner);
    this.out.truncate(this.out.length - 1);
    this.out.ascii(',"thought":true}');
    this.lastIsText = false;
    return true;
  }

  /** `{"url":…}` or the bare URL; `format` is a MIME type as LiteLLM's clients give it. */
  private media(node: i32, fallback: string, at: string): bool {
    const doc = this.doc;
    const url = doc.isString(node) ? node : doc.get(node, "url");
    this.next();
    if (writeMedia(this.out, doc.text(url), doc.textOf(node, "format"), fallback)) return true;
    return this.refuse("The URL must be a base64 data URI or an http, https or gs address.", at);
  }

  private audio(node: i32, at: string): bool {
    const doc = this.doc;
    const type = new Buffer(32);
    if (!writeAudioType(type, doc.textOf(node, "format"))) return this.refuse("The audio format is not known.", at);
    const data = doc.textOf(node, "data");
    if (data.length == 0) return this.refuse("The audio has no data.", at);
    this.next();
    writeInlineData(this.out, type.toView(), data);
    return true;
  }

  /** file_data as a data URI or bare base64, else file_id when it is an address that Gemini can read. */
  private file(node: i32, at: string): bool {
    const doc = this.doc;
    const data = doc.textOf(node, "file_data");
    const named = typeOfExtension(doc.textOf(node, "filename"));
    const fallback = named.length != 0 ? named : "application/pdf";
    this.next();
    if (data.length != 0) {
      if (writeMedia(this.out, data, View.empty(), fallback)) return true;
      if (data.startsWithIgnoreCase("data:")) return this.refuse("The file must be a base64 data URI.", at);
      writeInlineData(this.out, View.utf8(fallback), data);
      return true;
    }
    const format = doc.textOf(node, "format");
    if (writeMedia(this.out, doc.textOf(node, "file_id"), format, named)) return true;
    return this.refuse("A file needs file_data, or a file_id that is an address; uploaded file ids are not known to Gemini.", at);
  }
}
