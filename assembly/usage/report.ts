// The rules by which the counts of a response, wherever and in whatever form they came, become its usage in OpenAI's terms. They
// are the same for bytes that pass (reader.ts) and for documents that are translated (document.ts); docs/metrics.md tells them.

import { View } from "../bytes/view";
import { Field } from "./fields";
import { finishWord } from "./finish";
import { Usage } from "./usage";

/** Larger sums are cut to this. */
const LARGEST: i64 = 1 << 53;

/** The counts that make input and output. */
const INPUT_SIDE: i32 = 1;
const OUTPUT_SIDE: i32 = 2;

/** Kinds that lists tell apart. */
const AUDIO: i32 = 0;
const IMAGE: i32 = 1;
const HOUR: i32 = 2;

/** The counts of one response, and the usage that they make. The usage object stays the same one as long as the report lives. */
@final
export class UsageReport {
  readonly usage: Usage = new Usage();
  /** What stands of each count, -1 until seen. */
  private counts: StaticArray<i64> = new StaticArray<i64>(Field.COUNTS);
  private isChanged: bool = false;
  /** Sides whose counts are gone with the first new one: those of Gemini's report before this one. */
  private older: i32 = 0;
  /** The total is that of an earlier document. */
  private totalIsOlder: bool = false;
  /** Sums over entries of `iterations` that stand beside the other counts. */
  private apartInput: i64 = -1;
  private apartOutput: i64 = -1;
  private apartRead: i64 = -1;
  private apartWritten: i64 = -1;
  private partIsApart: bool = false;
  private partsBegin: bool = false;
  /** Of the entry of a list of kinds that is read: the count that it says more of, -1 for none. */
  private detail: i32 = -1;

  constructor() {
    this.clear();
  }

  /** Before each response. */
  clear(): void {
    for (let k = 0; k < Field.COUNTS; k++) unchecked((this.counts[k] = -1));
    this.usage.clear();
    this.clearApart();
    this.isChanged = false;
    this.partIsApart = false;
    this.partsBegin = false;
    this.detail = -1;
    this.begin();
  }

  private clearApart(): void {
    this.apartInput = -1;
    this.apartOutput = -1;
    this.apartRead = -1;
    this.apartWritten = -1;
  }

  /** Before each document of the response. */
  begin(): void {
    this.older = 0;
    this.totalIsOlder = true;
  }

  /** What stands of a count, -1 for nothing. */
  at(field: i32): i64 {
    return <u32>field < <u32>Field.COUNTS ? unchecked(this.counts[field]) : -1;
  }

  /** The response states a count. Counts are running totals, so the last one stands; a zero never takes back a number. */
  put(field: i32, value: i64): void {
    if (value < 0 || <u32>field >= <u32>Field.COUNTS) return;
    this.isChanged = true;
    if (value > 0) this.restate(field, value);
    if (value > 0 || this.at(field) < 0) unchecked((this.counts[field] = value));
  }

  /** What was stated of a count does not hold. */
  drop(field: i32): void {
    if (<u32>field < <u32>Field.COUNTS) unchecked((this.counts[field] = -1));
    this.isChanged = true;
  }

  /** A number is about to be noted: what does not hold beside it is gone. */
  private restate(field: i32, value: i64): void {
    if (field == Field.TOTAL) this.totalIsOlder = false;
    const side = sideOf(field);
    if (side == 0) return;
    if (this.totalIsOlder && value != this.at(field)) this.drop(Field.TOTAL);
    if ((this.older & side) == 0) return;
    this.older &= ~side;
    for (let k = 0; k < Field.COUNTS; k++) if (side == sideOf(k)) unchecked((this.counts[k] = -1));
  }

  /** The response says why it ended, or (`field`) what has become of it. */
  ended(field: i32, reason: View): void {
    if (field == Field.STATUS && !reason.equals("completed")) return;
    const word = finishWord(reason);
    if (word.length != 0) this.usage.finish = word;
  }

  /** A container of counts begins. */
  opened(field: i32): void {
    // Gemini's states all of a side together, and leaves out zeros as proto3 does.
    if (field == Field.RESTATED) {
      this.begin();
      this.older = INPUT_SIDE | OUTPUT_SIDE;
    } else if (field == Field.PARTS) this.partsBegin = true;
    else if (field == Field.PART) {
      this.partIsApart = false;
      for (let k = Field.PART_INPUT; k <= Field.PART_OUTPUT; k++) this.drop(k);
    } else if (isDetail(field)) {
      this.detail = -1;
      this.drop(Field.DETAIL_COUNT);
    }
  }

  /** It has ended. */
  closed(field: i32): void {
    if (field == Field.PART && this.partIsApart) this.addPart();
    else if (isDetail(field) && this.detail >= 0) this.put(detailOf(field, this.detail), this.at(Field.DETAIL_COUNT));
  }

  /** The kind of an entry: Google's modality, or for how long Bedrock keeps what was written. */
  detailKind(kind: View): void {
    this.detail = kind.equals("AUDIO") ? AUDIO : kind.equals("IMAGE") ? IMAGE : kind.equals("1h") ? HOUR : -1;
  }

  /**
   * The kind of an entry. Those of a compaction and of an advisor are billed and are in none of the other counts; a `message`
   * or `fallback_message` is in them (Anthropic's SDK 1.12, BetaIterationsUsage, and replies recorded Nov 2026).
   */
  partType(type: View): void {
    this.partIsApart = type.isOneOf("compaction advisor_message");
  }

  private addPart(): void {
    // Each list restates the one before.
    if (this.partsBegin) this.clearApart();
    this.partsBegin = false;
    this.isChanged = true;
    const read = this.at(Field.PART_READ);
    const written = this.at(Field.PART_WRITE);
    this.apartInput = sum(this.apartInput, sum(this.at(Field.PART_INPUT), sum(read, written)));
    this.apartOutput = sum(this.apartOutput, this.at(Field.PART_OUTPUT));
    this.apartRead = sum(this.apartRead, read);
    this.apartWritten = sum(this.apartWritten, written);
  }

  /** Brings the usage up to date with the counts. */
  updateUsage(): void {
    if (!this.isChanged) return;
    this.isChanged = false;
    const usage = this.usage;
    usage.cachedInput = sum(max(this.at(Field.CACHED), this.at(Field.CACHE_READ)), this.apartRead);
    usage.cacheWrite = sum(max(this.at(Field.WRITTEN), this.at(Field.CACHE_WRITE)), this.apartWritten);
    usage.cacheWriteHour = this.at(Field.WRITTEN_HOUR);
    usage.reasoning = max(this.at(Field.REASONING), this.at(Field.THOUGHTS));
    usage.imageInput = this.at(Field.IMAGE_INPUT);
    usage.audioInput = this.at(Field.AUDIO_INPUT);
    usage.cachedAudio = this.at(Field.CACHED_AUDIO);
    usage.imageOutput = this.at(Field.IMAGE_OUTPUT);
    usage.audioOutput = this.at(Field.AUDIO_OUTPUT);
    this.reconcileForms();
    usage.input = sum(usage.input, this.apartInput);
    usage.output = sum(usage.output, this.apartOutput);
    usage.total = max(usage.total, sum(usage.input, usage.output));
  }

  /**
   * Input, output and total without what stands apart. Where the forms do not agree, the total decides which of them were meant:
   * the pair that makes it is right. Where none does, what the total has more is output that the provider hides.
   */
  private reconcileForms(): void {
    const usage = this.usage;
    const bare = best(this.at(Field.INPUT), sum(this.at(Field.BILLED_INPUT), this.at(Field.BILLED_IMAGES)));
    const around = sum(this.at(Field.CACHE_READ), this.at(Field.CACHE_WRITE));
    const prompt = sum(this.at(Field.PROMPT), this.at(Field.TOOL_PROMPT));
    // Beside a prompt, a cache without an input of its own is inside the prompt.
    const beside = bare < 0 && prompt >= 0 ? -1 : sum(bare, around);
    let total = this.at(Field.TOTAL);
    usage.input = best(prompt, beside);
    usage.output = best(this.completion(), this.otherOutput());
    if (usage.input < 0 && usage.output < 0) total = best(total, this.at(Field.WORKFLOW_TOTAL));
    usage.total = total;
    if (total <= 0 || sum(usage.input, usage.output) == total) return;
    if (this.acceptPair(prompt) || this.acceptPair(beside)) return;
    if (around <= bare && this.acceptPair(bare)) return;
    if (this.acceptPair(prompt < 0 ? -1 : sum(prompt, sum(this.at(Field.CACHED), this.at(Field.WRITTEN))))) return;
    if (usage.input >= 0) usage.output = max(usage.output, total - usage.input);
    else if (usage.output >= 0) usage.input = max<i64>(total - usage.output, 0);
  }

  private completion(): i64 {
    return best(this.at(Field.COMPLETION), sum(this.at(Field.CANDIDATES), this.at(Field.THOUGHTS)));
  }

  private otherOutput(): i64 {
    return best(this.at(Field.OUTPUT), this.at(Field.BILLED_OUTPUT));
  }

  /**
   * Takes this input when it makes the total with one of the outputs. xAI counts reasoning beside the completion: "total_tokens"
   * is prompt, completion and reasoning together (docs.x.ai, "Reasoning", and replies recorded Nov 2026).
   */
  private acceptPair(input: i64): bool {
    if (input < 0) return false;
    const rest = this.at(Field.TOTAL) - input;
    const reasoning = max<i64>(this.at(Field.REASONING), 0);
    const first = this.completion();
    const second = this.otherOutput();
    const isFirst = first >= 0 && (rest == first || rest == first + reasoning);
    const isSecond = second >= 0 && (rest == second || rest == second + reasoning);
    if (!isFirst && !isSecond) return false;
    this.usage.input = input;
    this.usage.output = rest;
    return true;
  }
}

/** True for an entry of a list of kinds. */
function isDetail(field: i32): bool {
  return field >= Field.INPUT_DETAIL && field <= Field.WRITTEN_DETAIL;
}

/** The count that such an entry states, -1 for one that no price is for. */
function detailOf(list: i32, kind: i32): i32 {
  switch (list) {
    case Field.INPUT_DETAIL:
      return kind == AUDIO ? Field.AUDIO_INPUT : kind == IMAGE ? Field.IMAGE_INPUT : -1;
    case Field.CACHED_DETAIL:
      return kind == AUDIO ? Field.CACHED_AUDIO : -1;
    case Field.OUTPUT_DETAIL:
      return kind == AUDIO ? Field.AUDIO_OUTPUT : kind == IMAGE ? Field.IMAGE_OUTPUT : -1;
    default:
      return kind == HOUR ? Field.WRITTEN_HOUR : -1;
  }
}

function sideOf(field: i32): i32 {
  switch (field) {
    case Field.PROMPT:
    case Field.INPUT:
    case Field.TOOL_PROMPT:
    case Field.CACHED:
      return INPUT_SIDE;
    case Field.COMPLETION:
    case Field.OUTPUT:
    case Field.CANDIDATES:
    case Field.THOUGHTS:
      return OUTPUT_SIDE;
    default:
      return 0;
  }
}

/** Both, where a count that is not known adds nothing; -1 when neither is known. */
function sum(one: i64, other: i64): i64 {
  if (one < 0) return other;
  return other < 0 ? one : min(one + other, LARGEST);
}

/** The first, unless it is not known or the second says more than its zero. */
function best(first: i64, second: i64): i64 {
  return first > 0 || second < 0 ? first : first < 0 || second > 0 ? second : first;
}
