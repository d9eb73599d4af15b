// A chat completion body -> ChatCompletion Pro's. The table of fields is in docs/translation-minimax.md.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonKind } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { parseNumber } from "../../json/number";
import { AllowedTools, NONE_ALLOWED } from "../conversation/allowed-tools";
import { innerMember } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { appendText } from "../conversation/plain-chat";
import { isSystem } from "../conversation/roles";
import { FUNCTIONS_ONLY, TEXT_ONLY, WRONG_ROLE } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";

/** Calls of one message that are looked through for a result's; OpenAI allows 128 tools. */
const MAX_CALLS: i32 = 128;

/** Names that MiniMax's own samples use, as insides of JSON strings: everybody needs one there. */
const BOT_NAME: View = View.utf8("MM\\u667a\\u80fd\\u52a9\\u7406");
const USER_NAME: View = View.utf8("\\u5c0f\\u660e");

@final
export class RequestWriter extends Refusing {
  /** The bot that responses: the one of the last system message. Escaped inner bytes. */
  private bot: View = BOT_NAME;
  private written: i32 = 0;
  /** The last assistant message, when it holds several calls: each goes out with its result. */
  private manyCalls: i32 = NONE;

  constructor(
    private doc: JsonDocument,
    private context: TranslateContext,
    private out: Buffer,
  ) {
    super();
  }

  /** Writes the body for the parsed document, whose messages are a list; false with `problem`. */
  write(messages: i32): bool {
    const out = this.out;
    out.ascii('{"model":');
    writeString(out, this.context.model);
    if (this.context.stream) out.ascii(',"stream":true');
    out.ascii(',"bot_setting":[');
    if (!this.writeBots(messages)) return false;
    out.wrap('],"reply_constraints":{"sender_type":"BOT","sender_name":"', this.bot, '"},"messages":[');
    if (!this.writeMessages(messages)) return false;
    out.byte(Ascii.RightBracket);
    this.writeSettings();
    if (!this.writeFunctions()) return false;
    out.byte(Ascii.RightBrace);
    return true;
  }

  private nameOf(message: i32, fallback: View): View {
    const name = innerMember(this.doc, message, "name");
    return name.length != 0 ? name : fallback;
  }

  private writeText(message: i32, index: i32): bool {
    if (appendText(this.doc, message, this.out)) return true;
    return this.refuse(TEXT_ONLY, "messages[" + index.toString() + "].content");
  }

  /** System messages describe bots; neighbours of one name describe the same one. Without any there is still a bot. */
  private writeBots(messages: i32): bool {
    const doc = this.doc;
    const out = this.out;
    let index = 0;
    let isOpen = false;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      if (isSystem(doc, message)) {
        const name = this.nameOf(message, BOT_NAME);
        if (isOpen && name.sameAs(this.bot)) out.ascii("\\n\\n");
        else {
          if (isOpen) out.ascii('"},');
          this.bot = name;
          this.openBot();
        }
        isOpen = true;
        if (!this.writeText(message, index)) return false;
      }
      index++;
    }
    if (!isOpen) {
      this.openBot();
      out.view(this.bot);
    }
    out.ascii('"}');
    return true;
  }

  private openBot(): void {
    this.out.wrap('{"bot_name":"', this.bot, '","content":"');
  }

  private writeMessages(messages: i32): bool {
    const doc = this.doc;
    let index = 0;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      if (!isSystem(doc, message) && !this.writeMessage(message, index)) return false;
      index++;
    }
    return true;
  }

  private writeMessage(message: i32, index: i32): bool {
    const doc = this.doc;
    const role = doc.get(message, "role");
    let call: i32 = NONE;
    if (doc.textIs(role, "user")) this.open("USER", this.nameOf(message, USER_NAME));
    else if (doc.textIs(role, "assistant")) {
      call = this.callOf(message);
      this.open("BOT", this.nameOf(message, this.bot));
    } else if (doc.textIn(role, "tool function")) {
      const asked = this.askedCall(doc.get(message, "tool_call_id"));
      if (asked != NONE) {
        this.open("BOT", this.bot);
        this.close(asked);
      }
      this.open("FUNCTION", this.bot);
    } else return this.refuse(WRONG_ROLE, "messages[" + index.toString() + "].role");
    if (!this.writeText(message, index)) return false;
    this.close(call);
    return true;
  }

  private open(type: string, name: View): void {
    const out = this.out;
    if (this.written > 0) out.byte(Ascii.Comma);
    this.written++;
    out.ascii('{"sender_type":"');
    out.ascii(type);
    out.wrap('","sender_name":"', name, '","text":"');
  }

  /** Ends the message; `call` is the function {name, arguments} that it asks for, or NONE. */
  private close(call: i32): void {
    const out = this.out;
    out.byte(Ascii.Quote);
    if (call != NONE) {
      out.wrap(',"function_call":{"name":"', innerMember(this.doc, call, "name"), '","arguments":"');
      out.view(innerMember(this.doc, call, "arguments"));
      out.ascii('"}');
    }
    out.byte(Ascii.RightBrace);
  }

  /** The function that an assistant message calls when it is one, in OpenAI's present or old spelling. */
  private callOf(message: i32): i32 {
    const doc = this.doc;
    const first = doc.first(doc.get(message, "tool_calls"));
    this.manyCalls = NONE;
    if (first == NONE) return objectOr(doc, doc.get(message, "function_call"));
    if (doc.next(first) == NONE) return objectOr(doc, doc.get(first, "function"));
    // A message has room for one call there.
    this.manyCalls = message;
    return NONE;
  }

  /** The function of the call with this id among several of one message, or NONE. */
  private askedCall(id: i32): i32 {
    const doc = this.doc;
    let call = doc.first(doc.get(this.manyCalls, "tool_calls"));
    for (let k = 0; k < MAX_CALLS && call != NONE; k++) {
      const own = doc.get(call, "id");
      if (doc.isString(own) && doc.raw(own).sameAs(doc.raw(id))) return objectOr(doc, doc.get(call, "function"));
      call = doc.next(call);
    }
    return NONE;
  }

  private put(name: string, value: View): void {
    this.out.ascii(',"');
    this.out.ascii(name);
    this.out.put('":', value);
  }

  private copy(name: string): void {
    const node = this.doc.root(name);
    if (this.doc.isSet(node)) this.put(name, this.doc.raw(node));
  }

  private writeSettings(): void {
    const doc = this.doc;
    const limit = doc.root("max_completion_tokens");
    const tokens = doc.isSet(limit) ? limit : doc.root("max_tokens");
    if (doc.isSet(tokens)) this.put("tokens_to_generate", doc.raw(tokens));
    this.writeShare("temperature");
    this.writeShare("top_p");
    // MiniMax's extensions, which clients put beside OpenAI's fields.
    this.copy("sample_messages");
    this.copy("knowledge_base_param");
    if (doc.isSet(doc.root("mask_sensitive_info"))) this.copy("mask_sensitive_info");
    else this.out.ascii(',"mask_sensitive_info":true');
  }

  /** A number of (0, 1]; what is outside is cut, 0 to MiniMax's own smallest, 0.01. */
  private writeShare(name: string): void {
    const node = this.doc.root(name);
    if (this.doc.kind(node) != JsonKind.Number) return;
    const raw = this.doc.raw(node);
    const value = parseNumber(raw);
    if (value <= 0) this.put(name, View.utf8("0.01"));
    else this.put(name, value > 1 ? View.utf8("1") : raw);
  }

  private writeFunctions(): bool {
    const doc = this.doc;
    const tools = doc.root("tools");
    const functions = doc.root("functions");
    const allowed = new AllowedTools(doc);
    let index = 0;
    let count = 0;
    for (let tool = doc.first(tools); tool != NONE; tool = doc.next(tool)) {
      const definition = doc.get(tool, "function");
      if (!doc.isObject(definition)) {
        return this.refuse(FUNCTIONS_ONLY, "tools[" + index.toString() + "].type");
      }
      index++;
      if (!allowed.admits(tool)) continue;
      this.out.ascii(count == 0 ? ',"functions":[' : ",");
      this.out.view(doc.raw(definition));
      count++;
    }
    if (count > 0) this.out.byte(Ascii.RightBracket);
    else if (index > 0) return this.refuse(NONE_ALLOWED, "tool_choice");
    else if (doc.first(functions) != NONE) this.put("functions", doc.raw(functions));
    else return true;
    this.writeChoice(index == 1);
    return true;
  }

  /** auto, none, or one by name; required is said exactly when there is one function, else it is MiniMax's auto. */
  private writeChoice(isOnly: bool): void {
    const doc = this.doc;
    const given = doc.root("tool_choice");
    const choice = doc.isSet(given) ? given : doc.root("function_call");
    let name = doc.get(doc.get(choice, "function"), "name");
    if (name == NONE) name = doc.get(choice, "name");
    if (isOnly && doc.textIs(choice, "required")) name = doc.get(doc.get(doc.first(doc.root("tools")), "function"), "name");
    if (doc.isString(name)) {
      this.out.wrap(',"function_call":{"type":"specific","name":', doc.raw(name), "}");
    } else if (doc.textIs(choice, "none")) this.put("function_call", View.utf8('{"type":"none"}'));
  }
}

function objectOr(doc: JsonDocument, node: i32): i32 {
  return doc.isObject(node) ? node : NONE;
}
