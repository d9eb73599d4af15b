// The headers that tell a client of its limits, under OpenAI's names (API reference, "Rate limits", Nov 2026):
// x-ratelimit-{limit,remaining,reset}-{requests,tokens}; reset is a duration such as 1s or 6m0s.

import { Ascii } from "../bytes/ascii";
import { Buffer } from "../bytes/buffer";
import { View } from "../bytes/view";
import { HeaderList } from "../http/header-list";
import * as names from "../http/names";
import { Gauge, Ledger } from "./ledger";

/** Adds the headers of every kind of limit that applied; with `refused` also Retry-After, in seconds. */
export function addRateHeaders(ledger: Ledger, refused: bool, list: HeaderList): void {
  if (refused) list.add(names.RETRY_AFTER, decimal(ledger.retryAfter));
  addGauge(ledger.requests, "requests", list);
  addGauge(ledger.tokens, "tokens", list);
}

function addGauge(gauge: Gauge, kind: string, list: HeaderList): void {
  if (gauge.most < 0) return;
  list.add(named("limit-", kind), decimal(gauge.most));
  list.add(named("remaining-", kind), decimal(gauge.remaining));
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

function decimal(value: i64): View {
  const out = new Buffer(16);
  out.integer(value);
  return out.toView();
}
