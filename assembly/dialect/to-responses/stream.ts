// The events of a streamed response of the Responses API -> chat.completion.chunk events (OpenAI's API reference, "Streaming events", as in
// the package openai 6.49, Nov 2026). Servers that tell an item whole, without pieces before, are understood as well.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { ReasoningMode } from "../../model/reasoning-mode";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { ChatStream } from "../conversation/chat-stream";
import { callId, idOr } from "../conversation/ids";
import { innerMember, innerOf } from "../conversation/inner";
import { itemThought } from "../conversation/reasoning";
import { ItemKind, kindOfItem } from "../conversation/response-items";
import { PartKind, partOfDelta } from "../conversation/response-parts";
import { PlainEvent, TranslateContext } from "../translator";
import { ResponseFailure } from "./error";
import { chatAnnotation, chatLogprobs, createdAt, finishOf, isSealed } from "./response";

/** Calls that are told apart; what goes beyond is left out. OpenAI allows 128 tools. */
const MAX_CALLS: i32 = 128;
const PREFIX = "response.";

@final
export class StreamWriter extends ChatStream {
  /** The output index of each call, by the index that the client sees, and whether its arguments have begun. */
  private calls: Array<i64> = [];
  private filled: Array<bool> = [];
  /** What pieces of the item that goes on have told. */
  private toldText: bool = false;
  private toldThought: bool = false;
  /** The next thought is another paragraph. */
  private breaksThought: bool = false;
  private isRefused: bool = false;
  /** A text was the last that was told: another one is a part of its own. */
  private endsWithText: bool = false;
  /** Deltas of text and of arguments that nothing else comes with are plain. */
  readonly plain: PlainEvent = new PlainEvent();

  constructor(context: TranslateContext, report: UsageReport) {
    super(context, report);
  }

  event(name: View, data: View, out: Buffer): void {
    if (this.finished || !this.parseEvent(data, out)) return;
    const doc = this.doc;
    const type = this.typeOr(name);
    const response = doc.root("response");
    if (this.id.length == 0) this.begin(response);
    if (type.isOneOf("error response.failed") || (doc.isObject(doc.root("error")) && !type.startsWith(PREFIX))) {
      readUsage(doc, 0, this.report);
      this.failed = true;
      const failure = ResponseFailure.read(doc);
      this.chunks.error(out, failure.message, failure.type, failure.code);
    } else if (type.startsWith(PREFIX)) this.read(type.slice(PREFIX.length, type.length), response, out);
  }

  private begin(response: i32): void {
    const doc = this.doc;
    this.id = idOr(doc.textOf(response, "id"), this.context.nonce);
    const model = doc.textOf(response, "model");
    if (model.length != 0) this.model = model.copy();
    this.chunks.setHead(this.id, this.model, createdAt(doc, response, this.context));
  }

  /** `type` stands behind `response.`. Events of the service's own tools, and what is new, say nothing to a chat client. */
  private read(type: View, response: i32, out: Buffer): void {
    const doc = this.doc;
    this.chunks.role(out);
    const part = partOfDelta(type);
    if (part != PartKind.None) this.piece(part, innerMember(doc, 0, "delta"), out);
    else if (type.isOneOf("function_call_arguments.delta custom_tool_call_input.delta"))
      this.addArguments(this.findCall(), type.startsWith("custom"), innerMember(doc, 0, "delta"), out);
    else if (type.equals("output_item.added")) this.addItem(doc.root("item"), out);
    else if (type.equals("output_item.done")) this.endItem(doc.root("item"), out);
    else if (type.equals("content_part.added")) this.addPart(out);
    else if (type.equals("reasoning_summary_part.added")) this.breaksThought = this.breaksThought || this.toldThought;
    else if (type.equals("output_text.annotation.added")) {
      const json = chatAnnotation(doc, doc.root("annotation"));
      if (json.length != 0) this.chunks.attachItem("annotations", json);
    } else if (type.isOneOf("completed incomplete")) {
      readUsage(doc, 0, this.report);
      this.finished = true;
      const isRefused = this.isRefused && this.context.isConversation;
      this.chunks.finish(out, isRefused ? "content_filter" : finishOf(doc, response, this.calls.length != 0));
    }
  }

  private piece(part: PartKind, inner: View, out: Buffer): void {
    if (inner.length == 0) return;
    if (part == PartKind.Summary || part == PartKind.Thought) {
      if (this.breaksThought) this.chunks.reasoning(out, View.utf8("\\n\\n"));
      this.breaksThought = false;
      this.toldThought = true;
      this.endsWithText = false;
      this.chunks.reasoning(out, inner);
      return;
    }
    const goesOn = this.endsWithText && this.toldText && this.chunks.isSteady();
    this.toldText = true;
    this.endsWithText = true;
    if (part == PartKind.Refusal) {
      this.isRefused = true;
      // The form has no member for it.
      if (this.context.isConversation) this.chunks.content(out, inner);
      else this.chunks.refusal(out, inner);
      return;
    }
    const logprobs = chatLogprobs(this.doc, 0);
    this.chunks.open(out);
    this.chunks.putContent(out, inner);
    this.chunks.close(out, "", logprobs);
    if (goesOn && logprobs.length == 0) this.markPlain(inner);
  }

  private markPlain(inner: View): void {
    const doc = this.doc;
    const plain = this.plain;
    plain.text = inner;
    plain.at = this.chunks.pieceAt;
    plain.padding = innerMember(doc, 0, "obfuscation");
    plain.number = doc.raw(doc.root("sequence_number"));
  }

  /** A chunk of one member. */
  private put(name: string, raw: View, out: Buffer): void {
    this.chunks.open(out);
    this.chunks.putRaw(out, name, raw);
    this.chunks.close(out, "");
  }

  /** Texts of one turn are parts of their own in the form; a chat joins them. */
  private addPart(out: Buffer): void {
    if (this.endsWithText && this.context.isConversation) this.put("content_end", View.utf8("true"), out);
    this.endsWithText = false;
  }

  // ---- items --------------------------------------------------------------------------------------------------------

  private addItem(item: i32, out: Buffer): void {
    const kind = kindOfItem(this.doc, item);
    this.toldText = false;
    if (kind != ItemKind.Reasoning) this.addPart(out);
    if (kind == ItemKind.FunctionCall || kind == ItemKind.CustomCall) this.beginCall(item, kind == ItemKind.CustomCall, out);
  }

  private endItem(item: i32, out: Buffer): void {
    const doc = this.doc;
    const kind = kindOfItem(doc, item);
    if (kind == ItemKind.Reasoning) {
      if (!this.toldThought) this.piece(PartKind.Summary, itemThought(doc, item), out);
      const isKept = isSealed(doc, item) && this.chunks.reasoningMode == ReasoningMode.Passthrough;
      if (isKept) this.putSealed(doc.raw(item), out);
      // In the form a sealed item ends its block.
      if (this.toldThought && !(isKept && this.context.isConversation)) this.breaksThought = true;
      this.toldThought = false;
      this.endsWithText = false;
    } else if (kind == ItemKind.Message) {
      for (let part = this.toldText ? NONE : doc.first(doc.get(item, "content")); part != NONE; part = doc.next(part)) {
        this.addPart(out);
        this.piece(PartKind.Text, innerMember(doc, part, "text"), out);
        this.piece(PartKind.Refusal, innerMember(doc, part, "refusal"), out);
      }
      this.toldText = false;
    } else if (kind == ItemKind.FunctionCall || kind == ItemKind.CustomCall) {
      const isCustom = kind == ItemKind.CustomCall;
      if (this.findCall() < 0) this.beginCall(item, isCustom, out);
      const call = this.findCall();
      if (call < 0 || this.filled[call]) return;
      const inner = innerOf(doc, doc.get(item, isCustom ? "input" : "arguments"));
      // A call without arguments gets an object, as clients parse what they are given.
      this.addArguments(call, isCustom, inner.length != 0 || isCustom ? inner : View.utf8("{}"), out);
    }
  }

  private putSealed(item: View, out: Buffer): void {
    const list = new Buffer(item.length + 2);
    list.wrap("[", item, "]");
    this.put("reasoning_items", list.toView(), out);
  }

  // ---- calls --------------------------------------------------------------------------------------------------------

  /** The call that the event is about, -1 for none. */
  private findCall(): i32 {
    const index = this.doc.integer(this.doc.root("output_index"), -1);
    for (let k = this.calls.length - 1; k >= 0; k--) if (this.calls[k] == index) return k;
    return -1;
  }

  private beginCall(item: i32, isCustom: bool, out: Buffer): void {
    const doc = this.doc;
    const index = this.calls.length;
    // The form knows functions alone: none but chat clients offer custom tools.
    if (index >= MAX_CALLS || (isCustom && this.context.isConversation)) return;
    this.calls.push(doc.integer(doc.root("output_index"), -1));
    this.filled.push(false);
    const id = callId(innerMember(doc, item, "call_id"), this.context.nonce, index);
    const name = innerMember(doc, item, "name");
    if (!isCustom) this.chunks.toolStart(out, index, id, name, View.empty());
    else {
      const raw = new Buffer(128);
      raw.ascii('[{"index":');
      raw.integer(index);
      raw.wrap(',"id":"', id, '","type":"custom","custom":{"name":"');
      raw.view(name);
      raw.ascii('","input":""}}]');
      this.put("tool_calls", raw.toView(), out);
    }
  }

  private addArguments(call: i32, isCustom: bool, inner: View, out: Buffer): void {
    if (call < 0 || inner.length == 0) return;
    const goesOn = this.filled[call] && this.chunks.isSteady();
    this.filled[call] = true;
    if (!isCustom) {
      this.chunks.toolArguments(out, call, inner);
      if (goesOn) this.markPlain(inner);
      return;
    }
    this.context.effects.text.addMiddle(inner);
    const raw = new Buffer(inner.length + 64);
    raw.ascii('[{"index":');
    raw.integer(call);
    raw.wrap(',"custom":{"input":"', inner, '"}}]');
    this.put("tool_calls", raw.toView(), out);
  }
}
