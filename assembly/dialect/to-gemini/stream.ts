// The events of streamGenerateContent?alt=sse, each one a GenerateContentResponse -> chat.completion.chunk events.
// Text pieces are new text, function calls come whole, usage is a running total, and nothing marks the end but the close.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";
import { NONE } from "../../json/document";
import { readUsage } from "../../usage/document";
import { UsageReport } from "../../usage/report";
import { ReasoningMode } from "../../model/reasoning-mode";
import { ChoiceFlags } from "../conversation/choice-flags";
import { TranslateContext } from "../translator";
import { ChatStream } from "../conversation/chat-stream";
import { CandidateReader } from "./candidate";
import { findError, writeGeminiErrorEvent } from "./error";
import { isFinished, isPromptBlocked, mapFinishReason } from "./finish-reason";
import { streamParts } from "./form-response";
import { annotationsOf } from "./grounding";
import { writeLogprobs } from "./logprobs";
import { responseId, responseModel } from "./response";
import { CallIds, writeSignature } from "./tool-calls";

/** Choices that are told apart; candidateCount is at most 8 there. */
const MAX_CHOICES: i32 = 64;

@final
export class StreamWriter extends ChatStream {
  private reader: CandidateReader;
  private ids: CallIds;
  private logprobs: Buffer = new Buffer(16);
  private finishedChoices: ChoiceFlags = new ChoiceFlags();
  private started: ChoiceFlags = new ChoiceFlags();
  /** Tool calls that each choice has had. */
  private callCounts: StaticArray<i32> = new StaticArray<i32>(MAX_CHOICES);
  private open: i32 = 0;

  constructor(context: TranslateContext, report: UsageReport) {
    super(context, report);
    this.model = View.empty();
    const ids = new CallIds(context.nonce);
    this.ids = ids;
    this.reader = new CandidateReader(ids);
  }

  /** Writes the chunks for one event's data. After an error nothing more is written. */
  event(_name: View, data: View, out: Buffer): void {
    if (!this.parseEvent(data, out)) return;
    const doc = this.doc;
    const error = findError(doc, 0);
    if (error != NONE) {
      this.failed = true;
      writeGeminiErrorEvent(doc, error, this.chunks, out);
      return;
    }
    // Without alt=sse the events are elements of a list.
    if (!doc.isArray(0)) this.response(0, out);
    else for (let item = doc.first(0); item != NONE; item = doc.next(item)) this.response(item, out);
  }

  private response(root: i32, out: Buffer): void {
    const doc = this.doc;
    if (this.id.length == 0) {
      this.id = responseId(doc, root, this.context.nonce);
      this.model = responseModel(doc, root, this.context.model);
      this.chunks.setHead(this.id, this.model, this.context.now);
    }
    readUsage(doc, root, this.report);
    const candidates = doc.get(root, "candidates");
    let position = 0;
    for (let candidate = doc.first(candidates); candidate != NONE; candidate = doc.next(candidate)) {
      const index = doc.integer(doc.get(candidate, "index"), position);
      this.candidate(candidate, index < MAX_CHOICES ? <i32>index : MAX_CHOICES - 1, out);
      position++;
    }
    if (position == 0 && !this.finished && isPromptBlocked(doc, root)) {
      this.open = 0;
      this.finished = true;
      this.finishedChoices.set(0);
      this.chunks.role(out, 0, true);
      this.chunks.finish(out, "content_filter", 0);
    }
  }

  /** One chunk for what the candidate brings, its finish included; a second one when thoughts come together with text. */
  private candidate(candidate: i32, choice: i32, out: Buffer): void {
    const doc = this.doc;
    const reader = this.reader;
    const counts = this.callCounts;
    if (this.context.isConversation) {
      this.formCandidate(candidate, choice, out);
      return;
    }
    reader.read(doc, candidate, counts[choice]);
    counts[choice] += reader.callCount;
    const reason = doc.get(candidate, "finishReason");
    const hasBody = reader.content.length != 0 || reader.callCount > 0 || reader.images.length != 0 || reader.signature.length != 0;
    const hasThoughts = reader.reasoning.length != 0 && this.chunks.reasoningMode != ReasoningMode.Ignore;
    const finish = isFinished(doc, reason) ? mapFinishReason(doc, reason, counts[choice] > 0) : "";
    // Older models put STOP on every event (Gemini 1.x): a finish without news is told once.
    const isNews = hasBody || hasThoughts || (finish.length != 0 && !this.finishedChoices.has(choice));
    if (!isNews) {
      if (!this.started.has(choice)) this.start(choice, out);
      return;
    }
    // Nothing came and nothing will: the text is null, as in a whole response.
    const isBlocked = finish == "content_filter" && !this.started.has(choice);
    this.countStart(choice);
    this.chunks.open(out, choice);
    this.chunks.putRole(out);
    if (hasThoughts) {
      this.chunks.putReasoning(out, reader.reasoning.toView());
      if (hasBody) {
        this.chunks.close(out, "");
        this.chunks.open(out, choice);
      }
    }
    this.writeBody(hasThoughts, isBlocked, out);
    const grounding = doc.get(candidate, "groundingMetadata");
    if (doc.first(grounding) != NONE) this.chunks.putRaw(out, "grounding_metadata", doc.raw(grounding));
    this.logprobs.clear();
    writeLogprobs(doc, candidate, this.logprobs);
    this.close(finish, choice, this.logprobs.toView(), out);
  }

  /** The same in the conversation form: a chunk for each part, in order. Only the first candidate is told. */
  private formCandidate(candidate: i32, choice: i32, out: Buffer): void {
    const doc = this.doc;
    if (choice != 0) return;
    this.countStart(0);
    this.chunks.role(out);
    this.callCounts[0] += streamParts(this.chunks, out, doc, candidate, this.callCounts[0], this.ids, this.context.model);
    const annotations = annotationsOf(doc, candidate);
    if (annotations.length != 0) {
      this.chunks.open(out);
      this.chunks.putRaw(out, "annotations", annotations);
      this.chunks.close(out, "");
    }
    const reason = doc.get(candidate, "finishReason");
    if (!isFinished(doc, reason) || this.finishedChoices.has(0)) return;
    this.open--;
    this.finishedChoices.set(0);
    this.finished = true;
    this.chunks.finish(out, mapFinishReason(doc, reason, this.callCounts[0] > 0));
  }

  /** The first chunk of a choice that has brought nothing yet. */
  private start(choice: i32, out: Buffer): void {
    this.countStart(choice);
    this.chunks.role(out, choice);
  }

  private countStart(choice: i32): void {
    if (this.started.has(choice)) return;
    this.started.set(choice);
    this.open++;
  }

  private writeBody(hasThoughts: bool, isBlocked: bool, out: Buffer): void {
    const reader = this.reader;
    const chunks = this.chunks;
    // A finish alone still names the content: clients join it without a check.
    if (isBlocked && reader.content.length == 0 && reader.callCount == 0) chunks.putRaw(out, "content", View.utf8("null"));
    else if (reader.content.length != 0 || (reader.callCount == 0 && !hasThoughts)) {
      chunks.putContent(out, reader.content.toView());
    }
    if (reader.callCount > 0) chunks.putRaw(out, "tool_calls", CandidateReader.bracket(reader.calls));
    if (reader.images.length != 0) chunks.putRaw(out, "images", CandidateReader.bracket(reader.images));
    if (reader.signature.length != 0) {
      const signature = new Buffer(reader.signature.length + 40);
      writeSignature(signature, reader.signature);
      chunks.putRaw(out, "extra_content", signature.toView());
    }
  }

  /** Ends the open chunk. In mode Concat the finish has a chunk of its own, which closes the <think> tag when one is open. */
  private close(finish: string, choice: i32, logprobs: View, out: Buffer): void {
    const chunks = this.chunks;
    if (finish.length != 0) {
      if (!this.finishedChoices.has(choice)) this.open--;
      this.finishedChoices.set(choice);
      this.finished = true;
    }
    if (finish.length == 0 || chunks.reasoningMode != ReasoningMode.Concat || this.reader.content.length != 0) {
      chunks.close(out, finish, logprobs);
      return;
    }
    chunks.close(out, "", logprobs);
    chunks.finish(out, finish, choice);
  }

  protected get isWhole(): bool {
    return this.finished && this.open == 0;
  }
}
