// What one exchange takes from its limits: looked at when its headers are there, taken before anything leaves, settled at
// its end. All limits that match have to agree; what was taken is given back when one of them does not.

import { View } from "../bytes/view";
import { Status } from "../host/abi";
import { plus } from "../json/decimal";
import { COUNTERS, Counted, Limit, LimitBy, countedBy, hash64, isListed, secondsLeft, windowOf } from "./limit";
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

  constructor(public limit: Limit) {}
}

@final
export class Ledger {
  private entries: Array<Entry> = [];
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

  /** True when no limit applies. */
  get isEmpty(): bool {
    return this.entries.length == 0;
  }

  /** A limit counts money. */
  get needsCost(): bool {
    for (let k = 0; k < this.entries.length; k++) if (this.entries[k].limit.needsCost) return true;
    return false;
  }

  /** Adds a limit if its consumers and routes match. `subject`: what it counts apart; for models it is set by take(). */
  add(limit: Limit, consumer: View, route: View, subject: u64): void {
    if (!isListed(limit.consumers, consumer) || !isListed(limit.routes, route)) return;
    const entry = new Entry(limit);
    entry.subject = subject;
    this.entries.push(entry);
  }

  /** False when a limit is used up already; nothing is counted. With `hasBody` tokens will be needed, and money. */
  look(now: i64, hasBody: bool): bool {
    this.tokens = hasBody ? 1 : 0;
    this.cost = this.tokens;
    for (let k = 0; k < this.entries.length; k++) {
      const entry = this.entries[k];
      const limit = entry.limit;
      if (limit.needsModel) continue;
      // Whether the request costs anything in the limit's currency is not known yet.
      this.currency = limit.currency;
      this.check(limit, Tally.open(limit.space, entry.subject, now, limit.keepSeconds), now);
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
    for (let k = 0; k < this.entries.length; k++) {
      const entry = this.entries[k];
      const limit = entry.limit;
      if (!isListed(limit.models, model) || this.isReserved(limit.space, k)) continue;
      if (limit.by == LimitBy.Model) entry.subject = hash64(model);
      if (this.reserveOne(entry, now)) continue;
      this.replaceReservation(now, true, 0, 0);
      return false;
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
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tally = Tally.open(limit.space, entry.subject, now, limit.keepSeconds);
      if (!this.check(limit, tally, now)) return false;
      for (let counter = 0; counter < COUNTERS; counter++) {
        const more = this.reservation(limit, counter);
        if (more == 0) continue;
        const window = windowOf(counter, now);
        tally.set(counter, window, tally.count(counter, window) + more);
      }
      const status = tally.store(now);
      if (status == Status.CasMismatch) continue;
      // A host that has no shared data cannot count: the request goes on.
      if (status != Status.Ok) return true;
      entry.reservedAt = now;
      this.gauge(limit, tally, now);
      return true;
    }
    return true;
  }

  /** What a request takes from a window: never more than all of it, so that an untouched window serves any request. */
  private reservation(limit: Limit, counter: i32): i64 {
    return min(this.share(limit, countedBy(counter), 1, this.tokens, this.cost), limit.most[counter]);
  }

  /** What a limit counts of a request: money only in its own currency. */
  private share(limit: Limit, counted: Counted, requests: i64, tokens: i64, cost: i64): i64 {
    if (counted == Counted.Cost) return limit.currency.sameAs(this.currency) ? cost : 0;
    return counted == Counted.Requests ? requests : tokens;
  }

  /** True when the request fits in all windows; else notes what refuses. */
  private check(limit: Limit, tally: Tally, now: i64): bool {
    let fits = true;
    for (let counter = 0; counter < COUNTERS; counter++) {
      const more = this.reservation(limit, counter);
      if (more == 0 || tally.count(counter, windowOf(counter, now)) <= limit.most[counter] - more) continue;
      fits = false;
      const wait = secondsLeft(counter, now);
      if (wait <= this.retryAfter) continue;
      this.refusing = limit;
      this.counter = counter;
      this.retryAfter = wait;
    }
    if (!fits) this.gauge(limit, tally, now);
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
    for (let k = 0; k < this.entries.length; k++) {
      const entry = this.entries[k];
      if (entry.reservedAt > 0) this.replaceOne(entry, now, isVoid, tokens, cost);
      entry.reservedAt = 0;
    }
  }

  private replaceOne(entry: Entry, now: i64, isVoid: bool, tokens: i64, cost: i64): void {
    const limit = entry.limit;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tally = Tally.open(limit.space, entry.subject, now, limit.keepSeconds);
      let changed = false;
      for (let counter = 0; counter < COUNTERS; counter++) {
        if (limit.most[counter] == 0) continue;
        const used = this.share(limit, countedBy(counter), isVoid ? 0 : 1, tokens, cost);
        const change = used - this.reservation(limit, counter);
        const window = windowOf(counter, now);
        if (change == 0 || (change < 0 && windowOf(counter, entry.reservedAt) != window)) continue;
        tally.set(counter, window, max<i64>(plus(tally.count(counter, window), change), 0));
        changed = true;
      }
      if (!changed || tally.store(now) != Status.CasMismatch) return;
    }
  }

  /** Tokens, and money in 10^-9, that were reserved. */
  get reservedTokens(): i64 {
    return this.tokens;
  }

  get reservedCost(): i64 {
    return this.cost;
  }
}
