// `system` and `messages` of a Messages request -> `messages` of a chat completion. One Anthropic message may become
// several chat messages: a tool message for each result, then one user message for everything beside the results.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { withoutCch } from "../conversation/billing-header";
import { PartWriter } from "../conversation/chat-parts";
import { NO_MESSAGES } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { writeReasoningDetails, writeReasoningText } from "./flat-thinking";
import { ownId } from "./ids";
import { MessagesSettings } from "./settings";
import { writeArguments } from "./tools";

@final
export class ConversationWriter extends Refusing {
  private parts: PartWriter;
  private count: i32 = 0;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private settings: MessagesSettings,
  ) {
    super();
    this.parts = new PartWriter(doc, out, settings.keepCacheControl);
  }

  /** Writes the whole list, brackets included; false with `problem` when it cannot be said. */
  write(system: i32, messages: i32): bool {
    const doc = this.doc;
    if (!doc.isArray(messages)) return this.refuse(NO_MESSAGES, "messages");
    this.out.byte(Ascii.LeftBracket);
    if (!this.writeSystem(system)) return false;
    let index = 0;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      if (!this.writeMessage(message, index)) return false;
      index++;
    }
    this.out.byte(Ascii.RightBracket);
    return true;
  }

  private writeSystem(system: i32): bool {
    const doc = this.doc;
    if (!doc.isSet(system)) return true;
    if (!doc.isString(system) && !doc.isArray(system)) return this.refuse("system must be a string or a list of texts.", "system");
    // An empty list or string says nothing; some servers refuse an empty system message.
    if (doc.isArray(system) ? doc.first(system) == NONE : innerOf(doc, system).length == 0) return true;
    this.open('"system","content":');
    if (doc.isArray(system)) this.writeContent(system);
    else {
      this.out.byte(Ascii.Quote);
      this.out.view(withoutCch(innerOf(doc, system)));
      this.out.byte(Ascii.Quote);
    }
    this.out.byte(Ascii.RightBrace);
    return true;
  }

  private writeMessage(message: i32, index: i32): bool {
    const doc = this.doc;
    const place = "messages[" + index.toString() + "]";
    const role = doc.get(message, "role");
    const content = doc.get(message, "content");
    if (!doc.isString(content) && !doc.isArray(content))
      return this.refuse("The content of a message must be a string or a list of blocks.", place + ".content");
    if (doc.textIs(role, "assistant")) this.writeAssistant(content);
    else if (doc.textIs(role, "user")) return this.writeUser(content, place);
    // Anthropic's reference allows system messages in the middle of a conversation since 2026.
    else if (doc.textIs(role, "system")) {
      this.open('"system","content":');
      this.writeContent(content);
      this.out.byte(Ascii.RightBrace);
    } else return this.refuse("The role of a message must be user, assistant or system.", place + ".role");
    return true;
  }

  /** Starts a message; `role` is what follows `"role":`. */
  private open(role: string): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
    this.out.ascii('{"role":');
    this.out.ascii(role);
  }

  /** A string, or every block of a list that has a counterpart. */
  private writeContent(content: i32): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      this.out.view(doc.raw(content));
      return;
    }
    this.parts.begin();
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) this.parts.block(block);
    this.parts.end('""');
  }

  // ---- user ---------------------------------------------------------------------------------------------------------

  private writeUser(content: i32, place: string): bool {
    const doc = this.doc;
    let results = 0;
    let index = 0;
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
      if (!doc.isObject(block)) return this.refuse("A content block must be an object.", blockPlace(place, index));
      // Leaving the picture out would change the question without a word.
      if (hasFileImage(doc, block))
        return this.refuse("An image given by file id cannot be sent to this provider.", blockPlace(place, index));
      if (doc.memberIs(block, "type", "tool_result")) {
        if (!doc.isString(doc.get(block, "tool_use_id")))
          return this.refuse("A tool_result needs a tool_use_id.", blockPlace(place, index) + ".tool_use_id");
        this.writeToolResult(block);
        results++;
      }
      index++;
    }
    if (results > 0) {
      this.writeBeside(content);
      return true;
    }
    this.open('"user","content":');
    this.writeContent(content);
    this.out.byte(Ascii.RightBrace);
    return true;
  }

  /**
   * What stands beside tool results becomes a user message after them: OpenAI wants the tool messages directly behind the
   * call. Media inside results go there too, as tool messages hold text only (OpenAI API reference, Nov 2026).
   */
  private writeBeside(content: i32): void {
    const doc = this.doc;
    const mark = this.out.length;
    this.open('"user","content":');
    this.parts.begin();
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
      if (!doc.memberIs(block, "type", "tool_result")) {
        this.parts.block(block);
        continue;
      }
      for (let child = doc.first(doc.get(block, "content")); child != NONE; child = doc.next(child)) {
        if (isMedia(doc, child)) this.parts.block(child);
      }
    }
    const empty = this.parts.count == 0;
    this.parts.end('""');
    this.out.byte(Ascii.RightBrace);
    if (!empty) return;
    this.out.truncate(mark);
    this.count--;
  }

  private writeToolResult(block: i32): void {
    const doc = this.doc;
    const parts = this.parts;
    const content = doc.get(block, "content");
    const mark = parts.cacheMark(block);
    this.open('"tool","tool_call_id":"');
    this.out.view(ownId(doc, doc.get(block, "tool_use_id")));
    this.out.ascii('","content":');
    parts.begin();
    if (doc.isString(content)) parts.text(innerOf(doc, content), mark);
    let media = false;
    const last = lastText(doc, content);
    for (let child = doc.first(content); child != NONE; child = doc.next(child)) {
      if (isMedia(doc, child)) {
        media = true;
        continue;
      }
      const own = parts.cacheMark(child);
      if (doc.isString(doc.get(child, "text"))) {
        // The result's own cache mark stands behind its last text.
        parts.text(innerMember(doc, child, "text"), own == NONE && child == last ? mark : own);
      } else if (doc.isString(doc.get(child, "tool_name"))) parts.text(innerMember(doc, child, "tool_name"), own);
      else parts.block(child);
    }
    if (parts.count == 0 && media) parts.text(View.utf8("The result is in the next user message."), NONE);
    // Chat completions have no is_error: the tool's own words tell it, and one word where there are none.
    parts.end(doc.isTrue(doc.get(block, "is_error")) ? '"Error"' : '""');
    this.out.byte(Ascii.RightBrace);
  }

  // ---- assistant ----------------------------------------------------------------------------------------------------

  private writeAssistant(content: i32): void {
    const doc = this.doc;
    this.open('"assistant","content":');
    if (doc.isString(content)) {
      this.out.view(doc.raw(content));
      this.out.byte(Ascii.RightBrace);
      return;
    }
    let calls = 0;
    this.parts.begin();
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
      const type = doc.get(block, "type");
      if (doc.textIs(type, "tool_use")) calls++;
      else if (doc.textIs(type, "text")) this.parts.text(innerMember(doc, block, "text"), this.parts.cacheMark(block));
    }
    this.parts.end(calls > 0 ? "null" : '""');
    const isTold = this.settings.takesDetails && writeReasoningDetails(doc, content, this.out);
    if (!isTold && this.settings.keepReasoning) writeReasoningText(doc, content, this.out);
    if (calls > 0) this.writeToolCalls(content);
    this.out.byte(Ascii.RightBrace);
  }

  private writeToolCalls(content: i32): void {
    const doc = this.doc;
    const out = this.out;
    out.ascii(',"tool_calls":[');
    let first = true;
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
      if (!doc.memberIs(block, "type", "tool_use")) continue;
      if (!first) out.byte(Ascii.Comma);
      first = false;
      out.wrap('{"id":"', ownId(doc, doc.get(block, "id")), '","type":"function","function":{"name":"');
      out.view(innerMember(doc, block, "name"));
      out.ascii('","arguments":"');
      writeArguments(doc, doc.get(block, "input"), out);
      out.ascii('"}}');
    }
    out.byte(Ascii.RightBracket);
  }
}

function blockPlace(message: string, index: i32): string {
  return message + ".content[" + index.toString() + "]";
}

function isMedia(doc: JsonDocument, block: i32): bool {
  const type = doc.get(block, "type");
  return doc.textIn(type, "image document");
}

function isFileImage(doc: JsonDocument, block: i32): bool {
  return doc.memberIs(block, "type", "image") && doc.memberIs(doc.get(block, "source"), "type", "file");
}

/** True when a block is an image by file id, or a tool result that holds one. */
function hasFileImage(doc: JsonDocument, block: i32): bool {
  if (isFileImage(doc, block)) return true;
  if (!doc.memberIs(block, "type", "tool_result")) return false;
  for (let child = doc.first(doc.get(block, "content")); child != NONE; child = doc.next(child)) {
    if (isFileImage(doc, child)) return true;
  }
  return false;
}

/** The last item of a list that holds a text, or NONE. */
function lastText(doc: JsonDocument, list: i32): i32 {
  let last = NONE;
  for (let child = doc.first(list); child != NONE; child = doc.next(child)) {
    if (doc.isString(doc.get(child, "text"))) last = child;
  }
  return last;
}
