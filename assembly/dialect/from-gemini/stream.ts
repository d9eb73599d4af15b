// Chunks of a streamed chat completion -> GenerateContentResponses, as server-sent events or as the items of a JSON list. Text goes on
// as it comes; calls, finish reasons and usage are in the last one.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { JsonDocument, NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { isErrorEvent } from "../conversation/error-reader";
import { innerOf } from "../conversation/inner";
import { PlainEvent, TranslateContext } from "../translator";
import { INVALID_EVENT, TRUNCATED } from "../conversation/sentences";
import { Candidate, ClientView } from "./candidate";
import { translateErrorEvent, writeStreamFailure } from "./error";
import { MAX_CANDIDATES, beginCandidate, endCandidate, isBlocked, writeBlock, writeNames } from "./response";
import { writeUsageMetadata } from "./usage";

/** Bytes of calls and thinking that may be held back; beyond, the stream ends with an error. */
const MAX_HELD: i32 = 1 << 20;

@final
export class ResponseStream {
  /** Set by the request before the first event. */
  streamsList: bool = false;
  view: ClientView = new ClientView();
  heldBytes: i32 = 0;
  plain: PlainEvent = new PlainEvent();
  private candidates: Array<Candidate | null> = [];
  private names: Buffer = new Buffer(128);
  /** Responses that were written. */
  private count: i32 = 0;
  private isEnded: bool = false;
  private sawFinish: bool = false;

  constructor(
    private context: TranslateContext,
    private doc: JsonDocument,
    private report: UsageReport,
  ) {
    this.plain.isOuter = true;
  }

  /** Translates one event; true when it was a chunk (the document then holds it). */
  event(name: View, data: View, out: Buffer): bool {
    if (this.isEnded) return false;
    const text = data.trim();
    if (text.equals("[DONE]")) {
      this.finish(out);
      return false;
    }
    const doc = this.doc;
    if (!doc.parse(text)) {
      // Words beside the protocol (keep-alives) are passed over; a broken chunk is lost text and must be told.
      if (text.at(0) == Ascii.LeftBrace) this.fail(INVALID_EVENT, out);
      return false;
    }
    // An error may tell what the response has cost until then (OpenRouter, recorded Nov 2026).
    readUsage(doc, 0, this.report);
    if (isErrorEvent(doc, 0) || (name.equals("error") && doc.isObject(0))) {
      this.open(out);
      translateErrorEvent(doc, this.context.effects, out);
      this.close(out);
      this.stop(out);
      return false;
    }
    this.readChunk(out);
    return true;
  }

  /** See Translator. */
  get awaitsEnd(): bool {
    return this.sawFinish && !this.isEnded;
  }

  /** The upstream has closed: a proper end when it said why it finished, else an error. */
  end(out: Buffer): void {
    if (this.isEnded) return;
    if (this.sawFinish) this.finish(out);
    else this.fail(TRUNCATED, out);
  }

  private readChunk(out: Buffer): void {
    const doc = this.doc;
    let told = 0;
    let held = 0;
    for (let choice = doc.first(doc.get(0, "choices")); choice != NONE; choice = doc.next(choice)) {
      const index = doc.integer(doc.get(choice, "index"), 0);
      if (index >= MAX_CANDIDATES || !doc.isObject(choice)) continue;
      const candidate = this.candidateAt(<i32>index);
      candidate.clearParts();
      candidate.read(choice);
      if (candidate.isFinished) this.sawFinish = true;
      if (candidate.isFull) held = MAX_HELD + 1;
      if (candidate.parts.length == 0) continue;
      if (told == 0) this.beginResponse(out);
      else out.byte(Ascii.Comma);
      beginCandidate(out);
      if (told == 0 && candidate.pieceAt >= 0) this.note(candidate, out.length);
      else this.plain.clear();
      endCandidate(candidate, "", <i32>index, out);
      told++;
    }
    if (told > 0) this.endResponse(out);
    // The first one of a list begins it.
    if (this.streamsList && this.count < 2) this.plain.clear();
    this.takeNames();
    for (let k = 0; k < this.candidates.length; k++) {
      const candidate = this.candidates[k];
      if (candidate !== null) held += candidate.heldBytes;
    }
    this.heldBytes = held;
    if (held > MAX_HELD) this.fail("The upstream sent larger tool calls than can be held.", out);
  }

  /** The event is a piece of one candidate's text and nothing else. */
  private note(candidate: Candidate, at: i32): void {
    this.plain.text = candidate.piece;
    this.plain.at = at + candidate.pieceAt;
    this.plain.padding = innerOf(this.doc, this.doc.get(0, "obfuscation"));
  }

  private candidateAt(index: i32): Candidate {
    while (this.candidates.length <= index) this.candidates.push(null);
    let candidate = this.candidates[index];
    if (candidate === null) {
      candidate = new Candidate(this.doc, this.context, this.view);
      this.candidates[index] = candidate;
    }
    return candidate;
  }

  /** What names the response, for the last one, whose chunk may be gone by then. */
  private takeNames(): void {
    if (this.names.length > 0) return;
    writeNames(this.doc, this.context, this.names);
  }

  // ---- framing ------------------------------------------------------------------------------------------------------

  private open(out: Buffer): void {
    if (!this.streamsList) out.ascii("data: ");
    else out.ascii(this.count == 0 ? "[" : ",\r\n");
    this.count++;
  }

  private close(out: Buffer): void {
    if (!this.streamsList) out.ascii("\n\n");
  }

  private beginResponse(out: Buffer): void {
    this.open(out);
    out.ascii('{"candidates":[');
  }

  private endResponse(out: Buffer): void {
    out.byte(Ascii.RightBracket);
    writeNames(this.doc, this.context, out);
    out.byte(Ascii.RightBrace);
    this.close(out);
  }

  /** Nothing follows. */
  private stop(out: Buffer): void {
    this.isEnded = true;
    this.heldBytes = 0;
    if (this.streamsList) out.byte(Ascii.RightBracket);
  }

  // ---- the end ------------------------------------------------------------------------------------------------------

  /** The upstream said that it is done. Usage may come after finish_reason, so the last response is written here and not there. */
  private finish(out: Buffer): void {
    const candidates = this.candidates;
    let isStarted = false;
    for (let k = 0; k < candidates.length; k++) {
      const candidate = candidates[k];
      if (candidate === null) continue;
      isStarted = true;
      if (candidate.isFailed) {
        this.fail("The upstream broke off its answer.", out);
        return;
      }
    }
    if (!isStarted) {
      this.fail("The upstream ended the stream without an answer.", out);
      return;
    }
    this.beginResponse(out);
    let told = 0;
    let isHeldBack = false;
    for (let k = 0; k < candidates.length; k++) {
      const candidate = candidates[k];
      if (candidate === null) continue;
      candidate.clearParts();
      candidate.end();
      if (isBlocked(candidate)) isHeldBack = true;
      if (told++ > 0) out.byte(Ascii.Comma);
      beginCandidate(out);
      endCandidate(candidate, candidate.isFinished ? candidate.finish : "STOP", k, out);
    }
    out.byte(Ascii.RightBracket);
    if (isHeldBack) writeBlock(out);
    writeUsageMetadata(this.report.usage, out);
    out.view(this.names.toView());
    out.byte(Ascii.RightBrace);
    this.close(out);
    this.stop(out);
  }

  private fail(message: string, out: Buffer): void {
    if (this.isEnded) return;
    this.plain.clear();
    this.open(out);
    writeStreamFailure(message, this.context.effects, out);
    this.close(out);
    this.stop(out);
  }
}
