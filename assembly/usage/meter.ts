// Counts the tokens of an answer while its bytes pass: constant memory, any size of event, any cut. Reported counts are
// cumulative everywhere, so the last one of each kind wins.

import { Recall } from "../bytes/recall";
import { View } from "../bytes/view";
import { JsonKind } from "../json/kind";
import { JsonWatcher, WatchSink } from "../json/watcher";
import { SseFramer, SseSink } from "../sse/framer";
import { TextTally } from "./estimate";
import { UNSAID, faultStatus, minimaxStatus } from "./fault";
import { Field, usageTable } from "./fields";
import { Gap, RepeatedEvent } from "./repeat";
import { Usage } from "./usage";

/** Longest model name or id that is kept; a longer one is not a name. */
const MAX_NAME: i32 = 128;
const models: Recall = new Recall();

/** What the watcher finds in the documents of one answer. */
@final
export class UsageReader extends WatchSink {
  /** Last value of each count, -1 until seen. */
  private counts: StaticArray<i64> = new StaticArray<i64>(Field.COUNTS);
  private changed: bool = false;
  model: View = View.empty();
  id: View = View.empty();
  text: TextTally = new TextTally();
  firstTokenSeen: bool = false;
  errorSeen: bool = false;
  /** What the error's code and its type stand for (fault.ts), 0 for nothing known. */
  private codeFault: i32 = 0;
  private typeFault: i32 = 0;
  /** Of the current document: shape of `choices` and `usage`, and where a null usage can be cut out. */
  hasChoices: bool = false;
  hasChoice: bool = false;
  usageIsObject: bool = false;
  nullStart: i32 = -1;
  nullEnd: i32 = -1;
  repeated: RepeatedEvent = new RepeatedEvent();
  /** nullStart and nullEnd of the event that `repeated` keeps. */
  private keptNullStart: i32 = -1;
  private keptNullEnd: i32 = -1;
  private watcher: JsonWatcher;

  constructor(watcher: JsonWatcher) {
    super();
    this.watcher = watcher;
    this.clear();
  }

  /** Before each answer. */
  clear(): void {
    for (let k = 0; k < Field.COUNTS; k++) unchecked((this.counts[k] = -1));
    this.changed = false;
    this.model = View.empty();
    this.id = View.empty();
    this.text.clear();
    this.firstTokenSeen = false;
    this.errorSeen = false;
    this.codeFault = 0;
    this.typeFault = 0;
    this.begin();
  }

  /** Before each document. */
  begin(): void {
    this.repeated.forget();
    this.hasChoices = false;
    this.hasChoice = false;
    this.usageIsObject = false;
    this.nullStart = -1;
    this.nullEnd = -1;
  }

  leaf(field: i32, kind: JsonKind, text: View): void {
    if (field == Field.CONTENT) {
      if (kind == JsonKind.String) this.takeContent(this.watcher.textLength);
    } else if (field == Field.USAGE) {
      if (kind == JsonKind.Null) {
        this.nullStart = this.watcher.memberStart;
        this.nullEnd = this.watcher.memberEnd;
      }
    } else if (field == Field.MODEL || field == Field.ID) {
      if (kind == JsonKind.String) this.takeName(field, text);
    } else if (field == Field.VARYING) {
      const end = this.watcher.memberEnd;
      if (kind == JsonKind.Number) this.repeated.gapInData(Gap.Number, end - text.length, end);
    } else if (field >= Field.ERROR) this.takeError(field, kind, text);
    else if (field < Field.COUNTS && kind == JsonKind.Number) {
      const value = text.toInteger();
      if (value < 0) return;
      this.counts[field] = value;
      this.changed = true;
    }
  }

  private takeError(field: i32, kind: JsonKind, text: View): void {
    if (field == Field.ERROR) {
      if (kind == JsonKind.String && this.watcher.textLength > 0) this.errorSeen = true;
    } else if (field == Field.ERROR_TYPE) this.typeFault = faultStatus(text);
    else if (field == Field.ERROR_CODE) {
      const fault = faultStatus(text);
      if (fault != 0) this.codeFault = fault;
    } else if (kind == JsonKind.Number && !text.equals("0")) {
      this.errorSeen = true;
      this.codeFault = minimaxStatus(text.toInteger(), 0);
    }
  }

  /** The status that the error deserves: its code says it better than its type; 0 without an error. See fault.ts. */
  get fault(): i32 {
    if (!this.errorSeen) return 0;
    return this.codeFault != 0 ? this.codeFault : this.typeFault != 0 ? this.typeFault : UNSAID;
  }

  piece(field: i32, text: View, start: i32, end: i32): void {
    this.repeated.gap(field == Field.CONTENT ? Gap.Text : Gap.String, start, end);
    if (field == Field.CONTENT) this.text.add(text, start, end);
  }

  /** The event ends before `end` of the feed. */
  keep(feed: View, end: i32): void {
    this.repeated.keep(feed, end);
    this.keptNullStart = this.nullStart;
    this.keptNullEnd = this.nullEnd;
  }

  /** When the last event stands at `start` again, with other text: takes that, and returns the offset after it. Else `start`. */
  takeRepeated(feed: View, start: i32): i32 {
    const repeated = this.repeated;
    const after = repeated.match(feed, start);
    if (after == start) return start;
    for (let gap = 0; gap < repeated.count; gap++) {
      if (!repeated.isText(gap)) continue;
      const from = repeated.foundStart(gap);
      const to = repeated.foundEnd(gap);
      if (to > from) this.firstTokenSeen = true;
      this.text.add(feed, from, to);
    }
    if (this.keptNullStart >= 0) {
      const shift = repeated.shiftAt(this.keptNullStart);
      this.nullStart = this.keptNullStart + shift;
      this.nullEnd = this.keptNullEnd + shift;
    }
    return after;
  }

  private takeContent(size: i32): void {
    if (size == 0) return;
    this.firstTokenSeen = true;
  }

  private takeName(field: i32, text: View): void {
    if (text.length == 0 || text.length > MAX_NAME) return;
    if (field == Field.MODEL) {
      if (this.model.length == 0) this.model = models.of(text);
    } else if (this.id.length == 0) this.id = text.copy();
  }

  opened(field: i32, kind: JsonKind): void {
    switch (field) {
      case Field.USAGE:
        this.usageIsObject = kind == JsonKind.Object;
        return;
      case Field.CHOICES:
        this.hasChoices = kind == JsonKind.Array;
        return;
      case Field.CHOICE:
        this.hasChoice = true;
        return;
      case Field.CONTENT_OBJECT:
        this.firstTokenSeen = true;
        return;
      case Field.ERROR:
        this.errorSeen = true;
        return;
    }
  }

  followed(field: i32, end: i32): void {
    // The comma after a first member goes with it.
    if (field == Field.USAGE && this.nullEnd >= 0) this.nullEnd = end;
  }

  private count(field: i32): i64 {
    return this.counts[field];
  }

  /** Writes what is known into `usage`, in OpenAI's terms: input includes cached tokens, output includes reasoning. */
  report(usage: Usage): void {
    if (!this.changed) return;
    this.changed = false;
    const total = this.count(Field.TOTAL);
    const input = this.count(Field.INPUT);
    const output = this.count(Field.OUTPUT);
    usage.cachedInput = this.count(Field.CACHED);
    usage.reasoning = this.count(Field.REASONING);
    if (input >= 0 || output >= 0) {
      // Anthropic and Bedrock count cached tokens beside the input.
      const read = this.count(Field.CACHE_READ);
      const written = this.count(Field.CACHE_WRITE);
      usage.input = known(input) + known(read) + known(written);
      usage.output = known(output);
      usage.total = total;
      if (read >= 0) usage.cachedInput = read;
      usage.cacheWrite = written;
      return;
    }
    usage.input = known(this.count(Field.PROMPT)) + known(this.count(Field.TOOL_PROMPT));
    const thoughts = this.count(Field.THOUGHTS);
    usage.output = known(this.count(Field.COMPLETION)) + known(this.count(Field.CANDIDATES)) + known(thoughts);
    if (thoughts >= 0) usage.reasoning = thoughts;
    usage.total = total;
  }
}

/** Meters of finished answers, used again. */
const spare: Array<UsageMeter> = [];
const MAX_SPARE: i32 = 64;

function known(count: i64): i64 {
  return count < 0 ? 0 : count;
}

@final
export class UsageMeter extends SseSink {
  usage: Usage = new Usage();
  /** The stream ended as OpenAI's do. */
  doneSeen: bool = false;
  reader: UsageReader;
  private watcher: JsonWatcher;
  private framer: SseFramer = new SseFramer();
  /** What is being read. */
  private feed: View = View.empty();
  private inDocument: bool = false;
  /** Bytes of the event's data, and how many of them spell `[DONE]` so far. */
  private dataBytes: i32 = 0;
  private doneMatched: i32 = 0;
  /** The event's data stood on more than one line. */
  isBroken: bool = false;

  constructor() {
    super();
    const watcher = new JsonWatcher(usageTable());
    this.watcher = watcher;
    this.reader = new UsageReader(watcher);
  }

  /** A meter that has counted nothing. */
  static take(): UsageMeter {
    if (spare.length == 0) return new UsageMeter();
    const meter = spare.pop();
    meter.clear();
    return meter;
  }

  /** To be called once, by the last who has the meter: it will be another answer's. */
  release(): void {
    if (spare.length < MAX_SPARE) spare.push(this);
  }

  private clear(): void {
    this.usage.clear();
    this.doneSeen = false;
    this.reader.clear();
    this.watcher.reset();
    this.framer.reset();
    this.inDocument = false;
    this.dataBytes = 0;
    this.doneMatched = 0;
    this.isBroken = false;
  }

  get model(): View {
    return this.reader.model;
  }

  get id(): View {
    return this.reader.id;
  }

  get firstTokenSeen(): bool {
    return this.reader.firstTokenSeen;
  }

  /** The answer, or an event of it, was an error object. */
  get errorSeen(): bool {
    return this.reader.errorSeen;
  }

  /** The event that has just ended carries usage and nothing else. */
  get isUsageOnly(): bool {
    return this.reader.usageIsObject && this.reader.hasChoices && !this.reader.hasChoice;
  }

  /** A part of a whole JSON body. */
  feedJson(bytes: View): void {
    this.watcher.feed(bytes, 0, bytes.length, this.reader);
    this.reader.report(this.usage);
  }

  finishJson(): void {
    this.watcher.finish();
    this.reader.report(this.usage);
  }

  /** A part of an event stream. */
  feedSse(bytes: View): void {
    this.beginFeed(bytes);
    this.framer.feed(bytes, this);
  }

  /** Before each part of a stream that another framer reports. */
  beginFeed(bytes: View): void {
    this.feed = bytes;
    this.reader.repeated.newFeed();
  }

  finishSse(): void {
    this.beginFeed(View.empty());
    this.framer.finish(this);
  }

  known(view: View, start: i32): i32 {
    return this.reader.takeRepeated(view, start);
  }

  blockStart(offset: i32): void {
    this.reader.repeated.begin(offset);
  }

  data(view: View, start: i32, end: i32): void {
    if (!this.inDocument) this.beginDocument();
    if (this.dataBytes == 0) this.reader.repeated.beginData(start);
    for (let here = start; here < end && this.doneMatched == this.dataBytes + here - start; here++) {
      if (this.doneMatched < 6 && view.at(here) == "[DONE]".charCodeAt(this.doneMatched)) this.doneMatched++;
      else break;
    }
    this.dataBytes += end - start;
    this.watcher.feed(view, start, end, this.reader);
  }

  private beginDocument(): void {
    this.inDocument = true;
    this.dataBytes = 0;
    this.doneMatched = 0;
    this.isBroken = false;
    this.watcher.reset();
    this.reader.begin();
  }

  dataBreak(): void {
    if (!this.inDocument) this.beginDocument();
    this.isBroken = true;
  }

  eventName(_view: View, _start: i32, _end: i32): void {}

  eventEnd(offset: i32): void {
    if (!this.inDocument) this.beginDocument();
    this.inDocument = false;
    this.watcher.finish();
    if (this.dataBytes == 6 && this.doneMatched == 6) this.doneSeen = true;
    this.reader.report(this.usage);
    if (!this.isBroken) this.reader.keep(this.feed, offset);
  }
}
