// What the documents of a response say of its tokens, its model and its errors, read as their bytes pass.

import { LastCopy } from "../bytes/last-copy";
import { View } from "../bytes/view";
import { JsonKind } from "../json/kind";
import { readWhole } from "../json/number";
import { WatchSink } from "../json/watch-sink";
import { JsonWatcher } from "../json/watcher";
import { TextTally } from "./estimate";
import { UNNAMED_ERROR_STATUS, faultStatus, minimaxStatus } from "./fault";
import { Field } from "./fields";
import { Gap, RepeatedEvent } from "./repeat";
import { UsageReport } from "./report";

/** Longest model name or id that is kept; a longer one is not a name. */
const MAX_NAME_BYTES: i32 = 128;
const models: LastCopy = new LastCopy();

/** What the watcher finds in the documents of one response. */
@final
export class UsageReader extends WatchSink {
  readonly report: UsageReport = new UsageReport();
  model: View = View.empty();
  id: View = View.empty();
  text: TextTally = new TextTally();
  firstTokenSeen: bool = false;
  errorSeen: bool = false;
  /** What the error's code and its type stand for (fault.ts), 0 for nothing known. */
  codeFault: i32 = 0;
  typeFault: i32 = 0;
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

  /** Before each response. */
  clear(): void {
    this.report.clear();
    this.model = View.empty();
    this.id = View.empty();
    this.text.clear();
    this.firstTokenSeen = false;
    this.errorSeen = false;
    this.codeFault = 0;
    this.typeFault = 0;
    this.repeated.reset();
    this.begin();
  }

  /** Before each document. */
  begin(): void {
    this.report.begin();
    this.hasChoices = false;
    this.hasChoice = false;
    this.usageIsObject = false;
    this.nullStart = -1;
    this.nullEnd = -1;
  }

  leaf(field: i32, kind: JsonKind, text: View): void {
    if (field == Field.CONTENT) {
      if (kind == JsonKind.String) this.readContent(this.watcher.textLength);
    } else if (field == Field.USAGE) {
      if (kind == JsonKind.Null) {
        this.nullStart = this.watcher.memberStart;
        this.nullEnd = this.watcher.memberEnd;
      }
    } else if (field == Field.MODEL || field == Field.ID) {
      if (kind == JsonKind.String) this.keepName(field, text);
    } else if (field == Field.VARYING) {
      const end = this.watcher.memberEnd;
      if (kind == JsonKind.Number) this.repeated.gapInData(Gap.Number, end - text.length, end);
    } else if (field >= Field.ERROR) this.readError(field, kind, text);
    else if (field == Field.FINISH || field == Field.STATUS) {
      if (kind == JsonKind.String) this.report.ended(field, text);
    } else if (field == Field.PART_TYPE) this.report.partType(text);
    else if (field == Field.DETAIL_KIND) this.report.detailKind(text);
    else if (field == Field.IMAGE && kind == JsonKind.String) this.report.usage.images++;
    else if (field < Field.COUNTS && kind == JsonKind.Number) this.report.put(field, readWhole(text));
  }

  private readError(field: i32, kind: JsonKind, text: View): void {
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
    return this.codeFault != 0 ? this.codeFault : this.typeFault != 0 ? this.typeFault : UNNAMED_ERROR_STATUS;
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

  /** When the last event stands at `start` again, with other text: reads that, and returns the offset after it. Else `start`. */
  readRepeated(feed: View, start: i32): i32 {
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

  private readContent(size: i32): void {
    if (size == 0) return;
    this.firstTokenSeen = true;
  }

  private keepName(field: i32, text: View): void {
    if (text.length == 0 || text.length > MAX_NAME_BYTES) return;
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
      default:
        this.report.opened(field);
    }
  }

  closed(field: i32): void {
    this.report.closed(field);
  }

  followed(field: i32, end: i32): void {
    // The comma after a first member goes with it.
    if (field == Field.USAGE && this.nullEnd >= 0) this.nullEnd = end;
  }
}
