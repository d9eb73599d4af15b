// OpenAI chat completions over iFlytek Spark's HTTP endpoint
// (https://www.xfyun.cn/doc/spark/HTTP%E8%B0%83%E7%94%A8%E6%96%87%E6%A1%A3.html, Nov 2026): nearly OpenAI's own dialect,
// with an envelope {code, message, sid} and fields left out. One object serves one exchange.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { ObjectEditor } from "../../json/object-editor";
import { PatchList } from "../../json/splice";
import { writeCompactInner, writeString } from "../../json/text";
import { readUsage } from "../../usage/document";
import { asWord } from "../conversation/error-code";
import { isFinished, mapFinishReason } from "../conversation/finish-reason";
import { callId } from "../conversation/ids";
import { ChoiceFlags } from "../conversation/choice-flags";
import { CompletionWriter } from "../conversation/completion-writer";
import { innerMember, innerOf } from "../conversation/inner";
import { SEAL_MEMBERS, writeUnsealedCalls } from "../conversation/seal-members";
import { TranslateContext } from "../translator";
import { PlainChat, appendText } from "../conversation/plain-chat";
import { NOT_AN_OBJECT } from "../conversation/sentences";
import { sparkErrorCode, sparkStatus } from "./error";

/** Tool calls of one response that are told apart; what goes beyond is taken for the last one. */
const MAX_CALLS: i32 = 64;

@final
export class SparkTranslator extends PlainChat {
  private started: ChoiceFlags = new ChoiceFlags();
  private hasCalls: bool = false;

  constructor(context: TranslateContext) {
    super(context);
  }

  path(out: Buffer): void {
    out.ascii("/v1/chat/completions");
  }

  /** The client's body with few edits: what is not named here goes on byte for byte. */
  request(body: View, out: Buffer): bool {
    const doc = this.doc;
    const messages = this.readMessages(body);
    if (messages == NONE) return false;
    const patches = new PatchList();
    const editor = ObjectEditor.read(body, doc.start(0), patches);
    if (editor === null) return this.refuse(NOT_AN_OBJECT, "");
    const model = new Buffer(64);
    writeString(model, this.context.model);
    editor.set("model", model.toView());
    const limit = doc.root("max_completion_tokens");
    if (doc.isSet(limit)) {
      editor.remove("max_completion_tokens");
      editor.set("max_tokens", doc.raw(limit));
    }
    // Without it a tool call comes as an object, and several do not come at all.
    if (doc.first(doc.root("tools")) != NONE && !doc.isSet(doc.root("tool_calls_switch"))) {
      editor.set("tool_calls_switch", View.utf8("true"));
    }
    for (let message = doc.first(messages); message != NONE; message = doc.next(message)) this.editMessage(body, message, patches);
    editor.finish();
    patches.apply(body, out, body.length);
    return this.refuseSize(out);
  }

  /** There is no developer role, content of texts alone has to be one string, and what others have sealed is nothing to it. */
  private editMessage(body: View, message: i32, patches: PatchList): void {
    const doc = this.doc;
    const editor = ObjectEditor.read(body, doc.start(message), patches);
    if (editor === null) return;
    if (doc.memberIs(message, "role", "developer")) editor.set("role", View.utf8('"system"'));
    for (let k = 0; k < SEAL_MEMBERS.length; k++) editor.remove(SEAL_MEMBERS[k]);
    const calls = doc.get(message, "tool_calls");
    if (doc.isArray(calls)) {
      const bare = new Buffer(doc.raw(calls).length);
      writeUnsealedCalls(doc, calls, bare);
      editor.set("tool_calls", bare.toView());
    }
    const content = doc.get(message, "content");
    const text = new Buffer(doc.end(content) - doc.start(content));
    text.byte(Ascii.Quote);
    if (doc.isArray(content) && appendText(doc, message, text)) {
      text.byte(Ascii.Quote);
      editor.set("content", text.toView());
    }
    editor.finish();
  }

  /** Errors are {code, message, sid} with status 200, or OpenAI's form {error: {message, code}}. */
  findError(status: i32): bool {
    const doc = this.doc;
    const nested = doc.root("error");
    const holder = doc.isObject(nested) ? nested : 0;
    const node = doc.get(holder, "code");
    let code = doc.integer(node, -1);
    if (code < 0) code = doc.text(node).toInteger();
    if (holder == 0 && code <= 0) return false;
    const word = code < 0 ? asWord(doc.text(node)) : sparkErrorCode(code);
    return this.foundError(innerMember(doc, holder, "message"), sparkStatus(code, status), word);
  }

  /** The id is given as `sid`, in events as `id` too. */
  private readHead(): void {
    const doc = this.doc;
    readUsage(doc, 0, this.report);
    if (this.responseId.length != 0) return;
    const sid = doc.textOf(0, "sid");
    this.setHead(sid.length != 0 ? sid : doc.textOf(0, "id"), View.empty());
  }

  response(body: View, out: Buffer): bool {
    const doc = this.doc;
    if (!this.readResponse(body) || !doc.isArray(doc.root("choices"))) return false;
    this.readHead();
    const writer = new CompletionWriter(this.context);
    writer.begin(out, this.responseId, this.responseModel, this.context.now);
    for (let node = doc.first(doc.root("choices")); node != NONE; node = doc.next(node)) {
      const choice = writer.choice;
      const message = doc.get(node, "message");
      const calls = doc.get(message, "tool_calls");
      const content = innerMember(doc, message, "content");
      // Beside tool calls content is "" there and null at OpenAI.
      if (content.length != 0) choice.addContent(content);
      choice.addReasoning(innerMember(doc, message, "reasoning_content"));
      for (let call = firstCall(doc, calls); call != NONE; call = nextCall(doc, calls, call)) {
        const definition = doc.get(call, "function");
        const id = callId(innerMember(doc, call, "id"), this.context.nonce, choice.toolCount);
        choice.addToolCallInner(id, innerMember(doc, definition, "name"), argumentsOf(doc, definition));
      }
      writer.endChoice(out, mapFinishReason(doc, doc.get(node, "finish_reason"), choice.toolCount > 0));
    }
    writer.end(out, this.usage);
    return !out.overflow;
  }

  /** The last event is [DONE]; a finish reason comes from the newer models only. */
  event(_name: View, data: View, out: Buffer): void {
    if (data.equals("[DONE]")) {
      if (!this.failed && this.chunks.hasRole()) this.finish(NONE, out);
      return;
    }
    if (!this.readEvent(data, out)) return;
    this.readHead();
    const doc = this.doc;
    const choice = doc.first(doc.root("choices"));
    if (choice == NONE || this.finished) return;
    const delta = doc.get(choice, "delta");
    const reasoning = innerMember(doc, delta, "reasoning_content");
    if (reasoning.length != 0) {
      this.chunks.role(out);
      this.chunks.reasoning(out, reasoning);
    }
    this.writeContent(innerMember(doc, delta, "content"), 0, out);
    this.writeCalls(doc.get(delta, "tool_calls"), out);
    const reason = doc.get(choice, "finish_reason");
    if (isFinished(doc, reason)) this.finish(reason, out);
  }

  private finish(reason: i32, out: Buffer): void {
    if (this.finished) return;
    this.finished = true;
    this.chunks.finish(out, mapFinishReason(this.doc, reason, this.hasCalls));
  }

  /** A call begins with its name; what comes for the same index later are more of its arguments. */
  private writeCalls(calls: i32, out: Buffer): void {
    const doc = this.doc;
    let position = 0;
    for (let call = firstCall(doc, calls); call != NONE; call = nextCall(doc, calls, call)) {
      const given = doc.integer(doc.get(call, "index"), position);
      const index = given < MAX_CALLS ? <i32>given : MAX_CALLS - 1;
      const definition = doc.get(call, "function");
      const text = argumentsOf(doc, definition);
      if (this.started.has(index)) {
        if (text.length != 0) this.chunks.toolArguments(out, index, text);
      } else {
        this.started.set(index);
        this.hasCalls = true;
        const id = callId(innerMember(doc, call, "id"), this.context.nonce, index);
        this.chunks.toolStart(out, index, id, innerMember(doc, definition, "name"), text);
      }
      position++;
    }
  }
}

/** `tool_calls` is a list with tool_calls_switch and one call, an object, without (Nov 2026). */
function firstCall(doc: JsonDocument, calls: i32): i32 {
  return doc.isObject(calls) ? calls : doc.isArray(calls) ? doc.first(calls) : NONE;
}

function nextCall(doc: JsonDocument, calls: i32, call: i32): i32 {
  return doc.isArray(calls) ? doc.next(call) : NONE;
}

/** The arguments of a call as escaped inner bytes, should they come as a JSON value instead of text. */
function argumentsOf(doc: JsonDocument, definition: i32): View {
  const given = doc.get(definition, "arguments");
  if (!doc.isObject(given)) return innerOf(doc, given);
  const text = new Buffer(128);
  writeCompactInner(text, doc.raw(given));
  return text.toView();
}
