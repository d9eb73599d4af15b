// A push reader of JSON that reports the values at a few watched places. It can stop at any byte, needs the same memory
// for every document and has no faults: malformed input reports what was seen. It must not know what the fields mean.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";
import { JsonKind, kindOf } from "./cursor";
import { StringReader } from "./string-reader";
import { WatchNode, WatchTable } from "./watch-table";

/** Longest member name that is compared. */
const MAX_KEY: i32 = 64;
/** Longest string or number that is handed out. */
const MAX_TEXT: i32 = 256;
/** Watched containers inside one another; deeper ones are passed over. */
const MAX_LEVELS: i32 = 16;

/** Receives the watched values. Text is valid until the callback returns. */
export abstract class WatchSink {
  /**
   * A string, number, true, false or null at a watched place. `text` holds strings decoded; it is empty when the
   * string was too long or is only measured (see JsonWatcher.textLength and textIsCut).
   */
  abstract leaf(field: i32, kind: JsonKind, text: View): void;

  /** Bytes `[start, end)` of a measured string, escaped as they came. */
  piece(field: i32, text: View, start: i32, end: i32): void {}

  /** An object or array begins at a watched place. */
  opened(field: i32, kind: JsonKind): void {}

  /** It ended. */
  closed(field: i32): void {}

  /** A comma follows a watched member that was the first of its object; `end` is the document offset after it. */
  followed(field: i32, end: i32): void {}
}

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
  /** Inside a container that nobody watches. */
  Other,
  OtherText,
}

/** One watched container that is open. */
@final
class Level {
  node: WatchNode | null = null;
  isObject: bool = false;
  /** Offset of the container, and of its current member: of the comma before it, else of its first byte. */
  start: i32 = 0;
  memberStart: i32 = -1;
  memberIsFirst: bool = true;
  /** Field of a first member that has ended, until its comma comes; else -1. */
  firstField: i32 = -1;
}

const NO_LEVEL: Level = new Level();

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
  private levels: Array<Level> = [];
  private depth: i32 = 0;
  /** The innermost open level, when there is one. */
  private top: Level = NO_LEVEL;
  /** Offset in the document of index 0 of the running feed, and of the next byte between feeds. */
  private base: i32 = 0;
  private position: i32 = 0;
  private key: StringReader = new StringReader(MAX_KEY);
  private text: StringReader = new StringReader(MAX_TEXT);
  private otherDepth: i32 = 0;
  private otherStart: i32 = 0;
  private otherEscape: bool = false;

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
    this.otherDepth = 0;
    this.otherEscape = false;
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
          if (view.at(here) == Ascii.Colon) this.state = State.Value;
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
        case State.Other:
          here = this.other(view, here, end, sink);
          break;
        default:
          here = this.otherText(view, here, end);
      }
    }
    this.position = this.base + here;
  }

  /** Ends the input. A number that the end cuts off inside a container is not reported: digits may be missing. */
  finish(): void {
    const scalar = this.state == State.Scalar || this.state == State.OtherScalar;
    if (scalar && this.depth == 0) this.endValue();
  }

  private textPiece(view: View, here: i32, end: i32, sink: WatchSink): i32 {
    const after = this.text.feed(view, here, end);
    const node = this.target;
    if (node !== null && node.measured) sink.piece(node.field, view, here, this.text.closed ? after - 1 : after);
    return after;
  }

  private value(view: View, here: i32, sink: WatchSink): i32 {
    const byte = view.at(here);
    if (this.depth == 0 && byte > Ascii.Space) this.rootKind = kindOf(byte);
    switch (byte) {
      case Ascii.Space:
      case Ascii.LineFeed:
      case Ascii.CarriageReturn:
      case Ascii.Tab:
      case Ascii.Comma:
      case Ascii.Colon:
        return here + 1;
      case Ascii.LeftBrace:
      case Ascii.LeftBracket:
        this.open(byte == Ascii.LeftBrace, here, sink);
        return here + 1;
      case Ascii.RightBrace:
      case Ascii.RightBracket:
        this.close(here, sink);
        return here + 1;
    }
    const node = this.target;
    const watched = node !== null && node.field >= 0;
    if (byte == Ascii.Quote) {
      if (watched) this.text.begin(!node!.measured);
      this.state = watched ? State.Text : State.OtherText;
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
        if (this.depth == this.levels.length) this.levels.push(new Level());
        const level = this.levels[this.depth++];
        this.top = level;
        level.node = node;
        level.isObject = isObject;
        level.start = this.base + here;
        level.memberStart = -1;
        level.memberIsFirst = true;
        level.firstField = -1;
        this.state = isObject ? State.Key : State.Value;
        this.target = isObject ? null : node.item;
        return;
      }
    }
    this.otherDepth = 1;
    this.otherStart = this.base + here;
    this.state = State.Other;
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
    const byte = view.at(here);
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
    const byte = view.at(here);
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
    while (stop < end && !endsScalar(view.at(stop))) stop++;
    const watched = this.state == State.Scalar;
    if (watched) this.text.plain(view, here, stop);
    if (stop == end) return stop;
    if (watched) this.endLeaf(scalarKind(this.text.text), stop, sink);
    else this.endValue();
    return stop;
  }

  private other(view: View, here: i32, end: i32, sink: WatchSink): i32 {
    while (here < end) {
      const byte = view.at(here++);
      if (byte == Ascii.Quote) {
        this.state = State.OtherText;
        return here;
      }
      // Brackets and braces differ in bit 5 only, and in this mode they need not match.
      const bracket = byte | 0x20;
      if (bracket == Ascii.LeftBrace) this.otherDepth++;
      else if (bracket == Ascii.RightBrace && --this.otherDepth == 0) {
        this.endContainer(this.otherStart, here, sink);
        return here;
      }
    }
    return here;
  }

  private otherText(view: View, here: i32, end: i32): i32 {
    if (this.otherEscape) {
      this.otherEscape = false;
      return here + 1;
    }
    const stop = view.indexOfStringSpecial(here);
    if (stop >= end) return end;
    const byte = view.at(stop);
    if (byte == Ascii.Backslash) this.otherEscape = true;
    else if (byte == Ascii.Quote) {
      if (this.otherDepth > 0) this.state = State.Other;
      else this.endValue();
    }
    return stop + 1;
  }
}

function endsScalar(byte: i32): bool {
  switch (byte) {
    case Ascii.Space:
    case Ascii.LineFeed:
    case Ascii.CarriageReturn:
    case Ascii.Tab:
    case Ascii.Quote:
    case Ascii.Comma:
    case Ascii.Colon:
    case Ascii.LeftBracket:
    case Ascii.RightBracket:
    case Ascii.LeftBrace:
    case Ascii.RightBrace:
      return true;
    default:
      return false;
  }
}

function scalarKind(text: View): JsonKind {
  if (text.equals("null")) return JsonKind.Null;
  if (text.equals("true")) return JsonKind.True;
  if (text.equals("false")) return JsonKind.False;
  return kindOf(text.at(0)) == JsonKind.Number ? JsonKind.Number : JsonKind.None;
}
