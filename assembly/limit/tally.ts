// The counts of one subject of a space, as they stand in shared data: fifteen counters, each with the number of its window.
// A space has a fixed number of places, so that subjects which clients invent cannot fill the memory.

import { countAllocated } from "../bytes/allocated";
import { View } from "../bytes/view";
import { readWords, wordsView } from "../bytes/words";
import { Status } from "../host/abi";
import { NEW_KEY, getShared, setShared, sharedCas } from "../host/shared-data";

/** Counters of a tally. */
const CELLS: i32 = 15;
/** Places of a space, a power of two. */
const PLACES: u64 = 65536;
/** Places that one subject may take; when others hold all of them it shares the first. */
const PROBES: u64 = 8;
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
const keyView: View = wordsView(key);

/** Tallies that nobody holds; one is made only when there is none. More than so many are left to the collector. */
const spare: Array<Tally> = [];
const MAX_SPARE: i32 = 2048;
/** How many are held. */
let held: i32 = 0;
/** Bytes of a tally with its words and its view. */
const TALLY_BYTES: i32 = 400;

@final
export class Tally {
  private space: u64 = 0;
  private place: u64 = 0;
  private cas: u32 = NEW_KEY;
  private words: StaticArray<i64> = new StaticArray<i64>(WORDS);
  private view: View = wordsView(this.words);

  /** One that holds nothing yet; to be given back. */
  static take(): Tally {
    held++;
    if (spare.length != 0) return spare.pop();
    countAllocated(TALLY_BYTES);
    return new Tally();
  }

  /** So many are held that none should be kept for later. */
  static get areMany(): bool {
    return held > MAX_SPARE;
  }

  giveBack(): void {
    held--;
    if (spare.length < MAX_SPARE) spare.push(this);
  }

  /**
   * Reads the counts of `subject`, which are 0 when it has none. A place whose holder was quiet for `keep` seconds is taken over. One
   * host call as a rule.
   */
  open(space: u64, subject: u64, now: i64, keep: i64): void {
    const mixed = subject * 0x9e3779b97f4a7c15;
    const first = mixed >> 48;
    this.space = space;
    let free: u64 = PLACES;
    let cas: u32 = 0;
    for (let probe: u64 = 0; probe < PROBES; probe++) {
      const isThere = this.read((first + probe * ((mixed >> 24) | 1)) & (PLACES - 1));
      if (isThere && <u64>this.word(SUBJECT) == subject) return;
      if (free == PLACES && (!isThere || now - this.word(CHANGED) > keep)) {
        free = this.place;
        cas = this.cas;
      }
      // Places are never given back, so behind one that was never used the subject cannot be.
      if (!isThere) break;
    }
    if (free == PLACES) {
      this.read(first);
      return;
    }
    this.place = free;
    this.cas = cas;
    readWords(this.words, View.empty());
    this.put(SUBJECT, <i64>subject);
  }

  private word(index: i32): i64 {
    return unchecked(this.words[index]);
  }

  private put(index: i32, value: i64): void {
    unchecked((this.words[index] = value));
  }

  private aim(): View {
    unchecked((key[0] = <i64>this.space));
    unchecked((key[1] = MARK | (<i64>this.place)));
    return keyView;
  }

  private read(place: u64): bool {
    this.place = place;
    const shared = getShared(this.aim());
    this.cas = shared === null ? NEW_KEY : sharedCas();
    // A value of another form, from another version of the plugin, counts as a place that is free.
    if (shared !== null) readWords(this.words, shared);
    return shared !== null;
  }

  /** Stores the tally. CasMismatch: another VM was faster; open it again. */
  store(now: i64): Status {
    this.put(CHANGED, now);
    return setShared(this.aim(), this.view, this.cas);
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
