// messages -> input.messages: the same roles and tool fields; content by service, fields of OpenAI alone left out.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { innerMember } from "../conversation/inner";
import { writeUnsealedCalls } from "../conversation/seal-members";
import { NO_MESSAGES, WRONG_ROLE } from "../conversation/sentences";
import { ContentWriter } from "./content";

@final
export class MessageWriter {
  problem: string = "";
  problemParam: string = "";
  /** A message holds thinking of an earlier turn. */
  hasThinking: bool = false;
  private content: ContentWriter;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private multimodal: bool,
  ) {
    this.content = new ContentWriter(doc, out);
  }

  private refuse(problem: string, index: i32, at: string): bool {
    this.problem = problem;
    this.problemParam = index < 0 ? "messages" : "messages[" + index.toString() + "]" + at;
    return false;
  }

  /** Writes the list, brackets included; false with `problem`. */
  write(messages: i32): bool {
    const doc = this.doc;
    if (!doc.isArray(messages)) return this.refuse(NO_MESSAGES, -1, "");
    if (doc.first(messages) == NONE) return this.refuse(NO_MESSAGES, -1, "");
    this.out.byte(Ascii.LeftBracket);
    let index = 0;
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) {
      if (!doc.isObject(message)) return this.refuse("Each message must be an object.", index, "");
      if (index > 0) this.out.byte(Ascii.Comma);
      if (!this.message(message, index)) return false;
      index++;
    }
    this.out.byte(Ascii.RightBracket);
    return true;
  }

  private message(message: i32, index: i32): bool {
    const doc = this.doc;
    const out = this.out;
    const role = roleOf(doc, doc.get(message, "role"));
    if (role.length == 0) return this.refuse(WRONG_ROLE, index, ".role");
    out.ascii('{"role":"');
    out.ascii(role);
    out.ascii('","content":');
    const given = doc.get(message, "content");
    const content = doc.isSet(given) ? given : doc.get(message, "refusal");
    const written = this.multimodal ? this.content.writeParts(content) : this.content.writeText(content);
    if (!written) return this.refuse(this.content.problem, index, this.content.problemAt);
    this.copy(message, "name");
    const calls = doc.get(message, "tool_calls");
    if (doc.isSet(calls)) {
      out.ascii(',"tool_calls":');
      writeUnsealedCalls(doc, calls, out);
    }
    this.copy(message, "tool_call_id");
    this.copy(message, "reasoning_content");
    if (doc.isSet(doc.get(message, "reasoning_content"))) this.hasThinking = true;
    this.copy(message, "partial");
    this.copy(message, "cache_control");
    this.writeOldCall(message);
    out.byte(Ascii.RightBrace);
    return true;
  }

  private copy(message: i32, name: string): void {
    const node = this.doc.get(message, name);
    if (!this.doc.isSet(node)) return;
    this.out.ascii(',"');
    this.out.ascii(name);
    this.out.put('":', this.doc.raw(node));
  }

  /** The spelling of before Nov 2023, `function_call` and role function: a call whose id is made of the name. */
  private writeOldCall(message: i32): void {
    const doc = this.doc;
    const out = this.out;
    const call = doc.get(message, "function_call");
    if (doc.isObject(call) && !doc.isSet(doc.get(message, "tool_calls"))) {
      out.wrap(',"tool_calls":[{"id":"call_', innerMember(doc, call, "name"), '","type":"function","function":');
      out.view(doc.raw(call));
      out.ascii("}]");
    }
    if (doc.memberIs(message, "role", "function")) {
      out.wrap(',"tool_call_id":"call_', innerMember(doc, message, "name"), '"');
    }
  }
}

/** DashScope has no developer role. "" for a role that is not known. */
function roleOf(doc: JsonDocument, role: i32): string {
  if (doc.textIs(role, "user")) return "user";
  if (doc.textIs(role, "assistant")) return "assistant";
  if (doc.textIn(role, "system developer")) return "system";
  if (doc.textIn(role, "tool function")) return "tool";
  return "";
}
