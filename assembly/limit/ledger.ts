// What one exchange takes from its limits: looked at when its headers are there, taken before anything leaves, settled at
// its end. All limits that match have to agree; what was taken is given back when one of them does not.

import { countAllocated } from "../bytes/allocated";
import { View } from "../bytes/view";
import { Status } from "../host/abi";
import { plus } from "../json/decimal";
import { COUNTERS, Counted, Limit, LimitBy, countedBy, hash64, secondsLeft, windowOf } from "./limit";
import { Tally } from "./tally";

/** Times that a store is tried while other VMs store too; each failure means that one of them succeeded. */
const ATTEMPTS: i32 = 1000;

/** The window that is nearest to its end, of requests, of tokens or of money: what the x-ratelimit headers tell. */
@final
export class Gauge {
  most: i64 = -1;
  remaining: i64 = 0;
  /** Seconds until the window ends. */
  reset: i64 = 0;

  note(most: i64, used: i64, reset: i64): void {
    const left = used > most ? 0 : most - used;
    if (this.most >= 0 && (left > this.remaining || (left == this.remaining && reset <= this.reset))) return;
    this.most = most;
    this.remaining = left;
    this.reset = reset;
  }
}

/** A limit that matches the exchange, with the subject that it counts. */
@final
class Entry {
  subject: u64 = 0;
  /** Seconds since 1970 when it was taken, 0 before. */
  reservedAt: i64 = 0;
  /** What look() has read, until reserve() stores it. */
  tally: Tally | null = null;

  constructor(public limit: Limit) {}

  /** Lets go of what was read. */
  drop(): void {
    const tally = this.tally;
    if (tally !== null) tally.giveBack();
    this.tally = null;
  }
}

/** By how much the counters of one limit are changed. Filled anew for each. */
const changes: StaticArray<i64> = new StaticArray<i64>(COUNTERS);

/** Ledgers of exchanges that have ended, with their entries: the next ones are written over them. */
const spare: Array<Ledger> = [];
const MAX_SPARE: i32 = 64;
const LEDGER_BYTES: i32 = 320;
const ENTRY_BYTES: i32 = 64;

@final
export class Ledger {
  private entries: Array<Entry> = [];
  /** Of the entries, how many are this exchange's. */
  private count: i32 = 0;
  /** What is reserved, in the currency of the limits that count it. */
  private tokens: i64 = 0;
  private cost: i64 = 0;
  private currency: View = View.empty();
  /** By Counted. */
  gauges: StaticArray<Gauge> = [new Gauge(), new Gauge(), new Gauge()];
  /** What refused: the limit, its counter, seconds until everything that refused is over; null when nothing did. */
  refusing: Limit | null = null;
  counter: i32 = 0;
  retryAfter: i64 = 0;

  /** An empty one, to be released. */
  static take(): Ledger {
    if (spare.length != 0) return spare.pop();
    countAllocated(LEDGER_BYTES);
    return new Ledger();
  }

  /** The exchange has ended. */
  release(): void {
    if (this.isEmpty) return;
    for (let k = 0; k < this.count; k++) this.entries[k].drop();
    this.count = 0;
    this.refusing = null;
    this.retryAfter = 0;
    this.currency = View.empty();
    for (let k = 0; k < this.gauges.length; k++) this.gauges[k].most = -1;
    if (spare.length < MAX_SPARE) spare.push(this);
  }

  /** True when no limit applies. */
  get isEmpty(): bool {
    return this.count == 0;
  }

  /** A limit counts money. */
  get needsCost(): bool {
    for (let k = 0; k < this.count; k++) if (this.entries[k].limit.needsCost) return true;
    return false;
  }

  /** Adds a limit. `subject`: what it counts apart; for models it is set by reserve(). */
  add(limit: Limit, subject: u64): void {
    if (this.count == this.entries.length) {
      this.entries.push(new Entry(limit));
      countAllocated(ENTRY_BYTES);
    }
    const entry = this.entries[this.count++];
    entry.limit = limit;
    entry.subject = subject;
    entry.reservedAt = 0;
  }

  /** False when a limit is used up already; nothing is counted. With `hasBody` tokens will be needed, and money. */
  look(now: i64, hasBody: bool): bool {
    this.tokens = hasBody ? 1 : 0;
    this.cost = this.tokens;
    for (let k = 0; k < this.count; k++) {
      const entry = this.entries[k];
      const limit = entry.limit;
      if (limit.needsModel) continue;
      // Whether the request costs anything in the limit's currency is not known yet.
      this.currency = limit.currency;
      const tally = Tally.take();
      tally.open(limit.space, entry.subject, now, limit.keepSeconds);
      this.setReservations(limit);
      this.check(limit, tally, now, true);
      entry.tally = tally;
      if (Tally.areMany) entry.drop();
    }
    return this.refusing === null;
  }

  /**
   * Counts a request and reserves `tokens`, and `cost` (10^-9 of `currency`), in every limit, or in none: then false. `model` is the
   * provider's name.
   */
  reserve(now: i64, tokens: i64, cost: i64, currency: View, model: View): bool {
    this.tokens = tokens;
    this.cost = cost;
    this.currency = currency;
    // A bit for each space that has counted, so that most entries need not be compared with those before.
    let bits: u64 = 0;
    for (let k = 0; k < this.count; k++) {
      const entry = this.entries[k];
      const limit = entry.limit;
      const bit = u64(1) << (limit.space >> 58);
      if (limit.models.has(model) && ((bits & bit) == 0 || !this.isReserved(limit.space, k))) {
        bits |= bit;
        if (limit.by == LimitBy.Model) entry.subject = hash64(model);
        if (!this.reserveOne(entry, now)) {
          this.replaceReservation(now, true, 0, 0);
          return false;
        }
      }
      entry.drop();
    }
    return true;
  }

  /** True when one of the first `before` entries has counted in this space: limits of one name count a request once. */
  private isReserved(space: u64, before: i32): bool {
    for (let k = 0; k < before; k++) {
      if (this.entries[k].reservedAt > 0 && this.entries[k].limit.space == space) return true;
    }
    return false;
  }

  private reserveOne(entry: Entry, now: i64): bool {
    const limit = entry.limit;
    let tally = entry.tally;
    // What look() has read may be old: then the store fails, or what refuses is looked at again.
    let isOld = tally !== null;
    if (tally === null) tally = Tally.take();
    entry.tally = tally;
    this.setReservations(limit);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (!isOld) tally.open(limit.space, entry.subject, now, limit.keepSeconds);
      if (this.check(limit, tally, now, !isOld)) {
        const status = change(tally, now);
        // A host that has no shared data cannot count: the request goes on.
        if (status != Status.Ok && status != Status.CasMismatch) return true;
        if (status == Status.Ok) {
          entry.reservedAt = now;
          this.gauge(limit, tally, now);
          return true;
        }
      } else if (!isOld) return false;
      isOld = false;
    }
    return true;
  }

  private setReservations(limit: Limit): void {
    for (let counter = 0; counter < COUNTERS; counter++) changes[counter] = this.reservation(limit, counter);
  }

  /** What a request takes from a window: never more than all of it, so that an untouched window serves any request. */
  private reservation(limit: Limit, counter: i32): i64 {
    const most = limit.most[counter];
    return most == 0 ? 0 : min(this.share(limit, countedBy(counter), 1, this.tokens, this.cost), most);
  }

  /** What a limit counts of a request: money only in its own currency. */
  private share(limit: Limit, counted: Counted, requests: i64, tokens: i64, cost: i64): i64 {
    if (counted == Counted.Cost) return limit.currency.sameAs(this.currency) ? cost : 0;
    return counted == Counted.Requests ? requests : tokens;
  }

  /** True when the reservations that were set fit in all windows; else, with `notes`, notes what refuses. */
  private check(limit: Limit, tally: Tally, now: i64, notes: bool): bool {
    let fits = true;
    for (let counter = 0; counter < COUNTERS; counter++) {
      const more = changes[counter];
      if (more == 0 || tally.count(counter, windowOf(counter, now)) <= limit.most[counter] - more) continue;
      fits = false;
      const wait = secondsLeft(counter, now);
      if (!notes || wait <= this.retryAfter) continue;
      this.refusing = limit;
      this.counter = counter;
      this.retryAfter = wait;
    }
    if (!fits && notes) this.gauge(limit, tally, now);
    return fits;
  }

  private gauge(limit: Limit, tally: Tally, now: i64): void {
    for (let counter = 0; counter < COUNTERS; counter++) {
      const most = limit.most[counter];
      if (most > 0) this.gauges[countedBy(counter)].note(most, tally.count(counter, windowOf(counter, now)), secondsLeft(counter, now));
    }
  }

  /**
   * Puts the tokens and the money that were used in place of those that were reserved; `isVoid` takes the request back too. In a
   * window that began since, only what was used beyond the reservation is counted. Later calls do nothing.
   */
  replaceReservation(now: i64, isVoid: bool, tokens: i64, cost: i64): void {
    for (let k = 0; k < this.count; k++) {
      const entry = this.entries[k];
      if (entry.reservedAt > 0) this.replaceOne(entry, now, isVoid, tokens, cost);
      entry.reservedAt = 0;
    }
  }

  private replaceOne(entry: Entry, now: i64, isVoid: bool, tokens: i64, cost: i64): void {
    const limit = entry.limit;
    let isChanged = false;
    for (let counter = 0; counter < COUNTERS; counter++) {
      let more: i64 = 0;
      if (limit.most[counter] != 0) {
        more = this.share(limit, countedBy(counter), isVoid ? 0 : 1, tokens, cost) - this.reservation(limit, counter);
        if (more < 0 && windowOf(counter, entry.reservedAt) != windowOf(counter, now)) more = 0;
      }
      changes[counter] = more;
      if (more != 0) isChanged = true;
    }
    if (!isChanged) return;
    const tally = Tally.take();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      tally.open(limit.space, entry.subject, now, limit.keepSeconds);
      if (change(tally, now) != Status.CasMismatch) break;
    }
    tally.giveBack();
  }

  /** Tokens, and money in 10^-9, that were reserved. */
  get reservedTokens(): i64 {
    return this.tokens;
  }

  get reservedCost(): i64 {
    return this.cost;
  }
}

/** Stores the tally with the changes that were set. */
function change(tally: Tally, now: i64): Status {
  for (let counter = 0; counter < COUNTERS; counter++) {
    const more = changes[counter];
    if (more == 0) continue;
    const window = windowOf(counter, now);
    tally.set(counter, window, max<i64>(plus(tally.count(counter, window), more), 0));
  }
  return tally.store(now);
}
