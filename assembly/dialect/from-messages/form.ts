// `system` and `messages` of a Messages request -> `messages` of the conversation form, for translators that read it
// (docs/conversation-form.md): every block at its place, with its seal and its marks.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember, innerOf } from "../conversation/inner";
import { TurnWriter } from "../conversation/turn-writer";
import { withoutCch } from "../conversation/billing-header";
import { NO_MESSAGES } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { ownId } from "./ids";
import { SealReader, googleSealOf } from "./seals";
import { writeArguments } from "./tools";

@final
export class FormWriter extends Refusing {
  private count: i32 = 0;
  /** Where the list of the open message began; -1 while none is open. */
  private listStart: i32 = -1;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
  ) {
    super();
  }

  /** Writes the whole list, brackets included; false with `problem`. */
  write(system: i32, messages: i32): bool {
    const doc = this.doc;
    if (!doc.isArray(messages)) return this.refuse(NO_MESSAGES, "messages");
    this.out.byte(Ascii.LeftBracket);
    if (doc.isSet(system)) {
      if (!doc.isString(system) && !doc.isArray(system)) return this.refuse("system must be a string or a list of texts.", "system");
      this.writeSystem(system);
    }
    let index = 0;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      if (!this.writeMessage(message, "messages[" + index.toString() + "]")) return false;
      index++;
    }
    this.out.byte(Ascii.RightBracket);
    return true;
  }

  private writeMessage(message: i32, place: string): bool {
    const doc = this.doc;
    const role = doc.get(message, "role");
    const content = doc.get(message, "content");
    if (!doc.isString(content) && !doc.isArray(content))
      return this.refuse("The content of a message must be a string or a list of blocks.", place + ".content");
    let index = 0;
    for (let block = doc.first(content); block != NONE; block = doc.next(block), index++) {
      const at = place + ".content[" + index.toString() + "]";
      if (!doc.isObject(block)) return this.refuse("A content block must be an object.", at);
      if (!doc.memberIs(block, "type", "tool_result") || doc.isString(doc.get(block, "tool_use_id"))) continue;
      return this.refuse("A tool_result needs a tool_use_id.", at + ".tool_use_id");
    }
    if (doc.textIs(role, "assistant")) this.writeAssistant(content);
    else if (doc.textIs(role, "user")) this.writeUser(content);
    // Anthropic's reference allows system messages in the middle of a conversation since 2026.
    else if (doc.textIs(role, "system")) this.writeSystem(content);
    else return this.refuse("The role of a message must be user, assistant or system.", place + ".role");
    return true;
  }

  /** Starts a message; `role` is what follows `"role":`. */
  private open(role: string): void {
    if (this.count > 0) this.out.byte(Ascii.Comma);
    this.count++;
    this.out.ascii('{"role":');
    this.out.ascii(role);
  }

  /** A message of a role and a string. */
  private writeString(role: string, content: i32): void {
    this.open(role);
    this.out.wrap('","content":"', withoutCch(innerOf(this.doc, content)), '"}');
  }

  private writeSystem(content: i32): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      if (innerOf(doc, content).length != 0) this.writeString('"system', content);
      return;
    }
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) this.writePart('"system"', block);
    this.closeList();
  }

  private writeUser(content: i32): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      this.writeString('"user', content);
      return;
    }
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) {
      if (!doc.memberIs(block, "type", "tool_result")) {
        this.writePart('"user"', block);
        continue;
      }
      this.closeList();
      this.writeResult(block);
    }
    this.closeList();
  }

  /** Writes a part into the open message, which the first one opens. */
  private writePart(role: string, block: i32): void {
    if (this.listStart < 0) {
      this.open(role);
      this.out.ascii(',"content":[');
      this.listStart = this.out.length;
    } else this.out.byte(Ascii.Comma);
    this.part(block);
  }

  private closeList(): void {
    if (this.listStart >= 0) this.out.ascii("]}");
    this.listStart = -1;
  }

  /** A block as a part: chat's own kinds in chat's form, all others as they are. */
  private part(block: i32): void {
    const doc = this.doc;
    const out = this.out;
    const type = doc.get(block, "type");
    const text = innerMember(doc, block, "text");
    if (doc.textIs(type, "text") && withoutCch(text) !== text) {
      out.wrap('{"type":"text","text":"', withoutCch(text), '"');
      this.closePart(block);
      return;
    }
    const source = doc.get(block, "source");
    const isData = doc.memberIs(source, "type", "base64");
    if (!doc.textIs(type, "image") || !(isData || doc.memberIs(source, "type", "url"))) {
      out.view(doc.raw(block));
      return;
    }
    out.ascii('{"type":"image_url","image_url":{"url":"');
    if (isData) {
      const mediaType = innerMember(doc, source, "media_type");
      out.wrap("data:", mediaType.length != 0 ? mediaType : View.utf8("image/png"), ";base64,");
      out.view(innerMember(doc, source, "data"));
    } else out.view(innerMember(doc, source, "url"));
    out.ascii('"}');
    this.closePart(block);
  }

  private closePart(block: i32): void {
    this.copy(block, "cache_control");
    this.out.byte(Ascii.RightBrace);
  }

  /** Copies a member with the comma before it when it is set. */
  private copy(from: i32, name: string): void {
    const value = this.doc.get(from, name);
    if (!this.doc.isSet(value)) return;
    this.out.ascii(',"');
    this.out.ascii(name);
    this.out.put('":', this.doc.raw(value));
  }

  private writeResult(block: i32): void {
    const doc = this.doc;
    const out = this.out;
    this.open('"tool","tool_call_id":"');
    out.view(ownId(doc, doc.get(block, "tool_use_id")));
    out.ascii('","content":');
    const content = doc.get(block, "content");
    if (doc.isArray(content)) {
      out.byte(Ascii.LeftBracket);
      for (let child = doc.first(content); child != NONE; child = doc.next(child)) {
        if (child != doc.first(content)) out.byte(Ascii.Comma);
        this.part(child);
      }
      out.byte(Ascii.RightBracket);
    } else if (doc.isString(content)) out.view(doc.raw(content));
    else out.ascii('""');
    this.copy(block, "is_error");
    this.closePart(block);
  }

  // ---- assistant ----------------------------------------------------------------------------------------------------

  private writeAssistant(content: i32): void {
    const doc = this.doc;
    if (doc.isString(content)) {
      this.writeString('"assistant', content);
      return;
    }
    const mark = this.out.length;
    if (this.count > 0) this.out.byte(Ascii.Comma);
    const turn = new TurnWriter(this.out);
    const seals = new SealReader(doc, turn);
    for (let block = doc.first(content); block != NONE; block = doc.next(block)) this.writeBlock(turn, seals, block);
    turn.end();
    this.count += turn.messages;
    if (turn.messages == 0) this.out.truncate(mark);
  }

  private writeBlock(turn: TurnWriter, seals: SealReader, block: i32): void {
    const doc = this.doc;
    if (seals.read(block)) return;
    let seal = seals.takeNext();
    if (seal.length == 0) seal = googleSealOf(doc, block);
    const type = doc.get(block, "type");
    if (doc.textIs(type, "tool_use")) {
      turn.beginCall(ownId(doc, doc.get(block, "id")), innerMember(doc, block, "name"));
      writeArguments(doc, doc.get(block, "input"), this.out);
      turn.endCall(seal);
      this.copy(block, "caller");
      this.copy(block, "cache_control");
      turn.closeCall();
    } else if (seal.length != 0 && doc.textIs(type, "text")) turn.text(innerMember(doc, block, "text"), seal);
    else {
      turn.beginPart();
      this.part(block);
    }
  }
}
