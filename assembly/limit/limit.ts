// One configured limit: what it counts apart, whom it is for, and how much is allowed in each window. It must not know how
// counts are kept.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { TextIndex } from "../bytes/text-index";
import { View } from "../bytes/view";
import { NANO, writeDecimal } from "../json/decimal";

/** What a limit counts: each has WINDOWS counters, by second, minute, hour, day and month. */
export const enum Counted {
  Requests,
  Tokens,
  /** In 10^-9 of the limit's currency. */
  Cost,
}
const WINDOWS: i32 = 5;
/** Counters of a limit, those of one kind together. */
export const COUNTERS: i32 = 15;

/** The last stands for the longest month. */
const SECONDS: StaticArray<i32> = [1, 60, 3600, 86400, 31 * 86400];
const WORDS: StaticArray<string> = ["second", "minute", "hour", "day", "month"];
const MONTH: i32 = 4;
/** Days from 1 March of the year 0 to 1970, and of 400 years. */
const EPOCH_DAYS: i64 = 719468;
const ERA_DAYS: i64 = 146097;

/** What a counter counts. */
export function countedBy(counter: i32): Counted {
  return counter / WINDOWS;
}

/** The number of the window that `now` (seconds since 1970) is in, UTC: minutes and hours are full ones, months begin on the first. */
export function windowOf(counter: i32, now: i64): i64 {
  const kind = counter % WINDOWS;
  return kind == MONTH ? lookUpMonth(now) : now / SECONDS[kind];
}

/** Seconds from `now` until its window ends, at least 1. */
export function secondsLeft(counter: i32, now: i64): i64 {
  const kind = counter % WINDOWS;
  if (kind != MONTH) return <i64>SECONDS[kind] - (now % SECONDS[kind]);
  lookUpMonth(now);
  return monthEnd - now;
}

/** The month that was asked for last, and the seconds since 1970 at its start and its end. */
let month: i64 = 0;
let monthStart: i64 = 0;
let monthEnd: i64 = 0;

/** The number of the month that `now` is in. */
function lookUpMonth(now: i64): i64 {
  if (now >= monthStart && now < monthEnd) return month;
  month = monthOf(now);
  monthStart = now - (now % 86400);
  monthEnd = monthStart;
  while (monthOf(monthEnd) == month) monthEnd += 86400;
  return month;
}

/** Months from March of the year 0: years that begin in March have their leap day last (H. Hinnant, "Date Algorithms"). */
function monthOf(now: i64): i64 {
  const days = now / 86400 + EPOCH_DAYS;
  const era = days / ERA_DAYS;
  const day = days - era * ERA_DAYS;
  const year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  return (era * 400 + year) * 12 + (5 * (day - (365 * year + year / 4 - year / 100)) + 2) / 153;
}

/** Whose requests a limit counts together. */
export const enum LimitBy {
  All,
  Consumer,
  Token,
  Route,
  Model,
  Header,
}

/** Their words, by LimitBy. */
const SUBJECTS: StaticArray<string> = ["", "consumer", "API key", "route", "model"];

/** Names or `prefix*`. */
@final
export class Names {
  private exact: TextIndex = new TextIndex();
  private prefixes: TextIndex = new TextIndex();

  constructor(readonly list: Array<View>) {
    for (let k = 0; k < list.length; k++) {
      const last = list[k].length - 1;
      if (list[k].at(last) == Ascii.Asterisk) this.prefixes.add(list[k].slice(0, last));
      else this.exact.add(list[k]);
    }
  }

  /** True when it is one of them or begins with a prefix, or there are none. */
  has(name: View): bool {
    return this.list.length == 0 || this.exact.find(name) >= 0 || this.prefixes.findPrefix(name) >= 0;
  }
}

const NO_NAMES: Names = new Names([]);

@final
export class Limit {
  /** Where its counts are; limits with one space share them. */
  space: u64 = 0;
  name: View = View.empty();
  by: LimitBy = LimitBy.All;
  /** With LimitBy.Header, in lower case. */
  header: View = View.empty();
  /** Names or `prefix*`; an empty list matches all. */
  consumers: Names = NO_NAMES;
  models: Names = NO_NAMES;
  routes: Names = NO_NAMES;
  /** Costs in other currencies do not count. */
  currency: View = View.empty();
  /** By counter; 0 is no limit. */
  most: StaticArray<i64> = new StaticArray<i64>(COUNTERS);
  /** Money is counted. */
  needsCost: bool = false;
  /** Seconds after which its counts mean nothing. */
  keepSeconds: i64 = 1;

  /** To be called when all of `most` is set. */
  finish(): void {
    for (let k = 0; k < COUNTERS; k++) {
      if (this.most[k] <= 0) continue;
      this.keepSeconds = max(this.keepSeconds, <i64>SECONDS[k % WINDOWS]);
      if (countedBy(k) == Counted.Cost) this.needsCost = true;
    }
  }

  /** Its subject or its match is known only when the body was read. */
  get needsModel(): bool {
    return this.by == LimitBy.Model || this.models.list.length != 0;
  }

  /** True when the limit counts by route. */
  get needsRoute(): bool {
    return this.by == LimitBy.Route || this.routes.list.length != 0;
  }

  /** `at most 100 requests per minute`, `at most 2.5 USD per day for each consumer`. */
  describe(counter: i32, out: Buffer): void {
    const counted = countedBy(counter);
    out.ascii("at most ");
    if (counted == Counted.Cost) {
      writeDecimal(out, this.most[counter], NANO);
      out.byte(Ascii.Space);
      out.view(this.currency);
    } else {
      out.integer(this.most[counter]);
      out.ascii(counted == Counted.Requests ? " requests" : " tokens");
    }
    out.ascii(" per ");
    out.ascii(WORDS[counter % WINDOWS]);
    if (counted != Counted.Cost || this.by == LimitBy.All) return;
    out.ascii(" for each ");
    if (this.by == LimitBy.Header) out.view(this.header);
    else out.ascii(SUBJECTS[this.by]);
  }
}

/** True when one of them counts by route. */
export function needRoute(limits: Array<Limit>): bool {
  for (let k = 0; k < limits.length; k++) if (limits[k].needsRoute) return true;
  return false;
}

/** FNV-1a, 64 bit, going on from `seed`. */
export function hash64(text: View, seed: u64 = 0xcbf29ce484222325): u64 {
  let value = seed;
  for (let k = 0; k < text.length; k++) value = (value ^ (<u64>text.at(k))) * 0x100000001b3;
  return value;
}
