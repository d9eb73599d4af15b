// The headers that tell a client of its limits, under OpenAI's names (API reference, "Rate limits", Nov 2026):
// x-ratelimit-{limit,remaining,reset}-{requests,tokens}; reset is a duration such as 1s or 6m0s. Those of cost are ours.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { NANO, writeDecimal } from "../json/decimal";
import { Gauge, Ledger } from "./ledger";
import { Counted } from "./limit";

/** By Counted. */
const KINDS: StaticArray<string> = ["requests", "tokens", "cost"];

/** Adds the headers of every kind of limit that applied; with `refused` also Retry-After, in seconds. */
export function addRateHeaders(ledger: Ledger, refused: bool, list: HeaderList): void {
  if (refused) list.add(names.RETRY_AFTER, decimal(ledger.retryAfter, 0));
  for (let k = 0; k < KINDS.length; k++) addGauge(ledger.gauges[k], KINDS[k], k == Counted.Cost ? NANO : 0, list);
}

function addGauge(gauge: Gauge, kind: string, places: i32, list: HeaderList): void {
  if (gauge.most < 0) return;
  list.add(named("limit-", kind), decimal(gauge.most, places));
  list.add(named("remaining-", kind), decimal(gauge.remaining, places));
  const out = new Buffer(16);
  const seconds = gauge.reset;
  if (seconds >= 3600) {
    out.integer(seconds / 3600);
    out.byte(Ascii.LowerH);
  }
  if (seconds >= 60) {
    out.integer((seconds / 60) % 60);
    out.byte(Ascii.LowerM);
  }
  out.integer(seconds % 60);
  out.byte(Ascii.LowerS);
  list.add(named("reset-", kind), out.toView());
}

function named(what: string, kind: string): View {
  const out = new Buffer(32);
  out.ascii("x-ratelimit-");
  out.ascii(what);
  out.ascii(kind);
  return out.toView();
}

function decimal(value: i64, places: i32): View {
  const out = new Buffer(16);
  writeDecimal(out, value, places);
  return out.toView();
}
