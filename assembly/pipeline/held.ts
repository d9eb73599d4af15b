// What the exchanges of one worker hold together, and the cap on it. Counted are bodies that Envoy keeps because the plugin
// waits for their end, and what stays in this VM from one callback to the next: unfinished events, text that a translation
// keeps back. What lives within one callback is not: there is one callback at a time, and it is bounded (docs/performance.md).

import { followHeld } from "../telemetry/metrics";
import { Arrival } from "./arrival";

/** Of an exchange that holds nothing else: its own objects, about. */
const OWN_BYTES: i64 = 8 << 10;
/** Envoy ends a VM that wants more than 1 GiB. Half of that is for the callback that runs. */
const MOST_INSIDE: i64 = 512 << 20;
/** A stream that holds less in this VM is never ended for the sake of others. */
const SMALL: i64 = 192 << 10;

let total: i64 = 0;
let inside: i64 = 0;

/** Notes what the exchange holds from now on: `buffered` bytes in Envoy, `kept` in this VM. Constant time. */
export function hold(exchange: Arrival, buffered: i64, kept: i64): void {
  const bytes = exchange.finished ? 0 : OWN_BYTES + buffered + kept;
  const own = exchange.finished ? 0 : OWN_BYTES + kept;
  if (bytes == exchange.held && own == exchange.heldInside) return;
  total += bytes - exchange.held;
  inside += own - exchange.heldInside;
  exchange.held = bytes;
  exchange.heldInside = own;
  followHeld(total);
}

/** True when `bytes` that Envoy keeps for the exchange would still fit, in place of what it holds now. */
export function fits(exchange: Arrival, bytes: i64): bool {
  return total - exchange.held + OWN_BYTES + bytes <= exchange.plugin.maxHeldBytes && inside < MOST_INSIDE;
}

/** True when no more than the cap would ever let through. */
export function fitsAlone(exchange: Arrival, bytes: i64): bool {
  return OWN_BYTES + bytes <= exchange.plugin.maxHeldBytes;
}

/** As hold(), unless that would pass the cap: then nothing changes and false comes back. */
export function holdBody(exchange: Arrival, bytes: i64): bool {
  if (!fits(exchange, bytes)) return false;
  hold(exchange, bytes, 0);
  return true;
}

/** As hold() for a stream under way, which is ended (false) only when the cap is passed and it is one of the large ones. */
export function holdStream(exchange: Arrival, kept: i64): bool {
  hold(exchange, 0, kept);
  return kept <= SMALL || (total <= exchange.plugin.maxHeldBytes && inside < MOST_INSIDE);
}

/** The exchange has ended. */
export function release(exchange: Arrival): void {
  exchange.finished = true;
  hold(exchange, 0, 0);
}
