// Counters and gauges, given to the host in batches: a call costs about a microsecond and an exchange counts seven times.
//
// What is counted goes out at once when the last batch is older than BATCH_NANOS, so a quiet gateway shows every exchange
// immediately. Under load it waits for the next exchange or the next tick, at most BATCH_NANOS and TICK_MS together. A VM that traps
// loses no more than that.

import { View } from "../bytes/view";
import { MetricType } from "../host/abi";
import * as host from "../host/host";

const BATCH_NANOS: u64 = 10_000_000;
const TICK_MS: u32 = 20;

/** The host's id, and what has not been given to it yet, by our own number. Ids are capped by what defines them. */
const ids: Array<i32> = [];
const pending: Array<i64> = [];
const isListed: Array<bool> = [];
/** Numbers whose sums may differ from 0. */
const listed: Array<i32> = [];
/** When the last batch went out, in nanoseconds since 1970. */
let flushedAt: u64 = 0;
/** The root context whose ticks send what is left, 0 while there are none. */
let ticking: u32 = 0;

/** Defines a counter or gauge at the host, which shows it from now on; its number for count(). */
export function defineCounter(type: MetricType, name: View): i32 {
  ids.push(host.defineMetric(type, name));
  pending.push(0);
  isListed.push(false);
  return ids.length - 1;
}

/** Adds to what goes out with the next batch; a number that defineCounter() did not give is ignored. */
export function count(counter: i32, by: i64): void {
  if (counter < 0 || counter >= pending.length) return;
  pending[counter] += by;
  if (isListed[counter]) return;
  isListed[counter] = true;
  listed.push(counter);
}

/**
 * Sends what is due at `now` (nanoseconds), or sees to it that a tick of the plugin `root` will. `context` is the context that
 * the callback acts on.
 */
export function sendDueCounters(now: u64, root: u32, context: u32): void {
  if (listed.length == 0) return;
  if (now - flushedAt >= BATCH_NANOS) {
    flushedAt = now;
    flush();
  } else if (ticking == 0) {
    ticking = root;
    host.actOn(root);
    host.setTickPeriod(TICK_MS);
    host.actOn(context);
  }
}

/** A tick of a plugin: sends what is left; the first tick that finds nothing is the last. */
export function onTick(): void {
  if (listed.length != 0) {
    flush();
    return;
  }
  ticking = 0;
  host.setTickPeriod(0);
}

/** The plugin `root` has ended, and its ticks with it. */
export function onPluginEnd(root: u32): void {
  flush();
  if (ticking == root) ticking = 0;
}

function flush(): void {
  for (let k = 0; k < listed.length; k++) {
    const counter = listed[k];
    isListed[counter] = false;
    // The host takes no counter by 0.
    if (pending[counter] != 0) host.increment(ids[counter], pending[counter]);
    pending[counter] = 0;
  }
  listed.length = 0;
}
