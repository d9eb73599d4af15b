// messages -> the items of `input`. Each text of the model is a message of its own, calls and their results are items, and what the
// service has sealed of its reasoning (`reasoning_items`) stands again before what it led to.

import { Ascii } from "../../bytes/ascii";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { firstItem } from "../../json/member";
import { writeString } from "../../json/text";
import { FILE_IMAGE, chatContent } from "../conversation/chat-parts";
import { Draft } from "../conversation/draft";
import { innerMember, innerOf } from "../conversation/inner";
import { isResult } from "../conversation/last-results";
import * as sentences from "../conversation/sentences";

const NO_SOUND = "OpenAI's Responses API takes no audio. Send its text, or use a model of the chat completions API.";

@final
export class InputWriter {
  /** Calls of custom tools by the hashes of their ids: their results are of a type of their own. */
  private custom: Map<u32, i32> = new Map<u32, i32>();
  /** Where reasoning begins that nothing has followed yet, -1 for none. */
  private reasoningAt: i32 = -1;

  constructor(private draft: Draft) {}

  /** Appends `"input":[…]`; false with the draft's problem. */
  write(messages: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    if (!doc.isArray(messages) || doc.first(messages) == NONE) return draft.refuse(sentences.NO_MESSAGES, "messages");
    draft.key("input");
    draft.out.byte(Ascii.LeftBracket);
    const start = draft.out.length;
    let index = 0;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      draft.atMessage(index++);
      if (!this.writeMessage(message)) return false;
    }
    this.dropReasoning();
    draft.message = -1;
    if (draft.out.length == start) return draft.refuse(sentences.NO_CONTENT, "messages");
    draft.out.byte(Ascii.RightBracket);
    return true;
  }

  /** The service refuses reasoning that is followed by nothing of the model's ("without its required following item"). */
  private dropReasoning(): void {
    if (this.reasoningAt >= 0) this.draft.out.truncate(this.reasoningAt);
    this.reasoningAt = -1;
  }

  private writeMessage(message: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    const role = doc.get(message, "role");
    if (doc.textIs(role, "assistant")) return this.writeAssistant(message);
    this.dropReasoning();
    if (isResult(doc, message)) return this.writeResult(message);
    if (!doc.textIn(role, "user system developer")) return draft.refuse(sentences.WRONG_ROLE, ".role");
    this.open("message");
    draft.member("role", role);
    return this.writeContent("content", doc.get(message, "content"));
  }

  /** Begins an item or a part. `type`: ASCII; members may follow it (`message","role":"assistant`). */
  private open(type: string): void {
    const draft = this.draft;
    draft.separate();
    draft.out.ascii('{"type":"');
    draft.out.ascii(type);
    draft.out.byte(Ascii.Quote);
  }

  /** An item of the model's, so that something follows its reasoning. */
  private item(type: string): void {
    this.reasoningAt = -1;
    this.open(type);
  }

  private close(): void {
    this.draft.out.byte(Ascii.RightBrace);
  }

  // ---- content of users and of results ------------------------------------------------------------------------------

  /** Ends the open item with a member that is a string or a list of parts. */
  private writeContent(name: string, content: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    const out = draft.out;
    draft.key(name);
    if (doc.isString(content)) out.view(doc.raw(content));
    else if (!doc.isSet(content)) out.ascii('""');
    else {
      out.byte(Ascii.LeftBracket);
      // A part may come without the list around it, as to other dialects.
      if (doc.isObject(content) ? !this.writePart(content) : !this.writeParts(content)) return false;
      out.byte(Ascii.RightBracket);
    }
    this.close();
    return true;
  }

  private writeParts(list: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    if (!doc.isArray(list)) return draft.refuse(sentences.WRONG_CONTENT, ".content");
    let index = 0;
    for (let part = doc.first(list); part != NONE; part = doc.next(part)) {
      draft.atItem(".content", index++);
      if (!this.writePart(part)) return false;
    }
    draft.item = -1;
    return true;
  }

  private writePart(part: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    const type = doc.get(part, "type");
    if (doc.isString(part)) this.writeText(part);
    else if (doc.textIn(type, "text input_text")) {
      const text = doc.get(part, "text");
      if (!doc.isString(text)) return draft.refuse(sentences.WRONG_TEXT_PART, ".text");
      this.writeText(text);
    } else if (doc.textIs(type, "image_url")) return this.writeImage(part);
    else if (doc.textIs(type, "file")) return this.writeFile(doc.get(part, "file"));
    else if (doc.textIs(type, "input_audio")) return draft.refuse(NO_SOUND, ".type");
    else if (draft.isConversation) return this.writeBlock(part);
    else return draft.refuse(sentences.UNKNOWN_PART, ".type");
    return true;
  }

  private writeText(text: i32): void {
    this.open("input_text");
    this.draft.member("text", text);
    this.close();
  }

  private writeImage(part: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    const image = doc.get(part, "image_url");
    const url = doc.isObject(image) ? doc.get(image, "url") : image;
    if (innerOf(doc, url).length == 0) return draft.refuse(sentences.NO_ADDRESS, ".image_url");
    this.open("input_image");
    draft.member("image_url", url);
    draft.copyMember(image, "detail");
    this.close();
    return true;
  }

  /** By id, as data with a name, or at an address, which chat spells as data. */
  private writeFile(file: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    const id = doc.get(file, "file_id");
    const data = doc.get(file, "file_data");
    if (!doc.isString(id) && innerOf(doc, data).length == 0) return draft.refuse(sentences.NO_ADDRESS, ".file");
    this.open("input_file");
    if (doc.isString(id)) draft.member("file_id", id);
    else if (innerOf(doc, data).startsWith("http")) draft.member("file_url", data);
    else {
      draft.copyMember(file, "filename");
      draft.member("file_data", data);
    }
    this.close();
    return true;
  }

  /** A block of Anthropic's that chat has a counterpart for; the others are left out. */
  private writeBlock(block: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    const content = chatContent(doc, block);
    if (content === null) return draft.refuse(FILE_IMAGE, ".source");
    draft.doc = content;
    if (content.isString(0)) this.writeText(0);
    const isWritten = content.isString(0) || this.writeParts(0);
    draft.doc = doc;
    return isWritten;
  }

  // ---- the model's turns --------------------------------------------------------------------------------------------

  private writeAssistant(message: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    for (let item = doc.first(doc.get(message, "reasoning_items")); item != NONE; item = doc.next(item)) this.writeReasoning(item);
    const content = doc.get(message, "content");
    this.writeSaid(content);
    for (let part = firstItem(doc, content); part != NONE; part = doc.next(part)) {
      this.writeSaid(doc.isString(part) ? part : doc.get(part, "text"));
      this.writeRefusal(part);
    }
    this.writeRefusal(message);
    let index = 0;
    for (let call = doc.first(doc.get(message, "tool_calls")); call != NONE; call = doc.next(call)) {
      draft.atItem(".tool_calls", index++);
      if (!this.writeCall(doc.get(call, "id"), call)) return false;
    }
    draft.item = -1;
    // The form before tools (OpenAI, 2023) has no ids.
    const single = doc.get(message, "function_call");
    return !doc.isObject(single) || this.writeCall(doc.get(single, "name"), message);
  }

  /** Only what was sealed: without store nobody else knows the item again. */
  private writeReasoning(item: i32): void {
    const draft = this.draft;
    const doc = draft.doc;
    if (!doc.memberIs(item, "type", "reasoning") || innerMember(doc, item, "encrypted_content").length == 0) return;
    if (this.reasoningAt < 0) this.reasoningAt = draft.out.length;
    draft.separate();
    draft.out.view(doc.raw(item));
  }

  /** A text of the model's; nothing for an empty one. */
  private writeSaid(text: i32): void {
    if (innerOf(this.draft.doc, text).length == 0) return;
    this.item('message","role":"assistant","content":[{"type":"output_text');
    this.draft.member("text", text);
    this.draft.out.ascii("}]}");
  }

  private writeRefusal(holder: i32): void {
    const draft = this.draft;
    const refusal = draft.doc.get(holder, "refusal");
    if (innerOf(draft.doc, refusal).length == 0) return;
    this.item('message","role":"assistant","content":[{"type":"refusal');
    draft.member("refusal", refusal);
    draft.out.ascii("}]}");
  }

  /** `call` holds a `function`, a `custom` or a `function_call`. */
  private writeCall(id: i32, call: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    const custom = doc.get(call, "custom");
    const isCustom = doc.isObject(custom);
    let named = isCustom ? custom : doc.get(call, "function");
    if (!doc.isObject(named)) named = doc.get(call, "function_call");
    const name = doc.get(named, "name");
    if (innerOf(doc, name).length == 0) return draft.refuse(sentences.UNNAMED_CALL, ".function.name");
    if (innerOf(doc, id).length == 0) return draft.refuse(sentences.CALL_WITHOUT_ID, ".id");
    if (isCustom) this.custom.set(innerOf(doc, id).hash(), id);
    this.item(isCustom ? "custom_tool_call" : "function_call");
    draft.member("call_id", id);
    draft.member("name", name);
    const given = doc.get(named, isCustom ? "input" : "arguments");
    draft.key(isCustom ? "input" : "arguments");
    if (isCustom || innerOf(doc, given).length != 0) draft.out.view(doc.isString(given) ? doc.raw(given) : View.utf8('""'));
    else writeString(draft.out, doc.isObject(given) ? doc.raw(given) : View.utf8("{}"));
    this.close();
    return true;
  }

  private writeResult(message: i32): bool {
    const draft = this.draft;
    const doc = draft.doc;
    let id = doc.get(message, "tool_call_id");
    if (!doc.isString(id)) id = doc.get(message, "name");
    if (innerOf(doc, id).length == 0) return draft.refuse(sentences.RESULT_WITHOUT_ID, ".tool_call_id");
    this.item(this.custom.has(innerOf(doc, id).hash()) ? "custom_tool_call_output" : "function_call_output");
    draft.member("call_id", id);
    return this.writeContent("output", doc.get(message, "content"));
  }
}
