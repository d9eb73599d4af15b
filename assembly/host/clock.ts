// The time, as the host tells it. Each look at the clock is a host call.

import { lastTime, now } from "./memory";

export const NANOSECONDS_PER_MICROSECOND: u64 = 1_000;
export const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;
const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

/** Seconds since 1970, as this callback was told them last if it was: callbacks are short. */
export function secondsNow(): i64 {
  const last = lastTime();
  return secondsOf(last != 0 ? last : now());
}

/** Whole seconds of `nanoseconds`. */
export function secondsOf(nanoseconds: u64): i64 {
  return <i64>(nanoseconds / NANOSECONDS_PER_SECOND);
}
