// A push reader of JSON that reports the values at a few watched places. It can stop at any byte, needs the same memory
// for every document and has no faults: malformed input reports what was seen. It must not know what the fields mean.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { JsonKind, endsScalar, isSpace, kindOf, scalarKind } from "./kind";
import { StringReader } from "./string-reader";
import { ValueSkipper } from "./value-skipper";
import { NO_LEVEL, WatchLevel } from "./watch-level";
import { WatchSink } from "./watch-sink";
import { WatchNode, WatchTable } from "./watch-table";

/** Longest member name that is compared. */
const MAX_KEY_BYTES: i32 = 64;
/** Longest string or number that is handed out. */
const MAX_TEXT_BYTES: i32 = 256;
/** Watched containers inside one another; deeper ones are passed over. */
const MAX_LEVELS: i32 = 16;

const enum State {
  Value,
  Key,
  KeyText,
  Colon,
  AfterValue,
  Text,
  Scalar,
  /** A scalar that nobody watches. */
  OtherScalar,
  /** A string or a container that nobody watches. */
  Skipped,
}

@final
export class JsonWatcher {
  /** Whole values read at the top: 1 after one document, more after several in a row (NDJSON). */
  documents: i32 = 0;
  /** Kind of the last value that began at the top. */
  rootKind: JsonKind = JsonKind.None;
  /**
   * In leaf() and closed(): the document offsets of the member. It starts at the comma before it, or at its key when
   * it is the first one, and ends after its value. The end is exact, so both can be cut out of the text.
   */
  memberStart: i32 = 0;
  memberEnd: i32 = 0;
  /** In closed(): bytes of the container. */
  containerLength: i32 = 0;

  private state: State = State.Value;
  /** The node of the value that comes next; null when nobody watches it. */
  private target: WatchNode | null;
  /** Made as they are needed: most responses nest three deep. */
  private levels: Array<WatchLevel> = [];
  private depth: i32 = 0;
  /** The innermost open level, when there is one. */
  private top: WatchLevel = NO_LEVEL;
  /** Offset in the document of index 0 of the running feed, and of the next byte between feeds. */
  private base: i32 = 0;
  private position: i32 = 0;
  private key: StringReader = new StringReader(MAX_KEY_BYTES);
  private text: StringReader = new StringReader(MAX_TEXT_BYTES);
  private skipper: ValueSkipper = new ValueSkipper();
  /** Document offset of the container that is skipped; -1 while a string is. */
  private skippedStart: i32 = -1;

  constructor(private table: WatchTable) {
    this.target = table.root;
  }

  /** Ready for a new document. */
  reset(): void {
    this.state = State.Value;
    this.target = this.table.root;
    this.depth = 0;
    this.position = 0;
    this.documents = 0;
    this.rootKind = JsonKind.None;
  }

  /** In leaf(): bytes of the decoded string, however long. */
  get textLength(): i32 {
    return this.text.length;
  }

  /** In leaf(): the string was too long to be handed out. */
  get textIsCut(): bool {
    return this.text.isCut;
  }

  /** True when no value is open. */
  get isAtRest(): bool {
    return this.depth == 0 && this.state == State.Value;
  }

  /** Reads bytes `[start, end)` of `view`. No allocation, O(n). */
  feed(view: View, start: i32, end: i32, sink: WatchSink): void {
    if (end > view.length) end = view.length;
    let here = start < 0 ? 0 : start;
    this.base = this.position - here;
    while (here < end) {
      switch (this.state) {
        case State.Value:
          here = this.value(view, here, sink);
          break;
        case State.Key:
          here = this.keyOrClose(view, here, sink);
          break;
        case State.KeyText:
          here = this.keyText(view, here, end);
          break;
        case State.Colon:
          if (view.byteAt(here) == Ascii.Colon) this.state = State.Value;
          here++;
          break;
        case State.AfterValue:
          here = this.afterValue(view, here, sink);
          break;
        case State.Text:
          here = this.textPiece(view, here, end, sink);
          if (this.text.closed) this.endLeaf(JsonKind.String, here, sink);
          break;
        case State.Scalar:
        case State.OtherScalar:
          here = this.scalar(view, here, end, sink);
          break;
        default:
          here = this.skip(view, here, end, sink);
      }
    }
    this.position = this.base + here;
  }

  /** Ends the input. A number that the end cuts off inside a container is not reported: digits may be missing. */
  finish(): void {
    const scalar = this.state == State.Scalar || this.state == State.OtherScalar;
    if (scalar && this.depth == 0) this.endValue();
  }

  private skip(view: View, here: i32, end: i32, sink: WatchSink): i32 {
    const after = this.skipper.feed(view, here, end);
    if (!this.skipper.isDone) return after;
    if (this.skippedStart < 0) this.endValue();
    else this.endContainer(this.skippedStart, after, sink);
    return after;
  }

  private textPiece(view: View, here: i32, end: i32, sink: WatchSink): i32 {
    const after = this.text.feed(view, here, end);
    const node = this.target;
    if (node !== null && node.measured) sink.piece(node.field, view, here, this.text.closed ? after - 1 : after);
    return after;
  }

  private value(view: View, here: i32, sink: WatchSink): i32 {
    const byte = view.byteAt(here);
    if (this.depth == 0 && byte > Ascii.Space) this.rootKind = kindOf(byte);
    if (isSpace(byte) || byte == Ascii.Comma || byte == Ascii.Colon) return here + 1;
    if (byte == Ascii.LeftBrace || byte == Ascii.LeftBracket) {
      this.open(byte == Ascii.LeftBrace, here, sink);
      return here + 1;
    }
    if (byte == Ascii.RightBrace || byte == Ascii.RightBracket) {
      this.close(here, sink);
      return here + 1;
    }
    const node = this.target;
    const watched = node !== null && node.field >= 0;
    if (byte == Ascii.Quote) {
      if (watched) this.text.begin(!node!.measured);
      else {
        this.skipper.beginString();
        this.skippedStart = -1;
      }
      this.state = watched ? State.Text : State.Skipped;
      return here + 1;
    }
    if (watched) this.text.begin(true);
    this.state = watched ? State.Scalar : State.OtherScalar;
    return here;
  }

  private open(isObject: bool, here: i32, sink: WatchSink): void {
    const node = this.target;
    const kind = isObject ? JsonKind.Object : JsonKind.Array;
    if (node !== null) {
      if (node.field >= 0) sink.opened(node.field, kind);
      const below = isObject ? node.firstMember : node.item;
      if (below !== null && this.depth < MAX_LEVELS) {
        if (this.depth == this.levels.length) this.levels.push(new WatchLevel());
        const level = this.levels[this.depth++];
        this.top = level;
        level.begin(node, isObject, this.base + here);
        this.state = isObject ? State.Key : State.Value;
        this.target = isObject ? null : node.item;
        return;
      }
    }
    this.skipper.beginContainer();
    this.skippedStart = this.base + here;
    this.state = State.Skipped;
  }

  /** Closes the innermost watched container, whichever bracket it is. */
  private close(here: i32, sink: WatchSink): void {
    if (this.depth == 0) return;
    const level = this.top;
    this.top = --this.depth > 0 ? this.levels[this.depth - 1] : NO_LEVEL;
    this.target = level.node;
    this.endContainer(level.start, here + 1, sink);
  }

  private endContainer(start: i32, after: i32, sink: WatchSink): void {
    const node = this.target;
    if (node !== null && node.field >= 0) {
      this.containerLength = this.base + after - start;
      this.markMember(node.field, after);
      sink.closed(node.field);
    }
    this.endValue();
  }

  private endLeaf(kind: JsonKind, after: i32, sink: WatchSink): void {
    const node = this.target;
    if (node !== null && kind != JsonKind.None) {
      this.markMember(node.field, after);
      sink.leaf(node.field, kind, this.text.text);
    }
    this.endValue();
  }

  private markMember(field: i32, after: i32): void {
    this.memberEnd = this.base + after;
    this.memberStart = this.memberEnd;
    if (this.depth == 0) return;
    const level = this.top;
    this.memberStart = level.memberStart;
    if (level.isObject && level.memberIsFirst) level.firstField = field;
  }

  private endValue(): void {
    this.state = State.AfterValue;
    if (this.depth > 0) return;
    this.documents++;
    this.state = State.Value;
    this.target = this.table.root;
  }

  private keyOrClose(view: View, here: i32, sink: WatchSink): i32 {
    const byte = view.byteAt(here);
    if (byte == Ascii.Quote) {
      const level = this.top;
      if (level.memberStart < 0) level.memberStart = this.base + here;
      this.key.begin(true);
      this.state = State.KeyText;
    } else if (byte == Ascii.RightBrace || byte == Ascii.RightBracket) this.close(here, sink);
    return here + 1;
  }

  private keyText(view: View, here: i32, end: i32): i32 {
    const after = this.key.feed(view, here, end);
    if (!this.key.closed) return after;
    const node = this.top.node;
    // A key that was cut is longer than every name in a table, and its text reads as empty.
    this.target = node === null || this.key.isCut ? null : node.find(this.key.text);
    this.state = State.Colon;
    return after;
  }

  private afterValue(view: View, here: i32, sink: WatchSink): i32 {
    const byte = view.byteAt(here);
    if (byte == Ascii.RightBrace || byte == Ascii.RightBracket) {
      this.close(here, sink);
      return here + 1;
    }
    if (byte != Ascii.Comma) return here + 1;
    const level = this.top;
    const offset = this.base + here;
    if (level.firstField >= 0) {
      sink.followed(level.firstField, offset + 1);
      level.firstField = -1;
    }
    level.memberStart = offset;
    level.memberIsFirst = false;
    const node = level.node;
    this.target = level.isObject || node === null ? null : node.item;
    this.state = level.isObject ? State.Key : State.Value;
    return here + 1;
  }

  private scalar(view: View, here: i32, end: i32, sink: WatchSink): i32 {
    let stop = here;
    while (stop < end && !endsScalar(view.byteAt(stop))) stop++;
    const watched = this.state == State.Scalar;
    if (watched) this.text.plain(view, here, stop);
    if (stop == end) return stop;
    if (watched) this.endLeaf(scalarKind(this.text.text), stop, sink);
    else this.endValue();
    return stop;
  }
}
