// The time, as the host tells it. Each look at the clock is a host call.

import { now } from "./memory";

export const NANOSECONDS_PER_MICROSECOND: u64 = 1_000;
export const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;
const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

/** Seconds since 1970. */
export function secondsNow(): i64 {
  return secondsOf(now());
}

/** Whole seconds of `nanoseconds`. */
export function secondsOf(nanoseconds: u64): i64 {
  return <i64>(nanoseconds / NANOSECONDS_PER_SECOND);
}
