// messages -> contents and system_instruction. Tool results are written by tool-results.ts.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonCursor } from "../../json/cursor";
import { JsonDocument, NONE } from "../../json/document";
import { writeString } from "../../json/text";
import { innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { CallIndex } from "./call-index";
import { isGemini3 } from "./model";
import { PartWriter } from "./parts";
import { ToolResultWriter, isJsonObject, writeCallId } from "./tool-results";

/**
 * What Google tells to send as the signature of a function call whose own is not at hand, for clients that drop unknown
 * fields from the history: without any, Gemini 3 answers 400 (thought signature guide, Nov 2026).
 */
const NO_SIGNATURE = '"skip_thought_signature_validator"';

@final
export class ConversationWriter {
  problem: string = "";
  problemParam: string = "";
  /** The parts of the system instruction, with commas between. */
  system: Buffer;
  private systemParts: PartWriter;
  private parts: PartWriter;
  private calls: CallIndex = new CallIndex();
  private cursor: JsonCursor = new JsonCursor();
  private contents: i32 = 0;

  constructor(
    private doc: JsonDocument,
    private out: Buffer,
    private context: TranslateContext,
  ) {
    const system = new Buffer(256);
    this.system = system;
    this.systemParts = new PartWriter(doc, system);
    this.parts = new PartWriter(doc, out);
  }

  private refuse(problem: string, param: string): bool {
    this.problem = problem;
    this.problemParam = param;
    return false;
  }

  private refusePart(writer: PartWriter, index: i32): bool {
    return this.refuse(writer.problem, "messages[" + index.toString() + "]" + writer.problemAt);
  }

  /** Appends the list of contents; false with `problem`. */
  write(messages: i32): bool {
    const doc = this.doc;
    if (!doc.isArray(messages)) return this.refuse("messages must be a list.", "messages");
    if (doc.first(messages) == NONE) return this.refuse("messages must not be empty.", "messages");
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
    if (this.contents == 0) return this.refuse("messages hold nothing to answer.", "messages");
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
    if (doc.textIs(role, "system") || doc.textIs(role, "developer")) {
      return this.systemParts.content(content) || this.refusePart(this.systemParts, index);
    }
    if (doc.textIs(role, "assistant")) return this.writeAssistant(message, content, index);
    if (!doc.textIs(role, "user")) {
      return this.refuse("role must be system, developer, user, assistant or tool.", "messages[" + index.toString() + "].role");
    }
    this.openContent("user");
    if (!this.parts.content(content)) return this.refusePart(this.parts, index);
    if (this.parts.count == 0) this.parts.text(View.empty()); // A turn without a part is refused there.
    this.out.ascii("]}");
    return true;
  }

  // ---- assistant ----------------------------------------------------------------------------------------------------

  private writeAssistant(message: i32, content: i32, index: i32): bool {
    const doc = this.doc;
    const out = this.out;
    const start = out.length;
    this.openContent("model");
    if (!this.parts.content(content)) return this.refusePart(this.parts, index);
    const refusal = doc.get(message, "refusal");
    if (this.parts.count == 0 && doc.isString(refusal)) this.parts.text(innerOf(doc, refusal));
    let signature = signatureOf(doc, message);
    const toolCalls = doc.get(message, "tool_calls");
    const legacyCall = doc.get(message, "function_call");
    const hasCalls = doc.first(toolCalls) != NONE || doc.isObject(legacyCall);
    if (signature.length > 0 && (this.parts.endsWithText || !hasCalls)) {
      if (!this.parts.endsWithText) this.parts.text(View.empty());
      this.parts.sign(signature);
      signature = View.empty();
    }
    if (!this.writeCalls(toolCalls, signature, "messages[" + index.toString() + "].tool_calls")) return false;
    if (doc.isObject(legacyCall) && doc.first(toolCalls) == NONE) {
      if (!this.writeCall(legacyCall, legacyCall, signature)) {
        return this.refuse("Each tool call needs a function name.", "messages[" + index.toString() + "].function_call");
      }
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

  /** `signature`: the message's own, for clients that keep it there; goes to the first call that has none. */
  private writeCalls(toolCalls: i32, signature: View, param: string): bool {
    const doc = this.doc;
    let spare = signature;
    // Of parallel calls only the first is signed, so only the first can lack one.
    if (spare.length == 0 && isGemini3(this.context.model)) spare = View.utf8(NO_SIGNATURE);
    for (let call = doc.first(toolCalls); call != NONE; call = doc.next(call)) {
      if (!this.writeCall(call, doc.get(call, "function"), spare)) {
        return this.refuse("Each tool call needs a function name.", param);
      }
      spare = View.empty();
    }
    return true;
  }

  private writeCall(call: i32, definition: i32, spareSignature: View): bool {
    const doc = this.doc;
    const out = this.out;
    const name = doc.get(definition, "name");
    if (!doc.isString(name) || doc.textIs(name, "")) return false;
    const id = doc.text(doc.get(call, "id"));
    this.calls.add(id, doc.raw(name));
    this.parts.next();
    out.ascii('{"functionCall":{');
    writeCallId(this.context, id, out);
    out.ascii('"name":');
    out.view(doc.raw(name));
    out.ascii(',"args":');
    this.writeArguments(doc.get(definition, "arguments"));
    out.ascii("}}");
    const own = signatureOf(doc, call);
    if (own.length > 0) this.parts.sign(own);
    else if (spareSignature.length > 0) this.parts.sign(spareSignature);
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
  return doc.textIs(role, "tool") || doc.textIs(role, "function");
}

/**
 * The thought signature that a message or tool call carries, as a raw JSON string; empty when there is none.
 * `extra_content.google.thought_signature` is the field of Google's OpenAI-compatible endpoint and of our responses,
 * `provider_specific_fields.thought_signature` is LiteLLM's.
 */
function signatureOf(doc: JsonDocument, holder: i32): View {
  const google = doc.get(doc.get(doc.get(holder, "extra_content"), "google"), "thought_signature");
  if (doc.isString(google) && !doc.textIs(google, "")) return doc.raw(google);
  const other = doc.get(doc.get(holder, "provider_specific_fields"), "thought_signature");
  return doc.isString(other) && !doc.textIs(other, "") ? doc.raw(other) : View.empty();
}
