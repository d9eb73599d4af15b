// Counts the tokens of a response while its bytes pass: constant memory, any size of event, any cut.

import { View } from "../bytes/view";
import { JsonWatcher } from "../json/watcher";
import { SseFramer, SseSink } from "../sse/framer";
import { usageTable } from "./usage-table";
import { UsageReader } from "./reader";
import { Usage } from "./usage";

/** Meters of finished responses, used again. */
const spare: Array<UsageMeter> = [];
const MAX_SPARE: i32 = 64;

@final
export class UsageMeter extends SseSink {
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

  /** A meter that has counted nothing: one that was released before, or a new one. */
  static clean(): UsageMeter {
    if (spare.length == 0) return new UsageMeter();
    const meter = spare.pop();
    meter.clear();
    return meter;
  }

  /** To be called once, by the last who has the meter: it will be another response's. */
  release(): void {
    if (spare.length < MAX_SPARE) spare.push(this);
  }

  /** Forgets what it has counted. */
  clear(): void {
    this.doneSeen = false;
    this.reader.clear();
    this.watcher.reset();
    this.framer.reset();
    this.inDocument = false;
    this.dataBytes = 0;
    this.doneMatched = 0;
    this.isBroken = false;
  }

  /** What the response has reported until now; the same object as long as the meter lives. */
  get usage(): Usage {
    return this.reader.report.usage;
  }

  /** The model that the response names; empty until then. */
  get model(): View {
    return this.reader.model;
  }

  /** The id that the response names; empty until then. */
  get id(): View {
    return this.reader.id;
  }

  /** True once content has come. */
  get firstTokenSeen(): bool {
    return this.reader.firstTokenSeen;
  }

  /** The response, or an event of it, was an error object. */
  get errorSeen(): bool {
    return this.reader.errorSeen;
  }

  /** The event that has just ended carries usage and nothing else. */
  get isUsageOnly(): bool {
    return this.reader.usageIsObject && this.reader.hasChoices && !this.reader.hasChoice;
  }

  /** The data of the event begins with `[DONE]`: what follows that, if anything, is no document. */
  get beginsDone(): bool {
    return this.doneMatched == 6;
  }

  /** The data of the event that is being read is `[DONE]` so far. */
  get isDone(): bool {
    return this.inDocument && this.dataBytes == 6 && this.doneMatched == 6;
  }

  /** A part of a whole JSON body. */
  feedJson(bytes: View): void {
    this.watcher.feed(bytes, 0, bytes.length, this.reader);
    this.reader.report.updateUsage();
  }

  /** The JSON body has ended. */
  finishJson(): void {
    this.watcher.finish();
    this.reader.report.updateUsage();
  }

  /** A part of an event stream. */
  feedSse(bytes: View): void {
    this.beginFeed(bytes);
    this.framer.feed(bytes, this);
  }

  /** Before each part of a stream that another framer reports. */
  beginFeed(bytes: View): void {
    this.feed = bytes;
    this.reader.repeated.giveUp();
  }

  /** The event stream has ended. */
  finishSse(): void {
    this.beginFeed(View.empty());
    this.framer.finish(this);
  }

  known(view: View, start: i32): i32 {
    const after = this.reader.readRepeated(view, start);
    if (after > start) this.doneMatched = 0;
    return after;
  }

  blockStart(offset: i32): void {
    this.reader.repeated.begin(offset);
  }

  data(view: View, start: i32, end: i32): void {
    if (!this.inDocument) this.beginDocument();
    this.reader.repeated.beginData(start);
    for (let here = start; here < end && this.doneMatched == this.dataBytes + here - start; here++) {
      if (this.doneMatched < 6 && view.byteAt(here) == "[DONE]".charCodeAt(this.doneMatched)) this.doneMatched++;
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
    this.reader.repeated.giveUp();
  }

  eventName(_view: View, _start: i32, _end: i32): void {}

  eventEnd(offset: i32): void {
    if (!this.inDocument) this.beginDocument();
    this.inDocument = false;
    this.watcher.finish();
    if (this.dataBytes == 6 && this.doneMatched == 6) this.doneSeen = true;
    this.reader.report.updateUsage();
    this.reader.keep(this.feed, offset);
  }
}
