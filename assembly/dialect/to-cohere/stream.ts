// The events of a streamed /v2/chat -> chat.completion.chunk events. Each has its type in the data as well as in the event's
// name; texts and arguments are new pieces, tool calls come one after the other, and message-end is the end.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { callId, idOr } from "../conversation/ids";
import { innerMember, innerOf } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { ChatStream } from "../conversation/chat-stream";
import { errorText, writeFailureEvent } from "./error";
import { isFailure, mapFinishReason } from "./finish-reason";
import { writeLogprobs } from "./logprobs";
import { isNoArguments } from "./response";

/** Tool calls that are told apart; what goes beyond is dropped. OpenAI allows 128 tools. */
const MAX_CALLS: i32 = 128;

@final
export class StreamWriter extends ChatStream {
  private logprobs: Buffer = new Buffer(16);
  /** The upstream's index of each call, by the index that the client sees. */
  private calls: Array<i64> = [];
  /** Calls that have had arguments. */
  private filled: StaticArray<bool> = new StaticArray<bool>(MAX_CALLS);

  constructor(context: TranslateContext, report: UsageReport) {
    super(context, report);
  }

  /** Writes the chunks for one event. After the end and after an error nothing more is written. */
  event(name: View, data: View, out: Buffer): void {
    if (this.finished || !this.parseEvent(data, out)) return;
    const doc = this.doc;
    const type = this.typeOr(name);
    const text = errorText(doc);
    if (text.length != 0 || type.equals("error")) this.fail(text, out);
    else this.read(type, out);
  }

  private fail(inner: View, out: Buffer): void {
    this.failed = true;
    writeFailureEvent(inner, this.chunks, out);
  }

  private read(type: View, out: Buffer): void {
    const doc = this.doc;
    const delta = doc.root("delta");
    const message = doc.get(delta, "message");
    if (this.id.length == 0) {
      this.id = idOr(type.equals("message-start") ? doc.textOf(0, "id") : View.empty(), this.context.nonce);
      this.chunks.setHead(this.id, this.context.model, this.context.now);
    }
    if (type.equals("message-start")) this.chunks.role(out);
    else if (type.isOneOf("content-start content-delta")) this.content(doc.get(message, "content"), out);
    else if (type.equals("tool-plan-delta")) this.reasoning(doc.get(message, "tool_plan"), out);
    else if (type.equals("tool-call-start")) this.startCall(doc.get(message, "tool_calls"), out);
    else if (type.equals("tool-call-delta")) this.continueCall(doc.get(message, "tool_calls"), out);
    else if (type.equals("tool-call-end")) this.endCall(this.currentCall(), out);
    else if (type.equals("citation-start")) this.cite(doc.get(message, "citations"));
    else if (type.equals("message-end")) this.finish(delta, out);
    // content-end, citation-end, debug and what is new say nothing to an OpenAI client.
  }

  private content(content: i32, out: Buffer): void {
    const doc = this.doc;
    const chunks = this.chunks;
    this.reasoning(doc.get(content, "thinking"), out);
    const inner = innerMember(doc, content, "text");
    if (inner.length == 0) return;
    this.logprobs.clearTo(1 << 12);
    const hasLogprobs = writeLogprobs(doc, doc.root("logprobs"), this.logprobs);
    chunks.open(out);
    chunks.putRole(out);
    chunks.putContent(out, inner);
    chunks.close(out, "", hasLogprobs ? this.logprobs.toView() : View.empty());
  }

  private reasoning(node: i32, out: Buffer): void {
    const inner = innerOf(this.doc, node);
    if (inner.length == 0) return;
    this.chunks.role(out);
    this.chunks.reasoning(out, inner);
  }

  private startCall(given: i32, out: Buffer): void {
    const doc = this.doc;
    const calls = this.calls;
    if (calls.length >= MAX_CALLS) return;
    const call = doc.isArray(given) ? doc.first(given) : given;
    const definition = doc.get(call, "function");
    const ordinal = calls.length;
    calls.push(doc.integer(doc.root("index"), ordinal));
    this.chunks.role(out);
    const id = callId(innerMember(doc, call, "id"), this.context.nonce, ordinal);
    this.chunks.toolStart(out, ordinal, id, innerMember(doc, definition, "name"), View.empty());
    this.addArguments(ordinal, innerMember(doc, definition, "arguments"), out);
  }

  private continueCall(given: i32, out: Buffer): void {
    const doc = this.doc;
    const call = doc.isArray(given) ? doc.first(given) : given;
    this.addArguments(this.currentCall(), innerMember(doc, doc.get(call, "function"), "arguments"), out);
  }

  private addArguments(ordinal: i32, inner: View, out: Buffer): void {
    if (<u32>ordinal >= <u32>MAX_CALLS || inner.length == 0) return;
    if (!this.filled[ordinal] && isNoArguments(inner)) return;
    this.filled[ordinal] = true;
    this.chunks.toolArguments(out, ordinal, inner);
  }

  /** The call that the event is about: the latest with its index, the latest of all when it names none; -1 for none. */
  private currentCall(): i32 {
    const calls = this.calls;
    const index = this.doc.integer(this.doc.root("index"), -1);
    if (index < 0) return calls.length - 1;
    for (let k = calls.length - 1; k >= 0; k--) if (calls[k] == index) return k;
    return -1;
  }

  /** A call that was made without arguments gets an empty object. */
  private endCall(ordinal: i32, out: Buffer): void {
    if (ordinal >= 0 && !this.filled[ordinal]) this.addArguments(ordinal, View.utf8("{}"), out);
  }

  /** Citations ride on the next chunk as a list, in Cohere's form. */
  private cite(given: i32): void {
    const doc = this.doc;
    if (doc.isObject(given)) this.chunks.attachItem("citations", doc.raw(given));
    else for (let item = doc.first(given); item != NONE; item = doc.next(item)) this.chunks.attachItem("citations", doc.raw(item));
  }

  private finish(delta: i32, out: Buffer): void {
    const doc = this.doc;
    readUsage(doc, 0, this.report);
    const reason = doc.get(delta, "finish_reason");
    const error = innerMember(doc, delta, "error");
    if (error.length != 0 || isFailure(doc, reason)) {
      this.fail(error, out);
      return;
    }
    for (let k = 0; k < this.calls.length; k++) this.endCall(k, out);
    this.finished = true;
    this.chunks.role(out);
    this.chunks.finish(out, mapFinishReason(doc, reason, this.calls.length != 0));
  }
}
