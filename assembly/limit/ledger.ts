// What one exchange takes from its limits: looked at when its headers are there, taken before anything leaves, settled at
// its end. All limits that match have to agree; what was taken is given back when one of them does not.

import { View } from "../bytes/view";
import { Status } from "../host/abi";
import { COUNTERS, FIRST_TOKENS, Limit, LimitBy, hash64, isListed, windowSeconds } from "./limit";
import { Tally } from "./tally";

/** Times that a store is tried while other VMs store too; each failure means that one of them succeeded. */
const ATTEMPTS: i32 = 1000;

/** The window that is nearest to its end, of requests or of tokens: what the x-ratelimit headers tell. */
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
  /** Tokens that were reserved. */
  reserved: i64 = 0;

  constructor(public limit: Limit) {}
}

@final
export class Ledger {
  private entries: Array<Entry> = [];
  requests: Gauge = new Gauge();
  tokens: Gauge = new Gauge();
  /** What refused: the limit, its counter, seconds until everything that refused is over; null when nothing did. */
  refusing: Limit | null = null;
  counter: i32 = 0;
  retryAfter: i64 = 0;

  /** True when no limit applies. */
  get isEmpty(): bool {
    return this.entries.length == 0;
  }

  /** Adds a limit if its consumers and routes match. `subject`: what it counts apart; for models it is set by take(). */
  add(limit: Limit, consumer: View, route: View, subject: u64): void {
    if (!isListed(limit.consumers, consumer) || !isListed(limit.routes, route)) return;
    const entry = new Entry(limit);
    entry.subject = subject;
    this.entries.push(entry);
  }

  /** False when a limit is used up already; nothing is counted. With `hasBody` tokens will be needed. */
  look(now: i64, hasBody: bool): bool {
    for (let k = 0; k < this.entries.length; k++) {
      const entry = this.entries[k];
      const limit = entry.limit;
      if (limit.needsModel) continue;
      this.check(limit, Tally.open(limit.space, entry.subject, now, limit.keepSeconds), now, hasBody ? 1 : 0);
    }
    return this.refusing === null;
  }

  /** Counts a request and reserves `tokens` in every limit, or in none: then false. `model` is the provider's name. */
  reserve(now: i64, tokens: i64, model: View): bool {
    for (let k = 0; k < this.entries.length; k++) {
      const entry = this.entries[k];
      const limit = entry.limit;
      if (!isListed(limit.models, model) || this.isReserved(limit.space, k)) continue;
      if (limit.by == LimitBy.Model) entry.subject = hash64(model);
      if (this.reserveOne(entry, now, tokens)) continue;
      this.replaceReservation(now, true, 0);
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

  private reserveOne(entry: Entry, now: i64, tokens: i64): bool {
    const limit = entry.limit;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tally = Tally.open(limit.space, entry.subject, now, limit.keepSeconds);
      if (!this.check(limit, tally, now, tokens)) return false;
      for (let counter = 0; counter < COUNTERS; counter++) {
        const most = limit.most[counter];
        const more = counter < FIRST_TOKENS ? 1 : reservation(tokens, most);
        if (most == 0 || more == 0) continue;
        const window = now / windowSeconds(counter);
        tally.set(counter, window, tally.count(counter, window) + more);
      }
      const status = tally.store(now);
      if (status == Status.CasMismatch) continue;
      // A host that has no shared data cannot count: the request goes on.
      if (status != Status.Ok) return true;
      entry.reservedAt = now;
      entry.reserved = tokens;
      this.gauge(limit, tally, now);
      return true;
    }
    return true;
  }

  /** True when a request with `tokens` fits in all windows; else notes what refuses. */
  private check(limit: Limit, tally: Tally, now: i64, tokens: i64): bool {
    let fits = true;
    for (let counter = 0; counter < COUNTERS; counter++) {
      const most = limit.most[counter];
      const more = counter < FIRST_TOKENS ? 1 : reservation(tokens, most);
      const seconds = windowSeconds(counter);
      if (most == 0 || more == 0 || tally.count(counter, now / seconds) + more <= most) continue;
      fits = false;
      const wait = seconds - (now % seconds);
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
      if (most == 0) continue;
      const seconds = windowSeconds(counter);
      const gauge = counter < FIRST_TOKENS ? this.requests : this.tokens;
      gauge.note(most, tally.count(counter, now / seconds), seconds - (now % seconds));
    }
  }

  /**
   * Puts `used` tokens in place of those that were reserved; `isVoid` takes the request back too. In a window that began
   * since, only what was used beyond the reservation is counted. Later calls do nothing.
   */
  replaceReservation(now: i64, isVoid: bool, used: i64): void {
    for (let k = 0; k < this.entries.length; k++) {
      const entry = this.entries[k];
      if (entry.reservedAt > 0) this.replaceOne(entry, now, isVoid, used);
      entry.reservedAt = 0;
    }
  }

  private replaceOne(entry: Entry, now: i64, isVoid: bool, used: i64): void {
    const limit = entry.limit;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tally = Tally.open(limit.space, entry.subject, now, limit.keepSeconds);
      let changed = false;
      for (let counter = 0; counter < COUNTERS; counter++) {
        const most = limit.most[counter];
        const change = counter >= FIRST_TOKENS ? used - reservation(entry.reserved, most) : isVoid ? -1 : 0;
        const window = now / windowSeconds(counter);
        if (most == 0 || change == 0 || (change < 0 && entry.reservedAt / windowSeconds(counter) != window)) continue;
        const count = tally.count(counter, window) + change;
        tally.set(counter, window, count < 0 ? 0 : count);
        changed = true;
      }
      if (!changed || tally.store(now) != Status.CasMismatch) return;
    }
  }

  /** Tokens that were reserved at most; 0 when none were. */
  get reserved(): i64 {
    let most: i64 = 0;
    for (let k = 0; k < this.entries.length; k++) if (this.entries[k].reserved > most) most = this.entries[k].reserved;
    return most;
  }
}

/** What an estimate takes from a window: never more than all of it, so that an untouched window serves any request. */
function reservation(tokens: i64, most: i64): i64 {
  return tokens > most ? most : tokens;
}
