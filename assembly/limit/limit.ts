// One configured limit: what it counts apart, whom it is for, and how much is allowed in each window. It must not know how
// counts are kept.

import { Ascii } from "../bytes/ascii";
import { View } from "../bytes/view";

/** Counters of a limit: requests at 0 to 3, tokens at 4 to 7, each by second, minute, hour and day. */
export const COUNTERS: i32 = 8;
export const FIRST_TOKENS: i32 = 4;

const SECONDS: StaticArray<i32> = [1, 60, 3600, 86400];
const WORDS: StaticArray<string> = ["second", "minute", "hour", "day"];

/** Seconds of a counter's window. Windows begin at whole multiples of it since 1970, so days begin at midnight UTC. */
export function windowSeconds(counter: i32): i32 {
  return SECONDS[counter & 3];
}

/** `100 requests per minute`. */
export function describeCounter(counter: i32, most: i64): string {
  return most.toString() + (counter < FIRST_TOKENS ? " requests per " : " tokens per ") + WORDS[counter & 3];
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

@final
export class Limit {
  /** Where its counts are; limits with one space share them. */
  space: u64 = 0;
  name: View = View.empty();
  by: LimitBy = LimitBy.All;
  /** With LimitBy.Header, in lower case. */
  header: string = "";
  /** Names or `prefix*`; an empty list matches all. */
  consumers: Array<View> = [];
  models: Array<View> = [];
  routes: Array<View> = [];
  /** By counter; 0 is no limit. */
  most: StaticArray<i64> = new StaticArray<i64>(COUNTERS);

  /** Its subject or its match is known only when the body was read. */
  get needsModel(): bool {
    return this.by == LimitBy.Model || this.models.length > 0;
  }

  /** True when the limit counts by route. */
  get needsRoute(): bool {
    return this.by == LimitBy.Route || this.routes.length > 0;
  }

  /** Seconds after which its counts mean nothing. */
  get keepSeconds(): i64 {
    let longest = 1;
    for (let k = 0; k < COUNTERS; k++) if (this.most[k] > 0 && windowSeconds(k) > longest) longest = windowSeconds(k);
    return longest;
  }
}

/** True when `name` is in `list` or begins with one of its `prefix*`, or the list is empty. */
export function isListed(list: Array<View>, name: View): bool {
  if (list.length == 0) return true;
  for (let k = 0; k < list.length; k++) {
    const entry = list[k];
    const last = entry.length - 1;
    if (entry.at(last) == Ascii.Asterisk ? name.hasAt(0, entry.slice(0, last)) : entry.sameAs(name)) return true;
  }
  return false;
}

/** FNV-1a, 64 bit, going on from `seed`. */
export function hash64(text: View, seed: u64 = 0xcbf29ce484222325): u64 {
  let value = seed;
  for (let k = 0; k < text.length; k++) value = (value ^ (<u64>text.at(k))) * 0x100000001b3;
  return value;
}
