// messages -> the one text that Dify's applications take, and the files beside it.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { textOf } from "../conversation/parts";
import { innerOf } from "../conversation/inner";
import { NO_MESSAGES, WRONG_CONTENT, WRONG_ROLE } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { writeFile } from "./files";

@final
export class ConversationReader extends Refusing {
  /** Items of the list of files, without brackets. */
  files: Buffer = new Buffer(16);
  private text: Buffer = new Buffer(256);
  /** Messages that have text, and where the first one's text lies. */
  private count: i32 = 0;
  private firstStart: i32 = 0;
  private firstEnd: i32 = 0;

  constructor(private doc: JsonDocument) {
    super();
  }

  /**
   * The text, escaped inner bytes: that of a message that stands alone as it is, several as a transcript in the form of
   * Higress (`USER: \n…\n`, Aug 2026).
   */
  get query(): View {
    const all = this.text.toView();
    return this.count == 1 ? all.slice(this.firstStart, this.firstEnd) : all;
  }

  /** Reads the list. `continues`: Dify remembers the conversation, so only what follows the last response is taken. */
  read(messages: i32, continues: bool): bool {
    const doc = this.doc;
    if (!doc.isArray(messages) || doc.first(messages) == NONE) return this.refuse(NO_MESSAGES, "messages");
    const start = continues ? afterLastResponse(doc, messages) : NONE;
    let taken = start == NONE;
    let index = 0;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      if (message == start) taken = true;
      if (taken && !this.readMessage(message, "messages[" + index.toString() + "]")) return false;
      index++;
    }
    if (this.count == 0 && this.files.length == 0) return this.refuse("The messages hold no text.", "messages");
    return true;
  }

  private readMessage(message: i32, at: string): bool {
    const doc = this.doc;
    const text = this.text;
    const label = labelOf(doc, doc.get(message, "role"));
    if (label.length == 0) return this.refuse(WRONG_ROLE, at + ".role");
    const mark = text.length;
    text.ascii(label);
    text.ascii(": \\n");
    const start = text.length;
    const content = doc.get(message, "content");
    if (!this.readContent(doc.isSet(content) ? content : doc.get(message, "refusal"), at + ".content")) return false;
    if (text.length == start) {
      text.truncate(mark);
      return true;
    }
    if (this.count == 0) {
      this.firstStart = start;
      this.firstEnd = text.length;
    }
    this.count++;
    text.ascii("\\n");
    return true;
  }

  /** Texts of a list are joined with line feeds. */
  private readContent(content: i32, at: string): bool {
    const doc = this.doc;
    if (!doc.isSet(content)) return true;
    if (doc.isString(content)) {
      this.text.view(innerOf(doc, content));
      return true;
    }
    if (!doc.isArray(content)) return this.refuse(WRONG_CONTENT, at);
    let index = 0;
    let hasText = false;
    for (let part = doc.first(content); part != NONE; part = doc.next(part), index++) {
      const text = textOf(doc, part, doc.get(part, "type"));
      if (text != NONE) {
        if (hasText) this.text.ascii("\\n");
        hasText = true;
        this.text.view(innerOf(doc, text));
      } else if (!isThought(doc, part) && !writeFile(doc, part, this.files)) {
        return this.refuse("Dify takes texts, and files by http(s) address or upload id only.", at + "[" + index.toString() + "]");
      }
    }
    return true;
  }
}

/** The model's thoughts in a history are its own. */
function isThought(doc: JsonDocument, part: i32): bool {
  const type = doc.get(part, "type");
  return doc.textIn(type, "thinking redacted_thinking");
}

/** The message after the last assistant's; NONE when there is no assistant's or nothing follows. */
function afterLastResponse(doc: JsonDocument, messages: i32): i32 {
  let start = NONE;
  for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
    if (doc.memberIs(message, "role", "assistant")) start = doc.next(message);
  }
  return start;
}

/** "" for a role that is not known. */
function labelOf(doc: JsonDocument, role: i32): string {
  if (doc.textIs(role, "user")) return "USER";
  if (doc.textIs(role, "assistant")) return "ASSISTANT";
  if (doc.textIn(role, "system developer")) return "SYSTEM";
  return doc.textIn(role, "tool function") ? "TOOL" : "";
}
