// The counts of one subject of a space, as they stand in shared data: fifteen counters, each with the number of its window.
// A space has a fixed number of places, so that subjects which clients invent cannot fill the memory.

import { readWords, wordsView } from "../bytes/words";
import { Status } from "../host/abi";
import { NEW_KEY, getShared, setShared } from "../host/shared-data";

/** Counters of a tally. */
const CELLS: i32 = 15;
/** Places of a space, a power of two. */
const PLACES: u64 = 65536;
/** Places that one subject may take; when others hold all of them it shares the first. */
const PROBES: i32 = 8;
/** Tells the keys of tallies from others; the place is in the bits below. */
const MARK: i64 = 0x6c696d6974 << 16;

/** Words of a value: the subject, seconds since 1970 of the last change, then window and count of each cell. */
const SUBJECT: i32 = 0;
const CHANGED: i32 = 1;
const WINDOWS: i32 = 2;
const COUNTS: i32 = WINDOWS + CELLS;
const WORDS: i32 = COUNTS + CELLS;

/** A key in shared data: the space, the mark with the place. */
const key: StaticArray<i64> = new StaticArray<i64>(2);

@final
export class Tally {
  private cas: u32 = NEW_KEY;
  private words: StaticArray<i64> = new StaticArray<i64>(WORDS);

  constructor(
    private space: u64,
    private place: u64,
  ) {}

  /**
   * The tally of `subject`, new when there is none. A place whose holder was quiet for `keep` seconds is taken over. One
   * host call as a rule.
   */
  static open(space: u64, subject: u64, now: i64, keep: i64): Tally {
    const mixed = subject * 0x9e3779b97f4a7c15;
    const first = new Tally(space, mixed >> 48);
    let free: Tally | null = null;
    for (let probe = 0; probe < PROBES; probe++) {
      const place = ((mixed >> 48) + <u64>probe * ((mixed >> 24) | 1)) & (PLACES - 1);
      const tally = probe == 0 ? first : new Tally(space, place);
      const isThere = tally.read();
      if (isThere && <u64>tally.word(SUBJECT) == subject) return tally;
      if (free === null && (!isThere || now - tally.word(CHANGED) > keep)) {
        tally.begin(subject);
        free = tally;
      }
      // Places are never given back, so behind one that was never used the subject cannot be.
      if (!isThere) break;
    }
    return free !== null ? free : first;
  }

  private word(index: i32): i64 {
    return unchecked(this.words[index]);
  }

  private put(index: i32, value: i64): void {
    unchecked((this.words[index] = value));
  }

  private begin(subject: u64): void {
    this.put(SUBJECT, <i64>subject);
    for (let cell = 0; cell < CELLS; cell++) this.put(COUNTS + cell, 0);
  }

  private aim(): void {
    unchecked((key[0] = <i64>this.space));
    unchecked((key[1] = MARK | (<i64>this.place)));
  }

  private read(): bool {
    this.aim();
    const shared = getShared(wordsView(key));
    if (shared === null) return false;
    this.cas = shared.cas;
    // A value of another form, from another version of the plugin, counts as a place that is free.
    readWords(this.words, shared.bytes);
    return true;
  }

  /** Stores the tally. CasMismatch: another VM was faster; open it again. */
  store(now: i64): Status {
    this.put(CHANGED, now);
    this.aim();
    return setShared(wordsView(key), wordsView(this.words), this.cas);
  }

  /** The count of a cell (0 to CELLS - 1) in its window; 0 when it counted in an older one. */
  count(cell: i32, window: i64): i64 {
    return this.isCurrent(cell, window) ? this.last(cell) : 0;
  }

  /** Sets the count of a cell in a window. */
  set(cell: i32, window: i64, count: i64): void {
    // A VM whose clock was read a moment before the window changed must not bring the old window back.
    if (!this.isCurrent(cell, window)) this.put(WINDOWS + cell, window);
    this.put(COUNTS + cell, count);
  }

  /** The window that a cell counted in last, whatever it is. */
  window(cell: i32): i64 {
    return this.word(WINDOWS + cell);
  }

  /** The count of that window. */
  last(cell: i32): i64 {
    return this.word(COUNTS + cell);
  }

  /** For a cell that counts no window: `kept` is whatever its owner likes. */
  keep(cell: i32, kept: i64, count: i64): void {
    this.put(WINDOWS + cell, kept);
    this.put(COUNTS + cell, count);
  }

  private isCurrent(cell: i32, window: i64): bool {
    return this.window(cell) == window || this.window(cell) == window + 1;
  }
}
