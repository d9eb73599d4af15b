// Chunks of a streamed chat completion -> GenerateContentResponses, as server-sent events or as the items of a JSON list. Text goes on
// as it comes; calls, finish reasons and usage are in the last one.

import { Ascii } from "../../bytes/ascii";
import { Buffer } from "../../bytes/buffer";
import { JsonDocument, NONE } from "../../json/document";
import { UsageReport } from "../../usage/report";
import { ClientStream } from "../conversation/client-stream";
import { innerMember } from "../conversation/inner";
import { PlainEvent, TranslateContext } from "../translator";
import { Candidate } from "./candidate";
import { ClientView } from "./client-view";
import { translateErrorEvent, writeStreamFailure } from "./error";
import { MAX_CANDIDATES, beginCandidate, endCandidate, isBlocked, writeBlock, writeNames } from "./response";
import { writeUsageMetadata } from "./usage";

/** Bytes of calls and thinking that may be held back; beyond, the stream ends with an error. */
const MAX_HELD: i32 = 1 << 20;

@final
export class ResponseStream extends ClientStream {
  /** Set by the request before the first event. */
  streamsList: bool = false;
  view: ClientView = new ClientView();
  plain: PlainEvent = new PlainEvent();
  private candidates: Array<Candidate | null> = [];
  private names: Buffer = new Buffer(128);
  /** Responses that were written. */
  private count: i32 = 0;
  private isEnded: bool = false;
  private held: i32 = 0;

  constructor(context: TranslateContext, doc: JsonDocument, report: UsageReport) {
    super(context, doc, report);
    this.plain.isOuter = true;
  }

  protected get isOver(): bool {
    return this.isEnded;
  }

  get heldBytes(): i32 {
    return this.held;
  }

  protected tellError(out: Buffer): void {
    this.open(out);
    translateErrorEvent(this.doc, this.context.effects, out);
    this.close(out);
    this.stop(out);
  }

  protected readChunk(out: Buffer): void {
    const doc = this.doc;
    let told = 0;
    let held = 0;
    for (let choice = doc.first(doc.root("choices")); choice != NONE; choice = doc.next(choice)) {
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
    // What is kept for the end (logprobs, sources, calls of another candidate) is kept of the event's repetitions, too.
    if (held != this.held) this.plain.clear();
    this.held = held;
    if (held > MAX_HELD) this.fail("The upstream sent larger tool calls than can be held.", out);
  }

  /** The event is a piece of one candidate's text and nothing else. */
  private note(candidate: Candidate, at: i32): void {
    this.plain.text = candidate.piece;
    this.plain.at = at + candidate.pieceAt;
    this.plain.padding = innerMember(this.doc, 0, "obfuscation");
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
    if (this.names.length != 0) return;
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
    this.held = 0;
    if (this.streamsList) out.byte(Ascii.RightBracket);
  }

  // ---- the end ------------------------------------------------------------------------------------------------------

  protected finish(out: Buffer): void {
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

  protected fail(message: string, out: Buffer): void {
    if (this.isEnded) return;
    this.plain.clear();
    this.open(out);
    writeStreamFailure(message, this.context.effects, out);
    this.close(out);
    this.stop(out);
  }
}
