// One text that a stream brings in pieces, which may be new text or, when a model ignores incremental_output, all of the
// text so far each time. Decides which it is and never sends a byte before both readings agree on it or one is ruled out.
//
// The rule (docs/translation-dashscope.md, "Cumulative streams"): the first piece goes out at once. A piece that does not
// begin with the piece before it rules the cumulative reading out, which for real increments is the second piece as a rule.
// A piece that does begin with it is held back until the reading is settled.

import { Buffer } from "../../bytes/buffer";
import { View } from "../../bytes/view";

const enum Reading {
  Unknown,
  Incremental,
  Cumulative,
}

/** Growing pieces in a row, each holding all of the one before, that settle the cumulative reading in mid-stream. */
const GROWTHS_TO_SETTLE: i32 = 2;
/** Equal pieces in a row that settle the other one: nothing is cumulative for so long without growing. */
const MAX_EQUAL: i32 = 8;
/** A piece of this size that comes twice is no chance. */
const LONG_PIECE: i32 = 16;
/** What may be held back; then the evidence so far decides. */
const MAX_HELD: i32 = 1 << 20;

@final
export class PieceTrack {
  private reading: Reading = Reading.Unknown;
  /** The last piece: all of the text so far, in the cumulative reading. */
  private last: Buffer = new Buffer(64);
  /** What was not sent yet, in the incremental reading. */
  private held: Buffer = new Buffer(16);
  /** Bytes that were sent while nothing was settled. */
  private sent: i32 = 0;
  private growths: i32 = 0;
  private equals: i32 = 0;

  /** `eager`: the text may be settled in mid-stream; false when the end tells for certain (tool arguments). */
  constructor(private eager: bool) {}

  /** True when bytes are held back. */
  get isHolding(): bool {
    return this.held.length != 0;
  }

  get heldBytes(): i32 {
    return this.last.capacity + this.held.capacity;
  }

  /** Takes the next piece (escaped inner bytes) and appends to `out` what is certain to be new. */
  add(piece: View, out: Buffer): void {
    if (this.reading == Reading.Incremental) {
      out.view(piece);
      return;
    }
    if (piece.length == 0) {
      // All of the text so far does not shrink to nothing.
      if (this.last.length != 0 && this.reading == Reading.Unknown) this.settle(false, out);
      return;
    }
    const continues = piece.hasAt(0, this.last.toView());
    if (this.reading == Reading.Cumulative) {
      if (!continues) this.reading = Reading.Incremental;
      out.range(piece, continues ? this.last.length : 0, piece.length);
      this.keep(piece);
      return;
    }
    if (this.last.length == 0) {
      out.view(piece);
      this.sent = piece.length;
      this.keep(piece);
      return;
    }
    if (!continues) {
      this.settle(false, out);
      out.view(piece);
      return;
    }
    this.hold(piece, out);
  }

  /** Both readings are possible still. */
  private hold(piece: View, out: Buffer): void {
    if (piece.length == this.last.length) this.equals++;
    else if (!repeats(piece, this.last.length)) this.growths++;
    this.held.view(piece);
    this.keep(piece);
    if (this.eager && this.growths >= GROWTHS_TO_SETTLE) this.settle(true, out);
    else if (this.eager && this.growths == 0 && this.equals >= MAX_EQUAL) this.settle(false, out);
    else if (this.held.length > MAX_HELD) this.settle(this.growths > 0, out);
  }

  private keep(piece: View): void {
    this.last.clear();
    this.last.view(piece);
  }

  /**
   * The text is over, or something else begins: decides by what is known. One growing piece is enough here; a piece that
   * came twice is when it is long, or when `repeatTells` because new text could not stand here.
   */
  close(repeatTells: bool, out: Buffer): void {
    if (this.reading != Reading.Unknown || this.held.length == 0) return;
    const isRepeat = this.equals > 0 && (repeatTells || this.last.length >= LONG_PIECE);
    this.settle(this.growths > 0 || isRepeat, out);
  }

  /** Settles the reading from outside and sends what was held back. */
  settle(cumulative: bool, out: Buffer): void {
    if (this.reading != Reading.Unknown) return;
    this.reading = cumulative ? Reading.Cumulative : Reading.Incremental;
    if (cumulative) out.range(this.last.toView(), this.sent, this.last.length);
    else {
      out.view(this.held.toView());
      this.last.clearTo(64);
    }
    this.held.clearTo(16);
  }

  /** Appends the whole text in the incremental reading; only while bytes are held back. */
  writeIncremental(out: Buffer): void {
    out.range(this.last.toView(), 0, this.sent);
    out.view(this.held.toView());
  }
}

/**
 * True when `piece`, which begins with its first `size` bytes as the piece before, goes on with them: "ha", "haha!" is
 * laughter as likely as it is growth, so it proves nothing.
 */
function repeats(piece: View, size: i32): bool {
  const end = piece.length < 2 * size ? piece.length : 2 * size;
  for (let k = size; k < end; k++) if (piece.at(k) != piece.at(k - size)) return false;
  return true;
}
