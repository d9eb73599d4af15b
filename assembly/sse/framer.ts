// The event stream format (WHATWG HTML, "Server-sent events") as a byte state machine that can stop at any byte. It
// reports spans of the bytes it is fed and keeps none of them. It must not know what the data of an event means.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

const LINE_FEED: i32 = Ascii.LineFeed;
const CARRIAGE_RETURN: i32 = Ascii.CarriageReturn;
const COLON: i32 = Ascii.Colon;

/** Receives the parts of events. Spans lie in the view of the running feed and die with it. */
export abstract class SseSink {
  /** A piece of the current event's data, never empty. */
  abstract data(view: View, start: i32, end: i32): void;

  /** The next piece stands on a new `data` line: the data has a line feed here. */
  abstract dataBreak(): void;

  /** A piece of the event name, never empty. */
  abstract eventName(view: View, start: i32, end: i32): void;

  /** An event with at least one `data` line is complete; `offset` is the index in the feed just after it (0 in finish). */
  abstract eventEnd(offset: i32): void;

  /** An `event` field begins: what was named before in this event is void. */
  eventNameStart(): void {}

  /** The first field line of a block begins at `offset`; comments and blank lines before it belong to no block. */
  blockStart(offset: i32): void {}

  /** A block ended that had fields but no `data`: nothing is dispatched. */
  blockEnd(offset: i32): void {}

  /**
   * A line begins at `start` of the feed, outside of any block. A sink that knows the whole event there, to the line feed that
   * ends it, returns the offset after it, and nothing else of it is reported; any other returns `start`.
   */
  known(view: View, start: i32): i32 {
    return start;
  }
}

/** Where the next byte stands. */
const enum Place {
  ByteOrderMark,
  LineStart,
  FieldName,
  AfterColon,
  Value,
  /** In a comment or in a field without meaning here (`id`, `retry`, unknown ones). */
  Rest,
}

const enum Field {
  Data,
  Event,
}

@final
export class SseFramer {
  private place: Place = Place.ByteOrderMark;
  private field: Field = Field.Data;
  /** Bytes of the field name, or of the byte order mark, that matched so far. */
  private matched: i32 = 0;
  /** The last feed ended in CR: an LF that comes first in the next one belongs to the same line end. */
  private afterReturn: bool = false;
  private inBlock: bool = false;
  private hasData: bool = false;

  /** Forgets everything: the next byte starts a new stream. */
  reset(): void {
    this.place = Place.ByteOrderMark;
    this.matched = 0;
    this.afterReturn = false;
    this.inBlock = false;
    this.hasData = false;
  }

  /** An event has all of its lines, as it seems, but for the blank one that ends it. */
  get awaitsBlankLine(): bool {
    return this.hasData && this.place == Place.LineStart;
  }

  /** Reads all of `view`. No allocation, O(n). */
  feed(view: View, sink: SseSink): void {
    const end = view.length;
    let here = 0;
    if (this.afterReturn && end > 0) {
      this.afterReturn = false;
      if (view.byteAt(0) == LINE_FEED) here = 1;
    }
    while (here < end) {
      switch (this.place) {
        case Place.ByteOrderMark:
          here = this.byteOrderMark(view, here, sink);
          break;
        case Place.LineStart:
          here = this.lineStart(view, here, sink);
          break;
        case Place.FieldName:
          here = this.fieldName(view, here, sink);
          break;
        case Place.AfterColon:
          if (view.byteAt(here) == Ascii.Space) here++;
          this.place = Place.Value;
          break;
        case Place.Value:
          here = this.value(view, here, sink);
          break;
        default:
          here = this.rest(view, here);
      }
    }
  }

  /**
   * Ends the stream. An event without its blank line is dispatched: the standard would drop it, but several servers
   * close the connection right after their last line, which is the one with the token counts (case SSE-11).
   */
  finish(sink: SseSink): void {
    if (this.place == Place.FieldName && this.nameIsWhole()) this.beginValue(sink);
    this.dispatch(0, sink);
    this.reset();
  }

  private byteOrderMark(view: View, here: i32, sink: SseSink): i32 {
    const expected = this.matched == 0 ? 0xef : this.matched == 1 ? 0xbb : 0xbf;
    if (view.byteAt(here) == expected) {
      if (++this.matched == 3) this.place = Place.LineStart;
      return here + 1;
    }
    this.place = Place.LineStart;
    if (this.matched > 0) {
      // Not a mark after all, so these bytes begin the name of an unknown field.
      this.enterBlock(here, sink);
      this.place = Place.Rest;
    }
    return here;
  }

  private lineStart(view: View, here: i32, sink: SseSink): i32 {
    if (!this.inBlock) {
      const after = sink.known(view, here);
      if (after > here) return after;
    }
    const byte = view.byteAt(here);
    if (byte == LINE_FEED || byte == CARRIAGE_RETURN) {
      const next = this.endLine(view, here);
      this.dispatch(next, sink);
      return next;
    }
    if (byte == COLON) {
      this.place = Place.Rest;
      return here + 1;
    }
    this.enterBlock(here, sink);
    if (view.startsWithAt(here, "data:")) {
      this.field = Field.Data;
      this.beginValue(sink);
      this.place = Place.AfterColon;
      return here + 5;
    }
    this.field = byte == Ascii.LowerD ? Field.Data : Field.Event;
    this.matched = 1;
    this.place = byte == Ascii.LowerD || byte == Ascii.LowerE ? Place.FieldName : Place.Rest;
    return here + 1;
  }

  private fieldName(view: View, here: i32, sink: SseSink): i32 {
    const byte = view.byteAt(here);
    if (byte == LINE_FEED || byte == CARRIAGE_RETURN) {
      // A line without a colon is a field with an empty value.
      if (this.nameIsWhole()) this.beginValue(sink);
      return this.endLine(view, here);
    }
    if (byte == COLON && this.nameIsWhole()) {
      this.beginValue(sink);
      this.place = Place.AfterColon;
      return here + 1;
    }
    const name = this.field == Field.Data ? "data" : "event";
    if (this.matched < name.length && byte == name.charCodeAt(this.matched)) this.matched++;
    else this.place = Place.Rest;
    return here + 1;
  }

  private nameIsWhole(): bool {
    return this.matched == (this.field == Field.Data ? 4 : 5);
  }

  private value(view: View, here: i32, sink: SseSink): i32 {
    let stop = view.indexOfLineEnd(here);
    if (stop < 0) stop = view.length;
    if (stop > here) {
      if (this.field == Field.Data) sink.data(view, here, stop);
      else sink.eventName(view, here, stop);
    }
    return stop < view.length ? this.endLine(view, stop) : stop;
  }

  private rest(view: View, here: i32): i32 {
    const stop = view.indexOfLineEnd(here);
    return stop < 0 ? view.length : this.endLine(view, stop);
  }

  /** Index after the line end at `here`: CR LF is one, and an LF that is yet to come is remembered. */
  private endLine(view: View, here: i32): i32 {
    this.place = Place.LineStart;
    if (view.byteAt(here) == LINE_FEED) return here + 1;
    const following = view.byteAt(here + 1);
    this.afterReturn = following < 0;
    return following == LINE_FEED ? here + 2 : here + 1;
  }

  private enterBlock(here: i32, sink: SseSink): void {
    if (this.inBlock) return;
    this.inBlock = true;
    sink.blockStart(here);
  }

  private beginValue(sink: SseSink): void {
    if (this.field == Field.Event) {
      sink.eventNameStart();
      return;
    }
    if (this.hasData) sink.dataBreak();
    this.hasData = true;
  }

  private dispatch(offset: i32, sink: SseSink): void {
    const hadData = this.hasData;
    const hadBlock = this.inBlock;
    this.hasData = false;
    this.inBlock = false;
    if (hadData) sink.eventEnd(offset);
    else if (hadBlock) sink.blockEnd(offset);
  }
}
