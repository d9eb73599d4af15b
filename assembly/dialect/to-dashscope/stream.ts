// DashScope's events (`event:result`, one response object each) -> chat.completion.chunk events. Text comes as increments
// because that is asked for, usage as running totals; the finish reason is the text "null" until the end.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { Field } from "../../usage/fields";
import { UsageReport } from "../../usage/report";
import { innerMember } from "../conversation/inner";
import { TranslateContext } from "../translator";
import { CallTracks } from "../conversation/call-tracks";
import { isFinished, mapFinishReason } from "../conversation/finish-reason";
import { PieceTrack } from "../conversation/piece-track";
import { ChatStream } from "../conversation/chat-stream";
import { findError, writeDashScopeErrorEvent } from "./error";
import { responseId } from "./ids";
import { choicesOf, hasResponse, readContent } from "./message-reader";

/** Choices that are told apart; n is at most 4 there. Higher indexes are taken for the last one. */
const MAX_CHOICES: i32 = 8;

@final
class ChoiceState {
  content: PieceTrack = new PieceTrack(true);
  calls: CallTracks;
  isFinished: bool = false;
  /** Output tokens of this choice alone, when events come for one choice of several; -1 until known. */
  output: i64 = -1;

  constructor(index: i32, nonce: u64) {
    this.calls = new CallTracks(index, nonce);
  }
}

@final
export class StreamWriter extends ChatStream {
  private choices: Array<ChoiceState | null> = [];
  private text: Buffer = new Buffer(256);
  private fresh: Buffer = new Buffer(256);
  private open: i32 = 0;

  constructor(context: TranslateContext, report: UsageReport) {
    super(context, report);
    for (let k = 0; k < MAX_CHOICES; k++) this.choices.push(null);
  }

  get heldBytes(): i32 {
    let bytes = 0;
    for (let k = 0; k < MAX_CHOICES; k++) {
      const choice = this.choices[k];
      if (choice !== null) bytes += choice.content.heldBytes + choice.calls.heldBytes;
    }
    return bytes;
  }

  /** Writes the chunks for one event. After an error nothing more is written. */
  event(name: View, data: View, out: Buffer): void {
    if (!this.parseEvent(data, out)) return;
    const doc = this.doc;
    const error = findError(doc, 0);
    if (error != NONE || name.equals("error")) {
      this.failed = true;
      writeDashScopeErrorEvent(doc, error != NONE ? error : 0, this.chunks, out);
      return;
    }
    this.response(out);
  }

  private response(out: Buffer): void {
    const doc = this.doc;
    if (this.id.length == 0) {
      this.id = responseId(doc, 0, this.context.nonce);
      this.chunks.setHead(this.id, this.context.model, this.context.now);
    }
    readUsage(doc, 0, this.report);
    if (!hasResponse(doc, 0)) return;
    const list = choicesOf(doc, 0);
    if (list == NONE) {
      this.readChoice(doc.root("output"), 0, out);
      return;
    }
    let position = 0;
    for (let choice = doc.first(list); choice != NONE; choice = doc.next(choice)) {
      const index = doc.integer(doc.get(choice, "index"), position);
      this.readChoice(choice, index < MAX_CHOICES ? <i32>index : MAX_CHOICES - 1, out);
      position++;
    }
    if (position == 1) this.sumOutput(doc.integer(doc.get(doc.first(list), "index"), 0));
  }

  /**
   * With n > 1 each event is about one choice and so is its output count (the official SDK adds them up, Jul 2026).
   */
  private sumOutput(index: i64): void {
    const state = this.stateOf(index < MAX_CHOICES ? <i32>index : MAX_CHOICES - 1);
    state.output = this.doc.integer(this.doc.get(this.doc.root("usage"), "output_tokens"), state.output);
    let sum: i64 = 0;
    let known = 0;
    for (let k = 0; k < this.choices.length; k++) {
      const other = this.choices[k];
      if (other === null || other.output < 0) continue;
      sum += other.output;
      known++;
    }
    if (known < 2) return;
    this.report.put(Field.OUTPUT, sum);
    this.report.drop(Field.TOTAL);
    this.report.updateUsage();
  }

  private stateOf(index: i32): ChoiceState {
    const known = this.choices[index];
    if (known !== null) return known;
    const state = new ChoiceState(index, this.context.nonce);
    this.choices[index] = state;
    this.open++;
    return state;
  }

  private readChoice(node: i32, index: i32, out: Buffer): void {
    const doc = this.doc;
    const chunks = this.chunks;
    const state = this.stateOf(index);
    if (state.isFinished) return;
    const message = doc.get(node, "message");
    const reasoning = innerMember(doc, message, "reasoning_content");
    if (reasoning.length != 0) {
      chunks.role(out, index);
      chunks.reasoning(out, reasoning, index);
    }
    const calls = doc.get(message, "tool_calls");
    const hasCalls = doc.isArray(calls) && doc.first(calls) != NONE;
    this.readContent(node, state, index, hasCalls, out);
    if (!chunks.hasRole(index)) chunks.role(out, index);
    if (hasCalls) state.calls.read(doc, calls, chunks, out);
    const reason = doc.get(node, "finish_reason");
    if (!isFinished(doc, reason)) return;
    this.closeTexts(state, index, out);
    state.isFinished = true;
    this.open--;
    this.finished = true;
    chunks.finish(out, mapFinishReason(doc, reason, state.calls.count > 0), index);
  }

  private readContent(node: i32, state: ChoiceState, index: i32, hasCalls: bool, out: Buffer): void {
    const doc = this.doc;
    this.text.clearTo(1 << 16);
    this.fresh.clearTo(1 << 16);
    if (readContent(doc, node, this.text)) state.content.add(this.text.toView(), this.fresh);
    // Increments never come again beside tool calls, whole texts do.
    if (hasCalls) state.content.close(true, this.fresh);
    this.writeContent(this.fresh.toView(), index, doc.get(node, "logprobs"), out);
  }

  /** One chunk of content, the choice's role with it when it is the first. */
  private writeContent(inner: View, index: i32, logprobs: i32, out: Buffer): void {
    if (inner.length == 0) return;
    const chunks = this.chunks;
    chunks.open(out, index);
    chunks.putRole(out);
    chunks.putContent(out, inner);
    chunks.close(out, "", this.doc.isObject(logprobs) ? this.doc.raw(logprobs) : View.empty());
  }

  /** Sends what is held back. */
  private closeTexts(state: ChoiceState, index: i32, out: Buffer): void {
    this.fresh.clearTo(1 << 16);
    state.content.close(false, this.fresh);
    this.writeContent(this.fresh.toView(), index, NONE, out);
    state.calls.close(this.chunks, out);
  }

  protected get isWhole(): bool {
    return this.finished && this.open == 0;
  }

  protected flush(out: Buffer): void {
    for (let k = 0; k < this.choices.length; k++) {
      const state = this.choices[k];
      if (state !== null && !state.isFinished) this.closeTexts(state, k, out);
    }
  }
}
