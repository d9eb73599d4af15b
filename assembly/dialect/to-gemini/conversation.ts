// messages -> contents and system_instruction. Tool results are written by tool-results.ts.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonCursor } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { NO_CONTENT, NO_MESSAGES, UNNAMED_CALL, WRONG_ROLE } from "../conversation/sentences";
import { Refusing } from "../conversation/refusing";
import { CallIndex } from "./call-index";
import { isGemini3 } from "./model";
import { PartWriter } from "./parts";
import { isGoogles, signatureOf } from "./signature";
import { ToolResultWriter, isJsonObject, writeCallId } from "./tool-results";

/**
 * What Google tells to send as the signature of a function call whose own is not at hand, for clients that drop unknown
 * fields from the history: without any, Gemini 3 answers 400 (https://ai.google.dev/gemini-api/docs/thought-signatures, Nov
 * 2026).
 */
const NO_SIGNATURE = '"skip_thought_signature_validator"';

@final
export class ConversationWriter extends Refusing {
  /** The parts of the system instruction, with commas between. */
  system: Buffer;
  private systemParts: PartWriter;
  private parts: PartWriter;
  private calls: CallIndex = new CallIndex();
  private cursor: JsonCursor = new JsonCursor();
  private contents: i32 = 0;
  /** What the next call of the turn is signed with when it has nothing of its own, raw JSON string; empty for nothing. */
  private spare: View = View.empty();

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private context: TranslateContext,
  ) {
    super();
    const system = new Buffer(256);
    this.system = system;
    this.systemParts = new PartWriter(doc, system, context.isConversation);
    this.parts = new PartWriter(doc, out, context.isConversation);
  }

  private refusePart(writer: PartWriter, index: i32): bool {
    return this.refuse(writer.problem, "messages[" + index.toString() + "]" + writer.problemAt);
  }

  /** Appends the list of contents; false with `problem`. */
  write(messages: i32): bool {
    const doc = this.doc;
    if (!doc.isArray(messages)) return this.refuse(NO_MESSAGES, "messages");
    if (doc.first(messages) == NONE) return this.refuse(NO_MESSAGES, "messages");
    this.out.byte(Ascii.LeftBracket);
    let index = 0;
    for (let message = doc.first(messages); message != NONE; index++) {
      if (isToolRole(doc, message)) {
        const run: Array<i32> = [];
        for (; message != NONE && isToolRole(doc, message); message = doc.next(message)) run.push(message);
        this.openContent("user");
        const results = new ToolResultWriter(doc, this.parts, this.calls, this.context);
        if (!results.write(run, index)) return this.refuse(results.problem, results.problemParam);
        this.out.ascii("]}");
        index += run.length - 1;
        continue;
      }
      if (doc.memberIs(message, "role", "assistant")) {
        let end = doc.next(message);
        let count = 1;
        while (this.context.isConversation && doc.memberIs(end, "role", "assistant")) {
          end = doc.next(end);
          count++;
        }
        if (!this.writeModelTurn(message, end, index)) return false;
        message = end;
        index += count - 1;
        continue;
      }
      if (!this.writeMessage(message, index)) return false;
      message = doc.next(message);
    }
    // A system message alone is a prompt to OpenAI; Gemini wants a content ("contents is not specified").
    if (this.contents == 0 && this.systemParts.count > 0) {
      this.openContent("user");
      this.out.view(this.system.toView());
      this.out.ascii("]}");
      this.system.clear();
    }
    this.out.byte(Ascii.RightBracket);
    if (this.contents == 0) return this.refuse(NO_CONTENT, "messages");
    return true;
  }

  private openContent(role: string): void {
    const out = this.out;
    if (this.contents > 0) out.byte(Ascii.Comma);
    this.contents++;
    out.ascii('{"role":"');
    out.ascii(role);
    out.ascii('","parts":[');
    this.parts.begin();
  }

  private writeMessage(message: i32, index: i32): bool {
    const doc = this.doc;
    const role = doc.get(message, "role");
    const content = doc.get(message, "content");
    if (doc.textIn(role, "system developer")) {
      return this.systemParts.content(content) || this.refusePart(this.systemParts, index);
    }
    if (!doc.textIs(role, "user")) {
      return this.refuse(WRONG_ROLE, "messages[" + index.toString() + "].role");
    }
    this.openContent("user");
    if (!this.parts.content(content)) return this.refusePart(this.parts, index);
    if (this.parts.count == 0) this.parts.text(View.empty()); // A turn without a part is refused there.
    this.out.ascii("]}");
    return true;
  }

  // ---- assistant ----------------------------------------------------------------------------------------------------

  /** The model's turn, which in the form may be several messages: those from `message` on, up to `end`. */
  private writeModelTurn(message: i32, end: i32, index: i32): bool {
    const doc = this.doc;
    const out = this.out;
    const start = out.length;
    this.openContent("model");
    // Of parallel calls only the first is signed, so only the first of a turn can lack a signature.
    this.spare = isGemini3(this.context.model) ? View.utf8(NO_SIGNATURE) : View.empty();
    for (; message != end; message = doc.next(message), index++) {
      if (!this.writeAssistant(message, doc.get(message, "content"), index)) return false;
    }
    if (this.parts.count == 0) {
      // An empty turn says nothing, and Gemini refuses a content without parts.
      out.truncate(start);
      this.contents--;
      return true;
    }
    out.ascii("]}");
    return true;
  }

  /** Thoughts of Gemini's own, which the form marks; others are not its affair. */
  private writeThoughts(message: i32): void {
    const doc = this.doc;
    for (let item = doc.first(doc.get(message, "thinking_blocks")); item != NONE; item = doc.next(item)) {
      if (!isGoogles(doc, item)) continue;
      const signature = signatureOf(doc, item);
      if (this.parts.thought(item) && signature.length != 0) this.parts.sign(signature);
    }
  }

  private writeAssistant(message: i32, content: i32, index: i32): bool {
    const doc = this.doc;
    const before = this.parts.count;
    if (this.context.isConversation) this.writeThoughts(message);
    if (!this.parts.content(content)) return this.refusePart(this.parts, index);
    const refusal = doc.get(message, "refusal");
    if (this.parts.count == before && doc.isString(refusal)) this.parts.text(innerOf(doc, refusal));
    let signature = signatureOf(doc, message);
    const toolCalls = doc.get(message, "tool_calls");
    const legacyCall = doc.get(message, "function_call");
    const hasCalls = doc.first(toolCalls) != NONE || doc.isObject(legacyCall);
    if (signature.length != 0 && (this.parts.endsWithText || !hasCalls)) {
      if (!this.parts.endsWithText) this.parts.text(View.empty());
      this.parts.sign(signature);
      signature = View.empty();
    }
    if (!this.writeCalls(toolCalls, signature, "messages[" + index.toString() + "].tool_calls")) return false;
    if (doc.isObject(legacyCall) && doc.first(toolCalls) == NONE) {
      if (!this.writeCall(legacyCall, legacyCall, signature)) {
        return this.refuse(UNNAMED_CALL, "messages[" + index.toString() + "].function_call");
      }
    }
    return true;
  }

  /** `signature`: the message's own, for clients that keep it there; goes to the first call that has none. */
  private writeCalls(toolCalls: i32, signature: View, param: string): bool {
    const doc = this.doc;
    for (let call = doc.first(toolCalls); call != NONE; call = doc.next(call)) {
      const spare = signature.length != 0 ? signature : this.spare;
      if (!this.writeCall(call, doc.get(call, "function"), spare)) {
        return this.refuse(UNNAMED_CALL, param);
      }
      signature = View.empty();
      this.spare = View.empty();
    }
    return true;
  }

  private writeCall(call: i32, definition: i32, spareSignature: View): bool {
    const doc = this.doc;
    const out = this.out;
    const name = doc.get(definition, "name");
    if (!doc.isString(name) || doc.textIs(name, "")) return false;
    const id = doc.textOf(call, "id");
    this.calls.add(id, doc.raw(name));
    this.parts.next();
    out.ascii('{"functionCall":{');
    writeCallId(this.context, id, out);
    out.wrap('"name":', doc.raw(name), ',"args":');
    this.writeArguments(doc.get(definition, "arguments"));
    out.ascii("}}");
    const own = signatureOf(doc, call);
    if (own.length != 0) this.parts.sign(own);
    else if (spareSignature.length != 0) this.parts.sign(spareSignature);
    return true;
  }

  /** args is an object there: the parsed string, {} when empty; a broken string stays readable inside one. */
  private writeArguments(node: i32): void {
    const doc = this.doc;
    const out = this.out;
    if (doc.isObject(node)) {
      out.view(doc.raw(node));
      return;
    }
    const text = doc.text(node).trim();
    if (text.length == 0 || text.equals("null")) out.ascii("{}");
    else if (isJsonObject(this.cursor, text)) out.view(text);
    else {
      out.ascii('{"arguments":');
      writeString(out, text);
      out.byte(Ascii.RightBrace);
    }
  }
}

function isToolRole(doc: JsonDocument, message: i32): bool {
  const role = doc.get(message, "role");
  return doc.textIn(role, "tool function");
}
